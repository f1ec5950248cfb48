package dsp

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"
)

// overLine gives the samples of the cadence after random silence, with white noise, A-law or µ-law.
func overLine(c Cadence, ms int, noiseDBm0 float64, law Law, random *rand.Rand) []int16 {
	lead := 200 + random.IntN(400)
	samples := make([]int16, lead+ms*8)
	NewTone(c).Fill(samples[lead:])
	noise := func() float64 { return 0 }
	if noiseDBm0 != 0 {
		noise = noiseSource(noiseDBm0, random.Uint64())
	}
	for i, x := range samples {
		samples[i] = law.Decode(law.Encode(saturate(float32(float64(x) + noise()))))
	}
	return samples
}

// TestFaxTone: CNG and CED within and without the limits of T.30.
func TestFaxTone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		what   string
		score  score
		ms     int
		noise  float64
		call   int
		answer int
	}{
		{"CNG", "1100/500 0/3000", 8000, 0, 3, 0},
		{"CNG, 1062 Hz, short", "1062/425 0/3000", 3500, 0, 1, 0},
		{"CNG, 1138 Hz, long", "1138/575 0/3000", 4000, 0, 1, 0},
		{"CNG, -43 dBm0", "1100@-42.5/500 0/3000", 4000, 0, 1, 0},
		{"CNG, 0 dBm0", "1100@0/500 0/3000", 4000, 0, 1, 0},
		{"CNG in noise", "1100@-15/500 0/3000", 4000, -25, 1, 0},
		{"CNG, 1000 Hz", "1000/500 0/3000", 4000, 0, 0, 0},
		{"CNG, 1200 Hz", "1200/500 0/3000", 4000, 0, 0, 0},
		{"CNG, 300 ms", "1100/300 0/3000", 4000, 0, 0, 0},
		{"CNG, 800 ms", "1100/800 0/3000", 4000, 0, 0, 0},
		{"CNG, -50 dBm0", "1100@-50/500 0/3000", 4000, 0, 0, 0},
		{"CED", "2100/2600 0/3000", 4000, 0, 0, 1},
		{"CED, 2085 Hz", "2085/4000 0/3000", 5000, 0, 0, 1},
		{"CED, 2115 Hz", "2115/4000 0/3000", 5000, 0, 0, 1},
		{"CED, -43 dBm0", "2100@-42.5/3000 0/3000", 5000, 0, 0, 1},
		{"CED, 2250 Hz", "2250/3000 0/3000", 5000, 0, 0, 0},
		{"CED, 300 ms", "2100/300 0/3000", 2000, 0, 0, 0},
		{"dial tone", "425", 4000, 0, 0, 0},
		{"noise", "0/1000", 4000, -15, 0, 0},
	} {
		random := rand.New(rand.NewPCG(30, 1100))
		for trial := range trials {
			law := laws[trial%2]
			var calls, answers int
			new(FaxTone).Push(overLine(c.score.cadence(), c.ms, c.noise, law, random), func(e FaxEvent) {
				if e == FaxCalls {
					calls++
				} else {
					answers++
				}
			})
			if calls != c.call || answers != c.answer {
				t.Errorf("%s (%v): %d calls and %d answers heard, want %d and %d", c.what, law, calls, answers, c.call, c.answer)
				break
			}
		}
	}
}

// TestSIT: the tone of E.180 at its limits, and the four of North America by their pieces.
func TestSIT(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		what  string
		score score
		noise float64
		heard bool
	}{
		{"E.180", "950/330 1400/330 1800/330 0/1000", 0, true},
		{"50 Hz lower, short", "900/260 1350/260 1750/260 0/1000", 0, true},
		{"50 Hz higher, long", "1000/400 1450/400 1850/400 0/1000", 0, true},
		{"with gaps", "950/330 0/30 1400/330 0/30 1800/330 0/1000", 0, true},
		{"-35 dBm0", "950@-35/330 1400@-35/330 1800@-35/330 0/1000", 0, true},
		{"in noise", "950@-15/330 1400@-15/330 1800@-15/330 0/1000", -27, true},
		{"intercept", "913.8/274 1370.6/274 1776.7/380 0/1000", 0, true},
		{"vacant code", "985.2/380 1370.6/274 1776.7/380 0/1000", 0, true},
		{"reorder", "913.8/274 1428.5/380 1776.7/380 0/1000", 0, true},
		{"no circuit", "985.2/380 1428.5/380 1776.7/380 0/1000", 0, true},
		{"falling", "1800/330 1400/330 950/330 0/1000", 0, false},
		{"two only", "950/330 1400/330 0/1000", 0, false},
		{"far apart", "950/330 0/300 1400/330 0/300 1800/330 0/1000", 0, false},
		{"too short", "950/120 1400/120 1800/120 0/1000", 0, false},
		{"too long", "950/700 1400/700 1800/700 0/1000", 0, false},
		{"too high", "1100/330 1600/330 2000/330 0/1000", 0, false},
		{"noise", "0/1000", -15, false},
	} {
		random := rand.New(rand.NewPCG(180, 9))
		want := c.score.cadence()
		for trial := range trials {
			var heard [][3]SITTone
			law := laws[trial%2]
			new(SIT).Push(overLine(Cadence{Steps: want.Steps, Once: true}, 3500, c.noise, law, random), func(s [3]SITTone) { heard = append(heard, s) })
			if !c.heard {
				if len(heard) > 0 {
					t.Errorf("%s (%v): heard as %v", c.what, law, heard)
					break
				}
				continue
			}
			if len(heard) != 1 {
				t.Errorf("%s (%v): heard %d times", c.what, law, len(heard))
				break
			}
			at := 0
			for _, step := range want.Steps[:len(want.Steps)-1] {
				if len(step.Sines) == 0 {
					continue
				}
				got := heard[0][at]
				if off := got.Hz - step.Sines[0].Hz; off > 8 || off < -8 || (got.Lasts-step.Lasts).Abs() > 40*time.Millisecond {
					t.Errorf("%s (%v): tone %d is heard as %.1f Hz for %v, want %.1f and %v", c.what, law, at+1, got.Hz, got.Lasts, step.Sines[0].Hz, step.Lasts)
				}
				at++
			}
		}
	}
}

// TestTonesInSpeech: no fax machine, announcement tone, answering tone nor R2 or MF signal is heard in
// what people say.
func TestTonesInSpeech(t *testing.T) {
	t.Parallel()
	for _, speaker := range speakers {
		var fax FaxTone
		var sit SIT
		var answer AnswerTone
		for _, name := range some(recorded(t, filepath.Join("sounds", speaker), 300), 4) {
			samples := readRecording(t, name)
			report := func(what string) { t.Errorf("%s: %s", name, what) }
			fax.Push(samples, func(e FaxEvent) { report(fmt.Sprintf("fax event %d", e)) })
			sit.Push(samples, func(s [3]SITTone) { report(fmt.Sprintf("SIT %v", s)) })
			answer.Push(samples, func(e AnswerEvent) { report(fmt.Sprintf("answering tone event %d", e)) })
		}
	}
}
