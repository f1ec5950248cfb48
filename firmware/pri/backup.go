package pri

import (
	"errors"
	"fmt"
	"time"

	"trunkbox/firmware/lapd"
	"trunkbox/firmware/q850"
	"trunkbox/firmware/q931"
)

// A group may have two D channels (Annex F/Q.931): one carries the calls, the other stands by with its data link
// established. When the one in service fails, the other takes over: the failed one is held (maintenance busy: it answers
// SABME with DM), the other's link is initialized anew, and the far side is told in layer 3, with SERVICE for the D channel
// where the variant has it, with STATUS ENQUIRY for the calls where it may ask. With its answer, or after T321, the failed
// one is let go: it is established again as soon as it can be, and stands by. There is no return to the primary while the
// other one works (clause F.2.2).

// DChannel is the D channel of one line of a group at one moment.
type DChannel struct {
	Line  string `json:"line"`
	State string `json:"state"` // in service, standby, held, down
}

// States of a D channel.
const (
	DInService = "in service"
	DStandby   = "standby"
	DHeld      = "held" // given up for the other one, not to be established yet
	DDown      = "down"
)

func (d *dchannel) state() string {
	switch {
	case d.held:
		return DHeld
	case !d.up:
		return DDown
	case d == d.group.active:
		return DInService
	}
	return DStandby
}

// showDs keeps the states of the D channels where everybody can read them.
func (g *Group) showDs() {
	shown := make([]DChannel, 0, len(g.ds))
	for _, d := range g.ds {
		shown = append(shown, DChannel{d.line.Settings.Name, d.state()})
	}
	g.mu.Lock()
	g.shown = shown
	g.mu.Unlock()
}

// other is the D channel that can take over from d, nil when there is none.
func (g *Group) other(d *dchannel) *dchannel {
	for _, other := range g.ds {
		if other != d && other.up && !other.held && !other.line.down {
			return other
		}
	}
	return nil
}

// switchOver puts another D channel in service by our own decision, after d failed or because somebody wants it.
func (g *Group) switchOver(d, to *dchannel) {
	g.found(d.name(), SwitchedOver, to.name())
	d.hold()
	g.takeOver(to)
	to.initializing = true
	to.handle(lapd.Event{Input: lapd.EstablishRequest})
}

// takeOver makes to the D channel in service and waits for T321.
func (g *Group) takeOver(to *dchannel) {
	g.active = to
	g.holding.Stop()
	g.holding = g.loop.After(g.profile.Timers[q931.T321], g.settled)
	g.showDs()
}

// settled: the far side has answered on the D channel in service, or T321 is over. What was held is let go.
func (g *Group) settled() {
	g.holding.Stop()
	for _, d := range g.ds {
		if d.held {
			d.held = false
			d.establish()
		}
	}
	g.showDs()
}

// follow takes the D channel into service that the far side uses: it has switched over.
func (g *Group) follow(to *dchannel) {
	from := g.active
	g.found(from.name(), SwitchedOver, to.name())
	g.takeOver(to)
	from.hold()
	to.initialized = false
	if g.setLink(LinkUp, LinkSetUpThere) == LinkUp {
		g.toCalls(q931.LinkReset)
	} else {
		g.comesUp()
	}
	g.settled()
}

// hold keeps the link down until the other one is in service.
func (d *dchannel) hold() {
	d.again.Stop()
	d.held, d.initialized = true, false
	if d.up {
		d.up = false
		d.handle(lapd.Event{Input: lapd.ReleaseRequest})
	}
	d.group.showDs()
}

// refuse answers a frame that comes while the link is held: SABME with DM, anything else with nothing.
func (d *dchannel) refuse(octets []byte) {
	f, err := lapd.Parse(octets, d.side.Other())
	if err != nil || f.Kind != lapd.SABME {
		return
	}
	answer := lapd.Frame{Kind: lapd.DM, PF: f.PF}
	d.transmit(answer.AppendTo(nil, d.side))
}

// hears deals with a message on a D channel. Layer 3 is silent on one that stands by, but for a far side that has switched
// over to it.
//
// Departure: should both sides have chosen differently, for which Annex F/Q.931 has no rule, the network's choice counts: the
// user follows what it hears, the network says which one it uses.
func (d *dchannel) hears(octets []byte) {
	g := d.group
	if d != g.active {
		if g.side == q931.Network && g.active.up && !d.initialized && !serviceOfD(g.profile, octets) {
			g.log.Warn("a message on a D channel that stands by was ignored", "entity", d.name())
			g.assert()
			return
		}
		g.follow(d)
	}
	if d.initializing {
		d.initializing = false
		g.settled()
	}
	g.received(octets)
}

// assert tells the user on the D channel in service that it is: with SERVICE where the variant has it, with a STATUS of the
// global call reference, which asks for nothing, elsewhere.
func (g *Group) assert() {
	if time.Since(g.asserted) < assertAgain {
		return
	}
	g.asserted = time.Now()
	if g.profile.Maintenance.Discriminator != 0 {
		g.serviceAction(q931.Event{Input: q931.ServiceReq, Msg: &q931.Message{
			Channel: q931.DChannelOn(g.active.line.id), ChangeStatus: q931.Some(q931.InService),
		}})
		return
	}
	m := g.cause(q850.ResponseToStatusEnquiry)
	m.Type, m.Ref, m.CallState = q931.MsgStatus, q931.Ref{Length: g.profile.RefLength}, q931.Some(q931.StateNull)
	g.send(m)
}

// assertAgain is how long the network waits before it says again which D channel it uses.
const assertAgain = time.Second

// serviceOfD says whether a message is SERVICE for a D channel.
func serviceOfD(profile *q931.Profile, octets []byte) bool {
	var m q931.Message
	return profile.Decode(&m, octets) == nil && m.Protocol != 0 && m.Channel.DChannel &&
		m.ChangeStatus == q931.Some(q931.InService) && m.Ref.Global() && !m.Ref.Flag
}

// announce tells the far side in layer 3 which D channel is in service. Where there is nothing to be said it has seen
// the link being initialized.
func (d *dchannel) announce() {
	g := d.group
	switch {
	case g.profile.Maintenance.Discriminator != 0:
		g.serviceAction(q931.Event{Input: q931.ServiceReq, Msg: &q931.Message{
			Channel: q931.DChannelOn(d.line.id), ChangeStatus: q931.Some(q931.InService),
		}})
	case !g.profile.Enquire || len(g.calls) == 0:
		d.initializing = false
		g.settled()
	}
}

// ErrNoStandby says that there is no D channel to switch over to.
var ErrNoStandby = errors.New("no D channel stands by")

// SwitchOver puts the D channel that stands by in service.
func (g *Group) SwitchOver() error {
	err := fmt.Errorf("%s: %w", g.name, ErrEnded)
	g.loop.Do(func() {
		from := g.active
		to := g.other(from)
		if err = nil; to == nil {
			err = fmt.Errorf("%s: %w", g.name, ErrNoStandby)
			return
		}
		g.goesDown(LinkReleasedHere)
		g.switchOver(from, to)
	})
	return err
}

// standIn puts the backup in service when the primary cannot be established at all: at the start, or when both were down.
func (g *Group) standIn() {
	if g.active.up || g.active.held {
		return
	}
	if to := g.other(g.active); to != nil {
		g.switchOver(g.active, to)
	}
}

// standInAfter is how long the primary may take at the start before the backup takes its place.
const standInAfter = 5 * time.Second
