package pri

import (
	"sync/atomic"
	"time"

	"trunkbox/drivers/span"
	"trunkbox/firmware/bridge"
	"trunkbox/firmware/call"
	"trunkbox/firmware/q850"
	"trunkbox/firmware/q931"
)

// leg is one ISDN call as a call.Leg. Fields without a comment belong to the goroutine of Run.
type leg struct {
	*known                  // fixed
	group     *Group        // fixed
	access    *Access       // whose channel it has, or would have
	emergency bool          // fixed
	began     time.Time     // fixed
	remote    call.Number   // fixed once the leg is shown to anybody
	request   call.Outgoing // fixed: what was asked for, of an outgoing leg
	handler   call.Handler  // fixed once the leg is shown to anybody
	answered  atomic.Bool   // read by preempt
	name      atomic.Pointer[string]
	sound     atomic.Pointer[bridge.Port]

	services  services
	machine   *q931.Call // nil until there is one
	timers    timers
	ts        span.Timeslot // 0: no channel
	settled   bool          // both sides know the channel
	rest      []byte        // digits that SETUP did not have, of an outgoing leg
	called    []byte        // digits so far, of an incoming leg
	named     bool          // SETUP ACKNOWLEDGE told the far side its channel
	alerted   bool
	tries     int        // SETUPs refused for their channel
	again     bool       // to be placed again when it is released
	hungUp    q850.Cause // why we clear, 0: we do not
	detail    string     // of hungUp
	isOver    bool       // Cleared was told
	heard     time.Time  // of the far side's last message, or of a question whether it knows the call
	overSince time.Time  // when the audit saw first that it is over
	// ending is what the network cleared an unanswered call with while its announcement is listened to, until limit.
	ending *call.Cleared
	limit  *call.Timer
}

var _ call.Leg = (*leg)(nil)

// The ranks of a leg as a victim, see table.preempt.
const (
	rankAnsweredIn = 1 + iota
	rankIn
	rankAnsweredOut
	rankOut
	ranks
)

func (l *leg) rank() int {
	rank := rankIn
	if l.outgoing {
		rank = rankOut
	}
	if l.answered.Load() {
		rank--
	}
	return rank
}

// Name is the channel's name, or the line's while there is none.
func (l *leg) Name() string { return *l.name.Load() }

// Remote is the caller of an incoming leg, the called party of an outgoing one.
func (l *leg) Remote() call.Number { return l.remote }

// Sound is the timeslot's port while it is open.
func (l *leg) Sound() bridge.Port {
	if port := l.sound.Load(); port != nil {
		return *port
	}
	return nil
}

// Alert sends ALERTING to an incoming caller.
func (l *leg) Alert() {
	l.group.loop.Post(func() {
		if l.idle() || l.outgoing || l.alerted || l.answered.Load() {
			return
		}
		l.alerted = true
		l.state(Ringing)
		l.ask(q931.AlertingReq, &q931.Message{})
	})
}

// Progress sends PROGRESS with "in-band information available" to an incoming caller and opens the sound.
func (l *leg) Progress() {
	l.group.loop.Post(func() {
		if l.idle() || l.outgoing || l.answered.Load() || l.sound.Load() != nil {
			return
		}
		m := &q931.Message{}
		m.Progress[0] = q931.Progress{Description: q931.InBand, Location: l.group.profile.Location}
		l.ask(q931.ProgressReq, m)
		l.openSound(false)
	})
}

// Answer sends CONNECT to an incoming caller and opens the sound.
func (l *leg) Answer() {
	l.group.loop.Post(func() {
		if l.idle() || l.outgoing || l.answered.Load() {
			return
		}
		l.answered.Store(true)
		l.state(Talking)
		l.ask(q931.SetupResp, l.answering())
		l.openSound(false)
	})
}

// Hangup clears the leg for cause.
func (l *leg) Hangup(cause q850.Cause) {
	l.group.loop.Post(func() { l.hangup(cause) })
}

// idle says that there is nothing to do any more: the leg is cleared or being cleared.
func (l *leg) idle() bool { return l.isOver || l.hungUp != 0 || l.machine == nil }

func (l *leg) hangup(cause q850.Cause) {
	if l.isOver || l.hungUp != 0 {
		return
	}
	l.hungUp = cause
	l.why.Store(uint32(cause))
	l.limit.Stop()
	l.closeSound()
	if l.machine == nil { // SETUP was never sent
		l.over(call.Cleared{Cause: cause, Location: l.group.profile.Location})
		l.letGo()
		return
	}
	l.state(Clearing)
	l.ask(q931.DisconnectReq, l.group.cause(cause))
}

// ask gives a request to the call's machine.
func (l *leg) ask(in q931.Input, m *q931.Message) {
	l.group.toCall(l, q931.Event{Input: in, Msg: m})
}

// tell gives an event to the leg's handler.
func (l *leg) tell(event call.Event) {
	if !l.isOver && l.handler != nil {
		l.handler(event)
	}
}

// over tells the last event.
func (l *leg) over(cleared call.Cleared) {
	l.closeSound()
	if l.isOver {
		return
	}
	l.tell(cleared)
	l.isOver = true
}

// setChannel is the one place where the leg's channel changes. One without a timeslot is none.
func (l *leg) setChannel(p place) {
	l.access, l.ts = p.on, p.ts
	l.name.Store(&p.on.names[p.ts])
}

func (l *leg) place() place { return place{l.access, l.ts} }

// state shows the leg's progress on its channel.
func (l *leg) state(state State) {
	if l.ts != 0 {
		l.access.channels.set(l.ts, state, "")
	}
}

// openSound opens the timeslot and tells it. A second time it only tells that tones can be heard, if so.
func (l *leg) openSound(inband bool) {
	if l.ts == 0 {
		return
	}
	if l.sound.Load() == nil {
		port := l.access.Channels.Open(l.ts)
		l.sound.Store(&port)
	} else if !inband {
		return
	}
	l.tell(call.Sounding{Inband: inband})
}

func (l *leg) closeSound() {
	if l.sound.Swap(nil) != nil {
		l.access.Channels.Close(l.ts)
	}
}

// letGo returns the channel. An emergency call that waited for it goes on.
func (l *leg) letGo() {
	if l.ts == 0 {
		return
	}
	l.closeSound()
	p := l.place()
	l.setChannel(place{on: l.access})
	l.group.passOn(p)
}

// passOn returns a channel to those who wait for it, else to the idle ones.
func (g *Group) passOn(p place) {
	next := p.on.channels.release(p.ts)
	switch {
	case next == nil:
	case next.isOver || next.hungUp != 0:
		g.passOn(p)
	default:
		next.setChannel(p)
		g.setUp(next)
	}
}

func (l *leg) stopTimers() {
	l.forget()
	l.timers.stopAll()
	l.limit.Stop()
}
