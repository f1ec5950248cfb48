package pri

import (
	"strings"

	"trunkbox/firmware/call"
	"trunkbox/firmware/q931"
	"trunkbox/firmware/q932"
)

// dress adds to a SETUP of ours what the called party is told besides numbers: the caller's name, who sent the call on,
// and of a DMS-100 the question for the call's identity.
func (l *leg) dress(m *q931.Message) {
	if name := l.request.Calling.Name; name != "" && !l.request.Calling.Restricted {
		l.dressName(m, name)
	}
	if d := l.request.Diverted; d != nil {
		l.dressDiversion(m, d)
	}
	if l.group.family() == q932.DMS && l.group.side == q931.User && l.access.now().NetworkTransfer {
		c, err := q932.NewInvoke(q932.DMS, q932.RLTOperationID, q932.RLTOperation{})
		if err == nil {
			m.Other = append(m.Other, facility(q932.DMS, c))
			l.expect(q932.RLTOperationID, l.identified)
		}
	}
}

// identified takes the identity that a DMS-100 gives to a call.
func (l *leg) identified(c *q932.Component) {
	if c == nil || c.Kind != q932.Result {
		return
	}
	if op, err := c.Operation(q932.DMS); err == nil {
		if id, ok := op.(q932.RLTCallID); ok {
			l.services.rltCall = id.ID
		}
	}
}

func (l *leg) dressName(m *q931.Message, name string) {
	method, family := l.group.profile.CallingName, l.group.family()
	if method == q931.NameInFacilityNI && l.group.side == q931.User {
		method = q931.NameInDisplay // the facility is the network's
	}
	if method == q931.NameInDisplay {
		m.Display = []byte(name)
		return
	}
	c, err := q932.NewInvoke(family, 1, q932.CallingName{Name: q932.Name{Text: name}})
	if err != nil {
		return
	}
	l.services.lastID = 1
	m.Other = append(m.Other, toldFacility(c))
}

// toldFacility is the element of news that nobody has to understand.
func toldFacility(c q932.Component) q931.Element {
	f := q932.QSIG(q932.Discard, c)
	return q931.Element{ID: q931.IDFacility, Data: f.AppendTo(nil)}
}

// dressDiversion tells who sent the call on: by the redirecting number, between private exchanges by operation.
func (l *leg) dressDiversion(m *q931.Message, d *call.Diversion) {
	if l.group.family() != q932.Private {
		n := numberAs(d.By.Digits, l.group.profile.Calling)
		n.HasOctet3a, n.HasReason, n.Reason = true, true, redirectingReasons[d.Reason]
		if d.By.Restricted {
			n.Presentation = q931.Restricted
		}
		m.Redirecting = n
		return
	}
	by := l.screened(d.By)
	op := q932.PrivateLeg2{Counter: max(d.Count, 1), Reason: privateReasons[d.Reason], Diverting: &by}
	if d.First.Digits != "" {
		first := l.screened(d.First)
		op.OriginallyCalled = &first
	}
	if c, err := q932.NewInvoke(q932.Private, 2, op); err == nil {
		l.services.lastID = 2
		m.Other = append(m.Other, toldFacility(c))
	}
}

// redirectingReasons and privateReasons are the codes of a Diversion's reasons (Q.952, ECMA-174).
var (
	redirectingReasons = map[string]uint8{"busy": 1, "no_reply": 2, "deflected": 4, "unconditional": 15}
	privateReasons     = map[string]q932.DiversionReason{
		"busy": q932.WhenBusy, "no_reply": q932.WithoutReply, "deflected": q932.Unconditional, "unconditional": q932.Unconditional,
	}
)

// answering is a CONNECT of ours: with the number that the caller is to be told, where the exchange has set one and the
// variant knows the element (COLP, Q.951.5; restricted, COLR, Q.951.6).
func (l *leg) answering() *q931.Message {
	m := &q931.Message{}
	to := l.services.connected
	family := l.group.family()
	switch {
	case to == nil:
		return m
	case family == q932.Private:
		l.dressConnectedName(m, to)
	case family != q932.European:
		return m
	}
	digits := to.Digits
	if digits == "" {
		digits = string(l.called)
	}
	n := l.group.calledNumber(strings.TrimSuffix(digits, "#"))
	n.HasOctet3a = true
	if to.Restricted {
		n.Presentation = q931.Restricted
	}
	if l.group.side == q931.Network {
		n.Screening = networkProvided
	}
	m.Connected = n
	return m
}

// dressConnectedName tells a private exchange the name of who answers (ECMA-164).
func (l *leg) dressConnectedName(m *q931.Message, to *call.Number) {
	if to.Name == "" && !to.Restricted {
		return
	}
	name := q932.ConnectedName{Name: q932.Name{Text: to.Name, Restricted: to.Restricted}}
	if to.Restricted {
		name.Text = ""
	}
	l.services.lastID++
	if c, err := q932.NewInvoke(q932.Private, l.services.lastID, name); err == nil {
		m.Other = append(m.Other, toldFacility(c))
	}
}

// connectedParty is who answered a call of ours (COLP).
func (l *leg) connectedParty(m *q931.Message) call.Number {
	n := number(m.Connected, nil)
	n.Name = l.services.party.Name
	if n.Name == "" {
		n.Name = number(q931.Number{}, m.Display).Name
	}
	return n
}
