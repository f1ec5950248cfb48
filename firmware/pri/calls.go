package pri

import (
	"fmt"

	"trunkbox/firmware/call"
	"trunkbox/firmware/q850"
	"trunkbox/firmware/q931"
)

// received deals with a message of the far side.
func (a *Access) received(octets []byte) {
	m, err := q931.Parse(octets)
	if err != nil {
		a.log.Warn("a message was ignored", "entity", a.Settings.Name+"/D", "error", err, "octets", fmt.Sprintf("% x", octets))
		return
	}
	a.log.Debug("received", "entity", a.Settings.Name+"/D", "message", m.Type.String(), "ref", m.Ref.String())
	l := a.calls[m.Ref.Key()]
	switch {
	case m.Ref.Dummy():
	case m.Ref.Global():
		a.restartAction(q931.Received(&m))
	case l != nil:
		a.toCall(l, q931.Received(&m))
	case m.Type == q931.MsgSetup && !m.Ref.Flag:
		a.arrived(&m)
	default:
		var answer q931.Message
		if q931.AnswerUnknown(&m, a.profile, &answer) {
			a.send(&answer)
		}
	}
}

// send gives a message to the data link.
func (a *Access) send(m *q931.Message) {
	a.log.Debug("sent", "entity", a.Settings.Name+"/D", "message", m.Type.String(), "ref", m.Ref.String())
	a.octets = m.AppendTo(a.octets[:0])
	a.toLink(dataRequest(a.octets))
}

// toCall gives one event to a call and does what it asks for: first messages and timers, then, when the machine is at
// rest, what it tells. Dealing with that may come back here.
func (a *Access) toCall(l *leg, e q931.Event) {
	if l.machine == nil { // it ended while the others were told
		return
	}
	actions := l.machine.Handle(e, nil)
	for i := range actions {
		action := &actions[i]
		switch action.Kind {
		case q931.Send:
			a.send(action.Msg)
		case q931.StartTimer:
			machine, timer := l.machine, action.Timer
			l.timers.start(a.loop, timer, action.After, func() {
				if l.machine == machine {
					a.toCall(l, q931.Expired(timer))
				}
			})
		case q931.StopTimer:
			l.timers[action.Timer].Stop()
		}
	}
	for i := range actions {
		if kind := actions[i].Kind; kind != q931.Send && kind != q931.StartTimer && kind != q931.StopTimer {
			a.fromCall(l, &actions[i])
		}
	}
}

// fromCall deals with what a call's machine tells.
func (a *Access) fromCall(l *leg, action *q931.Action) {
	m := action.Msg
	if m == nil {
		m = &q931.Message{}
	}
	switch action.Kind {
	case q931.SetupInd:
		a.offered(l, m)
	case q931.InfoInd:
		a.digits(l, m)
	case q931.TimeoutInd:
		a.offer(l)
	case q931.MoreInfoInd, q931.ProceedingInd, q931.ProgressInd, q931.AlertingInd, q931.SetupConf:
		a.progressed(l, action.Kind, m)
	case q931.SetupCompleteInd, q931.FacilityInd:
	case q931.NotifyInd:
		notified(l, m)
	case q931.StatusInd:
		a.log.Info("the far side tells its state", "entity", l.Name(), "cause", action.Cause.String(), "state", m.CallState.Value.String())
	case q931.DisconnectInd:
		if a.listens(l, action) {
			return
		}
		a.cleared(l, action)
		l.ask(q931.ReleaseReq, nil)
	case q931.Released:
		a.released(l, action)
	case q931.ErrorInd:
		a.log.Warn("call control error", "entity", l.Name(), "cause", action.Cause.String(), "detail", action.Detail)
	}
}

// notified tells of hold: notification 0 is "user suspended", 1 "user resumed" (clause 4.5.22/Q.931).
func notified(l *leg, m *q931.Message) {
	switch m.Notification {
	case q931.Some[uint8](0):
		l.tell(call.Held{})
	case q931.Some[uint8](1):
		l.tell(call.Resumed{})
	}
}

// cleared tells that the far side cleared. Its channel is free when the call is released.
func (a *Access) cleared(l *leg, action *q931.Action) {
	l.state(Clearing)
	l.again = l.hungUp == 0 && a.retries(l, action.Cause)
	if l.hungUp == 0 && !l.again {
		l.over(clearedBy(action))
	}
	l.closeSound()
}

// released ends a call: its reference and its channel are free.
func (a *Access) released(l *leg, action *q931.Action) {
	delete(a.calls, l.machine.Ref().Key())
	l.stopTimers()
	again := !l.isOver && l.hungUp == 0 && (l.again || a.retries(l, action.Cause))
	l.again = false
	cleared := clearedBy(action)
	switch {
	case l.ending != nil:
		cleared = *l.ending
	case l.hungUp != 0:
		cleared = call.Cleared{Cause: l.hungUp, Location: a.profile.Location, Detail: l.detail}
	}
	l.machine = nil
	if !again {
		l.over(cleared)
	}
	if action.Maintenance && l.ts != 0 {
		a.outOfService(l, ReleaseUnanswered)
	}
	if again {
		l.tries++
		a.redial(l)
		return
	}
	l.letGo()
}

// cause is a message with our cause.
func (a *Access) cause(value q850.Cause) *q931.Message {
	m := &q931.Message{}
	m.Cause[0] = q931.Cause{Value: value, Location: a.profile.Location}
	return m
}

// freeRef returns a call reference that no call of ours has.
func (a *Access) freeRef() q931.Ref {
	for {
		a.nextRef = a.nextRef&0x7fff + 1
		if a.nextRef > 0x7fff {
			a.nextRef = 1
		}
		ref := q931.OwnRef(a.nextRef, a.profile.RefLength)
		if a.calls[ref.Key()] == nil {
			return ref
		}
	}
}
