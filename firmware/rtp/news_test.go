package rtp

import (
	"slices"
	"testing"

	"trunkbox/dsp"
)

// TestNewsThatFindNoRoomAreToldLater, each once and in order.
func TestNewsThatFindNoRoomAreToldLater(t *testing.T) {
	var told, want []byte
	s := open(t, Options{OnDigit: func(key byte, _ bool) { told = append(told, key) }})
	p := s.options.Ports.pump
	for i := range byte(2*queueSlots + 20) {
		p.news = append(p.news, news{stream: s, press: press{key: i, first: true}})
		want = append(want, i)
	}
	for i, most := range []int{queueSlots, 2 * queueSlots, len(want), len(want)} {
		p.deliver()
		p.deliver() // nobody has taken the first
		p.reporter.tellAll()
		if !slices.Equal(told, want[:most]) {
			t.Fatalf("told %d the %d. time, want %d in order", len(told), i+1, most)
		}
	}
	if len(p.news) != 0 || p.news[:1][0].stream != nil {
		t.Error("what was told is kept")
	}
}

// TestAKeyIsToldByThreads: the pump finds it, the reporter tells it.
func TestAKeyIsToldByThreads(t *testing.T) {
	told := make(chan byte, 1)
	s := open(t, Options{OnDigit: func(key byte, _ bool) { told <- key }})
	s.options.Ports.pump.byHand = false
	p := newPhone(t, s.address())
	s.SetRemote(p.address(), dsp.ALaw, PayloadALaw, 101, SendRecv)
	s.Start()
	p.send(101, p.stamp, []byte{5, 10, 0, 160})
	key := byte(0)
	await(t, "the key to be told", func() bool {
		select {
		case key = <-told:
			return true
		default:
			return false
		}
	})
	if key != '5' {
		t.Errorf("told %q, want 5", key)
	}
}
