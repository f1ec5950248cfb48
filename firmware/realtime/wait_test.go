package realtime

import (
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestWait: with a place of its own and without, a thread wakes when there is something, and after its time.
func TestWait(t *testing.T) {
	defer func(n int) { runtime.GOMAXPROCS(n); placed.Store(false) }(runtime.GOMAXPROCS(0))
	bell, err := NewBell()
	if err != nil {
		t.Fatal(err)
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for _, own := range []bool{false, true} {
		Processors(1)
		placed.Store(own)
		fds := []unix.PollFd{bell.Awaited()}
		began := time.Now()
		for time.Since(began) < 5*time.Millisecond { // a signal may end it sooner
			if n, err := Wait(fds, time.Millisecond); n != 0 || err != nil {
				t.Fatalf("a place of its own: %v, nothing there: %d, %v", own, n, err)
			}
		}
		go bell.Ring()
		n := 0
		for n == 0 && time.Since(began) < 10*time.Second {
			if n, err = Wait(fds, time.Second); err != nil {
				t.Fatal(err)
			}
		}
		if n != 1 || fds[0].Revents != unix.POLLIN {
			t.Errorf("a place of its own: %v, %d have %#x", own, n, fds[0].Revents)
		}
		bell.Heard()
		if n, err := Wait([]unix.PollFd{{Fd: -2, Events: unix.POLLIN}}, -1); n != 0 || err != nil {
			t.Errorf("a place of its own: %v, no time: %d, %v", own, n, err)
		}
	}
}

// TestAThreadMakesItsPlace when there is none, and who comes after it has that one.
func TestAThreadMakesItsPlace(t *testing.T) {
	defer func(n int) { runtime.GOMAXPROCS(n); placed.Store(false) }(runtime.GOMAXPROCS(0))
	Processors(1)
	over, made := make(chan struct{}), make(chan int)
	thread := func(stays bool) int {
		go func() {
			runtime.LockOSThread() // and ends with the goroutine
			leave := Thread("test", 0, -1)
			made <- runtime.GOMAXPROCS(0) - runtime.NumCPU()
			if stays {
				<-over
			}
			leave()
			made <- 0
		}()
		n := <-made
		if !stays {
			<-made
		}
		return n
	}
	if one, two, again := thread(true), thread(false), thread(false); one != 1 || two != 2 || again != 2 {
		t.Errorf("places for one thread: %d, two: %d, one and another: %d", one, two, again)
	}
	close(over)
	<-made
}
