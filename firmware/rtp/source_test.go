package rtp

import (
	"net/netip"
	"testing"
	"time"
)

const packetTime = 20 * time.Millisecond

func TestSourceCounts(t *testing.T) {
	for _, c := range []struct {
		name       string
		sequence   []uint16
		lost       uint64
		duplicates int
	}{
		{"in order", []uint16{1, 2, 3, 4}, 0, 0},
		{"one lost", []uint16{1, 2, 4, 5}, 1, 0},
		{"reordered", []uint16{1, 3, 2, 4}, 0, 0},
		{"duplicate", []uint16{1, 2, 2, 3, 1}, 0, 2},
		{"wraps", []uint16{65533, 65534, 65535, 0, 1, 2}, 0, 0},
		{"lost at the wrap", []uint16{65534, 65535, 1, 2}, 1, 0},
		{"reordered at the wrap", []uint16{65534, 0, 65535, 1}, 0, 0},
		{"sender began anew", []uint16{1, 2, 30000, 30001}, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			var s source
			duplicates := 0
			for i, seq := range c.sequence {
				if s.packet(7, seq, uint32(i)*160, time.Duration(i)*packetTime) == repeated {
					duplicates++
				}
			}
			if s.lost() != c.lost || duplicates != c.duplicates {
				t.Errorf("lost %d, duplicates %d; want %d, %d", s.lost(), duplicates, c.lost, c.duplicates)
			}
		})
	}
}

func TestSourceJitter(t *testing.T) {
	var s source
	now := time.Duration(0)
	for i := range uint16(500) {
		late := time.Duration(0)
		if i%2 == 1 {
			late = 10 * time.Millisecond
		}
		s.packet(7, i, uint32(i)*160, now+late)
		now += packetTime
	}
	if j := s.jitter(); j < 76 || j > 80 {
		t.Errorf("jitter %d samples for packets 10 ms late every other time, want 80", j)
	}
	if v := s.packet(8, 0, 0, now); v != restarted || s.jitter() != 0 {
		t.Errorf("another SSRC: verdict %d, jitter %d", v, s.jitter())
	}
}

func TestSourceInterim(t *testing.T) {
	var s source
	for i := range uint16(100) {
		if i%4 != 3 {
			s.packet(1, i, uint32(i)*160, time.Duration(i)*packetTime)
		}
	}
	if f := s.interim(); f < 60 || f > 66 { // 24 of 98 in 256ths
		t.Errorf("fraction lost %d/256, want about 63", f)
	}
	for i := uint16(100); i < 200; i++ {
		s.packet(1, i, uint32(i)*160, time.Duration(i)*packetTime)
	}
	if f := s.interim(); f > 3 {
		t.Errorf("fraction lost %d/256 in a good interval", f)
	}
}

func TestLatch(t *testing.T) {
	sdp := netip.MustParseAddrPort("10.0.0.5:4000")
	nat := netip.MustParseAddrPort("198.51.100.7:31000")
	thief := netip.MustParseAddrPort("203.0.113.66:1")
	type step struct {
		from   netip.AddrPort
		ssrc   uint32
		seq    uint16
		at     time.Duration
		heard  bool
		moved  bool
		newSDP bool
	}
	for _, c := range []struct {
		name  string
		steps []step
	}{
		{"the address of the SDP at once", []step{
			{from: sdp, ssrc: 1, seq: 9, heard: true, moved: true},
			{from: sdp, ssrc: 1, seq: 10, heard: true},
		}},
		{"a phone beyond a NAT after four in sequence", []step{
			{from: nat, ssrc: 1, seq: 9},
			{from: nat, ssrc: 1, seq: 10},
			{from: nat, ssrc: 1, seq: 11},
			{from: nat, ssrc: 1, seq: 12, heard: true, moved: true},
			{from: sdp, ssrc: 1, seq: 13}, // not any more
		}},
		{"random packets of a stranger never", []step{
			{from: thief, ssrc: 1, seq: 9},
			{from: thief, ssrc: 2, seq: 10},
			{from: thief, ssrc: 2, seq: 50},
			{from: thief, ssrc: 2, seq: 51},
			{from: thief, ssrc: 2, seq: 53},
			{from: thief, ssrc: 3, seq: 54},
		}},
		{"a thief cannot take a live call", []step{
			{from: sdp, ssrc: 1, seq: 9, heard: true, moved: true},
			{from: thief, ssrc: 1, seq: 10},
			{from: thief, ssrc: 1, seq: 11},
			{from: thief, ssrc: 1, seq: 12},
			{from: thief, ssrc: 1, seq: 13, at: time.Second},
			{from: thief, ssrc: 1, seq: 14, at: time.Second},
			{from: sdp, ssrc: 1, seq: 11, at: time.Second, heard: true},
		}},
		{"a phone whose NAT gave it another port after a silence", []step{
			{from: nat, ssrc: 1, seq: 1},
			{from: nat, ssrc: 1, seq: 2},
			{from: nat, ssrc: 1, seq: 3},
			{from: nat, ssrc: 1, seq: 4, heard: true, moved: true},
			{from: thief, ssrc: 1, seq: 5, at: 3 * time.Second},
			{from: thief, ssrc: 1, seq: 6, at: 3 * time.Second},
			{from: thief, ssrc: 1, seq: 7, at: 3 * time.Second},
			{from: thief, ssrc: 1, seq: 8, at: 3 * time.Second, heard: true, moved: true},
		}},
		{"a new SDP begins anew", []step{
			{from: nat, ssrc: 1, seq: 1},
			{from: nat, ssrc: 1, seq: 2},
			{from: nat, ssrc: 1, seq: 3},
			{from: nat, ssrc: 1, seq: 4, heard: true, moved: true},
			{newSDP: true, from: sdp, ssrc: 5, seq: 1, heard: true, moved: true},
			{from: nat, ssrc: 1, seq: 5},
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var l latch
			l.reset(sdp)
			for i, s := range c.steps {
				if s.newSDP {
					l.reset(sdp)
				}
				if heard, moved := l.accept(s.from, s.ssrc, s.seq, s.at); heard != s.heard || moved != s.moved {
					t.Errorf("packet %d from %v: heard %v moved %v, want %v %v", i, s.from, heard, moved, s.heard, s.moved)
				}
			}
		})
	}
}

func TestKeysEachExactlyOnce(t *testing.T) {
	event := func(key byte, end bool, duration uint16) []byte {
		b := []byte{key, 10, byte(duration >> 8), byte(duration)}
		if end {
			b[1] |= 0x80
		}
		return b
	}
	type packet struct {
		stamp   uint32
		payload []byte
	}
	for _, c := range []struct {
		name    string
		packets []packet
		want    string
	}{
		{"a whole key", []packet{
			{100, event(5, false, 160)},
			{100, event(5, false, 320)},
			{100, event(5, true, 480)},
			{100, event(5, true, 480)},
			{100, event(5, true, 480)},
		}, "5"},
		{"the same key twice", []packet{
			{100, event(5, false, 160)},
			{100, event(5, true, 480)},
			{900, event(5, false, 160)},
			{900, event(5, true, 480)},
			{900, event(5, true, 480)},
		}, "55"},
		{"only the last of three ends arrives", []packet{{100, event(11, true, 480)}}, "#"},
		{"the end of a key after the next began", []packet{
			{100, event(1, false, 160)},
			{900, event(2, false, 160)},
			{100, event(1, true, 480)},
			{900, event(2, true, 480)},
		}, "12"},
		{"reordered within a key", []packet{
			{100, event(1, false, 320)},
			{100, event(1, false, 160)},
			{100, event(1, true, 480)},
			{100, event(1, false, 400)},
		}, "1"},
		{"held for more than 8 s", []packet{
			{100, event(10, false, 0xFFFF)},
			{100 + 0xFFFF, event(10, false, 160)},
			{100 + 0xFFFF, event(10, true, 320)},
		}, "*"},
		{"the timestamp wraps", []packet{{0xFFFFFF00, event(1, true, 400)}, {0x100, event(2, true, 400)}}, "12"},
		{"not DTMF", []packet{{100, event(16, true, 400)}, {200, event(36, false, 400)}}, ""},
		{"too short", []packet{{100, []byte{1, 2, 3}}, {100, nil}}, ""},
		{"A to D", []packet{{1, event(12, true, 400)}, {2, event(13, true, 400)}, {3, event(14, true, 400)}, {4, event(15, true, 400)}}, "ABCD"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var k keys
			got := ""
			for _, p := range c.packets {
				if press, ok := k.packet(p.stamp, p.payload); ok && press.first {
					got += string(press.key)
				}
			}
			if got != c.want {
				t.Errorf("keys %q, want %q", got, c.want)
			}
		})
	}
}
