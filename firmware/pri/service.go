package pri

import (
	"fmt"

	"trunkbox/drivers/span"
)

// SetService takes a channel out of service, or back into it. A call on it goes on; no other follows until the channel
// is in service again. It fails for a timeslot that is no B channel of the line, and when the access has ended.
func (a *Access) SetService(ts span.Timeslot, in bool) error {
	if !a.channels.exists(ts) {
		return fmt.Errorf("%s has no B channel in timeslot %d", a.Settings.Name, ts)
	}
	if !a.loop.Post(func() { a.setService(place{a, ts}, in, TakenOutHere) }) {
		return fmt.Errorf("%s: %w", a.Settings.Name, ErrEnded)
	}
	return nil
}

func (g *Group) setService(p place, in bool, why Reason) {
	table := &p.on.channels
	if in {
		if table.kept(p.ts) == why {
			table.keepFor(p.ts, "")
		}
		return
	}
	if table.kept(p.ts) == "" {
		g.trialEnds(p)
		table.keepFor(p.ts, why)
		if p.is(Blocked) {
			p.set(Blocked, why)
		}
	}
}
