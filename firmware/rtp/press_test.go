package rtp

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/pion/rtp"

	"trunkbox/dsp"
)

// TestKeysAreSent: a key is one timestamp; its packets tell a growing time, the last ones three times that it is up; the
// sound goes on after it with the time that has passed.
func TestKeysAreSent(t *testing.T) {
	s := open(t, Options{})
	p := newPhone(t, s.address())
	if s.Press('1') {
		t.Error("a key is taken before anything is agreed on")
	}
	s.SetRemote(p.address(), dsp.ALaw, PayloadALaw, 97, SendRecv)
	s.Start()
	for _, key := range []byte("5#") {
		if !s.Press(key) {
			t.Errorf("%c is not taken", key)
		}
	}
	if s.Press('x') {
		t.Error("x is taken for a key")
	}
	block := make([]byte, 80)
	for range 80 { // 800 ms
		s.Speak(block)
		turn(s)
	}
	var told []string
	var last *rtp.Packet
	octets := make([]byte, 2000)
	for {
		_ = p.conn.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
		n, err := p.conn.Read(octets)
		if err != nil {
			break
		}
		packet := &rtp.Packet{}
		if err := packet.Unmarshal(slices.Clone(octets[:n])); err != nil {
			t.Fatal(err)
		}
		if last != nil && packet.SequenceNumber != last.SequenceNumber+1 {
			t.Errorf("packet %d after %d", packet.SequenceNumber, last.SequenceNumber)
		}
		if packet.PayloadType == 97 {
			if last == nil || last.PayloadType != 97 || last.Timestamp != packet.Timestamp {
				if !packet.Marker || last != nil && packet.Timestamp != last.Timestamp+160 {
					t.Errorf("a key begins at %d, marked %v, after %+v", packet.Timestamp, packet.Marker, last)
				}
			}
			b := packet.Payload
			told = append(told, fmt.Sprintf("%d %v %d", b[0], b[1]&0x80 != 0, int(b[2])<<8|int(b[3])))
		} else if last != nil && last.PayloadType == 97 && (!packet.Marker || packet.Timestamp != last.Timestamp+7*160) {
			t.Errorf("the sound goes on at %d, marked %v, after a key at %d", packet.Timestamp, packet.Marker, last.Timestamp)
		}
		last = packet
	}
	var want []string
	for _, event := range []int{5, 11} {
		for _, ms := range []int{160, 320, 480, 640} {
			want = append(want, fmt.Sprintf("%d false %d", event, ms))
		}
		for range 3 {
			want = append(want, fmt.Sprintf("%d true 800", event))
		}
	}
	if !slices.Equal(told, want) {
		t.Errorf("told %q, want %q", told, want)
	}
	if last == nil || last.PayloadType != PayloadALaw {
		t.Error("no sound after the keys")
	}
}

// TestAKeyGoesThroughTwoStreams and comes out once.
func TestAKeyGoesThroughTwoStreams(t *testing.T) {
	var got []byte
	a, b := open(t, Options{}), open(t, Options{OnDigit: func(key byte, _ bool) { got = append(got, key) }})
	a.SetRemote(b.address(), dsp.ALaw, PayloadALaw, 101, SendRecv)
	b.SetRemote(a.address(), dsp.ALaw, PayloadALaw, 101, SendRecv)
	a.Start()
	b.Start()
	for i := range 20 {
		if a.Press("1234567890*#ABCD1234"[i]) != (i < 16) {
			t.Errorf("key %d of 16 that may wait", i+1)
		}
	}
	block := make([]byte, 160)
	for range 16 * 15 {
		a.Speak(block)
		b.Hear(block)
		turn(a, b)
	}
	if string(got) != "1234567890*#ABCD" {
		t.Errorf("came out: %s", got)
	}
}
