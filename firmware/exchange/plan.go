package exchange

import (
	"maps"
	"reflect"
	"slices"
	"time"

	"trunkbox/firmware/config"
)

// unitsNow are the units at work, in the order of their lines' names.
func (x *Exchange) unitsNow() []*unit {
	var units []*unit
	for _, name := range slices.Sorted(maps.Keys(x.lines)) {
		if u := x.lines[name].unit; !slices.Contains(units, u) {
			units = append(units, u)
		}
	}
	return units
}

func (u *unit) inForce() []config.Line {
	lines := make([]config.Line, 0, len(u.lines))
	for _, l := range u.lines {
		lines = append(lines, l.settings)
	}
	return lines
}

// plan puts units at work and units to come together that have a line in common, directly or by others: they give way to
// each other as a whole.
func plan(from []*unit, to [][]config.Line) []*change {
	var changes []*change
	with := map[string]*change{} // by name of line
	join := func(names []string, add func(*change)) {
		c := &change{since: time.Now()}
		for _, name := range names {
			if other := with[name]; other != nil && other != c {
				c.from, c.to = append(c.from, other.from...), append(c.to, other.to...)
				changes = slices.DeleteFunc(changes, func(o *change) bool { return o == other })
				for n, o := range with {
					if o == other {
						with[n] = c
					}
				}
			}
			with[name] = c
		}
		add(c)
		changes = append(changes, c)
	}
	for _, u := range from {
		join(u.names(), func(c *change) { c.from = append(c.from, u) })
	}
	for _, lines := range to {
		var names []string
		for _, l := range lines {
			names = append(names, l.Name)
		}
		join(names, func(c *change) { c.to = append(c.to, lines) })
	}
	return changes
}

// liveOnly says whether the difference is one that takes effect while calls are up.
func liveOnly(was, is []config.Line) bool {
	if len(was) != len(is) {
		return false
	}
	for i := range was {
		w, s := was[i], is[i]
		w.Hunting, w.Selection, w.DDIDigits, w.Restart = s.Hunting, s.Selection, s.DDIDigits, s.Restart
		w.EchoBy = s.EchoBy
		w.NetworkTransfer, w.EchoTailMS, w.NoiseReduction, w.LevelControl = s.NetworkTransfer, s.EchoTailMS, s.NoiseReduction, s.LevelControl
		w.ReturnSeconds = s.ReturnSeconds
		if len(w.Timers) == 0 && len(s.Timers) == 0 {
			w.Timers = s.Timers
		}
		if !reflect.DeepEqual(w, s) {
			return false
		}
	}
	return true
}

func (x *Exchange) applyLive(u *unit, to []config.Line) {
	for i, l := range u.lines {
		if l.access != nil {
			l.access.Apply(l.settings, to[i])
		}
		l.settings = to[i]
		l.echo.apply(to[i])
	}
}
