package realtime

import (
	"encoding/binary"
	"fmt"
	"os"
	"runtime"

	"golang.org/x/sys/unix"
)

// Bell wakes a thread that waits for it, and counts how often it was rung meanwhile (eventfd(2)). It lives as long as
// somebody knows it.
type Bell struct{ fd int }

// NewBell fails when the process has as many files as it may have.
func NewBell() (*Bell, error) {
	fd, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		return nil, fmt.Errorf("eventfd: %w", err)
	}
	b := &Bell{fd}
	runtime.AddCleanup(b, func(fd int) { _ = unix.Close(fd) }, fd)
	return b, nil
}

// once is what is written to ring it once.
var once = binary.NativeEndian.AppendUint64(nil, 1)

// Ring never waits. It is one system call, without allocation.
func (b *Bell) Ring() {
	_, _ = unix.Write(b.fd, once)
	runtime.KeepAlive(b)
}

// Awaited is what Wait is to wait for.
func (b *Bell) Awaited() unix.PollFd { return unix.PollFd{Fd: int32(b.fd), Events: unix.POLLIN} }

// File is the bell for a goroutine without a thread of its own: a Read of eight octets returns when it was rung, or at the
// file's deadline. Who hears it so needs no Heard.
func (b *Bell) File(name string) (*os.File, error) {
	fd, err := unix.FcntlInt(uintptr(b.fd), unix.F_DUPFD_CLOEXEC, 0)
	runtime.KeepAlive(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return os.NewFile(uintptr(fd), name), nil
}

// Heard is how often it was rung since it was last heard; it does not wait.
func (b *Bell) Heard() int {
	var count [8]byte
	n, err := unix.Read(b.fd, count[:])
	runtime.KeepAlive(b)
	if n != len(count) || err != nil {
		return 0
	}
	return int(binary.NativeEndian.Uint64(count[:]))
}
