package exchange

import (
	"cmp"
	"slices"
	"strconv"

	"trunkbox/dsp"
	"trunkbox/firmware/call"
	"trunkbox/firmware/config"
	"trunkbox/firmware/journal"
	"trunkbox/firmware/q850"
)

// conferring is a party that is being rung to join a talk.
type conferring struct {
	target string
	route  *outward // of an outside number
	timer  *call.Timer
	side   *call.Side
}

// invite rings an extension or an outside number to join the talk; the others talk on meanwhile. Whoever asks for what
// cannot be hears a tone.
func (c *Call) invite(by *call.Side, target string) {
	x := c.x
	agent, known := x.agentSettings(by.Phone)
	if !known || c.joinedTo(by) == nil {
		return
	}
	if most := c.mostTogether(); len(c.sides()) >= most {
		c.note(journal.PartyInvited, "by", by.Phone, "to", target, "reason", string(journal.TalkFull), "about", strconv.Itoa(most))
		c.beep(by, false)
		return
	}
	invited := c.invited(agent, target)
	if invited == nil {
		c.beep(by, false)
		return
	}
	if why := c.ringInvited(invited); why != "" {
		x.Log.Info("who was to join the talk cannot be rung", "call", c.id, "target", target, "error", why)
		c.beep(by, false)
		return
	}
	c.note(journal.PartyInvited, "by", by.Phone, "to", target)
	invited.timer = x.loop.After(extensionRings, func() { c.uninvite(q850.NoAnswer) })
	c.inviting = invited
}

// invited is who can be rung at the agent's wish: nil when somebody is rung already, the extension is busy or nobody's, or
// the agent may not dial the number.
func (c *Call) invited(agent config.Agent, target string) *conferring {
	x, invited := c.x, &conferring{target: target}
	number, outside := x.outsideNumber(target)
	switch {
	case c.inviting != nil:
		return nil
	case outside:
		if !x.mayDial(agent, number) {
			return nil
		}
		invited.route = x.outwardOf(agent, number)
	case x.seats[target] == nil, x.acd.Agent(target).Talking != "", x.acd.Agent(target).Offered != "":
		return nil
	}
	return invited
}

// mostTogether is how many may talk in the call: as the settings say, as long as there is room beside the supervisors.
func (c *Call) mostTogether() int {
	room := dsp.MostMixed - len(c.watchers)
	if most := c.x.settings.Talks.Parties; most > 0 {
		return min(most, room)
	}
	return room
}

// ringInvited rings the phone, or dials over the next line that can, and says why that is not possible.
func (c *Call) ringInvited(invited *conferring) (why string) {
	from := func(_ call.Leg, event call.Event) { c.fromInvited(invited, event) }
	if r := invited.route; r != nil {
		side := c.nextWay(r, from)
		if side == nil {
			return cmp.Or(r.last.detail, string(r.last.reason))
		}
		invited.side = side
		return ""
	}
	leg, err := c.x.phones.Dial(invited.target, call.Outgoing{Called: invited.target, Calling: c.shown()}, c.x.handler(func(event call.Event) { from(nil, event) }))
	if err != nil {
		return err.Error()
	}
	invited.side = c.x.sideOf(leg, invited.target, "")
	return ""
}

// uninvite gives up ringing who was to join.
func (c *Call) uninvite(cause q850.Cause) {
	if invited := c.inviting; invited != nil {
		c.inviting = nil
		invited.timer.Stop()
		invited.side.Leg.Hangup(cause)
	}
}

// fromInvited is what the leg of somebody invited tells, before and after he has joined.
func (c *Call) fromInvited(invited *conferring, event call.Event) {
	if c.ended {
		return
	}
	if c.inviting != invited {
		if slices.Contains(c.sides(), invited.side) {
			c.fromSide(invited.side, event)
		}
		return
	}
	switch e := event.(type) {
	case call.Answered:
		c.inviting = nil
		invited.timer.Stop()
		c.thirds = append(c.thirds, invited.side)
		if invited.side.Phone != "" {
			c.engage(invited.side.Phone)
		}
		c.note(journal.PartyJoined, "to", invited.target)
		c.wire()
		c.chime(joinTones, invited.side)
	case call.Cleared:
		invited.side.Over()
		if r := invited.route; r != nil && c.x.otherWay(r.over, e.Cause) && c.ringInvited(invited) == "" {
			return
		}
		c.inviting = nil
		invited.timer.Stop()
		c.note(journal.PartyLeft, "to", invited.target, "cause", strconv.Itoa(int(e.Cause)))
	}
}

// leave lets one of several sides go; the others talk on, as long as one of them is ours. It returns false when fewer than
// two would be left.
func (c *Call) leave(side *call.Side, e ending) bool {
	if len(c.thirds) == 0 {
		return false
	}
	c.note(journal.PartyLeft, "to", whoIs(side), "cause", strconv.Itoa(int(e.cause)))
	next := c.thirds[0]
	switch side {
	case c.caller:
		c.caller, c.thirds = next, c.thirds[1:]
	case c.other:
		c.other, c.thirds = next, c.thirds[1:]
	default:
		c.thirds = slices.DeleteFunc(slices.Clone(c.thirds), func(s *call.Side) bool { return s == side })
	}
	if side.Phone != "" {
		c.release(side.Phone)
	}
	if c.agentOf() == "" {
		c.end(ending{cause: q850.NormalClearing, by: "box", reason: journal.OnlyOutside})
		return true
	}
	c.wire()
	c.chime(leftTones, side)
	return true
}

// whoIs is how a side is spoken of: an extension, or a number that is not withheld.
func whoIs(side *call.Side) string {
	if side.Phone != "" {
		return side.Phone
	}
	return withheld(side.Leg.Remote()).Digits
}
