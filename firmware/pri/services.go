package pri

import (
	"errors"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"trunkbox/firmware/call"
	"trunkbox/firmware/q850"
	"trunkbox/firmware/q931"
	"trunkbox/firmware/q932"
)

// services is what a leg knows of supplementary services. It belongs to the goroutine of Run.
type services struct {
	party    call.Number // the far party as facilities name it
	diverted *call.Diversion
	text     string
	waiting  []call.Event // told before there was somebody to tell

	lastID  int
	asked   map[int]*request
	rltCall int // this call's identity at a DMS-100, 0: not told

	bearer    q931.Bearer // of the SETUP received
	connected *call.Number
}

// Timekeeper is an Observer that wants the date and time that the network tells: at shows the hands of its clock, in UTC
// although they are of some zone; seconds says whether they are told too, else at is the begin of the minute.
type Timekeeper interface {
	NetworkTime(at time.Time, seconds bool)
}

// family is whose operations the variant speaks.
func (g *Group) family() q932.Family {
	switch variant := g.profile.Variant; {
	case strings.HasPrefix(variant, "euroisdn"):
		return q932.European
	case variant == "qsig":
		return q932.Private
	case variant == "dms100":
		return q932.DMS
	}
	return q932.NationalISDN
}

// learn takes what a received message says of services, whatever its type, before the call gets it.
func (l *leg) learn(action *q931.Action) {
	m := action.Msg
	if m == nil || m.Type == 0 {
		return
	}
	switch action.Kind {
	case q931.StatusInd, q931.ErrorInd, q931.MoreInfoInd, q931.TimeoutInd:
		return
	case q931.Released:
		if !action.Remote {
			return
		}
	}
	if m.Type == q931.MsgSetup {
		l.services.bearer = m.Bearer
		l.services.bearer.Rest = slices.Clone(m.Bearer.Rest)
		l.services.diverted = diversion(m)
	}
	if text := userText(m.UserUser); text != "" {
		l.services.text = text
		l.say(call.Texted{Text: text})
	}
	if m.DateTime.Given && m.DateTime.HasTime {
		l.keepTime(m.DateTime)
	}
	l.facilities(m)
	if m.Redirection.Given && l.outgoing && m.Type != q931.MsgSetup {
		reason := "unknown"
		if m.Redirection.HasReason {
			reason = diversionReason(m.Redirection.Reason)
		}
		l.say(call.Forwarded{To: number(m.Redirection, nil), Reason: reason})
	}
}

// say tells an event, or keeps it for the one who will be told.
func (l *leg) say(event call.Event) {
	if l.handler == nil && !l.outgoing {
		l.services.waiting = append(l.services.waiting, event)
		return
	}
	l.tell(event)
}

// saidEarlier tells what was said before the call was offered, without what was in the offer.
func (l *leg) saidEarlier() {
	for _, event := range l.services.waiting {
		switch event.(type) {
		case call.Named, call.Texted:
		default:
			l.tell(event)
		}
	}
	l.services.waiting = nil
}

// caller is the far party of an incoming call that is not shown to anybody yet: the elements of SETUP, with what
// facilities say.
func (l *leg) caller() call.Number {
	l.remote = merged(l.remote, l.services.party)
	return l.remote
}

// merged is what is known of a party, with what was told later in its place.
func merged(known, later call.Number) call.Number {
	if later.Digits != "" {
		known.Digits = later.Digits
	}
	if later.Name != "" {
		known.Name = later.Name
	}
	known.Restricted = known.Restricted || later.Restricted
	return known
}

// diversion is who sent the call of a SETUP on, by its elements.
func diversion(m *q931.Message) *call.Diversion {
	if !m.Redirecting.Given && !m.OriginalCalled.Given {
		return nil
	}
	d := &call.Diversion{By: number(m.Redirecting, nil), Reason: "unknown", Count: 1}
	if m.Redirecting.HasReason {
		d.Reason = diversionReason(m.Redirecting.Reason)
	}
	if m.OriginalCalled.Given {
		d.First = number(m.OriginalCalled, nil)
	}
	if !m.Redirecting.Given {
		d.By, d.First = d.First, call.Number{}
	}
	return d
}

// diversionReason is the reason of a redirecting or redirection number (Q.952).
func diversionReason(reason uint8) string {
	switch reason {
	case 1:
		return "busy"
	case 2:
		return "no_reply"
	case 4, 10:
		return "deflected"
	case 15:
		return "unconditional"
	}
	return "unknown"
}

// facilityReasons are the reasons of diversion in operations.
var facilityReasons = map[q932.DiversionReason]string{
	q932.Unconditional: "unconditional", q932.WhenBusy: "busy", q932.WithoutReply: "no_reply", q932.WhileAlerting: "deflected",
	q932.Immediately: "deflected",
}

func reasonOf(reason q932.DiversionReason) string {
	if word, known := facilityReasons[reason]; known {
		return word
	}
	return "unknown"
}

// longestText is what is kept of a user's text, in characters.
const longestText = 128

// userText is the text of a user-user element: what people can read of it, whatever its protocol discriminator says.
func userText(octets []byte) string {
	if len(octets) < 2 {
		return ""
	}
	text := strings.ToValidUTF8(string(octets[1:]), "")
	text = strings.TrimSpace(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, text))
	if utf8.RuneCountInString(text) > longestText {
		text = string([]rune(text)[:longestText])
	}
	return text
}

// keepTime tells the network's clock. Years count from 2000.
func (l *leg) keepTime(d q931.DateTime) {
	keeper, wants := l.access.Observer.(Timekeeper)
	if !wants {
		return
	}
	at := time.Date(2000+int(d.Year), time.Month(d.Month), int(d.Day), int(d.Hour), int(d.Minute), int(d.Second), 0, time.UTC)
	keeper.NetworkTime(at, d.HasSecond)
}

// facilities deals with the components of a message's facility elements.
func (l *leg) facilities(m *q931.Message) {
	for i := range m.Other {
		e := &m.Other[i]
		if e.Codeset != 0 || e.ID != q931.IDFacility {
			continue
		}
		f, err := q932.ParseFacility(e.Data)
		if err != nil {
			l.group.log.Info("a part of a facility could not be read", "entity", l.Name(), "error", err)
		}
		for k := range f.Components {
			l.component(&f, &f.Components[k])
		}
	}
}

func (l *leg) component(f *q932.Facility, c *q932.Component) {
	family := l.group.family()
	l.group.log.Debug("facility", "entity", l.Name(), "kind", c.Kind.String(), "operation", c.Name(family), "id", c.ID)
	if c.Kind != q932.Invoke {
		l.answeredBy(c)
		return
	}
	op, err := c.Operation(family)
	switch {
	case errors.Is(err, q932.ErrUnrecognised):
		l.unrecognised(f, c)
	case err != nil:
		l.group.log.Info("a service was not understood", "entity", l.Name(), "error", err)
		l.sendFacility(q932.RejectOf(c.ID, q932.MistypedArgument))
	default:
		l.invoked(c, op)
	}
}

// unrecognised does with an operation that is not known what the far side asks for.
func (l *leg) unrecognised(f *q932.Facility, c *q932.Component) {
	reject, answer, clear := f.Unrecognised(c)
	l.group.log.Info("a service is not known", "entity", l.Name(), "operation", c.Code.String(), "rejected", answer, "clears", clear)
	switch {
	case answer:
		l.sendFacility(reject)
	case clear:
		l.group.loop.Post(func() { l.hangup(q850.FacilityRejected) })
	}
}

// notAvailable is the error for services that are known and not given here (EN 300 196-1).
var notAvailable = q932.Code{Local: 3}

// invoked does what an operation of the far side tells or asks for.
func (l *leg) invoked(c *q932.Component, op q932.Operation) {
	switch v := op.(type) {
	case q932.CallingName:
		l.nameTold(v.Name)
	case q932.ConnectedName:
		l.nameTold(v.Name)
	case q932.CalledName:
		l.nameTold(v.Name)
	case q932.BusyName:
		l.nameTold(v.Name)
	case q932.DivertingLeg2:
		l.divertedBy(v.Counter, v.Reason, v.Diverting, v.OriginallyCalled, q932.Name{})
	case q932.PrivateLeg2:
		l.divertedBy(v.Counter, v.Reason, v.Diverting, v.OriginallyCalled, v.DivertingName)
	case q932.DivertingLeg1:
		to := call.Number{}
		if v.To != nil {
			to = presented(*v.To)
		}
		l.say(call.Forwarded{To: to, Reason: reasonOf(v.Reason)})
	case q932.PrivateLeg1:
		l.say(call.Forwarded{To: partyOf(v.To), Reason: reasonOf(v.Reason)})
	case q932.ECTInform:
		if v.To != nil {
			l.replaced(presented(*v.To))
		}
	case q932.TransferComplete:
		l.replaced(withName(presented(v.Other), v.Name))
	case q932.TransferActive:
		l.replaced(withName(presented(v.Connected), v.Name))
	case q932.TransferUpdate:
		l.replaced(withName(presented(v.Other), v.Name))
	case q932.InformationFollowing, q932.DivertingLeg3, q932.PrivateLeg3, q932.TransferAbandon, q932.TransferSetup:
	default:
		if charge, told := charged(op); told {
			l.say(call.Charged{Charge: charge})
			return
		}
		l.sendFacility(q932.Component{Kind: q932.Error, ID: c.ID, Code: notAvailable})
	}
}

// nameTold takes the far party's name.
func (l *leg) nameTold(n q932.Name) {
	if n.Restricted || n.Text == "" {
		return
	}
	l.services.party.Name = n.Text
	l.say(call.Named{Party: call.Number{Name: n.Text}})
}

// replaced: the far party is another one now.
func (l *leg) replaced(by call.Number) {
	if by.Digits != "" || by.Name != "" {
		l.say(call.Named{Party: by})
	}
}

// divertedBy takes who sent this call on; the operation says more than the elements do.
func (l *leg) divertedBy(count int, reason q932.DiversionReason, by, first *q932.Presented, name q932.Name) {
	if l.outgoing {
		return
	}
	d := l.services.diverted
	if d == nil {
		d = &call.Diversion{}
		l.services.diverted = d
	}
	d.Count, d.Reason = max(count, 1), reasonOf(reason)
	if by != nil {
		d.By = merged(d.By, withName(presented(*by), name))
	}
	if first != nil {
		d.First = merged(d.First, presented(*first))
	}
	if d.First.Digits == d.By.Digits {
		d.First = call.Number{}
	}
}

// partyOf is a number of an operation. An international one gets its + back.
func partyOf(n q932.PartyNumber) call.Number {
	digits := plainDigits(n.Digits)
	if n.Plan == q932.PlanPublic && n.Type == uint8(q931.InternationalNumber) && digits != "" {
		digits = "+" + digits
	}
	return call.Number{Digits: digits}
}

func presented(p q932.Presented) call.Number {
	n := partyOf(p.Number)
	n.Restricted = p.Restricted
	return n
}

func withName(n call.Number, name q932.Name) call.Number {
	n.Name = plainName([]byte(name.Text))
	n.Restricted = n.Restricted || name.Restricted
	return n
}

// sendFacility sends one component in the call.
func (l *leg) sendFacility(c q932.Component) {
	if l.machine == nil {
		return
	}
	l.ask(q931.FacilityReq, &q931.Message{Other: []q931.Element{facility(l.group.family(), c)}})
}

// facility is the element of a component as the family writes it.
func facility(family q932.Family, c q932.Component) q931.Element {
	f := q932.ETSI(c)
	switch family {
	case q932.Private:
		f = q932.QSIG(q932.Discard, c)
		if c.Kind == q932.Invoke {
			*f.Interpretation = q932.Reject
		}
	case q932.DMS:
		f = q932.DMS100(c)
	}
	return q931.Element{ID: q931.IDFacility, Data: f.AppendTo(nil)}
}
