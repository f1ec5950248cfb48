package realtime

import (
	"runtime"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

var (
	places int         // for threads of sound; guarded by mu
	placed atomic.Bool // somebody has made some
)

// Processors lets the scheduler of Go run so many threads of sound beside the processors' own work, so that a thread
// whose tick has come never waits for a place that other work holds. Whoever knows how many there will be says so before
// the first; Thread makes room for more, for which all threads stand a moment. More places than needed do harm: a quarter
// of them collects memory when that is due, whatever the number of processors.
func Processors(threads int) {
	mu.Lock()
	defer mu.Unlock()
	places = threads
	runtime.GOMAXPROCS(runtime.NumCPU() + places)
	placed.Store(true)
	count()
}

// count makes places when there are too few. Called with mu held.
func count() {
	if n := len(tasks); placed.Load() && n > places {
		places = n
		runtime.GOMAXPROCS(runtime.NumCPU() + places)
	}
}

// Wait is ppoll(2): how many of fds have something, 0 after timeout or when a signal came.
//
// Where each thread of sound has a place of its own (Processors), it keeps it while it waits, and to Go's scheduler it runs.
// In a system call that the scheduler knows of, others may look at the goroutine meanwhile: the collector at its stack, the
// watcher at its place. It cannot go on until they are done, and spins. If it has woken on the very processor where they
// ran, they are never done, for it comes before them: the thread then stood for as long as the kernel lets one of its
// priority, 0.95 s. Of a thread that runs the scheduler asks by a signal, which ends the wait.
func Wait(fds []unix.PollFd, timeout time.Duration) (n int, err error) {
	spec := unix.NsecToTimespec(int64(max(timeout, 0)))
	if !placed.Load() {
		if n, err = unix.Ppoll(fds, &spec, nil); err == unix.EINTR {
			return 0, nil
		}
		return n, err
	}
	ready, _, number := syscall.RawSyscall6(unix.SYS_PPOLL, uintptr(unsafe.Pointer(unsafe.SliceData(fds))), uintptr(len(fds)),
		uintptr(unsafe.Pointer(&spec)), 0, 0, 0)
	switch number {
	case 0:
		return int(ready), nil
	case unix.EINTR:
		return 0, nil
	}
	return 0, number
}
