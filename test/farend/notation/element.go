package notation

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// element is an information element as octets.
//
//	one octet:   1 | identifier
//	else         0 | identifier    length    contents
type element struct {
	codeset byte
	id      byte
	data    []byte
}

// identifiers of the elements that have a word (Table 4-3/Q.931).
//
//	bc            speech, 64 kbit/s, A-law; bc=mulaw, bc=audio, bc=data, bc=video
//	cause=16      cause value; cause=16/2 with location 2; cause=96[18] with the diagnostic 18
//	state=10      call state
//	channel=3     B channel 3, preferred; 3! exclusive; any, none, d; if0.3! with the interface identifier 0
//	progress=8    progress description; progress=8/2 with location 2
//	notify=0      notification description
//	display=Text  without blanks
//	keypad=12
//	called=123    type of number unknown; +123 international
//	calling=123   the same, presentation allowed; 123/r restricted; connected, redirecting
//	restart=channels, interface, all
//	complete      sending complete
//	shift=5       to codeset 5 for one element; shift=5! for the rest
//	1c:a1b2       any element by identifier and contents in hexadecimal; a1: one of a single octet
//	hex=1c02      octets as they are
var identifiers = map[string]byte{
	"bc": 0x04, "cause": 0x08, "state": 0x14, "channel": 0x18, "progress": 0x1e, "notify": 0x27, "display": 0x28,
	"keypad": 0x2c, "connected": 0x4c, "calling": 0x6c, "called": 0x70, "redirecting": 0x74, "restart": 0x79, "complete": 0xa1,
}

const shift = 0x90 // and bit 4 for one element only, the codeset in bits 3 to 1

// takeElements takes the elements apart; rest is what runs beyond the end.
func takeElements(octets []byte) (elements []element, rest []byte) {
	locked, codeset := byte(0), byte(0)
	for len(octets) > 0 {
		id := octets[0]
		switch {
		case id&0xf0 == shift:
			codeset = id & 7
			if id&8 == 0 {
				locked = codeset
			}
			octets = octets[1:]
			continue
		case id&0x80 != 0:
			elements, octets = append(elements, element{codeset, id, nil}), octets[1:]
		case len(octets) < 2 || len(octets) < 2+int(octets[1]):
			return elements, octets
		default:
			n := 2 + int(octets[1])
			elements, octets = append(elements, element{codeset, id, octets[2:n]}), octets[n:]
		}
		codeset = locked
	}
	return elements, nil
}

// rising says whether the elements of codeset 0 stand in the order of clause 4.5.1/Q.931.
func rising(elements []element) error {
	last := byte(0)
	for _, e := range elements {
		if e.codeset != 0 || e.id&0x80 != 0 {
			continue
		}
		if e.id < last {
			return fmt.Errorf("element %02x stands behind %02x", e.id, last)
		}
		last = e.id
	}
	return nil
}

// writeElement returns the octets of a word.
func writeElement(word string, from Speaker) ([]byte, error) {
	name, value, _ := strings.Cut(word, "=")
	switch name {
	case "hex":
		return hexOctets(value)
	case "shift":
		number, lock := strings.CutSuffix(value, "!")
		n, err := strconv.ParseUint(number, 10, 3)
		octet := shift | byte(n)
		if !lock {
			octet |= 8
		}
		return []byte{octet}, err
	}
	if id, contents, is := strings.Cut(word, ":"); is && len(id) == 2 {
		octets, err := hexOctets(id + contents)
		if err != nil || octets[0]&0x80 != 0 {
			return octets, err
		}
		return element{0, octets[0], octets[1:]}.octets(), nil
	}
	id, known := identifiers[name]
	if !known {
		return nil, fmt.Errorf("no element is called %q", name)
	}
	data, err := contents(name, value, from)
	return element{0, id, data}.octets(), err
}

func (e element) octets() []byte {
	if e.id&0x80 != 0 {
		return []byte{e.id}
	}
	return append([]byte{e.id, byte(len(e.data))}, e.data...)
}

var bearers = map[string][]byte{
	"": {0x80, 0x90, 0xa3}, "mulaw": {0x80, 0x90, 0xa2}, "audio": {0x90, 0x90, 0xa3}, "data": {0x88, 0x90}, "video": {0x98, 0x90},
}

var restarts = map[string]byte{"channels": 0x80, "interface": 0x86, "all": 0x87}

// contents returns the contents of an element that has a word.
func contents(name, value string, from Speaker) ([]byte, error) {
	switch name {
	case "bc":
		data, known := bearers[value]
		if !known {
			return nil, fmt.Errorf("no bearer is called %q", value)
		}
		return data, nil
	case "cause":
		return causeContents(value, from)
	case "state":
		n, err := strconv.ParseUint(value, 10, 6)
		return []byte{byte(n)}, err
	case "channel":
		return channelContents(value)
	case "progress":
		number, place, has := strings.Cut(value, "/")
		n, err := strconv.ParseUint(number, 10, 7)
		location := from.location()
		if has {
			location = place[0] - '0'
		}
		return []byte{0x80 | location, 0x80 | byte(n)}, err
	case "notify":
		n, err := strconv.ParseUint(value, 10, 7)
		return []byte{0x80 | byte(n)}, err
	case "called":
		digits, kind := numberType(value)
		return append([]byte{0x80 | kind}, digits...), nil
	case "calling", "connected", "redirecting":
		digits, kind := numberType(value)
		digits, restricted := strings.CutSuffix(digits, "/r")
		shown := byte(0x80)
		if restricted {
			shown = 0xa0
		}
		return append([]byte{kind, shown}, digits...), nil
	case "restart":
		class, known := restarts[value]
		if !known {
			return nil, fmt.Errorf("no restart is called %q", value)
		}
		return []byte{class}, nil
	case "complete":
		return nil, nil
	}
	return []byte(value), nil
}

// numberType takes the + of an international number off: octet 3 is type and plan E.164, without the extension bit.
func numberType(value string) (digits string, octet3 byte) {
	if digits, is := strings.CutPrefix(value, "+"); is {
		return digits, 0x11
	}
	return value, 0x01
}

// location is that of causes and progress: the user, or the public network serving the local user.
func (s Speaker) location() byte {
	if s.Network {
		return 2
	}
	return 0
}

// parseCause reads 16, 16/2, 96[18], 96/2[18]; location -1 is not told, diagnostic nil is not told.
func parseCause(value string) (cause byte, location int, diagnostic []byte, err error) {
	location = -1
	value, inside, has := strings.Cut(value, "[")
	if has {
		diagnostic, err = hexOctets(strings.TrimSuffix(inside, "]"))
		if err != nil {
			return 0, 0, nil, err
		}
		if diagnostic == nil {
			diagnostic = []byte{}
		}
	}
	number, place, has := strings.Cut(value, "/")
	if has {
		location, err = strconv.Atoi(place)
		if err != nil {
			return 0, 0, nil, err
		}
	}
	n, err := strconv.ParseUint(number, 10, 7)
	return byte(n), location, diagnostic, err
}

func causeContents(value string, from Speaker) ([]byte, error) {
	cause, location, diagnostic, err := parseCause(value)
	if location < 0 {
		location = int(from.location())
	}
	return append([]byte{0x80 | byte(location), 0x80 | cause}, diagnostic...), err
}

func channelContents(value string) ([]byte, error) {
	switch value {
	case "any":
		return []byte{0xa3}, nil
	case "none":
		return []byte{0xa0}, nil
	case "d":
		return []byte{0xac}, nil
	}
	number, exclusive := strings.CutSuffix(value, "!")
	first := byte(0xa1)
	if exclusive {
		first |= 0x08
	}
	data := []byte{first}
	if rest, explicit := strings.CutPrefix(number, "if"); explicit {
		face, channel, _ := strings.Cut(rest, ".")
		n, err := strconv.ParseUint(face, 10, 7)
		if err != nil {
			return nil, err
		}
		data[0] |= 0x40
		data, number = append(data, 0x80|byte(n)), channel
	}
	n, err := strconv.ParseUint(number, 10, 7)
	return append(data, 0x83, 0x80|byte(n)), err
}

// matchElement says whether a word names the element. A cause without location or diagnostic fits any, a number fits by its
// digits; everything else has to be the same octet by octet.
func matchElement(e element, word string, from Speaker) (bool, error) {
	name, value, given := strings.Cut(word, "=")
	if id, known := identifiers[name]; known && e.codeset == 0 {
		if e.id != id {
			return false, nil
		}
		if !given && name != "bc" {
			return true, nil
		}
		switch name {
		case "cause":
			return matchCause(e.data, value)
		case "called", "calling", "connected", "redirecting":
			return numberWords(e.data) == value, nil
		case "progress":
			if !strings.Contains(value, "/") {
				return len(e.data) == 2 && strconv.Itoa(int(e.data[1]&0x7f)) == value, nil
			}
		}
		data, err := contents(name, value, from)
		return string(data) == string(e.data), err
	}
	if id, contents, is := strings.Cut(word, ":"); is && len(id) == 2 {
		octets, err := hexOctets(id + contents)
		if err != nil {
			return false, err
		}
		return octets[0] == e.id && string(octets[1:]) == string(e.data), nil
	}
	if _, known := identifiers[name]; known {
		return false, nil
	}
	return false, fmt.Errorf("no element is called %q", word)
}

var errCause = errors.New("a cause element of fewer than two octets")

func matchCause(data []byte, value string) (bool, error) {
	cause, location, diagnostic, err := parseCause(value)
	if err != nil {
		return false, err
	}
	if len(data) < 2 || data[0]&0x80 == 0 {
		return false, errCause
	}
	return data[1]&0x7f == cause && (location < 0 || int(data[0]&0x0f) == location) &&
		(diagnostic == nil || string(diagnostic) == string(data[2:])), nil
}

// numberWords writes the digits of a number element, with + when it is international and /r when it is not to be shown.
func numberWords(data []byte) string {
	if len(data) == 0 {
		return ""
	}
	international := data[0]>>4&7 == 1
	restricted := false
	rest := data[1:]
	if data[0]&0x80 == 0 && len(rest) > 0 {
		restricted = rest[0]>>5&3 == 1
		more := rest[0]&0x80 == 0
		rest = rest[1:]
		if more && len(rest) > 0 {
			rest = rest[1:]
		}
	}
	text := string(rest)
	if international {
		text = "+" + text
	}
	if restricted {
		text += "/r"
	}
	return text
}

// String writes the element as a word.
func (e element) String() string {
	raw := fmt.Sprintf("%02x:%x", e.id, e.data)
	if e.codeset != 0 {
		return fmt.Sprintf("shift=%d %s", e.codeset, raw)
	}
	switch {
	case e.id == 0x08 && len(e.data) >= 2 && e.data[0]&0x80 != 0:
		text := fmt.Sprintf("cause=%d/%d", e.data[1]&0x7f, e.data[0]&0x0f)
		if len(e.data) > 2 {
			text += fmt.Sprintf("[%x]", e.data[2:])
		}
		return text
	case e.id == 0x14 && len(e.data) == 1:
		return fmt.Sprintf("state=%d", e.data[0])
	case e.id == 0x18 && len(e.data) == 3 && e.data[0]&0xf7 == 0xa1 && e.data[1] == 0x83:
		mark := ""
		if e.data[0]&8 != 0 {
			mark = "!"
		}
		return fmt.Sprintf("channel=%d%s", e.data[2]&0x7f, mark)
	case e.id == 0x1e && len(e.data) == 2:
		return fmt.Sprintf("progress=%d/%d", e.data[1]&0x7f, e.data[0]&0x0f)
	}
	for name, id := range identifiers {
		if id != e.id {
			continue
		}
		switch name {
		case "called", "calling", "connected", "redirecting":
			return name + "=" + numberWords(e.data)
		case "complete":
			return name
		case "display", "keypad":
			return fmt.Sprintf("%s=%s", name, e.data)
		}
	}
	return raw
}
