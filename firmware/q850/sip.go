package q850

import (
	"fmt"
	"strconv"
	"strings"
)

// FromSIP returns the cause for a final SIP status (RFC 3398 clause 8.2.6.1). 2xx is normal clearing, 3xx
// redirection; any other status counts as the x00 of its class, as RFC 3261 clause 8.1.3.2 has it.
func FromSIP(status int) Cause {
	if c, ok := fromSIP[status]; ok {
		return c
	}
	switch status / 100 {
	case 2:
		return NormalClearing
	case 3:
		return Redirection
	case 4, 5, 6:
		return fromSIP[status/100*100]
	}
	return Interworking
}

// Reason returns the cause as a value of the SIP Reason header (RFC 3326, RFC 6432):
// Q.850;cause=17;text="User busy". It is empty for the zero Cause.
func (c Cause) Reason() string {
	if c == 0 {
		return ""
	}
	return fmt.Sprintf("Q.850;cause=%d;text=%q", uint8(c&0x7f), c.entry().term)
}

// ParseReason finds the first Q.850 value, 1 to 127, in a SIP Reason header, which may list several
// reasons: SIP;cause=600, Q.850;cause=17;text="busy, sorry". It is false when there is none.
func ParseReason(header string) (Cause, bool) {
	for _, value := range splitQuoted(header, ',') {
		parts := splitQuoted(value, ';')
		if !strings.EqualFold(strings.TrimSpace(parts[0]), "Q.850") {
			continue
		}
		for _, p := range parts[1:] {
			name, val, _ := strings.Cut(p, "=")
			if !strings.EqualFold(strings.TrimSpace(name), "cause") {
				continue
			}
			n, err := strconv.ParseUint(strings.TrimSpace(val), 10, 7)
			if err == nil && n > 0 {
				return Cause(n), true
			}
		}
	}
	return 0, false
}

// splitQuoted cuts s at sep outside of quoted strings. It returns at least one part.
func splitQuoted(s string, sep byte) []string {
	var parts []string
	quoted, start := false, 0
	for i := 0; i < len(s); i++ {
		switch {
		case quoted && s[i] == '\\':
			i++
		case s[i] == '"':
			quoted = !quoted
		case s[i] == sep && !quoted:
			parts = append(parts, s[start:i])
			start = i + 1
		}
	}
	return append(parts, s[start:])
}
