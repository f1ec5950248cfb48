package pri

import (
	"sync/atomic"

	"trunkbox/drivers/span"
)

// learned is the order in which the far end chooses channels, as its SETUPs show it: two sides that begin at opposite
// ends of a line seldom meet on a channel.
type learned struct {
	low, high atomic.Uint64 // SETUPs that named a channel of the lower half of the line, and of the upper
}

const (
	learnedEnough = 8   // SETUPs before anything is concluded
	learnedForget = 256 // SETUPs after which the old ones count half
)

// order is up or down when three quarters of the SETUPs speak for it, else nothing: a far end that goes round, or a
// line so full that every half is used.
func (l *learned) order() string {
	low, high := l.low.Load(), l.high.Load()
	switch all := low + high; {
	case all < learnedEnough:
	case low*4 >= all*3:
		return "up"
	case high*4 >= all*3:
		return "down"
	}
	return ""
}

// opposite is the order that meets the far end's last. Exchanges go up as a rule, so down is the guess.
func (l *learned) opposite() string {
	if l.order() == "down" {
		return "up"
	}
	return "down"
}

// learn takes the channel that a SETUP of the far end names. It is called by the loop only.
func (t *table) learn(ts span.Timeslot) {
	half := t.all[len(t.all)/2]
	if ts < half {
		t.learned.low.Add(1)
	} else {
		t.learned.high.Add(1)
	}
	if t.learned.low.Load()+t.learned.high.Load() >= learnedForget {
		t.learned.low.Store(t.learned.low.Load() / 2)
		t.learned.high.Store(t.learned.high.Load() / 2)
	}
}

// order shows what was learned and what is made of it.
func (t *table) order(hunting string) Order {
	if hunting == "opposite" {
		hunting = t.learned.opposite()
	}
	return Order{Hunting: hunting, Carrier: t.learned.order(), Low: t.learned.low.Load(), High: t.learned.high.Load()}
}
