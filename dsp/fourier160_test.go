package dsp

import (
	"math"
	"math/cmplx"
	"math/rand/v2"
	"testing"
)

// TestSpectrum160 holds the transform against its definition, and the way back against the samples.
func TestSpectrum160(t *testing.T) {
	random := rand.New(rand.NewPCG(160, 1))
	for range 20 {
		var x [2][echoBlock]float32
		for i := range echoWindow {
			x[i/echoBlock][i%echoBlock] = float32(random.NormFloat64() * 1000)
		}
		var s spectrum
		s.of(&x[0], &x[1])
		for k := range echoBins {
			var want complex128
			for n := range echoWindow {
				want += complex(float64(x[n/echoBlock][n%echoBlock]), 0) * cmplx.Rect(1, -2*math.Pi*float64(n*k)/echoWindow)
			}
			if got := complex(float64(s.re[k]), float64(s.im[k])); cmplx.Abs(got-want) > 0.05 {
				t.Fatalf("bin %d is %v, want %v", k, got, want)
			}
		}
		var back [2][echoBlock]float32
		s.samples(&back[0], &back[1])
		for i := range echoWindow {
			if got, want := back[i/echoBlock][i%echoBlock], x[i/echoBlock][i%echoBlock]; math.Abs(float64(got-want)) > 0.005 {
				t.Fatalf("sample %d comes back as %v, want %v", i, got, want)
			}
		}
	}
}

func BenchmarkSpectrum160(b *testing.B) {
	var x [2][echoBlock]float32
	for i := range echoWindow {
		x[i/echoBlock][i%echoBlock] = float32(i * i % 37)
	}
	var s spectrum
	b.ReportAllocs()
	for b.Loop() {
		s.of(&x[0], &x[1])
	}
}

func BenchmarkSpectrum160Back(b *testing.B) {
	var x [2][echoBlock]float32
	var s spectrum
	s.re[3] = 1000
	b.ReportAllocs()
	for b.Loop() {
		s.samples(&x[0], &x[1])
	}
}

// TestShortSpectrum: what is kept short is right to one part in 256, of any size, and nothing stays nothing.
func TestShortSpectrum(t *testing.T) {
	random := rand.New(rand.NewPCG(16, 32))
	for range 1000 {
		var s, back spectrum
		var short shortSpectrum
		for k := range echoBins {
			s.re[k], s.im[k] = float32(random.NormFloat64()*math.Pow(10, 12*random.Float64()-5)), float32(random.NormFloat64())
		}
		pack(&short, &s)
		unpack(&back, &short)
		for k := range binLanes {
			for _, x := range [2][2]float32{{s.re[k], back.re[k]}, {s.im[k], back.im[k]}} {
				if off := math.Abs(float64(x[1] - x[0])); off > math.Abs(float64(x[0]))/255.9 {
					t.Fatalf("%g comes back as %g", x[0], x[1])
				}
			}
		}
	}
}
