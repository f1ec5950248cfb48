package sipphone

import (
	"errors"
	"log/slog"
	"net/netip"
	"time"

	"github.com/emiago/sipgo/sip"

	"trunkbox/firmware/call"
	"trunkbox/firmware/config"
	"trunkbox/firmware/q850"
	"trunkbox/firmware/rtp"
)

const legsEach = 64 // calls of one extension at a time

// invite takes an INVITE: of a dialog, or a new call of a phone.
func (s *Server) invite(req *sip.Request, tx sip.ServerTransaction) {
	if key := keyOf(req); key != (dialogKey{}) {
		s.reinvite(key, req, tx)
		return
	}
	if c := s.carrierOf(req); c != nil {
		s.offeredBy(c, req, tx)
		return
	}
	agent, ok := s.admit(req, tx, time.Now())
	if !ok {
		return
	}
	offer, ok := s.offerOfFirst(req, tx, agent.Encrypt)
	if !ok {
		return
	}
	l := s.newLeg(agent.Extension, call.Number{Digits: agent.Extension, Name: agent.Name}, true)
	l.encrypt, l.hushes = agent.Encrypt, s.rules.Load().phones.SuppressSilence
	i := l.invitedBy(req, tx, offer)
	if status, reason, cause := s.dialledBy(l, agent, req); status != 0 {
		s.refuseAs(i.req, tx, status, reason, cause)
		l.abandon()
		return
	}
	i.wait(l)
}

// offerOfFirst checks what every first INVITE needs and reads its SDP. What cannot be taken is answered, and ok is false.
func (s *Server) offerOfFirst(req *sip.Request, tx sip.ServerTransaction, encrypt bool) (offer *description, ok bool) {
	if s.unsupported(req, tx) || s.tooBrief(req, tx) {
		return nil, false
	}
	contact := req.Contact()
	if req.CallID() == nil || req.CSeq() == nil || contact == nil || contact.Address.Wildcard {
		s.respond(tx, s.response(req, sip.StatusBadRequest, "Bad Request"))
		return nil, false
	}
	return s.offerOf(req, tx, encrypt)
}

// offerOf reads the SDP of an INVITE or UPDATE; nil when there is none. What cannot be taken, or is not encrypted where
// it must be, is answered, and ok is false.
func (s *Server) offerOf(req *sip.Request, tx sip.ServerTransaction, encrypt bool) (offer *description, ok bool) {
	seal := sealingBy(req.Transport(), encrypt)
	if len(req.Body()) == 0 {
		if seal == neither && req.IsInvite() {
			s.refuseOffer(req, tx, errOpen)
			return nil, false
		}
		return nil, true
	}
	if !isSDP(req) {
		res := s.response(req, sip.StatusUnsupportedMediaType, "Unsupported Media Type")
		res.AppendHeader(sip.NewHeader("Accept", "application/sdp"))
		s.respond(tx, res)
		return nil, false
	}
	d, err := parseSDP(req.Body(), seal)
	if err != nil {
		s.refuseOffer(req, tx, err)
		return nil, false
	}
	return &d, true
}

// refuseOffer answers an SDP that cannot be taken, and says why.
func (s *Server) refuseOffer(req *sip.Request, tx sip.ServerTransaction, err error) {
	res := s.response(req, sip.StatusNotAcceptableHere, "Not Acceptable Here")
	warning := `399 trunkbox "The session description cannot be read"`
	if errors.Is(err, errNoG711) || errors.Is(err, errNoSound) {
		warning = `305 trunkbox "Only G.711 (PCMA, PCMU) and G.722 over RTP/AVP, on TLS also RTP/SAVP, is taken"`
	}
	if errors.Is(err, errNoCrypto) {
		warning = `399 trunkbox "Only AES_CM_128_HMAC_SHA1_80 and _32 in a=crypto are taken"`
	}
	if errors.Is(err, errOpen) {
		warning = `399 trunkbox "Sound must be encrypted here: RTP/SAVP with a=crypto, and signalling over TLS"`
	}
	res.AppendHeader(sip.NewHeader("Warning", warning))
	s.respond(tx, res)
	s.log.Info("call refused: its SDP cannot be taken", "phone", sourceOf(req), "error", err)
}

// invitedBy makes the dialog of a first INVITE.
func (l *Leg) invitedBy(req *sip.Request, tx sip.ServerTransaction, offer *description) *invitation {
	l.dialog = l.server.inside(req)
	mine := req.Clone()
	mine.To().Params.Add("tag", l.dialog.local.tag)
	l.invite = &invitation{came: req, req: mine, tx: tx, offer: offer, finished: make(chan struct{})}
	return l.invite
}

// dialledBy reads what an agent dialled and offers the call to the exchange; a status other than 0 refuses it.
func (s *Server) dialledBy(l *Leg, agent config.Agent, req *sip.Request) (status int, reason string, cause q850.Cause) {
	digits := dialledDigits(req.Recipient.User)
	if digits == "" {
		return sip.StatusAddressIncomplete, "Address Incomplete", q850.InvalidNumberFormat
	}
	if s.legsOf(agent.Extension) >= legsEach {
		return sip.StatusBusyHere, "Busy Here", q850.UserBusy
	}
	return s.enter(l, call.Incoming{Leg: l, Called: digits, Phone: agent.Extension, Calling: call.Number{Digits: agent.Extension, Name: agent.Name}})
}

// enter offers the call to the exchange; a status other than 0 refuses it.
func (s *Server) enter(l *Leg, in call.Incoming) (status int, reason string, cause q850.Cause) {
	packetMS := 0
	if l.invite.offer != nil {
		packetMS = l.invite.offer.packetMS
	}
	if err := l.openSound(l.dialog.at, packetMS); err != nil {
		s.log.Error("call refused: no sound", "entity", l.Name(), "error", err)
		return sip.StatusServiceUnavailable, "Service Unavailable", q850.ResourceUnavailable
	}
	invite := l.invite
	if !invite.tx.OnCancel(func(cancel *sip.Request) { l.loop.Post(func() { l.cancelled(cancel) }) }) {
		return sip.StatusRequestTerminated, "Request Terminated", q850.NormalClearing
	}
	l.learn(l.dialog)
	handler := s.accept(in)
	if handler == nil {
		return sip.StatusForbidden, "Forbidden", q850.CallRejected
	}
	s.respond(invite.tx, s.response(invite.req, sip.StatusTrying, "Trying"))
	l.begin(handler)
	return 0, "", 0
}

// abandon gives back what a call that was refused at the door took.
func (l *Leg) abandon() {
	s := l.server
	s.mu.Lock()
	for _, key := range l.keys {
		delete(s.legs, key)
	}
	s.mu.Unlock()
	if l.stream != nil {
		l.stream.Close()
	}
}

func (s *Server) legsOf(extension string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for l := range s.live {
		if l.extension == extension && l.carrier == nil {
			n++
		}
	}
	return n
}

// openSound takes a pair of ports on the address family of the phone.
func (l *Leg) openSound(at place, packetMS int) error {
	local := netip.IPv4Unspecified()
	if at.addr.Addr().Is6() {
		local = netip.IPv6Unspecified()
	}
	stream, err := rtp.Open(rtp.Options{
		Ports: l.server.rules.Load().ports, Local: local, PacketMS: packetMS, OnDigit: l.keyed, OnKeyUp: l.letGo, OnTrouble: l.oneWay,
		SuppressSilence: l.hushes, Logger: slog.New(discreet{l.server.log.Handler(), l.extension}),
	})
	if err != nil {
		return err
	}
	if packetMS == 0 {
		packetMS = 20
	}
	l.stream = stream
	l.session = l.newSession(at, packetMS)
	return nil
}

func (l *Leg) newSession(at place, packetMS int) *session {
	id := uint64(time.Now().Unix())
	s := &session{id: id, version: id, host: l.server.host(at), port: l.stream.Port(), packetMS: packetMS, types: ourTypes, sealed: l.encrypt, comfort: l.hushes}
	if l.carrier != nil {
		s.types = preferring(l.carrier.PayloadType())
	}
	if at.transport == "TLS" {
		s.keys = newKeys()
	}
	return s
}

// keyed takes a key from the stream.
func (l *Leg) keyed(key byte, inband bool) {
	if by, counts := l.wayOf(inband); counts {
		l.digit(key, by)
	}
}

// letGo takes the end of such a key.
func (l *Leg) letGo(up rtp.KeyUp) {
	if by, counts := l.wayOf(up.Inband); counts {
		l.keyUp(call.KeyUp{Key: up.Key, By: by, Lasted: up.Lasted, Levels: up.Levels})
	}
}

// wayOf is how keys of the stream come. Those in the sound of a carrier's call do not count: the bridge listens for them,
// where keys count.
func (l *Leg) wayOf(inband bool) (by call.KeyWay, counts bool) {
	if inband {
		return call.BySound, l.carrier == nil
	}
	return call.ByEvent, true
}

// send sends a response to the INVITE in hand, with our Contact.
func (l *Leg) send(status int, reason string, body []byte, more ...sip.Header) *sip.Response {
	i := l.invite
	res := l.server.response(i.req, status, reason)
	res.AppendHeader(l.dialog.contact(l.server))
	l.server.describe(res)
	for _, h := range more {
		res.AppendHeader(h)
	}
	if body != nil {
		withSDP(res, body)
	}
	l.server.respond(i.tx, res)
	return res
}

func (l *Leg) alert() {
	if l.incoming && l.phase == offered && !l.told.alerting && !l.told.progress {
		l.told.alerting = true
		l.send(sip.StatusRinging, "Ringing", nil)
	}
}

// progress answers the offer ahead of time. A phone that made no offer cannot hear before answer:
// without PRACK it could not give its answer to ours.
func (l *Leg) progress() {
	if !l.incoming || l.phase != offered || l.told.progress {
		return
	}
	if l.invite.offer == nil {
		l.alert()
		return
	}
	if err := l.answerOffer(l.invite); err != nil {
		l.server.log.Error("early sound not possible", "phone", l.extension, "error", err)
		return
	}
	l.told.progress = true
	l.send(sip.StatusSessionInProgress, "Session Progress", l.invite.body)
	l.sounding(false)
}

// answerOffer takes the phone's offer and makes our answer, once for each INVITE.
func (l *Leg) answerOffer(i *invitation) error {
	if i.body != nil {
		return nil
	}
	payloadType := i.offer.choose(l.session.types)
	l.agree(i.offer, payloadType, l.session)
	body, err := l.session.answer(i.offer, payloadType)
	if err != nil {
		return err
	}
	i.body = body
	return nil
}

// answer accepts the call.
func (l *Leg) answer() {
	if !l.incoming || l.phase != offered {
		return
	}
	i := l.invite
	var err error
	if i.offer != nil {
		err = l.answerOffer(i)
	} else {
		i.body, err = l.session.offer(rtp.SendRecv)
	}
	if err != nil {
		l.server.log.Error("call not answered", "phone", l.extension, "error", err)
		l.refuse(q850.TemporaryFailure)
		return
	}
	l.phase = answered
	l.lifesigns()
	l.accept(i)
	if i.offer != nil {
		l.sounding(false)
		l.hold(i.offer.holds)
	}
}

// refuse answers the first INVITE with the status of the cause.
func (l *Leg) refuse(cause q850.Cause) {
	status := cause.SIP()
	l.send(status, reasonPhrase(status), nil, sip.NewHeader("Reason", cause.Reason()))
	l.clear(call.Cleared{Cause: cause, Location: q850.PrivateLocal})
}

// cancelled: the phone gave up before answer.
func (l *Leg) cancelled(cancel *sip.Request) {
	if l.phase == offered {
		l.clear(cleared(cancel, q850.NormalClearing, ""))
	}
}

// transactionLost: the INVITE's transaction ended before we answered it.
func (l *Leg) transactionLost(i *invitation) {
	if l.phase == offered && l.invite == i {
		l.clear(call.Cleared{Cause: q850.DestinationOutOfOrder, Location: q850.User, Remote: true, Detail: "the phone's connection broke while it was calling"})
	}
}
