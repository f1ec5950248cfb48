package exchange

import "trunkbox/firmware/call"

// withheld forgets the number and the name of a party that does not want them shown (ITU-T I.251.4, CLIR):
// nothing in the box needs them, so no page, phone or journal can have them.
func withheld(n call.Number) call.Number {
	if n.Restricted {
		return call.Number{Restricted: true}
	}
	return n
}

// shown is the caller as phones show him: a word in the box's language in the place of a withheld number.
func (c *Call) shown() call.Number {
	if !c.calling.Restricted {
		return c.calling
	}
	name := "匿名"
	if c.x.settings.Box.Language == "en" {
		name = "Anonymous"
	}
	return call.Number{Name: name, Restricted: true}
}

// restricted is the journal's word for a withheld number.
func restricted(n call.Number) string {
	if n.Restricted {
		return "yes"
	}
	return ""
}
