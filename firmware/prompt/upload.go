package prompt

import (
	"math"

	"trunkbox/dsp"
)

const (
	// loudestDBm0 is the active level that an owner's recording is turned down to; the network wants
	// no more than about -15 dBm0 of speech for long (clause 6.1/G.223 assumes that as the mean of a
	// channel), and music or shouted advertisements come 10 dB hotter.
	loudestDBm0 = -12.0
	// faintestDBm0 is where a recording counts as silent.
	faintestDBm0 = -55.0
	// highestPeak is what no sample of a clip exceeds: 0.9 dB below the A-law overload.
	highestPeak = 29000
)

// Convert makes a clip of an owner's WAV file: any sampling rate from 4 to 384 kHz; PCM of 8, 16,
// 24 or 32 bits, floating point of 32 or 64 bits, A-law or µ-law; mono or stereo (mixed). A constant
// offset is taken out, and what is too loud for the network is turned down. Every error is a
// *RefusedError, a sentence for the owner.
func Convert(wav []byte) (Clip, error) {
	samples, err := Read(wav)
	if err != nil {
		return nil, err
	}
	active := ActiveLevel(samples)
	if active < faintestDBm0 {
		return nil, refuseSilent(active)
	}
	Amplify(samples, min(0, loudestDBm0-active))
	return Compress(samples), nil
}

// Read gives the sound of a WAV file as 16-bit samples, 8000 a second, without constant offset and
// otherwise at its own level. Every error is a *RefusedError.
func Read(wav []byte) ([]int16, error) {
	w, err := parseWave(wav)
	if err != nil {
		return nil, err
	}
	if w.length() == 0 {
		return nil, refuseNoData()
	}
	if seconds := float64(w.length()) / float64(w.rate); seconds > longestSeconds {
		return nil, refuseLength(seconds)
	}
	samples, err := w.samples()
	if err != nil {
		return nil, err
	}
	blockOffset(samples)
	return samples, nil
}

// Compress makes a clip of samples.
func Compress(samples []int16) Clip {
	clip := make(Clip, len(samples))
	dsp.ALaw.Compress(clip, samples)
	return clip
}

// blockOffset takes a constant offset out by a high-pass filter of the first order at 20 Hz.
func blockOffset(samples []int16) {
	if len(samples) == 0 {
		return
	}
	const keep = 1 - 2*math.Pi*20/dsp.SampleRate
	before, out := float64(samples[0]), 0.0
	for i, x := range samples {
		out = float64(x) - before + keep*out
		before = float64(x)
		samples[i] = int16(math.Round(min(32767, max(-32768, out))))
	}
}
