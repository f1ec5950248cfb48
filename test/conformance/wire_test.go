package conformance

import (
	"io"
	"sync"
	"sync/atomic"

	"trunkbox/drivers/span"
)

// wire is one end of a line of which only the D channel works: a frame sent at one end is received at the other.
type wire struct {
	kind   span.Kind
	other  *wire
	frames chan []byte
	closed chan struct{}
	bare   bool               // there is no D channel: its timeslot is a B channel too
	hear   func(frame []byte) // every frame sent, when set
	once   sync.Once
	alarms atomic.Uint32
	cut    atomic.Bool                                 // frames of this end are lost
	bend   atomic.Pointer[func(frame []byte) [][]byte] // what becomes of a frame sent, when set
}

// newWires returns the two ends of a line.
func newWires(kind span.Kind) (a, b *wire) {
	a = &wire{kind: kind, frames: make(chan []byte, 512), closed: make(chan struct{})}
	b = &wire{kind: kind, frames: make(chan []byte, 512), closed: make(chan struct{})}
	a.other, b.other = b, a
	return a, b
}

func (w *wire) Name() string    { return "wire" }
func (w *wire) Kind() span.Kind { return w.kind }
func (w *wire) Block() int      { return span.MaxBlock }

// Bearers are the B channels, the D channel's timeslot among them where there is none.
func (w *wire) Bearers() []span.Timeslot {
	if w.bare {
		return w.kind.Payload()
	}
	return w.kind.B()
}

func (w *wire) Tick(_, _ *span.Block) error {
	<-w.closed
	return io.EOF
}

func (w *wire) ReceiveFrame(buf []byte) (int, error) {
	select {
	case frame := <-w.frames:
		return copy(buf, frame), nil
	case <-w.closed:
		return 0, io.EOF
	}
}

func (w *wire) SendFrame(frame []byte) error {
	if w.hear != nil {
		w.hear(frame)
	}
	if w.cut.Load() {
		return nil
	}
	arrives := [][]byte{frame}
	if bend := w.bend.Load(); bend != nil {
		arrives = (*bend)(frame)
	}
	for _, frame := range arrives {
		if len(frame) > span.MaxFrame { // a driver drops it and counts it
			continue
		}
		select {
		case w.other.frames <- append([]byte(nil), frame...):
		default:
			return span.ErrBusy
		}
	}
	return nil
}

func (w *wire) Status() span.Status { return span.Status{Alarms: span.Alarm(w.alarms.Load())} }

func (w *wire) Events() <-chan span.Event { return nil }

func (w *wire) Close() error {
	w.once.Do(func() { close(w.closed) })
	return nil
}

// arrived is a frame that waits, if there is one.
func (w *wire) arrived() ([]byte, bool) {
	select {
	case frame := <-w.frames:
		return frame, true
	default:
		return nil, false
	}
}
