package dsp

import "math"

// The transform of the echo canceller: 160 real samples to 81 bins of 50 Hz and back, of its own
// because it must cost next to nothing.
//
//	x[0] x[1] | x[2] x[3] | ... x[158] x[159]      160 samples, even ones real, odd ones imaginary:
//	   z[0]   |    z[1]   | ...      z[79]          80 complex points, transformed by 5 x 4 x 4,
//	Z[k], Z[80-k]  ->  X[k], X[80-k]                parted into the two halves' spectra and joined
//
// Each of the three passes reads one array and writes the other in the order the next one wants, so
// that nothing is ever reordered. What stands here is the plain form, for any machine; lanes.go tells
// of the other one, which gives the same bits.
const (
	echoBlock  = 80            // samples that a transform advances by: 10 ms
	echoWindow = 2 * echoBlock // samples that it sees
	echoBins   = echoBlock + 1
)

// spectrum is the transform of echoWindow real samples. Bin k is at 50·k Hz.
type spectrum struct{ re, im bins }

// shortSpectrum is a spectrum in half the memory: the upper halves of its numbers, which are right to one part in 256. An
// echo that is reckoned from two of them is 53 dB above its error; the companding's own noise lies 15 dB above that.
type shortSpectrum struct{ re, im shortBins }

// points are the complex points inside the transform.
type points struct{ re, im [echoBlock]float32 }

// The turns of the passes; where lanes are worked on together, their turns lie together.
var (
	turn5 = func() (t [4]struct{ re, im [16]float32 }) { // after the pass of fives: lane i, part j turns by i·(j+1)/80
		for j := range t {
			for i := range t[j].re {
				w := turnOf(i*(j+1), 80)
				t[j].re[i], t[j].im[i] = w.re, w.im
			}
		}
		return t
	}()
	turn4 = func() (t [3]struct{ re, im [8]float32 }) { // after the first pass of fours: by i·(j+1)/16, twice four lanes
		for j := range t {
			for i := range t[j].re {
				w := turnOf(i%4*(j+1), 16)
				t[j].re[i], t[j].im[i] = w.re, w.im
			}
		}
		return t
	}()
	turn2 = func() (t halfTurns) { // between even and odd samples: by k/160
		for k := range t.re {
			w := turnOf(k, echoWindow)
			t.re[k], t.im[k] = w.re, w.im
		}
		return t
	}()
)

// halfTurns are the turns by k/160, up to a quarter of the whole.
type halfTurns struct{ re, im [echoBlock/2 + 1]float32 }

// turnOf is e^(-j 2π n/of).
func turnOf(n, of int) phasor {
	sin, cos := math.Sincos(2 * math.Pi * float64(n) / float64(of))
	return phasor{float32(cos), float32(-sin)}
}

// Cosines and sines of a fifth and two fifths of a turn.
var (
	cos1 = float32(math.Cos(2 * math.Pi / 5))
	cos2 = float32(math.Cos(4 * math.Pi / 5))
	sin1 = float32(math.Sin(2 * math.Pi / 5))
	sin2 = float32(math.Sin(4 * math.Pi / 5))
)

// fives is the first pass.
func fives(out, in *points) {
	for i := range turn5[0].re {
		w := func(part int) phasor { return phasor{turn5[part].re[i], turn5[part].im[i]} }
		ar, ai := in.re[i], in.im[i]
		br, bi := in.re[i+16]+in.re[i+64], in.im[i+16]+in.im[i+64]
		cr, ci := in.re[i+32]+in.re[i+48], in.im[i+32]+in.im[i+48]
		dr, di := in.re[i+16]-in.re[i+64], in.im[i+16]-in.im[i+64]
		er, ei := in.re[i+32]-in.re[i+48], in.im[i+32]-in.im[i+48]
		pr, pi := ar+cos1*br+cos2*cr, ai+cos1*bi+cos2*ci
		qr, qi := ar+cos2*br+cos1*cr, ai+cos2*bi+cos1*ci
		rr, ri := sin1*dr+sin2*er, sin1*di+sin2*ei
		sr, si := sin2*dr-sin1*er, sin2*di-sin1*ei
		out.re[i], out.im[i] = ar+br+cr, ai+bi+ci
		out.re[i+16], out.im[i+16] = turned(pr+ri, pi-rr, w(0))
		out.re[i+32], out.im[i+32] = turned(qr+si, qi-sr, w(1))
		out.re[i+48], out.im[i+48] = turned(qr-si, qi+sr, w(2))
		out.re[i+64], out.im[i+64] = turned(pr-ri, pi+rr, w(3))
	}
}

func turned(re, im float32, w phasor) (float32, float32) {
	return re*w.re - im*w.im, re*w.im + im*w.re
}

// fours is the second pass: five groups of sixteen.
func fours(out, in *points) {
	for k := range 5 {
		for i := range 4 {
			w := func(part int) phasor { return phasor{turn4[part].re[i], turn4[part].im[i]} }
			at := i + 16*k
			ar, ai := in.re[at]+in.re[at+8], in.im[at]+in.im[at+8]
			br, bi := in.re[at]-in.re[at+8], in.im[at]-in.im[at+8]
			cr, ci := in.re[at+4]+in.re[at+12], in.im[at+4]+in.im[at+12]
			dr, di := in.re[at+4]-in.re[at+12], in.im[at+4]-in.im[at+12]
			to := i + 4*k
			out.re[to], out.im[to] = ar+cr, ai+ci
			out.re[to+20], out.im[to+20] = turned(br+di, bi-dr, w(0))
			out.re[to+40], out.im[to+40] = turned(ar-cr, ai-ci, w(1))
			out.re[to+60], out.im[to+60] = turned(br-di, bi+dr, w(2))
		}
	}
}

// lastFours is the third pass: twenty groups of four.
func lastFours(out, in *points) {
	for k := range 20 {
		r, m := (*[4]float32)(in.re[4*k:]), (*[4]float32)(in.im[4*k:])
		ar, ai, br, bi := r[0]+r[2], m[0]+m[2], r[0]-r[2], m[0]-m[2]
		cr, ci, dr, di := r[1]+r[3], m[1]+m[3], r[1]-r[3], m[1]-m[3]
		out.re[k], out.im[k] = ar+cr, ai+ci
		out.re[k+20], out.im[k+20] = br+di, bi-dr
		out.re[k+40], out.im[k+40] = ar-cr, ai-ci
		out.re[k+60], out.im[k+60] = br-di, bi+dr
	}
}

func (z *points) transform() {
	var a points
	fives(&a, z)
	fours(z, &a)
	lastFours(&a, z)
	*z = a
}

// of sets the spectrum to that of 160 samples, the first and the second half of a window.
func (s *spectrum) of(first, second *block) { transform(s, first, second) }

// samples gives the two halves of the window that the spectrum is of.
func (s *spectrum) samples(first, second *block) { transformBack(s, first, second) }

// plainTransform is what of tells.
func plainTransform(s *spectrum, first, second *block) {
	var z points
	for i := range echoBlock / 2 {
		z.re[i], z.im[i] = first[2*i], first[2*i+1]
		z.re[i+echoBlock/2], z.im[i+echoBlock/2] = second[2*i], second[2*i+1]
	}
	z.transform()
	s.re[0], s.im[0] = z.re[0]+z.im[0], 0
	s.re[echoBlock], s.im[echoBlock] = z.re[0]-z.im[0], 0
	for k := 1; k <= echoBlock/2; k++ {
		n := echoBlock - k
		er, ei := (z.re[k]+z.re[n])/2, (z.im[k]-z.im[n])/2 // spectrum of the even samples
		or, oi := (z.im[k]+z.im[n])/2, (z.re[n]-z.re[k])/2 // and of the odd ones
		tr, ti := turned(or, oi, phasor{turn2.re[k], turn2.im[k]})
		s.re[k], s.im[k] = er+tr, ei+ti
		s.re[n], s.im[n] = er-tr, ti-ei
	}
}

// plainTransformBack is what samples tells.
func plainTransformBack(s *spectrum, first, second *block) {
	const scale = 1.0 / echoWindow
	// The transform of the conjugate is the conjugate of the way back.
	var z points
	z.re[0], z.im[0] = (s.re[0]+s.re[echoBlock])*scale, -(s.re[0]-s.re[echoBlock])*scale
	for k := 1; k <= echoBlock/2; k++ {
		n := echoBlock - k
		er, ei := s.re[k]+s.re[n], s.im[k]-s.im[n]
		dr, di := s.re[k]-s.re[n], s.im[k]+s.im[n]
		or, oi := turned(dr, di, phasor{turn2.re[k], -turn2.im[k]})
		z.re[k], z.im[k] = (er-oi)*scale, -(ei+or)*scale
		z.re[n], z.im[n] = (er+oi)*scale, -(or-ei)*scale
	}
	z.transform()
	const half = echoBlock / 2
	for i := range half {
		first[2*i], first[2*i+1] = z.re[i], -z.im[i]
		second[2*i], second[2*i+1] = z.re[i+half], -z.im[i+half]
	}
}
