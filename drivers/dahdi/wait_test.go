package dahdi

import (
	"errors"
	"io"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestWait: for data, for Close, for a channel that is gone and for a clock that does not come, whether Go's scheduler
// knows of the wait or the thread has a way of its own, in which each signal ends it.
func TestWait(t *testing.T) {
	interrupted := func(fds []unix.PollFd, timeout time.Duration) (int, error) {
		if timeout == forever || timeout > time.Millisecond {
			timeout = time.Millisecond
		}
		return plainWait(fds, timeout)
	}
	for name, ppoll := range map[string]func([]unix.PollFd, time.Duration) (int, error){"plain": nil, "interrupted": interrupted} {
		t.Run(name, func(t *testing.T) {
			channel, data := pipe(t)
			wake, closes := pipe(t)
			defer func() { _ = unix.Close(closes) }()
			l := &Line{name: "trunk", number: 7, wake: wake}
			w := waiting{ppoll: ppoll}
			const limit = 20 * time.Millisecond
			began := time.Now()
			err := l.wait(channel, &w, limit)
			if none, is := errors.AsType[NoClockError](err); !is || none.For != limit || time.Since(began) < limit {
				t.Errorf("nothing there: %v after %v", err, time.Since(began))
			}
			go func() { _, _ = unix.Write(data, []byte{1}) }()
			if err := l.wait(channel, &w, 10*time.Second); err != nil {
				t.Errorf("data there: %v", err)
			}
			var octet [1]byte
			_, _ = unix.Read(channel, octet[:])
			go func() { _, _ = unix.Write(closes, []byte{1}) }()
			if err := l.wait(channel, &w, 0); err != io.EOF {
				t.Errorf("closed: %v", err)
			}
			_, _ = unix.Read(wake, octet[:])
			_ = unix.Close(data)
			if err := l.wait(channel, &w, 10*time.Second); !errors.Is(err, unix.ENODEV) {
				t.Errorf("gone: %v", err)
			}
		})
	}
}

// pipe stands for a file of the driver: what is written to the second, which is the caller's to close, can be read from the
// first.
func pipe(t *testing.T) (read, write int) {
	t.Helper()
	var fds [2]int
	if err := unix.Pipe2(fds[:], unix.O_CLOEXEC|unix.O_NONBLOCK); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Close(fds[0]) })
	return fds[0], fds[1]
}
