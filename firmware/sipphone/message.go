package sipphone

import (
	"crypto/rand"
	"encoding/hex"
	"net/url"
	"strconv"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// userAgent is what the box calls itself in SIP.
const userAgent = "Trunkbox"

// methods are those the box answers, as its Allow header says.
const methods = "INVITE, ACK, CANCEL, BYE, OPTIONS, REGISTER, UPDATE, INFO, REFER, NOTIFY"

// extensions are the option tags the box supports.
const extensions = "timer"

// newToken is 64 bits for tags and Call-IDs.
func newToken() string {
	var b [8]byte
	_, _ = rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// NewToken is 64 random bits for a Call-ID.
func NewToken() string { return newToken() }

// response begins a response to a request.
func (s *Server) response(req *sip.Request, status int, reason string) *sip.Response {
	res := sip.NewResponseFromRequest(req, status, reason, nil)
	res.AppendHeader(sip.NewHeader("Server", userAgent))
	return res
}

// respond sends a response, of which nothing but the status may be read afterwards; that it cannot be sent is the phone's
// loss, which it will show by asking again.
func (s *Server) respond(tx sip.ServerTransaction, res *sip.Response) {
	pack(res)
	if err := tx.Respond(res); err != nil {
		s.log.Debug("response not sent", "status", res.StatusCode, "error", err)
	}
}

// pack makes one text of the headers of a response. Its transaction keeps it for 32 s, to send it again (Timer J, L), and it
// is a third of what it was.
func pack(res *sip.Response) {
	var name string
	var text strings.Builder
	for _, h := range res.Headers() {
		switch {
		case h.Name() == "Content-Length": // comes with the body
			continue
		case name == "":
			name = h.Name()
		default:
			text.WriteString("\r\n" + h.Name() + ": ")
		}
		text.WriteString(h.Value())
	}
	packed := sip.MessageData{SipVersion: "SIP/2.0"}
	packed.AppendHeader(sip.NewHeader(name, strings.Clone(text.String())))
	packed.SetBody(res.Body())
	packed.SetTransport(res.Transport())
	packed.SetDestination(strings.Clone(res.Destination()))
	res.MessageData = packed
}

// tokens is a header that is a list of tokens.
func tokens(m headers, name string) []string {
	var list []string
	for _, h := range m.GetHeaders(name) {
		for _, one := range strings.Split(h.Value(), ",") {
			if one = strings.TrimSpace(one); one != "" {
				list = append(list, one)
			}
		}
	}
	return list
}

// withSDP gives a message its session description.
func withSDP(m sip.Message, body []byte) {
	contentType := sip.ContentTypeHeader("application/sdp")
	m.AppendHeader(&contentType)
	m.SetBody(body)
}

// isSDP tells whether a message has a session description.
func isSDP(m sip.Message) bool {
	if len(m.Body()) == 0 {
		return false
	}
	kind := header(m, "content-type", "c")
	kind, _, _ = strings.Cut(kind, ";")
	return strings.EqualFold(strings.TrimSpace(kind), "application/sdp")
}

// escapeUser writes digits as the user part of a URI: # must be escaped (RFC 3261 clause 25.1).
func escapeUser(digits string) string { return strings.ReplaceAll(digits, "#", "%23") }

// EscapeUser writes digits as the user part of a URI.
func EscapeUser(digits string) string { return escapeUser(digits) }

// Digits reads the user part of a URI: what was keyed, without the marks people write between digits; "" when there is
// anything else in it.
func Digits(user string) string { return dialledDigits(user) }

// Shortened cuts what a stranger wrote to a length and to what can be printed.
func Shortened(s string, limit int) string { return shortened(s, limit) }

// dialledDigits reads the user part of a Request-URI: what was keyed, without the marks people write
// between digits; "" when there is anything else in it.
func dialledDigits(user string) string {
	user, _, _ = strings.Cut(user, ";")
	user, err := url.PathUnescape(user)
	if err != nil {
		return ""
	}
	var b strings.Builder
	for _, r := range user {
		switch {
		case r >= '0' && r <= '9', r == '*', r == '#', r == '+':
			b.WriteRune(r)
		case strings.ContainsRune("-.() ", r):
		default:
			return ""
		}
	}
	return b.String()
}

// quoted makes a display name safe within quotes.
func quoted(name string) string { return escapes.Replace(shortened(name, 60)) }

// escapes are those of a quoted-string (RFC 3261 clause 25.1). To make the replacer takes 6 KB, so one is made for all.
var escapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

// headers is a request or a response.
type headers interface {
	GetHeaders(name string) []sip.Header
}

// header is the value of the first header of any of these names (compact forms are names too), trimmed.
func header(m headers, names ...string) string {
	for _, name := range names {
		if all := m.GetHeaders(name); len(all) > 0 {
			return strings.TrimSpace(all[0].Value())
		}
	}
	return ""
}

// listed tells whether a header that is a list of tokens, perhaps in several lines, has the token.
func listed(m headers, token string, names ...string) bool {
	for _, name := range names {
		for _, h := range m.GetHeaders(name) {
			for _, one := range strings.Split(h.Value(), ",") {
				if strings.EqualFold(strings.TrimSpace(one), token) {
					return true
				}
			}
		}
	}
	return false
}

// number reads delta-seconds; what stands behind a semicolon is not looked at.
func number(value string) (int, bool) {
	value, _, _ = strings.Cut(value, ";")
	n, err := strconv.ParseUint(strings.TrimSpace(value), 10, 31)
	return int(n), err == nil
}

// shortened cuts what a stranger wrote to a length and to what can be printed.
func shortened(s string, limit int) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7F {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	if r := []rune(s); len(r) > limit {
		return string(r[:limit])
	}
	return s
}
