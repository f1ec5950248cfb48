package timeslot

import (
	"sync/atomic"
	"time"
)

// phase is when in the course of a block a line's ticks fall due: the earliest they come, which is when nothing keeps
// them. The scheduler writes, anybody reads.
//
// A tick that comes before its time moves the phase to itself, one that comes after it only by a small part of that and
// never by much, so that a clock which drifts is followed at up to 100 ppm, and a thread that was late is not.
type phase struct{ due atomic.Int64 } // ns since 1970

// follow is by which part of its lateness a tick moves the phase, and mostLate is what counts of it.
const (
	follow   = 256
	mostLate = time.Millisecond
)

func (p *phase) tick(now time.Time, block time.Duration) {
	due := time.Duration(p.due.Load()) + block
	late := time.Duration(now.UnixNano()) - due
	switch {
	case late < 0 || late > maxGap:
		due += late
	default:
		due += min(late, mostLate) / follow
	}
	p.due.Store(int64(due))
}

// maxGap is a pause after which the phase begins anew: the clock was set, or the line was not there.
const maxGap = time.Second

const (
	// together is within which two lines' ticks fall at the same time: nobody can rely on their order.
	together = 500 * time.Microsecond
	// worth is by how much longer the pause after another line's tick must be to change the pace.
	worth = time.Millisecond
)

// Pace returns which span's ticks should be those of whoever joins them all: the one after whose tick the longest time
// passes until another line's. Who then needs part of a block's time for all of them neither comes before a line that
// is late nor still works when the next one comes, and no line's order of ticks with his turns round. It stays with now,
// one of the spans or nil, where the difference is small; without spans it is nil.
func Pace(spans []*Span, now *Span) *Span {
	var best *Span
	var longest, present time.Duration
	for _, s := range spans {
		pause := s.pause(spans)
		if s == now {
			present = pause
		}
		if best == nil || pause > longest {
			best, longest = s, pause
		}
	}
	if present > 0 && longest-present < worth {
		return now
	}
	return best
}

// pause is how long after a tick of s another span's falls due, of those that are not due together with it.
func (s *Span) pause(spans []*Span) time.Duration {
	block := s.blockTime()
	shortest := block
	for _, other := range spans {
		if other == s {
			continue
		}
		after := time.Duration(other.phase.due.Load()-s.phase.due.Load()) % block
		if after < 0 {
			after += block
		}
		if after > together && after < block-together {
			shortest = min(shortest, after)
		}
	}
	return shortest
}
