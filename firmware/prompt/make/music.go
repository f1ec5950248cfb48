package main

import (
	"fmt"
	"math"
	"strings"

	"trunkbox/dsp"
)

// The music on hold: twelve bars of four beats at 96 beats a minute, 30 s, whose last sounds ring on
// into the first. A line a bar: the chord that the pad and the broken chords below play, and the
// melody as notes with their lengths in beats; - rests.
var bars = []struct{ chord, melody string }{
	{"C3 G3 C4 E4", "E5 1.5 G5 .5 A5 1 G5 1"},
	{"A3 E4 A4 C5", "E5 1 D5 .5 C5 .5 E5 2"},
	{"F3 C4 F4 A4", "A5 1.5 G5 .5 F5 1 C5 1"},
	{"G3 D4 G4 B4", "D5 1 E5 .5 D5 .5 B4 1 - 1"},
	{"C3 G3 C4 E4", "E5 1.5 G5 .5 C6 1 B5 1"},
	{"E3 B3 E4 G4", "G5 1 A5 .5 B5 .5 G5 2"},
	{"F3 C4 F4 A4", "A5 1 C6 1 A5 .5 G5 .5 F5 1"},
	{"G3 D4 G4 B4", "G5 1.5 E5 .5 D5 1 - 1"},
	{"A3 E4 A4 C5", "C6 1 B5 .5 A5 .5 E5 2"},
	{"F3 C4 F4 A4", "F5 1 G5 .5 A5 .5 C5 2"},
	{"D3 A3 D4 F4", "D5 1 F5 1 A5 1 G5 .5 F5 .5"},
	{"G3 D4 G4 B4", "E5 1 D5 1 G4 1 - 1"},
}

const (
	beatsABar   = 4
	beatSamples = dsp.SampleRate * 60 / 96
)

// An instrument is the strength of its harmonics, the time in which the first of them dies away to a
// third (the n-th dies away n times as fast), and the time it takes to sound fully.
type instrument struct {
	harmonics []float64
	decay     float64 // seconds
	attack    float64 // seconds
	loudness  float64
}

var (
	bell = instrument{[]float64{1, 0.45, 0.12, 0.08}, 0.55, 0.004, 1}
	harp = instrument{[]float64{1, 0.5, 0.25, 0.12, 0.06}, 0.35, 0.003, 0.4}
	pad  = instrument{[]float64{1, 0.6, 0.3, 0.15}, 3, 0.35, 0.16}
)

// compose gives the samples of the loop.
func compose() []int16 {
	loop := make([]float64, len(bars)*beatsABar*beatSamples)
	for i, bar := range bars {
		start := float64(i * beatsABar)
		chord := strings.Fields(bar.chord)
		for _, note := range chord {
			pad.play(loop, note, start, beatsABar)
		}
		for eighth, which := range []int{0, 1, 2, 3, 2, 1, 2, 1} {
			harp.play(loop, chord[which], start+float64(eighth)/2, 1)
		}
		at := start
		notes := strings.Fields(bar.melody)
		for n := 0; n+1 < len(notes); n += 2 {
			beats := number(notes[n+1])
			if notes[n] != "-" {
				bell.play(loop, notes[n], at, beats)
			}
			at += beats
		}
	}
	loudest := 0.0
	for _, x := range loop {
		loudest = max(loudest, math.Abs(x))
	}
	samples := make([]int16, len(loop))
	for i, x := range loop {
		samples[i] = int16(math.Round(x / loudest * 30000))
	}
	return samples
}

// play adds a note to the loop; what rings beyond its end comes round to the beginning.
func (in instrument) play(loop []float64, note string, beat, beats float64) {
	const release = 0.12 // seconds from the end of the note until it is damped to a third
	hz := pitch(note)
	start := int(beat * beatSamples)
	held := beats * beatSamples / dsp.SampleRate
	for i := range int((held + 6*release) * dsp.SampleRate) {
		t := float64(i) / dsp.SampleRate
		level := in.loudness * min(1, t/in.attack)
		if t > held {
			level *= math.Exp(-(t - held) / release)
		}
		v := 0.0
		for h, strength := range in.harmonics {
			if f := hz * float64(h+1); f < 3300 {
				v += strength * math.Exp(-t*float64(h+1)/in.decay) * math.Sin(2*math.Pi*f*t)
			}
		}
		loop[(start+i)%len(loop)] += level * v
	}
}

// pitch gives the frequency in Hz of a note such as A4 (440 Hz), of the scale without sharps.
func pitch(note string) float64 {
	semitones := map[byte]int{'C': -9, 'D': -7, 'E': -5, 'F': -4, 'G': -2, 'A': 0, 'B': 2}
	return 440 * math.Pow(2, float64(semitones[note[0]])/12+float64(note[1])-'4')
}

func number(beats string) float64 {
	var v float64
	if _, err := fmt.Sscanf("0"+beats, "%g", &v); err != nil {
		panic("a length in the table of bars is no number: " + beats)
	}
	return v
}
