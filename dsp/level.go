package dsp

import "math"

const (
	// FullScaleDBm0 is the level of a sine that just fills 16 bits: the theoretical load capacity of
	// A-law (3.14 dBm0, clause 4/G.711). On µ-law the true figure for the same samples is 3.21 dBm0;
	// the difference of 0.07 dB is left out of all levels here.
	FullScaleDBm0 = 3.14

	// SilenceDBm0 is the lowest level that is told; digital silence has it.
	SilenceDBm0 = -99.0

	fullScalePower = 32768.0 * 32768.0 / 2
)

// Amplitude is the peak value, in 16-bit steps, of a sine of the given level.
func Amplitude(dBm0 float64) float64 {
	return 32768 * math.Pow(10, (dBm0-FullScaleDBm0)/20)
}

// DBm0 is the level of a mean power given in squared 16-bit steps.
func DBm0(meanPower float64) float64 {
	if meanPower <= 0 {
		return SilenceDBm0
	}
	return max(SilenceDBm0, 10*math.Log10(meanPower/fullScalePower)+FullScaleDBm0)
}

// Level is the mean level of the samples in dBm0, SilenceDBm0 for none.
func Level(samples []int16) float64 {
	if len(samples) == 0 {
		return SilenceDBm0
	}
	return DBm0(energy(samples) / float64(len(samples)))
}

func energy(samples []int16) float64 {
	var sum int64
	for _, x := range samples {
		sum += int64(x) * int64(x)
	}
	return float64(sum)
}

// Peak is the greatest magnitude among the samples, 0 to 32768.
func Peak(samples []int16) int {
	peak := 0
	for _, x := range samples {
		peak = max(peak, int(x), -int(x))
	}
	return peak
}

// Meter follows the level of a stream, for a bar on a page or a threshold. Its mean decays by 63 %
// within the time constant. The zero Meter is not usable; make one with NewMeter.
type Meter struct {
	keep  float64
	power float64
}

// NewMeter makes a meter with the time constant given in samples (280 is the 35 ms of clause
// 6.4.1.2.1/G.168).
func NewMeter(timeConstantSamples int) *Meter {
	return &Meter{keep: math.Exp(-1 / float64(max(1, timeConstantSamples)))}
}

// Push lets the meter see the next samples and gives the level at their end in dBm0.
func (m *Meter) Push(samples []int16) float64 {
	for _, x := range samples {
		square := float64(x) * float64(x)
		m.power = square + m.keep*(m.power-square)
	}
	return DBm0(m.power)
}
