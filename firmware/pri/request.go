package pri

import (
	"time"

	"trunkbox/firmware/call"
	"trunkbox/firmware/q850"
	"trunkbox/firmware/q931"
	"trunkbox/firmware/q932"
)

// request is a service asked for and not answered yet.
type request struct {
	timer *call.Timer
	done  func(c *q932.Component) // nil: it was not answered in time
}

// Why a service was not done.
const (
	serviceUnknown    = "service_unknown"
	serviceRefused    = "service_refused"
	serviceUnanswered = "network_unanswered"
)

const (
	// serviceWait is how long an answer to a service is waited for. The documents have times of 2 to 20 s for it, by service.
	serviceWait = 10 * time.Second
	// clearWait is how long after a service that ends a call the network may take to clear it, before we do.
	clearWait = 4 * time.Second
)

var _ call.Networked = (*leg)(nil)

// invoke asks the far side for an operation; done takes the answer.
func (l *leg) invoke(op q932.Operation, done func(*q932.Component)) {
	s := &l.services
	s.lastID = s.lastID%127 + 1
	id := s.lastID
	switch op.(type) { // a DMS-100 knows its operations by these
	case q932.RLTOperation:
		id = q932.RLTOperationID
	case q932.RLTThirdParty:
		id = q932.RLTThirdPartyID
	}
	c, err := q932.NewInvoke(l.group.family(), id, op)
	if err != nil || l.machine == nil {
		done(nil)
		return
	}
	l.expect(id, done)
	l.sendFacility(c)
}

// expect has done take the answer to an invoke.
func (l *leg) expect(id int, done func(*q932.Component)) {
	s := &l.services
	if s.asked == nil {
		s.asked = map[int]*request{}
	}
	s.asked[id] = &request{done: done, timer: l.group.loop.After(serviceWait, func() {
		delete(s.asked, id)
		done(nil)
	})}
}

// answeredBy takes a result, an error or a rejection of the far side. One that nobody waits for is ignored.
func (l *leg) answeredBy(c *q932.Component) {
	r := l.services.asked[c.ID]
	if r == nil {
		return
	}
	delete(l.services.asked, c.ID)
	r.timer.Stop()
	r.done(c)
}

// forget ends the waiting for answers: the call is over.
func (l *leg) forget() {
	for id, r := range l.services.asked {
		r.timer.Stop()
		delete(l.services.asked, id)
	}
}

// serviced tells what became of a service.
func (l *leg) serviced(service call.Service, c *q932.Component) {
	told := call.Serviced{Service: service}
	switch {
	case c == nil:
		told.Reason = serviceUnanswered
	case c.Kind == q932.Result:
		told.Done = true
	default:
		told.Reason, told.Detail = serviceRefused, c.Words(l.group.family())
		if c.Kind == q932.Rejected && c.Problem == q932.UnrecognisedOperation {
			told.Reason = serviceUnknown
		}
	}
	l.group.log.Info("a service was answered", "entity", l.Name(), "service", string(service), "done", told.Done, "detail", told.Detail)
	l.tell(told)
}

func (l *leg) cannot(service call.Service) {
	l.tell(call.Serviced{Service: service, Reason: serviceUnknown})
}

// Report asks the network to note the caller down (EN 300 130).
func (l *leg) Report() {
	l.group.loop.Post(func() {
		switch {
		case l.idle():
		case l.outgoing, l.group.side != q931.User, l.group.family() != q932.European:
			l.cannot(call.Report)
		default:
			l.invoke(q932.MCIDRequest{}, func(c *q932.Component) { l.serviced(call.Report, c) })
		}
	})
}

// Merge asks the network to join this call with another one of this D channel.
func (l *leg) Merge(with call.Leg) {
	l.group.loop.Post(func() {
		other, ours := with.(*leg)
		switch {
		case l.idle():
		case !ours, other.group != l.group, other.idle(), l.group.side != q931.User:
			l.cannot(call.Merge)
		default:
			l.merge(other)
		}
	})
}

// merge: EuroISDN by explicit linkage (EN 300 369), National ISDN by the other call's reference, a DMS-100 by the identity
// that it gave to one of the two. Between private exchanges a transfer by joining frees no channel, so none is asked for.
func (l *leg) merge(other *leg) {
	done := func(c *q932.Component) {
		l.serviced(call.Merge, c)
		if c != nil && c.Kind == q932.Result {
			endSoon(l, other)
		}
	}
	switch l.group.family() {
	case q932.European:
		other.invoke(q932.LinkIDRequest{}, func(c *q932.Component) {
			link, given := linkOf(c)
			if !given {
				l.serviced(call.Merge, c)
				return
			}
			l.invoke(q932.ExplicitECT{Link: link}, done)
		})
	case q932.NationalISDN:
		l.invoke(q932.InitiateTransfer{CallReference: linkReference(other)}, done)
	case q932.DMS:
		switch {
		case other.services.rltCall != 0:
			l.invoke(q932.RLTThirdParty{CallID: other.services.rltCall}, done)
		case l.services.rltCall != 0:
			other.invoke(q932.RLTThirdParty{CallID: l.services.rltCall}, done)
		default:
			l.cannot(call.Merge)
		}
	default:
		l.cannot(call.Merge)
	}
}

func linkOf(c *q932.Component) (int, bool) {
	if c == nil || c.Kind != q932.Result {
		return 0, false
	}
	op, err := c.Operation(q932.European)
	link, ok := op.(q932.LinkID)
	return link.Value, err == nil && ok
}

// linkReference is a call reference as our own messages carry it, flag included: set where the far side gave it. libpri does
// so; GR-2865 was not at hand.
func linkReference(l *leg) int {
	ref := l.machine.Ref()
	value := int(ref.Value)
	if !l.outgoing {
		value |= 0x8000
	}
	return value
}

// endSoon clears calls that the network has taken over, if it does not clear them itself.
func endSoon(legs ...*leg) {
	legs[0].group.loop.After(clearWait, func() {
		for _, l := range legs {
			l.hangup(q850.NormalClearing)
		}
	})
}

// Deflect asks the network to call another number in our place (EN 300 207 for private exchanges; ECMA-174).
func (l *leg) Deflect(to string) {
	l.group.loop.Post(func() {
		if l.idle() {
			return
		}
		op, can := l.deflection(to)
		if !can {
			l.cannot(call.Deflect)
			return
		}
		l.invoke(op, func(c *q932.Component) {
			l.serviced(call.Deflect, c)
			if c != nil && c.Kind == q932.Result {
				endSoon(l)
			}
		})
	})
}

// deflection is the operation that sends this call elsewhere; false: there is none.
func (l *leg) deflection(to string) (q932.Operation, bool) {
	if l.outgoing || l.answered.Load() || l.group.side != q931.User {
		return nil, false
	}
	count := 1
	if d := l.services.diverted; d != nil {
		count = d.Count + 1
	}
	target, us := l.partyNumber(to), q932.Presented{Number: l.partyNumber(string(l.called))}
	bearer := &q931.Message{Type: q931.MsgSetup, Bearer: l.services.bearer}
	elements := bearer.AppendTo(nil)[3:] // without discriminator, length of the reference and type
	switch l.group.family() {
	case q932.European:
		return q932.CallRerouteing{
			Reason: q932.Unconditional, To: target, Counter: min(count, 5), Elements: elements, Last: us, Notify: q932.WithoutNumber,
		}, true
	case q932.Private:
		return q932.PrivateRerouteing{
			Reason: q932.Unconditional, To: target, Counter: min(count, 15), Elements: elements, Last: us, Notify: q932.WithNumber,
			Calling: l.screened(l.remote), CallingName: q932.Name{Text: l.services.party.Name},
		}, true
	}
	return nil, false
}

// partyNumber is a number as dialled: public, of the type that the variant takes it for, unless it begins with +.
func (l *leg) partyNumber(digits string) q932.PartyNumber {
	n := l.group.calledNumber(digits)
	return q932.PartyNumber{Plan: q932.PlanPublic, Type: uint8(n.Type), Digits: string(n.Digits)}
}

func (l *leg) screened(n call.Number) q932.Presented {
	if n.Digits == "" {
		return q932.Presented{Restricted: n.Restricted, NotAvailable: !n.Restricted}
	}
	return q932.Presented{Number: l.partyNumber(n.Digits), Restricted: n.Restricted}
}

// ConnectAs sets the number that the caller is told at the answer.
func (l *leg) ConnectAs(number call.Number) {
	l.group.loop.Post(func() { l.services.connected = &number })
}
