package rtp

import (
	"errors"
	"net"
	"net/netip"
	"time"

	"github.com/pion/rtp"

	"trunkbox/dsp"
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
//	|            payload: PT 0, 8: one octet a sample               |

// maxFailures is how often in a row reading may fail before the socket counts as broken.
const maxFailures = 100

// receive reads packets until the socket is closed.
func (s *Stream) receive() {
	buf := make([]byte, 2048)
	var packet rtp.Packet
	failures := 0
	for {
		n, from, err := s.pair.rtp.ReadFromUDPAddrPort(buf)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			if failures++; failures > maxFailures {
				s.log.Error("RTP socket given up", "failures", failures, "error", err)
				return
			}
			continue // an error of one packet; the socket lives on
		}
		failures = 0
		from = netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
		s.packet(buf[:n], &packet, from, time.Since(s.opened))
	}
}

// packet takes one datagram; now is the time since the stream was opened.
func (s *Stream) packet(datagram []byte, packet *rtp.Packet, from netip.AddrPort, now time.Duration) {
	t := s.terms.Load()
	if err := packet.Unmarshal(datagram); err != nil || packet.Version != 2 || t == nil || !t.knows(packet.PayloadType) {
		s.malformed.add(1)
		return
	}
	s.mu.Lock()
	heard, moved := s.latch.accept(from, packet.SSRC, packet.SequenceNumber, now)
	if moved {
		s.point(from)
	}
	var v verdict
	if heard {
		v = s.source.packet(packet.SSRC, packet.SequenceNumber, packet.Timestamp, now)
		s.lost.Store(s.source.lost())
		s.jitter.set(s.source.jitter())
	}
	s.mu.Unlock()
	if !heard {
		s.foreign.add(1)
		return
	}
	if moved {
		s.log.Debug("sound comes from", "phone", from)
	}
	s.lastHeard.Store(int64(max(now, 1)))
	s.received.add(1)
	if v == repeated {
		s.duplicate.add(1)
		return
	}
	switch {
	case t.dtmfType != 0 && packet.PayloadType == t.dtmfType:
		s.key(packet)
	case packet.PayloadType != payloadComfortNoise:
		s.sound(packet, v == restarted, t)
	}
}

// knows tells whether a packet of this type may come: both laws, whichever was agreed on, because a
// phone may change between the types both sides listed without a word (RFC 3264 clause 5.1).
func (t *terms) knows(payloadType uint8) bool {
	switch payloadType {
	case PayloadMuLaw, PayloadALaw, payloadComfortNoise:
		return true
	}
	return t.dtmfType != 0 && payloadType == t.dtmfType
}

// sound hands a packet of speech to the engine thread.
func (s *Stream) sound(packet *rtp.Packet, restart bool, t *terms) {
	if len(packet.Payload) == 0 || len(packet.Payload) > MaxPayload {
		s.malformed.add(1)
		return
	}
	if !t.direction.receives() {
		return
	}
	a := s.inbox.slot()
	if a == nil {
		s.overflow.add(1)
		return
	}
	law := dsp.ALaw
	if packet.PayloadType == PayloadMuLaw {
		law = dsp.MuLaw
	}
	a.timestamp, a.restart = packet.Timestamp, restart
	a.jitter, a.press, a.length = uint32(s.jitter.Load()), press{}, len(packet.Payload)
	dsp.Transcode(a.octets[:len(packet.Payload)], packet.Payload, law, s.Law())
	s.inbox.push()
}

// key hands a telephone-event to the engine thread for its tone, and a new one to OnDigit.
func (s *Stream) key(packet *rtp.Packet) {
	p, ok := s.keys.packet(packet.Timestamp, packet.Payload)
	if !ok {
		return
	}
	if a := s.inbox.slot(); a != nil {
		a.jitter, a.restart, a.press = uint32(s.jitter.Load()), false, p
		s.inbox.push()
	} else {
		s.overflow.add(1)
	}
	if p.first {
		s.digits.add(1)
		if s.options.OnDigit != nil {
			s.options.OnDigit(p.key)
		}
	}
}
