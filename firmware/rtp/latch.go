package rtp

import (
	"net/netip"
	"time"
)

// latch decides whose packets are the phone's. A phone behind a NAT sends from another address than
// its SDP says, so the box follows the packets (symmetric RTP, RFC 4961); a stranger who finds the
// port must not be able to take the call over. The rules:
//
//   - a packet from the address in the SDP is the phone's, at once, while no one else holds the latch;
//   - another source takes the latch with latchPackets packets of one SSRC in unbroken sequence;
//   - once held, every other source is refused, until the holder has been silent for relatchAfter
//     or a new SDP comes.
type latch struct {
	sdp       netip.AddrPort
	holder    netip.AddrPort
	lastHeard time.Duration

	candidate netip.AddrPort
	ssrc      uint32
	next      uint16
	seen      int
}

const (
	latchPackets = 4
	relatchAfter = 2 * time.Second
)

// reset forgets the holder: a new SDP names addr.
func (l *latch) reset(addr netip.AddrPort) { *l = latch{sdp: addr} }

// refuses tells whether no packet from there is heard, whatever it is.
func (l *latch) refuses(from netip.AddrPort, now time.Duration) bool {
	return l.holder.IsValid() && from != l.holder && now-l.lastHeard < relatchAfter
}

// accept tells whether the packet is to be heard, and whether the holder changed with it. now is any
// monotonic time.
func (l *latch) accept(from netip.AddrPort, ssrc uint32, seq uint16, now time.Duration) (heard, moved bool) {
	if l.refuses(from, now) {
		return false, false
	}
	if from == l.holder {
		l.lastHeard = now
		l.seen = 0
		return true, false
	}
	if from != l.sdp {
		if from != l.candidate || ssrc != l.ssrc || seq != l.next {
			l.candidate, l.ssrc, l.seen = from, ssrc, 0
		}
		l.next = seq + 1
		l.seen++
		if l.seen < latchPackets {
			return false, false
		}
	}
	l.holder, l.lastHeard, l.seen = from, now, 0
	return true, true
}
