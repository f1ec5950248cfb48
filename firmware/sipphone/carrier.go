package sipphone

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/emiago/sipgo/sip"

	"trunkbox/firmware/call"
	"trunkbox/firmware/q850"
	"trunkbox/firmware/rtp"
)

// Carrier is the switch at the far end of an IP trunk (firmware/siptrunk), as a leg needs to know it. It shares ports,
// dialogs and sound with the phones. Its methods are called from any goroutine and must not wait.
type Carrier interface {
	// Name is the trunk's name.
	Name() string
	// Contact is the user part of our Contact towards it.
	Contact() string
	// PayloadType is that of the codec we like best.
	PayloadType() uint8
	// Encrypts says whether sound must be encrypted.
	Encrypts() bool
	// Hushes says whether silence is told instead of sent.
	Hushes() bool
	// Credentials answer a challenge (401, 407) to a request; nil: there are none.
	Credentials(req *sip.Request, challenge *sip.Response) sip.Header
	// Offered reads who calls whom in a new INVITE and takes a place for the call. A cause other than 0 refuses it, and
	// takes none.
	Offered(req *sip.Request) (call.Incoming, q850.Cause)
	// Refused: a new call of it was refused at the door, for that cause.
	Refused(cause q850.Cause)
	// Connected reads who answered.
	Connected(res *sip.Response) call.Number
	// Over gives the place of a call back, once, and says how the call ended.
	Over(end call.Cleared)
}

// Carriers tells the requests of carriers from those of phones.
type Carriers interface {
	// CarrierOf is the carrier that a new INVITE comes from; nil: it is a phone's.
	CarrierOf(req *sip.Request) Carrier
	// Near says whether a carrier's server has the address: it may send more than a phone.
	Near(from netip.Addr) bool
	// Trusted are the servers spoken with over TLS.
	Trusted() []Trusted
}

// Serve lets calls of carriers in. It is to be called before Run.
func (s *Server) Serve(c Carriers) {
	s.carriers = c
	s.guard.near = c.Near
}

// PhoneAt says whether a phone is registered at that address.
func (s *Server) PhoneAt(transport string, from netip.AddrPort) bool {
	return s.bindings.at(place{transport: transport, addr: from})
}

// CarrierCall is a call to be placed to a carrier.
type CarrierCall struct {
	To      sip.Uri // Request-URI
	At      Place   // of the carrier's server
	From    sip.Uri
	Name    string       // display name of From
	Headers []sip.Header // more of the INVITE: identity, privacy, diversion
	Remote  call.Number
}

// DialCarrier places a call for which a place has been taken; Over gives it back. What becomes of the call is told to h.
func (s *Server) DialCarrier(c Carrier, o CarrierCall, h call.Handler) call.Leg {
	l := s.newLeg(c.Name(), o.Remote, false)
	l.carrier = c
	l.encrypt, l.hushes = c.Encrypts(), c.Hushes()
	l.loop.Post(func() { l.dialCarrier(o) })
	l.begin(h)
	return l
}

func (l *Leg) dialCarrier(o CarrierCall) {
	s := l.server
	if err := l.openSound(o.At.place, 0); err != nil {
		l.clear(call.Cleared{Cause: q850.ResourceUnavailable, Location: q850.PrivateLocal, Detail: err.Error()})
		return
	}
	f := &fork{target: target{extension: l.extension, contact: o.To.String(), place: o.At.place, reachable: true}}
	l.forks = append(l.forks, f)
	f.dialog = s.outside(o.To, o.At.place, o.From)
	f.dialog.local.name = quoted(o.Name)
	f.dialog.user = l.carrier.Contact()
	f.session = l.newSession(o.At.place, 20)
	f.session.sealed = f.session.keys != nil
	l.learn(f.dialog)
	f.req = f.dialog.request(s, sip.INVITE)
	s.describe(f.req)
	for _, h := range append(slices.Clone(o.Headers), l.timerOffer(0)...) {
		f.req.AppendHeader(h)
	}
	body, err := f.session.offer(rtp.SendRecv)
	if err != nil {
		l.failed(f, q850.TemporaryFailure, err.Error())
	} else {
		withSDP(f.req, body)
		l.start(f)
	}
	l.settle()
}

// carrierOf is the carrier a new INVITE comes from; nil: a phone's.
func (s *Server) carrierOf(req *sip.Request) Carrier {
	if s.carriers == nil || req.GetHeader("Authorization") != nil {
		return nil // who proves to be an agent is one
	}
	return s.carriers.CarrierOf(req)
}

// offeredBy takes a new call of a carrier.
func (s *Server) offeredBy(c Carrier, req *sip.Request, tx sip.ServerTransaction) {
	offer, ok := s.offerOfFirst(req, tx, c.Encrypts())
	if !ok {
		c.Refused(q850.IncompatibleDestination)
		return
	}
	in, cause := c.Offered(req)
	if cause != 0 {
		c.Refused(cause)
		s.refuseWith(req, tx, cause)
		return
	}
	l := s.newLeg(c.Name(), in.Calling, true)
	l.carrier = c
	l.encrypt, l.hushes = c.Encrypts(), c.Hushes()
	i := l.invitedBy(req, tx, offer)
	l.dialog.user = c.Contact()
	in.Leg = l
	if status, reason, cause := s.enter(l, in); status != 0 {
		s.refuseAs(i.req, tx, status, reason, cause)
		l.abandon()
		c.Refused(cause)
		c.Over(call.Cleared{Cause: cause, Location: q850.PrivateLocal})
		return
	}
	i.wait(l)
}

// refuseWith answers an INVITE with the status of the cause.
func (s *Server) refuseWith(req *sip.Request, tx sip.ServerTransaction, cause q850.Cause) {
	s.refuseAs(req, tx, cause.SIP(), reasonPhrase(cause.SIP()), cause)
}

func (s *Server) refuseAs(req *sip.Request, tx sip.ServerTransaction, status int, reason string, cause q850.Cause) {
	res := s.response(req, status, reason)
	res.AppendHeader(sip.NewHeader("Reason", cause.Reason()))
	s.respond(tx, res)
}

// named is a detail that speaks of the far side as what it is: sentences that are written of phones hold for a carrier's
// server too, which they name, or its address.
func (l *Leg) named(detail string) string {
	switch {
	case l.carrier == nil:
		return detail
	case strings.HasPrefix(detail, "the phone"):
		return "the far switch" + strings.TrimPrefix(detail, "the phone")
	case len(l.forks) > 0 && strings.Contains(detail, l.forks[0].target.place.String()):
		return "far switch: " + detail
	}
	return detail
}

// unreached is the cause when the far side cannot be reached: a phone is absent, a carrier's network out of order.
func (l *Leg) unreached(cause q850.Cause) q850.Cause {
	if l.carrier != nil {
		return q850.NetworkOutOfOrder
	}
	return cause
}

// connected is who answered.
func (l *Leg) connected(res *sip.Response) call.Number {
	if l.carrier != nil {
		if who := l.carrier.Connected(res); who.Digits != "" || who.Restricted {
			return who
		}
	}
	return l.remote
}

// authorized is the request once more, with the credentials that its refusal asks for; nil when it had some, or there
// are none.
func (l *Leg) authorized(d *dialog, req *sip.Request, res *sip.Response) *sip.Request {
	if l.carrier == nil || !challenges(res) || req.GetHeader("Authorization") != nil || req.GetHeader("Proxy-Authorization") != nil {
		return nil
	}
	credentials := l.carrier.Credentials(req, res)
	if credentials == nil {
		return nil
	}
	d.localSeq++
	return Again(req, d.localSeq, credentials)
}

func challenges(res *sip.Response) bool {
	return res.StatusCode == sip.StatusUnauthorized || res.StatusCode == sip.StatusProxyAuthRequired
}

// Again is a request to be sent once more as a new transaction.
func Again(req *sip.Request, sequence uint32, more ...sip.Header) *sip.Request {
	next := req.Clone()
	next.RemoveHeader("Via")
	next.CSeq().SeqNo = sequence
	for _, h := range more {
		next.AppendHeader(h)
	}
	return next
}

// Place is where a carrier's server is: transport (UDP, TCP, TLS), address, and for TLS the name its certificate is for.
type Place struct{ place }

// PlaceAt makes a place. For a transport other than TLS the name does not count.
func PlaceAt(transport, address, name string) (Place, error) {
	p := Place{place{transport: transport}}
	var err error
	if p.addr, err = parseAddrPort(address); err != nil {
		return Place{}, fmt.Errorf("address %q: %w", address, err)
	}
	if transport == "TLS" {
		p.name = name
	}
	return p, nil
}

// Server is the name of the server's certificate where there is one, else its address.
func (p Place) Server() string {
	if p.name != "" {
		return p.name
	}
	return p.String()
}

// BoxAt is the box's own address as a server sees it: host, listening port, transport.
func (s *Server) BoxAt(p Place) sip.Uri { return s.boxUri(p.place) }

// Ask sends a request of no dialog and waits for its final answer, or until ctx is done. Only the trunks' own goroutines
// may call it.
func (s *Server) Ask(ctx context.Context, req *sip.Request, at Place) (*sip.Response, error) {
	refused := s.refusals.watch(at.place)
	defer s.refusals.forget(refused)
	tx, err := s.send(ctx, req, at.place)
	if err != nil {
		return nil, fmt.Errorf("no connection to %s: %w", at, err)
	}
	defer tx.Terminate()
	for {
		select {
		case res := <-tx.Responses():
			if !res.IsProvisional() {
				finish(tx)
				return res, nil
			}
		case <-refused.told:
			return nil, fmt.Errorf("%s refuses packets (ICMP)", at)
		case <-tx.Done():
			return nil, fmt.Errorf("%s does not answer: %w", at, tx.Err())
		case <-ctx.Done():
			return nil, fmt.Errorf("%s does not answer: %w", at, ctx.Err())
		}
	}
}

// Request begins a request of no dialog. A REGISTER is to the address-of-record that it is from.
func (s *Server) Request(method sip.RequestMethod, target, from sip.Uri, at Place, contact, callID string, sequence uint32) *sip.Request {
	d := s.outside(target, at.place, from)
	if method == sip.REGISTER {
		d.remote.uri = d.local.uri
	}
	d.user = contact
	d.callID = callID
	return d.requestAs(s, method, sequence)
}

// Diversions are the headers that tell a carrier who sent the call on.
func (s *Server) Diversions(at Place, d *call.Diversion) []sip.Header {
	return s.diversions(at.place, d)
}

// accept offers a call to who takes calls of its kind.
func (s *Server) accept(in call.Incoming) call.Handler {
	if in.Trunk != "" {
		return s.options.AcceptTrunk(in)
	}
	return s.options.Accept(in)
}
