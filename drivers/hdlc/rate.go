package hdlc

import "sync/atomic"

// rate is how much of a timeslot carries the stream: all of it, 64 kbit/s, or the first seven bits of each octet,
// 56 kbit/s. Bit 8 is then a one (V.110 and the networks of North America, where it is signalling's).
type rate struct{ restricted atomic.Bool }

func (r *rate) set(kbits int) { r.restricted.Store(kbits == 56) }

func (r *rate) bits() int {
	if r.restricted.Load() {
		return 7
	}
	return 8
}
