//go:build !amd64.v3

package dsp

// On an amd64.v3 the compiler fuses multiplications with additions, and the plain forms have other bits.

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// lots fills what it is given with numbers as they come and with the worst that can come: both zeros, full scale
// of 160 samples, what is too small for its format. Every eighth trial is the worst only.
func lots(random *rand.Rand, trial int, to ...[]float32) {
	worst := []float32{0, float32(math.Copysign(0, -1)), 5e6, -5e6, 1e-40, -1e-40, 1, 32767.5, -32768.5, 0.5, -0.5}
	size := math.Pow(10, float64(trial%9)-2)
	for _, x := range to {
		for i := range x {
			if trial%8 == 7 || random.IntN(20) == 0 {
				x[i] = worst[random.IntN(len(worst))]
			} else {
				x[i] = float32(random.NormFloat64() * size)
			}
		}
	}
}

// magnitudes are lots that are not negative, as powers are.
func magnitudes(random *rand.Rand, trial int, to []float32) {
	lots(random, trial, to)
	for i, x := range to {
		to[i] = float32(math.Abs(float64(x)))
	}
}

// mustSame fails unless both have the same bits.
func mustSame(t *testing.T, what string, trial int, plain, lanes []float32) {
	t.Helper()
	for i := range plain {
		if math.Float32bits(plain[i]) != math.Float32bits(lanes[i]) {
			t.Fatalf("%s, trial %d: number %d is %g (%#x), in lanes %g (%#x)", what, trial, i,
				plain[i], math.Float32bits(plain[i]), lanes[i], math.Float32bits(lanes[i]))
		}
	}
}

// mustNear fails unless both are sums of the terms but for the order of adding.
func mustNear(t *testing.T, what string, trial int, plain, lanes, magnitude float32) {
	t.Helper()
	if !(math.Abs(float64(plain-lanes)) <= 2*laneError*float64(magnitude)) {
		t.Fatalf("%s, trial %d: %g, in lanes %g, of magnitudes that come to %g", what, trial, plain, lanes, magnitude)
	}
}

func needAVX2(t testing.TB) {
	t.Helper()
	if !avx2 {
		t.Skip("this processor has no AVX2: there is only the plain form")
	}
}

const laneTrials = 1000

// TestLanesSame: the loops that add up nothing give the same bits in both forms.
func TestLanesSame(t *testing.T) {
	needAVX2(t)
	random := rand.New(rand.NewPCG(8, 8))
	for trial := range laneTrials {
		var x, w, missed spectrum
		var p learnedPart
		lots(random, trial, x.re[:], x.im[:], w.re[:], w.im[:], missed.re[:], missed.im[:], p.back.re[:], p.back.im[:])
		var share bins
		magnitudes(random, trial/3, p.doubt[:])
		magnitudes(random, trial/2, share[:])

		var xs, ws, xsLanes shortSpectrum
		plainPack(&xs, &x)
		plainPack(&ws, &missed)
		packAVX2(&xsLanes, &x)
		if xs != xsLanes {
			t.Fatalf("pack, trial %d: %v, in lanes %v", trial, xs, xsLanes)
		}
		sum, sumLanes := w, w
		plainMultiplyAdd(&sum, &xs, &ws)
		multiplyAddAVX2(&sumLanes, &xs, &ws)
		mustSame(t, "multiplyAdd re", trial, sum.re[:], sumLanes.re[:])
		mustSame(t, "multiplyAdd im", trial, sum.im[:], sumLanes.im[:])

		var unsure, unsureLanes besideBins
		sum, sumLanes = w, w
		for range 2 {
			plainMultiplyAddDoubt(&sum, &unsure, &xs, &p)
			multiplyAddDoubtAVX2(&sumLanes, &unsureLanes, &xs, &p)
		}
		mustSame(t, "multiplyAddDoubt re", trial, sum.re[:], sumLanes.re[:])
		mustSame(t, "multiplyAddDoubt im", trial, sum.im[:], sumLanes.im[:])
		mustSame(t, "multiplyAddDoubt unsure", trial, unsure[:], unsureLanes[:])

		step, stepLanes := p, p
		plainStep(&step, &xs, &missed, &share)
		stepAVX2(&stepLanes, &xs, &missed, &share, &laneConstants)
		mustSame(t, "step re", trial, step.back.re[:], stepLanes.back.re[:])
		mustSame(t, "step im", trial, step.back.im[:], stepLanes.back.im[:])
		mustSame(t, "step doubt", trial, step.doubt[:], stepLanes.doubt[:])

		var first, second [2]block
		var both [2]spectrum
		lots(random, trial, first[0][:], second[0][:])
		plainTransform(&both[0], &first[0], &second[0])
		transformAVX2(&both[1], &first[0], &second[0])
		mustSame(t, "transform re", trial, both[0].re[:], both[1].re[:])
		mustSame(t, "transform im", trial, both[0].im[:], both[1].im[:])
		plainTransformBack(&w, &first[0], &second[0])
		transformBackAVX2(&w, &first[1], &second[1])
		mustSame(t, "transformBack first", trial, first[0][:], first[1][:])
		mustSame(t, "transformBack second", trial, second[0][:], second[1][:])
	}
}

// TestLanesSamples: every sample is the same number, and is rounded the same; so is what lies between and beyond.
func TestLanesSamples(t *testing.T) {
	needAVX2(t)
	random := rand.New(rand.NewPCG(16, 16))
	for at := -32768; at < 32768; at += echoBlock {
		var in, out, outLanes [echoBlock]int16
		var x, xLanes block
		for i := range in {
			in[i] = int16(min(at+i, 32767))
		}
		plainFloats(&x, &in)
		floatsAVX2(&xLanes, &in)
		mustSame(t, "floats", at, x[:], xLanes[:])
		for _, off := range []float32{0, 0.25, 0.49999997, 0.5, -0.5, -0.5000001, 0.75, 1e30, -1e30, 70000} {
			for i := range x {
				x[i] = float32(in[i]) + off
			}
			plainSamples16(&out, &x)
			samples16AVX2(&outLanes, &x)
			if out != outLanes {
				t.Fatalf("%v become %v, in lanes %v", x, out, outLanes)
			}
		}
	}
	for trial := range laneTrials {
		var x block
		var out, outLanes [echoBlock]int16
		lots(random, trial, x[:])
		plainSamples16(&out, &x)
		samples16AVX2(&outLanes, &x)
		if out != outLanes {
			t.Fatalf("%v become %v, in lanes %v", x, out, outLanes)
		}
	}
}

// TestLanesSums: the loops that add up all of their numbers differ by no more than the order of adding can make.
func TestLanesSums(t *testing.T) {
	needAVX2(t)
	random := rand.New(rand.NewPCG(4, 4))
	for trial := range laneTrials {
		var x block
		lots(random, trial, x[:])
		var magnitude, squares float32
		for _, v := range x {
			magnitude += float32(math.Abs(float64(v)))
			squares += v * v
		}
		mustNear(t, "energy", trial, plainEnergy(&x), energyAVX2(&x), squares)
		var from [2]block
		lots(random, trial+1, from[0][:])
		from[1] = from[0]
		left, leftLanes := plainSubtract(&from[0], &x), subtractAVX2(&from[1], &x)
		mustNear(t, "subtract", trial, left, leftLanes, left)
		mustSame(t, "subtract", trial, from[0][:], from[1][:])
		sum, beside := plainColour(&x)
		sumLanes, besideLanes := colourAVX2(&x)
		mustNear(t, "colour", trial, sum, sumLanes, magnitude)
		mustNear(t, "colour beside", trial, beside, besideLanes, squares)

		part := (*[lonePart]float32)(x[:])
		tone, power := plainCorrelate(part, &answerWave[trial%4])
		re, im, powerLanes := correlateAVX2(part, &answerWave[trial%4])
		mustNear(t, "correlate re", trial, tone.re, re, magnitude)
		mustNear(t, "correlate im", trial, tone.im, im, magnitude)
		mustNear(t, "correlate power", trial, power, powerLanes, squares)

		var s spectrum
		lots(random, trial, s.re[:echoBins], s.im[:echoBins])
		var powers, powersLanes besideBins
		all, most := plainHann(&powers, &s)
		allLanes, mostLanes := hannAVX2(&powersLanes, &s)
		mustNear(t, "hann", trial, all, allLanes, all)
		mustSame(t, "hann most", trial, []float32{most}, []float32{mostLanes})
		mustSame(t, "hann powers", trial, powers[:], powersLanes[:])
	}
}

// TestLanesGain: of the learner's gain only the sum over all bins depends on the order.
func TestLanesGain(t *testing.T) {
	needAVX2(t)
	random := rand.New(rand.NewPCG(5, 4))
	for trial := range laneTrials {
		var missed, missedLanes spectrum
		var noise, noiseLanes, share, shareLanes bins
		var unsure besideBins
		lots(random, trial, missed.re[:echoBins], missed.im[:echoBins])
		magnitudes(random, trial/2, noise[:echoBins])
		magnitudes(random, trial/3, unsure[besideEdge:besideEdge+echoBins])
		before := missed
		missedLanes, noiseLanes = missed, noise
		var all float32
		for _, u := range unsure {
			all += u
		}
		plainGain(&missed, &share, &noise, &unsure)
		gainAVX2(&missedLanes, &shareLanes, &noiseLanes, &unsure, &laneConstants)
		for k := range binLanes {
			power := before.re[k]*before.re[k] + before.im[k]*before.im[k]
			mustNear(t, "noise", trial, noise[k], noiseLanes[k], noise[k]+power+all)
			// What is in 1/share is the same but for the sum, and 1/share is not below that.
			mustNear(t, "share", trial, share[k], shareLanes[k], 4*share[k]*(1+share[k]*(power+all)))
			mustNear(t, "missed", trial, missed.re[k], missedLanes.re[k], 4*(1+share[k]*(power+all))*float32(math.Abs(float64(missed.re[k]))))
			mustNear(t, "missed", trial, missed.im[k], missedLanes.im[k], 4*(1+share[k]*(power+all))*float32(math.Abs(float64(missed.im[k]))))
		}
	}
}

// TestLanesComfort: the random numbers are the same, and the noise but for the order of filtering.
func TestLanesComfort(t *testing.T) {
	needAVX2(t)
	random := rand.New(rand.NewPCG(9, 4))
	for trial := range laneTrials {
		var tilt [8]float32
		power := float32(1)
		for i := range tilt {
			power *= float32(trial%39-19) / 20
			tilt[i] = power
		}
		drawn, drawnLanes := newSuppressor().draws, newSuppressor().draws
		gain, before := float32(random.ExpFloat64()*100), float32(random.NormFloat64()*100)
		beforeLanes := before
		var out, outLanes block
		for range 3 {
			before = plainComfort(&out, &drawn, &tilt, gain, before)
			beforeLanes = comfortAVX2(&outLanes, &drawnLanes, &tilt, gain, beforeLanes)
		}
		if drawn != drawnLanes {
			t.Fatalf("trial %d: %#x drawn, in lanes %#x", trial, drawn, drawnLanes)
		}
		for i := range out {
			mustNear(t, fmt.Sprint("comfort ", i), trial, out[i], outLanes[i], (4*gain+float32(math.Abs(float64(before))))*20)
		}
		mustNear(t, "comfort's last", trial, before, outLanes[echoBlock-1], (4*gain+float32(math.Abs(float64(before))))*20)
	}
}

// TestLanesTurnDown: the noise reduction gives the same bits in both forms, frame after frame.
func TestLanesTurnDown(t *testing.T) {
	needAVX2(t)
	random := rand.New(rand.NewPCG(7, 4))
	for trial := range laneTrials {
		var s [2]spectrum
		var b [2]noisyBins
		magnitudes(random, trial/2, b[0].noise[:])
		magnitudes(random, trial/3, b[0].speech[:])
		b[1] = b[0]
		for range 4 {
			lots(random, trial, s[0].re[:], s[0].im[:])
			s[1] = s[0]
			plainTurnDown(&s[0], &b[0])
			turnDownAVX2(&s[1], &b[1], &noiseConstants)
			mustSame(t, "turnDown re", trial, s[0].re[:], s[1].re[:])
			mustSame(t, "turnDown im", trial, s[0].im[:], s[1].im[:])
			mustSame(t, "turnDown noise", trial, b[0].noise[:], b[1].noise[:])
			mustSame(t, "turnDown presence", trial, b[0].presence[:], b[1].presence[:])
			mustSame(t, "turnDown speech", trial, b[0].speech[:], b[1].speech[:])
		}
		var x, y block
		var out [2]block
		lots(random, trial, x[:], y[:])
		plainMultiply(&out[0], &x, &y)
		multiplyAVX2(&out[1], &x, &y)
		mustSame(t, "multiply", trial, out[0][:], out[1][:])
	}
}

// TestEchoPlain: the canceller of a machine without the lanes takes as much from an echo as this one's: while
// it learns, under double talk, and after the path has become another.
func TestEchoPlain(t *testing.T) {
	needAVX2(t)
	defer func() { avx2 = true }()
	for i, h := range hybrids[:fewer(4, 1)] {
		var both [2][4]heardLevels
		for form := range both {
			avx2 = form == 1
			line := cancelling(t, 32, ALaw, h.response(6, 10))
			line.echo.Suppress(false)
			line.far = newComposite(-10, uint64(i)).next
			both[form][0] = line.run(3000, 1000)
			line.near = newCompositeNear(-15, 9).next
			both[form][1] = line.run(2000, 0)
			line.near, line.response = nil, hybrids[i+3].response(9, 60)
			both[form][2] = line.run(2000, 0)
			both[form][3] = line.run(2000, 1000)
		}
		for part := range both[0] {
			if plain, lanes := both[0][part].lessDB(), both[1][part].lessDB(); math.Abs(plain-lanes) > 0.3 {
				t.Errorf("%q, part %d: %.2f dB less echo in the plain form, %.2f in lanes", h.name, part, plain, lanes)
			}
		}
	}
}
