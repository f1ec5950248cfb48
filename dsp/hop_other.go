//go:build !amd64

package dsp

func spreadHop(samples *[hopSamples]int16, x *[hopSamples + 2]float32) (energy float32) {
	return plainSpread(samples, x)
}

func correlateHop(x *[hopSamples + 2]float32, wave *[hopSamples][8]float32, turn, to *eightTones) {
	plainHop(x, wave, turn, to)
}

func squareHalves(ring *[ringHops]eightTones, first int, to *[8]float32) {
	plainHalves(ring, first, to)
}

func gatherTones(ring *[ringHops]eightTones, first, low, high int, taper *[partHops]twoTones, to *[windowHops + 2]twoTones) {
	plainGather(ring, first, low, high, taper, to)
}

func turnTones(window *[windowHops + 2]twoTones, taper *[windowHops]twoTones, once, twice, to *[2]twoTones) {
	plainTurn(window, taper, once, twice, to)
}
