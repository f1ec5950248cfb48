package hdlc

import "sync/atomic"

// Decoder finds the frames in the octets of a timeslot.
type Decoder struct {
	frame    []byte // octets since the opening flag, FCS included
	maxFrame int
	inFrame  bool   // a flag was seen and nothing has broken the frame since
	octet    byte   // bits of the octet under way, the newest at the top
	bits     int    // bits since the opening flag
	ones     int    // ones in a row
	fcs      uint16 // over frame

	rate                      rate
	aborts, badFCS, badFrames atomic.Uint64
}

// closingBits is how many bits of a closing flag have entered the frame before the sixth one betrays it: 0 and
// five ones.
const closingBits = 6

// NewDecoder returns a Decoder for frames of up to maxFrame octets without their FCS. It begins between frames, waiting
// for a flag.
func NewDecoder(maxFrame int) *Decoder {
	maxFrame = max(maxFrame, MinFrame)
	return &Decoder{maxFrame: maxFrame, frame: make([]byte, 0, maxFrame+fcsOctets+1)}
}

// Counters reads what was dropped so far; any goroutine may ask.
func (d *Decoder) Counters() Counters {
	return Counters{Aborts: d.aborts.Load(), BadFCS: d.badFCS.Load(), BadFrames: d.badFrames.Load()}
}

// SetRate says how many bits of an octet carry the stream from the next Push on; any goroutine may call it.
func (d *Decoder) SetRate(kbits int) { d.rate.set(kbits) }

// Push takes the next octets of the timeslot and calls deliver for each good frame that ends in them. The frame
// comes without its FCS and is valid only during the call.
func (d *Decoder) Push(octets []byte, deliver func(frame []byte)) {
	last := 8 - d.rate.bits()
	for _, octet := range octets {
		for i := 7; i >= last; i-- {
			d.push(octet>>i&1, deliver)
		}
	}
}

func (d *Decoder) push(bit byte, deliver func(frame []byte)) {
	if bit == 1 {
		d.ones++
		switch {
		case d.ones <= 5:
			d.data(1)
		case d.ones == 7:
			d.abort()
		}
		return
	}
	ones := d.ones
	d.ones = 0
	switch {
	case ones < 5:
		d.data(0)
	case ones == 5: // stuffed
	case ones == 6:
		d.flag(deliver)
	}
}

// data takes one bit of the frame.
func (d *Decoder) data(bit byte) {
	if !d.inFrame {
		return
	}
	d.octet = d.octet>>1 | bit<<7
	d.bits++
	if d.bits%8 != 0 {
		return
	}
	if len(d.frame) == d.maxFrame+fcsOctets {
		d.badFrames.Add(1)
		d.inFrame = false
		return
	}
	d.frame = append(d.frame, d.octet)
	d.fcs = fcsAdd(d.fcs, d.octet)
}

// abort ends a frame at the seventh one. A line that idles with ones after a flag breaks off nothing: only the
// first five of them have come in since.
func (d *Decoder) abort() {
	if d.inFrame && d.bits >= closingBits {
		d.aborts.Add(1)
	}
	d.inFrame = false
}

// flag closes the frame, if there is one, and opens the next.
func (d *Decoder) flag(deliver func(frame []byte)) {
	if d.inFrame && d.bits > closingBits { // else flag after flag, or flags that share a zero
		switch {
		case d.bits%8 != closingBits || len(d.frame) < MinFrame+fcsOctets:
			d.badFrames.Add(1)
		case d.fcs != fcsGood:
			d.badFCS.Add(1)
		default:
			deliver(d.frame[:len(d.frame)-fcsOctets])
		}
	}
	d.inFrame = true
	d.frame, d.bits, d.fcs = d.frame[:0], 0, fcsBegin
}
