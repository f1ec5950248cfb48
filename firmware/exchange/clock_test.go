package exchange

import (
	"errors"
	"log/slog"
	"testing"
	"time"

	"trunkbox/drivers/clock"
	"trunkbox/firmware/config"
	"trunkbox/firmware/journal"
)

// testClock is a Clock that notes what it is set to.
type testClock struct {
	kept bool
	err  error
	set  time.Time
}

func (c *testClock) Synchronised() (bool, error) { return c.kept, nil }

func (c *testClock) Set(to time.Time) error {
	c.set = to
	return c.err
}

func TestHowFarTheClockIsOff(t *testing.T) {
	shanghai := time.FixedZone("CST", 8*3600)
	heard := time.Date(2026, 11, 22, 0, 30, 20, 0, time.UTC)
	for _, c := range []struct {
		told    string
		seconds bool
		want    time.Duration
		zone    bool
	}{
		{"2026-11-22 08:30:00", false, 0, false},
		{"2026-11-22 08:31:00", false, 40 * time.Second, false},
		{"2026-11-22 08:29:00", false, -20 * time.Second, false},
		{"2026-11-22 08:30:00", true, -20 * time.Second, false},
		{"2026-11-22 08:30:25", true, 5 * time.Second, false},
		{"2026-11-22 09:30:00", false, 3580 * time.Second, true},
		{"2026-11-22 00:30:25", true, -8*time.Hour + 5*time.Second, true},
		{"2026-11-22 08:40:25", true, 10*time.Minute + 5*time.Second, false},
		{"2027-11-22 08:30:20", true, 365 * 24 * time.Hour, false},
	} {
		told, err := time.Parse(time.DateTime, c.told)
		if err != nil {
			t.Fatal(err)
		}
		off := clockOff(told, c.seconds, heard, shanghai)
		if off != c.want || otherZone(off) != c.zone {
			t.Errorf("%s, seconds %v: %v, zone %v", c.told, c.seconds, off, otherZone(off))
		}
	}
}

func TestTheClockIsSetOnlyWhereNothingBetterKeepsIt(t *testing.T) {
	refused := errors.New("operation not permitted")
	for _, c := range []struct {
		wanted bool
		clock  *testClock
		want   journal.Reason
		sets   bool
	}{
		{false, &testClock{}, journal.ClockOnlyCompared, false},
		{true, &testClock{kept: true}, journal.ClockSynchronised, false},
		{true, &testClock{err: refused}, journal.ClockNotPermitted, true},
		{true, &testClock{err: clock.ErrHardware}, journal.ClockSet, true},
		{true, &testClock{}, journal.ClockSet, true},
	} {
		x := &Exchange{Options: Options{Clock: c.clock, Log: slog.New(slog.DiscardHandler)}}
		x.settings.Box = config.Box{TimeFromLine: c.wanted}
		before := time.Now()
		got := x.setClock(time.Hour)
		if got != c.want || c.clock.set.IsZero() == c.sets {
			t.Errorf("%+v: %s, set to %v", c, got, c.clock.set)
		}
		if c.sets && c.clock.set.Sub(before) < time.Hour {
			t.Errorf("set to %v, an hour ahead was due", c.clock.set)
		}
	}
}
