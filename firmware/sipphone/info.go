package sipphone

import (
	"strings"

	"github.com/emiago/sipgo/sip"
)

// info takes a key that the phone sends as SIP INFO: application/dtmf-relay ("Signal=5\r\nDuration=160")
// or application/dtmf ("5"). Neither is a standard; both are common.
func (l *Leg) info(req *sip.Request, tx sip.ServerTransaction) {
	s := l.server
	kind, _, _ := strings.Cut(header(req, "content-type", "c"), ";")
	switch kind = strings.ToLower(strings.TrimSpace(kind)); {
	case len(req.Body()) == 0:
		s.respond(tx, s.response(req, sip.StatusOK, "OK")) // a sign of life
	case kind == "application/dtmf-relay" || kind == "application/dtmf":
		key, ok := infoKey(string(req.Body()))
		if !ok {
			s.respond(tx, s.response(req, sip.StatusBadRequest, "Bad Request"))
			return
		}
		s.respond(tx, s.response(req, sip.StatusOK, "OK"))
		l.server.log.Info("key by INFO", "phone", l.extension, "key", string(key))
		l.digit(key, byInfo)
	default:
		res := s.response(req, sip.StatusUnsupportedMediaType, "Unsupported Media Type")
		res.AppendHeader(sip.NewHeader("Accept", "application/dtmf-relay, application/dtmf"))
		s.respond(tx, res)
	}
}

// infoKey reads the key: a line Signal=, or the first word of a body without one. 10 and 11 are * and #,
// 12 to 15 A to D.
func infoKey(body string) (byte, bool) {
	value := strings.TrimSpace(body)
	for line := range strings.Lines(body) {
		if name, v, ok := strings.Cut(line, "="); ok && strings.EqualFold(strings.TrimSpace(name), "signal") {
			value = strings.TrimSpace(v)
			break
		}
	}
	if len(value) == 2 && value[0] == '1' && value[1] >= '0' && value[1] <= '5' {
		return "*#ABCD"[value[1]-'0'], true
	}
	if len(value) != 1 {
		return 0, false
	}
	key := strings.ToUpper(value)[0]
	return key, strings.IndexByte("0123456789*#ABCD", key) >= 0
}
