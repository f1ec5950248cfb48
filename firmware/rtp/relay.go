package rtp

import (
	"sync/atomic"

	"github.com/pion/rtp"

	"trunkbox/dsp"
	"trunkbox/firmware/bridge"
)

// Relaying: while one phone hears another and nothing else, the pump sends each packet on in the turn it came in,
// with a header of its own. The engine goes on listening to both (recordings, keys, statistics) but does not
// speak to the one that is relayed to.
//
//	          play               end                  until
//	a:  ------|#################|..(inbox, socket)...|------
//	    heard by the engine     not yet              sent to b already
//
// Ownership. Of a relay from stream a to stream b, b.relay.word is the one thing both threads write: a state, the
// turn (which relay it is) and until, the timestamp of a up to which b was sent everything.
//
//	idle ──engine──► asked ──pump──► live ──pump──► ended
//	  ▲                └───────────────┴──engine──────┘
//
// Before the pump sends a packet of a to b it moves until beyond it by compare-and-swap in state live; when that
// fails the packet is not sent. The engine ends a relay by swapping in idle, and what it swapped out is how far
// b got: not a sample more or less, without asking the pump and waiting for it. The pump ends one by state ended,
// when a is no longer plain or b cannot be sent to, before it hands over what told it so; the engine finds either
// in its next tick. a.forward is the pump's, a.heardBy the engine's; of the rest of b.relay each field says whose it is.
//
// To begin, the engine puts into b's outbox, behind all it has spoken, the place where it stands: play before
// this tick's block. The pump finds the packets from there on in a's inbox, whose slots nobody but itself writes:
// the last inboxSlots of them are still there, heard by the engine or not. The packet in which the place lies is
// sent from there on, shorter.
//
// To end, the engine neither speaks to b nor asks what b is to hear next until a's play has come to until; of
// the block in which it comes there, b is spoken the rest. Time stands still for b's numbers meanwhile: see
// numbering. When the pump had not yet sent what the engine has played, which takes a pump that did not turn in
// a tick, it is spoken from the ring of a's playout, where it still lies.
type relay struct {
	word atomic.Uint64

	// Of the engine thread.
	from    *Stream // nil: nothing was relayed, or all of it is behind
	turn    uint16
	leaving bool
	left    int    // samples until play comes to until
	seen    uint32 // of from.blocks
	rest    int    // samples before the next one may begin
	asks    int    // ticks since it was asked for

	// Of the pump, with mu held.
	first  uint16 // sequence of from's first packet, or a later one that none comes before any more
	spoken counter
}

const (
	relayIdle uint64 = iota << 48
	relayAsked
	relayLive
	relayEnded

	relayState = 3 << 48
	relayPlace = 0xFFFFFFFF

	relayRest    = 8000 // 1 s between two relays: to and fro costs the phone's buffer its calm
	asksMost     = 2    // ticks for the pump to begin: what it has to repeat then fits into the outbox
	starvedAfter = 800  // 100 ms without a packet
)

func relayWord(state uint64, turn uint16, until uint32) uint64 {
	return state | uint64(turn)<<32 | uint64(until)
}

// ended tells whether the pump has ended it.
func (r *relay) ended() bool { return r.word.Load()&relayState == relayEnded }

// Relay lets the phone have what from receives as it comes, as far as both can: see bridge.Relaying. Engine thread
// only.
func (s *Stream) Relay(from bridge.Port, block int) (relayed bool, given int) {
	s.refit(block)
	r := &s.relay
	a, _ := from.(*Stream)
	if r.from == nil {
		r.rest = max(0, r.rest-block)
		return a != nil && r.rest == 0 && a.heardBy == nil && s.mayRelay(a) && s.beginRelay(a, block), 0
	}
	r.from.asked = true
	if !r.leaving {
		if r.asks++; a == r.from && s.mayRelay(a) && (r.asks < asksMost || r.word.Load()&relayState == relayLive) {
			return true, 0
		}
		s.leaveRelay()
		return false, block
	}
	if p := &r.from.playout; r.from.blocks != r.seen {
		r.seen, r.left = r.from.blocks, int(int32(p.awaited.goal-p.play))
		given = min(p.awaited.reached, block)
	} else { // nobody listens to it any more, so its time is that of the clock
		given = min(max(r.left, 0), block)
		r.left -= block
	}
	if given < block {
		s.endRelay()
	}
	return false, given
}

// mayRelay tells whether both are such that what a receives can go to s as it is.
func (s *Stream) mayRelay(a *Stream) bool {
	ta, tb, like := a.terms.Load(), s.terms.Load(), a.plain.word.Load()
	if like == 0 || ta == nil || tb == nil || a == s || a.options.Ports != s.options.Ports || s.peer.Load() == nil {
		return false
	}
	codec, length := Codec(like>>16-1), int(like&0xFFFF)
	return ta.Direction.receives() && tb.Direction.sends() && !a.held.Load() && !s.held.Load() &&
		(ta.DTMFType == 0) == (tb.DTMFType == 0) && s.sender.hush == nil && !s.pressWaits() &&
		(codec == G722) == (tb.Codec == G722) && (length == s.sender.size || length <= cell && s.anyLength) &&
		a.without < starvedAfter && !s.relay.ended()
}

// beginRelay asks the pump for it, from this tick's block on; false: not yet.
func (s *Stream) beginRelay(a *Stream, block int) bool {
	length := int(a.plain.word.Load() & 0xFFFF)
	if a.tone.tone != nil || !a.playout.steady(block) || a.playout.depth()+block > (inboxSlots-4)*min(length, cell) {
		return false
	}
	s.cut(s.terms.Load())
	d := s.slot()
	if d == nil {
		return false
	}
	r, w := &s.relay, &s.sender
	r.turn++
	r.word.Store(relayWord(relayAsked, r.turn, a.playout.began))
	r.from, r.asks, a.heardBy, a.asked = a, 0, s, true
	d.sequence, d.timestamp, d.from, d.turn, d.position = w.sequence, w.timestamp, a, r.turn, a.playout.began
	s.outbox.push()
	s.options.Ports.pump.kick()
	return true
}

// leaveRelay ends it for the pump; the engine waits for play to come to where the pump got to.
func (s *Stream) leaveRelay() {
	r := &s.relay
	until := uint32(r.word.Swap(relayWord(relayIdle, r.turn, 0)))
	p := &r.from.playout
	if behind := int(int32(p.play - until)); behind > 0 {
		s.repeat(r.from, behind)
	}
	p.await(until)
	r.leaving, r.rest, r.seen, r.left = true, relayRest, r.from.blocks, int(int32(until-p.play))
}

// repeat speaks the last n samples that a's playout has given.
func (s *Stream) repeat(a *Stream, n int) {
	if n > a.playout.behind() {
		s.sender.pause(n) // it was not all sound
		return
	}
	var octets [cell]byte
	for n > 0 {
		part := octets[:min(n, cell)]
		a.playout.copy(part, a.playout.play-uint32(n))
		dsp.Transcode(part, part, a.Law(), s.Law())
		s.Speak(part)
		n -= len(part)
	}
}

// endRelay forgets it. Time that passed without a sample of the other phone passes for this one too.
func (s *Stream) endRelay() {
	r := &s.relay
	if gap := r.from.playout.forget(); gap > 0 {
		s.sender.pause(gap)
	}
	r.from.heardBy, r.from, r.leaving = nil, nil, false
}

// watchRelay ends the relay of what s brings, if it must, before this tick's block is played. Engine thread only.
func (s *Stream) watchRelay(interrupted bool) {
	switch b := s.heardBy; {
	case b == nil || b.relay.leaving:
	case interrupted || b.relay.ended():
		b.leaveRelay()
	}
}

// dropRelay ends it when the other phone was not spoken to in the last tick: it is no party any more.
func (s *Stream) dropRelay() {
	if s.heardBy != nil && !s.asked {
		r := &s.heardBy.relay
		r.word.Store(relayWord(relayIdle, r.turn, 0))
		s.heardBy.endRelay()
	}
	s.asked = false
}

// startRelay begins what the engine asked for, with the packets that it has not played. Called with mu held. Pump
// only.
func (s *Stream) startRelay(p *pump, d *departure) {
	a, r := d.from, &s.relay
	asked := relayWord(relayAsked, d.turn, d.position)
	peer, t := s.peer.Load(), s.terms.Load()
	from, tail := a.kept()
	if s.closed.Load() || a.plain.word.Load() == 0 || peer == nil || t == nil || from == tail || int32(d.position-a.inbox.written(from).timestamp) < 0 {
		r.word.CompareAndSwap(asked, relayWord(relayEnded, d.turn, d.position))
		return
	}
	first, until := a.plain.sequence+1, d.position
	for i := from; i != tail; i++ {
		if l := a.inbox.written(i); int32(l.end()-d.position) > 0 {
			if int16(l.sequence-first) < 0 {
				first = l.sequence
			}
			if int32(l.end()-until) > 0 {
				until = l.end()
			}
		}
	}
	if !r.word.CompareAndSwap(asked, relayWord(relayLive, d.turn, until)) {
		return
	}
	r.first = first
	s.numbers.takeOver(first, d.position, d.sequence, d.timestamp)
	a.forward, a.forwardTurn = s, d.turn
	p.relays++
	p.relayed++
	for i := from; i != tail; {
		n := a.inbox.packet(i, tail)
		s.relayArrivals(p, a, i, n, d.position, t, peer)
		i += n
	}
}

// kept are the places from which on, and before which, packets of plain sound are still in the inbox. Pump only.
func (s *Stream) kept() (from, tail uint32) {
	if !s.byTick() {
		return 0, 0
	}
	from, tail = s.plain.since, s.inbox.tail.Load()
	if tail-from > inboxSlots {
		from = tail - inboxSlots
	}
	return from, tail
}

// relayArrivals sends n slots of a's inbox, which were one packet, from position on. Called with mu held.
func (s *Stream) relayArrivals(p *pump, a *Stream, slot, n, position uint32, t *Terms, to *peer) {
	var octets [MaxPayload]byte
	l := a.inbox.written(slot)
	sound := octets[:0]
	for i := range n {
		part := a.inbox.written(slot + i)
		sound = append(sound, part.octets[:part.length]...)
	}
	timestamp := l.timestamp
	if before := int(int32(position - timestamp)); before > 0 {
		sound, timestamp = sound[min(before, len(sound)):], position
	}
	if len(sound) == 0 {
		return
	}
	out := p.parcels[p.laid].octets[headerSize : headerSize+len(sound)]
	s.encode(out, sound, t.Codec, a.Law())
	s.relayPacket(p, l.sequence, timestamp, false, len(sound), t, to)
}

// relayOn sends the packet that was just taken to whom it is relayed. Pump only, with no lock held.
func (s *Stream) relayOn(p *pump, packet *rtp.Packet) {
	b := s.forward
	b.mu.Lock()
	defer b.mu.Unlock()
	t, to, codec := b.terms.Load(), b.peer.Load(), s.plain.codec
	if b.closed.Load() || !t.Direction.sends() || b.held.Load() || (codec == G722) != (t.Codec == G722) {
		s.stopRelay()
		return
	}
	switch since := int16(packet.SequenceNumber - b.relay.first); {
	case since < 0:
		return // older than what the engine has played
	case since > 2*seqOldest: // half a cycle on it would seem older
		b.relay.first = packet.SequenceNumber - seqOldest
	}
	word := b.relay.word.Load()
	until, end := uint32(word), packet.Timestamp+uint32(len(packet.Payload))
	if int32(end-until) < 0 {
		end = until
	}
	if word&^relayPlace != relayWord(relayLive, s.forwardTurn, 0) || !b.relay.word.CompareAndSwap(word, relayWord(relayLive, s.forwardTurn, end)) {
		s.forward = nil
		return
	}
	out := p.parcels[p.laid].octets[headerSize : headerSize+len(packet.Payload)]
	if codec == G722 {
		copy(out, packet.Payload)
	} else {
		dsp.Transcode(out, packet.Payload, codec.law(), t.Codec.law())
	}
	b.relayPacket(p, packet.SequenceNumber, packet.Timestamp, packet.Marker, len(out), t, to)
	if loud(s.last(1), s.Law(), spokenPeak) {
		b.relay.spoken.add(len(out))
	}
}

// relayPacket writes the header before n octets of sound that lie in the next parcel, and lays it. Called with mu
// held.
func (s *Stream) relayPacket(p *pump, sequence uint16, timestamp uint32, marker bool, n int, t *Terms, to *peer) {
	sequence, timestamp = s.numbers.relayed(sequence, timestamp, n)
	l := &p.parcels[p.laid]
	s.header(l.octets[:], marker, t.PayloadType, sequence, timestamp)
	s.sentOctets.add(n)
	if s.seal(l, headerSize+n, to) {
		p.laid++
	}
}

// stopRelay ends the relay of what s receives; the engine finds it so. Pump only.
func (s *Stream) stopRelay() {
	b := s.forward
	if b == nil {
		return
	}
	s.forward = nil
	word := b.relay.word.Load()
	for word&^relayPlace == relayWord(relayLive, s.forwardTurn, 0) {
		if b.relay.word.CompareAndSwap(word, word&^relayState|relayEnded) {
			return
		}
		word = b.relay.word.Load()
	}
}
