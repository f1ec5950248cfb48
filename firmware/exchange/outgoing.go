package exchange

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"trunkbox/firmware/bridge"
	"trunkbox/firmware/call"
	"trunkbox/firmware/config"
	"trunkbox/firmware/journal"
	"trunkbox/firmware/pri"
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

// outward is a number being dialled over the trunks, with the lines still to be tried.
type outward struct {
	number    string
	calling   call.Number
	emergency bool
	diverted  *call.Diversion // told to who is called
	lines     []string
	last      ending // how the last line refused
	refused   ending // how the far side refused, while its announcement is heard
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
	c.route = &outward{
		number: number, calling: call.Number{Digits: x.callerID(agent), Restricted: agent.HideNumber}, emergency: emergency, lines: x.outwardLines(emergency),
		last: ending{cause: q850.NoCircuit, by: "box", reason: journal.NoLine},
	}
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

// dialAny dials over the first line that can.
func (x *Exchange) dialAny(to call.Outgoing, handler call.Handler) (call.Leg, error) {
	err := error(errNoLine)
	for _, name := range x.outwardLines(to.Emergency) {
		way := x.wayOut(name)
		if way == nil {
			continue
		}
		var leg call.Leg
		if leg, err = way.Dial(to, handler); err == nil {
			return leg, nil
		}
	}
	return nil, err
}

var errNoLine = errors.New("no line is in service")

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

// nextLine dials over the next line that can; when there is none left the call ends as the last line refused.
func (c *Call) nextLine() {
	for len(c.route.lines) > 0 {
		name := c.route.lines[0]
		c.route.lines = c.route.lines[1:]
		way := c.x.wayOut(name)
		if way == nil {
			continue
		}
		var leg call.Leg
		leg, err := way.Dial(call.Outgoing{Called: c.route.number, Calling: c.callingOver(name), Emergency: c.route.emergency, Diverted: c.route.diverted},
			c.x.handler(func(event call.Event) { c.from(leg, event) }))
		if err != nil {
			c.route.last = ending{cause: q850.NoCircuit, by: "box", reason: notDialled(err), detail: err.Error()}
			continue
		}
		belongs(leg, c.id)
		c.line = name
		c.other = c.x.sideOf(leg, "", name)
		c.note(journal.CallDialled, "line", name, "channel", channelOf(leg.Name()), "called", c.route.number, "caller", c.route.calling.Digits)
		return
	}
	c.unreachable(c.route.last, "line_busy")
}

// otherLine are the causes after which another line may do: the line's or the network's fault, not the number's.
var otherLine = []q850.Cause{q850.NoCircuit, q850.NetworkOutOfOrder, q850.RequestedChannelUnavailable, q850.ResourceUnavailable, q850.ChannelUnacceptable}

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
	if c.otherWay(e.Cause) && len(c.route.lines) > 0 {
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
