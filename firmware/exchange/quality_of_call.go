package exchange

import (
	"fmt"
	"strings"

	"trunkbox/firmware/call"
	"trunkbox/firmware/journal"
	"trunkbox/firmware/rtp"
)

// streamed is a leg whose sound is a stream of packets.
type streamed interface{ Stream() *rtp.Stream }

// leastMeasured is how many packets a stream must have brought to be worth a line: half a second.
const leastMeasured = 25

// oneWay: a phone is not heard, or does not hear.
func (c *Call) oneWay(side *call.Side, e call.OneWay) {
	if c.joinedTo(side) == nil && side != c.caller {
		return // it is still ringing
	}
	c.note(journal.SoundOneWay, "agent", side.Phone, "reason", e.Why)
}

// measured writes down how the sound of a side was that leaves the call, if it is a phone's.
func (c *Call) measured(side *call.Side) {
	if side == nil {
		return
	}
	leg, ok := side.Leg.(streamed)
	if !ok || leg.Stream() == nil {
		return
	}
	s := leg.Stream().Stats()
	if s.Received < leastMeasured {
		return
	}
	trip, encrypted := "", ""
	if s.RoundTrip > 0 {
		trip = milliseconds(s.RoundTrip)
	}
	if s.Encrypted {
		encrypted = "yes"
	}
	codec, _, _ := strings.Cut(s.Codec.Name(), "/")
	c.note(journal.SoundMeasured, "agent", side.Phone, "codec", codec, "encrypted", encrypted,
		"lost", fmt.Sprintf("%.1f", 100*(s.Quality.Lost+s.Quality.Discarded)), "jitter", milliseconds(s.Jitter), "delay", milliseconds(s.Delay),
		"trip", trip, "rating", fmt.Sprintf("%.0f", s.Quality.R), "opinion", fmt.Sprintf("%.1f", s.Quality.MOS))
}
