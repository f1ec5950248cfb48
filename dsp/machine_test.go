package dsp

import (
	"math/rand/v2"
	"testing"
	"time"
)

// answered plays an answer over a line with noise: silence, what is said, silence to the end.
func answered(r *rand.Rand, said []int16, before time.Duration, noiseDBm0 float64) Answerer {
	sound := make([]int16, Samples(before))
	sound = append(sound, said...)
	sound = append(sound, make([]int16, Samples(8*time.Second))...)
	amplitude := Amplitude(noiseDBm0) / 1.414
	octets := make([]byte, len(sound))
	for i := range sound {
		sound[i] = saturate(float32(sound[i]) + float32(r.NormFloat64()*amplitude))
	}
	ALaw.Compress(octets, sound)
	ALaw.Expand(sound, octets)
	var d AnswererDetector
	for at := 0; at < len(sound); at += 160 {
		if verdict := d.Push(sound[at:min(at+160, len(sound))]); verdict != NotSure {
			return verdict
		}
	}
	return NotSure
}

// TestAnswererOnSpeech measures the error on a set made of recorded prompts: those that last up to a second are what a
// person says who picks up, those of more than three seconds what a machine reads out; both begin after a random silence,
// on lines with noise of -65 to -50 dBm0.
func TestAnswererOnSpeech(t *testing.T) {
	names := recorded(t, "sounds", 500)
	if !soaking() {
		names = some(names, 4)
	}
	r := rand.New(rand.NewPCG(5, 6))
	var persons, machines, wrongPersons, wrongMachines int
	for _, name := range names {
		said := trimmed(readRecording(t, name))
		length := time.Duration(len(said)) * time.Second / SampleRate
		if length < 250*time.Millisecond || length > time.Second && length < 3*time.Second {
			continue
		}
		before := time.Duration(200+r.IntN(1200)) * time.Millisecond
		verdict := answered(r, said, before, -65+15*r.Float64())
		if length <= time.Second {
			persons++
			if verdict != Person {
				wrongPersons++
			}
		} else {
			machines++
			if verdict != Machine {
				wrongMachines++
			}
		}
	}
	t.Logf("%d of %d persons and %d of %d machines are taken for something else", wrongPersons, persons, wrongMachines, machines)
	if persons < 50 || machines < 50 || wrongPersons*20 > persons || wrongMachines*10 > machines {
		t.Errorf("more than 5 %% of the persons or 10 %% of the machines are wrong")
	}
}

// trimmed takes the silence before and after a recording away.
func trimmed(sound []int16) []int16 {
	var v VAD
	first, last := len(sound), 0
	for at := 0; at+80 <= len(sound); at += 80 {
		if Level(sound[at:at+80]) > -45 {
			first, last = min(first, at), at+80
		}
	}
	v.Push(nil)
	if first >= last {
		return nil
	}
	return sound[first:last]
}

func TestAnswererHearsTheTone(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, hz := range []float64{440, 1000, 1400} {
		tone := make([]int16, Samples(400*time.Millisecond))
		NewTone(Cadence{Steps: []Step{{Sines: []Sine{{Hz: hz, DBm0: -12}}, Lasts: time.Second}}, Once: true}).Fill(tone)
		if got := answered(r, tone, 500*time.Millisecond, -60); got != Machine {
			t.Errorf("a tone of %.0f Hz is %v", hz, got)
		}
	}
	if got := answered(r, nil, 0, -60); got != Nobody {
		t.Errorf("silence is %v", got)
	}
}

func BenchmarkAnswerer20ms(b *testing.B) {
	block := make([]int16, 160)
	b.ReportAllocs()
	for b.Loop() {
		var d AnswererDetector
		d.Push(block)
	}
}
