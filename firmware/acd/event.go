package acd

import (
	"maps"
	"slices"
	"time"
)

// Event is something that happened to a caller, an agent or the clock.
type Event interface {
	when() time.Time
	apply(*step)
}

// At is when an event happened; each event holds one.
type At time.Time

func (at At) when() time.Time { return time.Time(at) }

// Configured: the settings. Agents who are no longer listed are dropped once they have no call; callers
// in a queue that is gone leave it.
type Configured struct {
	At
	Queues map[string]Rules
	Agents map[string][]string // the queues each agent serves
}

func (e Configured) apply(s *step) {
	s.Queues = e.Queues
	s.changed = slices.Collect(maps.Keys(e.Agents))
	for name, was := range s.Agents.All() {
		if _, listed := e.Agents[name]; !listed && (was.Offered != "" || was.Talking != "") {
			s.changed = append(s.changed, name)
		}
	}
	slices.Sort(s.changed)
	var agents Agents
	for _, name := range s.changed {
		a := s.Agent(name)
		queues, listed := e.Agents[name]
		a.Queues, a.LoggedIn = queues, a.LoggedIn && listed
		agents.with(name, &a)
	}
	s.Agents = agents
	for _, w := range slices.Clone(s.Waiting) {
		if _, kept := e.Queues[w.Queue]; !kept {
			s.leave(w.Call, SystemError, QueueGone)
		}
	}
}

// CallQueued: a caller asks for a queue.
type CallQueued struct {
	At
	Call, Queue string
	Priority    int
}

func (e CallQueued) apply(s *step) {
	rules, known := s.Queues[e.Queue]
	length := 0
	for _, w := range s.Waiting {
		if w.Queue == e.Queue {
			length++
		}
	}
	switch {
	case !known:
		s.decide(Leave{Call: e.Call, Queue: e.Queue, Outcome: SystemError, Reason: QueueGone})
	case rules.MaxLength > 0 && length >= rules.MaxLength:
		s.decide(Leave{Call: e.Call, Queue: e.Queue, Outcome: Full, Reason: QueueFull})
	case !rules.WaitEmpty && !s.served(e.Queue):
		s.Waiting = append(s.Waiting, Waiting{Call: e.Call, Queue: e.Queue, Since: s.At})
		s.leave(e.Call, JoinEmpty, s.WhyWaiting(e.Call))
	default:
		w := Waiting{Call: e.Call, Queue: e.Queue, Priority: e.Priority, Since: s.At}
		if rules.AnnounceEvery > 0 {
			w.Announce = s.At.Add(rules.AnnounceEvery)
		}
		s.enqueue(w)
	}
}

// CallLeft: the caller hung up or chose to leave.
type CallLeft struct {
	At
	Call    string
	Outcome Outcome // Abandoned, ExitKey, Transferred, or SystemError when it was not the caller who left
}

func (e CallLeft) apply(s *step) {
	reason := CallerLeft
	if e.Outcome == SystemError {
		reason = CallCleared
	}
	s.leave(e.Call, e.Outcome, reason)
}

// AgentIn and AgentOut: an agent logs in or out. A call in progress goes on.
type (
	AgentIn struct {
		At
		Agent string
	}
	AgentOut struct {
		At
		Agent string
	}
)

func (e AgentIn) apply(s *step) {
	s.change(e.Agent, func(a *Agent) {
		if !a.LoggedIn {
			a.LoggedIn, a.Paused, a.Missed, a.IdleSince = true, "", 0, s.At
		}
	})
}

func (e AgentOut) apply(s *step) {
	s.stopRinging(e.Agent, AgentLeft)
	s.change(e.Agent, func(a *Agent) { a.LoggedIn, a.Paused, a.WrapUntil = false, "", time.Time{} })
}

// AgentPaused and AgentResumed: a break begins or ends. Resuming also ends wrap-up.
type (
	AgentPaused struct {
		At
		Agent, Reason string
	}
	AgentResumed struct {
		At
		Agent string
	}
)

func (e AgentPaused) apply(s *step) {
	s.stopRinging(e.Agent, AgentLeft)
	s.change(e.Agent, func(a *Agent) { a.Paused = e.Reason })
}

func (e AgentResumed) apply(s *step) {
	s.change(e.Agent, func(a *Agent) { a.Paused, a.Missed, a.WrapUntil, a.NotBefore = "", 0, time.Time{}, time.Time{} })
}

// PhoneUp and PhoneDown: the agent's phone can or cannot be reached.
type (
	PhoneUp struct {
		At
		Agent string
	}
	PhoneDown struct {
		At
		Agent string
	}
)

func (e PhoneUp) apply(s *step) {
	s.change(e.Agent, func(a *Agent) { a.Reachable = true })
}

func (e PhoneDown) apply(s *step) {
	s.change(e.Agent, func(a *Agent) { a.Reachable = false })
}

// OfferAnswered: the agent picked up an offered call.
type OfferAnswered struct {
	At
	Call, Agent string
}

func (e OfferAnswered) apply(s *step) {
	i := s.index(e.Call)
	if i < 0 || s.Waiting[i].Offered != e.Agent {
		return
	}
	queue := s.Waiting[i].Queue
	s.change(e.Agent, func(a *Agent) { a.Offered, a.Talking, a.Queue, a.Missed = "", e.Call, queue, 0 })
	s.leave(e.Call, Answered, AgentAnswered)
}

// OfferRefused: the agent's phone did not take the offered call.
type OfferRefused struct {
	At
	Call, Agent string
	Reason      Reason // PhoneBusy, PhoneUnreachable, AgentRejected
}

func (e OfferRefused) apply(s *step) { s.refuse(e.Call, e.Agent, e.Reason) }

// TalkBegan: the agent has a call that no queue gave (dialled out, internal, transferred to).
type TalkBegan struct {
	At
	Call, Agent string
}

func (e TalkBegan) apply(s *step) {
	s.stopRinging(e.Agent, PhoneBusy)
	s.change(e.Agent, func(a *Agent) { a.Talking, a.Queue = e.Call, "" })
}

// TalkEnded: the agent's call is over, and Then is another one he still has, if any. After a queue's call
// comes wrap-up.
type TalkEnded struct {
	At
	Call, Agent, Then string
}

func (e TalkEnded) apply(s *step) {
	s.change(e.Agent, func(a *Agent) {
		if a.Talking != e.Call {
			return
		}
		if a.Queue != "" && a.LoggedIn {
			a.WrapUntil = s.At.Add(s.Queues[a.Queue].WrapUp)
		}
		a.Talking, a.Queue, a.IdleSince = e.Then, "", s.At
	})
}

// Clock: time has passed.
type Clock struct{ At }

func (Clock) apply(*step) {}

// change edits an agent that exists.
func (s *step) change(name string, edit func(*Agent)) {
	if was := s.Agents.Get(name); was != nil {
		a := *was
		edit(&a)
		s.set(name, &a)
	}
}

// stopRinging takes an offered call back from the agent; the call keeps its place.
func (s *step) stopRinging(name string, why Reason) {
	a := s.Agent(name)
	if a.Offered == "" {
		return
	}
	call := a.Offered
	if i := s.index(call); i >= 0 {
		s.decide(Withdraw{Call: call, Agent: name, Queue: s.Waiting[i].Queue, Reason: why})
	}
	s.refuse(call, name, why)
}
