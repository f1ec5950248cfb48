package pri

import (
	"slices"

	"trunkbox/firmware/call"
	"trunkbox/firmware/q850"
	"trunkbox/firmware/q931"
)

// restarting is the restart procedure of both directions (clause 5.5/Q.931): one RESTART a channel, one after another.
type restarting struct {
	machine *q931.Restart
	timers  timers
	waiting []place // channels still to be restarted
	current place   // the channel whose RESTART is out; timeslot 0: none
	started bool    // the restart at start-up was done
}

func (r *restarting) stopTimers() { r.timers.stopAll() }

// restartAtStart restarts every idle channel when the link comes up for the first time, if that is set. The others
// can be used meanwhile.
func (g *Group) restartAtStart() {
	r := &g.restart
	for _, a := range g.lines {
		if !r.started && a.now().Restart {
			r.waiting = append(r.waiting, a.places()...)
		}
	}
	r.started = true
	g.nextRestart()
}

// nextRestart sends the next RESTART when none is out. A channel with a call needs none.
func (g *Group) nextRestart() {
	r := &g.restart
	for r.current.ts == 0 && len(r.waiting) > 0 && g.isUp() {
		p := r.waiting[0]
		r.waiting = r.waiting[1:]
		if !p.is(Restarting) {
			if !p.on.channels.take(p.ts, nil) {
				continue
			}
			p.set(Restarting, "")
		}
		r.current = p
		g.restartAction(q931.Event{Input: q931.RestartClearReq, Msg: &q931.Message{
			Channel: g.channel(p, true),
			Restart: q931.Some(q931.RestartChannels),
		}})
	}
}

// restartAction gives one event to the restart machine and does what it asks for.
func (g *Group) restartAction(e q931.Event) {
	r := &g.restart
	if e.Input == q931.LinkDown && r.current.ts != 0 { // it begins anew when the link is back
		r.waiting = append([]place{r.current}, r.waiting...)
		r.current = place{}
	}
	actions := r.machine.Handle(e, nil)
	g.carryOut(actions, &r.timers, g.restartAction)
	for i := range actions {
		g.fromRestart(&actions[i])
	}
}

func (g *Group) fromRestart(action *q931.Action) {
	r := &g.restart
	switch action.Kind {
	case q931.RestartInd:
		g.restarted(action.Msg)
		g.restartAction(q931.Event{Input: q931.RestartResp})
	case q931.RestartConf:
		g.restartEnds(g.healed)
	case q931.RestartFailed:
		if r.current.ts == 0 {
			return // the link was lost
		}
		g.log.Warn("a RESTART was not acknowledged, the other channels are used without", "entity", r.current.name())
		r.waiting = slices.DeleteFunc(r.waiting, func(p place) bool { return !p.is(Restarting) })
		g.restartEnds(func(p place) { g.quarantine(p, RestartUnanswered) })
	case q931.ErrorInd:
		g.log.Warn("restart error", "entity", g.active.name(), "cause", action.Cause.String(), "detail", action.Detail)
	}
}

func (g *Group) restartEnds(with func(place)) {
	p := g.restart.current
	g.restart.current = place{}
	if p.ts != 0 {
		with(p)
	}
	g.nextRestart()
}

// restarted obeys a RESTART of the far side: the calls on its channels end without a word, and the channels are idle. With
// the interface go the calls that have no channel too: those of ours that gave way to one of the network's.
func (g *Group) restarted(m *q931.Message) {
	named := g.restartPlaces(m)
	for _, l := range g.legs() {
		if !named[l.place()] && (m.Restart.Value == q931.RestartChannels || l.ts != 0) {
			continue
		}
		l.over(call.Cleared{Cause: q850.TemporaryFailure, Location: g.profile.Location, Detail: "the far side restarted the channel"})
		l.ask(q931.RestartReq, nil)
	}
	for p := range named {
		p.on.channels.service(p.ts, there, true)
		if p.is(Blocked) {
			g.release(p)
		}
	}
}

// restartPlaces are the channels that a RESTART is for.
func (g *Group) restartPlaces(m *q931.Message) map[place]bool {
	named := map[place]bool{}
	for _, a := range g.lines {
		for _, p := range a.places() {
			named[p] = m.Restart.Value == q931.RestartInterfaces || g.names(m.Channel, p) ||
				m.Restart.Value == q931.RestartInterface && a == g.lineOf(m.Channel)
			if !named[p] {
				delete(named, p)
			}
		}
	}
	return named
}

// outOfService keeps the channel of a call that did not clear from being used (clause 5.3.3/Q.931). It is restarted when
// that is agreed; else it waits for the far side to restart it or to use it.
func (g *Group) outOfService(l *leg, reason Reason) {
	p := l.place()
	l.closeSound()
	l.setChannel(place{on: l.access})
	if next := p.on.channels.forget(p.ts); next != nil {
		g.setUp(next)
	}
	if p.on.now().Restart {
		p.set(Restarting, reason)
		g.restart.waiting = append(g.restart.waiting, p)
		g.nextRestart()
		return
	}
	g.quarantine(p, reason)
}

// backInService takes a channel for a call of the far side that we hold blocked, or back for a RESTART that is not sent
// yet: the far side shows by its call that the channel is free there.
func (g *Group) backInService(p place, l *leg) bool {
	if p == g.restart.current || !p.is(Blocked) && !p.is(Restarting) || p.on.channels.slot(p.ts).out[here] || p.on.down {
		return false
	}
	p.on.channels.service(p.ts, there, true)
	g.trialEnds(p)
	g.restart.waiting = slices.DeleteFunc(g.restart.waiting, func(waits place) bool { return waits == p })
	p.on.channels.give(p.ts, l)
	return true
}
