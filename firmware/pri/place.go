package pri

import (
	"trunkbox/drivers/span"
	"trunkbox/firmware/q931"
)

// place is one B channel of a group: a timeslot of one of its lines.
type place struct {
	on *Access
	ts span.Timeslot
}

func (p place) name() string { return p.on.channelName(p.ts) }

func (p place) is(state State) bool { return p.on.channels.is(p.ts, state) }

func (p place) set(state State, reason Reason) { p.on.channels.set(p.ts, state, reason) }

// places are the channels of a line.
func (a *Access) places() []place {
	all := make([]place, 0, len(a.channels.all))
	for _, ts := range a.channels.all {
		all = append(all, place{a, ts})
	}
	return all
}

// channel is the channel identification of a channel (clause 4.5.13/Q.931). The interface is named where there are
// several.
func (g *Group) channel(p place, exclusive bool) q931.Channel {
	if len(g.lines) == 1 {
		return q931.B(uint8(p.ts), exclusive)
	}
	return q931.BOn(p.on.id, uint8(p.ts), exclusive)
}

// lineOf is the line that a channel identification speaks of, nil for an interface that is none of ours. Without an
// interface identifier it is the line of the D channel that carries it; a group of one line has one interface, whatever
// its name is.
func (g *Group) lineOf(ch q931.Channel) *Access {
	if len(g.lines) == 1 {
		return g.lines[0]
	}
	if len(ch.Interface) == 0 {
		return g.active.line
	}
	id, ok := ch.InterfaceID()
	for _, a := range g.lines {
		if ok && a.id == id {
			return a
		}
	}
	return nil
}

// place is the one channel that a channel identification names; false: none of ours, or not just one.
func (g *Group) place(ch q931.Channel) (place, bool) {
	slot, one := ch.Slot()
	a := g.lineOf(ch)
	if !one || a == nil || !a.channels.exists(span.Timeslot(slot)) {
		return place{}, false
	}
	return place{a, span.Timeslot(slot)}, true
}

// names says whether a channel identification names the channel, alone or with others.
func (g *Group) names(ch q931.Channel, p place) bool {
	return p.on == g.lineOf(ch) && ch.Timeslots()&(1<<p.ts) != 0
}
