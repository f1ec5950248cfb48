package rtp

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"trunkbox/dsp"
)

// sender gathers what is spoken into packets. Engine thread only.
type sender struct {
	sequence  uint16
	timestamp uint32
	fill      int  // octets of payload gathered
	size      int  // octets of payload in a packet
	marker    bool // the next packet is the first after a silence
	length    int
	to        unix.Sockaddr
	failed    bool
	write     func(fd uintptr) bool // made once, so that sending does not allocate
	out       [headerSize + MaxPayload]byte
}

const headerSize = 12

func (w *sender) init(s *Stream, sequence uint16, timestamp uint32) {
	w.sequence, w.timestamp, w.marker = sequence, timestamp, true
	w.size = s.options.PacketMS * 8
	w.write = func(fd uintptr) bool {
		w.failed = unix.Sendto(int(fd), w.out[:w.length], unix.MSG_DONTWAIT, w.to) != nil
		return true
	}
}

// Speak sends block to the phone, PacketMS at a time. A packet the kernel cannot take at once is
// dropped and counted. Engine thread only.
func (s *Stream) Speak(block []byte) {
	w := &s.sender
	t, p := s.terms.Load(), s.peer.Load()
	if t == nil || p == nil || !t.direction.sends() || s.held.Load() {
		w.timestamp += uint32(w.fill + len(block))
		w.fill, w.marker = 0, true
		return
	}
	for len(block) > 0 {
		n := min(len(block), w.size-w.fill)
		at := headerSize + w.fill
		dsp.Transcode(w.out[at:at+n], block[:n], s.Law(), t.law)
		w.fill += n
		block = block[n:]
		if w.fill == w.size {
			s.flush(t.payloadType, p)
		}
	}
}

// flush sends the packet gathered.
func (s *Stream) flush(payloadType uint8, p *peer) {
	w := &s.sender
	w.out[0] = 2 << 6
	w.out[1] = payloadType
	if w.marker {
		w.out[1] |= 0x80
	}
	binary.BigEndian.PutUint16(w.out[2:], w.sequence)
	binary.BigEndian.PutUint32(w.out[4:], w.timestamp)
	binary.BigEndian.PutUint32(w.out[8:], s.ssrc)
	w.length, w.to, w.failed = headerSize+w.fill, p.to, true
	if err := s.raw.Write(w.write); err != nil || w.failed {
		s.sendErrors.add(1)
	} else {
		s.sent.add(1)
		s.sentOctets.add(w.fill)
	}
	w.sequence++
	w.timestamp += uint32(w.fill)
	s.sentSample.Store(uint64(w.timestamp))
	w.fill, w.marker = 0, false
}
