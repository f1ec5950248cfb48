package dsp

import "math"

type phasor struct{ re, im float32 }

func (a phasor) times(b phasor) phasor {
	return phasor{a.re*b.re - a.im*b.im, a.re*b.im + a.im*b.re}
}

func (a phasor) power() float32 { return a.re*a.re + a.im*a.im }

// turnAt is e^(-j 2π n/8000).
func turnAt(n int) phasor { return turnOf(n%SampleRate, SampleRate) }

func toneHz(tone int) int {
	if tone < 4 {
		return dtmfLowHz[tone]
	}
	return dtmfHighHz[tone-4]
}

// eightTones is a hop's correlation with the eight frequencies: 0-3 low, 4-7 high.
type eightTones struct{ re, im [8]float32 }

// twoTones are the phasors of a low and a high tone: re, im, re, im.
type twoTones [4]float32

// ringHops is how many hops are kept: those of eight windows, each two hops after the other.
const (
	ringHops    = 32
	ringWindows = ringHops / hopsAWindow
)

// hopWave holds the reference waves of a hop about its middle: as cosines are even and sines odd there,
// the former meet the sums of the first and the last sample, the second and the last but one, and so on,
// and the latter their differences. Rows 0-4 are cosines, 5-9 sines.
var hopWave = func() *[hopSamples][8]float32 {
	w := new([hopSamples][8]float32)
	for tone := range 8 {
		for i := range hopSamples / 2 {
			sin, cos := math.Sincos(2 * math.Pi * float64(toneHz(tone)) * (float64(hopSamples-1)/2 - float64(i)) / SampleRate)
			w[i][tone], w[hopSamples/2+i][tone] = float32(cos), float32(sin)
		}
	}
	return w
}()

// hopTurns are the turns by which a hop is set back, so that all are held against waves that never broke
// off. All frequencies are whole numbers of Hz: after a second the turns come again.
var hopTurns = func() *[SampleRate / hopSamples]eightTones {
	t := new([SampleRate / hopSamples]eightTones)
	for hop := range t {
		for tone := range 8 {
			turn := turnAt(toneHz(tone) * hop * hopSamples)
			t[hop].re[tone], t[hop].im[tone] = turn.re, turn.im
		}
	}
	return t
}()

// quietHop is the energy of a hop of -60 dBm0: what lies below is silence.
var quietHop = float32(math.Pow(Amplitude(-60), 2) / 2 * hopSamples)

// correlate works the next hop into the rings.
func (d *DTMF) correlate(samples *[hopSamples]int16) {
	var x [hopSamples + 2]float32
	energy := spreadHop(samples, &x)
	if d.notch.stages > 0 {
		d.notch.filter(x[:hopSamples])
		energy = 0
		for _, v := range x {
			energy += v * v
		}
	}
	to := &d.phasors[d.hops%ringHops]
	if energy < quietHop {
		energy, *to = 0, eightTones{}
	} else {
		correlateHop(&x, hopWave, &hopTurns[d.turn], to)
	}
	if d.hops++; d.hops%hopsAWindow == 1 {
		d.energies[(d.hops/hopsAWindow+1)%ringWindows] = energy
	} else {
		d.energies[d.hops/hopsAWindow%ringWindows] += energy
	}
	if d.turn++; d.turn == len(hopTurns) {
		d.turn = 0
	}
}

// plainSpread makes floats of a hop's samples, two of nothing after them, and gives their energy.
func plainSpread(samples *[hopSamples]int16, x *[hopSamples + 2]float32) (energy float32) {
	var squares [4]float32
	for i := range x {
		x[i] = 0
		if i < hopSamples {
			x[i] = float32(samples[i])
		}
		squares[i%4] += float32(x[i] * x[i])
	}
	return (squares[0] + squares[2]) + (squares[1] + squares[3])
}

// plainHop holds the samples of a hop against the waves and sets the result back by turn.
func plainHop(x *[hopSamples + 2]float32, wave *[hopSamples][8]float32, turn, to *eightTones) {
	s0, s1, s2, s3, s4 := x[0]+x[9], x[1]+x[8], x[2]+x[7], x[3]+x[6], x[4]+x[5]
	d0, d1, d2, d3, d4 := x[0]-x[9], x[1]-x[8], x[2]-x[7], x[3]-x[6], x[4]-x[5]
	for i := range 8 {
		re := float32(s0*wave[0][i]) + float32(s1*wave[1][i]) + float32(s2*wave[2][i]) + float32(s3*wave[3][i]) + float32(s4*wave[4][i])
		im := float32(d0*wave[5][i]) + float32(d1*wave[6][i]) + float32(d2*wave[7][i]) + float32(d3*wave[8][i]) + float32(d4*wave[9][i])
		a, b := turn.re[i], turn.im[i]
		to.re[i], to.im[i] = float32(re*a)-float32(im*b), float32(re*b)+float32(im*a)
	}
}

// plainHalves gives of each tone the power of its sum over the first eight hops from first on in the ring
// and that over the next eight, together: a tone off its frequency loses little in so short a time.
func plainHalves(ring *[ringHops]eightTones, first int, to *[8]float32) {
	const half = windowHops / 2
	for tone := range to {
		var both float32
		for part := first; part < first+windowHops; part += half {
			var re, im float32
			for i := part; i < part+half; i++ {
				hop := &ring[i%ringHops]
				re += hop.re[tone]
				im += hop.im[tone]
			}
			both += float32(re*re) + float32(im*im)
		}
		to[tone] = both
	}
}

// plainGather takes two tones' phasors out of the window that begins with hop first of the ring, and after
// them their sums over the window's early and its late part, tapered.
func plainGather(ring *[ringHops]eightTones, first, low, high int, taper *[partHops]twoTones, to *[windowHops + 2]twoTones) {
	*to = [windowHops + 2]twoTones{}
	early, late := &to[windowHops], &to[windowHops+1]
	for n := range windowHops {
		hop := &ring[(first+n)%ringHops]
		to[n] = twoTones{hop.re[low], hop.im[low], hop.re[high], hop.im[high]}
		for i, v := range to[n] {
			if n < partHops {
				early[i] += float32(taper[n][i] * v)
			}
			if n >= partShift {
				late[i] += float32(taper[n-partShift][i] * v)
			}
		}
	}
}

// plainTurn sums the hops of a window, each turned by so much more than the one before it, evenly and
// tapered: Horner's rule from the last hop on, for odd and even hops by two turns. A turn is the real part for
// all, and the imaginary part with the sign it has for each.
func plainTurn(window *[windowHops + 2]twoTones, taper *[windowHops]twoTones, once, twice, to *[2]twoTones) {
	var even, odd [2]twoTones
	for n := windowHops - 2; n >= 0; n -= 2 {
		v, w := window[n], window[n+1]
		even[0], odd[0] = turnAndAdd(even[0], twice, v), turnAndAdd(odd[0], twice, w)
		for i := range v {
			v[i], w[i] = float32(v[i]*taper[n][i]), float32(w[i]*taper[n+1][i])
		}
		even[1], odd[1] = turnAndAdd(even[1], twice, v), turnAndAdd(odd[1], twice, w)
	}
	to[0], to[1] = turnAndAdd(odd[0], once, even[0]), turnAndAdd(odd[1], once, even[1])
}

func turnAndAdd(sum twoTones, turn *[2]twoTones, term twoTones) (to twoTones) {
	for i := range sum {
		to[i] = float32(sum[i]*turn[0][i]) + float32(sum[i^1]*turn[1][i]) + term[i]
	}
	return to
}
