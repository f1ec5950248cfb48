package sipphone

import (
	"errors"
	"fmt"
	"time"

	"github.com/emiago/sipgo/sip"

	"trunkbox/firmware/call"
	"trunkbox/firmware/q850"
	"trunkbox/firmware/rtp"
)

// Dial rings the phones of an extension. An error says that there is no such extension; that none of
// its phones can be reached is told by Cleared with cause 20, or 18 when they do not answer.
func (s *Server) Dial(extension string, o call.Outgoing, h call.Handler) (call.Leg, error) {
	agent, known := s.rules.Load().agents[extension]
	if !known {
		return nil, fmt.Errorf("extension %q: no agent has it", extension)
	}
	l := s.newLeg(extension, call.Number{Digits: extension, Name: agent.Name}, false)
	l.encrypt, l.hushes = agent.Encrypt, s.rules.Load().phones.SuppressSilence
	l.loop.Post(func() { l.dial(o) })
	l.begin(h)
	return l, nil
}

// dial sends an INVITE to each contact that can be reached.
func (l *Leg) dial(o call.Outgoing) {
	s := l.server
	targets := s.bindings.targets(l.extension, time.Now())
	absent := call.Cleared{Cause: q850.SubscriberAbsent, Location: q850.PrivateLocal}
	if len(targets) == 0 {
		absent.Detail = "no phone is registered as " + l.extension
		l.clear(absent)
		return
	}
	var reachable []target
	for _, t := range targets {
		if t.reachable {
			reachable = append(reachable, t)
		}
	}
	if len(reachable) == 0 {
		absent.Detail = fmt.Sprintf("the phone %s at %s does not answer OPTIONS", l.extension, targets[0].place)
		l.clear(absent)
		return
	}
	if err := l.openSound(reachable[0].place, 0); err != nil {
		l.clear(call.Cleared{Cause: q850.ResourceUnavailable, Location: q850.PrivateLocal, Detail: err.Error()})
		return
	}
	for _, t := range reachable {
		l.fork(t, o)
	}
	l.settle()
}

// fork begins the INVITE to one contact.
func (l *Leg) fork(t target, o call.Outgoing) {
	s := l.server
	f := &fork{target: t}
	l.forks = append(l.forks, f)
	if l.encrypt && t.place.transport != "TLS" {
		l.failed(f, q850.IncompatibleDestination, mustBeTLS)
		return
	}
	var uri sip.Uri
	if err := sip.ParseUri(t.contact, &uri); err != nil {
		l.failed(f, q850.SubscriberAbsent, "contact "+t.contact+": "+err.Error())
		return
	}
	from := s.boxUri(t.place)
	from.User = escapeUser(o.Calling.Digits)
	name := o.Calling.Name
	if o.Calling.Restricted || o.Calling.Digits == "" {
		from.User = "anonymous"
		if name == "" || o.Calling.Digits != "" { // a name without digits is one to be shown
			name = "Anonymous"
		}
	}
	if o.Label != "" {
		if name == "" {
			name = o.Calling.Digits
		}
		name = o.Label + " " + name
	}
	f.dialog = s.outside(uri, t.place, from)
	f.dialog.local.name = quoted(name)
	f.session = l.newSession(t.place, 20)
	f.session.sealed = f.session.keys != nil
	l.learn(f.dialog)
	f.req = f.dialog.request(s, sip.INVITE)
	s.describe(f.req)
	if o.Label != "" {
		f.req.AppendHeader(sip.NewHeader("Subject", shortened(o.Label, 60)))
	}
	for _, h := range append(s.diversions(t.place, o.Diverted), l.timerOffer(0)...) {
		f.req.AppendHeader(h)
	}
	body, err := f.session.offer(rtp.SendRecv)
	if err != nil {
		l.failed(f, q850.TemporaryFailure, err.Error())
		return
	}
	withSDP(f.req, body)
	l.start(f)
}

// mustBeTLS is said of a phone whose sound cannot be encrypted, though the settings want it.
const mustBeTLS = "the phone did not register over TLS, and its sound must be encrypted"

// unanswered is the cause for an INVITE that ended without a response.
func unanswered(err error) q850.Cause {
	if errors.Is(err, sip.ErrTransactionTimeout) {
		return q850.NoUserResponding
	}
	return q850.SubscriberAbsent
}

// replied takes a response to an INVITE of ours.
func (l *Leg) replied(f *fork, tx sip.ClientTransaction, res *sip.Response) {
	if f.tx != tx {
		return
	}
	f.silence.Stop()
	switch {
	case res.IsProvisional():
		l.provisional(f, res)
	case res.IsSuccess():
		l.accepted(f, res)
	default:
		l.rejected(f, res)
	}
	l.settle()
}

func (l *Leg) provisional(f *fork, res *sip.Response) {
	if f.done && f.cancel == "" {
		f.cancel = elsewhere // it was given up for dead and rings now
	}
	f.heard = true
	if f.cancel != "" {
		l.server.sendCancel(f)
		return
	}
	if l.phase != offered {
		return
	}
	if res.StatusCode != sip.StatusTrying && isSDP(res) {
		l.early(f, res)
	}
	switch {
	case res.StatusCode == sip.StatusRinging && !l.told.alerting:
		l.told.alerting = true
		l.tell(call.Alerting{})
	case !l.told.proceeding && !l.told.alerting:
		l.told.proceeding = true
		l.tell(call.Proceeding{})
	}
}

// early takes sound before answer; with several phones ringing the first that sends some is heard.
func (l *Leg) early(f *fork, res *sip.Response) {
	if l.started {
		return
	}
	d, err := parseSDP(res.Body(), f.session.expects())
	if err != nil {
		return
	}
	l.agree(&d, d.choose(f.session.types), f.session)
	l.sounding(true)
}

// accepted: a phone answered. The first has the call, any other is told that it is too late.
func (l *Leg) accepted(f *fork, res *sip.Response) {
	s := l.server
	f.done = true
	f.dialog.confirm(res)
	l.acknowledge(f.dialog, f.tx, f.req.CSeq().SeqNo)
	// sipgo keeps both messages for 32 s (Timer M), a leg is there for hours: they are most of what a call would hold.
	// Whatever is sent again is the ACK, and of the request, once it was accepted, nothing is read any more.
	f.req.MessageData = sip.MessageData{}
	defer func() { res.MessageData = sip.MessageData{} }()
	f.req, f.tx = nil, nil
	if l.phase != offered || f.cancel != "" {
		s.goodbye(f, "Q.850;cause=26")
		f.failure = call.Cleared{Cause: q850.NonSelectedUserClearing, Location: q850.PrivateLocal}
		return
	}
	l.dialog, l.session = f.dialog, f.session
	d, err := parseSDP(res.Body(), f.session.expects())
	if err != nil && !l.started {
		s.goodbye(f, q850.IncompatibleDestination.Reason())
		l.failed(f, q850.IncompatibleDestination, "the answer's "+err.Error())
		l.dialog = nil
		return
	}
	l.phase = answered
	l.lifesigns()
	for _, other := range l.forks {
		if other != f {
			l.drop(other, elsewhere)
		}
	}
	l.forks = nil
	if err == nil {
		l.agree(&d, d.choose(f.session.types), f.session)
	}
	l.timerFrom(res)
	l.sounding(false)
	l.tell(call.Answered{Connected: l.connected(res)})
	if err == nil {
		l.hold(d.holds)
	}
}

// rejected: a phone refused. Session Interval Too Small is asked again with the interval it names.
func (l *Leg) rejected(f *fork, res *sip.Response) {
	const tooSmall = 422
	if res.StatusCode == tooSmall && !f.retried && l.phase == offered {
		if least, ok := number(header(res, "min-se")); ok {
			f.retried = true
			l.again(f, f.req.Body(), l.timerOffer(time.Duration(least)*time.Second))
			return
		}
	}
	if l.phase == offered && f.cancel == "" {
		if next := l.authorized(f.dialog, f.req, res); next != nil {
			f.req, f.heard = next, false
			l.start(f)
			return
		}
	}
	if f.session != nil && f.session.sealed && !l.encrypt && refusesOffer(res.StatusCode) && l.phase == offered {
		f.session.sealed = false // a phone on TLS that does not encrypt its sound
		f.session.version++
		if body, err := f.session.offer(rtp.SendRecv); err == nil {
			l.again(f, body, l.timerOffer(0))
			return
		}
	}
	detail := fmt.Sprintf("the phone answered %d %s", res.StatusCode, shortened(res.Reason, 60))
	c := cleared(res, q850.FromSIP(res.StatusCode), detail)
	f.done, f.failure, f.rank = true, c, rank(res.StatusCode)
}

// refusesOffer tells whether a status may mean that the phone cannot take the offered sound.
func refusesOffer(status int) bool {
	const unsupportedMedia, notAcceptable, notAcceptableAnywhere = 415, 488, 606
	return status == unsupportedMedia || status == notAcceptable || status == notAcceptableAnywhere
}

// again sends the INVITE of a fork once more, changed.
func (l *Leg) again(f *fork, body []byte, timer []sip.Header) {
	next := f.dialog.request(l.server, sip.INVITE)
	for _, h := range f.req.Headers() {
		switch h.Name() {
		case "Allow", "Supported", "Subject", "Diversion", "Content-Type", "P-Asserted-Identity", "Privacy":
			next.AppendHeader(h)
		}
	}
	for _, h := range timer {
		next.AppendHeader(h)
	}
	next.SetBody(body)
	f.req, f.heard = next, false
	l.start(f)
}

// rank orders refusals: what a person decided goes before what a machine could not do.
func rank(status int) int {
	switch {
	case status >= 600:
		return 4
	case status == sip.StatusBusyHere:
		return 3
	case status == sip.StatusRequestTimeout, status == sip.StatusTemporarilyUnavailable, status >= 500:
		return 1
	}
	return 2
}

// failed: a contact could not be reached.
func (l *Leg) failed(f *fork, cause q850.Cause, detail string) {
	if f.done {
		return
	}
	f.silence.Stop()
	f.done, f.rank = true, 0
	f.failure = call.Cleared{Cause: cause, Location: q850.PrivateLocal, Detail: detail}
}

// settle ends the leg once every contact is done and none answered.
func (l *Leg) settle() {
	if l.incoming || l.phase == answered || l.phase == gone || l.dialog != nil {
		return
	}
	var best *fork
	for _, f := range l.forks {
		if !f.done {
			return
		}
		if best == nil || f.rank > best.rank {
			best = f
		}
	}
	if best == nil {
		return
	}
	if l.phase == ending {
		l.clear(call.Cleared{Cause: l.cause, Location: q850.PrivateLocal})
		return
	}
	l.clear(best.failure)
}

// cancelForks gives up before answer.
func (l *Leg) cancelForks(cause q850.Cause) {
	l.phase = ending
	reason := cause.Reason()
	if cause == q850.NonSelectedUserClearing {
		reason = elsewhere
	}
	for _, f := range l.forks {
		l.drop(f, reason)
	}
	l.patience = l.loop.After(byePatience, func() {
		l.clear(call.Cleared{Cause: l.cause, Location: q850.PrivateLocal, Detail: "the phone did not answer CANCEL"})
	})
	l.settle()
}

// drop cancels one fork, as soon as the phone has said anything (RFC 3261 clause 9.1).
func (l *Leg) drop(f *fork, reason string) {
	if f.done {
		return
	}
	f.cancel = reason
	if f.cancel == "" {
		f.cancel = elsewhere
	}
	if f.heard {
		l.server.sendCancel(f)
	}
}

// forkDialog finds the dialog of a request that comes while several phones ring.
func (l *Leg) forkDialog(req *sip.Request) *dialog {
	key := keyOf(req)
	for _, f := range l.forks {
		if f.dialog != nil && f.dialog.key() == key {
			return f.dialog
		}
	}
	return nil
}

// reasonPhrase is the text of a status we refuse with.
func reasonPhrase(status int) string {
	phrases := map[int]string{
		403: "Forbidden", 404: "Not Found", 408: "Request Timeout", 410: "Gone", 480: "Temporarily Unavailable", 484: "Address Incomplete",
		486: "Busy Here", 488: "Not Acceptable Here", 500: "Server Internal Error", 501: "Not Implemented", 502: "Bad Gateway",
		503: "Service Unavailable", 504: "Server Time-out", 603: "Decline", 606: "Not Acceptable",
	}
	if p := phrases[status]; p != "" {
		return p
	}
	return "Call Ended"
}
