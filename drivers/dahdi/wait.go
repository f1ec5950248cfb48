package dahdi

import (
	"errors"
	"fmt"
	"io"
	"time"

	"golang.org/x/sys/unix"
)

// NoClockError says how long a span has brought no octet.
type NoClockError struct {
	Line string
	For  time.Duration
}

func (e NoClockError) Error() string {
	return fmt.Sprintf("%s: no octet in %v: the span is not started or nothing gives it a clock (see dahdi_cfg, and the cable)", e.Line, e.For)
}

// patience is how long a wait for the line's clock lasts before it is called missing.
const patience = time.Second

// waiting is what one goroutine waits with.
type waiting struct {
	ppoll func(fds []unix.PollFd, timeout time.Duration) (int, error) // nil: as everybody waits
	poll  [2]unix.PollFd
}

// wait waits until a channel has data or an event. With a limit it gives up after that long with a
// NoClockError; zero waits for ever.
func (l *Line) wait(fd int, w *waiting, limit time.Duration) error {
	ppoll, left := w.ppoll, time.Duration(forever)
	if ppoll == nil {
		ppoll = plainWait
	}
	w.poll[0] = unix.PollFd{Fd: int32(fd), Events: unix.POLLIN | unix.POLLPRI}
	w.poll[1] = unix.PollFd{Fd: int32(l.wake), Events: unix.POLLIN}
	began := time.Now()
	for {
		if limit > 0 {
			left = max(0, limit-time.Since(began))
		}
		n, err := ppoll(w.poll[:], left)
		switch {
		case err != nil:
			return fmt.Errorf("%s: poll: %w", l.name, err)
		case n == 0 && left == 0:
			return NoClockError{l.name, limit}
		case n == 0: // a signal, or the limit: another look tells
		case w.poll[1].Revents != 0:
			return io.EOF // Close is waiting for us
		case w.poll[0].Revents&(unix.POLLERR|unix.POLLHUP|unix.POLLNVAL) != 0:
			return l.removed()
		default:
			return nil
		}
	}
}

// forever is a timeout that does not come.
const forever = -1

// plainWait is ppoll as Go's scheduler knows it.
func plainWait(fds []unix.PollFd, timeout time.Duration) (int, error) {
	var spec *unix.Timespec
	if timeout != forever {
		some := unix.NsecToTimespec(int64(timeout))
		spec = &some
	}
	n, err := unix.Ppoll(fds, spec, nil)
	if errors.Is(err, unix.EINTR) {
		return 0, nil
	}
	return n, err
}
