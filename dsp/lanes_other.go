//go:build !amd64

package dsp

import "unsafe"

// Other machines have the plain forms only.

func fetch(unsafe.Pointer, uintptr) {}

func floats(out *block, in *[echoBlock]int16) { plainFloats(out, in) }

func samples16(out *[echoBlock]int16, in *block) { plainSamples16(out, in) }

func energyOf(x *block) float32 { return plainEnergy(x) }

func multiply(out, x, y *block) { plainMultiply(out, x, y) }

func turnDown(s *spectrum, b *noisyBins) { plainTurnDown(s, b) }

func subtract(from, x *block) float32 { return plainSubtract(from, x) }

func colourOf(x *block) (sum, beside float32) { return plainColour(x) }

func correlate(x *[lonePart]float32, w *lonePartWave) (sum phasor, power float32) {
	return plainCorrelate(x, w)
}

func pack(short *shortSpectrum, s *spectrum) { plainPack(short, s) }

func unpack(s *spectrum, short *shortSpectrum) { plainUnpack(s, short) }

func multiplyAdd(sum *spectrum, x, w *shortSpectrum) { plainMultiplyAdd(sum, x, w) }

func multiplyAddDoubt(sum *spectrum, unsure *besideBins, x *shortSpectrum, p *learnedPart) {
	plainMultiplyAddDoubt(sum, unsure, x, p)
}

func gainOf(missed *spectrum, share, noise *bins, unsure *besideBins) {
	plainGain(missed, share, noise, unsure)
}

func stepPart(p *learnedPart, x *shortSpectrum, missed *spectrum, share *bins) {
	plainStep(p, x, missed, share)
}

func hannPower(power *besideBins, s *spectrum) (all, most float32) { return plainHann(power, s) }

func comfort(out *block, d *draws, tilt *[8]float32, gain, before float32) float32 {
	return plainComfort(out, d, tilt, gain, before)
}

func transform(s *spectrum, first, second *block) { plainTransform(s, first, second) }

func transformBack(s *spectrum, first, second *block) { plainTransformBack(s, first, second) }
