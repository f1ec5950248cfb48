package sipphone

import (
	"strings"
	"time"

	"github.com/emiago/sipgo"
	"github.com/emiago/sipgo/sip"

	"trunkbox/firmware/config"
)

// route says who answers which method. sipgo calls each in a goroutine of its own and ends the
// transaction when it returns.
func (s *Server) route() {
	s.sip.OnRegister(s.whole(s.register))
	s.sip.OnInvite(s.whole(s.invite))
	s.sip.OnAck(s.whole(s.ack))
	s.sip.OnOptions(s.whole(s.capabilities))
	s.sip.OnCancel(s.whole(s.unmatched)) // one that matches an INVITE never comes here
	s.sip.OnPrack(s.whole(s.unmatched))
	for _, method := range []sip.RequestMethod{sip.BYE, sip.UPDATE, sip.INFO, sip.REFER, sip.NOTIFY} {
		s.sip.OnRequest(method, s.whole(s.within))
	}
	s.sip.OnSubscribe(s.whole(s.noEvents))
	s.sip.OnPublish(s.whole(s.noEvents))
	s.sip.OnNoRoute(s.whole(func(req *sip.Request, tx sip.ServerTransaction) {
		res := s.response(req, sip.StatusMethodNotAllowed, "Method Not Allowed")
		res.AppendHeader(sip.NewHeader("Allow", methods))
		s.respond(tx, res)
	}))
}

// whole lets a request pass that has what every request must have (RFC 3261 clause 8.1.1). One that has not gets no answer:
// there is nothing to make one of.
func (s *Server) whole(handle sipgo.RequestHandler) sipgo.RequestHandler {
	return func(req *sip.Request, tx sip.ServerTransaction) {
		if req.Via() == nil || req.From() == nil || req.To() == nil || req.CallID() == nil || req.CSeq() == nil {
			s.log.Debug("a request without Via, From, To, Call-ID or CSeq is dropped", "method", req.Method, "from", req.Source())
			return
		}
		handle(req, tx)
		if req.Method != sip.INVITE && req.Method != sip.ACK { // those two go to the leg's goroutine, which is not waited for
			req.MessageData = sip.MessageData{} // the transaction stays for 32 s (Timer J), and reads no more than the method
		}
	}
}

// admit lets a request pass that proves to be an agent's; any other it answers itself.
func (s *Server) admit(req *sip.Request, tx sip.ServerTransaction, now time.Time) (config.Agent, bool) {
	from := sourceOf(req).Addr()
	if s.backoff.blocked(from, userOf(req), now) {
		return config.Agent{}, false
	}
	agent, p, who := s.authenticate(req, now)
	switch p {
	case right:
		s.backoff.succeeded(from, who, now)
		return agent, true
	case none, stale:
		s.respond(tx, s.challenge(req, p == stale, now))
		return config.Agent{}, false
	}
	wait, slot := s.backoff.failed(from, who, now)
	if s.backoff.tell(now) {
		s.options.Observer.Refused("sip", shortened(who, 40), sourceOf(req).String())
	}
	if !slot {
		return config.Agent{}, false
	}
	defer s.backoff.waited()
	select {
	case <-time.After(wait):
		s.respond(tx, s.response(req, sip.StatusForbidden, "Forbidden"))
	case <-tx.Done():
	}
	return config.Agent{}, false
}

// capabilities answers a question about what the box can do, in and out of a dialog.
func (s *Server) capabilities(req *sip.Request, tx sip.ServerTransaction) {
	if key := keyOf(req); key != (dialogKey{}) && s.leg(key) == nil {
		s.unmatched(req, tx)
		return
	}
	res := s.response(req, sip.StatusOK, "OK")
	s.describe(res)
	res.AppendHeader(sip.NewHeader("Accept", "application/sdp"))
	s.respond(tx, res)
}

// describe adds what the box can do.
func (s *Server) describe(m sip.Message) {
	m.AppendHeader(sip.NewHeader("Allow", methods))
	m.AppendHeader(sip.NewHeader("Supported", extensions))
}

func (s *Server) unmatched(req *sip.Request, tx sip.ServerTransaction) {
	s.respond(tx, s.response(req, sip.StatusCallTransactionDoesNotExists, "Call/Transaction Does Not Exist"))
}

// noEvents refuses every event package: presence and message waiting are left out.
func (s *Server) noEvents(req *sip.Request, tx sip.ServerTransaction) {
	const badEvent = 489
	s.respond(tx, s.response(req, badEvent, "Bad Event"))
}

// within gives a request to the leg of its dialog.
func (s *Server) within(req *sip.Request, tx sip.ServerTransaction) {
	key := keyOf(req)
	if key == (dialogKey{}) && req.Method == sip.NOTIFY {
		s.respond(tx, s.response(req, sip.StatusOK, "OK")) // some phones keep their NAT open with it
		return
	}
	l := s.leg(key)
	if l == nil || !l.loop.Do(func() { l.request(req, tx) }) {
		s.unmatched(req, tx)
	}
}

// ack gives the ACK of a 2xx to its leg.
func (s *Server) ack(req *sip.Request, _ sip.ServerTransaction) {
	if l := s.leg(keyOf(req)); l != nil {
		l.loop.Post(func() { l.acked(req) })
	}
}

// leg finds the leg of a dialog.
func (s *Server) leg(key dialogKey) *Leg {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.legs[key]
}

// unsupported answers a request that requires an extension we do not have; true: it did.
func (s *Server) unsupported(req *sip.Request, tx sip.ServerTransaction) bool {
	var unknown []string
	for _, tag := range tokens(req, "require") {
		if !strings.EqualFold(tag, extensions) {
			unknown = append(unknown, tag)
		}
	}
	if len(unknown) == 0 {
		return false
	}
	res := s.response(req, sip.StatusBadExtension, "Bad Extension")
	res.AppendHeader(sip.NewHeader("Unsupported", strings.Join(unknown, ", ")))
	s.respond(tx, res)
	return true
}
