package dsp

import "math"

// Voice is told from background noise by level alone: every 10 ms the energy, without what is steady
// in it, is held against the least energy of the last second and a half, which is the noise's.
//
//	energy          ▂▁▂▁▂█▇▅▂▆█▃▁▂▁▂▁
//	least of 1.5 s  ▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁
//	voice                ██████████        and hold after it
const (
	vadFrame = 80 // samples
	// vadSmooth smooths the energies of which the least is looked for, 30 ms.
	vadSmooth = 0.3
	// vadBias is by how much the mean of noise lies above the least of its smoothed energies.
	vadBias = 1.5
	// vadHalf is half of the time in which the least is looked for, in frames.
	vadHalf = 75
	// Two frames in a row this far above the noise are voice, or one that is further above it.
	vadLow, vadHigh = 4.0, 16.0
	// vadLeastDBm0 is the level below which nothing is voice.
	vadLeastDBm0 = -52.0
	// vadHold is for how many frames voice is told after the last that was: ends of words are weak.
	vadHold = 20
)

// VAD tells when somebody speaks in one direction of a call. Steady sounds, tones too, are voice for a
// second and a half and noise from then on. The zero VAD has heard silence so far.
type VAD struct {
	filled int
	frame  [vadFrame]float32
	steady float32 // mean of the samples

	smooth      float32
	least, next float32 // least smoothed energies since one and since two half times
	age         int     // frames since next was begun
	heard       bool

	loud int // frames in a row above vadLow
	hold int
}

var vadLeast = float32(math.Pow(Amplitude(vadLeastDBm0), 2) / 2 * vadFrame)

// Push lets the detector hear the next samples and tells whether there is voice at their end. It
// allocates nothing.
func (v *VAD) Push(samples []int16) bool {
	for _, x := range samples {
		v.frame[v.filled] = float32(x)
		if v.filled++; v.filled == vadFrame {
			v.filled = 0
			v.judge()
		}
	}
	return v.hold > 0
}

// NoiseDBm0 is the level of the background noise.
func (v *VAD) NoiseDBm0() float64 { return DBm0(float64(v.noise()) / vadFrame) }

func (v *VAD) noise() float32 { return vadBias * min(v.least, v.next) }

func (v *VAD) judge() {
	var sum, power float32
	for _, x := range v.frame {
		sum += x
	}
	v.steady += 0.05 * (sum/vadFrame - v.steady)
	for _, x := range v.frame {
		power += (x - v.steady) * (x - v.steady)
	}
	if !v.heard {
		v.heard, v.smooth, v.least, v.next = true, power, power, power
	}
	v.smooth += vadSmooth * (power - v.smooth)
	v.next = min(v.next, v.smooth)
	if v.age++; v.age >= vadHalf {
		v.least, v.next, v.age = v.next, v.smooth, 0
	}
	noise := max(v.noise(), vadLeast/vadLow)
	if v.loud++; power < vadLow*noise {
		v.loud = 0
	}
	if v.loud >= 2 || power > vadHigh*noise {
		v.hold = vadHold
	} else if v.hold > 0 {
		v.hold--
	}
}
