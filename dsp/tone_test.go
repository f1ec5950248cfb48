package dsp

import (
	"math"
	"slices"
	"testing"
	"time"
)

func steady(sines ...Sine) Cadence { return Cadence{Steps: []Step{on(0, sines...)}} }

func on(ms int, sines ...Sine) Step {
	return Step{Sines: sines, Lasts: time.Duration(ms) * time.Millisecond}
}

func off(ms int) Step { return on(ms) }

func TestToneLevelAndFrequency(t *testing.T) {
	for _, hz := range []float64{300, 425, 450, 1004, 1776.7, 3400} {
		for _, dBm0 := range []float64{3, 0, -10, -24, -40} {
			tone := NewTone(steady(Sine{hz, dBm0}))
			samples := make([]int16, 4000)
			if n := tone.Fill(samples); n != len(samples) {
				t.Fatalf("%d of %d samples filled", n, len(samples))
			}
			if got := Goertzel(samples, hz); math.Abs(got-dBm0) > 0.1 {
				t.Errorf("%.1f Hz at %.0f dBm0: Goertzel says %.2f", hz, dBm0, got)
			}
			if got := Level(samples); math.Abs(got-dBm0) > 0.1 {
				t.Errorf("%.1f Hz at %.0f dBm0: Level says %.2f", hz, dBm0, got)
			}
			foundHz, found := Strongest(samples, 200, 3600)
			if math.Abs(foundHz-hz) > 1 || math.Abs(found-dBm0) > 0.2 {
				t.Errorf("%.1f Hz at %.0f dBm0: strongest is %.1f Hz at %.2f", hz, dBm0, foundHz, found)
			}
		}
	}
}

// TestTonePurity: what is not the sine lies 70 dB below it.
func TestTonePurity(t *testing.T) {
	samples := make([]int16, 8192)
	NewTone(steady(Sine{1004, 0})).Fill(samples)
	hz, _ := Strongest(samples, 20, 3990)
	for i, level := range Spectrum(samples) {
		at := float64(i) * 4000 / 8192
		if math.Abs(at-hz) > 10 && level > -70 {
			t.Fatalf("%.1f dBm0 at %.1f Hz beside a tone of %.1f Hz", level, at, hz)
		}
	}
}

// TestCountries measures every tone of every country: the frequencies of each step at their levels,
// nothing else as loud, and silence where there should be.
func TestCountries(t *testing.T) {
	for _, country := range Countries {
		for name, cadence := range map[string]Cadence{
			"dial": country.Dial, "ringback": country.Ringback, "busy": country.Busy,
			"congestion": country.Congestion, "call waiting": country.CallWaiting,
			"vacant": country.Vacant, "special": country.Special, "recording": country.Recording,
		} {
			tone := NewTone(cadence)
			for turn := range 2 {
				for i, step := range cadence.Steps {
					n := Samples(step.Lasts)
					if n == 0 {
						n = SampleRate
					}
					samples := make([]int16, n)
					tone.Fill(samples)
					power := 0.0
					for _, s := range step.Sines {
						power += math.Pow(10, s.DBm0/10)
						if got := Goertzel(samples, s.Hz); math.Abs(got-s.DBm0) > 0.5 {
							t.Errorf("%s %s turn %d step %d: %.1f Hz at %.1f dBm0, want %.1f", country.Code, name, turn, i, s.Hz, got, s.DBm0)
						}
					}
					want := SilenceDBm0
					if power > 0 {
						want = 10 * math.Log10(power)
					}
					if got := Level(samples); math.Abs(got-want) > 0.5 {
						t.Errorf("%s %s turn %d step %d: level %.1f dBm0, want %.1f", country.Code, name, turn, i, got, want)
					}
				}
			}
		}
	}
}

// TestToneBlocks: the sound does not depend on the size of the blocks.
func TestToneBlocks(t *testing.T) {
	country, _ := CountryByCode("US")
	whole := make([]int16, 3*SampleRate)
	NewTone(country.Vacant).Fill(whole)
	tone := NewTone(country.Vacant)
	var pieces []int16
	for size := 1; len(pieces) < len(whole); size = size%317 + 1 {
		block := make([]int16, min(size, len(whole)-len(pieces)))
		tone.Fill(block)
		pieces = append(pieces, block...)
	}
	if !slices.Equal(pieces, whole) {
		t.Error("blocks change the sound")
	}
}

func TestToneEnds(t *testing.T) {
	tone := NewTone(Cadence{Once: true, Steps: []Step{on(10, Sine{1000, 0}), off(5)}})
	block := make([]int16, 160)
	if n := tone.Fill(block); n != 120 || !tone.Done() {
		t.Errorf("%d samples, want 120; done %v", n, tone.Done())
	}
	if Peak(block[80:]) != 0 || Peak(block[:80]) < 20000 {
		t.Errorf("peaks %d and %d", Peak(block[:80]), Peak(block[80:]))
	}
	if n := tone.Fill(block); n != 0 || Peak(block) != 0 {
		t.Errorf("%d samples after the end, peak %d", n, Peak(block))
	}
	for _, c := range []Cadence{{}, {Steps: []Step{{Lasts: time.Microsecond}}}, {Steps: []Step{{Lasts: -time.Second}}}} {
		if tone := NewTone(c); !tone.Done() {
			t.Errorf("%+v is not over at once", c)
		}
	}
}

func TestToneAllocates(t *testing.T) {
	country, _ := CountryByCode("US")
	tone := NewTone(country.Busy)
	block := make([]byte, 160)
	if n := testing.AllocsPerRun(200, func() { tone.FillOctets(block, MuLaw) }); n != 0 {
		t.Errorf("%v allocations a block, want 0", n)
	}
}

func TestMeter(t *testing.T) {
	samples := make([]int16, 4000)
	NewTone(steady(Sine{1000, -10})).Fill(samples)
	meter := NewMeter(280)
	if got := meter.Push(samples); math.Abs(got+10) > 0.2 {
		t.Errorf("the meter shows %.2f dBm0 for -10", got)
	}
	if got := meter.Push(make([]int16, 280)); math.Abs(got+10+4.34) > 0.2 {
		t.Errorf("after one time constant of silence it shows %.2f dBm0, want -14.3", got)
	}
	if Level(nil) != SilenceDBm0 || Goertzel(nil, 1000) != SilenceDBm0 || Spectrum(nil) != nil {
		t.Error("no samples have a level")
	}
	if hz, level := Strongest(make([]int16, 100), 300, 3400); hz != 0 || level != SilenceDBm0 {
		t.Errorf("silence sounds at %.1f Hz, %.1f dBm0", hz, level)
	}
}

func BenchmarkTone20ms(b *testing.B) {
	country, _ := CountryByCode("US")
	tone := NewTone(country.Dial)
	block := make([]byte, 160)
	b.ReportAllocs()
	for b.Loop() {
		tone.FillOctets(block, MuLaw)
	}
}
