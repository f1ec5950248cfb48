package pri

import (
	"fmt"
	"slices"
	"time"

	"trunkbox/drivers/span"
	"trunkbox/firmware/q931"
)

// serving is the maintenance procedure of North American variants: the SERVICE messages of both directions, ours one
// after another.
type serving struct {
	machine *q931.Service
	timers  timers
	waiting []place // channels whose status is still to be told
	current place   // the channel whose SERVICE is out; timeslot 0: none
	// owed are the channels of whose status the far end has not acknowledged the last word, since when.
	owed map[place]time.Time
}

// tellAgain is how long after a SERVICE that nobody acknowledged the far end is told again.
const tellAgain = time.Hour

// SetService takes a channel out of service, or back into it. A call on it goes on; no other follows until the channel
// is in service again. Where the variant has a message for it the far end is told. It fails for a timeslot that is no B
// channel of the line, and when the access has ended.
func (a *Access) SetService(ts span.Timeslot, in bool) error {
	if !a.channels.exists(ts) {
		return fmt.Errorf("%s has no B channel in timeslot %d", a.Settings.Name, ts)
	}
	if !a.loop.Post(func() { a.serviceHere(place{a, ts}, in) }) {
		return fmt.Errorf("%s: %w", a.Settings.Name, ErrEnded)
	}
	return nil
}

func (g *Group) serviceHere(p place, in bool) {
	if p.on.channels.slot(p.ts).out[here] == !in {
		return
	}
	g.log.Info("a channel's service changes", "entity", p.name(), "in", in)
	g.trialEnds(p)
	p.on.channels.service(p.ts, here, in)
	g.tellService(p)
}

// tellService tells the far end of a channel's status, after those that wait already.
func (g *Group) tellService(p place) {
	if g.profile.Maintenance.Discriminator == 0 {
		return
	}
	g.service.owed[p] = time.Now()
	if !slices.Contains(g.service.waiting, p) {
		g.service.waiting = append(g.service.waiting, p)
	}
	g.nextService()
}

// serviceAtStart tells the far end, which may have forgotten, what is out of service here, and what it did not hear of.
func (g *Group) serviceAtStart() {
	for _, a := range g.lines {
		for _, p := range a.places() {
			if _, owed := g.service.owed[p]; owed || a.channels.slot(p.ts).out[here] {
				g.tellService(p)
			}
		}
	}
	g.nextService()
}

// auditService tells the far end again what it did not acknowledge.
func (g *Group) auditService() {
	for p, since := range g.service.owed {
		if time.Since(since) >= tellAgain {
			g.tellService(p)
		}
	}
}

func (g *Group) nextService() {
	s := &g.service
	if s.current.ts != 0 || len(s.waiting) == 0 || !g.isUp() {
		return
	}
	p := s.waiting[0]
	s.waiting, s.current = s.waiting[1:], p
	status := q931.InService
	if p.on.channels.slot(p.ts).out[here] {
		status = q931.OutOfService
	}
	g.serviceAction(q931.Event{Input: q931.ServiceReq, Msg: &q931.Message{
		Channel: g.channel(p, true), ChangeStatus: q931.Some(status),
	}})
}

// serviceAction gives one event to the maintenance machine and does what it asks for.
func (g *Group) serviceAction(e q931.Event) {
	s := &g.service
	actions := s.machine.Handle(e, nil)
	g.carryOut(actions, &s.timers, g.serviceAction)
	for i := range actions {
		g.fromService(&actions[i])
	}
}

func (g *Group) fromService(action *q931.Action) {
	s := &g.service
	switch action.Kind {
	case q931.ServiceInd:
		if action.Msg.Channel.DChannel {
			return // follow has done what there is to do
		}
		g.serviceThere(action.Msg)
	case q931.ServiceConf:
		delete(s.owed, s.current)
		s.current = place{}
		g.nextService()
	case q931.ServiceFailed:
		if s.current.ts != 0 && g.isUp() {
			g.found(s.current.name(), ServiceUnanswered, "")
		}
		s.current = place{}
		g.nextService()
	case q931.ErrorInd:
		g.log.Warn("maintenance error", "entity", g.active.name(), "detail", action.Detail)
	}
}

// serviceThere takes the far end's word on channels. In maintenance it takes calls of its own only, which for us is
// the same: we place none there, and its calls are taken.
func (g *Group) serviceThere(m *q931.Message) {
	for _, a := range g.lines {
		for _, p := range a.places() {
			if g.names(m.Channel, p) {
				g.trialEnds(p)
				a.channels.service(p.ts, there, m.ChangeStatus.Value == q931.InService)
			}
		}
	}
}
