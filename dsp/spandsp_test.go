package dsp

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// What libspandsp 0.0.6 was measured to do always, at 20 of 20 trials, is done here too.

// TestMFMeetsSpandsp: the frequencies sound at -7 dBm0 each unless it is said otherwise. Where the signal begins is told
// right only within the limits of Q.455 and Q.323.
func TestMFMeetsSpandsp(t *testing.T) {
	t.Parallel()
	type fault func(*signalled) string
	level := func(dBm0 float64) fault {
		return func(s *signalled) string { s.lowDBm0, s.highDBm0 = dBm0, dBm0; return fmt.Sprintf("%.0f dBm0", dBm0) }
	}
	twist := func(dB float64) fault {
		return func(s *signalled) string {
			s.lowDBm0, s.highDBm0 = s.lowDBm0-max(0, dB), s.highDBm0+min(0, dB)
			return fmt.Sprintf("%+.1f dB apart", dB)
		}
	}
	off := func(hz float64) fault {
		return func(s *signalled) string {
			s.lowHz, s.highHz = s.lowHz+hz, s.highHz+hz
			return fmt.Sprintf("%+.0f Hz", hz)
		}
	}
	scaled := func(share float64) fault {
		return func(s *signalled) string {
			s.lowHz, s.highHz = s.lowHz*(1+share), s.highHz*(1+share)
			return fmt.Sprintf("%+.1f %%", 100*share)
		}
	}
	lasts := func(ms float64) fault {
		return func(s *signalled) string { s.onMs = ms; return fmt.Sprintf("%.0f ms", ms) }
	}
	noise := func(dBm0, under float64) fault {
		return func(s *signalled) string {
			s.lowDBm0, s.highDBm0, s.noiseDBm0 = under, under, dBm0
			return fmt.Sprintf("noise of %.0f dBm0 under %.0f", dBm0, under)
		}
	}
	heard := func(what string, make func() *MF, want int, lowHz, highHz float64, faults ...fault) {
		for _, change := range faults {
			s := signalled{lowHz: lowHz, highHz: highHz, lowDBm0: -7, highDBm0: -7, onMs: 68, anywhere: true}
			how := change(&s)
			mfAlways(t, what+", "+how, make, want, s)
		}
	}
	eachR2(func(what string, make func() *MF, signal int, plain signalled, _ bool) {
		heard(what, make, signal, plain.lowHz, plain.highHz, level(-36), twist(6.5), twist(-6.5), off(18), off(-18), lasts(19), noise(-7, -5))
		heard(what, make, 0, plain.lowHz, plain.highHz, lasts(4), twist(10), twist(-10))
	})
	for signal := 1; signal <= 15; signal++ {
		c, err := BellMFDigits(string(BellMFKey(signal)))
		if err != nil {
			t.Fatal(err)
		}
		low, high := c.Steps[0].Sines[0].Hz, c.Steps[0].Sines[1].Hz
		what := fmt.Sprintf("key %c", BellMFKey(signal))
		heard(what, NewBellMF, signal, low, high, level(-30), twist(5.5), twist(-5.5), off(20), off(-31), lasts(39), noise(-10, -7))
		if signal == 1 { // the one of which spandsp was measured
			heard(what, NewBellMF, signal, low, high, scaled(0.029), scaled(-0.045))
		}
	}
}

// TestTonesMeetSpandsp: weak tones of fax machines and busy tones, and a busy tone anywhere where E.180 has it.
func TestTonesMeetSpandsp(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(42, 44))
	for trial := range trials {
		law := laws[trial%2]
		var heard []FaxEvent
		fax := new(FaxTone)
		take := func(e FaxEvent) { heard = append(heard, e) }
		fax.Push(overLine(score("1100@-44/500 0/3000").cadence(), 3500, 0, law, random), take)
		fax.Push(overLine(score("2100@-43/3000 0/3000").cadence(), 5000, 0, law, random), take)
		if !slices.Equal(heard, []FaxEvent{FaxCalls, FaxAnswers}) {
			t.Errorf("CNG at -44 and CED at -43 dBm0 (%v): %v", law, heard)
			break
		}
	}
	for _, busy := range []string{"425@-42/500 0/500", "400/500 0/500", "450/500 0/500", "425/500 0/500"} {
		for trial := range trials {
			law := laws[trial%2]
			samples := overLine(score(busy).cadence(), 9000, 0, law, random)
			if tones, events := told(Country{Busy: score("425/500 0/500").cadence()}, samples, 160); !slices.Equal(tones, []CallTone{BusyTone}) {
				t.Errorf("busy tone %s (%v): %+v", busy, law, events)
				break
			}
		}
	}
}
