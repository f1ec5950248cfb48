package prompt

import (
	"math"

	"trunkbox/dsp"
)

// frame is the 20 ms over which speech and silence are told apart.
const frame = dsp.SampleRate / 50

// activeBelowDB: a frame is active when it is no more than this below the loudest one, a plain
// stand-in for the threshold of 15.9 dB below the active level that P.56 finds by iteration.
const activeBelowDB = 25

// ActiveLevel is the level in dBm0 of the samples without their pauses.
func ActiveLevel(samples []int16) float64 {
	var levels []float64
	loudest := dsp.SilenceDBm0
	for at := 0; at < len(samples); at += frame {
		level := dsp.Level(samples[at:min(len(samples), at+frame)])
		levels = append(levels, level)
		loudest = max(loudest, level)
	}
	power, active := 0.0, 0
	for _, level := range levels {
		if level > dsp.SilenceDBm0 && level >= loudest-activeBelowDB {
			power += math.Pow(10, level/10)
			active++
		}
	}
	if active == 0 {
		return dsp.SilenceDBm0
	}
	return 10 * math.Log10(power/float64(active))
}

// Amplify changes the level of the samples by gainDB, or by less if their peak would otherwise
// exceed what a clip may have (0.9 dB below the A-law overload).
func Amplify(samples []int16, gainDB float64) {
	gain := math.Pow(10, gainDB/20)
	if peak := float64(dsp.Peak(samples)); peak*gain > highestPeak {
		gain = highestPeak / peak
	}
	for i, x := range samples {
		samples[i] = int16(math.Round(float64(x) * gain))
	}
}

// Trim cuts the silence from both ends, all that stays 40 dB below the loudest frame, but for a
// margin of 5 ms. It returns a part of samples.
func Trim(samples []int16) []int16 {
	const step, margin, belowDB = frame / 4, frame / 4, 40
	loudest := dsp.SilenceDBm0
	for at := 0; at < len(samples); at += step {
		loudest = max(loudest, dsp.Level(samples[at:min(len(samples), at+step)]))
	}
	silent := func(from, to int) bool { return dsp.Level(samples[from:to]) < loudest-belowDB }
	first, last := 0, len(samples)
	for first+step <= last && silent(first, first+step) {
		first += step
	}
	for last-step >= first && silent(last-step, last) {
		last -= step
	}
	return samples[max(0, first-margin):min(len(samples), last+margin)]
}
