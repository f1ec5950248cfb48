package pri

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"trunkbox/drivers/span"
	"trunkbox/firmware/call"
	"trunkbox/firmware/q850"
	"trunkbox/firmware/q931"
)

// Why Dial refuses.
var (
	ErrLinkDown  = errors.New("the signalling of the line is down")
	ErrNoChannel = errors.New("no channel of the line is free")
	ErrEnded     = errors.New("the line is out of service")
	ErrDraining  = errors.New("the line takes no more calls before its settings change")
)

// Dial places a call. It takes a channel at once and never waits; what becomes of the call is told to handler.
//
// An emergency call for which no channel is idle takes one by force: another call is cleared with cause 8 (preemption),
// which one says table.preempt, and SETUP follows as soon as its channel is released.
func (a *Access) Dial(to call.Outgoing, handler call.Handler) (call.Leg, error) {
	if to.Called == "" {
		return nil, errors.New("a call needs a number to be dialled")
	}
	if a.draining.Load() && !to.Emergency {
		return nil, fmt.Errorf("%s: %w", a.Settings.Name, ErrDraining)
	}
	if !a.isUp() {
		return nil, fmt.Errorf("%s: %w", a.Settings.Name, ErrLinkDown)
	}
	l := &leg{
		known: &known{outgoing: true}, group: a.Group, access: a, emergency: to.Emergency, began: time.Now(),
		remote: call.Number{Digits: to.Called}, request: to, handler: handler,
	}
	l.setChannel(place{on: a})
	work := func() { a.setUp(l) }
	if ts, ok := a.channels.hunt(a.now().Hunting, l); ok {
		l.setChannel(place{a, ts})
	} else if ts, victim, ok := a.preemptFor(l); ok {
		l.name.Store(&a.names[ts])
		work = func() { a.preempted(victim) }
	} else {
		return nil, fmt.Errorf("%s: %w", a.Settings.Name, ErrNoChannel)
	}
	if !a.loop.Post(work) {
		return nil, fmt.Errorf("%s: %w", a.Settings.Name, ErrEnded)
	}
	return l, nil
}

func (a *Access) preemptFor(l *leg) (span.Timeslot, *leg, bool) {
	if !l.emergency {
		return 0, nil, false
	}
	return a.channels.preempt(l)
}

// preempted clears the victim of an emergency call.
func (g *Group) preempted(victim *leg) {
	if victim == nil {
		return
	}
	g.log.Warn("a call is cleared for an emergency call", "entity", victim.Name())
	victim.detail = "cleared for an emergency call"
	victim.hangup(q850.Preemption)
}

// setUp sends SETUP for a leg that has a channel, or looks for one when the far side took it meanwhile.
func (g *Group) setUp(l *leg) {
	if l.isOver || l.hungUp != 0 {
		return
	}
	if l.ts == 0 {
		g.redial(l)
		return
	}
	settings := l.access.now()
	l.settled, l.heard = false, time.Now()
	ref := g.freeRef()
	l.machine = q931.NewCall(g.side, g.profile, ref)
	g.calls[ref.Key()] = l
	l.refers(ref)
	called := g.calledNumber(l.request.Called)
	l.rest = nil
	if settings.Overlap && g.profile.Overlap && !l.emergency && len(called.Digits) > 1 {
		called.Digits, l.rest = called.Digits[:1], called.Digits[1:]
	}
	m := &q931.Message{
		SendingComplete: l.rest == nil,
		Bearer:          l.access.bearer,
		Channel:         g.channel(l.place(), settings.Selection == "exclusive"),
		Calling:         g.callingNumber(l.request.Calling),
		Called:          called,
	}
	l.dress(m)
	l.ask(q931.SetupReq, m)
}

// moreDigits sends what SETUP did not have of the called number, a digit a message, and says that it is complete.
func (g *Group) moreDigits(l *leg) {
	rest := l.rest
	l.rest = nil
	if len(rest) == 0 {
		if g.profile.SendingComplete {
			l.ask(q931.InfoReq, &q931.Message{SendingComplete: true})
		}
		return
	}
	for i := range rest {
		l.ask(q931.InfoReq, &q931.Message{
			Called:          q931.Number{Given: true, Type: q931.UnknownNumber, Plan: g.profile.Called.Plan, Digits: rest[i : i+1]},
			SendingComplete: i == len(rest)-1,
		})
	}
}

// calledNumber codes a number as dialled: one that begins with + is international, any other what the variant takes it
// for.
func (g *Group) calledNumber(digits string) q931.Number {
	return numberAs(digits, g.profile.Called)
}

func numberAs(digits string, habit q931.NumberHabit) q931.Number {
	n := q931.Number{Given: true, Type: habit.Type, Plan: habit.Plan}
	if rest, international := strings.CutPrefix(digits, "+"); international {
		digits, n.Type, n.Plan = rest, q931.InternationalNumber, q931.PlanE164
	}
	n.Digits = []byte(digits)
	return n
}

// networkProvided is the screening indicator of a number that the network vouches for (Table 4-11/Q.931).
const networkProvided = 3

func (g *Group) callingNumber(calling call.Number) q931.Number {
	if calling.Digits == "" && !calling.Restricted {
		return q931.Number{}
	}
	n := numberAs(calling.Digits, g.profile.Calling)
	n.HasOctet3a, n.Screening = true, g.profile.Calling.Screening
	if calling.Restricted {
		n.Presentation = q931.Restricted
	}
	if g.side == q931.Network {
		n.Screening = networkProvided
	}
	return n
}

// progressed deals with an answer to our SETUP.
func (g *Group) progressed(l *leg, kind q931.ActionKind, m *q931.Message) {
	if l.hungUp != 0 || !g.settle(l, m.Channel) {
		return
	}
	switch kind {
	case q931.MoreInfoInd:
		g.moreDigits(l)
	case q931.ProceedingInd:
		l.tell(call.Proceeding{})
	case q931.AlertingInd:
		l.state(Ringing)
		l.tell(call.Alerting{})
	case q931.SetupConf:
		l.answered.Store(true)
		l.state(Talking)
		if g.side == q931.Network {
			l.ask(q931.SetupCompleteReq, &q931.Message{})
		}
		l.openSound(false)
		l.tell(call.Answered{Connected: l.connectedParty(m)})
		return
	}
	if m.InBand() {
		l.openSound(true)
	}
}

// settle takes the channel that the far side names in its first answer (clauses 5.1.2 and 5.2.3.1/Q.931). False: the call is
// being cleared with RELEASE, cause 6, because that cannot be (clause 5.3.2 d).
func (g *Group) settle(l *leg, ch q931.Channel) bool {
	if l.settled {
		return true
	}
	l.settled = true
	p, exists := g.place(ch)
	switch {
	case !ch.Given && l.ts != 0, exists && p == l.place():
		return true
	case !exists, l.access.now().Selection == "exclusive" && l.ts != 0:
		l.refuseChannel("the far side answered with a channel that cannot be taken")
		return false
	case !p.on.channels.take(p.ts, l):
		l.refuseChannel("the far side answered with a channel that is in use")
		return false
	}
	old := l.place()
	l.setChannel(p)
	if old.ts != 0 {
		g.passOn(old)
	}
	return true
}

func (l *leg) refuseChannel(detail string) {
	l.hungUp, l.detail = q850.ChannelUnacceptable, detail
	l.state(Clearing)
	l.ask(q931.ChannelReq, l.group.cause(q850.ChannelUnacceptable))
}

// refusals are the causes that speak of a channel and not of the call, with how often such a call is placed again on
// another channel: when two calls met on one (clause 5.7/Q.931), or when the far side has it out of use. A RESTART is
// not sent for any of them: the channel may carry the far side's own call.
var refusals = map[q850.Cause]int{
	q850.RequestedChannelUnavailable: 2,
	q850.ChannelUnacceptable:         2,
	q850.NoCircuit:                   1,
	q850.ResourceUnavailable:         1,
}

// retries says whether a refusal is for the channel alone.
func (g *Group) retries(l *leg, cause q850.Cause) bool {
	return l.outgoing && !l.settled && l.tries < refusals[cause] && g.isUp()
}

// redial places a call again on another channel; the one that was refused is idle only then.
func (g *Group) redial(l *leg) {
	a := l.access
	ts, ok := a.channels.hunt(l.access.now().Hunting, l)
	l.letGo()
	if !ok {
		l.over(call.Cleared{Cause: q850.NoCircuit, Location: g.profile.Location, Detail: "no other channel was free"})
		return
	}
	l.setChannel(place{a, ts})
	g.setUp(l)
}
