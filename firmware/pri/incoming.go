package pri

import (
	"strconv"
	"time"

	"trunkbox/firmware/call"
	"trunkbox/firmware/q850"
	"trunkbox/firmware/q931"
)

// arrived makes a call of a SETUP with a new reference.
func (g *Group) arrived(m *q931.Message) {
	l := &leg{known: &known{}, group: g, access: g.active.line, began: time.Now(), heard: time.Now(), machine: q931.NewCall(g.side, g.profile, m.Ref)}
	l.setChannel(place{on: g.active.line})
	g.calls[m.Ref.Key()] = l
	l.refers(m.Ref)
	g.toCall(l, q931.Received(m))
}

// offered deals with a SETUP that the machine found in order.
func (g *Group) offered(l *leg, m *q931.Message) {
	cause := g.admit(m)
	if cause == 0 {
		cause = g.seize(l, m.Channel)
	}
	if cause != 0 {
		g.found(g.proposed(m.Channel), CallRefused, strconv.Itoa(int(cause)))
		l.hungUp = cause
		l.ask(q931.RejectReq, g.cause(cause))
		return
	}
	l.settled = true
	l.remote = number(m.Calling, m.Display)
	l.called = append(append(l.called, m.Called.Digits...), m.Keypad...) // clause 5.1.1: either element may have the number
	if g.incomplete(l, m) {
		l.ask(q931.MoreInfoReq, g.withChannel(l))
		l.named = true
		return
	}
	g.offer(l)
}

// proposed is the name of the channel that a SETUP names, or of the line when it names none of ours.
func (g *Group) proposed(ch q931.Channel) string {
	if p, exists := g.place(ch); exists {
		return p.name()
	}
	return g.active.line.Settings.Name
}

// admit says why a SETUP is refused whatever its channel, 0 when it is not.
//
// Departure: a bearer of the other companding law is taken and spoken to in the line's own (clause 4.5.5/Q.931 would let
// the call be refused); no network sends one where it does not convert.
func (g *Group) admit(m *q931.Message) q850.Cause {
	if g.active.line.draining.Load() {
		return q850.NoCircuit
	}
	if m.Bearer.Capability == q931.Speech || m.Bearer.Capability == q931.Audio3k1 {
		return 0
	}
	if g.side == q931.Network {
		return q850.BearerNotImplemented
	}
	return q850.IncompatibleDestination
}

// seize takes the channel of an incoming call, or says why there is none (clauses 5.1.2 and 5.2.3/Q.931).
func (g *Group) seize(l *leg, ch q931.Channel) q850.Cause {
	p, exists := g.place(ch)
	if exists {
		p.on.channels.learn(p.ts)
	}
	switch {
	case !ch.Given, ch.Selection == q931.AnyChannel:
		return g.anyChannel(l)
	case ch.Selection == q931.NoChannel:
		return q850.NoCircuit
	case !exists:
		if !ch.Exclusive {
			return g.anyChannel(l)
		}
		return q850.ChannelDoesNotExist
	case p.on.channels.take(p.ts, l), g.yields(p, l), g.backInService(p, l):
		l.setChannel(p)
		return 0
	case ch.Exclusive:
		return q850.RequestedChannelUnavailable
	}
	return g.anyChannel(l)
}

// anyChannel takes an idle channel of the line whose D channel it is, else of another one of the group.
func (g *Group) anyChannel(l *leg) q850.Cause {
	for _, a := range append([]*Access{l.access}, g.lines...) {
		if ts, ok := a.channels.hunt(a.now().Hunting, l); ok {
			l.setChannel(place{a, ts})
			return 0
		}
	}
	return q850.NoCircuit
}

// yields takes the channel from a call of ours that the network has not answered yet: where two calls meet on a
// channel the network gives priority to the one towards the user (clause 5.7/Q.931). Ours goes on with the channel that
// the network gives it, or is refused and placed again.
func (g *Group) yields(p place, l *leg) bool {
	ours := p.on.channels.holder(p.ts)
	if g.side != q931.User || ours == nil || !ours.outgoing || ours.settled ||
		ours.machine != nil && ours.machine.State() != q931.StateCallInitiated {
		if ours != nil && ours.outgoing && !ours.settled {
			p.on.channels.prevailed.Add(1)
		}
		return false
	}
	p.on.channels.gaveWay.Add(1)
	g.log.Info("two calls met on a channel, ours gives way", "entity", p.name())
	ours.setChannel(place{on: ours.access})
	p.on.channels.give(p.ts, l)
	return true
}

// withChannel is a first answer: it names the channel.
func (g *Group) withChannel(l *leg) *q931.Message {
	return &q931.Message{Channel: g.channel(l.place(), true)}
}

// incomplete says whether more digits of the called number are to be waited for: where numbers come digit by digit until
// the far side says that they are complete, elsewhere when there are fewer than are kept.
func (g *Group) incomplete(l *leg, m *q931.Message) bool {
	if m.SendingComplete || !g.profile.Overlap || endsInHash(l.called) {
		return false
	}
	settings := l.access.now()
	return settings.Overlap && settings.DDIDigits == 0 || len(l.called) < settings.DDIDigits
}

func endsInHash(digits []byte) bool { return len(digits) > 0 && digits[len(digits)-1] == '#' }

// digits takes INFORMATION: more of the called number before the call is offered, keys afterwards.
func (g *Group) digits(l *leg, m *q931.Message) {
	if l.handler == nil && !l.outgoing {
		l.called = append(append(l.called, m.Called.Digits...), m.Keypad...)
		if !g.incomplete(l, m) {
			g.offer(l)
		}
		return
	}
	for _, keys := range [][]byte{m.Called.Digits, m.Keypad} {
		for _, key := range keys {
			l.tell(call.Digit{Key: key})
		}
	}
}

// offer offers a call with all its digits to the exchange, and tells the far side that it needs no more.
func (g *Group) offer(l *leg) {
	called := plainDigits(string(l.called))
	if n := len(called); n > 0 && called[n-1] == '#' {
		called = called[:n-1]
	}
	if keep := l.access.now().DDIDigits; keep > 0 && len(called) > keep {
		called = called[len(called)-keep:]
	}
	l.handler = l.access.Accept(call.Incoming{
		Leg: l, Called: called, Trunk: l.access.Settings.Name, Calling: l.caller(), Diverted: l.services.diverted, Text: l.services.text,
	})
	if l.handler == nil {
		l.hungUp = q850.CallRejected
		in := q931.RejectReq
		if l.named {
			in = q931.DisconnectReq
		}
		l.ask(in, g.cause(q850.CallRejected))
		return
	}
	l.saidEarlier()
	first := &q931.Message{}
	if !l.named {
		first = g.withChannel(l)
	}
	l.ask(q931.ProceedingReq, first)
}

// number is a directory number as the signalling shows it. An international one gets its + back.
func number(n q931.Number, display []byte) call.Number {
	digits := plainDigits(string(n.Digits))
	if n.Type == q931.InternationalNumber && digits != "" {
		digits = "+" + digits
	}
	return call.Number{Digits: digits, Name: plainName(display), Restricted: n.HasOctet3a && n.Presentation == q931.Restricted}
}
