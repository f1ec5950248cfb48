package exchange

import (
	"strconv"

	"trunkbox/firmware/call"
	"trunkbox/firmware/journal"
	"trunkbox/firmware/q850"
)

// services is what the network told of a call beyond its numbers, and what it was asked to do with it.
type services struct {
	diverted *call.Diversion
	text     string      // of the caller
	charge   call.Charge // the last told
	answerer call.Number // who really answered a call of ours, where that was told

	asked      journal.Reason // what the network does when it has said yes: JoinedByNetwork or TakenElsewhere
	agreed     bool           // it has
	elsewhere  string         // the number it is to take the call to
	reportedBy string         // the agent who asked to trace the call
}

// servicesOf is what an arriving call tells of itself.
func servicesOf(in call.Incoming) services {
	s := services{text: in.Text}
	if in.Diverted != nil {
		d := *in.Diverted
		d.By, d.First = withheld(d.By), withheld(d.First)
		s.diverted = &d
	}
	return s
}

// diversions are the reasons of a Diversion in the journal's words.
var diversions = map[string]journal.Reason{
	"busy": journal.DivertedBusy, "no_reply": journal.DivertedNoReply, "unconditional": journal.DivertedAlways,
	"deflected": journal.DivertedByHand, "unknown": journal.DivertedUnknown,
}

// noteServices writes down what a call told of itself when it arrived.
func (c *Call) noteServices() {
	if d := c.services.diverted; d != nil {
		c.note(journal.CallDiverted, "caller", d.By.Digits, "name", d.By.Name, "called", d.First.Digits, "reason", string(diversions[d.Reason]))
	}
	if c.services.text != "" {
		c.note(journal.CallText, "by", "caller", "text", c.services.text)
	}
}

// whose is the journal's word for a side of the call.
func (c *Call) whose(side *call.Side) string {
	if side == c.caller {
		return "caller"
	}
	return "called"
}

// fromNetwork is what the network tells of one side.
func (c *Call) fromNetwork(side *call.Side, event call.Event) {
	switch e := event.(type) {
	case call.Named:
		c.named(side, e.Party)
	case call.Texted:
		if side == c.caller {
			c.services.text = e.Text
		}
		c.note(journal.CallText, "by", c.whose(side), "text", e.Text)
	case call.Charged:
		c.charged(e.Charge)
	case call.Forwarded:
		c.note(journal.CallForwarded, "to", withheld(e.To).Digits, "reason", string(diversions[e.Reason]))
	case call.Serviced:
		c.serviced(side, e)
	}
	c.x.watch.tell()
}

// named: a party's number or name is known only now, or it is another party.
func (c *Call) named(side *call.Side, party call.Number) {
	party = withheld(party)
	if party.Restricted || side == c.caller && c.calling.Restricted {
		return
	}
	known := &c.services.answerer
	if side == c.caller {
		known = &c.calling
	}
	if party.Digits != "" {
		known.Digits = party.Digits
	}
	if party.Name != "" {
		known.Name = party.Name
	}
	c.note(journal.CallNamed, "by", c.whose(side), "called", party.Digits, "name", party.Name)
}

func (c *Call) charged(charge call.Charge) {
	c.services.charge = charge
	reason, units := journal.Reason(""), ""
	switch {
	case charge.Free:
		reason = journal.ChargeFree
	case charge.None:
		reason = journal.ChargeUnknown
	case charge.Money == "":
		units = strconv.Itoa(charge.Units)
	}
	c.note(journal.CallCharged, "state", charge.Phase, "amount", charge.Money, "units", units, "reason", string(reason))
}

// afterEnd is what is still told of a call that we have ended: what it cost comes with the network's last words.
func (c *Call) afterEnd(event call.Event) {
	if e, ok := event.(call.Charged); ok {
		c.charged(e.Charge)
	}
}

// sum is a charge for people: "EUR 1.20", "3", or "free".
func sum(charge call.Charge) string {
	switch {
	case charge.Phase == "", charge.None:
		return ""
	case charge.Free:
		return "free"
	case charge.Money != "":
		return charge.Money
	}
	return strconv.Itoa(charge.Units)
}

// networked is the side's leg, where its network does more than carrying the call.
func networked(side *call.Side) (call.Networked, bool) {
	if side == nil {
		return nil, false
	}
	leg, ok := side.Leg.(call.Networked)
	return leg, ok
}

// report asks the network to trace the party that talks to an agent.
func (c *Call) report(from *call.Side, _ string) {
	leg, can := networked(c.joinedTo(from))
	if !can {
		c.note(journal.CallReported, "agent", from.Phone, "state", "refused", "reason", string(journal.ServiceUnknown))
		c.beep(from, false)
		return
	}
	c.note(journal.CallReported, "agent", from.Phone, "state", "asked")
	c.services.reportedBy = from.Phone
	leg.Report()
}

// askToMerge asks the network to join a call of which both sides are on one line, if the settings say so. A call that is
// recorded or listened to stays in the box.
func (c *Call) askToMerge() {
	caller, can := networked(c.caller)
	_, alike := networked(c.other)
	if !can || !alike || len(c.thirds) > 0 || len(c.watchers) > 0 || c.taping.tape != nil || c.services.asked != "" {
		return
	}
	name := lineIn(c.caller.Leg.Name())
	l := c.x.lines[name]
	if l == nil || !l.settings.NetworkTransfer || !c.x.shareSignalling(name, lineIn(c.other.Leg.Name())) {
		return
	}
	c.services.asked = journal.JoinedByNetwork
	c.note(journal.CallMerged, "line", name, "state", "asked")
	caller.Merge(c.other.Leg)
}

// shareSignalling says whether two lines have one D channel.
func (x *Exchange) shareSignalling(a, b string) bool {
	first, second := x.lines[a], x.lines[b]
	return a == b || first != nil && second != nil && first.settings.Group != "" && first.settings.Group == second.settings.Group
}

// serviced is the network's answer to a service.
func (c *Call) serviced(side *call.Side, e call.Serviced) {
	state := "done"
	if !e.Done {
		state = "refused"
	}
	switch e.Service {
	case call.Report:
		c.note(journal.CallReported, "agent", c.services.reportedBy, "state", state, "reason", e.Reason, "detail", e.Detail)
		for _, s := range c.sides() {
			if s.Phone != "" && s.Phone == c.services.reportedBy {
				c.beep(s, e.Done)
			}
		}
	case call.Merge:
		c.note(journal.CallMerged, "line", lineIn(side.Leg.Name()), "state", state, "reason", e.Reason, "detail", e.Detail)
		c.services.agreed = e.Done
	case call.Deflect:
		c.note(journal.CallDeflected, "line", c.line, "to", c.services.elsewhere, "state", state, "reason", e.Reason, "detail", e.Detail)
		c.services.agreed = e.Done
		if !e.Done {
			c.services.asked = ""
			c.dialOutside(c.services.elsewhere)
		}
	}
}

// byService says that the network ended the call because it does what it was asked to.
func (c *Call) byService(e ending) ending {
	if !c.services.agreed {
		return e
	}
	return ending{cause: e.cause, location: e.location, by: "network", reason: c.services.asked, about: c.services.elsewhere}
}

// goOutside sends the caller to an outside number: the network takes an unanswered call there where it can, else we call
// there and join both.
func (c *Call) goOutside(number string) {
	leg, can := networked(c.caller)
	l := c.x.lines[c.line]
	if can && !c.answered && l != nil && l.settings.NetworkTransfer {
		c.services.asked, c.services.elsewhere = journal.TakenElsewhere, number
		c.become("ringing", number)
		c.note(journal.CallDeflected, "line", c.line, "to", number, "state", "asked")
		leg.Deflect(number)
		return
	}
	c.dialOutside(number)
}

// dialOutside calls an outside number for the box itself. Who is called is told who sent the call there.
func (c *Call) dialOutside(number string) {
	x := c.x
	if c.throughRefused() {
		return
	}
	shown := ""
	if numbers := x.settings.Outbound.Numbers; len(numbers) > 0 {
		shown = numbers[0]
	}
	count := 1
	if d := c.services.diverted; d != nil {
		count += d.Count
	}
	c.route = &outward{
		number: number, calling: call.Number{Digits: shown}, lines: x.outwardLines(false),
		diverted: &call.Diversion{By: call.Number{Digits: c.called}, Reason: "unconditional", Count: count},
		last:     ending{cause: q850.NoCircuit, by: "box", reason: journal.NoLine},
	}
	c.become("ringing", number)
	c.nextLine()
}

// connectAs prepares what the caller is told of the agent who is rung: on a line between private exchanges the name, and on
// any line that the number is not to be shown, where that is set.
func (c *Call) connectAs(extension string) {
	agent, known := c.x.agentSettings(extension)
	leg, can := networked(c.caller)
	if !can || !known || c.answered || !agent.HideNumber && !c.x.isPrivate(c.line) {
		return
	}
	leg.ConnectAs(call.Number{Name: agent.Name, Restricted: agent.HideNumber})
}

// isPrivate says whether a line goes to a private exchange, which is told names.
func (x *Exchange) isPrivate(line string) bool {
	l := x.lines[line]
	return l != nil && l.settings.Variant == "qsig"
}

// callingOver is the caller of a call over the line that is tried: with the agent's name where a private exchange is told it.
func (c *Call) callingOver(r *outward) call.Number {
	calling := r.calling
	if c.x.isPrivate(r.over) && c.caller.Phone != "" && !calling.Restricted {
		calling.Name = c.calling.Name
	}
	return calling
}
