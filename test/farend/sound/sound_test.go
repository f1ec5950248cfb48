package sound

import (
	"context"
	"math"
	"testing"

	"trunkbox/dsp"
)

func TestShare(t *testing.T) {
	samples := make([]int16, hearSamples)
	dsp.NewTone(dsp.Cadence{Steps: []dsp.Step{{Sines: []dsp.Sine{{Hz: 1000, DBm0: -20}}}}}).Fill(samples)
	if s := Share(samples, 1000); math.Abs(s-1) > 0.02 {
		t.Errorf("a lone tone has a share of %.3f", s)
	}
	other := make([]int16, hearSamples)
	dsp.NewTone(dsp.Cadence{Steps: []dsp.Step{{Sines: []dsp.Sine{{Hz: 1000, DBm0: -20}, {Hz: 1400, DBm0: -20}}}}}).Fill(other)
	if s := Share(other, 1000); math.Abs(s-0.5) > 0.02 {
		t.Errorf("one of two like tones has a share of %.3f", s)
	}
	if s := Share(make([]int16, hearSamples), 1000); s != 0 {
		t.Errorf("silence has a share of %.3f", s)
	}
}

// pass carries blocks from a mouth to an ear.
func pass(from, to *Sound, blocks int) {
	block := make([]byte, 80)
	for range blocks {
		from.Fill(block)
		to.Hear(block)
	}
}

func TestMouthToEar(t *testing.T) {
	for _, law := range []dsp.Law{dsp.ALaw, dsp.MuLaw} {
		mouth, ear := New(law, 1), New(law, 1)
		mouth.PlayTone(620)
		pass(mouth, ear, 50)
		if !ear.Hears(620, 0.95) || ear.Hears(700, 0.05) {
			t.Errorf("%v: 620 Hz is heard with a share of %.2f, 700 Hz with %.2f", law, ear.share(620), ear.share(700))
		}
		if err := mouth.SendKeys("159#"); err != nil {
			t.Fatal(err)
		}
		pass(mouth, ear, 150)
		if err := mouth.WaitKeysSent(context.Background()); err != nil || ear.Keys() != "159#" {
			t.Errorf("%v: the keys heard are %q, %v", law, ear.Keys(), err)
		}
		if n := len(ear.Recorded()); n != dsp.SampleRate {
			t.Errorf("%v: %d octets are recorded, want a second", law, n)
		}
		mouth.PlayNothing()
		pass(mouth, ear, 50)
		if ear.Hears(620, 0.01) {
			t.Errorf("%v: 620 Hz is heard in silence", law)
		}
	}
	if err := New(dsp.ALaw, 1).SendKeys("x"); err == nil {
		t.Error("x is no key")
	}
}
