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
	size      int        // octets of payload in a packet
	marker    bool       // the next packet is the first after a silence
	open      *departure // being filled; nil: none
	dropped   int        // octets passed over since no slot was free
	hush      *hush      // nil: silence is sent like sound
	key       pressing
}

func (w *sender) init(packetMS int, sequence uint16, timestamp uint32) {
	w.sequence, w.timestamp, w.marker, w.size = sequence, timestamp, true, packetMS*8
}

// Speak sends block to the phone, PacketMS at a time. A packet that cannot be handed on is dropped and
// counted. Engine thread only.
func (s *Stream) Speak(block []byte) {
	w := &s.sender
	t, p := s.terms.Load(), s.peer.Load()
	if t == nil || p == nil || !t.Direction.sends() || s.held.Load() {
		w.pause(len(block))
		return
	}
	if loud(block, s.Law(), spokenPeak) {
		s.spoken.add(len(block))
	}
	if s.pressed(len(block), t) {
		return
	}
	if w.hush != nil && t.ComfortNoise && w.open == nil {
		if level, silent, tell := w.hush.push(block, s.Law()); silent {
			if tell {
				s.sendNoise(level)
			}
			w.pause(len(block))
			return
		}
	}
	for len(block) > 0 {
		n := min(len(block), w.size-w.filled())
		s.fill(block[:n], t)
		block = block[n:]
	}
}

// filled is how many octets of the present packet are there, also of one that cannot be sent.
func (w *sender) filled() int {
	if w.open != nil {
		return len(w.open.octets)
	}
	return w.dropped
}

// pause lets n octets of time pass in silence.
func (w *sender) pause(n int) {
	w.timestamp += uint32(w.filled() + n)
	w.open, w.dropped, w.marker = nil, 0, true
}

// fill puts octets into the present packet and hands it over when it is full.
func (s *Stream) fill(octets []byte, t *Terms) {
	w := &s.sender
	if w.open == nil && w.dropped == 0 {
		if w.open = s.slot(); w.open != nil {
			w.open.octets = w.open.octets[:0]
		} else {
			s.refusedSends.add(1)
		}
	}
	if w.open == nil {
		w.dropped += len(octets)
	} else {
		w.open.octets = append(w.open.octets, octets...)
	}
	if w.filled() == w.size {
		s.cut(t)
	}
}

// cut hands the present packet over as long as it is.
func (s *Stream) cut(t *Terms) {
	w := &s.sender
	n := w.filled()
	if n == 0 {
		return
	}
	if d := w.open; d != nil {
		d.from, d.sequence, d.marker, d.codec, d.typ, d.timestamp, d.comfort = nil, w.sequence, w.marker, t.Codec, t.PayloadType, w.timestamp, false
		s.outbox.push()
		s.queued.add(1)
		s.options.Ports.pump.kick()
	}
	w.sequence++
	w.timestamp += uint32(n)
	w.open, w.dropped, w.marker = nil, 0, false
}

// sendNoise sends one packet of comfort noise of a level.
func (s *Stream) sendNoise(level uint8) {
	w := &s.sender
	if d := s.slot(); d != nil {
		d.octets = append(d.octets[:0], level)
		d.from, d.sequence, d.marker, d.typ, d.timestamp, d.comfort = nil, w.sequence, false, PayloadComfortNoise, w.timestamp, true
		s.outbox.push()
		s.queued.add(1)
		s.options.Ports.pump.kick()
	}
	w.sequence++
}

// hush tells when there is nothing to send but silence. Off unless Options.SuppressSilence.
type hush struct {
	voice  dsp.VAD
	quiet  int // samples without voice
	told   int // samples since the level was told; hushEvery: it was not
	buffer [160]int16
}

const (
	hushAfter = 1600 // 200 ms
	hushEvery = 8000 // 1 s between two packets of comfort noise
)

// newHush knows of no voice and has told no level: a call that begins in silence tells its noise at once.
func newHush() *hush { return &hush{told: hushEvery} }

// push takes a block; silent: it is not to be sent; tell: but its noise's level is, now.
func (h *hush) push(block []byte, law dsp.Law) (level uint8, silent, tell bool) {
	pcm := h.buffer[:min(len(block), len(h.buffer))]
	law.Expand(pcm, block[:len(pcm)])
	if h.voice.Push(pcm) {
		h.quiet, h.told = 0, hushEvery
		return 0, false, false
	}
	if h.quiet += len(block); h.quiet < hushAfter {
		return 0, false, false
	}
	if h.told += len(block); h.told < hushEvery {
		return 0, true, false
	}
	h.told = 0
	return uint8(min(max(ovAboveM0-h.voice.NoiseDBm0(), 0), 127)), true, true
}

// transmit takes what lies in the outbox and hands it to the pump, written and addressed; there must be
// room for all of it, and for what a relay that begins finds in an inbox. Pump only.
func (s *Stream) transmit(p *pump) {
	wanted, fitting := s.wanted.Load(), s.fitting.Load()
	if !wanted && fitting != leaving && (fitting != fitted || s.outbox.peek() == nil) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if wanted {
		s.fit()
	}
	defer s.unfit()
	for range outboxMost { // the engine may lay the next one meanwhile
		d := s.outbox.peek()
		if d == nil {
			return
		}
		if d.from != nil {
			s.startRelay(p, d)
		} else if peer := s.peer.Load(); peer != nil && !s.closed.Load() {
			if s.parcel(&p.parcels[p.laid], d, peer) {
				p.laid++
			}
		}
		s.outbox.pop()
	}
}

// parcel writes one packet; false: it could not be encrypted.
func (s *Stream) parcel(l *parcel, d *departure, to *peer) bool {
	return s.seal(l, len(s.packet(l.octets[:], d)), to)
}

// seal addresses the first n octets of a parcel, encrypted where that was agreed on; false: they could not be.
func (s *Stream) seal(l *parcel, n int, to *peer) bool {
	packet := l.octets[:n]
	if s.secure != nil {
		// In place, for there is room for the tag; whatever lock does, what stands here is never sent as it was.
		if packet = append(l.octets[:0], s.secure.lock(packet)...); len(packet) == 0 {
			s.sendErrors.add(1)
			return false
		}
	}
	l.to, l.stream, l.size = to.to, s, len(packet)
	return true
}

// packet writes one packet into out.
func (s *Stream) packet(out []byte, d *departure) []byte {
	out = out[:headerSize+len(d.octets)]
	n := 0
	if d.comfort {
		copy(out[headerSize:], d.octets)
	} else {
		n = len(d.octets)
		s.encode(out[headerSize:], d.octets, d.codec, s.Law())
	}
	sequence, timestamp := s.numbers.engine(d.sequence, d.timestamp, n)
	s.header(out, d.marker, d.typ, sequence, timestamp)
	s.sentOctets.add(len(d.octets))
	return out
}

// header writes the header of a packet that is to be sent next.
func (s *Stream) header(out []byte, marker bool, payloadType uint8, sequence uint16, timestamp uint32) {
	out[0], out[1] = 2<<6, payloadType
	if marker {
		out[1] |= 0x80
	}
	binary.BigEndian.PutUint16(out[2:], sequence)
	binary.BigEndian.PutUint32(out[4:], timestamp)
	binary.BigEndian.PutUint32(out[8:], s.ssrc)
	s.sentSample.Store(uint64(timestamp))
}

// outcome takes the outcome of one packet. An ICMP error of an earlier packet is not this one's: it is sent
// again.
func (s *Stream) outcome(l *parcel, number unix.Errno) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed.Load() {
		return
	}
	if number == unix.ECONNREFUSED || number == unix.EHOSTUNREACH || number == unix.ENETUNREACH {
		s.errorQueue()
		number = send(s.pair.rtp, l.octets[:l.size], &l.to)
	}
	if number != 0 {
		s.sendErrors.add(1)
		return
	}
	s.sent.add(1)
}

// errorQueue empties the error queue and counts refusals.
func (s *Stream) errorQueue() {
	if refused(s.pair.rtp) {
		s.portRefused.add(1)
	}
}
