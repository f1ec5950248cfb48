package dsp

import (
	"math"
	"slices"
	"testing"
)

// sineAt gives a sine sampled at any rate.
func sineAt(rate int, hz, dBm0 float64, samples int) []int16 {
	s := make([]int16, samples)
	for i := range s {
		s[i] = saturate(float32(Amplitude(dBm0) * math.Sin(2*math.Pi*hz*float64(i)/float64(rate))))
	}
	return s
}

func resampled(t testing.TB, from, to int, src []int16) []int16 {
	t.Helper()
	r, err := NewResampler(from, to)
	if err != nil {
		t.Fatal(err)
	}
	return r.Flush(r.Push(nil, src))
}

func TestResampleTo8000(t *testing.T) {
	for _, from := range []int{6000, 8000, 11025, 12345, 16000, 22050, 24000, 32000, 44100, 48000, 96000, 191999} {
		src := sineAt(from, 1004, -10, from)
		got := resampled(t, from, 8000, src)
		if math.Abs(float64(len(got)-8000)) > 1 {
			t.Errorf("from %d Hz: a second has become %d samples", from, len(got))
		}
		middle := got[400:7600]
		if hz, level := Strongest(middle, 100, 3900); math.Abs(hz-1004) > 1 || math.Abs(level+10) > 0.1 {
			t.Errorf("from %d Hz: 1004 Hz at -10 dBm0 has become %.1f Hz at %.2f", from, hz, level)
		}
		for i, level := range Spectrum(middle) {
			if at := float64(i) * 4000 / 8192; math.Abs(at-1004) > 10 && level > -72 {
				t.Errorf("from %d Hz: %.1f dBm0 at %.0f Hz", from, level, at)
				break
			}
		}
		// In step with the input: the sample at 100 ms is the input's at 100 ms.
		want := Amplitude(-10) * math.Sin(2*math.Pi*1004*0.1)
		if math.Abs(float64(got[800])-want) > 40 {
			t.Errorf("from %d Hz: sample 800 is %d, want %.0f", from, got[800], want)
		}
	}
}

func TestResamplePassAndStop(t *testing.T) {
	for _, from := range []int{16000, 22050, 44100, 48000} {
		for _, hz := range []float64{50, 300, 2000, 3000, 3400} {
			got := resampled(t, from, 8000, sineAt(from, hz, -10, from))
			if level := Goertzel(got[400:7600], hz); math.Abs(level+10) > 0.2 {
				t.Errorf("from %d Hz: %.0f Hz comes at %.2f dBm0, want -10", from, hz, level)
			}
		}
		for _, hz := range []float64{4100, 4600, 5000, 7000, 7900} {
			got := resampled(t, from, 8000, sineAt(from, hz, -10, from))
			if level := Level(got[400:7600]); level > -70 {
				t.Errorf("from %d Hz: %.0f Hz leaves %.1f dBm0, want none", from, hz, level)
			}
		}
	}
}

func TestResampleUp(t *testing.T) {
	got := resampled(t, 8000, 16000, sineAt(8000, 1000, -10, 8000))
	want := sineAt(16000, 1000, -10, 16000)
	for i := 400; i < 15000; i++ {
		if math.Abs(float64(got[i])-float64(want[i])) > 20 {
			t.Fatalf("sample %d is %d, want %d", i, got[i], want[i])
		}
	}
}

func TestResampleBlocks(t *testing.T) {
	src := sineAt(44100, 700, -10, 44100)
	whole := resampled(t, 44100, 8000, src)
	r, err := NewResampler(44100, 8000)
	if err != nil {
		t.Fatal(err)
	}
	var pieces []int16
	for size := 0; len(src) > 0; size = (size*7 + 1) % 5003 {
		n := min(size, len(src))
		pieces = r.Push(pieces, src[:n])
		src = src[n:]
	}
	if pieces = r.Flush(pieces); !slices.Equal(pieces, whole) {
		t.Error("blocks change the sound")
	}
	dst, block := make([]int16, 0, 1000), make([]int16, 882)
	if n := testing.AllocsPerRun(100, func() { dst = r.Push(dst[:0], block) }); n != 0 {
		t.Errorf("%v allocations a block, want 0", n)
	}
}

func TestResampleRates(t *testing.T) {
	for _, c := range [][2]int{{0, 8000}, {-1, 8000}, {8000, 0}, {LowestRate - 1, 8000}, {8000, HighestRate + 1}} {
		if _, err := NewResampler(c[0], c[1]); err == nil {
			t.Errorf("%d to %d Hz is taken", c[0], c[1])
		}
	}
}

func BenchmarkResample20ms(b *testing.B) {
	r, err := NewResampler(48000, 8000)
	if err != nil {
		b.Fatal(err)
	}
	dst, src := make([]int16, 0, 200), make([]int16, 960)
	b.ReportAllocs()
	for b.Loop() {
		dst = r.Push(dst[:0], src)
	}
}
