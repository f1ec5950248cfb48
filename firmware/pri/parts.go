package pri

import (
	"trunkbox/firmware/lapd"
	"trunkbox/firmware/q931"
)

// A message that is longer than an information field of the data link goes out in parts, and comes in in parts (Annex
// H/Q.931), where the variant has them.

// transmitMessage gives the octets of a message to the data link, in as many parts as it takes.
func (g *Group) transmitMessage(octets []byte) {
	parts, err := g.splitting.Split(octets)
	if err != nil {
		g.log.Error("a message was not sent", "entity", g.active.name(), "error", err)
		return
	}
	for _, part := range parts {
		g.toLink(lapd.Event{Input: lapd.DataRequest, Octets: part})
	}
}

// joined returns the message that octets are, or complete; nil when there is more to come.
func (d *dchannel) joined(octets []byte) []byte {
	message, actions := d.joining.Take(octets, nil)
	d.fromJoining(actions)
	return message
}

// joiningHears tells what becomes of the link, or that T314 is over.
func (d *dchannel) joiningHears(e q931.Event) { d.fromJoining(d.joining.Handle(e, nil)) }

func (d *dchannel) fromJoining(actions []q931.Action) {
	for i := range actions {
		action := &actions[i]
		switch action.Kind {
		case q931.StartTimer:
			d.rest.Stop()
			timer := action.Timer
			d.rest = d.group.loop.After(action.After, func() { d.joiningHears(q931.Expired(timer)) })
		case q931.StopTimer:
			d.rest.Stop()
		case q931.ErrorInd:
			d.group.log.Warn("part of a message was dropped", "entity", d.name(), "detail", action.Detail)
		}
	}
}
