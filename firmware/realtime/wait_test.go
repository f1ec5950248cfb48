package realtime

import (
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestWait: with a place of its own and without, a thread wakes when there is something, and after its time.
func TestWait(t *testing.T) {
	defer func(n int) { Processors(0); runtime.GOMAXPROCS(n) }(runtime.GOMAXPROCS(0))
	wake, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = unix.Close(wake) }()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for _, threads := range []int{0, 1} {
		Processors(threads)
		if placed.Load() != (len(Tasks()) <= threads) {
			t.Errorf("%d places for %d threads: %v", threads, len(Tasks()), placed.Load())
		}
		fds := []unix.PollFd{{Fd: int32(wake), Events: unix.POLLIN}}
		began := time.Now()
		for time.Since(began) < 5*time.Millisecond { // a signal may end it sooner
			if n, err := Wait(fds, time.Millisecond); n != 0 || err != nil {
				t.Fatalf("%d places, nothing there: %d, %v", threads, n, err)
			}
		}
		go func() { _, _ = unix.Write(wake, []byte{1, 0, 0, 0, 0, 0, 0, 0}) }()
		n := 0
		for n == 0 && time.Since(began) < 10*time.Second {
			if n, err = Wait(fds, time.Second); err != nil {
				t.Fatal(err)
			}
		}
		if n != 1 || fds[0].Revents != unix.POLLIN {
			t.Errorf("%d places: %d have %#x", threads, n, fds[0].Revents)
		}
		var octets [8]byte
		_, _ = unix.Read(wake, octets[:])
		if n, err := Wait([]unix.PollFd{{Fd: -2, Events: unix.POLLIN}}, -1); n != 0 || err != nil {
			t.Errorf("%d places, no time: %d, %v", threads, n, err)
		}
	}
}

// TestMoreThreadsThanPlaces: then none keeps its place.
func TestMoreThreadsThanPlaces(t *testing.T) {
	defer func(n int) { Processors(0); runtime.GOMAXPROCS(n) }(runtime.GOMAXPROCS(0))
	Processors(1)
	ended := make(chan struct{})
	var had []bool
	for range 2 {
		go func() {
			defer func() { ended <- struct{}{} }()
			runtime.LockOSThread() // and ends with the goroutine
			leave := Thread("test", 0, -1)
			had = append(had, placed.Load())
			if len(had) == 2 {
				leave()
			}
		}()
		<-ended
	}
	if !had[0] || had[1] || !placed.Load() {
		t.Errorf("one thread: %v, two: %v, one again: %v", had[0], had[1], placed.Load())
	}
	mu.Lock()
	clear(tasks)
	mu.Unlock()
}
