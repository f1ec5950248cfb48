package spantest

import (
	"testing"
	"time"

	"trunkbox/drivers/span"
)

// octets is one second of a timeslot.
const octets = 8000

// The bounds of the clock, in octets a second for a nominal 8,000. They are this wide because an
// emulated or a loaded machine is no reference clock; a driver that spins or blocks is far outside.
const (
	slowest = 3000
	fastest = 16000
)

// clock checks that Tick takes its time from the line, that two joined lines run at one rate, that
// the counter of ticks tells the truth and that a tick costs no allocation.
func clock(t *testing.T, a, b span.Line) {
	before := a.Status().Counters.Ticks
	ma, mb := newMover(a), newMover(b)
	ma.start()
	mb.start()
	ma.wait(t, 5) // the start-up of the line is not its rate
	mb.wait(t, 5)
	start, fromA, fromB := time.Now(), ma.ticks.Load(), mb.ticks.Load()
	ma.wait(t, fromA+int64(octets/a.Block()))
	took, ticksA, ticksB := time.Since(start), ma.ticks.Load()-fromA, mb.ticks.Load()-fromB
	ma.stop(t)
	mb.stop(t)

	movedA, movedB := ticksA*int64(a.Block()), ticksB*int64(b.Block())
	rate := float64(movedA) / took.Seconds()
	t.Logf("%s: %.0f octets/s in blocks of %d; %s moved %d octets to its %d", a.Name(), rate, a.Block(), b.Name(), movedB, movedA)
	if rate < slowest || rate > fastest {
		t.Errorf("%s: %.0f octets/s, want 8,000 (%d to %d)", a.Name(), rate, slowest, fastest)
	}
	if movedB < movedA*3/4 || movedB > movedA*5/4 {
		t.Errorf("%s moved %d octets while %s moved %d; joined lines have one rate", b.Name(), movedB, a.Name(), movedA)
	}
	if grew, want := a.Status().Counters.Ticks-before, uint64(ma.ticks.Load()); grew != want {
		t.Errorf("%s: Counters.Ticks grew by %d over %d ticks", a.Name(), grew, want)
	}

	var rx, tx span.Block
	allocs := testing.AllocsPerRun(octets/10/a.Block(), func() {
		if err := a.Tick(&rx, &tx); err != nil {
			t.Errorf("%s: Tick: %v", a.Name(), err)
		}
	})
	if allocs != 0 {
		t.Errorf("%s: %.0f allocations a tick, want none", a.Name(), allocs)
	}
}

// clockWithoutFarEnd checks that a line brings blocks although nobody ticks the other end: the line
// is the clock, not the peer.
func clockWithoutFarEnd(t *testing.T, a, _ span.Line) {
	m := newMover(a)
	m.start()
	m.wait(t, int64(octets/10/a.Block()))
	m.stop(t)
}
