package rtp

import (
	"strings"
	"sync"
	"sync/atomic"
)

// presses are the keys that wait to be sent as telephone-events. Press may be called from anywhere and fills slots[tail];
// the engine thread reads slots[head]. What finds the ring full is not sent.
type presses struct {
	mu    sync.Mutex    // of those who press; never taken by the engine thread
	head  atomic.Uint32 // stored by the engine thread only
	tail  atomic.Uint32
	slots [16]byte // numbers of events
}

// Press sends a key, '0'..'9' '*' '#' 'A'..'D', as a telephone-event in place of the sound for as long as it takes. False:
// it is no key, the other side takes no telephone-events, or too many wait.
func (s *Stream) Press(key byte) bool {
	event := strings.IndexByte(eventKeys, key)
	t := s.terms.Load()
	if event < 0 || t == nil || t.DTMFType == 0 {
		return false
	}
	p := &s.presses
	p.mu.Lock()
	defer p.mu.Unlock()
	tail := p.tail.Load()
	if tail-p.head.Load() == uint32(len(p.slots)) {
		return false
	}
	p.slots[tail%uint32(len(p.slots))] = byte(event)
	p.tail.Store(tail + 1)
	return true
}

// pressing is the key being sent (RFC 4733 clause 2.5.1): a packet each PacketMS with the time of its beginning and how
// long it has been down; the last one, which says that it is up, three times. Engine thread only.
type pressing struct {
	on      bool
	event   byte
	began   uint32 // timestamp
	elapsed int    // samples
	sent    int    // samples told of
	ends    int    // packets that said it is up
	gap     int    // samples until the next key may begin
}

const (
	pressLength = 800 // 100 ms, above the 40 ms every receiver must take (Q.24 clause 2.4)
	pressGap    = 800 // between two keys
	pressEnds   = 3
	pressVolume = 10 // minus dBm0
)

// pressWaits tells whether there is a key to be sent, or one was a moment ago. Engine thread only.
func (s *Stream) pressWaits() bool {
	k := &s.sender.key
	return k.on || k.gap > 0 || s.presses.head.Load() != s.presses.tail.Load()
}

// pressed lets n octets of time pass with a key in place of the sound; false: there is no key to be sent. Engine thread only.
func (s *Stream) pressed(n int, t *Terms) bool {
	w, p := &s.sender, &s.presses
	k := &w.key
	if !k.on {
		head := p.head.Load()
		if k.gap > 0 || head == p.tail.Load() {
			k.gap = max(0, k.gap-n)
			return false
		}
		event := p.slots[head%uint32(len(p.slots))]
		p.head.Store(head + 1)
		if t.DTMFType == 0 {
			return false
		}
		w.pause(0)
		*k = pressing{on: true, event: event, began: w.timestamp}
	}
	k.elapsed += n
	for k.on && k.elapsed >= k.sent+w.size {
		k.sent += w.size
		s.sendPress(t)
		if k.sent >= pressLength {
			if k.ends++; k.ends == pressEnds {
				k.on, k.gap = false, pressGap
			}
		}
	}
	w.pause(n)
	return true
}

// sendPress sends one packet of the key.
func (s *Stream) sendPress(t *Terms) {
	w := &s.sender
	k := &w.key
	if d := s.slot(); d != nil {
		length, volume := min(k.sent, pressLength), byte(pressVolume)
		if k.sent >= pressLength {
			volume |= 0x80
		}
		d.octets = append(d.octets[:0], k.event, volume, byte(length>>8), byte(length))
		d.from, d.sequence, d.marker, d.typ, d.timestamp, d.comfort = nil, w.sequence, k.sent == w.size, t.DTMFType, k.began, true
		s.outbox.push()
		s.queued.add(1)
		s.options.Ports.pump.kick()
	} else {
		s.refusedSends.add(1)
	}
	w.sequence++
}
