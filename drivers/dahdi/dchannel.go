package dahdi

import (
	"fmt"
	"io"

	"golang.org/x/sys/unix"

	"trunkbox/drivers/span"
)

// fcsLength is the two octets after a frame that the kernel fills in on the way out and has checked
// on the way in.
const fcsLength = 2

// shortestFrame is an unnumbered frame: address 2 octets, control 1 (Q.921 2.2).
const shortestFrame = 3

// ReceiveFrame waits for a frame; it waits for events with POLLPRI too, or an alarm on an idle
// D channel would stay unseen.
func (l *Line) ReceiveFrame(buf []byte) (int, error) {
	if l.noD {
		return 0, l.withoutD()
	}
	l.use.RLock()
	defer l.use.RUnlock()
	var w waiting
	for {
		if l.closed.Load() {
			return 0, io.EOF
		}
		l.reading.Lock()
		n, errno := read(l.d, l.rx[:])
		l.reading.Unlock()
		switch errno {
		case 0:
			n -= fcsLength
			if n < shortestFrame || n > span.MaxFrame {
				l.counts.badFrames.Add(1)
				continue
			}
			return copy(buf, l.rx[:n]), nil
		case unix.EAGAIN:
			if err := l.wait(l.d, &w, 0); err != nil {
				return 0, err
			}
		case errEvent:
			if err := l.takeSignal(); err != nil {
				return 0, err
			}
		case unix.EINTR:
		default:
			return 0, l.ioError("read", l.kind.D(), errno)
		}
	}
}

// withoutD says that a span opened with Options.NoD has no frames.
func (l *Line) withoutD() error {
	return fmt.Errorf("%s: timeslot %d is a B channel here: %w", l.name, l.kind.D(), span.ErrNotSupported)
}

// SendFrame queues a frame in the kernel, which has room for 32.
func (l *Line) SendFrame(frame []byte) error {
	if l.noD {
		return l.withoutD()
	}
	if len(frame) < shortestFrame || len(frame) > span.MaxFrame {
		return span.FrameLengthError(len(frame))
	}
	l.use.RLock()
	defer l.use.RUnlock()
	if l.closed.Load() {
		return io.EOF
	}
	l.tx.Lock()
	defer l.tx.Unlock()
	if l.clear.Load() {
		return span.ErrBusy
	}
	n := copy(l.tx.frame[:], frame) + fcsLength
	for {
		_, errno := write(l.d, l.tx.frame[:n])
		switch errno {
		case 0:
			return nil
		case unix.EAGAIN:
			return span.ErrBusy
		case errEvent:
			if err := l.takeSignal(); err != nil {
				return err
			}
		case unix.EINTR:
		default:
			return l.ioError("write", l.kind.D(), errno)
		}
	}
}

// takeSignal fetches the events of the D channel.
func (l *Line) takeSignal() error {
	told, err := l.takeEvents(l.d)
	if err != nil {
		return l.ioError("GETEVENT", l.kind.D(), err)
	}
	if told.behind {
		l.counts.rxOverruns.Add(1)
	}
	return nil
}
