package sipphone

import (
	"context"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/emiago/sipgo/sip"

	"trunkbox/firmware/q850"
	"trunkbox/firmware/rtp"
)

// question is a re-INVITE or UPDATE of ours that waits for its answer.
type question struct{ req *sip.Request }

// reinvite takes an INVITE of a dialog and keeps its transaction until the ACK.
func (s *Server) reinvite(key dialogKey, req *sip.Request, tx sip.ServerTransaction) {
	l := s.leg(key)
	if l == nil {
		s.unmatched(req, tx)
		return
	}
	var mine *invitation
	if !l.loop.Do(func() {
		l.request(req, tx)
		if l.invite != nil && l.invite.tx == tx {
			mine = l.invite
		}
	}) {
		s.unmatched(req, tx)
		return
	}
	if mine != nil {
		mine.wait(l)
	}
}

// reinvited answers a re-INVITE: hold and resume, another codec or address, a session refresh
// (RFC 3261 clause 14.2).
func (l *Leg) reinvited(req *sip.Request, tx sip.ServerTransaction) {
	s := l.server
	switch {
	case l.phase != answered || l.invite != nil && (l.invite.final == nil || l.invite.offer == nil):
		res := s.response(req, sip.StatusInternalServerError, "Server Internal Error")
		res.AppendHeader(sip.NewHeader("Retry-After", strconv.Itoa(rand.IntN(10))))
		s.respond(tx, res)
		return
	case l.own != nil:
		s.respond(tx, s.response(req, sip.StatusRequestPending, "Request Pending"))
		return
	case s.unsupported(req, tx) || s.tooBrief(req, tx):
		return
	}
	offer, ok := s.offerOf(req, tx, l.encrypt)
	if !ok {
		return // the session goes on as it was
	}
	if l.invite != nil { // its ACK was overtaken: a phone with the next INVITE has seen our 200
		l.confirmed()
	}
	l.dialog.refresh(req)
	i := &invitation{req: req, tx: tx, offer: offer, finished: make(chan struct{})}
	l.invite = i
	l.session.version++
	var err error
	if offer != nil {
		err = l.answerOffer(i)
	} else {
		i.body, err = l.session.offer(rtp.SendRecv)
	}
	if err != nil {
		s.log.Error("re-INVITE not answered", "phone", l.extension, "error", err)
		s.respond(tx, s.response(req, sip.StatusInternalServerError, "Server Internal Error"))
		i.finish()
		l.invite = nil
		return
	}
	l.accept(i)
	if offer != nil {
		l.hold(offer.holds)
	}
}

// updated answers UPDATE (RFC 3311), with or without an offer.
func (l *Leg) updated(req *sip.Request, tx sip.ServerTransaction) {
	s := l.server
	if l.phase == offered && len(req.Body()) > 0 || l.own != nil && len(req.Body()) > 0 {
		s.respond(tx, s.response(req, sip.StatusRequestPending, "Request Pending"))
		return
	}
	if s.tooBrief(req, tx) {
		return
	}
	offer, ok := s.offerOf(req, tx, l.encrypt)
	if !ok {
		return
	}
	l.dialog.refresh(req)
	i := &invitation{req: req, tx: tx, offer: offer}
	if offer != nil {
		l.session.version++
		if err := l.answerOffer(i); err != nil {
			s.respond(tx, s.response(req, sip.StatusInternalServerError, "Server Internal Error"))
			return
		}
	}
	res := s.response(req, sip.StatusOK, "OK")
	res.AppendHeader(l.dialog.contact(s))
	s.describe(res)
	for _, h := range l.timerAnswer(req) {
		res.AppendHeader(h)
	}
	if i.body != nil {
		withSDP(res, i.body)
	}
	s.respond(tx, res)
	if offer != nil {
		l.hold(offer.holds)
	}
}

// renew refreshes the session: by UPDATE where the phone takes it, else by a re-INVITE with the SDP as
// it stands (RFC 4028 clause 7.4).
func (l *Leg) renew() {
	if l.phase != answered {
		return
	}
	if l.own != nil || l.invite != nil {
		l.refresh.timer = l.loop.After(time.Second, l.renew)
		return
	}
	if l.dialog.updates {
		l.renewByUpdate()
		return
	}
	req := l.dialog.request(l.server, sip.INVITE)
	l.server.describe(req)
	for _, h := range l.refresh.request() {
		req.AppendHeader(h)
	}
	body, err := l.session.offer(l.ownDirection())
	if err != nil {
		l.server.log.Error("session not refreshed", "phone", l.extension, "error", err)
		return
	}
	withSDP(req, body)
	l.askAnew(req)
}

// askAnew sends a re-INVITE of ours.
func (l *Leg) askAnew(req *sip.Request) {
	ctx, cancel := context.WithTimeout(context.Background(), dialPatience)
	defer cancel()
	tx, err := l.server.send(ctx, req, l.dialog.at)
	if err != nil {
		l.renewed(nil, err)
		return
	}
	own := &question{req}
	l.own = own
	go func() {
		for {
			select {
			case res := <-tx.Responses():
				if res.IsProvisional() {
					continue
				}
				l.loop.Post(func() { l.reinviteAnswered(own, tx, res) })
				return
			case <-tx.Done():
				l.loop.Post(func() {
					if l.own == own {
						l.own = nil
						l.renewed(nil, tx.Err())
					}
				})
				return
			}
		}
	}()
}

// ownDirection is what our next offer says: a phone that holds us is not asked to listen.
func (l *Leg) ownDirection() rtp.Direction {
	if l.held {
		return rtp.RecvOnly
	}
	return rtp.SendRecv
}

func (l *Leg) renewByUpdate() {
	req := l.dialog.request(l.server, sip.UPDATE)
	l.server.describe(req)
	for _, h := range l.refresh.request() {
		req.AppendHeader(h)
	}
	if err := l.ask(req, l.renewed); err != nil {
		l.renewed(nil, err)
	}
}

// reinviteAnswered acknowledges the answer to our re-INVITE and takes its SDP.
func (l *Leg) reinviteAnswered(own *question, tx sip.ClientTransaction, res *sip.Response) {
	if l.own == own {
		l.own = nil
	}
	if res.IsSuccess() {
		l.dialog.allowed(res)
		l.dialog.retarget(res.Contact())
		l.acknowledge(l.dialog, tx, own.req.CSeq().SeqNo)
		if d, err := parseSDP(res.Body(), l.session.expects()); err == nil && l.phase == answered {
			l.agree(&d, d.choose(l.session.types), l.session)
			l.hold(d.holds)
		}
	}
	if next := l.authorized(l.dialog, own.req, res); next != nil && l.phase == answered {
		l.askAnew(next)
		return
	}
	l.renewed(res, nil)
}

// renewed takes the outcome of a refresh.
func (l *Leg) renewed(res *sip.Response, err error) {
	if l.phase != answered {
		return
	}
	const tooSmall = 422
	switch {
	case err != nil:
		l.server.log.Warn("session refresh without an answer, the call is ended", "phone", l.extension, "error", err)
		l.hangup(q850.RecoveryOnTimerExpiry)
	case res.IsSuccess():
		l.timerFrom(res)
	case res.StatusCode == sip.StatusRequestPending: // both at once: RFC 3261 clause 14.1
		wait := 210 + rand.IntN(190) // the one who chose the Call-ID waits longer
		if l.incoming {
			wait = rand.IntN(200)
		}
		l.refresh.timer = l.loop.After(time.Duration(wait)*l.server.times.glare, l.renew)
	case res.StatusCode == tooSmall:
		if least, ok := number(header(res, "min-se")); ok {
			l.refresh.interval = max(l.refresh.interval, time.Duration(least)*time.Second)
			l.refresh.least = l.refresh.interval
			l.renew()
		}
	case res.StatusCode == sip.StatusCallTransactionDoesNotExists || res.StatusCode == sip.StatusRequestTimeout:
		l.hangup(q850.RecoveryOnTimerExpiry)
	case res.StatusCode == sip.StatusMethodNotAllowed || res.StatusCode == sip.StatusNotImplemented:
		l.dialog.updates = false // it said it takes UPDATE, and does not
		l.refresh.timer = l.loop.After(time.Second, l.renew)
	default: // the refusal of an offer leaves the session as it is
		l.refresh.again(l)
	}
}
