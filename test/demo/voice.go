package main

import (
	"math/rand/v2"
	"time"

	"trunkbox/dsp"
)

// speak makes about eight seconds of something like speech, in A-law: syllables of a voice at its own
// pitch, a few harmonics each, with the pauses of sentences. The seed is the speaker.
func speak(seed uint64) []byte {
	random := rand.New(rand.NewPCG(seed, 1))
	pitch := 110 + 110*random.Float64() // Hz
	var cadence dsp.Cadence
	for cadence.Duration() < 8*time.Second {
		cadence.Steps = append(cadence.Steps, sentence(random, pitch)...)
	}
	cadence.Once = true
	octets := make([]byte, dsp.Samples(cadence.Duration()))
	dsp.NewTone(cadence).FillOctets(octets, dsp.ALaw)
	return octets
}

// sentence is five to twelve syllables and a pause.
func sentence(random *rand.Rand, pitch float64) []dsp.Step {
	var steps []dsp.Step
	for range 5 + random.IntN(8) {
		f := pitch * (0.9 + 0.25*random.Float64())
		vowel := 3 + random.IntN(5) // the harmonic that stands out
		steps = append(steps,
			dsp.Step{Lasts: ms(90 + random.IntN(140)), Sines: []dsp.Sine{
				{Hz: f, DBm0: -24}, {Hz: 2 * f, DBm0: -22}, {Hz: float64(vowel) * f, DBm0: -20}, {Hz: float64(vowel+7) * f, DBm0: -30},
			}},
			dsp.Step{Lasts: ms(20 + random.IntN(60))})
	}
	return append(steps, dsp.Step{Lasts: ms(400 + random.IntN(700))})
}

func ms(n int) time.Duration { return time.Duration(n) * time.Millisecond }
