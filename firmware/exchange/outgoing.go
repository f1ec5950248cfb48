package exchange

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"trunkbox/firmware/bridge"
	"trunkbox/firmware/call"
	"trunkbox/firmware/config"
	"trunkbox/firmware/journal"
	"trunkbox/firmware/q850"
)

// acceptPhone takes a call that an agent dials. It runs in a goroutine of the phones.
func (x *Exchange) acceptPhone(in call.Incoming) call.Handler {
	c := x.newCall(in, "internal")
	if !x.loop.Post(func() { c.dialled() }) {
		return nil
	}
	return x.handler(func(event call.Event) { c.from(in.Leg, event) })
}

// dialled sends what an agent dialled where it belongs.
func (c *Call) dialled() {
	x := c.x
	x.calls[c.id] = c
	agent, known := x.agentSettings(c.caller.Phone)
	if !known {
		c.end(ending{cause: q850.CallRejected, by: "box", reason: journal.ExtensionRemoved, about: c.caller.Phone})
		return
	}
	if c.calling.Name == "" {
		c.calling.Name = agent.Name
	}
	c.calling.Digits = agent.Extension
	number, outside := x.outsideNumber(c.called)
	if outside {
		c.direction = "out"
	}
	c.note(journal.CallDialled, "agent", agent.Extension, "called", c.called)
	if how, extension, found := x.supervision(c.called); found && !outside {
		c.supervise(how, extension)
		return
	}
	if !outside && c.dialledFeature() {
		return
	}
	c.engage(agent.Extension)
	if outside {
		c.dialOut(agent, number)
		return
	}
	c.ringExtension(c.called)
}

// outsideNumber takes the digit for an outside line off. Emergency numbers are outside with and without it.
func (x *Exchange) outsideNumber(dialled string) (number string, outside bool) {
	country, prefix := x.settings.Box.Country, x.settings.Outbound.Prefix
	bare, prefixed := strings.CutPrefix(dialled, prefix)
	switch {
	case config.Emergency(country, dialled):
		return dialled, true
	case !prefixed || bare == "":
		return "", false
	case config.Emergency(country, bare):
		return bare, true
	}
	if whole, _ := x.dialable(dialled); whole || strings.ContainsAny(dialled[:1], "*#") {
		return "", false
	}
	return bare, true
}

// dialOut dials an outside number for an agent, if he may.
func (c *Call) dialOut(agent config.Agent, number string) {
	x := c.x
	emergency := config.Emergency(x.settings.Box.Country, number)
	if !x.mayDial(agent, number) {
		reason, about := journal.MayNotDialOut, agent.Extension
		if x.barred(number) {
			reason, about = journal.NumberBarred, number
		}
		c.unreachable(ending{cause: q850.OutgoingCallsBarred, by: "box", reason: reason, about: about}, "number_barred")
		return
	}
	if !emergency && c.throughRefused() {
		return
	}
	c.route = x.outwardOf(agent, number)
	c.become("ringing", number)
	c.nextLine()
}

// mayDial says whether the agent may dial the number; emergency numbers everybody may.
func (x *Exchange) mayDial(agent config.Agent, number string) bool {
	return config.Emergency(x.settings.Box.Country, number) || agent.Outbound && !x.barred(number)
}

func (x *Exchange) barred(number string) bool {
	return slices.ContainsFunc(x.settings.Outbound.Barred, func(prefix string) bool { return strings.HasPrefix(number, prefix) })
}

// sideOf makes the side of a leg: of the phone of an extension, or of a line.
func (x *Exchange) sideOf(leg call.Leg, phone, line string) *call.Side {
	side := call.NewSide(leg, phone, x.engine)
	side.Treat = x.treatment(line)
	return side
}

// treatment is what the settings of a line ask for; of none, nothing is changed.
func (x *Exchange) treatment(line string) bridge.Treatment {
	l := x.lines[line]
	if l == nil {
		return bridge.Treatment{}
	}
	return bridge.Treatment{Echo: time.Duration(l.settings.EchoTailMS) * time.Millisecond, Noise: l.settings.NoiseReduction, Level: l.settings.LevelControl}
}

// callerID is the number the carrier lets us show for the agent.
func (x *Exchange) callerID(agent config.Agent) string {
	numbers := x.settings.Outbound.Numbers
	switch {
	case slices.Contains(numbers, agent.CallerID):
		return agent.CallerID
	case len(numbers) > 0:
		return numbers[0]
	}
	return ""
}

// nextLine dials over the next line that can; when there is none left the call ends as the last line refused.
func (c *Call) nextLine() {
	side := c.nextWay(c.route, c.from)
	if side == nil {
		c.unreachable(c.route.last, "line_busy")
		return
	}
	c.line, c.other = c.route.over, side
	c.note(journal.CallDialled, "line", c.line, "channel", channelOf(side.Leg.Name()), "called", c.route.number, "caller", c.route.calling.Digits)
}

// fromTrunk is what the leg of a dialled trunk tells before it has answered.
func (c *Call) fromTrunk(event call.Event) {
	switch e := event.(type) {
	case call.Alerting:
		c.note(journal.CallAlerting)
		c.caller.Leg.Alert()
		if c.answered && c.joined.IsZero() {
			c.hear(c.x.ringback())
		}
	case call.Sounding:
		c.other.Sound()
		if e.Inband {
			c.caller.Leg.Progress()
			c.hear(nil)
			c.link()
		}
	case call.Answered:
		c.services.answerer = withheld(e.Connected)
		c.note(journal.CallAnswered, "by", "far", "called", c.services.answerer.Digits, "name", c.services.answerer.Name)
		c.answered = true
		c.caller.Leg.Answer()
		c.join(c.route.number)
		c.limitThrough()
		c.whoAnswered()
		c.askToMerge()
	case call.Clearing:
		c.route.refused = ending{cause: e.Cause, location: e.Location, by: "called"}
	case call.Cleared:
		c.trunkCleared(e)
	default:
		c.fromSide(c.other, event)
	}
}

// trunkCleared ends the call, or tries another line when the number was never reached.
func (c *Call) trunkCleared(e call.Cleared) {
	if c.x.otherWay(c.route.over, e.Cause) && len(c.route.lines) > 0 {
		c.dropOther()
		c.route.last = endingOf(e, "called")
		c.nextLine()
		return
	}
	if c.answered {
		c.dropOther()
		c.say("cannot_be_reached", endingOf(e, "called"))
		return
	}
	c.sideCleared(c.other, e)
}

// dropOther takes a dialled party that is gone out of the call.
func (c *Call) dropOther() {
	c.other.Over()
	c.other, c.linked = nil, false
}

// HangUp ends a call at the wish of a person on the page or the console.
func (x *Exchange) HangUp(id, by string) error {
	found := false
	x.loop.Do(func() {
		if c := x.calls[id]; c != nil {
			found = true
			c.end(ending{cause: q850.NormalClearing, by: by})
		}
	})
	if !found {
		return NoCallError(id)
	}
	return nil
}

// NoCallError names a call that is not in progress.
type NoCallError string

func (e NoCallError) Error() string { return "no call " + strconv.Quote(string(e)) + " is in progress" }
