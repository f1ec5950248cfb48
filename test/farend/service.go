package farend

import (
	"context"
	"encoding/hex"
	"fmt"
	"strings"
)

// Facility and Notify are message types for Tell.
const (
	Facility = msgFacility
	Notify   = msgNotify
)

// Tell sends a message of this call with elements of codeset 0 as they are, in octets.
func (c *Call) Tell(typ byte, elements []byte) {
	elements = append([]byte(nil), elements...)
	c.e.post(func() { c.say(typ, split(elements)...) })
}

// split takes raw elements apart. What runs beyond the end is left out.
func split(raw []byte) []ie {
	var ies []ie
	for len(raw) > 0 {
		if raw[0]&0x80 != 0 {
			ies, raw = append(ies, ie{id: raw[0]}), raw[1:]
			continue
		}
		if len(raw) < 2 || len(raw) < 2+int(raw[1]) {
			break
		}
		end := 2 + int(raw[1])
		ies, raw = append(ies, ie{id: raw[0], data: raw[2:end]}), raw[end:]
	}
	return ies
}

const ieFacility = 0x1c

// facility keeps the facility elements of a message.
func (c *Call) facility(m message) {
	c.change(func() {
		for _, e := range m.ies {
			if e.codeset == 0 && e.id == ieFacility {
				c.facilities = append(c.facilities, hex.EncodeToString(e.data))
			}
		}
	})
}

// WaitFacility waits for a facility element of the box whose contents hold the octets, given in hex; blanks are layout. It
// returns the contents in hex.
func (c *Call) WaitFacility(ctx context.Context, octets string) (string, error) {
	octets = strings.ReplaceAll(octets, " ", "")
	found := ""
	err := c.wait(ctx, "a facility with "+octets, func() (bool, error) {
		for _, f := range c.facilities {
			if strings.Contains(f, octets) {
				found = f
				return true, nil
			}
		}
		if c.cleared {
			return false, fmt.Errorf("no facility with %s came, but %q: %w", octets, c.facilities, ClearedError{c.cause, c.location})
		}
		return false, nil
	})
	return found, err
}
