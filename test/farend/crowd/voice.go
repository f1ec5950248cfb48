package crowd

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"net/netip"
	"slices"
	"time"

	"trunkbox/dsp"
	"trunkbox/test/farend/sound"
)

// Voice is the sound of one call.
type Voice struct {
	e     *End
	sound *sound.Sound
	own   dsp.Law // of sound

	// Of the thread.
	phase   int
	to      netip.AddrPort
	law     dsp.Law // on the wire
	sending bool
	source  uint32
	first   uint32 // time stamp of the beginning
	next    uint16 // sequence number
	out, in flow
	counts  Counts
}

// Counts are packets.
type Counts struct{ Sent, Received, Lost uint64 }

// flow is a stream of packets as RFC 3550 6.4.1 looks at it.
type flow struct {
	seen   int
	next   uint16
	stamp  uint32
	at     int64 // ns since 1970
	jitter float64
}

// Open gives a call its place among the voices: the millisecond at which the fewest speak.
func (e *End) Open(s *sound.Sound, law dsp.Law) *Voice {
	v := &Voice{e: e, sound: s, own: law, law: law, source: rand.Uint32(), first: rand.Uint32(), next: uint16(rand.Uint32())}
	e.c.order(func() {
		for i := range e.c.phases {
			if len(e.c.phases[i]) < len(e.c.phases[v.phase]) {
				v.phase = i
			}
		}
		e.c.phases[v.phase] = append(e.c.phases[v.phase], v)
	})
	return v
}

// Agree says where packets go and come from, in which law, and whether any are sent. It counts from the next millisecond on,
// and may be said again; nothing is agreed with an address of IPv6.
func (v *Voice) Agree(to netip.AddrPort, law dsp.Law, sending bool) {
	to = netip.AddrPortFrom(to.Addr().Unmap(), to.Port())
	if !to.Addr().Is4() {
		return
	}
	v.e.c.order(func() {
		v.forget()
		v.to, v.law, v.sending = to, law, sending
		v.e.voices[key(to.Addr().As4(), to.Port())] = v
	})
}

// Close ends the sound of the call.
func (v *Voice) Close() {
	v.e.c.order(func() {
		v.forget()
		v.sending = false
		at := &v.e.c.phases[v.phase]
		if i := slices.Index(*at, v); i >= 0 {
			*at = slices.Delete(*at, i, i+1)
		}
	})
}

// forget frees the box's address, unless another voice has it by now.
func (v *Voice) forget() {
	if !v.to.IsValid() {
		return
	}
	if k := key(v.to.Addr().As4(), v.to.Port()); v.e.voices[k] == v {
		delete(v.e.voices, k)
	}
}

// Counts are the packets of this call.
func (v *Voice) Counts() (c Counts) {
	v.e.c.ask(func() { c = v.counts })
	return c
}

const headerOctets = 12

// write makes the packet that is due at a time since the beginning:
//
//	 0 … 1   2   3   4 … 7   8   9 … 15           16 … 31
//	+------+---+---+-------+---+--------------+------------------+
//	| V=2  | P | X |  CC   | M | payload type | sequence number  |
//	+------+---+---+-------+---+--------------+------------------+
//	| time stamp, 1/8000 s                                       |
//	| source                                                     |
//	+------------------------------------------------------------+
func (v *Voice) write(packet []byte, due time.Duration) {
	packet[0], packet[1] = 2<<6, payloadALaw
	if v.law == dsp.MuLaw {
		packet[1] = payloadMuLaw
	}
	if v.counts.Sent == 0 {
		packet[1] |= 0x80
	}
	binary.BigEndian.PutUint16(packet[2:], v.next)
	binary.BigEndian.PutUint32(packet[4:], v.stamp(due))
	binary.BigEndian.PutUint32(packet[8:], v.source)
	v.sound.Fill(packet[headerOctets:])
	if v.law != v.own {
		dsp.Transcode(packet[headerOctets:], packet[headerOctets:], v.own, v.law)
	}
}

func (v *Voice) stamp(due time.Duration) uint32 { return v.first + uint32(due/spacing)*octets }

// left takes note that the packet has left.
func (v *Voice) left(due time.Duration, at int64) {
	v.sound.Said(at)
	v.out.take(v.next, v.stamp(due), at)
	v.next++
	v.counts.Sent++
}

// hear takes a packet that came at a moment in ns since 1970. It tells how many packets are missing before it; less than 0
// when it was counted as missing itself.
func (v *Voice) hear(packet []byte, at int64) (lost int) {
	law, payload, ok := soundOf(packet)
	if !ok {
		return 0
	}
	lost = v.in.take(binary.BigEndian.Uint16(packet[2:]), binary.BigEndian.Uint32(packet[4:]), at)
	v.counts.Received++
	v.counts.Lost += uint64(lost)
	if law != v.own {
		dsp.Transcode(payload, payload, law, v.own)
	}
	v.sound.HearAt(payload, at)
	return lost
}

// soundOf is the sound in a packet; ok is false for anything else.
func soundOf(packet []byte) (law dsp.Law, payload []byte, ok bool) {
	if len(packet) < headerOctets || packet[0]>>6 != 2 {
		return 0, nil, false
	}
	law, ok = lawOf(packet[1] & 0x7f)
	from := headerOctets + 4*int(packet[0]&0x0f)
	if packet[0]&0x10 != 0 && len(packet) >= from+4 {
		from += 4 + 4*int(binary.BigEndian.Uint16(packet[from+2:]))
	}
	end := len(packet)
	if packet[0]&0x20 != 0 {
		end -= int(packet[end-1])
	}
	if !ok || from >= end {
		return 0, nil, false
	}
	return law, packet[from:end], true
}

// take follows sequence numbers and jitter; it tells how many packets are missing before this one, -1 when this was.
func (f *flow) take(sequence uint16, stamp uint32, at int64) (lost int) {
	gap := int(int16(sequence - f.next))
	if f.seen++; f.seen > 1 {
		lost = max(gap, -1)
		off := at - f.at - int64(int32(stamp-f.stamp))*int64(time.Second/dsp.SampleRate)
		f.jitter += (math.Abs(float64(off)) - f.jitter) / 16
	}
	if f.seen == 1 || gap >= 0 {
		f.next = sequence + 1
	}
	f.stamp, f.at = stamp, at
	return lost
}

// settled is after how many packets a jitter counts.
const settled = 100

// Jitter is that of RFC 3550 6.4.1, as an average and as the largest of all calls that are up.
type Jitter struct{ Mean, Most time.Duration }

// Jitters are those of what is sent, by the times at which it left, and of what is received, by the kernel's times.
func (c *Crowd) Jitters() (out, in Jitter) {
	c.ask(func() {
		var o, i average
		for _, voices := range c.phases {
			for _, v := range voices {
				o.add(v.out)
				i.add(v.in)
			}
		}
		out, in = o.jitter(), i.jitter()
	})
	return out, in
}

type average struct {
	sum, most float64
	n         int
}

func (a *average) add(f flow) {
	if f.seen > settled {
		a.sum, a.most, a.n = a.sum+f.jitter, max(a.most, f.jitter), a.n+1
	}
}

func (a *average) jitter() Jitter {
	return Jitter{time.Duration(a.sum / float64(max(a.n, 1))), time.Duration(a.most)}
}
