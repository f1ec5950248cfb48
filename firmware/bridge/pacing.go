package bridge

import "time"

// pacing says how many ticks the engine makes when it wakes: one for each block of the line, and one for each block's
// time by the system's clock when the line has been silent for two.
//
// A line that was only late brings the blocks of that time all at once afterwards. Those for which the engine has ticked
// by the system's clock are not ticked for again: every port would be asked for sound that has not come yet, and given
// sound that nobody can send.
type pacing struct {
	block time.Duration
	next  time.Time // the next tick by the system's clock
	last  time.Time // the last one made
	free  bool      // by the system's clock
	ahead int       // ticks made so that the line may still bring blocks for
}

func newPacing(block time.Duration, now time.Time) pacing {
	return pacing{block: block, next: now.Add(2 * block)}
}

// ticks returns how many to make at now, when the line has brought so many blocks since the last call.
func (p *pacing) ticks(now time.Time, brought int) (due int) {
	switch {
	case brought > 0:
		due = brought
		p.free, p.next = false, now.Add(2*p.block)
		if now.Sub(p.last) < time.Duration(brought)*p.block+p.block/2 { // faster than from a line that was not late
			made := min(p.ahead, brought)
			due -= made
			p.ahead -= made
		} else {
			p.ahead = 0
		}
	case now.Before(p.next):
		return 0
	default:
		due = 1
		if !p.free || now.Sub(p.next) > catchUp*p.block {
			p.next = now
		}
		p.free, p.next = true, p.next.Add(p.block)
		p.ahead++
	}
	if due > 0 {
		p.last = now
	}
	return min(due, catchUp)
}
