package main

import (
	"math"

	"trunkbox/dsp"
	"trunkbox/test/farend/sound"
)

// code is the two tones by which a party is known. Both lie beside the frequencies of keys, and a whole number of their
// periods is a second, so that a second of them can be said over and over.
type code struct{ low, high float64 }

// codes are as many as there can be parties: 31 low tones with 31 high ones.
const codes = 31 * 31

func codeOf(n int) code {
	return code{300 + 12*float64(n%31), 1720 + 50*float64(n/31%31)}
}

// clip is a second of the code, each tone at -16 dBm0.
func (c code) clip(law dsp.Law) []byte {
	linear, octets := make([]int16, dsp.SampleRate), make([]byte, dsp.SampleRate)
	amplitude := dsp.Amplitude(-16)
	for i := range linear {
		at := 2 * math.Pi * float64(i) / dsp.SampleRate
		linear[i] = int16(amplitude * (math.Sin(c.low*at) + math.Sin(c.high*at)))
	}
	law.Compress(octets, linear)
	return octets
}

// heard says whether what was heard in the last half second is this code and nothing else.
func (c code) heard(s *sound.Sound) bool {
	recent := s.Recent()
	low, high := share(recent, c.low), share(recent, c.high)
	return low > 0.25 && high > 0.25 && low+high > 0.7
}

// share is the share of a tone that may be a little slower or faster than it was: a box that shortens its delay, or follows
// a phone's clock, plays up to 2,500 ppm off for some seconds.
func share(recent []int16, hz float64) float64 {
	most := 0.0
	for _, off := range []float64{0, -0.00125, 0.00125, -0.0025, 0.0025} {
		most = max(most, sound.Share(recent, hz*(1+off)))
	}
	return most
}

// strange is whether the code of somebody else than the partner is heard: a crossed talk. Without a partner (the code of
// a negative number) every code is somebody else's.
func strange(partner int, s *sound.Sound) bool {
	recent := s.Recent()
	for i := range 31 {
		if low := sound.Share(recent, codeOf(i).low); low > 0.25 {
			for j := range 31 {
				other := codeOf(31*j + i)
				if high := sound.Share(recent, other.high); high > 0.25 && low+high > 0.8 {
					return partner < 0 || other != codeOf(partner)
				}
			}
		}
	}
	return false
}
