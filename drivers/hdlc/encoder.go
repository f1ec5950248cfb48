package hdlc

import (
	"errors"
	"sync"
	"sync/atomic"
)

// ErrFull says that as many frames wait as the Encoder has places.
var ErrFull = errors.New("the queue of frames to send is full")

// Encoder turns frames into the octets of a timeslot, with flags where there is no frame.
//
// The frames wait in a ring. Places from tail up to head hold frames and belong to Fill; the others belong to Send.
// Send hands a place over with its store to head, Fill hands it back with its store to tail. So Fill, which
// runs on the thread of the sound, takes no lock and waits for nobody. sending only keeps senders apart.
type Encoder struct {
	sending sync.Mutex
	ring    [][]byte
	head    atomic.Uint64 // frames ever queued
	tail    atomic.Uint64 // frames ever taken off the ring
	rate    rate

	// Fill's own.
	frame []byte // what remains to be sent of the frame at tail; nil between frames
	octet byte   // the octet under way; its next bit is the least significant
	left  int    // bits of octet still to send
	ones  int    // ones sent in a row inside the frame
}

// NewEncoder returns an Encoder with room for queue waiting frames, at least one.
func NewEncoder(queue int) *Encoder {
	return &Encoder{ring: make([][]byte, max(queue, 1)), octet: Flag, left: 8}
}

// Send copies a frame (address, control, information), appends its FCS and queues it. It returns ErrFull or a
// LengthError and never waits for the line.
func (e *Encoder) Send(frame []byte) error {
	if len(frame) < MinFrame {
		return LengthError(len(frame))
	}
	e.sending.Lock()
	defer e.sending.Unlock()
	head := e.head.Load()
	if head-e.tail.Load() == uint64(len(e.ring)) {
		return ErrFull
	}
	place := &e.ring[head%uint64(len(e.ring))]
	fcs := FCS(frame)
	*place = append(append((*place)[:0], frame...), byte(fcs), byte(fcs>>8))
	e.head.Store(head + 1)
	return nil
}

// SetRate says how many bits of an octet carry the stream from the next octet on; any goroutine may call it.
func (e *Encoder) SetRate(kbits int) { e.rate.set(kbits) }

// Fill fills the octets with the next bits of the stream, most significant bit of each octet first.
func (e *Encoder) Fill(octets []byte) {
	carried := e.rate.bits()
	for i := range octets {
		var octet byte
		for range carried {
			octet = octet<<1 | e.bit()
		}
		if carried == 7 {
			octet = octet<<1 | 1
		}
		octets[i] = octet
	}
}

// bit returns the next bit of the stream.
func (e *Encoder) bit() byte {
	if e.ones == 5 {
		e.ones = 0
		return 0
	}
	if e.left == 0 {
		e.next()
	}
	bit := e.octet & 1
	e.octet >>= 1
	e.left--
	switch {
	case e.frame == nil: // a flag: six ones are meant
	case bit == 1:
		e.ones++
	default:
		e.ones = 0
	}
	return bit
}

// next puts the next octet under way: of the frame, else the flag that closes it, which also opens the next.
func (e *Encoder) next() {
	e.left = 8
	if len(e.frame) > 0 {
		e.octet, e.frame = e.frame[0], e.frame[1:]
		return
	}
	if e.frame != nil { // the last octet is out
		e.frame, e.ones = nil, 0
		e.tail.Add(1)
		e.octet = Flag
		return
	}
	if e.tail.Load() == e.head.Load() {
		e.octet = Flag
		return
	}
	frame := e.ring[e.tail.Load()%uint64(len(e.ring))]
	e.octet, e.frame = frame[0], frame[1:]
}
