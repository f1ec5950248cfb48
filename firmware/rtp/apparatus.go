package rtp

// apparatus is what it takes to move sound by the tick: room for what has come and for what is to be sent, and the
// buffer that a long delay is played from. A stream that is relayed in both directions for some seconds drops
// it: what its phone says passes by on its way to the other one, and reaches the engine by the lane, which is
// small.
//
// Ownership. Stream.fitting says who may use what; each store of it hands over:
//
//	                 engine may                           pump may
//	fitted           speak by the outbox, hear the inbox  lay into the inbox, send from the outbox
//	leaving          hear the inbox                       the same
//	left             take its buffer to the lane          lay into the lane
//	gone             hear the lane                        lay into the lane, drop the apparatus
//
//	        engine: relayed long enough      pump: both boxes are empty     engine: buffer moved
//	fitted ───────────────────────────► leaving ────────────────────► left ──────────────────► gone
//	   ▲                                   │                            │                        │
//	   └───────────────────────────────────┴────────────────────────────┴────── pump: fit ───────┘
//
// The engine asks for it by wanted when a relay has ended; it waits for tens of milliseconds then for play to come
// to where the relay got to, and the pump turns at once. What is to be spoken before it is there, because the pump was later
// than all of that, is dropped and counted as with an outbox that is full. The pump needs it for what the lane does not take:
// keys, comfort noise, another source, an engine that is late. The lane is always heard before the inbox.
type apparatus struct {
	inbox  inbox
	outbox outbox
	buffer buffer
}

// buffer is the ring of a playout with a bit for each octet.
type buffer struct {
	have [ringSize / 64]uint64
	ring [ringSize]byte
}

const (
	fitted uint32 = iota
	leaving
	left
	gone

	fittedFor = 2 * 8000 // samples for which both directions are relayed before the apparatus goes
)

// begin gives a new stream its first, for packets of size octets.
func (s *Stream) begin(size int) {
	a := new(apparatus)
	a.outbox.init(size)
	s.apparatus = a
	s.playout.have, s.playout.ring = a.buffer.have[:], a.buffer.ring[:]
}

// fit gives the stream its apparatus. Called with mu held. Pump only.
func (s *Stream) fit() {
	s.wanted.Store(false)
	switch {
	case s.fitting.CompareAndSwap(leaving, fitted), s.fitting.Load() == fitted:
		return
	case !s.fitting.CompareAndSwap(left, fitted): // it is gone
		if s.apparatus == nil {
			s.apparatus = s.spares().apparatuses.take()
			s.outbox.init(s.sender.size)
		}
		s.fitting.Store(fitted)
	}
	s.plain.since = s.inbox.tail.Load() // what came by the lane is not there
}

// unfit lets the apparatus go, as far as it may. Called with mu held. Pump only.
func (s *Stream) unfit() {
	switch s.fitting.Load() {
	case leaving:
		if s.forward == nil || s.outbox.peek() != nil || !s.inbox.room(inboxSlots) {
			return
		}
		if s.lane.hold == nil {
			s.lane.hold = s.spares().holds.take()
		}
		s.fitting.CompareAndSwap(leaving, left)
	case gone:
		s.apparatus = nil
	}
}

// byTick tells whether there is an apparatus. Pump only.
func (s *Stream) byTick() bool { return s.fitting.Load() < left }

// refit has the apparatus go after some seconds of relaying, and come when that is over. Engine thread only.
func (s *Stream) refit(block int) {
	r, b := &s.relay, s.heardBy
	if r.from == nil || r.leaving || b == nil || b.relay.leaving {
		s.relayed = 0
		s.wantFit()
		return
	}
	switch s.fitting.Load() {
	case leaving:
		s.options.Ports.pump.kick() // to find the inbox as the tick has left it
		fallthrough
	case left, gone:
		s.relayed = 0
		return
	}
	s.relayed += block
	if s.relayed >= fittedFor && s.sender.filled() == 0 && int(s.plain.word.Load()&0xFFFF) <= cell && s.playout.mayShrink(block) {
		s.fitting.Store(leaving)
	}
}

// wantFit asks for the apparatus, if it is not there. Engine thread only.
func (s *Stream) wantFit() {
	if s.fitting.Load() == fitted || s.wanted.Load() || s.fitting.CompareAndSwap(leaving, fitted) {
		return
	}
	s.wanted.Store(true)
	s.options.Ports.pump.kick()
}

// settle moves the playout to the buffer that fitting says; the result is what fitting is then. Engine thread only.
func (s *Stream) settle() uint32 {
	p, state := &s.playout, s.fitting.Load()
	switch {
	case state == left && !p.mayShrink(0):
		s.wantFit()
	case state == left:
		have, ring := p.have, p.ring
		p.move(s.lane.hold.have[:], s.lane.hold.ring[:])
		if s.fitting.CompareAndSwap(left, gone) {
			return gone
		}
		p.have, p.ring = have, ring
		return fitted
	case state < left && len(p.ring) != ringSize:
		p.move(s.buffer.have[:], s.buffer.ring[:])
	}
	return state
}

// aside is where a packet of sound of so many cells goes when there is no apparatus; nil: it goes into the inbox, which is
// there then. Called with mu held. Pump only.
func (s *Stream) aside(cells int, restart bool) *[cell]byte {
	if s.byTick() {
		return nil
	}
	if cells == 1 && !restart {
		if room := s.lane.room(); room != nil {
			return room
		}
	}
	s.fit()
	return nil
}

// nextPlace is that of the next packet in the inbox; without one what comes has none. Pump only.
func (s *Stream) nextPlace() uint32 {
	if s.byTick() {
		return s.inbox.tail.Load()
	}
	return 0
}

// last is the sound that was the i-th last to come, 1 being the newest; nil when it was none, or is not there any more.
// Pump only.
func (s *Stream) last(i uint32) []byte {
	if !s.byTick() {
		return s.lane.last(i)
	}
	a := s.inbox.written(s.inbox.tail.Load() - i)
	if i > inboxSlots || a.kind != soundArrived || a.length == 0 {
		return nil
	}
	return a.octets[:a.length]
}

// slot is that of the next packet to be sent; nil: there is none now. Engine thread only.
func (s *Stream) slot() *departure {
	if s.fitting.Load() != fitted {
		s.wantFit()
		return nil
	}
	return s.outbox.slot()
}
