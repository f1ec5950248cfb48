package timeslot

import (
	"sync/atomic"
	"time"
)

// lateBounds are the upper bounds of the classes of lateness; the last class has none.
var lateBounds = [...]time.Duration{
	100 * time.Microsecond, 500 * time.Microsecond, time.Millisecond, 2 * time.Millisecond, 5 * time.Millisecond,
	10 * time.Millisecond, 20 * time.Millisecond, 50 * time.Millisecond,
}

// lateness is how late ticks came against the one before them. The scheduler writes, anybody reads.
type lateness struct {
	last    time.Time // the scheduler's
	classes [len(lateBounds) + 1]atomic.Uint64
	missed  atomic.Uint64 // more than a block's time late
	longest atomic.Int64  // ns
	when    atomic.Int64  // of the longest: ns since 1970

	recent     atomic.Int64 // the longest since somebody looked, ns
	recentWhen atomic.Int64
}

// measure takes note of a tick; due is the time between two.
func (l *lateness) measure(now time.Time, due time.Duration) {
	if l.last.IsZero() {
		l.last = now
		return
	}
	late := now.Sub(l.last) - due
	l.last = now
	class := 0
	for class < len(lateBounds) && late > lateBounds[class] {
		class++
	}
	l.classes[class].Add(1)
	if late > due {
		l.missed.Add(1)
	}
	if int64(late) > l.longest.Load() {
		l.longest.Store(int64(late))
		l.when.Store(now.UnixNano())
	}
	if int64(late) > l.recent.Load() {
		l.recentWhen.Store(now.UnixNano())
		l.recent.Store(int64(late))
	}
}

// look returns the longest since the last look, and when it was; zero when no tick was late.
func (l *lateness) look() (longest time.Duration, when time.Time) {
	longest = time.Duration(l.recent.Swap(0))
	if longest > 0 {
		when = time.Unix(0, l.recentWhen.Load())
	}
	return longest, when
}

// LateClass counts the ticks that were at most so late; UpTo is 0 in the last class, which has no bound.
type LateClass struct {
	UpTo  time.Duration
	Ticks uint64
}

func (l *lateness) read() []LateClass {
	classes := make([]LateClass, len(l.classes))
	for i := range l.classes {
		classes[i].Ticks = l.classes[i].Load()
		if i < len(lateBounds) {
			classes[i].UpTo = lateBounds[i]
		}
	}
	return classes
}
