package hdlc

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// line turns a drawing of a bit stream, first bit left, into the octets of a timeslot. Everything but 0 and 1 is
// layout. The last octet is filled up with ones.
func line(t *testing.T, drawing string) []byte {
	t.Helper()
	var octets []byte
	n := 0
	for _, r := range drawing {
		if r != '0' && r != '1' {
			continue
		}
		if n%8 == 0 {
			octets = append(octets, 0)
		}
		octets[n/8] |= byte(r-'0') << (7 - n%8)
		n++
	}
	for ; n%8 != 0; n++ {
		octets[n/8] |= 1 << (7 - n%8)
	}
	return octets
}

func draw(octets []byte) string {
	var b strings.Builder
	for _, octet := range octets {
		for i := 7; i >= 0; i-- {
			b.WriteByte('0' + octet>>i&1)
		}
	}
	return b.String()
}

// drawings are frames as they cross the line, drawn by hand from Q.921 clause 2; [0] is a stuffed zero. The FCS was
// divided out bit by bit outside this package.
var drawings = []struct {
	name  string
	frame []byte
	bits  string
}{
	{
		"SABME command of the network",
		[]byte{0x02, 0x01, 0x7f},
		"01111110  01000000 10000000 11111[0]110  00111011 10000111  01111110",
	},
	{
		"UA response of the network",
		[]byte{0x00, 0x01, 0x73},
		"01111110  00000000 10000000 11001110  00010000 01111001  01111110",
	},
	{
		"ones to be stuffed",
		[]byte{0x02, 0x01, 0xff, 0xff},
		"01111110  01000000 10000000 11111[0]111 11[0]11111[0]1  00110011 111[0]10110  01111110",
	},
}

func TestEncoderDrawsFrames(t *testing.T) {
	for _, d := range drawings {
		t.Run(d.name, func(t *testing.T) {
			want := line(t, d.bits)
			e := NewEncoder(1)
			if err := e.Send(d.frame); err != nil {
				t.Fatal(err)
			}
			got := make([]byte, len(want))
			e.Fill(got)
			// The drawing ends in the middle of an octet; behind it the next flag begins.
			n := strings.Count(d.bits, "0") + strings.Count(d.bits, "1")
			if draw(got)[:n] != draw(want)[:n] {
				t.Errorf("sent\n%s, drawn\n%s", draw(got)[:n], draw(want)[:n])
			}
		})
	}
}

func TestDecoderReadsDrawings(t *testing.T) {
	for _, d := range drawings {
		t.Run(d.name, func(t *testing.T) {
			frames, counters := receive(NewDecoder(260), line(t, d.bits))
			if len(frames) != 1 || !bytes.Equal(frames[0], d.frame) || counters != (Counters{}) {
				t.Errorf("received % x, %+v; want % x", frames, counters, d.frame)
			}
		})
	}
}

func receive(d *Decoder, octets []byte) ([][]byte, Counters) {
	var frames [][]byte
	d.Push(octets, func(frame []byte) { frames = append(frames, bytes.Clone(frame)) })
	return frames, d.Counters()
}

func TestDecoderCounts(t *testing.T) {
	const flag, sabme = "01111110", "01000000 10000000 111110110 00111011 10000111"
	for _, c := range []struct {
		name   string
		bits   string
		frames int
		want   Counters
	}{
		{"flags only", flag + flag + flag, 0, Counters{}},
		{"flags that share a zero", flag + "1111110" + "1111110" + sabme + flag, 1, Counters{}},
		{"one flag between two frames", flag + sabme + flag + sabme + flag, 2, Counters{}},
		{"no flag before", sabme + flag + sabme + flag, 1, Counters{}},
		{"idle ones, then flags", "11111111 11111111" + flag + sabme + flag, 1, Counters{}},
		{"idle ones after a flag", flag + "11111111 11111111" + flag, 0, Counters{}},
		{"abort", flag + "01000000 1000" + "1111111" + flag + sabme + flag, 1, Counters{Aborts: 1}},
		{"long abort counts once", flag + "01000000 1000" + strings.Repeat("1", 40) + flag, 0, Counters{Aborts: 1}},
		{"bit error", flag + "01000010 10000000 111110110 00111011 10000111" + flag + sabme + flag, 1, Counters{BadFCS: 1}},
		{"a bit too many", flag + sabme + "0" + flag, 0, Counters{BadFrames: 1}},
		{"four octets", flag + "01000000 10000000 00000000 00000000" + flag, 0, Counters{BadFrames: 1}},
		{"three bits", flag + "010" + flag + sabme + flag, 1, Counters{BadFrames: 1}},
		{"too long", flag + strings.Repeat("01010101", 11) + flag + sabme + flag, 1, Counters{BadFrames: 1}},
		{"nothing but zeros", strings.Repeat("0", 400), 0, Counters{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			frames, counters := receive(NewDecoder(8), line(t, c.bits))
			if len(frames) != c.frames || counters != c.want {
				t.Errorf("%d frames, %+v; want %d, %+v", len(frames), counters, c.frames, c.want)
			}
		})
	}
}

// TestFCSCheckValue: 906E is the check value of CRC-16/X-25 over the digits 1 to 9.
func TestFCSCheckValue(t *testing.T) {
	if got := FCS([]byte("123456789")); got != 0x906e {
		t.Errorf("FCS %04x, want 906e", got)
	}
}

func TestIdleIsFlags(t *testing.T) {
	octets := make([]byte, 5)
	NewEncoder(1).Fill(octets)
	if !bytes.Equal(octets, []byte{Flag, Flag, Flag, Flag, Flag}) {
		t.Errorf("idle % x", octets)
	}
}

func TestQueue(t *testing.T) {
	e := NewEncoder(2)
	frame := []byte{2, 1, 0x7f}
	if err := e.Send(frame[:2]); err != LengthError(2) {
		t.Errorf("two octets: %v", err)
	}
	for i, want := range []error{nil, nil, ErrFull} {
		if err := e.Send(frame); !errors.Is(err, want) {
			t.Errorf("frame %d: %v, want %v", i, err, want)
		}
	}
	frame[2] = 0 // the copies are queued
	octets := make([]byte, 16)
	e.Fill(octets)
	if frames, _ := receive(NewDecoder(260), octets); len(frames) != 2 || frames[1][2] != 0x7f {
		t.Errorf("received % x", frames)
	}
	if err := e.Send(frame); err != nil {
		t.Errorf("after sending: %v", err)
	}
}

// TestStream sends frames of every length through ticks of every length.
func TestStream(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	e, d := NewEncoder(4), NewDecoder(264)
	var sent, got [][]byte
	octets := make([]byte, 160)
	for len(got) < 600 {
		frame := make([]byte, MinFrame+random.IntN(262))
		for i := range frame {
			frame[i] = byte(random.Uint32()) | 0x7c // five ones in every octet
		}
		if len(sent) < 600 && e.Send(frame) == nil {
			sent = append(sent, frame)
		}
		tick := octets[:1+random.IntN(160)]
		e.Fill(tick)
		d.Push(tick, func(frame []byte) { got = append(got, bytes.Clone(frame)) })
	}
	if !slices.EqualFunc(sent, got, bytes.Equal) {
		t.Error("frames came out otherwise than they went in")
	}
	if c := d.Counters(); c != (Counters{}) {
		t.Errorf("%+v", c)
	}
}

func TestSteadyStateAllocatesNothing(t *testing.T) {
	e, d := NewEncoder(4), NewDecoder(264)
	frame, octets := bytes.Repeat([]byte{0xff}, 264), make([]byte, 80)
	frames := 0
	deliver := func([]byte) { frames++ }
	tick := func() {
		_ = e.Send(frame) // full most of the time
		e.Fill(octets)
		d.Push(octets, deliver)
	}
	for range 20 {
		tick()
	}
	if n := testing.AllocsPerRun(100, tick); n != 0 {
		t.Errorf("%v allocations a tick", n)
	}
	if frames == 0 {
		t.Error("no frame came through")
	}
}

func FuzzRoundTrip(f *testing.F) {
	f.Add([]byte{2, 1, 0x7f}, uint8(1), uint16(0))
	f.Add(bytes.Repeat([]byte{0xff}, 264), uint8(7), uint16(3))
	f.Add([]byte{0x7e, 0x7e, 0x7e, 0x7e}, uint8(160), uint16(9))
	f.Fuzz(func(t *testing.T, frame []byte, tick uint8, idle uint16) {
		if len(frame) < MinFrame || len(frame) > 264 || tick == 0 {
			return
		}
		e, d := NewEncoder(2), NewDecoder(264)
		octets := make([]byte, tick)
		for range idle % 16 {
			e.Fill(octets[:1])
			d.Push(octets[:1], func([]byte) { t.Fatal("a frame out of flags") })
		}
		if err := errors.Join(e.Send(frame), e.Send(frame)); err != nil {
			t.Fatal(err)
		}
		n := 0
		for range (2*(264+3)*8*6/5)/(8*int(tick)) + 4 { // two frames with FCS and flag, all of them stuffed
			e.Fill(octets)
			d.Push(octets, func(got []byte) {
				n++
				if !bytes.Equal(got, frame) {
					t.Fatalf("sent % x, received % x", frame, got)
				}
			})
		}
		if c := d.Counters(); n != 2 || c != (Counters{}) {
			t.Fatalf("%d frames, %+v", n, c)
		}
	})
}

func FuzzDecoder(f *testing.F) {
	f.Add([]byte{0x7e, 0x40, 0x80, 0xfb, 0x1d, 0xc3, 0xbf})
	f.Add([]byte{0xff, 0x7e, 0x00, 0xff, 0x7e})
	f.Fuzz(func(t *testing.T, octets []byte) {
		d := NewDecoder(16)
		deliver := func(frame []byte) {
			if len(frame) < MinFrame || len(frame) > 16 {
				t.Fatalf("a frame of %d octets", len(frame))
			}
		}
		d.Push(octets, deliver)
		// Whatever came, after an abort and a flag a good frame is received.
		d.Push([]byte{0xff, 0xff, Flag}, deliver)
		e := NewEncoder(1)
		if err := e.Send([]byte{2, 1, 0x7f}); err != nil {
			t.Fatal(err)
		}
		good := make([]byte, 16)
		e.Fill(good)
		n := 0
		d.Push(good, func([]byte) { n++ })
		if n != 1 {
			t.Fatalf("%d frames after recovery", n)
		}
	})
}

func BenchmarkEncoder(b *testing.B) {
	b.ReportAllocs()
	e, octets, frame := NewEncoder(4), make([]byte, 160), make([]byte, 260)
	b.SetBytes(int64(len(octets)))
	for b.Loop() {
		_ = e.Send(frame) // full most of the time
		e.Fill(octets)
	}
}

func BenchmarkDecoder(b *testing.B) {
	b.ReportAllocs()
	e, octets := NewEncoder(4), make([]byte, 160)
	if err := e.Send(make([]byte, 150)); err != nil {
		b.Fatal(err)
	}
	e.Fill(octets)
	b.SetBytes(int64(len(octets)))
	d := NewDecoder(264)
	for b.Loop() {
		d.Push(octets, func([]byte) {})
	}
}
