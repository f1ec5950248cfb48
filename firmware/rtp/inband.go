package rtp

import (
	"sync/atomic"

	"trunkbox/dsp"
)

// inband hears the keys in the sound of a phone that offers no telephone-event. The engine thread listens,
// the pump tells; the ring between them is like the inbox, and a key that finds it full is lost.
type inband struct {
	detector *dsp.DTMF
	heard    func(dsp.DigitEvent) // made once, so that listening does not allocate

	head  atomic.Uint32 // stored by the pump only
	tail  atomic.Uint32 // stored by the engine thread only
	slots [8]dsp.DigitEvent
}

// newInband makes one; tell is called with each key.
func newInband(tell func()) *inband {
	n := &inband{detector: dsp.NewDTMF()}
	n.heard = func(e dsp.DigitEvent) {
		if tail := n.tail.Load(); tail-n.head.Load() < uint32(len(n.slots)) {
			n.slots[tail%uint32(len(n.slots))] = e
			n.tail.Store(tail + 1)
			tell()
		}
	}
	return n
}

// keysHeard takes what the engine thread heard since the last turn. Pump only.
func (s *Stream) keysHeard(p *pump) {
	n := s.inband.Load()
	if n == nil {
		return
	}
	for head := n.head.Load(); head != n.tail.Load(); head++ {
		e := n.slots[head%uint32(len(n.slots))]
		n.head.Store(head + 1)
		if e.End {
			p.news = append(p.news, news{stream: s, press: press{key: e.Digit, end: true}, inband: true, heard: e})
			continue
		}
		s.digits.add(1)
		p.news = append(p.news, news{stream: s, press: press{key: e.Digit, first: true}, inband: true})
	}
}
