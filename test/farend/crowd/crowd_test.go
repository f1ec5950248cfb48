package crowd

import (
	"context"
	"encoding/binary"
	"math/rand/v2"
	"net"
	"net/netip"
	"testing"
	"time"

	"trunkbox/dsp"
	"trunkbox/test/farend/sound"
)

var here, there = netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("127.0.0.2")

func newCrowd(t *testing.T, addresses ...netip.Addr) *Crowd {
	t.Helper()
	c, err := New(0, addresses...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// within waits for a condition.
func within(t *testing.T, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for late := time.After(10 * time.Second); !holds(); {
		select {
		case <-tick.C:
		case <-late:
			t.Fatal("in vain: ", what)
		}
	}
}

func speaker() *sound.Sound {
	s, clip := sound.New(dsp.ALaw, -1), make([]byte, dsp.SampleRate)
	for i := range clip {
		clip[i] = byte(rand.Uint32())
	}
	s.PlayClip(clip)
	return s
}

// TestTwoEndsHearEachOther, octet for octet, and a third who is not agreed on is a stranger.
func TestTwoEndsHearEachOther(t *testing.T) {
	c := newCrowd(t, here, there)
	a, b := speaker(), speaker()
	var delay sound.Spread
	a.Follow(b, &delay)
	b.Follow(a, &delay)
	va, vb := c.End(0).Open(a, dsp.ALaw), c.End(1).Open(b, dsp.ALaw)
	va.Agree(c.End(1).Address(), dsp.ALaw, true)
	vb.Agree(c.End(0).Address(), dsp.ALaw, true)
	within(t, "both hear 30 blocks of each other", func() bool {
		na, _, _ := a.Followed()
		nb, _, _ := b.Followed()
		return na >= 30 && nb >= 30
	})
	if counts := delay.Read(); counts.Quantile(0.5) > 500*time.Millisecond {
		t.Errorf("a packet is under way for %v", counts.Quantile(0.5))
	}
	if n := va.Counts(); n.Lost != 0 || n.Sent < 30 || n.Received < 30 {
		t.Errorf("packets %+v", n)
	}

	conn, err := net.Dial("udp4", c.End(0).Address().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, _ = conn.Write(make([]byte, 172))
	within(t, "a stranger is counted", func() bool { return c.Figures().Strange == 1 })

	vb.Close()
	received := func() uint64 { return va.Counts().Received }
	before := received()
	sent := va.Counts().Sent
	within(t, "the other goes on", func() bool { return va.Counts().Sent > sent+3 })
	if after := received(); after > before+1 {
		t.Errorf("a voice that is closed has said %d packets", after-before)
	}
	f := c.Figures()
	if total := f.SendLate; f.Dropped+f.Failed != 0 || total.Total() != f.Sent {
		t.Errorf("figures %+v", f)
	}
}

// TestEveryMillisecondHasItsShare of the voices.
func TestEveryMillisecondHasItsShare(t *testing.T) {
	c := newCrowd(t, here)
	var voices []*Voice
	for range 3 * steps {
		voices = append(voices, c.End(0).Open(speaker(), dsp.ALaw))
	}
	voices[7].Close()
	voices[7] = c.End(0).Open(speaker(), dsp.ALaw)
	c.ask(func() {
		for i, at := range c.phases {
			if len(at) != 3 {
				t.Errorf("millisecond %d has %d voices", i, len(at))
			}
		}
	})
}

// TestFloor: a bare relay gives back what it is given, and at once.
func TestFloor(t *testing.T) {
	ctx, done := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer done()
	counts, err := Floor(ctx, 0, 0, here, there)
	if err != nil || counts.Total() < 20 || counts.Quantile(0.5) > 100*time.Millisecond {
		t.Errorf("%d packets, half of them under %v, %v", counts.Total(), counts.Quantile(0.5), err)
	}
}

// TestFlow: missing packets, late ones and jitter.
func TestFlow(t *testing.T) {
	var f flow
	lost := 0
	for n, sequence := range []uint16{65534, 65535, 2, 1, 3, 4} { // 0 never comes, 1 late
		lost += f.take(sequence, uint32(sequence+2)*octets, int64(n)*int64(spacing))
	}
	if lost != 1 {
		t.Errorf("%d are lost, want 1", lost)
	}
	f = flow{}
	for n := range 400 { // every other packet 4 ms late: 4 ms between any two
		f.take(uint16(n), uint32(n)*octets, int64(n)*int64(spacing)+int64(n%2)*int64(4*time.Millisecond))
	}
	if jitter := time.Duration(f.jitter); jitter < 3900*time.Microsecond || jitter > 4100*time.Microsecond {
		t.Errorf("the jitter is %v, want 4 ms", jitter)
	}
}

func TestSoundOf(t *testing.T) {
	packet := func(first, second byte, rest ...byte) []byte {
		p := make([]byte, headerOctets)
		p[0], p[1] = first, second
		binary.BigEndian.PutUint16(p[2:], 7)
		return append(p, rest...)
	}
	for _, test := range []struct {
		name   string
		packet []byte
		want   string
	}{
		{"plain", packet(0x80, 8, 'a', 'b'), "ab"},
		{"marked, of the other law", packet(0x80, 0x80, 'a'), "a"},
		{"two contributing sources", packet(0x82, 8, 1, 1, 1, 1, 2, 2, 2, 2, 'a'), "a"},
		{"an extension of one word", packet(0x90, 8, 1, 1, 0, 1, 2, 2, 2, 2, 'a'), "a"},
		{"padded", packet(0xa0, 8, 'a', 0, 2), "a"},
		{"padded beyond its beginning", packet(0xa0, 8, 'a', 0, 200), ""},
		{"a key", packet(0x80, 101, 1, 2, 3, 4), ""},
		{"another version", packet(0x40, 8, 'a'), ""},
		{"empty", packet(0x80, 8), ""},
		{"short", []byte{0x80, 8}, ""},
	} {
		_, payload, ok := soundOf(test.packet)
		if ok != (test.want != "") || string(payload) != test.want {
			t.Errorf("%s: %q, %v, want %q", test.name, payload, ok, test.want)
		}
	}
}

func FuzzSoundOf(f *testing.F) {
	f.Add([]byte("\x80\x08\x00\x07\x00\x00\x00\x00\x00\x00\x00\x01sound"))
	f.Add([]byte("\xb2\x08\x00\x07\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x02"))
	f.Fuzz(func(t *testing.T, packet []byte) {
		if _, payload, ok := soundOf(packet); ok && (len(payload) == 0 || len(payload) > len(packet)-headerOctets) {
			t.Errorf("%d octets of sound in %d", len(payload), len(packet))
		}
	})
}
