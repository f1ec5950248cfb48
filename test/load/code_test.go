package main

import (
	"math"
	"testing"

	"trunkbox/dsp"
	"trunkbox/test/farend/sound"
)

// said is the last second of what an ear has heard of a party's code, made over by change.
func said(n int, change func(x []float64) []float64) []int16 {
	linear := make([]int16, dsp.SampleRate)
	dsp.ALaw.Expand(linear, clip(n, dsp.ALaw))
	x := make([]float64, 0, 2*len(linear))
	for range 2 {
		for _, sample := range linear {
			x = append(x, float64(sample))
		}
	}
	if change != nil {
		x = change(x)
	}
	kept := make([]int16, dsp.SampleRate)
	for i := range kept {
		kept[i] = int16(max(-32768, min(32767, x[i])))
	}
	octets := make([]byte, len(kept))
	dsp.ALaw.Compress(octets, kept)
	dsp.ALaw.Expand(kept, octets)
	return kept
}

// stretched is party n's code, played so many ppm too low.
func stretched(n int, ppm float64) func([]float64) []float64 {
	return func(x []float64) []float64 {
		c := codeOf(n)
		for i := range x {
			at := 2 * math.Pi * (1 - ppm/1e6) * float64(i) / dsp.SampleRate
			x[i] = dsp.Amplitude(-16) * (math.Sin(c.low*at) + math.Sin(c.high*at))
		}
		return x
	}
}

// cut puts silence in place of the samples from one to another.
func cut(from, to int) func([]float64) []float64 {
	return func(x []float64) []float64 { clear(x[from:to]); return x }
}

// with adds another party's code, so many times as loud.
func with(other int, gain float64) func([]float64) []float64 {
	linear := make([]int16, dsp.SampleRate)
	dsp.ALaw.Expand(linear, clip(other, dsp.ALaw))
	return func(x []float64) []float64 {
		for i := range x {
			x[i] += gain * float64(linear[i%len(linear)])
		}
		return x
	}
}

// from keeps what comes from a sample on; before it is another party's code.
func from(other, at int) func([]float64) []float64 {
	return func(x []float64) []float64 {
		copy(x[:at], with(other, 1)(make([]float64, len(x))))
		return x
	}
}

// music is a chord that moves: no tone of it stays for half a second.
func music(x []float64) []float64 {
	for i := range x {
		step := math.Pow(2, float64(i/1600%12)/12)
		at := 2 * math.Pi * float64(i) / dsp.SampleRate
		x[i] = 3000 * (math.Sin(262*step*at) + math.Sin(330*step*at) + math.Sin(1760*step*at))
	}
	return x
}

// TestJudge: what is right, crossed and silent, for codes all over the range.
func TestJudge(t *testing.T) {
	for _, test := range []struct {
		name    string
		partner func(n int) int
		change  func(n int) func([]float64) []float64
		want    verdict
	}{
		{name: "the partner's", want: right},
		{name: "slower", change: func(n int) func([]float64) []float64 { return stretched(n, 2400) }, want: right},
		{name: "faster", change: func(n int) func([]float64) []float64 { return stretched(n, -2000) }, want: right},
		{name: "quieter", change: func(int) func([]float64) []float64 { return times(0.2) }, want: right},
		{name: "with a seam in its end", change: func(int) func([]float64) []float64 { return cut(7000, 7300) }, want: right},
		{name: "ended a quarter of a second ago", change: func(int) func([]float64) []float64 { return cut(6000, 8000) }, want: right},
		{name: "said for a quarter of a second only", change: func(int) func([]float64) []float64 { return cut(0, 6000) }, want: silent},
		{name: "nothing", change: func(int) func([]float64) []float64 { return times(0) }, want: silent},
		{name: "a noise below hearing", change: func(int) func([]float64) []float64 { return times(0.005) }, want: silent},
		{name: "music", change: func(int) func([]float64) []float64 { return music }, want: silent},
		{name: "the next one's", partner: func(n int) int { return (n + 1) % codes }, want: crossed},
		{name: "one's with the same low tone", partner: func(n int) int { return (n + tonesOfOne) % codes }, want: crossed},
		{name: "one's, slower", partner: func(n int) int { return (n + 5) % codes }, change: func(n int) func([]float64) []float64 { return stretched(n, 2000) }, want: crossed},
		{name: "heard by who should hear nobody", partner: func(int) int { return nobody }, want: crossed},
		{name: "an agent's of a caller's number", partner: func(n int) int { return (n + agentCodes) % codes }, want: crossed},
		{name: "mixed with its own echo", change: func(n int) func([]float64) []float64 { return with((n+agentCodes)%codes, 1) }, want: crossed},
		{name: "mixed with another's", change: func(n int) func([]float64) []float64 { return with((n+40)%codes, 1) }, want: crossed},
		{name: "another's until a quarter of a second ago", change: func(n int) func([]float64) []float64 { return from((n+33)%codes, 6000) }, want: crossed},
		{name: "another's until half a second ago", change: func(n int) func([]float64) []float64 { return from((n+33)%codes, 4000) }, want: right},
		{name: "music for who should hear nobody", partner: func(int) int { return nobody }, change: func(int) func([]float64) []float64 { return music }, want: silent},
	} {
		t.Run(test.name, func(t *testing.T) {
			for n := 0; n < codes; n += 191 {
				partner := n
				if test.partner != nil {
					partner = test.partner(n)
				}
				var change func([]float64) []float64
				if test.change != nil {
					change = test.change(n)
				}
				kept := said(n, change)
				if got := judge(kept, partner); got != test.want {
					s := newSpectrum(kept[piece:])
					t.Errorf("code %d for the partner of %d: verdict %d, want %d; shares at its end %.2f", n, partner, got, test.want, s.shares([4]float64{codeOf(n).low, codeOf(n).high, codeOf(partner).low, codeOf(partner).high}))
				}
			}
		})
	}
}

func times(gain float64) func([]float64) []float64 {
	return func(x []float64) []float64 {
		for i := range x {
			x[i] *= gain
		}
		return x
	}
}

// TestLook: an ear that follows its partner is right while the partner's very octets come, and judged by its ear when they
// do not.
func TestLook(t *testing.T) {
	partner, other, ear := sound.New(dsp.ALaw, -1), sound.New(dsp.ALaw, -1), sound.New(dsp.ALaw, -1)
	partner.PlayClip(clip(5, dsp.ALaw))
	other.PlayClip(clip(6, dsp.ALaw))
	ear.Follow(partner, nil)
	now := int64(1e18)
	hear := func(mouth *sound.Sound, blocks int) {
		block := make([]byte, 160)
		for range blocks {
			mouth.Fill(block)
			now += 20_000_000
			ear.HearAt(block, now)
		}
	}
	expect := func(what string, want verdict) {
		t.Helper()
		if got := look(ear, 5, now); got != want {
			t.Errorf("%s: verdict %d, want %d", what, got, want)
		}
	}
	expect("nothing yet", silent)
	hear(partner, 10)
	expect("the partner for a fifth of a second", right)
	hear(partner, 60)
	hear(other, 50)
	expect("another for a second", crossed)
	partner.PlayNothing()
	hear(partner, 60)
	expect("silence", silent)
	if look(ear, nobody, now) != silent {
		t.Error("silence is somebody's")
	}
}

func BenchmarkJudge(b *testing.B) {
	kept := said(0, music)
	for b.Loop() {
		judge(kept, nobody)
	}
}

// TestCodes: no two parties say the same, and no agent says a tone of a caller.
func TestCodes(t *testing.T) {
	said, callers := map[code]int{}, map[float64]bool{}
	for n := range codes {
		c := codeOf(n)
		if other, there := said[c]; there {
			t.Errorf("parties %d and %d both say %v", other, n, c)
		}
		said[c] = n
		if n < agentCodes {
			callers[c.low], callers[c.high] = true, true
		} else if callers[c.low] || callers[c.high] {
			t.Errorf("agent %d says a tone of a caller: %v", n, c)
		}
		if c.low != math.Trunc(c.low) || c.high != math.Trunc(c.high) || c.high > 3300 {
			t.Errorf("party %d says %v: no whole number of periods in a second, or out of the telephone band", n, c)
		}
	}
}
