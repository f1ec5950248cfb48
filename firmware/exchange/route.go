package exchange

import (
	"slices"

	"trunkbox/firmware/call"
	"trunkbox/firmware/config"
	"trunkbox/firmware/journal"
	"trunkbox/firmware/pri"
	"trunkbox/firmware/q850"
)

// outward is a number being dialled over the trunks, with the lines still to be tried.
type outward struct {
	number    string
	calling   call.Number
	emergency bool
	diverted  *call.Diversion // told to who is called
	lines     []string        // still to be tried
	over      string          // the line or IP trunk tried last
	last      ending          // how the last line refused
	refused   ending          // how the far side refused, while its announcement is heard
}

// outwardOf is the way out for a number that an agent may dial.
func (x *Exchange) outwardOf(agent config.Agent, number string) *outward {
	emergency := config.Emergency(x.settings.Box.Country, number)
	return &outward{
		number: number, calling: call.Number{Digits: x.callerID(agent), Restricted: agent.HideNumber}, emergency: emergency, lines: x.outwardLines(emergency),
		last: ending{cause: q850.NoCircuit, by: "box", reason: journal.NoLine},
	}
}

// nextWay dials over the next line that can. The side of who is called is treated as the settings of that line ask for; nil:
// there is no line left, and the route says how the last one refused. What the leg tells goes to from.
func (c *Call) nextWay(r *outward, from func(call.Leg, call.Event)) *call.Side {
	for len(r.lines) > 0 {
		r.over, r.lines = r.lines[0], r.lines[1:]
		way := c.x.wayOut(r.over)
		if way == nil {
			continue
		}
		var leg call.Leg
		leg, err := way.Dial(call.Outgoing{Called: r.number, Calling: c.callingOver(r), Emergency: r.emergency, Diverted: r.diverted},
			c.x.handler(func(event call.Event) { from(leg, event) }))
		if err != nil {
			r.last = ending{cause: q850.NoCircuit, by: "box", reason: notDialled(err), detail: err.Error()}
			continue
		}
		belongs(leg, c.id)
		return c.x.sideOf(leg, "", r.over)
	}
	return nil
}

// outwardLines are the names of the lines and IP trunks for calls out, in order. An emergency call may take any.
func (x *Exchange) outwardLines(emergency bool) []string {
	names := slices.Clone(x.settings.Outbound.Lines)
	if len(names) > 0 && !emergency {
		return names
	}
	for _, l := range x.settings.Lines {
		if l.Enabled && !slices.Contains(names, l.Name) {
			names = append(names, l.Name)
		}
	}
	for _, name := range x.trunks.Names() {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if emergency { // a line with an idle channel before one that would have to clear a call
		slices.SortStableFunc(names, func(a, b string) int { return x.full(a) - x.full(b) })
	}
	return names
}

// full is 1 for a line without an idle channel, or an IP trunk that would refuse a call, else 0.
func (x *Exchange) full(name string) int {
	if t := x.trunks.Trunk(name); t != nil && !t.Full() {
		return 0
	}
	if l := x.lines[name]; l != nil && l.access != nil {
		for _, ch := range l.access.Now().Channels {
			if ch.State == string(pri.Idle) {
				return 0
			}
		}
	}
	return 1
}

// otherLine are the causes after which another line may do: the line's or the network's fault, not the number's.
var otherLine = []q850.Cause{q850.NoCircuit, q850.NetworkOutOfOrder, q850.RequestedChannelUnavailable, q850.ResourceUnavailable, q850.ChannelUnacceptable}
