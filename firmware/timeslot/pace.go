package timeslot

import (
	"math"
	"sync/atomic"
	"time"
)

// phase is when in the course of a block a line's ticks fall due: the earliest they come, which is when nothing keeps
// them. The scheduler writes, anybody reads.
//
// A tick that comes before its time moves the phase to itself, one that comes after it only by a small part of that, so
// that a clock which drifts is followed at up to 390 ppm, and a thread that was late is not. One that comes more than
// mostLate out of its time says nothing of the clock; when no other comes any more, ticks were lost or the clock was
// set, and the phase begins anew.
type phase struct {
	due   atomic.Int64 // ns since 1970
	early atomic.Int64 // ns by which the ticks have got ahead of the system's clock, what was lost left out
	off   int          // ticks in a row out of their time
}

const (
	// follow is by which part of its lateness a tick moves the phase.
	follow = 256
	// mostLate is what is still taken for the clock's doing.
	mostLate = time.Millisecond
	// mostOff is how many ticks in a row may come out of their time.
	mostOff = 100
)

func (p *phase) tick(now time.Time, block time.Duration) {
	due := time.Duration(p.due.Load()) + block
	late := time.Duration(now.UnixNano()) - due
	switch {
	case late > mostLate || late < -mostLate:
		if p.off++; late < 0 || late > maxGap || p.off > mostOff {
			due += late
			p.off = 0
		}
		p.due.Store(int64(due))
		return
	case late > 0:
		late /= follow
	}
	p.off = 0
	p.due.Store(int64(due + late))
	p.early.Add(-int64(late))
}

// maxGap is a pause after which the phase begins anew: the clock was set, or the line was not there.
const maxGap = time.Second

const (
	// together is within which two lines' ticks fall at the same time: nobody can rely on their order.
	together = 500 * time.Microsecond
	// worth is by how much longer the pause after another line's tick must be to change the pace.
	worth = time.Millisecond
	// alike is within how many ppm two lines are taken to have one clock: what a busy machine makes of one.
	alike = 4
)

// Pace returns which span's ticks should be those of whoever joins them all: of those that have the clock which most of
// them have, the one after whose tick the longest time passes until another one's. Who then needs part of a block's time
// for all of them neither comes before a line that is late nor still works when the next one comes, and no line's order
// of ticks with his turns round. It stays with now, one of the spans or nil, where the difference is small; without spans
// it is nil.
//
// A line of another clock comes at every time in turn and so has no say. It is the one that slips, not all the others.
func Pace(spans []*Span, now *Span) *Span {
	spans = ofOneClock(spans, now)
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

// ofOneClock are the spans that have the clock which most have; now's, where others have no more.
func ofOneClock(spans []*Span, now *Span) (most []*Span) {
	for _, s := range spans {
		var like []*Span
		for _, other := range spans {
			if s.likeClock(other) {
				like = append(like, other)
			}
		}
		if len(like) > len(most) || len(like) == len(most) && s == now {
			most = like
		}
	}
	return most
}

// likeClock says whether the two may have one clock, which they may while it is not known.
func (s *Span) likeClock(other *Span) bool {
	a, known := s.Rate()
	b, both := other.Rate()
	return s == other || !known || !both || math.Abs(a-b) < alike
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
