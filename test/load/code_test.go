package main

import (
	"testing"

	"trunkbox/dsp"
	"trunkbox/test/farend/sound"
)

// TestEveryCodeIsHeard, and only as itself.
func TestEveryCodeIsHeard(t *testing.T) {
	for n := 0; n < codes; n += 7 {
		s := sound.New(dsp.ALaw, -1)
		s.Hear(codeOf(n).clip(dsp.ALaw)[:4000])
		if !codeOf(n).heard(s) {
			t.Errorf("code %d is not heard: %.2f and %.2f", n, sound.Share(s.Recent(), codeOf(n).low), sound.Share(s.Recent(), codeOf(n).high))
		}
		if strange(n, s) || !strange((n+1)%codes, s) || !strange(-1, s) {
			t.Errorf("code %d is taken for another", n)
		}
	}
}
