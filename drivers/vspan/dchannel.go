package vspan

import (
	"errors"
	"io"
	"sync"
	"sync/atomic"

	"trunkbox/drivers/hdlc"
	"trunkbox/drivers/span"
)

// sendQueue is how many frames wait for the D channel: a second of the longest ones.
const sendQueue = 32

// receiveQueue is how many frames wait for ReceiveFrame.
const receiveQueue = 64

// dchannel turns frames into the octets of the D timeslot and back.
type dchannel struct {
	encoder  *hdlc.Encoder
	decoder  *hdlc.Decoder
	inverted atomic.Bool
	turned   [span.MaxBlock]byte // what was received, inverted back
	keep     func(frame []byte)  // d.queue, bound once so that a tick does not allocate

	mu     sync.Mutex
	came   sync.Cond
	frames [receiveQueue][]byte // ring of frames received; the places keep their memory
	head   uint64               // frames ever put in
	tail   uint64               // frames ever taken out
	lost   uint64               // frames nobody fetched in time
	closed bool
}

func (d *dchannel) init() {
	d.encoder, d.decoder = hdlc.NewEncoder(sendQueue), hdlc.NewDecoder(span.MaxFrame)
	d.came.L = &d.mu
	d.keep = d.queue
	for i := range d.frames {
		d.frames[i] = make([]byte, 0, span.MaxFrame)
	}
}

// tune takes over what a format says of the D channel.
func (d *dchannel) tune(f span.Format) {
	d.inverted.Store(f.DInverted)
	d.encoder.SetRate(f.DRate)
	d.decoder.SetRate(f.DRate)
}

// push takes octets of the timeslot as they were received.
func (d *dchannel) push(octets []byte) {
	if d.inverted.Load() {
		turned := d.turned[:len(octets)]
		for i, o := range octets {
			turned[i] = ^o
		}
		octets = turned
	}
	d.decoder.Push(octets, d.keep)
}

// fill gives the octets of the timeslot to send.
func (d *dchannel) fill(octets []byte) {
	d.encoder.Fill(octets)
	if d.inverted.Load() {
		invert(octets)
	}
}

func invert(octets []byte) {
	for i := range octets {
		octets[i] = ^octets[i]
	}
}

func (d *dchannel) queue(frame []byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.head-d.tail == receiveQueue {
		d.lost++
		return
	}
	place := &d.frames[d.head%receiveQueue]
	*place = append((*place)[:0], frame...)
	d.head++
	d.came.Signal()
}

func (d *dchannel) receive(buf []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for d.head == d.tail && !d.closed {
		d.came.Wait()
	}
	if d.closed {
		return 0, io.EOF
	}
	n := copy(buf, d.frames[d.tail%receiveQueue])
	d.tail++
	return n, nil
}

func (d *dchannel) send(frame []byte) error {
	d.mu.Lock()
	closed := d.closed
	d.mu.Unlock()
	if closed {
		return io.EOF
	}
	if len(frame) < hdlc.MinFrame || len(frame) > span.MaxFrame {
		return span.FrameLengthError(len(frame))
	}
	err := d.encoder.Send(frame)
	if errors.Is(err, hdlc.ErrFull) {
		return span.ErrBusy
	}
	return err
}

func (d *dchannel) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	d.came.Broadcast()
}

// count adds the counters of the D channel.
func (d *dchannel) count(c *span.Counters) {
	h := d.decoder.Counters()
	c.Aborts, c.BadFCS, c.BadFrames = h.Aborts, h.BadFCS, h.BadFrames
	d.mu.Lock()
	defer d.mu.Unlock()
	c.RxOverruns += d.lost
}
