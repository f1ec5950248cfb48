package dsp

import (
	"math"
	"math/bits"
	"math/cmplx"
)

// Goertzel is the level in dBm0 of the one frequency hz within the samples: a sine of exactly that
// frequency measures its own level. The samples are weighted by a Hann window, which lets
// frequencies further than two cycles a window away (200 Hz for 20 ms) through by less than -31 dB.
func Goertzel(samples []int16, hz float64) float64 {
	n := len(samples)
	if n == 0 {
		return SilenceDBm0
	}
	coefficient := 2 * math.Cos(2*math.Pi*hz/SampleRate)
	var s1, s2, weight float64
	for i, x := range samples {
		w := hann(i, n)
		weight += w
		s1, s2 = float64(x)*w+coefficient*s1-s2, s1
	}
	magnitude := max(0, s1*s1+s2*s2-coefficient*s1*s2)
	return DBm0(2 * magnitude / (weight * weight))
}

func hann(i, n int) float64 {
	return 0.5 - 0.5*math.Cos(2*math.Pi*(float64(i)+0.5)/float64(n))
}

// Strongest finds the frequency between lowHz and highHz that sounds loudest in the samples, and
// its level in dBm0. For a lone sine of 400 samples or more it is right to 1 Hz and 0.2 dB. It
// allocates, and is meant for tests of a line rather than for every tick.
func Strongest(samples []int16, lowHz, highHz float64) (hz, dBm0 float64) {
	spectrum := Spectrum(samples)
	if spectrum == nil {
		return 0, SilenceDBm0
	}
	binHz := SampleRate / float64(2*len(spectrum))
	best := -1
	for i, level := range spectrum {
		if at := float64(i) * binHz; at >= lowHz && at <= highHz && (best < 0 || level > spectrum[best]) {
			best = i
		}
	}
	if best < 0 || spectrum[best] <= SilenceDBm0 {
		return 0, SilenceDBm0
	}
	hz = float64(best) * binHz
	if best > 0 && best < len(spectrum)-1 {
		before, at, after := spectrum[best-1], spectrum[best], spectrum[best+1]
		if curve := before - 2*at + after; curve < 0 {
			hz += binHz * (before - after) / (2 * curve)
		}
	}
	return hz, Goertzel(samples, hz)
}

// Spectrum is the level in dBm0 at evenly spaced frequencies from 0 to just below 4000 Hz, Hann
// weighted; the number of them is a power of two not less than the number of samples. It is nil for
// no samples.
func Spectrum(samples []int16) []float64 {
	n := len(samples)
	if n == 0 {
		return nil
	}
	size := 2 << bits.Len(uint(n-1))
	points := make([]complex128, size)
	weight := 0.0
	for i, x := range samples {
		w := hann(i, n)
		weight += w
		points[i] = complex(float64(x)*w, 0)
	}
	fourier(points)
	levels := make([]float64, size/2)
	for i := range levels {
		magnitude := cmplx.Abs(points[i])
		levels[i] = DBm0(2 * magnitude * magnitude / (weight * weight))
	}
	return levels
}

// fourier transforms the points in place; their number is a power of two.
func fourier(points []complex128) {
	n := len(points)
	shift := 64 - bits.Len(uint(n-1))
	for i := range points {
		if j := int(bits.Reverse64(uint64(i)) >> shift); n > 1 && j > i {
			points[i], points[j] = points[j], points[i]
		}
	}
	for half := 1; half < n; half *= 2 {
		turn := cmplx.Rect(1, -math.Pi/float64(half))
		for start := 0; start < n; start += 2 * half {
			twiddle := complex(1, 0)
			for i := start; i < start+half; i++ {
				upper, lower := points[i], points[i+half]*twiddle
				points[i], points[i+half] = upper+lower, upper-lower
				twiddle *= turn
			}
		}
	}
}
