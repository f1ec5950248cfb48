package dsp

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// told gives the tones that a country's detector makes out, one after the other.
func told(country Country, samples []int16, block int) (tones []CallTone, events []CallToneEvent) {
	p := NewCallProgress(country)
	for at := 0; at < len(samples); at += block {
		p.Push(samples[at:min(len(samples), at+block)], func(e CallToneEvent) {
			if events = append(events, e); !e.End {
				tones = append(tones, e.Tone)
			}
		})
	}
	return tones, events
}

// same tells whether two cadences are the same sound, but for their levels.
func same(a, b Cadence) bool {
	return slices.EqualFunc(a.Steps, b.Steps, func(x, y Step) bool {
		return x.Lasts == y.Lasts && slices.EqualFunc(x.Sines, y.Sines, func(s, r Sine) bool { return s.Hz == r.Hz })
	})
}

// scaled changes a cadence's times and frequencies.
func scaled(c Cadence, times, frequencies, dB float64) Cadence {
	var steps []Step
	for _, s := range c.Steps {
		var sines []Sine
		for _, sine := range s.Sines {
			sines = append(sines, Sine{sine.Hz * frequencies, sine.DBm0 + dB})
		}
		steps = append(steps, Step{sines, time.Duration(float64(s.Lasts) * times)})
	}
	return Cadence{Steps: steps}
}

// TestCallProgress: every country's tones, as they should be, at the edge of what E.180 allows, weak
// and in noise, are each made out as what they are.
func TestCallProgress(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(180, 35))
	done := map[string]bool{}
	for _, country := range Countries[:fewer(len(Countries), 3)] {
		for _, c := range []struct {
			tone    CallTone
			cadence Cadence
		}{
			{DialTone, country.Dial}, {RingbackTone, country.Ringback}, {BusyTone, country.Busy}, {CongestionTone, country.Congestion},
		} {
			want := c.tone
			if c.tone == CongestionTone && (same(country.Busy, country.Congestion) || country.Code == "AU") {
				// In AU the congestion tone is the busy tone with every other one weaker.
				want = BusyTone
			}
			if done[fmt.Sprint(country.Busy, country.Congestion, country.Ringback, country.Dial, c)] {
				continue // another country has the same
			}
			done[fmt.Sprint(country.Busy, country.Congestion, country.Ringback, country.Dial, c)] = true
			for _, how := range []struct {
				what                   string
				times, frequencies, dB float64
				noise                  float64
			}{
				{"as it should be", 1, 1, 0, 0},
				{"8 % slower, 1 % lower, weak", 1.08, 0.99, -15, 0},
				{"8 % faster, 1 % higher, in noise", 0.92, 1.01, 0, -40},
			} {
				samples := overLine(scaled(c.cadence, how.times, how.frequencies, how.dB), 9000, how.noise, country.Law, random)
				if tones, events := told(country, samples, 160); !slices.Equal(tones, []CallTone{want}) {
					t.Errorf("%s, tone %d, %s: %+v, want tone %d", country.Code, c.tone, how.what, events, want)
				}
			}
		}
	}
}

// TestCallProgressOfACall: dial tone, ringing, an answer, and the busy tone at the end, each told in
// time; speech and silence end a tone.
func TestCallProgressOfACall(t *testing.T) {
	country, _ := CountryByCode("CN")
	speech := newComposite(-15, 3)
	var samples []int16
	add := func(c Cadence, ms int) {
		piece := make([]int16, ms*8)
		NewTone(c).Fill(piece)
		samples = append(samples, piece...)
	}
	add(country.Dial, 3000)
	add(Cadence{}, 2000)
	add(country.Ringback, 9000)
	for range 5 * SampleRate {
		samples = append(samples, saturate(float32(speech.next())))
	}
	add(country.Busy, 5000)
	add(Cadence{}, 1000)
	_, events := told(country, samples, 160)
	want := []struct {
		tone     CallTone
		end      bool
		from, to float64 // seconds
	}{
		{DialTone, false, 0.7, 1.3},
		{DialTone, true, 3, 6},
		{RingbackTone, false, 6.2, 6.5},
		{RingbackTone, true, 14, 15},
		{BusyTone, false, 20, 21},
		{BusyTone, true, 24, 25},
	}
	if len(events) != len(want) {
		t.Fatalf("%+v", events)
	}
	for i, w := range want {
		if at := float64(events[i].At) / SampleRate; events[i].Tone != w.tone || events[i].End != w.end || at < w.from || at > w.to {
			t.Errorf("event %d is %+v (%.2f s), want %+v", i, events[i], at, w)
		}
	}
}

// TestCallProgressBlocks: how the stream is cut changes nothing.
func TestCallProgressBlocks(t *testing.T) {
	country, _ := CountryByCode("US")
	samples := overLine(country.Ringback, 9000, 0, MuLaw, rand.New(rand.NewPCG(1, 1)))
	_, whole := told(country, samples, len(samples))
	for _, size := range []int{1, 40, 77, 160} {
		if _, pieces := told(country, samples, size); !slices.Equal(pieces, whole) || len(whole) == 0 {
			t.Errorf("blocks of %d: %+v, want %+v", size, pieces, whole)
		}
	}
}

// TestCallProgressInSpeech: people's voices are no tones of any network. (Music may be: a steady note
// of 450 Hz is a dial tone.)
func TestCallProgressInSpeech(t *testing.T) {
	t.Parallel()
	for i, code := range []string{"CN", "US", "GB", "DE", "AU"} {
		country, _ := CountryByCode(code)
		p := NewCallProgress(country)
		for _, name := range some(recorded(t, filepath.Join("sounds", speakers[i]), 300), 5) {
			p.Push(readRecording(t, name), func(e CallToneEvent) { t.Errorf("%s, %s: %s", code, name, fmt.Sprint(e)) })
		}
	}
}

func TestCallProgressAllocates(t *testing.T) {
	country, _ := CountryByCode("CN")
	p, tone, block := NewCallProgress(country), NewTone(country.Busy), make([]int16, 160)
	if n := testing.AllocsPerRun(300, func() {
		tone.Fill(block)
		p.Push(block, func(CallToneEvent) {})
	}); n != 0 || p.told != BusyTone {
		t.Errorf("%v allocations a block, tone %d", n, p.told)
	}
}

func BenchmarkCallProgress20ms(b *testing.B) {
	country, _ := CountryByCode("CN")
	p, tone, block := NewCallProgress(country), NewTone(country.Busy), make([]int16, 160)
	b.ReportAllocs()
	for b.Loop() {
		tone.Fill(block)
		p.Push(block, func(CallToneEvent) {})
	}
}
