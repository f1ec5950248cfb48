package pri

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// What the network sends as a number or a name goes on to pages, files and other protocols; here it becomes what it is
// said to be.

// plainDigits leaves the digits of a number, * and #. Anything else is no part of one.
func plainDigits(digits string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '*' || r == '#' {
			return r
		}
		return -1
	}, digits)
}

// plainName leaves the characters of a name that can be shown; octets that are no text are no name.
func plainName(octets []byte) string {
	if !utf8.Valid(octets) {
		return ""
	}
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, string(octets)))
}
