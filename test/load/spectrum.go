package main

import (
	"math"

	"trunkbox/dsp"
)

// spectrum is a piece of sound made ready to be asked for its tones, four at a time: nearly a thousand ears are looked at
// every two seconds, each for 124 tones when it has to be.
type spectrum struct {
	weighted [piece]float32
	all      float64 // energy of the piece; 0: nothing to speak of
}

// hann are the weights of a piece, and their sum.
var hann, weight = func() (w [piece]float32, sum float64) {
	for i := range w {
		w[i] = float32(0.5 - 0.5*math.Cos(2*math.Pi*(float64(i)+0.5)/piece))
		sum += float64(w[i])
	}
	return w, sum
}()

// quietDBm0 is the level below which nothing counts as heard.
const quietDBm0 = -45

func newSpectrum(samples []int16) (s spectrum) {
	sum := 0.0
	for i, x := range samples {
		s.weighted[i] = float32(x) * hann[i]
		sum += float64(x) * float64(x)
	}
	if mean := sum / piece; dsp.DBm0(mean) > quietDBm0 {
		s.all = mean
	}
	return s
}

// shares are the shares of the energy that lie at four frequencies, by Goertzel's way. The width of a tone is 4 Hz.
func (s *spectrum) shares(hz [4]float64) (shares [4]float64) {
	var turn [4]float64
	for k := range hz {
		turn[k] = 2 * math.Cos(2*math.Pi*hz[k]/dsp.SampleRate)
	}
	t0, t1, t2, t3 := turn[0], turn[1], turn[2], turn[3]
	var a0, a1, a2, a3, b0, b1, b2, b3 float64
	for _, w := range s.weighted {
		x := float64(w)
		a0, b0 = x+t0*a0-b0, a0
		a1, b1 = x+t1*a1-b1, a1
		a2, b2 = x+t2*a2-b2, a2
		a3, b3 = x+t3*a3-b3, a3
	}
	a, b := [4]float64{a0, a1, a2, a3}, [4]float64{b0, b1, b2, b3}
	for k := range shares {
		magnitude := a[k]*a[k] + b[k]*b[k] - turn[k]*a[k]*b[k]
		shares[k] = min(1, 2*max(0, magnitude)/(weight*weight)/s.all)
	}
	return shares
}

// many are the shares of all the low tones, or of all the high ones, played so much too high.
func (s *spectrum) many(tone func(int) float64, off float64) (all [tones]float64) {
	for i := 0; i < tones; i += 4 {
		var hz [4]float64
		for k := range hz {
			hz[k] = tone(i+k) * (1 + off)
		}
		shares := s.shares(hz)
		copy(all[i:], shares[:])
	}
	return all
}
