package dsp

import (
	"math"
	"testing"
)

// TestVADSilence: neither silence nor steady noise of any level, nor noise that grows, is voice for
// long.
func TestVADSilence(t *testing.T) {
	var silence VAD
	for _, law := range laws {
		for range 50 {
			if silence.Push([]int16{law.Decode(law.Silence()), 8, 8, -8, 8, 0, 0, 8}) {
				t.Fatal("silence is voice")
			}
		}
	}
	for _, dBm0 := range []float64{-60, -50, -40, -30, -20} {
		var v VAD
		source := noiseSource(dBm0, 3)
		voiced := 0
		block := make([]int16, 160)
		for n := range 1000 { // 20 s
			for i := range block {
				block[i] = ALaw.Decode(ALaw.Encode(saturate(float32(source()))))
			}
			if v.Push(block) && n >= 100 {
				voiced++
			}
		}
		if voiced > 9 {
			t.Errorf("noise of %.0f dBm0 is voice for %.1f %% of the time", dBm0, float64(voiced)/9)
		}
		if math.Abs(v.NoiseDBm0()-dBm0) > 2 && dBm0 > -55 {
			t.Errorf("noise of %.0f dBm0 is told as %.1f", dBm0, v.NoiseDBm0())
		}
	}
}

// TestVADNoiseGrows: noise that becomes 15 dB louder is noise again after two seconds.
func TestVADNoiseGrows(t *testing.T) {
	var v VAD
	soft, loud := noiseSource(-50, 1), noiseSource(-35, 2)
	voiced := 0
	for i := range 8 * SampleRate {
		x := soft()
		if i > 4*SampleRate {
			x = loud()
		}
		if voice := v.Push([]int16{saturate(float32(x))}); voice && i > 6*SampleRate+SampleRate/4 {
			voiced++
		}
	}
	if voiced > SampleRate/50 {
		t.Errorf("%d samples of noise are voice", voiced)
	}
}

// TestVADSpeech: people in noise 20 dB below them are heard, and their pauses are not.
func TestVADSpeech(t *testing.T) {
	for i, speaker := range speakers {
		source := speaking(t, speaker, -18, 20*i)
		noise := noiseSource(-42, uint64(i))
		var v VAD
		var block, clean [160]int16
		spoken, missed, pauses, wrong, sincePause := 0, 0, 0, 0, 0
		for n := range 3000 { // a minute
			for i := range block {
				x := 0.0
				if n/100%3 < 2 { // four seconds, and two of pause
					x = source()
				}
				clean[i] = saturate(float32(x))
				block[i] = ALaw.Decode(ALaw.Encode(saturate(float32(x + noise()))))
			}
			voice := v.Push(block[:])
			level := Level(clean[:])
			if sincePause++; level > -45 {
				sincePause = 0
			}
			switch {
			case n < 100:
			case level > -30:
				if spoken++; !voice {
					missed++
				}
			case sincePause > 25: // half a second after the last sound
				if pauses++; voice {
					wrong++
				}
			}
		}
		t.Logf("%s: %d of %d blocks of speech missed, voice in %d of %d blocks of pauses", speaker, missed, spoken, wrong, pauses)
		if missed*100 > spoken || wrong*20 > pauses+20 {
			t.Errorf("%s: %d of %d blocks of speech missed, voice in %d of %d blocks of pauses", speaker, missed, spoken, wrong, pauses)
		}
	}
}

func BenchmarkVAD20ms(b *testing.B) {
	var v VAD
	block := make([]int16, 160)
	source := noiseSource(-30, 1)
	for i := range block {
		block[i] = int16(source())
	}
	b.ReportAllocs()
	for b.Loop() {
		v.Push(block)
	}
}
