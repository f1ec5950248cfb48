package dsp

import (
	"math"
	"testing"
)

// TestAGC: speech of -35 to -5 dBm0 comes to within 2 dB of -18 in eight seconds, as far as 15 dB of
// gain go; pauses are not raised further, and nothing is clipped.
func TestAGC(t *testing.T) {
	for _, dBm0 := range []float64{-40, -33, -28, -18, -10, -5} {
		a := NewAGC(-18, 15)
		source := newComposite(dBm0, 4)
		wanted := max(-15, min(15, -18-dBm0))
		var before, after []int16
		block := make([]int16, 160)
		for n := range 600 { // 12 s
			for i := range block {
				block[i] = ALaw.Decode(ALaw.Encode(saturate(float32(source.next()))))
			}
			if n >= 400 {
				before = append(before, block...)
			}
			a.Push(block)
			if Peak(block) > agcPeak {
				t.Fatalf("%.0f dBm0: a peak of %d", dBm0, Peak(block))
			}
			if n >= 400 {
				after = append(after, block...)
			}
		}
		if raised := Level(after) - Level(before); math.Abs(raised-wanted) > 2 || math.Abs(a.GainDB()-wanted) > 2 {
			t.Errorf("%.0f dBm0: raised by %.1f dB (gain %.1f), want %.1f", dBm0, raised, a.GainDB(), wanted)
		}
		gain := a.GainDB()
		noise := noiseSource(-50, 5)
		for range 500 { // a pause of 10 s
			for i := range block {
				block[i] = saturate(float32(noise()))
			}
			a.Push(block)
		}
		if math.Abs(a.GainDB()-gain) > 1 {
			t.Errorf("%.0f dBm0: a pause changes the gain from %.1f to %.1f dB", dBm0, gain, a.GainDB())
		}
	}
}

// TestAGCShout: a shout after soft speech does not exceed the limit, not for a sample.
func TestAGCShout(t *testing.T) {
	a := NewAGC(-18, 15)
	soft, shout := newComposite(-34, 1), newComposite(0, 2)
	block := make([]int16, 160)
	for n := range 700 {
		for i := range block {
			x := soft.next()
			if n > 500 {
				x = shout.next()
			}
			block[i] = saturate(float32(x))
		}
		a.Push(block)
		if Peak(block) > agcPeak {
			t.Fatalf("a peak of %d in block %d", Peak(block), n)
		}
	}
	if a.GainDB() > -10 {
		t.Errorf("4 s after the shouting began the gain is %.1f dB", a.GainDB())
	}
}

// TestAGCSilent: silence stays silence.
func TestAGCSilent(t *testing.T) {
	a, block := NewAGC(-18, 15), make([]int16, 160)
	for range 200 {
		if a.Push(block); Peak(block) != 0 || a.GainDB() != 0 {
			t.Fatalf("a peak of %d, %.1f dB", Peak(block), a.GainDB())
		}
	}
}

func BenchmarkAGC20ms(b *testing.B) {
	a, block, loud := NewAGC(-18, 15), make([]int16, 160), make([]int16, 160)
	source := newComposite(-20, 1)
	for i := range loud {
		loud[i] = int16(source.next())
	}
	b.ReportAllocs()
	for b.Loop() {
		copy(block, loud)
		a.Push(block)
	}
}
