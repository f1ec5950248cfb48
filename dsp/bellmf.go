package dsp

import (
	"fmt"
	"strings"
	"time"
)

// The fifteen signals of R1 in the order of their numbers (Table 1/Q.322): digits; C, A and B are
// ST”', ST' and ST”; * is KP, the start, and # is ST, the end of the number.
const bellKeys = "1234567890CA*B#"

// Signalling as Q.322 asks for it.
const (
	BellMFDBm0  = -7.0 // a frequency
	BellMFOn    = 68 * time.Millisecond
	BellMFKeyed = 100 * time.Millisecond // KP
	BellMFOff   = 68 * time.Millisecond
)

// Signals of 30 ms must be taken, frequencies may be off by 1.5 % and 5 Hz more, levels may differ by
// 6 dB (clause 2.4.1/Q.323). Of 10 ms none is.
var bellPlan = mfPlan{
	hz:         [mfFrequencies]float64{700, 900, 1100, 1300, 1500, 1700},
	hopSamples: 16, windowHops: 5, leastDBm0: -32, twistDB: 7.5, besideDB: 7.5, leastShare: 0.6, begin: 7, end: 5,
}.with()

// NewBellMF makes a receiver that has heard silence so far. BellMFKey gives the key of a signal.
func NewBellMF() *MF { return &MF{plan: bellPlan} }

// BellMFKey is the key of a signal of a receiver made by NewBellMF: 0-9, * for KP, # for ST, A, B and
// C for the other endings.
func BellMFKey(signal int) byte {
	if signal < 1 || signal > len(bellKeys) {
		return 0
	}
	return bellKeys[signal-1]
}

// BellMFDigits gives the cadence that sends the keys once. An error names the character that is none.
func BellMFDigits(keys string) (Cadence, error) {
	c := Cadence{Once: true}
	for i, r := range keys {
		on := BellMFOn
		if r == '*' {
			on = BellMFKeyed
		}
		step, err := bellPlan.step(strings.IndexRune(bellKeys, r)+1, BellMFDBm0, on)
		if err != nil {
			return Cadence{}, fmt.Errorf("character %d of %q is %q: not a key of MF (0-9, *, #, A, B, C)", i+1, keys, r)
		}
		c.Steps = append(c.Steps, step, Step{Lasts: BellMFOff})
	}
	return c, nil
}
