package sipphone

import (
	"strconv"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"

	"trunkbox/firmware/call"
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
		key, lasted, ok := infoKey(string(req.Body()))
		if !ok {
			s.respond(tx, s.response(req, sip.StatusBadRequest, "Bad Request"))
			return
		}
		s.respond(tx, s.response(req, sip.StatusOK, "OK"))
		l.digit(key, call.ByInfo)
		l.keyUp(call.KeyUp{Key: key, By: call.ByInfo, Lasted: lasted})
	default:
		res := s.response(req, sip.StatusUnsupportedMediaType, "Unsupported Media Type")
		res.AppendHeader(sip.NewHeader("Accept", "application/dtmf-relay, application/dtmf"))
		s.respond(tx, res)
	}
}

// infoKey reads the key: a line Signal=, or the first word of a body without one. 10 and 11 are * and #,
// 12 to 15 A to D. A line Duration= tells how many ms it lasted, up to a minute; 0 when there is none.
func infoKey(body string) (key byte, lasted time.Duration, ok bool) {
	value := strings.TrimSpace(body)
	for line := range strings.Lines(body) {
		name, v, _ := strings.Cut(line, "=")
		switch v = strings.TrimSpace(v); strings.ToLower(strings.TrimSpace(name)) {
		case "signal":
			value = v
		case "duration":
			if ms, err := strconv.ParseUint(v, 10, 16); err == nil && ms <= 60_000 {
				lasted = time.Duration(ms) * time.Millisecond
			}
		}
	}
	if len(value) == 2 && value[0] == '1' && value[1] >= '0' && value[1] <= '5' {
		return "*#ABCD"[value[1]-'0'], lasted, true
	}
	if len(value) != 1 {
		return 0, 0, false
	}
	key = strings.ToUpper(value)[0]
	return key, lasted, strings.IndexByte("0123456789*#ABCD", key) >= 0
}
