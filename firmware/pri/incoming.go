package pri

import (
	"time"
	"unicode/utf8"

	"trunkbox/drivers/span"
	"trunkbox/firmware/call"
	"trunkbox/firmware/q850"
	"trunkbox/firmware/q931"
)

// arrived makes a call of a SETUP with a new reference.
func (a *Access) arrived(m *q931.Message) {
	l := &leg{access: a, began: time.Now(), machine: q931.NewCall(a.side, a.profile, m.Ref)}
	l.setChannel(0)
	a.calls[m.Ref.Key()] = l
	a.toCall(l, q931.Received(m))
}

// offered deals with a SETUP that the machine found in order.
func (a *Access) offered(l *leg, m *q931.Message) {
	cause := a.admit(m)
	if cause == 0 {
		cause = a.seize(l, m.Channel)
	}
	if cause != 0 {
		l.hungUp = cause
		l.ask(q931.RejectReq, a.cause(cause))
		return
	}
	l.settled = true
	l.remote = number(m.Calling, m.Display)
	l.called = append(l.called, m.Called.Digits...)
	if !m.SendingComplete && len(l.called) < a.now().DDIDigits {
		l.ask(q931.MoreInfoReq, a.withChannel(l))
		l.named = true
		return
	}
	a.offer(l)
}

// admit says why a SETUP is refused whatever its channel, 0 when it is not.
//
// Departure: a bearer of the other companding law is taken and spoken to in the line's own (clause 4.5.5/Q.931 would let
// the call be refused); no network sends one where it does not convert.
func (a *Access) admit(m *q931.Message) q850.Cause {
	if m.Bearer.Capability == q931.Speech || m.Bearer.Capability == q931.Audio3k1 {
		return 0
	}
	if a.side == q931.Network {
		return q850.BearerNotImplemented
	}
	return q850.IncompatibleDestination
}

// seize takes the channel of an incoming call, or says why there is none (clauses 5.1.2 and 5.2.3/Q.931).
func (a *Access) seize(l *leg, ch q931.Channel) q850.Cause {
	slot, named := ch.Slot()
	ts := span.Timeslot(slot)
	switch {
	case !ch.Given, ch.Selection == q931.AnyChannel:
		return a.anyChannel(l)
	case ch.Selection == q931.NoChannel:
		return q850.NoCircuit
	case !named, !a.channels.exists(ts):
		if !ch.Exclusive {
			return a.anyChannel(l)
		}
		return q850.ChannelDoesNotExist
	case a.channels.take(ts, l), a.yields(ts, l), a.backInService(ts, l):
		l.setChannel(ts)
		return 0
	case ch.Exclusive:
		return q850.RequestedChannelUnavailable
	}
	return a.anyChannel(l)
}

func (a *Access) anyChannel(l *leg) q850.Cause {
	ts, ok := a.channels.hunt(a.now().Hunting, l)
	if !ok {
		return q850.NoCircuit
	}
	l.setChannel(ts)
	return 0
}

// yields takes the channel from a call of ours that the network has not answered yet: where two calls meet on a
// channel the network gives priority to the one towards the user (clause 5.7/Q.931). Ours goes on with the channel that
// the network gives it, or is refused and placed again.
func (a *Access) yields(ts span.Timeslot, l *leg) bool {
	ours := a.channels.holder(ts)
	if a.side != q931.User || ours == nil || !ours.outgoing || ours.settled ||
		ours.machine != nil && ours.machine.State() != q931.StateCallInitiated {
		return false
	}
	a.log.Info("two calls met on a channel, ours gives way", "entity", a.channelName(ts))
	ours.setChannel(0)
	a.channels.give(ts, l)
	return true
}

// withChannel is a first answer: it names the channel.
func (a *Access) withChannel(l *leg) *q931.Message {
	return &q931.Message{Channel: q931.B(uint8(l.ts), true)}
}

// digits takes INFORMATION: more of the called number before the call is offered, keys afterwards.
func (a *Access) digits(l *leg, m *q931.Message) {
	if l.handler == nil && !l.outgoing {
		l.called = append(append(l.called, m.Called.Digits...), m.Keypad...)
		if n := len(l.called); m.SendingComplete || n >= a.now().DDIDigits || n > 0 && l.called[n-1] == '#' {
			a.offer(l)
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
func (a *Access) offer(l *leg) {
	called := string(l.called)
	if n := len(called); n > 0 && called[n-1] == '#' {
		called = called[:n-1]
	}
	if keep := a.now().DDIDigits; keep > 0 && len(called) > keep {
		called = called[len(called)-keep:]
	}
	l.handler = a.Accept(call.Incoming{Leg: l, Called: called, Trunk: a.Settings.Name, Calling: l.remote})
	if l.handler == nil {
		l.hungUp = q850.CallRejected
		in := q931.RejectReq
		if l.named {
			in = q931.DisconnectReq
		}
		l.ask(in, a.cause(q850.CallRejected))
		return
	}
	first := &q931.Message{}
	if !l.named {
		first = a.withChannel(l)
	}
	l.ask(q931.ProceedingReq, first)
}

// number is a directory number as the signalling shows it. An international one gets its + back.
func number(n q931.Number, display []byte) call.Number {
	digits := string(n.Digits)
	if n.Type == q931.InternationalNumber && digits != "" {
		digits = "+" + digits
	}
	name := ""
	if utf8.Valid(display) {
		name = string(display)
	}
	return call.Number{Digits: digits, Name: name, Restricted: n.HasOctet3a && n.Presentation == q931.Restricted}
}
