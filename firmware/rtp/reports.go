package rtp

import (
	"sync/atomic"
	"time"
)

// reports carries what reports are made of from the pump to the reporter, as the inbox carries sound: the pump fills
// slots[tail] and stores tail, the reporter reads slots[head] and stores head; neither waits. When it is full the report stays
// due, and the pump's next look at the stream, lookEvery later, finds it so.
type reports struct {
	head  atomic.Uint32 // stored by the reporter only
	_     [60]byte      // the two indices are written by two cores
	tail  atomic.Uint32 // stored by the pump only
	slots [reportSlots]report
}

// reportSlots are twice what 480 calls are due to report while the reporter rests; a power of two, for indices wrap.
const reportSlots = 64

// report is what only the pump knows of a report that is due.
type report struct {
	stream       *Stream
	fractionLost uint8 // since the last report, in 256ths
	reception    reception
}

// reception is how the phone's stream has come so far. The zero value: none has.
type reception struct {
	known    bool
	ssrc     uint32
	expected uint32 // packets
	lost     uint32 // of them
	highest  uint32 // extended sequence number
	jitter   uint32 // samples
	bursts   bursts // without what may be going on
}

// reception is how it stands.
func (s *source) reception() reception {
	if !s.known {
		return reception{}
	}
	return reception{
		known: true, ssrc: s.ssrc, expected: s.expected(), lost: uint32(s.lost()), highest: s.highest - seqCycle,
		jitter: uint32(s.jitter()), bursts: s.bursts,
	}
}

// slot is the slot to fill next, nil when there is none. Pump only.
func (q *reports) slot() *report {
	tail := q.tail.Load()
	if tail-q.head.Load() == reportSlots {
		return nil
	}
	return &q.slots[tail%reportSlots]
}

// push hands the slot over. Pump only.
func (q *reports) push() { q.tail.Store(q.tail.Load() + 1) }

// peek is the oldest report, nil when there is none. Reporter only.
func (q *reports) peek() *report {
	head := q.head.Load()
	if head == q.tail.Load() {
		return nil
	}
	return &q.slots[head%reportSlots]
}

// pop hands the slot back, without a trace of the stream. Reporter only.
func (q *reports) pop() {
	head := q.head.Load()
	q.slots[head%reportSlots].stream = nil
	q.head.Store(head + 1)
}

// look does what is due: it tells the reporter that a report is, and looks at whether sound goes both ways. Pump only.
func (s *Stream) look(now time.Time, q *reports) Trouble {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed.Load() {
		return NoTrouble
	}
	if slot := q.slot(); slot != nil && !now.Before(s.reportAt) {
		s.reportAt = now.Add(s.every)
		*slot = report{s, s.source.interim(), s.source.reception()}
		q.push()
	}
	s.unfit()
	t := s.terms.Load()
	return s.oneWay.look(now.Sub(s.opened), signs{
		hears: t != nil && t.Direction == SendRecv && !s.held.Load(), behind: t != nil && t.BehindNAT,
		alive: s.alive.n.Load(), sounds: s.sounds.n.Load(), foreign: s.foreign.n.Load() + s.control.foreign.n.Load(),
		refused: s.portRefused.n.Load(), spoken: s.spoken.n.Load() + s.relay.spoken.n.Load(),
	})
}
