package pri

import (
	"math/bits"
	"sync"
	"sync/atomic"
	"time"

	"trunkbox/drivers/span"
)

// State is the state of a B channel.
type State string

// The states of a B channel.
const (
	Idle       State = "idle"
	Seized     State = "seized"  // a call is being set up on it
	Ringing    State = "ringing" // its called party is being rung
	Talking    State = "talking" // its call was answered
	Clearing   State = "clearing"
	Restarting State = "restarting"
	Blocked    State = "blocked" // not to be used, Reason says why
)

// table is the B channels of an access. Which are idle stands in one word, so that Dial finds a channel without
// waiting for anybody: a bit is cleared by whoever takes the channel and set by the loop when it is free. Everything
// else about a channel is under mu, and written by whoever has taken it.
type table struct {
	idle  atomic.Uint64             // bit n: timeslot n can be taken
	last  atomic.Uint32             // timeslot hunted last
	freed [span.Slots]atomic.Uint64 // when each became idle, as the count of such events
	count atomic.Uint64

	learned   learned
	gaveWay   atomic.Uint64 // glares in which a call of ours gave its channel up
	prevailed atomic.Uint64 // glares in which a call of ours kept it

	all  []span.Timeslot
	mask uint64 // of all
	tell func(ts span.Timeslot, state State, reason Reason)

	mu      sync.Mutex
	slots   [span.Slots]slot
	ledgers [span.Slots]ledger
}

type slot struct {
	state    State
	since    time.Time
	reason   Reason
	out      [3]bool // it is out of service by our word, by the far end's, because its line is down
	leg      *leg    // whose it is
	reserved *leg    // who gets it when it is free: an emergency call
}

// init makes every channel idle.
func (t *table) init(all []span.Timeslot, tell func(span.Timeslot, State, Reason)) {
	t.all, t.tell = all, tell
	for _, ts := range all {
		t.slots[ts] = slot{state: Idle, since: time.Now()}
		t.ledgers[ts].write(Idle, "", nil)
		t.mask |= 1 << ts
	}
	t.idle.Store(t.mask)
}

// exists says whether ts is a B channel of this access.
func (t *table) exists(ts span.Timeslot) bool { return ts < span.Slots && t.mask&(1<<ts) != 0 }

// huntings are the orders of choosing an idle channel out of the set free, which is not empty.
var huntings = map[string]func(t *table, free uint64) span.Timeslot{
	"up":   func(_ *table, free uint64) span.Timeslot { return lowest(free) },
	"down": func(_ *table, free uint64) span.Timeslot { return highest(free) },
	"round-robin": func(t *table, free uint64) span.Timeslot {
		if behind := free &^ (1<<(t.last.Load()+1) - 1); behind != 0 {
			return lowest(behind)
		}
		return lowest(free)
	},
	"opposite": func(t *table, free uint64) span.Timeslot {
		if t.learned.opposite() == "up" {
			return lowest(free)
		}
		return highest(free)
	},
	"least-recent": func(t *table, free uint64) span.Timeslot {
		oldest := lowest(free)
		for rest := free; rest != 0; rest &= rest - 1 {
			if ts := lowest(rest); t.freed[ts].Load() < t.freed[oldest].Load() {
				oldest = ts
			}
		}
		return oldest
	},
}

func lowest(free uint64) span.Timeslot  { return span.Timeslot(bits.TrailingZeros64(free)) }
func highest(free uint64) span.Timeslot { return span.Timeslot(63 - bits.LeadingZeros64(free)) }

// hunt takes an idle channel in the order of that name for l; false when there is none.
func (t *table) hunt(order string, l *leg) (span.Timeslot, bool) {
	choose := huntings[order]
	for {
		free := t.idle.Load()
		if free == 0 {
			return 0, false
		}
		ts := choose(t, free)
		if t.idle.CompareAndSwap(free, free&^(1<<ts)) {
			t.last.Store(uint32(ts))
			t.give(ts, l)
			return ts, true
		}
	}
}

// take takes this channel for l; false when it is not idle.
func (t *table) take(ts span.Timeslot, l *leg) bool {
	if t.idle.And(^uint64(1<<ts))&(1<<ts) == 0 {
		return false
	}
	t.give(ts, l)
	return true
}

// give writes a taken channel down as l's. From l's old channel nothing is taken away.
func (t *table) give(ts span.Timeslot, l *leg) {
	t.mu.Lock()
	t.slots[ts].leg = l
	t.mu.Unlock()
	t.set(ts, Seized, "")
}

// holder is whose the channel is, nil when nobody's.
func (t *table) holder(ts span.Timeslot) *leg {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.slots[ts].leg
}

// set changes the state of a taken channel.
func (t *table) set(ts span.Timeslot, state State, reason Reason) {
	t.enter(ts, state, reason, nil)
}

// enter is set, of a channel whose call was was until now; nil: it is the one that has it.
func (t *table) enter(ts span.Timeslot, state State, reason Reason, was *leg) {
	t.mu.Lock()
	s := &t.slots[ts]
	changed := s.state != state || s.reason != reason
	if changed {
		s.state, s.reason, s.since = state, reason, time.Now()
	}
	if was == nil {
		was = s.leg
	}
	if changed || s.leg != nil {
		t.ledgers[ts].write(state, reason, was)
	}
	t.mu.Unlock()
	if changed {
		t.tell(ts, state, reason)
	}
}

// release ends a call's hold of a channel. The channel is idle, or it is the reserver's at once, who is returned.
func (t *table) release(ts span.Timeslot) *leg {
	t.mu.Lock()
	was, next := t.slots[ts].leg, t.slots[ts].reserved
	t.slots[ts].leg, t.slots[ts].reserved = next, nil
	t.mu.Unlock()
	if next != nil {
		t.set(ts, Seized, "")
		return next
	}
	t.idleAfter(ts, was)
	return nil
}

// free makes a taken channel idle.
func (t *table) free(ts span.Timeslot) { t.idleAfter(ts, nil) }

func (t *table) idleAfter(ts span.Timeslot, was *leg) {
	t.mu.Lock()
	keep := t.slots[ts].kept()
	t.mu.Unlock()
	if keep != "" {
		t.enter(ts, Blocked, keep, was)
		return
	}
	t.enter(ts, Idle, "", was)
	t.freed[ts].Store(t.count.Add(1))
	t.idle.Or(1 << ts)
}

// preempt reserves a channel for the emergency call l. It is one that is being cleared, else the youngest of the
// first of these that there are: outgoing calls not answered, other outgoing calls, incoming calls not answered, other
// incoming calls. An emergency call is never chosen. The victim is nil when the channel is being cleared anyway; ok is
// false when there is nothing to take.
func (t *table) preempt(l *leg) (ts span.Timeslot, victim *leg, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	best := 0
	for _, n := range t.all {
		s := &t.slots[n]
		if s.leg == nil || s.reserved != nil || s.leg.emergency {
			continue
		}
		rank := s.leg.rank()
		if s.state == Clearing {
			rank = ranks
		}
		if rank > best || rank == best && s.leg.began.After(t.slots[ts].leg.began) {
			best, ts = rank, n
		}
	}
	if best == 0 {
		return 0, nil, false
	}
	t.slots[ts].reserved = l
	if best < ranks {
		victim = t.slots[ts].leg
	}
	return ts, victim, true
}

// reservers are the emergency calls that wait for a channel.
func (t *table) reservers() []*leg {
	t.mu.Lock()
	defer t.mu.Unlock()
	var waiting []*leg
	for _, ts := range t.all {
		if l := t.slots[ts].reserved; l != nil {
			waiting = append(waiting, l)
		}
	}
	return waiting
}

// now lists the channels.
func (t *table) now() []Channel {
	t.mu.Lock()
	defer t.mu.Unlock()
	channels := make([]Channel, 0, len(t.all))
	for _, ts := range t.all {
		s := t.slots[ts]
		reason := s.reason
		if s.leg != nil { // after its call the channel is blocked
			reason = s.kept()
		}
		channels = append(channels, Channel{ts, string(s.state), s.since, string(reason)})
	}
	return channels
}

// is says whether the channel is in that state.
func (t *table) is(ts span.Timeslot, state State) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.slots[ts].state == state
}

// By whose word a channel can be out of service.
const (
	here  = iota
	there // the far end's
	line  // of the alarms: its line is down, in a group whose signalling works
)

// kept is why the channel is to be blocked whether a call needs it or not, nothing when it is not.
func (s *slot) kept() Reason {
	switch {
	case s.out[line]:
		return LineDown
	case s.out[here]:
		return TakenOutHere
	case s.out[there]:
		return TakenOutThere
	}
	return ""
}

// service takes a channel out of service by the word of one side, or back. It is blocked at once when it is idle, else
// when its call is over.
func (t *table) service(ts span.Timeslot, whose int, in bool) {
	t.mu.Lock()
	s := &t.slots[ts]
	before := s.kept()
	s.out[whose] = !in
	after := s.kept()
	mine := s.state == Blocked && s.leg == nil
	t.mu.Unlock()
	switch {
	case before == after:
	case after == "" && mine:
		t.free(ts)
	case after != "" && (mine || t.idle.And(^uint64(1<<ts))&(1<<ts) != 0):
		t.set(ts, Blocked, after)
	}
}

// slot is a copy of what is known of a channel.
func (t *table) slot(ts span.Timeslot) slot {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.slots[ts]
}

// forget takes a channel from its leg without making it idle. It returns who had reserved it.
func (t *table) forget(ts span.Timeslot) *leg {
	t.mu.Lock()
	defer t.mu.Unlock()
	next := t.slots[ts].reserved
	t.slots[ts].leg, t.slots[ts].reserved = nil, nil
	return next
}
