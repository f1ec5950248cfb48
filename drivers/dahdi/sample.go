package dahdi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"unsafe"

	"golang.org/x/sys/unix"

	"trunkbox/drivers/span"
)

// What the kernel allows: the octets of B timeslots are read by Tick in any case, in use or not, and can be
// copied. Those of the D channel's timeslot never leave the kernel, which makes frames of them; to have them,
// the channel must become a clear one for the time, without frames. (The kernel can be built to mirror a
// channel, but is not.) Timeslot 0 stays in the framer.

// Sample copies the B timeslots as Tick brings them; the D channel's is not among them.
func (l *Line) Sample(ctx context.Context, blocks []span.Block) (span.Slotset, error) {
	var slots span.Slotset
	for _, ts := range l.Bearers() {
		slots = slots.With(ts)
	}
	return slots, l.tap.Draw(ctx, blocks, l.closed.Load)
}

// SampleD stops the D channel, reads its timeslot and starts the D channel again. Meanwhile SendFrame says
// ErrBusy and ReceiveFrame waits.
func (l *Line) SampleD(ctx context.Context, blocks []span.Block) (err error) {
	if l.noD {
		return l.withoutD()
	}
	l.use.RLock()
	defer l.use.RUnlock()
	if l.closed.Load() {
		return io.EOF
	}
	if l.dchan.sigtype == sigHardHDLC {
		return fmt.Errorf("%s: the octets of timeslot %d, of which the card makes frames by itself: %w", l.name, l.kind.D(), span.ErrNotSupported)
	}
	if !l.reading.TryLock() { // ReceiveFrame has it for a moment only, a sample for long
		if l.clear.Load() {
			return span.ErrSampling
		}
		l.reading.Lock()
	}
	defer l.reading.Unlock()
	l.pause(true)
	defer l.pause(false)
	if err := l.clearD(true); err != nil {
		return errors.Join(err, l.clearD(false))
	}
	defer func() { err = errors.Join(err, l.clearD(false)) }()
	for i := range blocks {
		if err := l.readD(ctx, blocks[i][l.kind.D()][:l.block]); err != nil {
			return err
		}
	}
	return nil
}

// pause keeps frames from being written into a clear channel.
func (l *Line) pause(on bool) {
	l.tx.Lock()
	defer l.tx.Unlock()
	l.clear.Store(on)
}

// clearD makes the D channel a clear one, or gives it its frames back.
func (l *Line) clearD(on bool) error {
	sigtype, framed := int32(sigClear), int32(0)
	buffers := bufInfo{txpolicy: policyImmediate, rxpolicy: policyImmediate, numbufs: maxBuffers, bufsize: int32(l.block)}
	if !on {
		sigtype, framed = l.dchan.sigtype, 1
		buffers.bufsize = frameBuffer
	}
	if l.dchan.sigtype == sigHDLCFCS {
		c := chanConfig{channel: l.dchan.number, sigtype: sigtype, deflaw: lawOf(l.kind), master: l.dchan.number}
		if err := ioctl(l.ctl, ioChanConfig, unsafe.Pointer(&c)); err != nil {
			return l.refusal(fmt.Sprintf("signalling %#x of timeslot %d", sigtype, l.kind.D()), err)
		}
	} else if err := ioctlSet(l.d, ioHDLCFCSMode, framed); err != nil { // configured as bchan
		return l.refusal(fmt.Sprintf("HDLC %d of timeslot %d", framed, l.kind.D()), err)
	}
	if err := ioctl(l.d, ioSetBufInfo, unsafe.Pointer(&buffers)); err != nil {
		return l.ioError("SET_BUFINFO", l.kind.D(), err)
	}
	if err := ioctlSet(l.d, ioFlush, flushRead|flushWrite|flushEvent); err != nil {
		return l.ioError("FLUSH", l.kind.D(), err)
	}
	if on {
		return nil
	}
	return ioctlSet(l.d, ioHDLCRate, int32(l.tuned.rate.Load())) // begins the bit stream anew
}

// readD reads one block of the clear D channel.
func (l *Line) readD(ctx context.Context, block []byte) error {
	var w waiting
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, errno := read(l.d, block)
		switch errno {
		case 0:
			if n == len(block) {
				return nil
			}
		case unix.EAGAIN:
			if err := l.wait(l.d, &w, patience); err != nil {
				return err
			}
		case errEvent:
			if err := l.takeSignal(); err != nil {
				return err
			}
		case unix.EINTR:
		default:
			return l.ioError("read", l.kind.D(), errno)
		}
	}
}

var (
	_ span.Tuner      = (*Line)(nil)
	_ span.Maintainer = (*Line)(nil)
	_ span.Sampler    = (*Line)(nil)
)
