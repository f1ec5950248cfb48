// Package spantest says what every E1 or T1 line must do, as one suite of tests that any span.Line
// goes through: sound in each timeslot, frames on the D channel, the clock, alarms, and the end.
//
// In: two lines joined back to back (two virtual spans, two DAHDI spans on the loc driver, two ports
// of a card with a crossed cable). Out: the verdict of a testing.T. It is not on the two paths; it
// holds the drivers at their beginning to the same promises.
//
// The promises are those of drivers/span, with G.704 for the timeslots and Q.921 2.2 for the frames
// (3 octets to 264). What only some lines can do (span.Tuner, Maintainer, Sampler) is tested on those
// that say they can; what a driver then refuses with ErrNotSupported is told in the log.
//
// A slip that a line counts in its Counters is no failure, since the machine may be loaded: that
// part is tried again. A slip that no counter tells is a failure. The lines run on their own clock,
// so the suite takes about ten seconds of real time.
package spantest

import (
	"testing"
	"time"

	"trunkbox/drivers/span"
)

// limit is how long one step may take before the suite calls it stuck. A line at 8,000 octets a
// second needs 4.4 s for the longest step (all frame lengths); the rest is for loaded machines.
const limit = 60 * time.Second

// Opener opens two lines joined back to back. The suite closes both; an Opener that has more to end
// does so in t.Cleanup.
type Opener func(t *testing.T) (a, b span.Line)

// Option adds to the suite what not every pair of lines can do.
type Option func(*suite)

// Breakable adds the test of alarms. cut breaks the pair so that a must see an alarm that is Down;
// mend joins it again and returns the lines to go on with, which may be new ones.
func Breakable(cut func(t *testing.T, a, b span.Line), mend func(t *testing.T, a, b span.Line) (a2, b2 span.Line)) Option {
	return func(s *suite) { s.cut, s.mend = cut, mend }
}

type suite struct {
	open Opener
	cut  func(t *testing.T, a, b span.Line)
	mend func(t *testing.T, a, b span.Line) (span.Line, span.Line)
}

// Suite runs every test on pairs of lines from open, one fresh pair a test.
func Suite(t *testing.T, open Opener, options ...Option) {
	s := suite{open: open}
	for _, o := range options {
		o(&s)
	}
	tests := []struct {
		name string
		run  func(t *testing.T, a, b span.Line)
	}{
		{"Description", description},
		{"Clock", clock},
		{"ClockWithoutFarEnd", clockWithoutFarEnd},
		{"SoundInEveryTimeslot", sound},
		{"FramesOfEveryLength", frames},
		{"FrameLengthErrors", frameLengths},
		{"FullTransmitQueue", fullQueue},
		{"Tuner", tuner},
		{"Maintainer", maintainer},
		{"Sampler", sampler},
		{"CloseEndsTick", closeEndsTick},
		{"CloseEndsReceiveFrame", closeEndsReceiveFrame},
		{"AfterClose", afterClose},
	}
	if s.cut != nil {
		tests = append(tests, struct {
			name string
			run  func(t *testing.T, a, b span.Line)
		}{"Alarms", s.alarms})
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a, b := s.pair(t)
			test.run(t, a, b)
		})
	}
}

// pair opens two lines and closes them with the test, whatever the test did to them.
func (s *suite) pair(t *testing.T) (a, b span.Line) {
	t.Helper()
	a, b = s.open(t)
	closeLater(t, a)
	closeLater(t, b)
	return a, b
}

func closeLater(t *testing.T, line span.Line) {
	t.Cleanup(func() {
		if err := line.Close(); err != nil {
			t.Errorf("%s: Close: %v", line.Name(), err)
		}
	})
}

// description checks what a line says of itself before anything moves.
func description(t *testing.T, a, b span.Line) {
	if a.Name() == "" || a.Name() == b.Name() {
		t.Errorf("the lines are named %q and %q; want two names", a.Name(), b.Name())
	}
	if a.Kind() != b.Kind() {
		t.Errorf("an %v is joined to a %v", a.Kind(), b.Kind())
	}
	for _, line := range []span.Line{a, b} {
		if n := line.Block(); n < 16 || n > span.MaxBlock {
			t.Errorf("%s: Block() = %d octets, want 16 to %d", line.Name(), n, span.MaxBlock)
		}
		if alarms := line.Status().Alarms; alarms.Down() {
			t.Errorf("%s: alarms %v on a whole pair", line.Name(), alarms.Names())
		}
	}
}
