package pri

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"trunkbox/firmware/call"
	"trunkbox/firmware/q850"
	"trunkbox/firmware/q931"
)

// received deals with a message of the far side.
func (g *Group) received(octets []byte) {
	var m q931.Message
	if err := g.profile.Decode(&m, octets); err != nil {
		g.log.Warn("a message was ignored", "entity", g.active.name(), "error", err, "octets", fmt.Sprintf("% x", octets))
		return
	}
	g.debug("received", &m)
	l := g.calls[m.Ref.Key()]
	switch {
	case m.Protocol != 0:
		g.serviceAction(q931.Received(&m))
	case m.Ref.Dummy():
	case m.Ref.Global():
		g.restartAction(q931.Received(&m))
	case l != nil:
		l.heard = time.Now()
		g.toCall(l, q931.Received(&m))
	case m.Type == q931.MsgSetup && !m.Ref.Flag:
		g.arrived(&m)
	default:
		var answer q931.Message
		if q931.AnswerUnknown(&m, g.profile, &answer) {
			g.send(&answer)
		}
	}
}

// debug logs a message, whose words are made only where somebody reads them.
func (g *Group) debug(what string, m *q931.Message) {
	if g.log.Enabled(context.Background(), slog.LevelDebug) {
		g.log.Debug(what, "entity", g.active.name(), "message", m.Name(), "ref", m.Ref.String())
	}
}

// send gives a message to the data link.
func (g *Group) send(m *q931.Message) {
	g.debug("sent", m)
	g.octets = g.profile.AppendTo(g.octets[:0], m)
	g.transmitMessage(g.octets)
}

// toCall gives one event to a call and does what it asks for: first messages and timers, then, when the machine is at
// rest, what it tells. Dealing with that may come back here.
func (g *Group) toCall(l *leg, e q931.Event) {
	if l.machine == nil { // it ended while the others were told
		return
	}
	machine := l.machine
	actions := machine.Handle(e, nil)
	g.carryOut(actions, &l.timers, func(e q931.Event) {
		if l.machine == machine {
			g.toCall(l, e)
		}
	})
	for i := range actions {
		if kind := actions[i].Kind; kind != q931.Send && kind != q931.StartTimer && kind != q931.StopTimer {
			g.fromCall(l, &actions[i])
		}
	}
}

// fromCall deals with what a call's machine tells. The RELEASE that answers a DISCONNECT has no cause (Table 3-10/Q.931,
// note 2).
func (g *Group) fromCall(l *leg, action *q931.Action) {
	m := action.Msg
	if m == nil {
		m = &q931.Message{}
	}
	l.learn(action)
	switch action.Kind {
	case q931.SetupInd:
		g.offered(l, m)
	case q931.InfoInd:
		g.digits(l, m)
	case q931.TimeoutInd:
		g.offer(l)
	case q931.MoreInfoInd, q931.ProceedingInd, q931.ProgressInd, q931.AlertingInd, q931.SetupConf:
		g.progressed(l, action.Kind, m)
	case q931.SetupCompleteInd, q931.FacilityInd:
	case q931.NotifyInd:
		notified(l, m)
	case q931.HoldInd:
		l.held()
	case q931.RetrieveInd:
		l.retrieved(m)
	case q931.StatusInd:
		g.silent = 0
		g.log.Info("the far side tells its state", "entity", l.Name(), "cause", action.Cause.String(), "state", m.CallState.Value.String())
	case q931.DisconnectInd:
		if g.listens(l, action) {
			return
		}
		g.cleared(l, action)
		l.ask(q931.ReleaseReq, nil)
	case q931.Released:
		g.released(l, action)
	case q931.ErrorInd:
		level := slog.LevelWarn
		if action.Cause == q850.MessageNotCompatibleUnspecified && action.Msg != nil {
			level = slog.LevelInfo // STATUS told the far side; the call goes on
		}
		g.log.Log(context.Background(), level, "call control error", "entity", l.Name(), "cause", action.Cause.String(),
			"detail", action.Detail, "message", m.Name())
	}
}

// cleared tells that the far side cleared. Its channel is free when the call is released.
func (g *Group) cleared(l *leg, action *q931.Action) {
	l.why.Store(uint32(action.Cause))
	l.state(Clearing)
	l.again = l.hungUp == 0 && g.retries(l, action.Cause)
	if l.hungUp == 0 && !l.again {
		l.over(clearedBy(action))
	}
	l.closeSound()
}

// released ends a call: its reference and its channel are free.
func (g *Group) released(l *leg, action *q931.Action) {
	delete(g.calls, l.machine.Ref().Key())
	l.stopTimers()
	again := !l.isOver && l.hungUp == 0 && (l.again || g.retries(l, action.Cause))
	l.again = false
	cleared := clearedBy(action)
	switch {
	case l.ending != nil:
		cleared = *l.ending
	case l.hungUp != 0:
		cleared = call.Cleared{Cause: l.hungUp, Location: g.profile.Location, Detail: l.detail}
	}
	l.machine = nil
	l.why.Store(uint32(cleared.Cause))
	if !again {
		l.over(cleared)
	}
	if action.Maintenance && l.ts != 0 {
		g.outOfService(l, ReleaseUnanswered)
	}
	if again {
		l.tries++
		g.redial(l)
		return
	}
	l.letGo()
}

// cause is a message with our cause.
func (g *Group) cause(value q850.Cause) *q931.Message {
	m := &q931.Message{}
	m.Cause[0] = q931.Cause{Value: value, Location: g.profile.Location}
	return m
}

// freeRef returns a call reference that no call of ours has.
func (g *Group) freeRef() q931.Ref {
	for {
		g.nextRef = g.nextRef&0x7fff + 1
		if g.nextRef > 0x7fff {
			g.nextRef = 1
		}
		ref := q931.OwnRef(g.nextRef, g.profile.RefLength)
		if g.calls[ref.Key()] == nil {
			return ref
		}
	}
}
