package sipphone

import (
	"fmt"

	"github.com/emiago/sipgo/sip"

	"trunkbox/firmware/call"
)

// diversionReasons are a Diversion's reasons as RFC 5806 clause 8 writes them.
var diversionReasons = map[string]string{
	"busy": "user-busy", "no_reply": "no-answer", "unconditional": "unconditional", "deflected": "deflection",
}

// diversions are the Diversion headers (RFC 5806) that tell a phone who sent the call on: the last first, then whom it was
// for in the beginning. A number that is not to be shown is told as that.
func (s *Server) diversions(at place, d *call.Diversion) []sip.Header {
	if d == nil {
		return nil
	}
	reason, known := diversionReasons[d.Reason]
	if !known {
		reason = "unknown"
	}
	headers := []sip.Header{s.diversion(at, d.By, reason, max(d.Count, 1))}
	if d.First.Digits != "" {
		headers = append(headers, s.diversion(at, d.First, "unknown", 1))
	}
	return headers
}

func (s *Server) diversion(at place, by call.Number, reason string, count int) sip.Header {
	uri := s.boxUri(at)
	uri.User = escapeUser(by.Digits)
	privacy := "off"
	if by.Restricted || by.Digits == "" {
		uri.User, by.Name, privacy = "anonymous", "", "full"
	}
	name := ""
	if by.Name != "" {
		name = `"` + quoted(by.Name) + `" `
	}
	return sip.NewHeader("Diversion", fmt.Sprintf("%s<%s>;reason=%s;counter=%d;privacy=%s", name, uri.String(), reason, count, privacy))
}
