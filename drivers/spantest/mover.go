package spantest

import (
	"sync/atomic"
	"testing"
	"time"

	"trunkbox/drivers/span"
)

// idle fills the timeslots when there is nothing to say.
const idle = 0x54

// mover owns the sound of one line: it ticks in its own goroutine until it is stopped, sends what
// is in say and then idle, and keeps what it hears. say and heard belong to the goroutine until
// stop has returned.
type mover struct {
	line  span.Line
	say   [span.Slots][]byte // octets to send, by timeslot, from the first tick on
	heard [span.Slots][]byte // octets received, by timeslot; kept only when keep is set
	keep  bool

	ticks  atomic.Int64
	ticked chan struct{} // one token when a tick has passed since the last was taken
	quit   atomic.Bool
	done   chan error
}

func newMover(line span.Line) *mover {
	return &mover{line: line, ticked: make(chan struct{}, 1), done: make(chan error, 1)}
}

func (m *mover) start() { go func() { m.done <- m.run() }() }

func (m *mover) run() error {
	n := m.line.Block()
	var rx, tx span.Block
	d := m.line.Kind().D()
	for !m.quit.Load() {
		for ts := range tx {
			said := copy(tx[ts][:n], m.say[ts])
			m.say[ts] = m.say[ts][said:]
			for i := said; i < n; i++ {
				tx[ts][i] = idle
			}
		}
		for i := range tx[d] { // the place of the D channel is to be ignored: make it noticed if it is not
			tx[d][i] = byte(i)
		}
		if err := m.line.Tick(&rx, &tx); err != nil {
			return err
		}
		if m.keep {
			for ts := range rx {
				m.heard[ts] = append(m.heard[ts], rx[ts][:n]...)
			}
		}
		m.ticks.Add(1)
		select {
		case m.ticked <- struct{}{}:
		default:
		}
	}
	return nil
}

// wait returns when the mover has moved ticks blocks since its start.
func (m *mover) wait(t *testing.T, ticks int64) {
	t.Helper()
	late := time.After(limit)
	for m.ticks.Load() < ticks {
		select {
		case <-m.ticked:
		case err := <-m.done:
			m.done <- err
			t.Fatalf("%s: Tick after %d blocks: %v", m.line.Name(), m.ticks.Load(), err)
		case <-late:
			t.Fatalf("%s: %d of %d blocks in %v", m.line.Name(), m.ticks.Load(), ticks, limit)
		}
	}
}

// stop ends the goroutine; it returns when say and heard may be read.
func (m *mover) stop(t *testing.T) {
	t.Helper()
	m.quit.Store(true)
	if err := ended(t, m.line.Name()+": Tick", m.done); err != nil {
		t.Fatalf("%s: Tick: %v", m.line.Name(), err)
	}
}

// moving ticks the lines in the background until the test ends; errors of Tick end silently with the
// line, because tests of the D channel speak of those themselves.
func moving(t *testing.T, lines ...span.Line) []*mover {
	t.Helper()
	var movers []*mover
	for _, line := range lines {
		m := newMover(line)
		m.start()
		movers = append(movers, m)
		t.Cleanup(func() {
			m.quit.Store(true)
			ended(t, line.Name()+": Tick", m.done)
		})
	}
	return movers
}

// ended waits for the result of a goroutine.
func ended(t *testing.T, what string, done chan error) error {
	t.Helper()
	select {
	case err := <-done:
		return err
	case <-time.After(limit):
		t.Fatalf("%s has not returned in %v", what, limit)
		return nil
	}
}
