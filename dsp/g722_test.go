package dsp

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"testing"
)

// noisySweep is n samples of two bent tones and noise, by integers alone, so that every machine makes the same.
func noisySweep(n int) []int16 {
	pcm := make([]int16, n)
	seed, a, b := uint32(1), uint32(0), uint32(0)
	for i := range pcm {
		seed = seed*1664525 + 1013904223
		a += uint32(20_000_000 + 3000*i)
		b += 700_000_000
		triangle := func(phase uint32) int32 { return max(int32(phase), -int32(phase+1))>>15 - 32768 }
		loud := []int32{40, 4, 2, 1}[i/2000%4]
		x := (triangle(a)/2 + triangle(b)/4 + int32(int16(seed>>16))/4) / loud
		pcm[i] = int16(saturated(x * 5 / 8))
	}
	return pcm
}

func octetsOf(pcm []int16) []byte {
	b := make([]byte, 0, 2*len(pcm))
	for _, x := range pcm {
		b = binary.LittleEndian.AppendUint16(b, uint16(x))
	}
	return b
}

// The sums are those of what libspandsp 0.0.6 makes of the same samples and octets, compared sample by sample.
func TestG722BitExact(t *testing.T) {
	pcm := noisySweep(32000)
	wide, narrow := make([]byte, len(pcm)/2), make([]byte, len(pcm))
	var e16, e8 G722Encoder
	e16.Encode(wide, pcm)
	e8.EncodeNarrow(narrow, pcm)
	var d16, d8 G722Decoder
	heard16, heard8 := make([]int16, len(pcm)), make([]int16, len(narrow))
	d16.Decode(heard16, wide)
	d8.DecodeNarrow(heard8, narrow)
	for _, c := range []struct {
		what   string
		octets []byte
		want   string
	}{
		{"encoded at 16 kHz", wide, "b5b17fbd6646aac39b6357e8b693ad24"},
		{"encoded at 8 kHz", narrow, "688591a2456ef0ee43e7d4be79872755"},
		{"decoded at 16 kHz", octetsOf(heard16), "82e2bcee9dbf607344da1bb1d8b77b33"},
		{"decoded at 8 kHz", octetsOf(heard8), "66f7a0fad15ae734a681843a353907ed"},
	} {
		if got := fmt.Sprintf("%x", sha256.Sum256(c.octets))[:32]; got != c.want {
			t.Errorf("%s: sum %s, want %s", c.what, got, c.want)
		}
	}
}

// wideSine is a sine of a level at any rate.
func wideSine(rate int, hz, dBm0 float64, n int) []int16 {
	pcm := make([]int16, n)
	for i := range pcm {
		pcm[i] = int16(math.Round(Amplitude(dBm0) * math.Sin(2*math.Pi*hz*float64(i)/float64(rate))))
	}
	return pcm
}

// toneAndRest is the level of one frequency and of all the rest, dBm0.
func toneAndRest(rate int, pcm []int16, hz float64) (tone, rest float64) {
	var c, s, all float64
	for i, x := range pcm {
		angle := 2 * math.Pi * hz * float64(i) / float64(rate)
		c += float64(x) * math.Cos(angle)
		s += float64(x) * math.Sin(angle)
		all += float64(x) * float64(x)
	}
	n := float64(len(pcm))
	power := 2 * (c*c + s*s) / n / n
	return DBm0(power), DBm0(max(all/n-power, 1e-9))
}

func TestG722Tones(t *testing.T) {
	for _, c := range []struct {
		hz, dBm0 float64
		snr      float64 // at least, dB
	}{{300, -10, 38}, {1000, -10, 38}, {1000, -40, 27}, {3400, -10, 33}, {6000, -10, 15}} {
		pcm := wideSine(16000, c.hz, c.dBm0, 32000)
		var e G722Encoder
		var d G722Decoder
		octets := make([]byte, len(pcm)/2)
		e.Encode(octets, pcm)
		heard := make([]int16, len(pcm))
		d.Decode(heard, octets)
		tone, rest := toneAndRest(16000, heard[8000:24000], c.hz)
		if math.Abs(tone-c.dBm0) > 0.6 || tone-rest < c.snr {
			t.Errorf("%v Hz at %v dBm0 comes out with %.1f dBm0, noise %.1f dB below; want %v", c.hz, c.dBm0, tone, tone-rest, c.snr)
		}
	}
}

// A party of 8 kHz and a phone of 16 kHz hear each other at the right level, and nothing above 4 kHz folds down.
func TestG722JoinsNarrowAndWide(t *testing.T) {
	for _, hz := range []float64{300, 1000, 3000} {
		var e G722Encoder
		var d G722Decoder
		octets, wide := make([]byte, 16000), make([]int16, 32000)
		e.EncodeNarrow(octets, wideSine(8000, hz, -10, len(octets)))
		d.Decode(wide, octets)
		if tone, rest := toneAndRest(16000, wide[8000:24000], hz); math.Abs(tone+10) > 0.6 || tone-rest < 20 {
			t.Errorf("%v Hz to a wide-band phone: %.1f dBm0, the rest %.1f", hz, tone, rest)
		}
		e, d = G722Encoder{}, G722Decoder{}
		narrow := make([]int16, 16000)
		e.Encode(octets, wideSine(16000, hz, -10, 2*len(octets)))
		d.DecodeNarrow(narrow, octets)
		if tone, rest := toneAndRest(8000, narrow[4000:12000], hz); math.Abs(tone+10) > 0.6 || tone-rest < 20 {
			t.Errorf("%v Hz from a wide-band phone: %.1f dBm0, the rest %.1f", hz, tone, rest)
		}
	}
	var e G722Encoder
	var d G722Decoder
	octets, narrow := make([]byte, 16000), make([]int16, 16000)
	e.Encode(octets, wideSine(16000, 6000, -10, 2*len(octets)))
	d.DecodeNarrow(narrow, octets)
	if level := Level(narrow[4000:]); level > -45 {
		t.Errorf("6000 Hz is heard with %.1f dBm0 in a narrow band", level)
	}
}

func TestG722DoesNotAllocate(t *testing.T) {
	var e G722Encoder
	var d G722Decoder
	pcm, octets := wideSine(8000, 500, -10, 160), make([]byte, 160)
	if n := testing.AllocsPerRun(100, func() {
		e.EncodeNarrow(octets, pcm)
		d.DecodeNarrow(pcm, octets)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzG722Decode(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 0xFF, 0x80, 0x3E, 0x3F})
	f.Fuzz(func(t *testing.T, octets []byte) {
		var wide, narrow G722Decoder
		pcm := make([]int16, 2*len(octets))
		if n := wide.Decode(pcm, octets); n != len(pcm) {
			t.Fatalf("%d samples of %d octets", n, len(octets))
		}
		narrow.DecodeNarrow(pcm, octets)
		if c := wide.low; len(octets) > 0 && (c.det < 4 || c.det > 1<<15) || c.a[2] < -12288 || c.a[2] > 12288 {
			t.Fatalf("step %d, poles %v", c.det, c.a)
		}
	})
}

func BenchmarkG722Narrow(b *testing.B) {
	var e G722Encoder
	var d G722Decoder
	pcm, octets := wideSine(8000, 500, -10, 160), make([]byte, 160)
	b.ReportAllocs()
	for b.Loop() {
		e.EncodeNarrow(octets, pcm)
		d.DecodeNarrow(pcm, octets)
	}
}
