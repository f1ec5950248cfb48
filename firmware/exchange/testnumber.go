package exchange

import (
	"trunkbox/dsp"
	"trunkbox/firmware/bridge"
)

// milliwatt is the test tone of 0 dBm0 (ITU-T O.22 and Table 5/G.711: 1 kHz; North America takes 1004 Hz, which is not a
// part of the sampling rate and so does not meet the same few codes again and again).
var milliwatt = dsp.Cadence{Steps: []dsp.Step{{Sines: []dsp.Sine{{Hz: 1004, DBm0: 0}}}}}

// testNumber answers with the echo test or the milliwatt, by the code of either: dialled by an agent, or where a called
// number is sent. It says false when the code is neither.
func (c *Call) testNumber(code string) bool {
	features := c.x.settings.Features
	switch {
	case code == "" || code != features.Echo && code != features.Milliwatt:
		return false
	case c.caller.Phone != "":
		c.engage(c.caller.Phone)
	}
	c.answer()
	c.become("menu", code)
	if code == features.Echo {
		c.play(c.x.clips("echo_test"), c.hearItself)
	} else {
		c.hear(bridge.Tone(milliwatt))
	}
	return true
}

// hearItself returns to the caller what it says, octet for octet. To an echo canceller all of that is echo: it took tones out
// of the loop, and let them in again when there was nothing left to learn from, so nothing of the line is treated here.
func (c *Call) hearItself() {
	_ = c.caller.Party().Treat(bridge.Treatment{}) // none cannot be refused
	c.hear(c.caller.Party())
}
