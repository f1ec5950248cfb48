package dsp

import "fmt"

// R2Direction tells the two sets of frequencies of R2 interregister signalling apart.
type R2Direction uint8

// Forward signals go with the call, backward signals answer them (Table 1/Q.441).
const (
	R2Forward R2Direction = iota
	R2Backward
)

// Levels of Q.454 and Q.455.
const (
	R2SendDBm0  = -11.5 // a frequency
	r2LeastDBm0 = -37.0 // -35 must be taken
	// 5 dB between neighbours and 7 dB between others must be taken, 20 dB must not (clause 4.5.1/Q.455); 10 dB is not
	// either, nor where both are 10 Hz off, by which neighbours look 2 dB nearer.
	r2TwistDB  = 8.5
	r2BesideDB = 7.6
)

// The window of 133 samples is 60.15 Hz wide: half of what lies between two frequencies. A frequency
// may be off by 10 Hz (clause 4.5.1/Q.455); the whole of operating and releasing stays below 80 ms; 7
// ms of a signal are none, and 7 ms of a break do not end one.
var r2Plans = [2]*mfPlan{
	R2Forward:  r2Plan([mfFrequencies]float64{1380, 1500, 1620, 1740, 1860, 1980}),
	R2Backward: r2Plan([mfFrequencies]float64{1140, 1020, 900, 780, 660, 540}),
}

func r2Plan(hz [mfFrequencies]float64) *mfPlan {
	return mfPlan{
		hz: hz, hopSamples: 19, windowHops: 7, leastDBm0: r2LeastDBm0, twistDB: r2TwistDB, besideDB: r2BesideDB,
		leastShare: 0.6, begin: 3, end: 8,
	}.with()
}

// NewR2 makes a receiver for the signals of one direction that has heard silence so far.
func NewR2(direction R2Direction) *MF { return &MF{plan: r2Plans[direction&1]} }

// R2Signal gives the tone of a signal, which sounds until it is acknowledged: both frequencies at
// R2SendDBm0. An error tells that there is no such signal.
func R2Signal(direction R2Direction, signal int) (Cadence, error) {
	step, err := r2Plans[direction&1].step(signal, R2SendDBm0, 0)
	if err != nil {
		return Cadence{}, fmt.Errorf("R2: %w", err)
	}
	return Cadence{Steps: []Step{step}}, nil
}
