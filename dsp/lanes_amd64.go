package dsp

import (
	"math"
	"unsafe"

	"golang.org/x/sys/cpu"
)

// avx2 tells that the processor has the instructions of lanes_amd64.s, echolearn_amd64.s, noise_amd64.s and
// fourier160_amd64.s. Those of 2015 and after have them, but for the smallest.
var avx2 = cpu.X86.HasAVX2

// laneConstants are what the loops need of echolearn.go's numbers, in the order of their names in
// echolearn_amd64.s.
var laneConstants = [8]float32{believing, forgetting, leakOwn, leakNext, leakThird, leakAll, noiseKeep, 1 - noiseKeep}

// noiseConstants are those of plainTurnDown and minusExp, likewise in noise_amd64.s, each for a row of lanes.
var noiseConstants = func() (rows [noiseRows][8]float32) {
	for i, c := range [noiseRows]float32{
		noiseLeast, noiseSteep, mostMinus, 1 / math.Ln2, 0.5, ln2High, ln2Low,
		1.0 / 720, 1.0 / 120, 1.0 / 24, 1.0 / 6, 1,
		1 + noisePrior, noisePresence, 1 - noisePresence, noiseStuck, noiseTrust, 1 - noiseTrust,
		noiseDecision, 1 - noiseDecision, noiseFloor,
	} {
		for lane := range rows[i] {
			rows[i][lane] = c
		}
	}
	return rows
}()

const noiseRows = 21

func floats(out *block, in *[echoBlock]int16) {
	if avx2 {
		floatsAVX2(out, in)
	} else {
		plainFloats(out, in)
	}
}

func samples16(out *[echoBlock]int16, in *block) {
	if avx2 {
		samples16AVX2(out, in)
	} else {
		plainSamples16(out, in)
	}
}

func energyOf(x *block) float32 {
	if avx2 {
		return energyAVX2(x)
	}
	return plainEnergy(x)
}

func subtract(from, x *block) float32 {
	if avx2 {
		return subtractAVX2(from, x)
	}
	return plainSubtract(from, x)
}

func colourOf(x *block) (sum, beside float32) {
	if avx2 {
		return colourAVX2(x)
	}
	return plainColour(x)
}

func correlate(x *[lonePart]float32, w *lonePartWave) (sum phasor, power float32) {
	if avx2 {
		re, im, power := correlateAVX2(x, w)
		return phasor{re, im}, power
	}
	return plainCorrelate(x, w)
}

func pack(short *shortSpectrum, s *spectrum) {
	if avx2 {
		packAVX2(short, s)
	} else {
		plainPack(short, s)
	}
}

func unpack(s *spectrum, short *shortSpectrum) { plainUnpack(s, short) } // once in a long while

func multiplyAdd(sum *spectrum, x, w *shortSpectrum) {
	if avx2 {
		multiplyAddAVX2(sum, x, w)
	} else {
		plainMultiplyAdd(sum, x, w)
	}
}

func multiplyAddDoubt(sum *spectrum, unsure *besideBins, x *shortSpectrum, p *learnedPart) {
	if avx2 {
		multiplyAddDoubtAVX2(sum, unsure, x, p)
	} else {
		plainMultiplyAddDoubt(sum, unsure, x, p)
	}
}

func gainOf(missed *spectrum, share, noise *bins, unsure *besideBins) {
	if avx2 {
		gainAVX2(missed, share, noise, unsure, &laneConstants)
	} else {
		plainGain(missed, share, noise, unsure)
	}
}

func stepPart(p *learnedPart, x *shortSpectrum, missed *spectrum, share *bins) {
	if avx2 {
		stepAVX2(p, x, missed, share, &laneConstants)
	} else {
		plainStep(p, x, missed, share)
	}
}

func hannPower(power *besideBins, s *spectrum) (all, most float32) {
	if avx2 {
		return hannAVX2(power, s)
	}
	return plainHann(power, s)
}

func comfort(out *block, d *draws, tilt *[8]float32, gain, before float32) float32 {
	if avx2 {
		return comfortAVX2(out, d, tilt, gain, before)
	}
	return plainComfort(out, d, tilt, gain, before)
}

func multiply(out, x, y *block) {
	if avx2 {
		multiplyAVX2(out, x, y)
	} else {
		plainMultiply(out, x, y)
	}
}

func turnDown(s *spectrum, b *noisyBins) {
	if avx2 {
		turnDownAVX2(s, b, &noiseConstants)
	} else {
		plainTurnDown(s, b)
	}
}

func transform(s *spectrum, first, second *block) {
	if avx2 {
		transformAVX2(s, first, second)
	} else {
		plainTransform(s, first, second)
	}
}

func transformBack(s *spectrum, first, second *block) {
	if avx2 {
		transformBackAVX2(s, first, second)
	} else {
		plainTransformBack(s, first, second)
	}
}

// What each gives is told at the plain form in lanes.go and fourier160.go.

// fetch has the processor bring memory into its caches without waiting for it.
//
//go:noescape
func fetch(first unsafe.Pointer, bytes uintptr)

//go:noescape
func floatsAVX2(out *block, in *[echoBlock]int16)

//go:noescape
func samples16AVX2(out *[echoBlock]int16, in *block)

//go:noescape
func energyAVX2(x *block) float32

//go:noescape
func subtractAVX2(from, x *block) float32

//go:noescape
func colourAVX2(x *block) (sum, beside float32)

//go:noescape
func correlateAVX2(x *[lonePart]float32, w *lonePartWave) (re, im, power float32)

//go:noescape
func packAVX2(short *shortSpectrum, s *spectrum)

//go:noescape
func multiplyAddAVX2(sum *spectrum, x, w *shortSpectrum)

//go:noescape
func multiplyAddDoubtAVX2(sum *spectrum, unsure *besideBins, x *shortSpectrum, p *learnedPart)

//go:noescape
func gainAVX2(missed *spectrum, share, noise *bins, unsure *besideBins, constants *[8]float32)

//go:noescape
func stepAVX2(p *learnedPart, x *shortSpectrum, missed *spectrum, share *bins, constants *[8]float32)

//go:noescape
func hannAVX2(power *besideBins, s *spectrum) (all, most float32)

//go:noescape
func comfortAVX2(out *block, d *draws, tilt *[8]float32, gain, before float32) float32

//go:noescape
func multiplyAVX2(out, x, y *block)

//go:noescape
func turnDownAVX2(s *spectrum, b *noisyBins, constants *[noiseRows][8]float32)

//go:noescape
func transformAVX2(s *spectrum, first, second *block)

//go:noescape
func transformBackAVX2(s *spectrum, first, second *block)
