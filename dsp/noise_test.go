package dsp

import (
	"fmt"
	"math"
	"math/cmplx"
	"math/rand/v2"
	"testing"
)

// reduced is sound after the reduction, brought back in step with it.
func reduced(sound []int16, block int) []int16 {
	out := append(append([]int16{}, sound...), make([]int16, NoiseDelay)...)
	r := NewNoiseReduction()
	for at := 0; at < len(out); at += block {
		r.Push(out[at:min(at+block, len(out))])
	}
	return out[NoiseDelay:]
}

// TestNoiseReductionLeavesSpeech: what has no noise passes as it is.
func TestNoiseReductionLeavesSpeech(t *testing.T) {
	speech := someSpeech(t, 10)
	if kept := intelligibility(speech, reduced(speech, 80)); kept < 0.99 {
		t.Errorf("of speech without noise %.3f is left", kept)
	}
	for _, block := range []int{80, 160} {
		silent := reduced(make([]int16, 8000), block)
		if Peak(silent) != 0 {
			t.Errorf("silence comes out with a peak of %d", Peak(silent))
		}
	}
}

// TestNoiseReduction: noise goes down, and by the measure of Taal and others (STOI) as much is understood as before.
func TestNoiseReduction(t *testing.T) {
	speech := someSpeech(t, 24)
	r := rand.New(rand.NewPCG(9, 10))
	for _, colour := range []string{"white", "pink"} {
		for _, snr := range []float64{0, 10, 20} {
			noise := noiseOf(r, colour, len(speech), Level(speech)-snr)
			noisy := make([]int16, len(speech))
			for i := range noisy {
				noisy[i] = saturate(float32(speech[i]) + noise[i])
			}
			clean := reduced(noisy, 80)
			before, after := intelligibility(speech, noisy), intelligibility(speech, clean)
			pauses := pausesOf(speech)
			if len(pauses) < 3 {
				t.Fatalf("%d pauses in the speech", len(pauses))
			}
			down := 0.0 // the mean: pink noise has its power in few bins, and no two pauses are alike
			for _, at := range pauses {
				down += (Level(noisy[at:at+pauseLength]) - Level(clean[at:at+pauseLength])) / float64(len(pauses))
			}
			t.Logf("%s noise %2.0f dB below: understood %.3f before, %.3f after; noise in %d pauses %.1f dB down", colour, snr, before, after, len(pauses), down)
			if after < before-0.01 {
				t.Errorf("%s noise %.0f dB below: %.3f is understood, %.3f before", colour, snr, after, before)
			}
			if down < 5 {
				t.Errorf("%s noise %.0f dB below: it goes down by %.1f dB only", colour, snr, down)
			}
		}
	}
}

// someSpeech is so many seconds of recorded prompts, half a second apart, at -20 dBm0.
func someSpeech(t *testing.T, seconds int) []int16 {
	t.Helper()
	var sound []int16
	for _, name := range some(recorded(t, "sounds", 100), 17) {
		said := trimmed(readRecording(t, name))
		if len(said) < SampleRate {
			continue
		}
		gain := math.Pow(10, (-20-Level(said))/20)
		sound = append(sound, make([]int16, SampleRate/2)...)
		for _, x := range said {
			sound = append(sound, saturate(float32(gain*float64(x))))
		}
		if len(sound) > seconds*SampleRate {
			return sound[:seconds*SampleRate]
		}
	}
	t.Fatalf("only %d samples of speech", len(sound))
	return nil
}

const pauseLength = 2400 // 300 ms

// pausesOf is where nobody speaks for so long, from the third second on.
func pausesOf(speech []int16) (pauses []int) {
	for at := 3 * SampleRate; at+pauseLength < len(speech); at += 80 {
		if Peak(speech[at:at+pauseLength]) == 0 {
			pauses = append(pauses, at)
			at += pauseLength
		}
	}
	return pauses
}

// noiseOf is white or pink noise of a level.
func noiseOf(r *rand.Rand, colour string, n int, dBm0 float64) []float32 {
	noise := make([]float32, n)
	var b0, b1, b2, power float64
	for i := range noise {
		x := r.NormFloat64()
		if colour == "pink" { // Kellet's filter, 3 dB an octave
			b0 = 0.99765*b0 + x*0.0990460
			b1 = 0.96300*b1 + x*0.2965164
			b2 = 0.57000*b2 + x*1.0526913
			x = b0 + b1 + b2 + x*0.1848
		}
		noise[i] = float32(x)
		power += x * x
	}
	scale := float32(Amplitude(dBm0) / math.Sqrt2 / math.Sqrt(power/float64(n)))
	for i := range noise {
		noise[i] *= scale
	}
	return noise
}

// intelligibility is the short-time objective intelligibility of heard against said (Taal, Hendriks, Heusdens, Jensen,
// IEEE TASL 19/7, 2011), here on 8 kHz: 32 ms windows every 16 ms, third octaves from 150 Hz, segments of 24 windows, as
// many as come to 384 ms. 1 is all, speech below 0.6 is hard to follow.
func intelligibility(said, heard []int16) float64 {
	const window, hop, segment, bands = 256, 128, 24, 14
	x, y := thirds(said, window, hop, bands), thirds(heard, window, hop, bands)
	loudest := 0.0
	for _, frame := range x {
		loudest = max(loudest, sum(frame))
	}
	var keptX, keptY [][]float64
	for i := range min(len(x), len(y)) {
		if sum(x[i]) > loudest*1e-2 { // 40 dB below the loudest nothing is said: these are amplitudes
			keptX, keptY = append(keptX, x[i]), append(keptY, y[i])
		}
	}
	total, count := 0.0, 0
	for m := segment; m <= len(keptX); m++ {
		for j := range bands {
			a, b := make([]float64, segment), make([]float64, segment)
			var powerA, powerB float64
			for n := range segment {
				a[n], b[n] = keptX[m-segment+n][j], keptY[m-segment+n][j]
				powerA += a[n] * a[n]
				powerB += b[n] * b[n]
			}
			scale := math.Sqrt(powerA / max(powerB, 1e-9))
			for n := range b {
				b[n] = min(b[n]*scale, a[n]*(1+math.Pow(10, 15.0/20)))
			}
			total += correlation(a, b)
			count++
		}
	}
	return total / float64(count)
}

// thirds are the amplitudes of each window in third-octave bands.
func thirds(sound []int16, window, hop, bands int) [][]float64 {
	var frames [][]float64
	for at := 0; at+window <= len(sound); at += hop {
		points := make([]complex128, 2*window)
		for i := range window {
			points[i] = complex(float64(sound[at+i])*0.5*(1-math.Cos(2*math.Pi*float64(i)/float64(window))), 0)
		}
		spectrum := transformed(points)
		frame := make([]float64, bands)
		for j := range frame {
			centre := 150 * math.Pow(2, float64(j)/3)
			low, high := centre*math.Pow(2, -1.0/6), centre*math.Pow(2, 1.0/6)
			power := 0.0
			for k := range window {
				if hz := float64(k) * SampleRate / float64(2*window); hz >= low && hz < high {
					power += real(spectrum[k])*real(spectrum[k]) + imag(spectrum[k])*imag(spectrum[k])
				}
			}
			frame[j] = math.Sqrt(power)
		}
		frames = append(frames, frame)
	}
	return frames
}

// transformed is the discrete Fourier transform, for a power of two.
func transformed(x []complex128) []complex128 {
	if len(x) == 1 {
		return x
	}
	even, odd := make([]complex128, len(x)/2), make([]complex128, len(x)/2)
	for i := range even {
		even[i], odd[i] = x[2*i], x[2*i+1]
	}
	even, odd = transformed(even), transformed(odd)
	out := make([]complex128, len(x))
	for k := range even {
		turn := cmplx.Rect(1, -2*math.Pi*float64(k)/float64(len(x))) * odd[k]
		out[k], out[k+len(even)] = even[k]+turn, even[k]-turn
	}
	return out
}

func sum(of []float64) (total float64) {
	for _, x := range of {
		total += x
	}
	return total
}

func correlation(a, b []float64) float64 {
	meanA, meanB := sum(a)/float64(len(a)), sum(b)/float64(len(b))
	var ab, aa, bb float64
	for i := range a {
		ab += (a[i] - meanA) * (b[i] - meanB)
		aa += (a[i] - meanA) * (a[i] - meanA)
		bb += (b[i] - meanB) * (b[i] - meanB)
	}
	if aa == 0 || bb == 0 {
		return 0
	}
	return ab / math.Sqrt(aa*bb)
}

func TestNoiseReductionDoesNotAllocate(t *testing.T) {
	r, block := NewNoiseReduction(), make([]int16, 160)
	if n := testing.AllocsPerRun(100, func() { r.Push(block) }); n > 0 {
		t.Errorf("%.1f allocations", n)
	}
}

func BenchmarkNoiseReduction20ms(b *testing.B) {
	r, random := NewNoiseReduction(), rand.New(rand.NewPCG(1, 2))
	block := make([]int16, 160)
	for i := range block {
		block[i] = int16(random.NormFloat64() * 500)
	}
	b.ReportAllocs()
	for b.Loop() {
		r.Push(block)
	}
}

// TestMinusExp holds the exponential against the library's.
func TestMinusExp(t *testing.T) {
	for i := range 80001 {
		x := float32(i) / 1000
		got, want := float64(minusExp(x)), math.Exp(-float64(x))
		if math.Abs(got-want) > 4e-7*want {
			t.Fatalf("e^-%g is %g, want %g", x, got, want)
		}
	}
}

func ExampleNoiseReduction() {
	r := NewNoiseReduction()
	block := []int16{100, -100, 100, -100} // what a noisy caller says
	r.Push(block)
	fmt.Println(len(block))
	// Output: 4
}
