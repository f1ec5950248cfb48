package timeslot

import (
	"math"
	"sync/atomic"
	"time"
)

// apart makes the controlled slips of a line whose clock is not that of whoever joins it with others. A frame is one octet
// of every timeslot, so the line says when all of its timeslots leave one out in the one direction and say one twice in the
// other: whenever its clock has got a frame ahead of the one that sets the pace, or behind it. A call that begins has the
// line's knowledge from its first block on.
//
// What is known comes from when the ticks fall due and not from how the rings fill, so that no stall is taken for a clock.
// It is proven when a line has got proof frames away; less than leak ppm is taken for none. What drifts before that, and
// more slowly, the rings have to bear: a block of it in a jump.
type apart struct {
	rate
	pace  *apart  // at the last look
	from  float64 // µs by which the line had gained on it then
	ahead float64 // frames by which the line has got ahead and that it has not slipped yet
	way   int64   // the proven clock is faster, 1, or slower, -1; 0: none is
	slow  int     // looks in a row in which it hardly moved

	frames  atomic.Int64 // slipped, as the line counts: more came than the pace takes
	is      atomic.Bool  // the clock is another
	slipped uint64       // of the frames those that were carried out, whatever the sign
}

const (
	// proof is how many frames of drift prove another clock: more than the ticks of a busy machine wander.
	proof = 32
	// leak is how many ppm are no other clock.
	leak = 0.5
	// gone is how many looks in a row less than that say that the clocks are one again.
	gone = 60
	// frameTime is a frame in µs.
	frameTime = 125
)

// apartOf is what whoever looks has seen of a channel.
type apartOf struct{ rx, tx uint64 }

// ClockSlips returns how many frames the line has slipped since the start for its clock not being that of pace, the span
// that sets the pace, which may be nil. It is for one caller, who comes once a second for every line.
func (s *Span) ClockSlips(pace *Span) uint64 {
	a := &s.apart
	a.slipped += s.carriedOut()
	a.look(time.Now(), s.phase.early.Load(), s.ticks.Load())
	if pace == nil || pace == s {
		a.together()
	} else {
		a.against(&pace.apart)
	}
	return a.slipped
}

// carriedOut is how many frames slipped since the last look: as many as in the timeslot that has most.
func (s *Span) carriedOut() (most uint64) {
	for _, ts := range s.b {
		if c := s.slots[ts].Load(); c != nil {
			rx, tx := c.apartRx.Load(), c.apartTx.Load()
			most = max(most, rx-c.seen.rx, tx-c.seen.tx)
			c.seen = apartOf{rx, tx}
		}
	}
	return most
}

// together says that the line's clock is the pace's.
func (a *apart) together() {
	a.ahead, a.way, a.slow = 0, 0, 0
	a.is.Store(false)
}

// against adds what the line has got ahead of the pace in the last look, and orders what has come together.
func (a *apart) against(pace *apart) {
	gained := a.gained - pace.gained
	if pace == a.pace {
		a.ahead += (gained - a.from) / frameTime
	}
	a.pace, a.from = pace, gained
	if a.way == 0 {
		if a.looks < settled || pace.looks < settled {
			a.ahead = 0
		}
		a.ahead -= max(min(a.ahead, leak/frameTime), -leak/frameTime)
		if math.Abs(a.ahead) < proof {
			return
		}
		a.way = 1
		if a.ahead < 0 {
			a.way = -1
		}
		a.ahead = 0
		a.is.Store(true)
	}
	for a.ahead*float64(a.way) >= 1 {
		a.ahead -= float64(a.way)
		a.frames.Add(a.way)
	}
	if a.slow++; math.Abs(a.ppm-pace.ppm) >= leak {
		a.slow = 0
	}
	if a.slow > gone || a.ahead*float64(a.way) < -proof {
		a.together()
	}
}

// received and sent are the line's order in either direction: what comes faster is left out, what goes faster said twice.
func (a *apart) received() order { return order{a.frames.Load(), a.is.Load()} }
func (a *apart) sent() order     { return order{-a.frames.Load(), a.is.Load()} }
