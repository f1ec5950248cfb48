// Package notation writes what is said on a D channel in words, one line a message or a frame, and reads octets back into
// them: the language of test scripts.
//
// In: lines of a script, octets of a line. Out: octets to send, and whether octets received are what a line says. It
// stands beside the signal path, never on it.
//
// ITU-T Q.931 clause 4 for messages (message.go, element.go), Q.921 clauses 2 and 3 for frames (frame.go), written from
// the Recommendations and on purpose without firmware/lapd, firmware/q931 and firmware/q850: a judge who reads with the
// eyes of the accused agrees with him. What has no word is written in hexadecimal, so nothing is left out.
//
// Elements are put into a message in the order in which they are written, right or wrong. Everything here is a pure
// function.
package notation

import (
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Speaker is who says a message: it settles the flags of call references and the location of causes.
type Speaker struct {
	Far     bool // the far end; else the box under test
	Network bool // the network side; else the user side
}

// types are the message types by their name (Table 4-2/Q.931, Table 4-1/Q.932).
var types = map[string]byte{
	"ALERTING": 0x01, "CALL PROCEEDING": 0x02, "PROGRESS": 0x03, "SETUP": 0x05, "CONNECT": 0x07,
	"SETUP ACKNOWLEDGE": 0x0d, "CONNECT ACKNOWLEDGE": 0x0f, "USER INFORMATION": 0x20, "SUSPEND REJECT": 0x21,
	"RESUME REJECT": 0x22, "HOLD": 0x24, "SUSPEND": 0x25, "RESUME": 0x26, "HOLD ACKNOWLEDGE": 0x28,
	"SUSPEND ACKNOWLEDGE": 0x2d, "RESUME ACKNOWLEDGE": 0x2e, "HOLD REJECT": 0x30, "RETRIEVE": 0x31,
	"RETRIEVE ACKNOWLEDGE": 0x33, "RETRIEVE REJECT": 0x37, "DISCONNECT": 0x45, "RESTART": 0x46, "RELEASE": 0x4d,
	"RESTART ACKNOWLEDGE": 0x4e, "RELEASE COMPLETE": 0x5a, "SEGMENT": 0x60, "FACILITY": 0x62, "REGISTER": 0x64,
	"NOTIFY": 0x6e, "STATUS ENQUIRY": 0x75, "CONGESTION CONTROL": 0x79, "INFORMATION": 0x7b, "STATUS": 0x7d,
}

// maintenance are the message types of the North American maintenance protocols by their discriminator.
var maintenance = map[byte]map[string]byte{
	0x03: {"SERVICE": 0x0f, "SERVICE ACKNOWLEDGE": 0x07},
	0x43: {"SERVICE": 0x07, "SERVICE ACKNOWLEDGE": 0x0f},
}

// typesOf are the message types of a protocol.
func typesOf(discriminator byte) map[string]byte {
	if names, is := maintenance[discriminator]; is {
		return names
	}
	return types
}

// message is a message taken to pieces.
//
//	octet 1      protocol discriminator, 08
//	octet 2      0 0 0 0 | length of the call reference
//	then         flag | call reference
//	then         0 | message type
//	then         information elements
type message struct {
	discriminator byte
	refLength     int
	flag          bool
	ref           uint16
	typ           byte
	elements      []element
	rest          []byte // what cannot be taken to pieces
}

// line is a line of a script taken to pieces.
type line struct {
	name  string
	pd    byte
	ref   string
	words []string // of elements
	open  bool     // a * at the end: there may be more elements
}

// parseLine reads
//
//	NAME OF THE MESSAGE [pd=xx] reference word word ... [*]
//
// The name may be a type in hexadecimal, 0x5f.
func parseLine(text string) (line, error) {
	l := line{pd: 0x08}
	fields := strings.Fields(text)
	for len(fields) > 0 && (strings.HasPrefix(fields[0], "0x") || strings.ToUpper(fields[0]) == fields[0] && len(fields[0]) > 1 &&
		!isReference(fields[0])) {
		l.name = strings.TrimSpace(l.name + " " + fields[0])
		fields = fields[1:]
	}
	for _, word := range fields {
		switch {
		case word == "*":
			l.open = true
		case strings.HasPrefix(word, "pd="):
			pd, err := strconv.ParseUint(word[3:], 16, 8)
			if err != nil {
				return l, fmt.Errorf("%q: %w", word, err)
			}
			l.pd = byte(pd)
		case isReference(word):
			l.ref = word
		default:
			l.words = append(l.words, word)
		}
	}
	if l.name == "" || l.ref == "" {
		return l, fmt.Errorf("a message is NAME reference words, this is %q", text)
	}
	return l, nil
}

func (l line) typ() (byte, error) {
	if number, is := strings.CutPrefix(l.name, "0x"); is {
		t, err := strconv.ParseUint(number, 16, 8)
		return byte(t), err
	}
	t, known := typesOf(l.pd)[l.name]
	if !known {
		return 0, fmt.Errorf("no message is called %q", l.name)
	}
	return t, nil
}

// isReference: "-" the dummy, G the global one with flag 0, G/1 with flag 1, F5 number 5 given by the far end, B1 number 1
// given by the box. Behind it may stand :1 (one octet long) and ^ (the flag turned over).
func isReference(word string) bool {
	if word == "-" {
		return true
	}
	if word == "" || !strings.ContainsRune("GFB", rune(word[0])) {
		return false
	}
	rest := strings.Trim(word[1:], "0123456789:^/")
	return rest == "" && (word[0] == 'G' || len(word) > 1)
}

// reference returns length, flag and value of a reference in a message of the speaker.
func reference(word string, from Speaker) (length int, flag bool, value uint16, err error) {
	if word == "-" {
		return 0, false, 0, nil
	}
	length = 2
	word, wrong := strings.CutSuffix(word, "^")
	if short, is := strings.CutSuffix(word, ":1"); is {
		word, length = short, 1
	}
	if word[0] == 'G' {
		return length, word == "G/1" != wrong, 0, nil
	}
	n, err := strconv.ParseUint(word[1:], 10, 15)
	given := word[0] == 'F' == from.Far // by the speaker himself
	return length, !given != wrong, uint16(n), err
}

// Message writes a message as the speaker says it. The words are told in element.go.
func Message(text string, from Speaker) ([]byte, error) {
	if octets, is := strings.CutPrefix(text, "octets "); is {
		return hexOctets(octets)
	}
	l, err := parseLine(text)
	if err != nil {
		return nil, err
	}
	typ, err := l.typ()
	if err != nil {
		return nil, err
	}
	length, flag, value, err := reference(l.ref, from)
	if err != nil {
		return nil, err
	}
	octets := []byte{l.pd, byte(length)}
	if length == 2 {
		octets = append(octets, byte(value>>8))
	}
	if length > 0 {
		octets = append(octets, byte(value))
	}
	if flag && length > 0 {
		octets[2] |= 0x80
	}
	octets = append(octets, typ)
	for _, word := range l.words {
		more, err := writeElement(word, from)
		if err != nil {
			return nil, fmt.Errorf("%q of %q: %w", word, text, err)
		}
		octets = append(octets, more...)
	}
	return octets, nil
}

func hexOctets(text string) ([]byte, error) {
	return hex.DecodeString(strings.Join(strings.Fields(text), ""))
}

var errShort = errors.New("too short for a message")

func takeApart(octets []byte) (message, error) {
	if len(octets) < 3 || len(octets) < 3+int(octets[1]) || octets[1] > 2 {
		return message{}, errShort
	}
	m := message{discriminator: octets[0], refLength: int(octets[1])}
	n := 2 + m.refLength
	if m.refLength > 0 {
		m.flag = octets[2]&0x80 != 0
		m.ref = uint16(octets[2] & 0x7f)
	}
	if m.refLength == 2 {
		m.ref = m.ref<<8 | uint16(octets[3])
	}
	m.typ = octets[n]
	m.elements, m.rest = takeElements(octets[n+1:])
	return m, nil
}

// Match says whether the octets are the message that the line writes, as the speaker says it. Every element must be named in
// the line unless it ends with *; the elements must stand in rising order.
func Match(octets []byte, text string, from Speaker) error {
	if wanted, is := strings.CutPrefix(text, "octets "); is {
		raw, err := hexOctets(wanted)
		if err == nil && !slices.Equal(raw, octets) {
			err = fmt.Errorf("these are % x", octets)
		}
		return err
	}
	l, err := parseLine(text)
	if err != nil {
		return err
	}
	typ, err := l.typ()
	if err != nil {
		return err
	}
	length, flag, value, err := reference(l.ref, from)
	if err != nil {
		return err
	}
	m, err := takeApart(octets)
	switch {
	case err != nil:
		return err
	case m.discriminator != l.pd || m.typ != typ:
		return errors.New("it is another message")
	case m.refLength != length || m.ref != value || length > 0 && m.flag != flag:
		return errors.New("the call reference is another one")
	case len(m.rest) > 0:
		return fmt.Errorf("at the end are % x", m.rest)
	}
	if err := rising(m.elements); err != nil {
		return err
	}
	return matchElements(m.elements, l, from)
}

// matchElements crosses out each element that a word names.
func matchElements(elements []element, l line, from Speaker) error {
	left := slices.Clone(elements)
	for _, word := range l.words {
		absent, is := strings.CutPrefix(word, "!")
		at := -1
		for i, e := range left {
			ok, err := matchElement(e, absent, from)
			if err != nil {
				return err
			}
			if ok {
				at = i
				break
			}
		}
		switch {
		case is && at >= 0:
			return fmt.Errorf("%s is there", absent)
		case !is && at < 0:
			return fmt.Errorf("%s is not there", word)
		case !is:
			left = slices.Delete(left, at, at+1)
		}
	}
	if len(left) > 0 && !l.open {
		return fmt.Errorf("nobody named %s", left[0])
	}
	return nil
}

// Words writes octets of a speaker in words, for people.
func Words(octets []byte, from Speaker) string {
	m, err := takeApart(octets)
	if err != nil {
		return fmt.Sprintf("octets % x", octets)
	}
	text := fmt.Sprintf("0x%02x", m.typ)
	for name, t := range typesOf(m.discriminator) {
		if t == m.typ {
			text = name
		}
	}
	if m.discriminator != 0x08 {
		text += fmt.Sprintf(" pd=%02x", m.discriminator)
	}
	text += " " + m.reference(from)
	for _, e := range m.elements {
		text += " " + e.String()
	}
	if len(m.rest) > 0 {
		text += fmt.Sprintf(" hex=%x", m.rest)
	}
	return text
}

func (m message) reference(from Speaker) string {
	short := ""
	if m.refLength == 1 {
		short = ":1"
	}
	switch {
	case m.refLength == 0:
		return "-"
	case m.ref == 0 && m.flag:
		return "G/1" + short
	case m.ref == 0:
		return "G" + short
	case m.flag != from.Far:
		return fmt.Sprintf("F%d%s", m.ref, short)
	}
	return fmt.Sprintf("B%d%s", m.ref, short)
}
