package farend

import (
	"errors"
	"fmt"
)

// A message of Q.931:
//
//	octet 1       protocol discriminator, 08
//	octet 2       0 0 0 0 | length of the call reference
//	octets 3, 4   flag (1: sent to the side that gave the reference) | call reference
//	octet 5       0 | message type
//	then          information elements: one octet with bit 8 set, or identifier, length, contents
type message struct {
	ref     uint16
	answers bool // the flag: sent to the side that gave the reference
	typ     byte
	ies     []ie
}

// ie is an information element. codeset is 0 but for what follows a shift.
type ie struct {
	codeset byte
	id      byte // with bit 8 set: a single octet
	data    []byte
}

// Message types (Table 4-2/Q.931).
const (
	msgAlerting    = 0x01
	msgProceeding  = 0x02
	msgProgress    = 0x03
	msgSetup       = 0x05
	msgConnect     = 0x07
	msgSetupAck    = 0x0d
	msgConnectAck  = 0x0f
	msgDisconnect  = 0x45
	msgRestart     = 0x46
	msgRelease     = 0x4d
	msgRestartAck  = 0x4e
	msgReleaseComp = 0x5a
	msgFacility    = 0x62
	msgNotify      = 0x6e
	msgStatusEnq   = 0x75
	msgInformation = 0x7b
	msgStatus      = 0x7d
)

// Information elements (Table 4-3/Q.931).
const (
	ieBearer          = 0x04
	ieCause           = 0x08
	ieCallState       = 0x14
	ieChannel         = 0x18
	ieProgress        = 0x1e
	ieDisplay         = 0x28
	ieDateTime        = 0x29
	ieKeypad          = 0x2c
	ieConnected       = 0x4c
	ieCalling         = 0x6c
	ieCalled          = 0x70
	ieRestart         = 0x79
	ieSendingComplete = 0xa1
)

var errNotQ931 = errors.New("farend: not a Q.931 message")

// encode writes the message.
func (m message) encode() []byte {
	high := byte(m.ref>>8) & 0x7f
	if m.answers {
		high |= 0x80
	}
	raw := []byte{0x08, 2, high, byte(m.ref), m.typ}
	for _, e := range m.ies {
		raw = append(raw, e.id)
		if e.id&0x80 == 0 {
			raw = append(append(raw, byte(len(e.data))), e.data...)
		}
	}
	return raw
}

// decode reads a message; the contents are parts of raw.
func decode(raw []byte) (message, error) {
	if len(raw) < 4 || raw[0] != 0x08 {
		return message{}, fmt.Errorf("%w: % x", errNotQ931, raw)
	}
	n := int(raw[1] & 0x0f)
	if n < 1 || n > 2 || len(raw) < 3+n {
		return message{}, fmt.Errorf("%w: a call reference of %d octets in % x", errNotQ931, n, raw)
	}
	m := message{ref: uint16(raw[2] & 0x7f), answers: raw[2]&0x80 != 0, typ: raw[2+n]}
	if n == 2 {
		m.ref = m.ref<<8 | uint16(raw[3])
	}
	locked, codeset := byte(0), byte(0)
	for rest := raw[3+n:]; len(rest) > 0; {
		id := rest[0]
		if id&0xf0 == 0x90 { // shift: bit 4 clear locks
			codeset = id & 0x07
			if id&0x08 == 0 {
				locked = codeset
			}
			rest = rest[1:]
			continue
		}
		e := ie{codeset: codeset, id: id}
		codeset = locked
		if id&0x80 != 0 {
			m.ies, rest = append(m.ies, e), rest[1:]
			continue
		}
		end := 2
		if len(rest) > 1 {
			end += int(rest[1])
		}
		if len(rest) < end {
			return m, fmt.Errorf("%w: element %02x runs beyond the end of % x", errNotQ931, id, raw)
		}
		e.data, rest = rest[2:end], rest[end:]
		m.ies = append(m.ies, e)
	}
	return m, nil
}

// get returns the contents of the first element with this identifier in codeset 0, nil without one.
func (m message) get(id byte) []byte {
	for _, e := range m.ies {
		if e.codeset == 0 && e.id == id {
			return e.data
		}
	}
	return nil
}

func (m message) has(id byte) bool {
	for _, e := range m.ies {
		if e.codeset == 0 && e.id == id {
			return true
		}
	}
	return false
}

// cause reads a cause element: location and value (Figure 1/Q.850). 0 stands for none.
func (m message) cause() (value, location int) {
	c := m.get(ieCause)
	if len(c) == 0 {
		return 0, 0
	}
	location, c = int(c[0]&0x0f), skipExtended(c)
	if len(c) == 0 {
		return 0, location
	}
	return int(c[0] & 0x7f), location
}

// skipExtended leaves out an octet group: all octets up to the one with bit 8 set.
func skipExtended(c []byte) []byte {
	for len(c) > 0 {
		last := c[0]&0x80 != 0
		c = c[1:]
		if last {
			break
		}
	}
	return c
}

// digits reads the digits of a party number element.
func (m message) digits(id byte) string {
	d := append([]byte(nil), skipExtended(m.get(id))...)
	for i := range d {
		d[i] &= 0x7f
	}
	return string(d)
}

func causeIE(cause, location int) ie {
	return ie{id: ieCause, data: []byte{0x80 | byte(location), 0x80 | byte(cause)}}
}

// channelIE names a B channel of this interface (Figure 4-18/Q.931).
func channelIE(channel int, exclusive bool) ie {
	first := byte(0xa1)
	if exclusive {
		first |= 0x08
	}
	return ie{id: ieChannel, data: []byte{first, 0x83, 0x80 | byte(channel)}}
}

// channelWanted is what a channel identification asks for.
type channelWanted struct {
	number    int // 0: any
	exclusive bool
	wrong     bool // it cannot be read, or is for another kind of interface
}

func (m message) channel() channelWanted {
	c := m.get(ieChannel)
	if len(c) == 0 {
		return channelWanted{}
	}
	w := channelWanted{exclusive: c[0]&0x08 != 0}
	switch {
	case c[0]&0x20 == 0:
		w.wrong = true // the basic interface
	case c[0]&0x03 == 0x03:
		return w // any
	case c[0]&0x03 == 0x01:
		rest := c[1:]
		if c[0]&0x40 != 0 {
			rest = skipExtended(rest)
		}
		if len(rest) < 2 || rest[0]&0x1f != 0x03 { // a number, of B channel units
			w.wrong = true
			break
		}
		w.number = int(rest[1] & 0x7f)
	default:
		w.wrong = true
	}
	return w
}
