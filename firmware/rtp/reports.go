package rtp

import "time"

// report is what only the pump knows of a report that is due. When the queue is full the report stays due, and the pump's
// next look at the stream, lookEvery later, finds it so.
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

// look does what is due: it tells the reporter that a report is, and looks at whether sound goes both ways. Pump only.
func (s *Stream) look(now time.Time, q *queue[report]) Trouble {
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
		alive: s.alive.n.Load(), sounds: s.sounds.n.Load(), foreign: uint32(s.strangers()),
		refused: s.portRefused.n.Load(), spoken: s.spoken.n.Load() + s.relay.spoken.n.Load(),
	})
}
