package siptrunk

import (
	"fmt"

	"github.com/emiago/sipgo/sip"

	"trunkbox/firmware/call"
	"trunkbox/firmware/sipphone"
)

// Dial places a call over the trunk. It never waits; what becomes of the call is told to h. An emergency call is tried
// beyond the limit of calls, and over a trunk that seems to be down.
func (t *Trunk) Dial(o call.Outgoing, h call.Handler) (call.Leg, error) {
	s := t.settings.Load()
	number := ruled(s.Numbers, outward, o.Called)
	if number == "" || sipphone.Digits(number) != number {
		return nil, fmt.Errorf("%s: %q: %w", s.Name, number, ErrNumber)
	}
	at, known := t.place()
	if !known || !t.ready() && !o.Emergency {
		return nil, fmt.Errorf("%s: %w", s.Name, ErrDown)
	}
	if !t.places.take(s.MaxCalls, o.Emergency) {
		return nil, fmt.Errorf("%s: %d calls: %w", s.Name, s.MaxCalls, ErrFull)
	}
	who := t.presented(o.Calling, at)
	return t.trunks.options.Server.DialCarrier(t, sipphone.CarrierCall{
		To: t.target(sipphone.EscapeUser(number)), At: at, From: who.from, Name: who.name,
		Headers: append(who.headers, t.trunks.options.Server.Diversions(at, o.Diverted)...),
		Remote:  call.Number{Digits: o.Called},
	}, h), nil
}

// presentation is how a caller is told to the server.
type presentation struct {
	from    sip.Uri
	name    string
	headers []sip.Header
}

// presented tells the server who calls: in From, and once more as asserted by us (RFC 3325 clause 9.1). Who withholds his
// number is anonymous in From (RFC 3323 clause 4.1.1.3), and the server is asked to keep the asserted one for itself.
func (t *Trunk) presented(who call.Number, at sipphone.Place) presentation {
	own := t.own(at)
	asserted := own
	if who.Digits != "" {
		asserted.User = sipphone.EscapeUser(who.Digits)
	}
	asserted.Port, asserted.UriParams = 0, nil
	p := presentation{from: asserted, name: who.Name}
	if who.Digits != "" || t.settings.Load().User != "" {
		p.headers = append(p.headers, sip.NewHeader("P-Asserted-Identity", "<"+asserted.String()+">"))
	}
	if who.Restricted {
		p.from = sip.Uri{Scheme: "sip", User: "anonymous", Host: "anonymous.invalid"}
		p.name = "Anonymous"
		p.headers = append(p.headers, sip.NewHeader("Privacy", "id"))
	}
	return p
}
