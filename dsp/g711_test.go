package dsp

import (
	"math"
	"slices"
	"testing"
)

// laws are both, for tests that hold on either.
var laws = []Law{ALaw, MuLaw}

func TestKnownOctets(t *testing.T) {
	for _, c := range []struct {
		law    Law
		octet  byte
		sample int16
	}{
		{ALaw, 0xD5, 8},
		{ALaw, 0x55, -8},
		{ALaw, 0xAA, 32256},
		{ALaw, 0x2A, -32256},
		{ALaw, 0xD4, 24},
		{ALaw, 0xC5, 264},
		{ALaw, 0xF5, 528},
		{ALaw, 0x80, 5504},
		{MuLaw, 0xFF, 0},
		{MuLaw, 0x7F, 0},
		{MuLaw, 0x80, 32124},
		{MuLaw, 0x00, -32124},
		{MuLaw, 0xFE, 8},
		{MuLaw, 0x7E, -8},
		{MuLaw, 0xEF, 132},
		{MuLaw, 0x9F, 8316},
	} {
		if got := c.law.Decode(c.octet); got != c.sample {
			t.Errorf("%v Decode(%#02x) = %d, want %d", c.law, c.octet, got, c.sample)
		}
	}
}

// decisionValues are columns 2 to 4 of Tables 1a and 2a/G.711 spelt out: the number of intervals in
// a segment and their width, from zero outwards, in 16-bit units.
var decisionValues = map[Law][]struct{ intervals, width int }{
	ALaw:  {{32, 16}, {16, 32}, {16, 64}, {16, 128}, {16, 256}, {16, 512}, {16, 1024}},
	MuLaw: {{1, 4}, {15, 8}, {16, 16}, {16, 32}, {16, 64}, {16, 128}, {16, 256}, {16, 512}, {16, 1024}},
}

func TestEveryInterval(t *testing.T) {
	for _, law := range laws {
		octetOf := func(n int, negative bool) byte {
			octet := byte(n) | 0x80
			if negative {
				octet = byte(n)
			}
			if law == ALaw {
				return octet ^ 0x55
			}
			return octet ^ 0x7F
		}
		n, low := 0, 0
		for _, row := range decisionValues[law] {
			for range row.intervals {
				high := low + row.width
				for x := low; x < high && x <= 32767; x++ {
					if got := law.Encode(int16(x)); got != octetOf(n, false) {
						t.Fatalf("%v Encode(%d) = %#02x, want %#02x", law, x, got, octetOf(n, false))
					}
					if got := law.Encode(int16(^x)); got != octetOf(n, true) {
						t.Fatalf("%v Encode(%d) = %#02x, want %#02x", law, ^x, got, octetOf(n, true))
					}
				}
				middle := (low + high) / 2
				if n == 0 && law == MuLaw {
					middle = 0
				}
				if got := int(law.Decode(octetOf(n, false))); got != middle {
					t.Fatalf("%v Decode(%#02x) = %d, want the middle %d", law, octetOf(n, false), got, middle)
				}
				if got := int(law.Decode(octetOf(n, true))); got != -middle {
					t.Fatalf("%v Decode(%#02x) = %d, want %d", law, octetOf(n, true), got, -middle)
				}
				n, low = n+1, high
			}
		}
		if n != 128 {
			t.Errorf("%v has %d intervals, want 128", law, n)
		}
		if got := law.Encode(32767); got != octetOf(127, false) {
			t.Errorf("%v Encode(32767) = %#02x", law, got)
		}
		if got := law.Encode(-32768); got != octetOf(127, true) {
			t.Errorf("%v Encode(-32768) = %#02x", law, got)
		}
	}
}

func TestRoundTrip(t *testing.T) {
	for _, law := range laws {
		for i := range 256 {
			octet := byte(i)
			want := octet
			if law == MuLaw && octet == 0x7F {
				want = 0xFF // both zeros decode to 0
			}
			if got := law.Encode(law.Decode(octet)); got != want {
				t.Errorf("%v: %#02x comes back as %#02x", law, octet, got)
			}
		}
	}
}

// TestSineDigitalMilliwatt checks Table 5 and 6/G.711: the eight octets of the 1 kHz sine at 0 dBm0.
func TestSineDigitalMilliwatt(t *testing.T) {
	for law, octets := range map[Law][]byte{
		ALaw:  {0x34, 0x21, 0x21, 0x34, 0xB4, 0xA1, 0xA1, 0xB4},
		MuLaw: {0x1E, 0x0B, 0x0B, 0x1E, 0x9E, 0x8B, 0x8B, 0x9E},
	} {
		var power float64
		for _, octet := range octets {
			power += math.Pow(float64(law.Decode(octet)), 2) / float64(len(octets))
		}
		overload := map[Law]float64{ALaw: 3.14, MuLaw: 3.17}[law]
		peak := map[Law]float64{ALaw: 4096 * 8, MuLaw: 8159 * 4}[law]
		dBm0 := 10*math.Log10(power/(peak*peak/2)) + overload
		if math.Abs(dBm0) > 0.05 {
			t.Errorf("%v: the digital milliwatt measures %.3f dBm0", law, dBm0)
		}
	}
}

// crossingRuns are Tables 3 and 4/G.711 written as runs, numbers of decoder outputs and encoder
// decisions counted from 0: {first, count, value of first, step every how many, rise a step}.
var crossingRuns = map[Law][]struct{ first, count, value, hold, rise int }{
	MuLaw: {
		{0, 16, 0, 2, 1},
		{16, 17, 8, 1, 1},
		{33, 3, 26, 1, 2},
		{36, 12, 32, 1, 1},
		{48, 1, 45, 1, 0},
		{49, 15, 47, 1, 1},
		{64, 17, 63, 1, 1},
		{81, 47, 81, 1, 1},
	},
	ALaw: {
		{0, 8, 1, 1, 2},
		{8, 16, 16, 1, 1},
		{24, 8, 32, 2, 1},
		{32, 12, 36, 1, 1},
		{44, 4, 48, 2, 1},
		{48, 14, 50, 1, 1},
		{62, 2, 64, 1, 0},
		{64, 16, 65, 1, 1},
		{80, 48, 80, 1, 1},
	},
}

func TestTranscodeTables(t *testing.T) {
	invert := map[Law]byte{ALaw: 0x55, MuLaw: 0x7F}
	for _, from := range laws {
		to := 1 - from
		seen := 0
		for _, run := range crossingRuns[from] {
			for i := range run.count {
				magnitude, want := byte(run.first+i), byte(run.value+i/run.hold*run.rise)
				for _, sign := range []byte{0, 0x80} {
					src := []byte{(magnitude | sign) ^ invert[from]}
					dst := make([]byte, 1)
					Transcode(dst, src, from, to)
					if got := dst[0] ^ invert[to]; got != want|sign {
						t.Errorf("%v %d -> %v %d, want %d (sign %#x)", from, magnitude, to, got&0x7F, want, sign)
					}
				}
				seen++
			}
		}
		if seen != 128 {
			t.Errorf("the table from %v has %d rows, want 128", from, seen)
		}
	}
}

// TestTranscodeTwice: above the first segments a double crossing changes an octet by one step at
// most, and the error never exceeds the coarser law's interval.
func TestTranscodeTwice(t *testing.T) {
	for _, from := range laws {
		for i := range 256 {
			once, twice := make([]byte, 1), make([]byte, 1)
			Transcode(once, []byte{byte(i)}, from, 1-from)
			Transcode(twice, once, 1-from, from)
			was, is := float64(from.Decode(byte(i))), float64(from.Decode(twice[0]))
			if math.Abs(was-is) > 16+math.Abs(was)/16 {
				t.Errorf("%v %#02x: %.0f becomes %.0f after crossing twice", from, i, was, is)
			}
		}
	}
}

func TestBlocks(t *testing.T) {
	src := make([]byte, 256)
	for i := range src {
		src[i] = byte(i)
	}
	for _, law := range laws {
		samples := make([]int16, 256)
		law.Expand(samples, src)
		octets := make([]byte, 256)
		law.Compress(octets, samples)
		for i := range src {
			if samples[i] != law.Decode(src[i]) || octets[i] != law.Encode(samples[i]) {
				t.Fatalf("%v: block and single octet differ at %d", law, i)
			}
		}
		same := make([]byte, 256)
		Transcode(same, src, law, law)
		if !slices.Equal(same, src) {
			t.Errorf("%v to itself is not a copy", law)
		}
		law.Expand(samples[:3], src) // the shorter slice rules
		law.Compress(octets, samples[:3])
		Transcode(octets[:0], src, law, 1-law)
	}
	if got := ALaw.Decode(ALaw.Silence()); got != 8 {
		t.Errorf("A-law silence decodes to %d", got)
	}
	if got := MuLaw.Decode(MuLaw.Silence()); got != 0 {
		t.Errorf("µ-law silence decodes to %d", got)
	}
	if ALaw.String() != "A-law" || MuLaw.String() != "µ-law" || Law(7).String() != "law 7" {
		t.Errorf("names: %v %v %v", ALaw, MuLaw, Law(7))
	}
}

func TestG711Allocates(t *testing.T) {
	src, dst, samples := make([]byte, 160), make([]byte, 160), make([]int16, 160)
	n := testing.AllocsPerRun(100, func() {
		Transcode(dst, src, ALaw, MuLaw)
		ALaw.Expand(samples, src)
		MuLaw.Compress(dst, samples)
	})
	if n != 0 {
		t.Errorf("%v allocations a block, want 0", n)
	}
}

func BenchmarkTranscode20ms(b *testing.B) {
	src, dst := make([]byte, 160), make([]byte, 160)
	b.ReportAllocs()
	b.SetBytes(160)
	for b.Loop() {
		Transcode(dst, src, ALaw, MuLaw)
	}
}

func BenchmarkExpandCompress20ms(b *testing.B) {
	src, samples := make([]byte, 160), make([]int16, 160)
	b.ReportAllocs()
	b.SetBytes(160)
	for b.Loop() {
		ALaw.Expand(samples, src)
		ALaw.Compress(src, samples)
	}
}
