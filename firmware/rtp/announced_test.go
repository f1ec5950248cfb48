package rtp

import (
	"bytes"
	"testing"
	"time"

	"trunkbox/firmware/bridge"
)

// TestAnAnnouncementOverARelay: both phones of a relayed call are told something over their talk and are relayed again.
// Before and behind the words each octet that one says is heard by the other, in its place: none is lost, none is doubled,
// and what was said meanwhile is not heard later.
func TestAnAnnouncementOverARelay(t *testing.T) {
	for _, c := range []struct {
		name       string
		background bridge.Background
	}{{"over the talk", bridge.Lowered}, {"in place of it", bridge.Silenced}} {
		t.Run(c.name, func(t *testing.T) {
			words := random(8000)[4000:]
			said := [2][]byte{random(8000 * 10), random(8000 * 11)[8000:]}
			x, a, b := pairRelayed(t, 80, said[0])
			b.says, a.stream.playout.delay.prefill = said[1], max(leastReserve, 80)+lack
			b.stream.playout.delay.prefill = a.stream.playout.delay.prefill
			x.until(b, a, true)
			for _, h := range []*handset{a, b} {
				other := a
				if h == a {
					other = b
				}
				h.party.Hear(bridge.Announce(bridge.Play(words), c.background).Over(other.party))
			}
			x.tick()
			if a.relayedTo(b) || b.relayedTo(a) {
				t.Error("relayed although there are words between")
			}
			x.pass(900 * time.Millisecond)
			x.until(a, b, true)
			x.until(b, a, true)
			x.pass(time.Second)
			for i, h := range []*handset{b, a} {
				heard := h.sound(t)
				begin := bytes.Index(heard, said[i][:160])
				if begin < 0 {
					t.Fatalf("the begin of what phone %d says is not heard", i)
				}
				heard = heard[begin:]
				first, last := differing(heard, said[i])
				if n := last - first; n < 3900 || n > 4000+2*160 {
					t.Errorf("phone %d is not heard as it speaks in %d octets, for 4000 of words", i, n)
				}
				if at := bytes.Index(heard, words[160:]); c.background == bridge.Silenced && (at < first || at > first+170) {
					t.Errorf("the words are heard from %d on, the talk is another from %d on", at, first)
				}
				if len(heard) < last+7000 {
					t.Errorf("only %d octets are heard behind the words", len(heard)-last)
				}
			}
		})
	}
}

// differing is the first and the last place in which what was heard is not what was said.
func differing(heard, said []byte) (first, last int) {
	first = -1
	for i := range heard {
		if heard[i] != said[i] {
			if last = i; first < 0 {
				first = i
			}
		}
	}
	return first, last
}
