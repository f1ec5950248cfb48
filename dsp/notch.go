package dsp

import "math"

// notch takes two frequencies out of a stream: for each a pair of zeros on the unit circle, and a pair
// of poles a little above and inside that fills up the loss beside it. At the frequency ±2 % 24 dB are
// lost and more, from 680 Hz on less than 0.5 dB. The zero notch lets everything pass.
//
//	out[n] = in[n] - 2 cos(w) in[n-1] + in[n-2] + 2 r cos(v) out[n-1] - r² out[n-2]
type notch struct {
	stages int
	stage  [2]struct {
		zero, pole           float32 // 2 cos(w), 2 r cos(v)
		in1, in2, out1, out2 float32
	}
}

const (
	notchRadius  = 0.9
	notchPolesUp = 55.0 // Hz
)

// notchAt makes the notch for one or two frequencies, the one that lets everything pass for none.
// Frequencies after the second are not taken out.
func notchAt(hz []float64) (n notch) {
	if len(hz) == 0 {
		return n
	}
	n.stages = 2
	for i := range n.stage {
		at := hz[min(i, len(hz)-1)]
		n.stage[i].zero = float32(2 * math.Cos(2*math.Pi*at/SampleRate))
		n.stage[i].pole = float32(2 * notchRadius * math.Cos(2*math.Pi*(at+notchPolesUp)/SampleRate))
	}
	return n
}

// filter takes the next samples, in place.
func (n *notch) filter(samples []float32) {
	for i := range n.stage[:n.stages] {
		s := &n.stage[i]
		for j, x := range samples {
			y := x - s.zero*s.in1 + s.in2 + s.pole*s.out1 - notchRadius*notchRadius*s.out2
			if y < 1e-9 && y > -1e-9 {
				y = 0 // numbers too small for their format are slow
			}
			s.in1, s.in2, s.out1, s.out2 = x, s.in1, y, s.out1
			samples[j] = y
		}
	}
}
