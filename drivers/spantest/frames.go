package spantest

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"trunkbox/drivers/span"
)

// shortest is the shortest frame of Q.921: address 2 octets, control 1.
const shortest = 3

// frame returns the frame number n of a direction. Its octets are random, with runs of ones and
// flags in them, which are what bit stuffing and frame delimiting can go wrong on.
func frame(direction uint64, n, length int) []byte {
	random := rand.New(rand.NewPCG(direction+1, uint64(n)+1))
	f := make([]byte, length)
	for i := range f {
		f[i] = byte(random.Uint32())
		switch random.Uint32() % 8 {
		case 0:
			f[i] = 0xff
		case 1:
			f[i] = 0x7e
		}
	}
	return f
}

// frameAttempts is how often all lengths are sent, until no loss was counted.
const frameAttempts = 4

// frames sends a frame of every length both ways at once and wants them whole and in order.
func frames(t *testing.T, a, b span.Line) {
	m := moving(t, a, b)
	for attempt := 1; ; attempt++ {
		hurt, lost := damaged(a)+damaged(b), slips(a)+slips(b) // opening an end disturbs the other
		faults := exchangeFrames(t, m[0], m[1], uint64(2*attempt))
		hurt, lost = damaged(a)+damaged(b)-hurt, slips(a)+slips(b)-lost
		if len(faults) == 0 && hurt == 0 {
			return
		}
		if lost == 0 || attempt == frameAttempts {
			t.Fatalf("attempt %d, %d damaged frames and %d losses counted (%+v, %+v): %v",
				attempt, hurt, lost, a.Status().Counters, b.Status().Counters, faults)
		}
		t.Logf("attempt %d, %d damaged frames and %d losses counted, again: %v", attempt, hurt, lost, faults)
	}
}

// damaged sums the counters that tell of frames which arrived wrong.
func damaged(line span.Line) uint64 {
	c := line.Status().Counters
	return c.Aborts + c.BadFCS + c.BadFrames
}

// exchangeFrames sends all lengths both ways; directions are the seeds of the frames from direction on.
func exchangeFrames(t *testing.T, a, b *mover, direction uint64) (faults []error) {
	t.Helper()
	sent, received := make(chan error, 2), make(chan error, 2)
	for i, way := range []struct{ from, to *mover }{{a, b}, {b, a}} {
		seed := direction + uint64(i)
		go func() { sent <- sendAll(way.from, seed) }()
		go func() { received <- receiveAll(way.to.line, seed) }()
	}
	for range 2 {
		if err := ended(t, "SendFrame", sent); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if err := ended(t, "ReceiveFrame", received); err != nil {
			faults = append(faults, err)
		}
	}
	return faults
}

func sendAll(from *mover, direction uint64) error {
	for length := shortest; length <= span.MaxFrame; length++ {
		if err := sendWhenFree(from, frame(direction, length, length)); err != nil {
			return fmt.Errorf("%s: a frame of %d octets: %w", from.line.Name(), length, err)
		}
	}
	for length := endLength; length < endLength+ends; length++ {
		if err := sendWhenFree(from, frame(direction, 0, length)); err != nil {
			return err
		}
	}
	return nil
}

// Frames which say that no further one comes are sent more than once, because one may be lost.
const (
	endLength = 9
	ends      = 3
)

func isEnd(f []byte, direction uint64) bool {
	return len(f) >= endLength && len(f) < endLength+ends && bytes.Equal(f, frame(direction, 0, len(f)))
}

// receiveAll wants the frames of a direction, one of each length, in order. It returns when the last
// has come, whatever was missing, and passes over what is left of an attempt before.
func receiveAll(to span.Line, direction uint64) (first error) {
	buf := make([]byte, span.MaxFrame)
	length := shortest
	for {
		n, err := to.ReceiveFrame(buf)
		if err != nil {
			return fmt.Errorf("%s: ReceiveFrame for %d octets: %w", to.Name(), length, err)
		}
		switch got := buf[:n]; {
		case length <= span.MaxFrame && bytes.Equal(got, frame(direction, length, length)):
			length++
		case isEnd(got, direction-2):
		case isEnd(got, direction):
			if first == nil && length <= span.MaxFrame {
				first = fmt.Errorf("%s: the frames end before that of %d octets", to.Name(), length)
			}
			return first
		case first == nil:
			first = fmt.Errorf("%s: got a frame of %d octets % x…, want one of %d", to.Name(), n, got[:min(n, 8)], length)
		}
	}
}

// sendWhenFree sends a frame; while the queue is full it waits for ticks of the line.
func sendWhenFree(from *mover, f []byte) error {
	late := time.After(limit)
	for {
		err := from.line.SendFrame(f)
		if !errors.Is(err, span.ErrBusy) {
			return err
		}
		select {
		case <-from.ticked:
		case <-late:
			return fmt.Errorf("after %v: %w", limit, err)
		}
	}
}

// frameLengths checks that frames which are no frames are refused with their length.
func frameLengths(t *testing.T, a, _ span.Line) {
	for _, length := range []int{0, 1, 2, span.MaxFrame + 1, 2 * span.MaxFrame} {
		err := a.SendFrame(make([]byte, length))
		var wrong span.FrameLengthError
		if !errors.As(err, &wrong) || int(wrong) != length {
			t.Errorf("SendFrame of %d octets: %v, want a FrameLengthError of %d", length, err, length)
		}
	}
}

// fullQueue sends faster than the line: SendFrame must say ErrBusy rather than wait, and every
// frame it has taken must arrive, in order.
func fullQueue(t *testing.T, a, b span.Line) {
	moving(t, a, b)
	const most = 4096 // frames of 264 octets: more than two minutes of a D channel
	taken := 0
	for ; taken < most; taken++ {
		err := a.SendFrame(frame(0, taken, span.MaxFrame))
		if errors.Is(err, span.ErrBusy) {
			break
		}
		if err != nil {
			t.Fatalf("frame %d: %v", taken, err)
		}
	}
	if taken == 0 || taken == most {
		t.Fatalf("SendFrame took %d frames at once; want ErrBusy when the queue is full", taken)
	}
	t.Logf("%s: the transmit queue takes %d frames of %d octets", a.Name(), taken, span.MaxFrame)
	received := make(chan error, 1)
	go func() {
		buf := make([]byte, span.MaxFrame)
		for i := range taken {
			n, err := b.ReceiveFrame(buf)
			if err != nil {
				received <- err
				return
			}
			if !bytes.Equal(buf[:n], frame(0, i, span.MaxFrame)) {
				received <- fmt.Errorf("frame %d of %d (%d octets) is not the one sent", i, taken, n)
				return
			}
		}
		received <- nil
	}()
	if err := ended(t, "ReceiveFrame", received); err != nil {
		t.Errorf("%s: %v", b.Name(), err)
	}
}
