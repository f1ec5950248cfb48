package timeslot

import (
	"math"
	"sync/atomic"
	"time"
)

// rate is how fast a line's clock is against the system's, from when its ticks fall due, looked at about once a second:
// the straight line of least squares through the last memory looks (each weighs less the older it is), and through all
// while there are fewer. A look that lies far from it, after ticks were lost, moves it without tilting it.
//
// The system's clock is no better than a line's, and is itself steered. What counts is the difference of two lines, from
// which it falls out, as both are looked at in the same seconds.
type rate struct {
	looks  int
	at     time.Time
	ticks  uint64
	early  float64 // µs by which the line has got ahead
	ppm    float64
	gained float64 // µs that early has grown by, jumps left out

	known atomic.Bool  // for others
	ppb   atomic.Int64 // the same
}

const (
	memory = 60 // looks, after which the rate is known to about one ppm on a busy machine
	// settled is after how many looks the line is straight enough to drift along.
	settled = 20
	// offLine is how many µs a look may lie from where it is expected.
	offLine = 1000
	// tooSoon is the least time between two looks, in seconds.
	tooSoon = 0.2
)

// look takes how many ns the line has got ahead by at, when it has moved so many ticks.
func (r *rate) look(at time.Time, early int64, ticks uint64) {
	is := float64(early) / 1e3
	if r.looks == 0 {
		r.looks, r.at, r.ticks, r.early = 1, at, ticks, is
		return
	}
	passed := at.Sub(r.at).Seconds()
	if passed < tooSoon {
		return
	}
	moved := ticks != r.ticks
	r.at, r.ticks = at, ticks
	r.early += r.ppm * passed
	r.gained += r.ppm * passed
	off := is - r.early
	switch {
	case !moved:
		return
	case math.Abs(off) > offLine:
		r.early = is
		return
	}
	r.looks++
	k := float64(min(r.looks, memory))
	nearer := off * 2 * (2*k - 1) / (k * (k + 1))
	r.early += nearer
	r.gained += nearer
	r.ppm += off / passed * 6 / (k * (k + 1))
	r.ppb.Store(int64(math.Round(r.ppm * 1e3)))
	r.known.Store(r.looks >= memory)
}

// Rate returns by how many ppm the line's clock is faster than the system's; known is false while it is not, for the
// first minute in which ClockSlips is called. Two lines' rates differ by what their clocks do; either alone says
// as much of the system's.
func (s *Span) Rate() (ppm float64, known bool) {
	r := &s.apart.rate
	return float64(r.ppb.Load()) / 1e3, r.known.Load()
}
