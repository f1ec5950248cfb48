package dsp

// The inner loops of the key receiver, which runs on each channel all the time, in the instructions that
// every amd64 has (hop_amd64.s): four numbers at a time, in the order of the arithmetic of plainSpread,
// plainHop, plainHalves, plainGather and plainTurn, with the same result to the last bit.

//go:noescape
func spreadHop(samples *[hopSamples]int16, x *[hopSamples + 2]float32) (energy float32)

//go:noescape
func correlateHop(x *[hopSamples + 2]float32, wave *[hopSamples][8]float32, turn, to *eightTones)

//go:noescape
func squareHalves(ring *[ringHops]eightTones, first int, to *[8]float32)

//go:noescape
func gatherTones(ring *[ringHops]eightTones, first, low, high int, taper *[partHops]twoTones, to *[windowHops + 2]twoTones)

//go:noescape
func turnTones(window *[windowHops + 2]twoTones, taper *[windowHops]twoTones, once, twice, to *[2]twoTones)
