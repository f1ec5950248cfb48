package exchange

import (
	"slices"
	"strconv"

	"trunkbox/firmware/call"
	"trunkbox/firmware/journal"
	"trunkbox/firmware/q850"
)

// conferring is a party that is being rung to join a talk.
type conferring struct {
	target string
	leg    call.Leg
	timer  *call.Timer
	side   *call.Side
}

// invite rings an extension or an outside number to join the talk; the others talk on meanwhile.
func (c *Call) invite(by *call.Side, target string) {
	x := c.x
	agent, known := x.agentSettings(by.Phone)
	if !known || c.inviting != nil || c.joinedTo(by) == nil || len(c.sides()) >= mostTogether {
		return
	}
	invited := &conferring{target: target}
	out := call.Outgoing{Called: target, Calling: c.shown()}
	handle := x.handler(func(event call.Event) { c.fromInvited(invited, event) })
	var err error
	phone := ""
	if number, outside := x.outsideNumber(target); outside {
		if !x.mayDial(agent, number) {
			return
		}
		out.Called, out.Calling = number, call.Number{Digits: x.callerID(agent), Restricted: agent.HideNumber}
		invited.leg, err = x.dialAny(out, handle)
	} else {
		phone = target
		if s := x.seats[target]; s == nil || x.acd.Agent(target).Talking != "" || x.acd.Agent(target).Offered != "" {
			return
		}
		invited.leg, err = x.phones.Dial(target, out, handle)
	}
	if err != nil {
		x.Log.Info("who was to join the talk cannot be rung", "call", c.id, "target", target, "error", err)
		return
	}
	c.note(journal.PartyInvited, "by", by.Phone, "to", target)
	invited.side = x.sideOf(invited.leg, phone, "")
	invited.timer = x.loop.After(extensionRings, func() { c.uninvite(q850.NoAnswer) })
	c.inviting = invited
}

// mostTogether is how many talk in one call at most: the supervisors have room beside them.
const mostTogether = 60

// uninvite gives up ringing who was to join.
func (c *Call) uninvite(cause q850.Cause) {
	if invited := c.inviting; invited != nil {
		c.inviting = nil
		invited.timer.Stop()
		invited.leg.Hangup(cause)
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
	case call.Cleared:
		c.inviting = nil
		invited.timer.Stop()
		invited.side.Over()
		c.note(journal.PartyLeft, "to", invited.target, "cause", strconv.Itoa(int(e.Cause)))
	}
}

// leave lets one of several sides go; the others talk on. It returns false when fewer than two would be left.
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
	c.wire()
	return true
}

// whoIs is how a side is spoken of: an extension, or a number that is not withheld.
func whoIs(side *call.Side) string {
	if side.Phone != "" {
		return side.Phone
	}
	return withheld(side.Leg.Remote()).Digits
}
