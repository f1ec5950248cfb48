package realtime

import (
	"errors"
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestBell: who waits wakes, hears how often it was rung, and waits on.
func TestBell(t *testing.T) {
	b, err := NewBell()
	if err != nil {
		t.Fatal(err)
	}
	if n := b.Heard(); n != 0 {
		t.Errorf("heard %d times before it was rung", n)
	}
	waits := func(want int) {
		t.Helper()
		if n, err := Wait([]unix.PollFd{b.Awaited()}, 0); n != want || err != nil {
			t.Errorf("%d wait for it, %v; want %d", n, err, want)
		}
	}
	waits(0)
	for range 3 {
		b.Ring()
	}
	waits(1)
	if n := b.Heard(); n != 3 {
		t.Errorf("heard %d times, rung 3 times", n)
	}
	waits(0)
	if n := testing.AllocsPerRun(100, b.Ring); n != 0 {
		t.Errorf("%v allocations to ring it", n)
	}
}

// TestBellAsAFile: a goroutine without a thread of its own sleeps until it is rung, or until a deadline.
func TestBellAsAFile(t *testing.T) {
	b, err := NewBell()
	if err != nil {
		t.Fatal(err)
	}
	f, err := b.File("bell")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	var count [8]byte
	_ = f.SetReadDeadline(time.Now().Add(time.Millisecond))
	if _, err := f.Read(count[:]); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("nobody rang: %v", err)
	}
	_ = f.SetReadDeadline(time.Now().Add(10 * time.Second))
	heard := make(chan error)
	go func() { _, err := f.Read(count[:]); heard <- err }()
	b.Ring()
	if err := <-heard; err != nil {
		t.Errorf("rung: %v", err)
	}
	if n := b.Heard(); n != 0 {
		t.Errorf("heard %d times more", n)
	}
}
