package dsp

import (
	"fmt"
	"strings"
	"time"
)

// The sixteen keys in the rows of low tones and the columns of high tones of Table 1/Q.23.
const dtmfKeys = "123A" + "456B" + "789C" + "*0#D"

var (
	dtmfLowHz  = [4]int{697, 770, 852, 941}
	dtmfHighHz = [4]int{1209, 1336, 1477, 1633}
)

// Signalling as the box sends it. The high tone is stronger by 2 dB because lines lose more there.
const (
	DTMFLowDBm0  = -9.0
	DTMFHighDBm0 = -7.0
	DTMFOn       = 100 * time.Millisecond
	DTMFOff      = 100 * time.Millisecond
)

// DTMFDigits gives the cadence that dials the digits (0-9, *, #, A-D) once: each sounds for the time
// on and is followed by the pause off. The levels are those of DTMFLowDBm0 and DTMFHighDBm0. An
// error names the character that is no key.
func DTMFDigits(digits string, on, off time.Duration) (Cadence, error) {
	c := Cadence{Once: true}
	for i, r := range digits {
		key := strings.IndexRune(dtmfKeys, r)
		if key < 0 {
			return Cadence{}, fmt.Errorf("character %d of %q is %q: not a DTMF key (0-9, *, #, A-D)", i+1, digits, r)
		}
		sines := []Sine{
			{float64(dtmfLowHz[key/4]), DTMFLowDBm0},
			{float64(dtmfHighHz[key%4]), DTMFHighDBm0},
		}
		c.Steps = append(c.Steps, Step{Sines: sines, Lasts: on}, Step{Lasts: off})
	}
	return c, nil
}
