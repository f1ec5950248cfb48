package dsp

import (
	"fmt"
	"math"
)

// Rates that a Resampler takes, in samples a second.
const (
	LowestRate  = 4000
	HighestRate = 384000
)

const (
	// zeroCrossings of the sinc on either side: with the Kaiser window below, what lies above the
	// new half rate is 70 dB down, and 3400 Hz of 8000 is kept to 0.1 dB.
	zeroCrossings = 32
	kaiserBeta    = 7.5
	// keptShare of the lower half rate is where the low-pass is 6 dB down.
	keptShare = 0.93
	// filterPhases is how finely the impulse response is tabulated between two input samples; a
	// straight line between neighbours keeps the error below -90 dB.
	filterPhases = 256
)

// Resampler changes the sampling rate of a stream: a polyphase low-pass filter of the windowed-sinc
// kind, for any pair of rates. Make one with NewResampler.
type Resampler struct {
	taps    int         // input samples that one output sample is made of, even
	filter  [][]float32 // filterPhases+1 rows of taps values
	ahead   int         // taps/2: input samples that must have come after the point of the output
	history []float32   // input samples not yet done with
	// The next output lies whole + rest/to input samples after history[ahead-1].
	whole    int
	rest     int
	from, to int
}

// NewResampler makes a resampler between two rates in samples a second. An error tells which rate is
// outside LowestRate to HighestRate.
func NewResampler(fromHz, toHz int) (*Resampler, error) {
	for _, hz := range []int{fromHz, toHz} {
		if hz < LowestRate || hz > HighestRate {
			return nil, fmt.Errorf("a sampling rate of %d Hz cannot be converted: %d to %d Hz can", hz, LowestRate, HighestRate)
		}
	}
	cutoff := keptShare * min(1, float64(toHz)/float64(fromHz)) // of half the input rate
	ahead := int(math.Ceil(zeroCrossings / cutoff))
	r := &Resampler{taps: 2 * ahead, ahead: ahead, from: fromHz, to: toHz}
	r.filter = make([][]float32, filterPhases+1)
	for phase := range r.filter {
		r.filter[phase] = lowPass(r.taps, float64(phase)/filterPhases, cutoff)
	}
	r.history = make([]float32, ahead-1, 4096+2*r.taps)
	return r, nil
}

// lowPass gives the weights of the taps input samples around a point that lies the given fraction
// after the sample taps/2-1. They add up to 1.
func lowPass(taps int, fraction, cutoff float64) []float32 {
	half := float64(taps / 2)
	weights := make([]float64, taps)
	sum := 0.0
	for i := range weights {
		at := float64(i) - (half - 1) - fraction
		w := 1.0
		if x := math.Pi * cutoff * at; x != 0 {
			w = math.Sin(x) / x
		}
		if inside := 1 - (at/half)*(at/half); inside > 0 {
			w *= bessel(kaiserBeta * math.Sqrt(inside))
		}
		weights[i] = w
		sum += w
	}
	row := make([]float32, taps)
	for i, w := range weights {
		row[i] = float32(w / sum)
	}
	return row
}

// bessel is the modified Bessel function of the first kind and order 0.
func bessel(x float64) float64 {
	sum, term := 1.0, 1.0
	for k := 1.0; term > 1e-12*sum; k++ {
		term *= (x / 2 / k) * (x / 2 / k)
		sum += term
	}
	return sum
}

// Push takes the next input samples and appends the output samples that can be made of them to dst.
// The output is not delayed: its first sample lies where the first input sample does.
func (r *Resampler) Push(dst, src []int16) []int16 {
	for len(src) > 0 {
		n := min(len(src), 4096)
		for _, x := range src[:n] {
			r.history = append(r.history, float32(x))
		}
		src = src[n:]
		dst = r.produce(dst)
	}
	return dst
}

// Flush appends the last output samples to dst, as though silence followed. After it the resampler
// is at an end.
func (r *Resampler) Flush(dst []int16) []int16 {
	for range r.ahead {
		r.history = append(r.history, 0)
	}
	return r.produce(dst)
}

func (r *Resampler) produce(dst []int16) []int16 {
	for r.whole+r.taps <= len(r.history) {
		dst = append(dst, r.at())
		r.rest += r.from
		r.whole += r.rest / r.to
		r.rest %= r.to
	}
	done := min(r.whole, len(r.history))
	kept := copy(r.history, r.history[done:])
	r.history, r.whole = r.history[:kept], r.whole-done
	return dst
}

// at weighs the history around the next output.
func (r *Resampler) at() int16 {
	position := float64(r.rest) / float64(r.to) * filterPhases
	phase := int(position)
	between := float32(position - float64(phase))
	near, far := r.filter[phase], r.filter[phase+1]
	var a, b float32
	for i, x := range r.history[r.whole : r.whole+r.taps] {
		a += x * near[i]
		b += x * far[i]
	}
	return saturate(a + between*(b-a))
}
