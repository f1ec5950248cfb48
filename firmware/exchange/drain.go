package exchange

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"trunkbox/firmware/call"
	"trunkbox/firmware/config"
	"trunkbox/firmware/journal"
	"trunkbox/firmware/pri"
)

// New settings of a line take effect while the other lines talk: the line takes no more calls, waits for its last one to
// end (or for ApplyLineNow), and is closed and started with the new settings. If its D channel was up before and is not
// back within Line.ReturnSeconds, the old settings return by themselves.

// change is units that give way to others.
type change struct {
	from      []*unit
	to        [][]config.Line
	since     time.Time
	returning bool // the old settings return: they are not put to the proof again
	look      *call.Timer
}

// LineChangeNow is how far new settings of a line are from being in force.
type LineChangeNow struct {
	State string    `json:"state"`           // "": they are in force; draining: its calls have to end; proving: its D channel has to come back
	Calls int       `json:"calls"`           // still up on the lines that change with it
	Since time.Time `json:"since,omitzero"`  // of draining
	Until time.Time `json:"until,omitzero"`  // of proving: then the old settings return
	Lines []string  `json:"lines,omitempty"` // all that change together
}

// drainLook is how often a line that drains is looked at.
const drainLook = 250 * time.Millisecond

// LineChange says how far new settings of a line are.
func (x *Exchange) LineChange(name string) LineChangeNow {
	var now LineChangeNow
	x.loop.Do(func() {
		if l := x.lines[name]; l != nil {
			now = l.unit.changeNow()
		}
	})
	return now
}

func (u *unit) changeNow() LineChangeNow {
	switch {
	case u.change != nil:
		return LineChangeNow{State: "draining", Calls: u.change.callsLeft(), Since: u.change.since, Lines: u.change.names()}
	case u.proof != nil:
		return LineChangeNow{State: "proving", Until: u.proof.until, Lines: u.names()}
	}
	return LineChangeNow{}
}

// ApplyLineNow puts the new settings of a line in force without waiting for its calls, which end.
func (x *Exchange) ApplyLineNow(name string) error {
	x.apply.Lock()
	defer x.apply.Unlock()
	var pending *change
	x.loop.Do(func() {
		if l := x.lines[name]; l != nil {
			pending = l.unit.change
		}
	})
	if pending == nil {
		return fmt.Errorf("line %s has no settings that wait", name)
	}
	x.loop.Do(func() { x.endCallsOf(pending) })
	deadline := time.Now().Add(clearWithin)
	for cleared := false; !cleared && time.Now().Before(deadline); {
		x.loop.Do(func() { cleared = pending.callsLeft() == 0 })
		if !cleared {
			time.Sleep(20 * time.Millisecond)
		}
	}
	x.carryOut(pending)
	return nil
}

// clearWithin is how long the far end has to answer when calls are ended for new settings.
const clearWithin = 2 * time.Second

func (u *unit) names() []string {
	names := make([]string, 0, len(u.lines))
	for _, l := range u.lines {
		names = append(names, l.settings.Name)
	}
	return names
}

func (c *change) names() []string {
	var names []string
	for _, u := range c.from {
		names = append(names, u.names()...)
	}
	return names
}

func (c *change) callsLeft() int {
	n := 0
	for _, u := range c.from {
		for _, l := range u.lines {
			n += l.callsUp()
		}
	}
	return n
}

// applyLines brings the lines from what is in force to these settings. Lines that need not be opened anew, and lines that
// did not change, are not touched. The lock of apply is held, the loop is another goroutine.
func (x *Exchange) applyLines(to []config.Line, returning bool) {
	var at []*change
	x.loop.Do(func() {
		for _, c := range plan(x.unitsNow(), unitsOf(to)) {
			c.returning = returning
			x.dropChanges(c.from)
			switch {
			case len(c.from) == 1 && len(c.to) == 1 && liveOnly(c.from[0].inForce(), c.to[0]):
				x.applyLive(c.from[0], c.to[0])
			case c.callsLeft() == 0:
				at = append(at, c)
			default:
				x.drain(c)
			}
		}
	})
	slices.SortStableFunc(at, func(a, b *change) int { return len(b.from) - len(a.from) }) // what is closed first, then what is new
	for _, c := range at {
		x.carryOut(c)
	}
}

// dropChanges forgets what was to become of units, as something else is now.
func (x *Exchange) dropChanges(units []*unit) {
	for _, u := range units {
		if u.change != nil {
			u.change.look.Stop()
			u.change = nil
			u.setDraining(false)
			if u.proof == nil {
				x.keepProof(u.lines[0].settings.Name, nil)
			}
		}
	}
}

func (u *unit) setDraining(on bool) {
	for _, l := range u.lines {
		if l.access != nil {
			l.access.Drain(on)
		}
	}
}

// drain keeps new calls from lines, and carries the change out when the last is over.
func (x *Exchange) drain(c *change) {
	for _, u := range c.from {
		u.change = c
		u.setDraining(true)
		for _, l := range u.lines {
			x.note("", journal.LineChanged, "line", l.settings.Name, "state", "draining", "about", strconv.Itoa(c.callsLeft()))
		}
	}
	x.keepDrained(c)
	x.lookAgain(c)
}

// keepDrained keeps what is in force now for as long as the calls last, in case the box ends before they do.
func (x *Exchange) keepDrained(c *change) {
	var was [][]config.Line
	for _, u := range c.from {
		if u.proof != nil {
			was = append(was, u.proof.was...)
			continue
		}
		was = append(was, u.inForce())
	}
	for _, lines := range c.to {
		if lines[0].ReturnSeconds > 0 && !c.returning {
			x.keepProof(lines[0].Name, was)
		}
	}
}

func (x *Exchange) lookAgain(c *change) {
	c.look = x.loop.After(drainLook, func() {
		if c.callsLeft() > 0 {
			x.lookAgain(c)
			return
		}
		go x.drained(c)
	})
}

// drained carries a change out that still stands.
func (x *Exchange) drained(c *change) {
	x.apply.Lock()
	defer x.apply.Unlock()
	stands := false
	x.loop.Do(func() {
		stands = len(c.from) > 0 && c.from[0].change == c && x.lines[c.from[0].lines[0].settings.Name] == c.from[0].lines[0]
	})
	if stands {
		x.carryOut(c)
	}
}

func (x *Exchange) endCallsOf(c *change) {
	names := c.names()
	for _, l := range x.calls {
		if slices.Contains(names, l.line) {
			l.end(ending{cause: causeOfStop, by: "box", reason: journal.LineSettingsChanged})
		}
	}
}

// carryOut closes the units that give way and starts the others. The lock of apply is held, the loop is another goroutine.
func (x *Exchange) carryOut(c *change) {
	wasUp := false
	var was [][]config.Line
	x.loop.Do(func() {
		x.endCallsOf(c)
		for _, u := range c.from {
			u.change = nil
			for _, l := range u.lines {
				wasUp = wasUp || l.access != nil && l.access.Now().Link == pri.LinkUp
				l.again.Stop()
				delete(x.lines, l.settings.Name)
				x.clearNotice("line_" + l.settings.Name)
			}
			x.choosePace()
			x.keepProof(u.lines[0].settings.Name, nil)
			if p := u.proof; p != nil { // its settings never worked: those before it are the ones to return to
				p.timer.Stop()
				wasUp = true
				was = append(was, p.was...)
				continue
			}
			was = append(was, u.inForce())
		}
	})
	for _, u := range c.from {
		u.close()
	}
	x.loop.Do(func() {
		for _, lines := range c.to {
			u := x.startUnit(lines)
			if len(c.from) == 0 {
				continue
			}
			for _, l := range u.lines {
				if !c.returning {
					x.note("", journal.LineChanged, "line", l.settings.Name, "state", "changed")
				}
			}
			if wasUp && !c.returning {
				x.prove(u, was)
			}
		}
		x.watch.tell()
	})
}
