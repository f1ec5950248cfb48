package exchange

import (
	"errors"
	"strconv"
	"time"

	"trunkbox/drivers/clock"
	"trunkbox/firmware/journal"
)

// Clock is the box's own clock.
type Clock interface {
	// Synchronised says whether a time server keeps it.
	Synchronised() (bool, error)
	Set(to time.Time) error
}

const (
	// clockRight is how far the clock may be from the network's.
	clockRight = 2 * time.Second
	// clockAgain is how often the same news of the clock is written down.
	clockAgain = time.Hour
	// firstYear is the earliest year that a network's clock is believed.
	firstYear = 2024
)

// clockTold is the last news of the clock.
type clockTold struct {
	at     time.Time
	reason journal.Reason
}

// NetworkTime takes the date and time that a network tells with a call; at shows its clock's hands in UTC.
func (o lineObserver) NetworkTime(at time.Time, seconds bool) {
	heard := time.Now()
	o.x.loop.Post(func() { o.x.compareClock(o.line, at, seconds, heard) })
}

// compareClock compares the box's clock with a network's, and sets it where that is wanted and nothing better keeps it.
func (x *Exchange) compareClock(line string, told time.Time, seconds bool, heard time.Time) {
	zone, err := time.LoadLocation(x.settings.Box.TimeZone)
	if err != nil || told.Year() < firstYear {
		return
	}
	off := clockOff(told, seconds, heard, zone)
	if off.Abs() <= clockRight {
		return
	}
	reason := journal.ClockZone
	if !otherZone(off) {
		reason = x.setClock(off)
	}
	if now := time.Now(); reason != x.clock.reason || now.Sub(x.clock.at).Abs() >= clockAgain {
		x.clock = clockTold{now, reason}
		x.note("", journal.ClockCompared, "line", line, "ms", strconv.FormatInt(off.Milliseconds(), 10), "reason", string(reason))
	}
}

// clockOff is how much the box's clock is behind the network's. Without seconds it is right in all of the minute told.
func clockOff(told time.Time, seconds bool, heard time.Time, zone *time.Location) time.Duration {
	y, m, d := told.Date()
	hour, minute, second := told.Clock()
	off := time.Date(y, m, d, hour, minute, second, 0, zone).Sub(heard)
	switch {
	case seconds || off > 0:
		return off
	case off > -time.Minute:
		return 0
	}
	return off + time.Minute
}

// otherZone says that a difference is one of time zones or of summer time, not of clocks.
func otherZone(off time.Duration) bool {
	const step, near, widest = 15 * time.Minute, 90 * time.Second, 26 * time.Hour
	off = off.Abs()
	if off < step-near || off > widest {
		return false
	}
	rest := off % step
	return rest <= near || rest >= step-near
}

// setClock sets the box's clock if it may, and says what came of it.
func (x *Exchange) setClock(off time.Duration) journal.Reason {
	if !x.settings.Box.TimeFromLine || x.Clock == nil {
		return journal.ClockOnlyCompared
	}
	kept, err := x.Clock.Synchronised()
	if err != nil {
		x.Log.Warn("nobody knows whether a time server keeps the clock", "error", err)
	}
	if kept {
		return journal.ClockSynchronised
	}
	switch err := x.Clock.Set(time.Now().Add(off)); {
	case err == nil:
	case errors.Is(err, clock.ErrHardware):
		x.Log.Warn("the clock is set until the next start", "error", err)
	default:
		x.Log.Warn("the clock could not be set by the network's", "error", err)
		return journal.ClockNotPermitted
	}
	return journal.ClockSet
}
