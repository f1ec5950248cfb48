package sipphone

import (
	"slices"
	"strconv"
	"time"

	"github.com/emiago/sipgo/sip"
)

// Times of registrations, seconds (RFC 3261 clause 10.2.8 has the same default).
const (
	expiresDefault = 3600
	expiresLeast   = 30
	expiresMost    = 7200
)

// register answers REGISTER (RFC 3261 clause 10.3).
func (s *Server) register(req *sip.Request, tx sip.ServerTransaction) {
	now := time.Now()
	agent, ok := s.admit(req, tx, now)
	if !ok {
		return
	}
	extension := agent.Extension
	if req.CallID() == nil || req.CSeq() == nil {
		s.respond(tx, s.response(req, sip.StatusBadRequest, "Bad Request"))
		return
	}
	change, status := readContacts(req, now)
	switch status {
	case sip.StatusOK:
	case sip.StatusIntervalToBrief:
		res := s.response(req, status, "Interval Too Brief")
		res.AppendHeader(sip.NewHeader("Min-Expires", strconv.Itoa(expiresLeast)))
		s.respond(tx, res)
		return
	default:
		s.respond(tx, s.response(req, status, "Bad Request"))
		return
	}
	if agent.Encrypt && req.Transport() != "TLS" && len(change.add) > 0 {
		res := s.response(req, sip.StatusForbidden, "Forbidden")
		res.AppendHeader(sip.NewHeader("Warning", `399 trunkbox "This extension registers over TLS, for its sound must be encrypted"`))
		s.respond(tx, res)
		s.log.Warn("registration refused: "+mustBeTLS, "extension", extension, "address", sourceOf(req), "transport", req.Transport())
		return
	}
	s.bindings.unbind(extension, "the phone signed off", func(o *binding) bool {
		return change.removeAll || slices.Contains(change.remove, o.Contact)
	}, now)
	for _, one := range change.add {
		if !s.bindings.bind(extension, one, now) {
			s.respond(tx, s.response(req, sip.StatusInternalServerError, "CSeq Out Of Order"))
			return
		}
	}
	res := s.response(req, sip.StatusOK, "OK")
	s.addContacts(res, extension, now)
	res.AppendHeader(sip.NewHeader("Date", now.UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT")))
	s.respond(tx, res)
}

// contactChange is what a REGISTER wants: nothing at all for a mere question.
type contactChange struct {
	add       []*binding
	remove    []string
	removeAll bool
}

// readContacts reads the Contact and Expires headers; a status other than 200 refuses them.
func readContacts(req *sip.Request, now time.Time) (change contactChange, status int) {
	contacts := append(req.GetHeaders("contact"), req.GetHeaders("m")...)
	general, told := number(header(req, "expires"))
	if !told {
		general = expiresDefault
	}
	for _, h := range contacts {
		c, ok := h.(*sip.ContactHeader)
		if !ok {
			continue
		}
		if c.Address.Wildcard {
			if len(contacts) != 1 || !told || general != 0 {
				return change, sip.StatusBadRequest
			}
			change.removeAll = true
			continue
		}
		seconds := general
		if value, has := c.Params.Get("expires"); has {
			if n, ok := number(value); ok {
				seconds = n
			}
		}
		switch {
		case c.Address.Scheme != "sip" && c.Address.Scheme != "sips" || c.Address.Host == "":
			return change, sip.StatusBadRequest
		case seconds == 0:
			change.remove = append(change.remove, c.Address.String())
		case seconds < expiresLeast:
			return change, sip.StatusIntervalToBrief
		default:
			change.add = append(change.add, &binding{
				Contact: c.Address.String(), Transport: req.Transport(), Source: sourceOf(req), UserAgent: shortened(header(req, "user-agent"), 80),
				CallID: req.CallID().Value(), CSeq: req.CSeq().SeqNo, Since: now, Expires: now.Add(time.Duration(min(seconds, expiresMost)) * time.Second),
			})
		}
	}
	return change, sip.StatusOK
}

// addContacts lists the extension's contacts with what is left of each.
func (s *Server) addContacts(res *sip.Response, extension string, now time.Time) {
	s.bindings.mu.Lock()
	defer s.bindings.mu.Unlock()
	for _, o := range s.bindings.of[extension] {
		var uri sip.Uri
		if err := sip.ParseUri(o.Contact, &uri); err != nil {
			continue
		}
		left := int(o.Expires.Sub(now).Round(time.Second).Seconds())
		c := &sip.ContactHeader{Address: uri}
		c.Params.Add("expires", strconv.Itoa(max(left, 0)))
		res.AppendHeader(c)
	}
}
