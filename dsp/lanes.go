package dsp

import "math"

// The inner loops of the echo canceller and of the noise reduction. Each stands here once in plain Go, as the mathematics
// of its comment, and is used so on any machine; on an amd64 processor with AVX2 lanes_amd64.s, echolearn_amd64.s and
// noise_amd64.s (and fourier160_amd64.s for fourier160.go) take their place, which do the same
// multiplications and additions on eight neighbouring numbers at once (lanes), none of them fused. So both give
// the same bits, but where a loop adds up all of its numbers: there the order differs, and the sum by no more than
// laneError of what its terms add up to without their signs.

// laneError is by which share of its terms' magnitudes a sum may depend on the order of adding: 88 roundings of 2^-24.
const laneError = 88.0 / (1 << 24)

// bins is a number for each bin. It is filled up to whole rows of eight lanes with numbers that are 0 and stay 0.
type bins [binLanes]float32

const binLanes = (echoBins + 7) / 8 * 8

// shortBins are the upper halves of bins: a sign, 8 bits of exponent, 7 of the number.
type shortBins [binLanes]uint16

// long is the number of which short is the upper half.
func long(short uint16) float32 { return math.Float32frombits(uint32(short) << 16) }

// besideBins are bins whose neighbours on both sides can be read: bin k is at besideEdge+k, what lies beside is 0.
type besideBins [besideEdge + binLanes + besideEdge]float32

const besideEdge = 8

// block is 10 ms of sound.
type block = [echoBlock]float32

// plainFloats: out[i] = in[i].
func plainFloats(out *block, in *[echoBlock]int16) {
	for i, x := range in {
		out[i] = float32(x)
	}
}

// plainSamples16: out[i] = in[i], rounded to the nearest of 16 bits. What is no number has no defined result.
func plainSamples16(out *[echoBlock]int16, in *block) {
	for i, x := range in {
		out[i] = saturate(x)
	}
}

// plainEnergy: Σ x[i]².
func plainEnergy(x *block) (sum float32) {
	for _, v := range x {
		sum += v * v
	}
	return sum
}

// plainSubtract: from[i] -= x[i], and then Σ from[i]².
func plainSubtract(from, x *block) (sum float32) {
	for i, v := range x {
		from[i] -= v
		sum += from[i] * from[i]
	}
	return sum
}

// plainColour: Σ x[i], and Σ x[i]·x[i+1] over the 79 neighbours.
func plainColour(x *block) (sum, beside float32) {
	for i, v := range x[1:] {
		sum += v
		beside += v * x[i]
	}
	return sum + x[0], beside
}

// plainCorrelate: Σ x[i]·w[i], complex w; Σ x[i]².
func plainCorrelate(x *[lonePart]float32, w *lonePartWave) (sum phasor, power float32) {
	for i, v := range x {
		sum.re += v * w.re[i]
		sum.im += v * w.im[i]
		power += v * v
	}
	return sum, power
}

// plainPack: short[k] = s[k], rounded to the nearest.
func plainPack(short *shortSpectrum, s *spectrum) {
	for k := range binLanes {
		short.re[k] = uint16((math.Float32bits(s.re[k]) + 1<<15) >> 16)
		short.im[k] = uint16((math.Float32bits(s.im[k]) + 1<<15) >> 16)
	}
}

// plainUnpack: s[k] = short[k].
func plainUnpack(s *spectrum, short *shortSpectrum) {
	for k := range binLanes {
		s.re[k], s.im[k] = long(short.re[k]), long(short.im[k])
	}
}

// plainMultiplyAdd: sum[k] += x[k]·w[k], complex.
func plainMultiplyAdd(sum *spectrum, x, w *shortSpectrum) {
	for k := range binLanes {
		xr, xi, wr, wi := long(x.re[k]), long(x.im[k]), long(w.re[k]), long(w.im[k])
		sum.re[k] += wr*xr - wi*xi
		sum.im[k] += wr*xi + wi*xr
	}
}

// plainMultiplyAddDoubt: sum[k] += x[k]·w[k], complex, and unsure[k] += doubt[k]·|x[k]|².
func plainMultiplyAddDoubt(sum *spectrum, unsure *besideBins, x *shortSpectrum, p *learnedPart) {
	for k := range binLanes {
		xr, xi, wr, wi := long(x.re[k]), long(x.im[k]), p.back.re[k], p.back.im[k]
		sum.re[k] += wr*xr - wi*xi
		sum.im[k] += wr*xi + wi*xr
		unsure[besideEdge+k] += p.doubt[k] * (xr*xr + xi*xi)
	}
}

// plainGain makes of what was missed, and of the power that is unsure, the part of the learner's gain that is the same
// for all parts of the path. With u = unsure, E = missed:
//
//	seen[k]  = leakOwn·u[k] + leakNext·(u[k-1]+u[k+1]) + leakThird·(u[k-3]+u[k+3]) + leakAll·Σu
//	now[k]   = max(0, |E[k]|² - seen[k]/2)
//	noise[k] = noiseKeep·noise[k] + (1-noiseKeep)·now[k]
//	share[k] = 1 / (seen[k] + 2·max(now[k], noise[k]) + 1)
//	E[k]     = share[k]·E[k]
func plainGain(missed *spectrum, share, noise *bins, unsure *besideBins) {
	var all float32
	for _, v := range unsure {
		all += v
	}
	for k := range binLanes {
		u := (*[2*leakFar + 1]float32)(unsure[besideEdge+k-leakFar:])
		seen := leakOwn*u[leakFar] + leakNext*(u[leakFar-1]+u[leakFar+1]) + leakThird*(u[0]+u[2*leakFar]) + leakAll*all
		now := max(0, missed.re[k]*missed.re[k]+missed.im[k]*missed.im[k]-0.5*seen)
		noise[k] = noiseKeep*noise[k] + (1-noiseKeep)*now
		share[k] = 1 / (seen + 2*max(now, noise[k]) + 1)
		missed.re[k] *= share[k]
		missed.im[k] *= share[k]
	}
}

// plainStep moves one part of the learner's path by the Kalman gain times what was missed; E and share are plainGain's:
//
//	w[k]    += doubt[k]·conj(x[k])·E[k]
//	d        = doubt[k] - believing·doubt[k]²·|x[k]|²·share[k]
//	doubt[k] = d + forgetting·(|w[k]|² - d)
func plainStep(p *learnedPart, x *shortSpectrum, missed *spectrum, share *bins) {
	for k := range binLanes {
		xr, xi, er, ei, doubt := long(x.re[k]), long(x.im[k]), missed.re[k], missed.im[k], p.doubt[k]
		wr := p.back.re[k] + doubt*(xr*er+xi*ei)
		wi := p.back.im[k] + doubt*(xr*ei-xi*er)
		p.back.re[k], p.back.im[k] = wr, wi
		doubt -= believing * doubt * doubt * (xr*xr + xi*xi) * share[k]
		p.doubt[k] = doubt + forgetting*(wr*wr+wi*wi-doubt)
	}
}

// plainHann weighs the window that s is the spectrum of by Hann's, which in the frequency domain is
// y[k] = s[k] - (s[k-1]+s[k+1])/2, and gives power[k] = |y[k]|² for k = 1 to 79, their sum and the greatest of them.
func plainHann(power *besideBins, s *spectrum) (all, most float32) {
	for k := 1; k < echoBins-1; k++ {
		re := s.re[k] - 0.5*(s.re[k-1]+s.re[k+1])
		im := s.im[k] - 0.5*(s.im[k-1]+s.im[k+1])
		p := re*re + im*im
		power[besideEdge+k] = p
		all += p
		most = max(most, p)
	}
	return all, most
}

// draws is a generator of eight rows of random numbers, one of Marsaglia's xorshift32 for each lane; none may be 0.
type draws [8]uint32

// plainComfort fills a block with noise of one colour: with n[i] nearly Gaussian (four even draws from -1..1 added up,
// a variance of 4/3),
//
//	out[i] = gain·n[i] + tilt[0]·out[i-1]
//
// where out[-1] is before; it gives the last. tilt holds the powers 1 to 8 of one number of magnitude below 1.
func plainComfort(out *block, d *draws, tilt *[8]float32, gain, before float32) float32 {
	for i := range out {
		seed, sum := &d[i%8], int32(0)
		for range 2 {
			*seed ^= *seed << 13
			*seed ^= *seed >> 17
			*seed ^= *seed << 5
			sum += int32(int16(*seed)) + int32(*seed)>>16
		}
		before = gain*(float32(sum)/32768) + tilt[0]*before
		out[i] = before
	}
	return before
}

// plainMultiply: out[i] = x[i]·y[i].
func plainMultiply(out, x, y *block) {
	for i := range out {
		out[i] = x[i] * y[i]
	}
}

// plainTurnDown follows the noise of each bin with its power P = |s[k]|² and turns the bin down. With N = noise[k], but
// noiseLeast at least:
//
//	present     = 1 / (1 + (1+noisePrior)·e^-min(noiseSteep·P/N, mostMinus))
//	presence[k] = noisePresence·presence[k] + (1-noisePresence)·present; where that is above noiseStuck, present is
//	              no more than noiseStuck
//	noise[k]    = noiseTrust·N + (1-noiseTrust)·((1-present)·P + present·N)
//	S           = noiseDecision·speech[k]/N + (1-noiseDecision)·max(0, P/N - 1)
//	gain        = max(noiseFloor, √(S/(1+S)))
//	speech[k]   = gain²·P
//	s[k]        = gain·s[k]
func plainTurnDown(s *spectrum, b *noisyBins) {
	for k := range binLanes {
		power := s.re[k]*s.re[k] + s.im[k]*s.im[k]
		noise := max(b.noise[k], noiseLeast)
		above := power / noise
		present := 1 / (1 + (1+noisePrior)*minusExp(min(noiseSteep*above, mostMinus)))
		b.presence[k] = noisePresence*b.presence[k] + (1-noisePresence)*present
		if b.presence[k] > noiseStuck {
			present = min(present, noiseStuck)
		}
		b.noise[k] = noiseTrust*noise + (1-noiseTrust)*((1-present)*power+present*noise)
		speech := noiseDecision*(b.speech[k]/noise) + (1-noiseDecision)*max(0, above-1)
		gain := max(noiseFloor, float32(math.Sqrt(float64(speech/(1+speech)))))
		b.speech[k] = gain * gain * power
		s.re[k] *= gain
		s.im[k] *= gain
	}
}

// mostMinus is the greatest number that minusExp takes; what it gives for that is nothing beside 1.
const mostMinus = 80

// minusExp is e^-x for x from 0 to mostMinus, to four parts in ten million: 2^-n, n the whole number next to x/ln 2, times
// the first seven terms of the series of e^(n·ln 2 - x).
func minusExp(x float32) float32 {
	n := int32(x*(1/math.Ln2) + 0.5)
	g := float32(n)*ln2High - x + float32(n)*ln2Low
	p := float32(1.0 / 720)
	p = p*g + 1.0/120
	p = p*g + 1.0/24
	p = p*g + 1.0/6
	p = p*g + 1.0/2
	p = p*g + 1
	p = p*g + 1
	return p * math.Float32frombits(uint32(127-n)<<23)
}

// ln 2 in two parts, of which the first times a small whole number is exact.
const (
	ln2High = 0x162e4p-17
	ln2Low  = math.Ln2 - ln2High
)
