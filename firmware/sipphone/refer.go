package sipphone

import (
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"

	"trunkbox/firmware/call"
)

// referral is a blind transfer the phone asked for (RFC 3515): it is told by NOTIFY what became of it.
type referral struct {
	id      string // CSeq of the REFER
	silent  bool   // it wants no NOTIFY (RFC 4488)
	timeout *call.Timer
}

// referPatience is how long a transfer may take until the phone is told that it failed.
const referPatience = 60 * time.Second

// referred takes REFER. The exchange joins the other party to the target and hangs up this leg: that is
// the success the phone is told.
func (l *Leg) referred(req *sip.Request, tx sip.ServerTransaction) {
	s := l.server
	refuse := func(status int, reason string) { s.respond(tx, s.response(req, status, reason)) }
	to := header(req, "refer-to", "r")
	target, attended := referTarget(to)
	switch {
	case l.carrier != nil: // strangers do not send calls on at our cost
		refuse(sip.StatusForbidden, "Forbidden")
		return
	case len(req.GetHeaders("refer-to"))+len(req.GetHeaders("r")) != 1 || target == "" && !attended:
		refuse(sip.StatusBadRequest, "Bad Request")
		return
	case attended:
		// Departure: attended transfer (RFC 3891) is left out; the phone keeps both calls.
		refuse(sip.StatusNotImplemented, "Not Implemented")
		return
	case l.phase != answered || l.refer != nil:
		refuse(sip.StatusRequestPending, "Request Pending")
		return
	}
	l.refer = &referral{id: req.CSeq().Value(), silent: strings.EqualFold(header(req, "refer-sub"), "false")}
	l.refer.id, _, _ = strings.Cut(l.refer.id, " ")
	res := s.response(req, sip.StatusAccepted, "Accepted")
	res.AppendHeader(l.dialog.contact(s))
	s.respond(tx, res)
	l.notify("SIP/2.0 100 Trying", "active;expires=60")
	l.refer.timeout = l.loop.After(referPatience, func() {
		l.notify("SIP/2.0 503 Service Unavailable", "terminated;reason=noresource")
		l.refer = nil
	})
	l.tell(call.Transfer{Target: target})
}

// referTarget reads the digits of a Refer-To; attended: it names a call to replace.
func referTarget(value string) (digits string, attended bool) {
	var uri sip.Uri
	if _, err := sip.ParseAddressValue(value, &uri, nil); err != nil {
		return "", false
	}
	for _, kv := range uri.Headers {
		if strings.EqualFold(kv.K, "replaces") {
			return "", true
		}
	}
	if uri.Scheme == "tel" {
		return dialledDigits(uri.Raw()), false
	}
	return dialledDigits(uri.User), false
}

// endReferral tells the phone that its transfer was done; its call ends now.
func (l *Leg) endReferral() {
	if l.refer == nil {
		return
	}
	l.refer.timeout.Stop()
	l.notify("SIP/2.0 200 OK", "terminated;reason=noresource")
	l.refer = nil
}

// notify sends one NOTIFY with a message fragment (RFC 3420).
func (l *Leg) notify(fragment, state string) {
	if l.refer.silent {
		return
	}
	req := l.dialog.request(l.server, sip.NOTIFY)
	req.AppendHeader(sip.NewHeader("Event", "refer;id="+l.refer.id))
	req.AppendHeader(sip.NewHeader("Subscription-State", state))
	kind := sip.ContentTypeHeader("message/sipfrag;version=2.0")
	req.AppendHeader(&kind)
	req.SetBody([]byte(fragment + "\r\n"))
	if err := l.ask(req, func(*sip.Response, error) {}); err != nil {
		l.server.log.Debug("NOTIFY not sent", "phone", l.extension, "error", err)
	}
}
