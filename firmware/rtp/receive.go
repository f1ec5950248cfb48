package rtp

import (
	"net/netip"
	"time"

	"github.com/pion/rtp"
)

// An RTP packet (RFC 3550 clause 5.1), as pion/rtp parses it:
//
//	 0                   1                   2                   3
//	 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//	+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//	|V=2|P|X|  CC   |M|     PT      |       sequence number         |
//	|                           timestamp                           |
//	|                             SSRC                              |
//	|              CC CSRCs, header extension when X                |
//	|            payload: PT 0, 8, 9: one octet for 125 µs          |
const headerSize = 12

// isRTP tells whether that may be a packet. What surely is none is not parsed, for that makes an error each time.
func isRTP(datagram []byte) bool { return len(datagram) >= headerSize && datagram[0]>>6 == 2 }

// soundCame takes one packet that the pump has read. Pump only.
func (s *Stream) soundCame(p *pump, datagram []byte, l *letter, now time.Time, wall int64) {
	s.mu.Lock()
	if s.closed.Load() {
		s.mu.Unlock()
		return
	}
	came := now.Sub(s.opened) - l.waited(wall)
	f := s.received1(&p.incoming, datagram, l.sender.from(), came)
	s.mu.Unlock()
	if f.press.first || f.press.end || f.moved {
		p.news = append(p.news, news{stream: s, press: f.press, leaks: f.leaks, moved: f.moved})
	}
	if f.relay {
		s.relayOn(p, &p.incoming)
	}
}

// takeErrors reads the socket's error queue. Pump only.
func (s *Stream) takeErrors() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed.Load() {
		s.errorQueue()
	}
}

// found is what there is to one packet beside the sound that went into the inbox.
type found struct {
	press press // of a key
	leaks bool  // its tone is in the sound as well, which was not known
	moved bool  // sound comes from elsewhere now
	relay bool  // the packet is to be relayed
}

// received1 takes one datagram, read into packet; now is the time since the stream was opened. Called with mu held.
func (s *Stream) received1(packet *rtp.Packet, datagram []byte, from netip.AddrPort, now time.Duration) (f found) {
	t := s.terms.Load()
	if t == nil || !isRTP(datagram) {
		s.malformed.add(1)
		return f
	}
	if s.latch.refuses(from, now) { // before its encryption, which takes longer
		s.foreign.add(1)
		return f
	}
	if s.secure != nil {
		if datagram = s.secure.unlock(datagram); len(datagram) == 0 {
			return f
		}
	}
	if err := packet.Unmarshal(datagram); err != nil || !t.knows(packet.PayloadType) {
		s.malformed.add(1)
		return f
	}
	heard, moved := s.latch.accept(from, packet.SSRC, packet.SequenceNumber, now)
	if !heard {
		s.foreign.add(1)
		return f
	}
	if f.moved = moved; moved {
		s.follow(from)
	}
	v := s.source.packet(packet.SSRC, packet.SequenceNumber, packet.Timestamp, now)
	s.lost.Store(s.source.lost())
	s.jitter.set(s.source.jitter())
	s.lastHeard.Store(int64(max(now, 1)))
	s.received.add(1)
	if v == repeated {
		s.duplicate.add(1)
		return f
	}
	switch {
	case t.DTMFType != 0 && packet.PayloadType == t.DTMFType:
		s.unlike(plainAfter)
		f.press, f.leaks = s.key(packet)
	case packet.PayloadType == PayloadComfortNoise:
		s.unlike(plainAfterNoise)
		s.comfort(packet)
	default:
		f.relay = s.sound(packet, v == restarted, t)
	}
	return f
}

// follow has packets go to where the phone's come from, an address of the socket's own family. Pump only.
func (s *Stream) follow(from netip.AddrPort) {
	if p := s.peer.Load(); p != nil && p.addr == from {
		return
	}
	p := s.spares().peers.take()
	p.addr = from
	p.to, _ = post(from, s.options.Local.Is6())
	s.peer.Store(p)
}

// unlike says that something came, or was lost, that cannot be relayed; it takes need samples of sound until the
// stream is plain again.
func (s *Stream) unlike(need int) {
	s.plain.interrupt(need)
	s.stopRelay()
}

// knows tells whether a packet of this type may come: every codec, whichever was agreed on, because a
// phone may change between the types both sides listed without a word (RFC 3264 clause 5.1).
func (t *Terms) knows(payloadType uint8) bool {
	switch payloadType {
	case PayloadMuLaw, PayloadALaw, PayloadG722, PayloadComfortNoise:
		return true
	}
	return t.DTMFType != 0 && payloadType == t.DTMFType
}

// sound hands a packet of speech to the engine thread; true: it is to be relayed.
func (s *Stream) sound(packet *rtp.Packet, restart bool, t *Terms) (relay bool) {
	payload := packet.Payload
	if len(payload) == 0 || len(payload) > MaxPayload {
		s.malformed.add(1)
		return false
	}
	if !t.Direction.receives() {
		s.unlike(plainAfter)
		return false
	}
	cells := (len(payload) + cell - 1) / cell
	s.sounds.add(1)
	aside := s.aside(cells, restart)
	if aside == nil && !s.inbox.room(cells) {
		s.overflow.add(1)
		s.alive.add(1) // nobody looked whether it is silent
		s.unlike(plainAfter)
		return false
	}
	codec, _ := CodecByType(packet.PayloadType)
	if restart && s.plain.need > 0 {
		s.unlike(plainAfter)
	}
	if !s.plain.packet(packet.SequenceNumber, packet.Timestamp, codec, len(payload), s.nextPlace()) {
		s.stopRelay()
	}
	if aside != nil {
		s.decode(aside[:len(payload)], payload, codec, s.Law())
		s.lane.push(packet.Timestamp, len(payload))
		if loud(aside[:len(payload)], s.Law(), alivePeak) {
			s.alive.add(1)
		}
		return s.forward != nil
	}
	alive := false
	for i := range cells {
		a := s.inbox.slot(i)
		part := payload[i*cell : min((i+1)*cell, len(payload))]
		a.kind, a.timestamp, a.restart, a.length = soundArrived, packet.Timestamp+uint32(i*cell), restart && i == 0, uint8(len(part))
		a.sequence = packet.SequenceNumber
		s.decode(a.octets[:len(part)], part, codec, s.Law())
		alive = alive || loud(a.octets[:len(part)], s.Law(), alivePeak)
	}
	s.inbox.push(cells)
	if alive {
		s.alive.add(1)
	}
	return s.forward != nil
}

// comfort hands the level of the phone's silence to the engine thread.
func (s *Stream) comfort(packet *rtp.Packet) {
	if len(packet.Payload) == 0 {
		s.malformed.add(1)
		return
	}
	s.sounds.add(1)
	s.alive.add(1) // a phone that says it is silent works
	s.fit()
	if !s.inbox.room(1) {
		s.overflow.add(1)
		return
	}
	a := s.inbox.slot(0)
	a.kind, a.timestamp, a.restart, a.level = noiseArrived, packet.Timestamp, false, packet.Payload[0]
	s.inbox.push(1)
}

// key hands a telephone-event to the engine thread for its tone. leaks: the phone was not known to leave the tones of its
// keys in its sound, and does.
func (s *Stream) key(packet *rtp.Packet) (p press, leaks bool) {
	p, ok := s.keys.packet(packet.Timestamp, packet.Payload)
	if !ok {
		return press{}, false
	}
	if s.tone.room.Load() == nil {
		s.tone.room.Store(s.spares().tones.take())
	}
	if p.first && !s.plain.leaks && s.leaked(p.key) {
		s.plain.leaks, leaks = true, true
	}
	s.fit()
	if s.inbox.room(1) {
		a := s.inbox.slot(0)
		a.kind, a.timestamp, a.restart, a.press = keyArrived, packet.Timestamp, false, p
		s.inbox.push(1)
	} else {
		s.overflow.add(1)
	}
	s.alive.add(1)
	if p.first {
		s.digits.add(1)
	}
	return p, leaks
}
