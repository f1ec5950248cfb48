package spantest

import (
	"errors"
	"io"
	"testing"
	"time"

	"trunkbox/drivers/span"
)

// closeEndsTick closes a line while its owner of the sound is ticking.
func closeEndsTick(t *testing.T, a, _ span.Line) {
	m := newMover(a)
	m.start()
	m.wait(t, 3)
	if err := a.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	if err := ended(t, "Tick", m.done); !errors.Is(err, io.EOF) {
		t.Errorf("Tick after Close: %v, want io.EOF", err)
	}
}

// closeEndsReceiveFrame closes a line while its owner of the D channel waits for a frame.
func closeEndsReceiveFrame(t *testing.T, a, b span.Line) {
	m := moving(t, a, b)
	got := make(chan error, 1)
	first := make(chan struct{})
	go func() {
		buf := make([]byte, span.MaxFrame)
		for n := 0; ; n++ {
			_, err := a.ReceiveFrame(buf)
			if err != nil {
				got <- err
				return
			}
			if n == 0 {
				close(first)
			}
		}
	}()
	if err := sendWhenFree(m[1], frame(0, 0, shortest)); err != nil {
		t.Fatal(err)
	}
	select { // the receiver is at work when it has given one frame
	case <-first:
	case err := <-got:
		t.Fatalf("ReceiveFrame: %v", err)
	case <-time.After(limit):
		t.Fatalf("no frame in %v", limit)
	}
	if err := a.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	if err := ended(t, "ReceiveFrame", got); !errors.Is(err, io.EOF) {
		t.Errorf("ReceiveFrame after Close: %v, want io.EOF", err)
	}
}

// afterClose checks every method of a line that has been closed.
func afterClose(t *testing.T, a, _ span.Line) {
	events := a.Events()
	for range 2 {
		if err := a.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
	var rx, tx span.Block
	if err := a.Tick(&rx, &tx); !errors.Is(err, io.EOF) {
		t.Errorf("Tick: %v, want io.EOF", err)
	}
	if _, err := a.ReceiveFrame(make([]byte, span.MaxFrame)); !errors.Is(err, io.EOF) {
		t.Errorf("ReceiveFrame: %v, want io.EOF", err)
	}
	if err := a.SendFrame(frame(0, 0, shortest)); !errors.Is(err, io.EOF) {
		t.Errorf("SendFrame: %v, want io.EOF", err)
	}
	late := time.After(limit)
	for open := true; open; {
		select {
		case _, open = <-events:
		case <-late:
			t.Fatalf("Events is not closed %v after Close", limit)
		}
	}
	a.Status() // must not panic
}
