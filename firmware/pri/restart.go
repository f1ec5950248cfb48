package pri

import (
	"slices"

	"trunkbox/drivers/span"
	"trunkbox/firmware/call"
	"trunkbox/firmware/q850"
	"trunkbox/firmware/q931"
)

// restarting is the restart procedure of both directions (clause 5.5/Q.931): one RESTART a channel, one after another.
type restarting struct {
	machine *q931.Restart
	timers  timers
	waiting []span.Timeslot // channels still to be restarted
	current span.Timeslot   // the channel whose RESTART is out, 0: none
	started bool            // the restart at start-up was done
}

func (r *restarting) stopTimers() { r.timers.stopAll() }

// restartAtStart restarts every idle channel when the link comes up for the first time, if that is set. The others
// can be used meanwhile.
func (a *Access) restartAtStart() {
	r := &a.restart
	if !r.started && a.now().Restart {
		r.waiting = append(r.waiting, a.channels.all...)
	}
	r.started = true
	a.nextRestart()
}

// nextRestart sends the next RESTART when none is out. A channel with a call needs none.
func (a *Access) nextRestart() {
	r := &a.restart
	for r.current == 0 && len(r.waiting) > 0 && a.isUp() {
		ts := r.waiting[0]
		r.waiting = r.waiting[1:]
		if !a.channels.is(ts, Restarting) && !a.channels.take(ts, nil) {
			continue
		}
		a.channels.set(ts, Restarting, "")
		r.current = ts
		a.restartAction(q931.Event{Input: q931.RestartClearReq, Msg: &q931.Message{
			Channel: q931.B(uint8(ts), true),
			Restart: q931.Some(q931.RestartChannels),
		}})
	}
}

// restartAction gives one event to the restart machine and does what it asks for.
func (a *Access) restartAction(e q931.Event) {
	r := &a.restart
	actions := r.machine.Handle(e, nil)
	for i := range actions {
		action := &actions[i]
		switch action.Kind {
		case q931.Send:
			a.send(action.Msg)
		case q931.StartTimer:
			timer := action.Timer
			r.timers.start(a.loop, timer, action.After, func() { a.restartAction(q931.Expired(timer)) })
		case q931.StopTimer:
			r.timers[action.Timer].Stop()
		}
	}
	for i := range actions {
		a.fromRestart(&actions[i])
	}
	if e.Input == q931.LinkDown && r.current != 0 {
		r.waiting = append([]span.Timeslot{r.current}, r.waiting...)
		r.current = 0
	}
}

func (a *Access) fromRestart(action *q931.Action) {
	r := &a.restart
	switch action.Kind {
	case q931.RestartInd:
		a.restarted(action.Msg)
		a.restartAction(q931.Event{Input: q931.RestartResp})
	case q931.RestartConf:
		a.restartEnds(func(ts span.Timeslot) { a.passOn(ts) })
	case q931.RestartFailed:
		a.log.Warn("a RESTART was not acknowledged, the other channels are used without", "entity", a.channelName(r.current))
		r.waiting = slices.DeleteFunc(r.waiting, func(ts span.Timeslot) bool { return !a.channels.is(ts, Restarting) })
		a.restartEnds(func(ts span.Timeslot) { a.channels.set(ts, Blocked, RestartUnanswered) })
	case q931.ErrorInd:
		a.log.Warn("restart error", "entity", a.Settings.Name+"/D", "cause", action.Cause.String(), "detail", action.Detail)
	}
}

func (a *Access) restartEnds(with func(span.Timeslot)) {
	ts := a.restart.current
	a.restart.current = 0
	if ts != 0 {
		with(ts)
	}
	a.nextRestart()
}

// restarted obeys a RESTART of the far side: the calls on its channels end without a word, and the channels are idle. With
// the interface go the calls that have no channel too: those of ours that gave way to one of the network's.
func (a *Access) restarted(m *q931.Message) {
	var named [span.Slots]bool
	for _, ts := range a.channels.all {
		named[ts] = m.Restart.Value != q931.RestartChannels || names(m.Channel, ts)
	}
	for _, l := range a.legs() {
		if m.Restart.Value == q931.RestartChannels && (l.ts == 0 || !named[l.ts]) {
			continue
		}
		l.over(call.Cleared{Cause: q850.TemporaryFailure, Location: a.profile.Location, Detail: "the far side restarted the channel"})
		l.ask(q931.RestartReq, nil)
	}
	for _, ts := range a.channels.all {
		if named[ts] && a.channels.is(ts, Blocked) {
			a.channels.free(ts)
		}
	}
}

// names says whether a channel identification names the timeslot.
func names(ch q931.Channel, ts span.Timeslot) bool {
	if ch.Map.Octets != 0 {
		return ch.Map.Bits&(1<<ts) != 0
	}
	return ch.Number == uint8(ts) || slices.Contains(ch.Further, uint8(ts)) || slices.Contains(ch.Further, uint8(ts)|0x80)
}

// outOfService keeps the channel of a call that did not clear from being used (clause 5.3.3/Q.931). It is restarted when
// that is agreed; else it waits for the far side to restart it or to use it.
func (a *Access) outOfService(l *leg, reason Reason) {
	ts := l.ts
	l.closeSound()
	l.setChannel(0)
	if next := a.channels.forget(ts); next != nil {
		a.setUp(next)
	}
	if a.now().Restart {
		a.channels.set(ts, Restarting, reason)
		a.restart.waiting = append(a.restart.waiting, ts)
		a.nextRestart()
		return
	}
	a.channels.set(ts, Blocked, reason)
}

// backInService takes a channel for a call of the far side that we hold blocked, or back for a RESTART that is not sent
// yet: the far side shows by its call that the channel is free there.
func (a *Access) backInService(ts span.Timeslot, l *leg) bool {
	if ts == a.restart.current || !a.channels.is(ts, Blocked) && !a.channels.is(ts, Restarting) {
		return false
	}
	a.restart.waiting = slices.DeleteFunc(a.restart.waiting, func(waits span.Timeslot) bool { return waits == ts })
	a.channels.give(ts, l)
	return true
}
