package acd

import (
	"slices"
	"time"
)

// Agent is what the decisions depend on of one agent.
type Agent struct {
	Queues    []string
	LoggedIn  bool
	Reachable bool   // the phone is registered and answers
	Paused    string // the reason of the break; empty: not on break
	Offered   string // the call the phone rings for
	Talking   string // the call the agent has, of a queue or not
	Queue     string // the queue of that call; empty: none
	WrapUntil time.Time
	IdleSince time.Time // when the last call ended, or the agent logged in
	NotBefore time.Time // no offer before: after a missed call
	Missed    int       // offers missed in a row
}

// AgentState is what an agent is doing.
type AgentState string

// The states, in the field's words.
const (
	LoggedOut   AgentState = "logged_out"
	Ready       AgentState = "ready"
	Ringing     AgentState = "ringing"
	OnCall      AgentState = "on_call"
	WrapUp      AgentState = "wrap_up"
	Paused      AgentState = "paused"
	Unreachable AgentState = "unreachable"
)

// State derives the agent's state at a moment. A call outweighs a break, and a break outweighs wrap-up.
func (a Agent) State(at time.Time) AgentState {
	switch {
	case a.Talking != "":
		return OnCall
	case !a.LoggedIn:
		return LoggedOut
	case a.Offered != "":
		return Ringing
	case !a.Reachable:
		return Unreachable
	case a.Paused != "":
		return Paused
	case at.Before(a.WrapUntil):
		return WrapUp
	}
	return Ready
}

// release ends the ringing of an agent without counting it against him.
func (s *step) release(name string) {
	a := s.Agent(name)
	a.Offered = ""
	s.set(name, &a)
}

// refuse returns the call to its place and keeps the agent from the next offers for a while. The
// agent's own failure to answer counts towards the automatic pause.
func (s *step) refuse(call, name string, why Reason) {
	i := s.index(call)
	a := s.Agent(name)
	if i < 0 || a.Offered != call {
		return
	}
	w := &s.Waiting[i]
	rules := s.Queues[w.Queue]
	tried := map[string]int{name: 1}
	for other, n := range w.Tried {
		tried[other] += n
	}
	w.Tried, w.Offered, w.Until = tried, "", time.Time{}
	a.Offered = ""
	a.NotBefore = s.At.Add(rules.Retry)
	if why == NoAnswer {
		a.Missed++
		if rules.AutoPause > 0 && a.Missed >= rules.AutoPause {
			a.Paused, a.Missed = PausedForMissing, 0
		}
	}
	s.set(name, &a)
}

// PausedForMissing is the reason of the automatic pause.
const PausedForMissing = "missed_call"

// changes lists the agents whose state differs from the old one, by name. Nobody's does who was not changed: a wrap-up that
// is over has been ended.
func (s *step) changes(old State) []Decision {
	slices.Sort(s.changed)
	var list []Decision
	for _, name := range slices.Compact(s.changed) {
		a, was := s.Agents.Get(name), LoggedOut
		if before := old.Agents.Get(name); before != nil {
			was = before.State(old.At)
		}
		if is := a.State(s.At); is != was {
			change := AgentChanged{Agent: name, From: was, To: is, Queue: a.Queue, Pause: a.Paused}
			if is == WrapUp {
				change.Until = a.WrapUntil
			}
			list = append(list, change)
		}
	}
	return list
}
