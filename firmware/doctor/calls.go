package doctor

import (
	"cmp"
	"errors"
	"slices"

	"trunkbox/firmware/lapd"
	"trunkbox/firmware/q850"
	"trunkbox/firmware/q931"
)

// Calls is what became of calls, by the messages of the D channel.
type Calls struct {
	Placed   int // by us
	Handled  int // of them, those that reached somebody: rung, answered, busy, no answer
	Ignored  int // of them, those to which nothing at all was answered
	Refusals []Refusal
	Came     int // placed by the far end

	Named       [32]int // channels that the far end named, by number
	OneLess     int     // channels over 16 asked for by us and answered with the number below
	Signs       [numVariantSigns]int
	BearerALaw  int // SETUPs of the far end for A-law
	BearerMuLaw int
}

// Refusal is a call of ours that the far end cleared before anybody was reached.
type Refusal struct {
	Cause    q850.Cause
	Location q850.Location
	Channel  uint8 // asked for; 0: none
}

// reached are causes that only somebody gives who has looked for the called party: the interface itself is in order.
var reached = map[q850.Cause]bool{16: true, 17: true, 18: true, 19: true, 20: true, 22: true, 23: true, 26: true, 27: true}

// placed is a call of ours as the messages tell of it.
type placed struct {
	channel  uint8
	answered bool // with any message
	handled  bool
	refused  bool
	refusal  Refusal
}

// firstInformation is where the message of an I frame begins (Figure 5/Q.921).
const firstInformation = 4

// ReadCalls follows the calls in the frames, oldest first.
func ReadCalls(frames []Frame) Calls {
	var c Calls
	open := map[uint16]*placed{} // calls of ours by reference
	for _, f := range frames {
		kind, _, known := identify(f.Octets)
		if !known || kind != lapd.I || len(f.Octets) <= firstInformation {
			continue
		}
		info := f.Octets[firstInformation:]
		m, err := q931.Parse(info)
		if err != nil {
			if other := q931.DiscriminatorError(0); !f.Sent && errors.As(err, &other) {
				c.discriminator(byte(other))
			}
			continue
		}
		if !f.Sent {
			c.elements(&m)
		}
		switch {
		case !f.Sent && !m.Ref.Global() && !m.Ref.Dummy():
			c.received(&m, open)
		case f.Sent && m.Type == q931.MsgSetup && !m.Ref.Flag:
			c.close(open[m.Ref.Value])
			call := &placed{}
			call.channel, _ = m.Channel.Slot()
			open[m.Ref.Value] = call
		}
	}
	for _, call := range open {
		c.close(call)
	}
	slices.SortFunc(c.Refusals, func(a, b Refusal) int {
		return cmp.Or(cmp.Compare(a.Cause, b.Cause), cmp.Compare(a.Location, b.Location), cmp.Compare(a.Channel, b.Channel))
	})
	return c
}

// received takes a message of the far end.
func (c *Calls) received(m *q931.Message, open map[uint16]*placed) {
	channel, named := m.Channel.Slot()
	if named && int(channel) < len(c.Named) {
		c.Named[channel]++
	}
	if m.Type == q931.MsgSetup && !m.Ref.Flag {
		c.Came++
		switch m.Bearer.Layer1 {
		case q931.Layer1ALaw:
			c.BearerALaw++
		case q931.Layer1MuLaw:
			c.BearerMuLaw++
		}
		return
	}
	call := open[m.Ref.Value]
	if call == nil || !m.Ref.Flag {
		return
	}
	if named && !call.answered && call.channel > 16 && channel == call.channel-1 {
		c.OneLess++
	}
	call.answered = true
	switch m.Type {
	case q931.MsgAlerting, q931.MsgConnect:
		call.handled = true
	case q931.MsgDisconnect, q931.MsgRelease, q931.MsgReleaseComplete:
		cause := m.Cause[0]
		if call.handled || call.refused || cause.Value == 0 {
			break
		}
		call.handled = reached[cause.Value]
		call.refused = !call.handled
		call.refusal = Refusal{cause.Value, cause.Location, call.channel}
	}
}

// close counts a call; one that is still under way without any answer was ignored.
func (c *Calls) close(call *placed) {
	if call == nil {
		return
	}
	c.Placed++
	switch {
	case call.handled:
		c.Handled++
	case call.refused:
		c.Refusals = append(c.Refusals, call.refusal)
	case !call.answered:
		c.Ignored++
	}
}
