package spantest

import (
	"errors"
	"testing"
	"time"

	"trunkbox/drivers/span"
)

// ticker follows the ticks of a line that somebody else ticks.
type ticker struct {
	line  span.Line
	every *time.Ticker
	late  <-chan time.Time
}

func newTicker(line span.Line) *ticker {
	return &ticker{line, time.NewTicker(5 * time.Millisecond), time.After(limit)}
}

// next returns when the line has moved another block.
func (k *ticker) next(t *testing.T) {
	t.Helper()
	from := k.line.Status().Counters.Ticks
	for k.line.Status().Counters.Ticks == from {
		select {
		case <-k.every.C:
		case <-k.late:
			t.Fatalf("%s: not in %v", k.line.Name(), limit)
		}
	}
}

// until waits for a condition, looking at it with each block.
func (k *ticker) until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for !is() {
		select {
		case <-k.late:
			t.Fatalf("%s: not in %v: %s", k.line.Name(), limit, what)
		case <-k.every.C:
		}
	}
}

// maintainer checks, on lines that can be tested, that every loop, sequence and defect that is listed
// works or is refused in so many words, and that the line is as before afterwards.
func maintainer(t *testing.T, a, b span.Line) {
	ma, isA := a.(span.Maintainer)
	mb, isB := b.(span.Maintainer)
	if !isA || !isB {
		t.Logf("%s and %s cannot be tested", a.Name(), b.Name())
		return
	}
	movers := moving(t, a, b)
	can := ma.Maintenance()
	for _, l := range []span.Loop{span.LocalLoop, span.LineLoop, span.PayloadLoop} {
		if l == span.LocalLoop {
			looped(t, l, ma, a, a)
		} else {
			looped(t, l, mb, b, a)
		}
	}
	sequence(t, ma, mb, a)
	for d := span.DefectFAS; d <= span.DefectBipolar; d++ {
		if supported(t, d.String(), ma.Insert(d, 1)) && !contains(can.Defects, d) {
			t.Errorf("%s inserts a %v defect, which it does not list", a.Name(), d)
		}
	}
	if err := ma.LoopCode(false); err != nil && !errors.Is(err, span.ErrNotSupported) {
		t.Errorf("%s: loop-down: %v", a.Name(), err)
	}
	for _, m := range movers {
		m.quit.Store(true)
		if err := ended(t, "Tick", m.done); err != nil {
			t.Errorf("%s: Tick: %v", m.line.Name(), err)
		}
		m.done <- nil // for the end of the test
	}
}

// supported says whether something was done; an error that is not ErrNotSupported fails the test.
func supported(t *testing.T, what string, err error) bool {
	t.Helper()
	if err != nil && !errors.Is(err, span.ErrNotSupported) {
		t.Errorf("%s: %v", what, err)
	}
	if err != nil {
		t.Log(err)
	}
	return err == nil
}

func contains[T comparable](list []T, x T) bool {
	for _, y := range list {
		if x == y {
			return true
		}
	}
	return false
}

// looped sets a loop at one line and wants the frames of user back at user.
func looped(t *testing.T, l span.Loop, m span.Maintainer, at, user span.Line) {
	t.Helper()
	if err := m.Loop(l); !supported(t, at.Name()+": "+l.String()+" loop", err) {
		return
	}
	if !m.Maintenance().Loop(l) {
		t.Errorf("%s has a %v loop, which it does not list", at.Name(), l)
	}
	k := newTicker(at)
	k.until(t, "LOOPBACK", func() bool { return at.Status().Alarms&span.Loopback != 0 })
	oneFrame(t, user, user)
	if err := m.Loop(span.NoLoop); err != nil {
		t.Fatalf("%s: the end of the %v loop: %v", at.Name(), l, err)
	}
	k.until(t, "no LOOPBACK", func() bool { return at.Status().Alarms&span.Loopback == 0 })
}

// sequence sends the sequence both ways and wants it found, without errors; then one error, counted.
func sequence(t *testing.T, ma, mb span.Maintainer, a span.Line) {
	t.Helper()
	if !supported(t, "PRBS", ma.PRBS(true)) || !supported(t, "PRBS", mb.PRBS(true)) {
		return
	}
	if !ma.Maintenance().PRBS {
		t.Errorf("%s has a sequence, which it does not list", a.Name())
	}
	k := newTicker(a)
	k.until(t, "the sequence is in sync", func() bool { return ma.PRBSResult().InSync })
	before := ma.PRBSResult()
	k.until(t, "200,000 bits are compared", func() bool { return ma.PRBSResult().Bits > before.Bits+200_000 })
	if r := ma.PRBSResult(); r.Errors != before.Errors && r.SyncLosses == before.SyncLosses && slips(a) == 0 {
		t.Errorf("%s: errors on a faultless line: %+v", a.Name(), r)
	}
	if supported(t, "a wrong bit", mb.Insert(span.DefectPRBS, 1)) {
		k.until(t, "the wrong bit is counted", func() bool { return ma.PRBSResult().Errors > before.Errors })
	}
	for _, m := range []span.Maintainer{ma, mb} {
		if err := m.PRBS(false); err != nil {
			t.Errorf("the end of the sequence: %v", err)
		}
	}
	if ma.PRBSResult().On {
		t.Errorf("%s: the sequence is on after its end", a.Name())
	}
}
