// Package acd decides who answers whom: queues of waiting callers, agents, and who is next.
//
// In: Events of callers (from the menu), of agents and their phones (from firmware/seat) and of time.
// Out: Decisions, each with its reason, which firmware/exchange carries out.
//
// The names of states, strategies and outcomes are those of the field (Asterisk's queue_log, Avaya and
// Cisco agent states); there is no standard. Skills and the strategies beside longest-idle are left out.
//
// Step is a pure function: the same state and event give the same state and decisions, so any decision
// can be replayed and explained. It reads no clock; every event says when it happened. States must not
// be changed by anybody else, and may be kept.
package acd

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// Rules are the settings of one queue.
type Rules struct {
	Ring          time.Duration // how long one agent is rung
	WrapUp        time.Duration // after-call work
	Retry         time.Duration // before an agent who did not take a call is tried again
	MaxWait       time.Duration // 0: no limit
	MaxLength     int           // 0: no limit
	AnnounceEvery time.Duration // 0: never
	AutoPause     int           // missed calls in a row that pause an agent; 0: never
	WaitEmpty     bool          // callers may wait while no agent can serve the queue
}

// State is everything the decisions depend on.
type State struct {
	Queues  map[string]Rules
	Agents  map[string]Agent
	Waiting []Waiting // in the order they are served
	At      time.Time // of the last event
}

// Waiting is one caller in a queue.
type Waiting struct {
	Call     string
	Queue    string
	Priority int // 1 to 10, higher first
	Since    time.Time
	Announce time.Time      // when the position is told next; zero: never
	Offered  string         // the agent being rung; empty: none
	Until    time.Time      // when that agent has rung long enough
	Tried    map[string]int // how often each agent was rung for this call in vain
}

// Step applies one event and returns the new state with what has to be done now, in order.
func Step(old State, event Event) (State, []Decision) {
	s := &step{State: State{
		Queues:  old.Queues,
		Agents:  maps.Clone(old.Agents),
		Waiting: slices.Clone(old.Waiting),
		At:      event.when(),
	}}
	if s.Agents == nil {
		s.Agents = map[string]Agent{}
	}
	event.apply(s)
	s.expire()
	s.leaveEmpty()
	s.match()
	return s.State, append(s.decisions, changes(old, s.State)...)
}

// Next is when the state changes by time alone, and a Clock event is due; zero if never.
func (s State) Next() time.Time {
	var next time.Time
	soonest := func(t time.Time) {
		if t.After(s.At) && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	for _, w := range s.Waiting {
		soonest(w.Announce)
		soonest(w.Until)
		if limit := s.Queues[w.Queue].MaxWait; limit > 0 {
			soonest(w.Since.Add(limit))
		}
	}
	for _, a := range s.Agents {
		soonest(a.WrapUntil)
		soonest(a.NotBefore)
	}
	return next
}

// Position is the caller's place in its queue, 1 being next; 0 if it does not wait.
func (s State) Position(call string) int {
	i := s.index(call)
	if i < 0 {
		return 0
	}
	place := 1
	for _, w := range s.Waiting[:i] {
		if w.Queue == s.Waiting[i].Queue {
			place++
		}
	}
	return place
}

func (s State) index(call string) int {
	return slices.IndexFunc(s.Waiting, func(w Waiting) bool { return w.Call == call })
}

// WhyWaiting says why the caller still waits.
func (s State) WhyWaiting(call string) Reason {
	i := s.index(call)
	if i < 0 {
		return NotWaiting
	}
	w := s.Waiting[i]
	if w.Offered != "" {
		return AgentRings
	}
	worst := NobodyLoggedIn
	for _, a := range s.Agents {
		if slices.Contains(a.Queues, w.Queue) {
			worst = max(worst, whyNot[a.State(s.At)])
		}
	}
	return worst
}

// step is a state being changed, with the decisions so far.
type step struct {
	State
	decisions []Decision
}

func (s *step) decide(d Decision) { s.decisions = append(s.decisions, d) }

// enqueue puts the caller behind all of the same or a higher priority.
func (s *step) enqueue(w Waiting) {
	at := slices.IndexFunc(s.Waiting, func(other Waiting) bool { return other.Priority < w.Priority })
	if at < 0 {
		at = len(s.Waiting)
	}
	s.Waiting = slices.Insert(s.Waiting, at, w)
}

// leave takes the caller out of its queue; an agent being rung for it stops ringing.
func (s *step) leave(call string, outcome Outcome, reason Reason) {
	i := s.index(call)
	if i < 0 {
		return
	}
	w := s.Waiting[i]
	s.Waiting = slices.Delete(s.Waiting, i, i+1)
	if w.Offered != "" && outcome != Answered {
		s.release(w.Offered)
		s.decide(Withdraw{Call: call, Agent: w.Offered, Queue: w.Queue, Reason: reason})
	}
	s.decide(Leave{Call: call, Queue: w.Queue, Outcome: outcome, Reason: reason, Waited: s.At.Sub(w.Since)})
}

// expire does what is due by time.
func (s *step) expire() {
	for _, w := range slices.Clone(s.Waiting) {
		rules := s.Queues[w.Queue]
		switch {
		case rules.MaxWait > 0 && !s.At.Before(w.Since.Add(rules.MaxWait)):
			s.leave(w.Call, Timeout, WaitedTooLong)
		case w.Offered != "" && !s.At.Before(w.Until):
			s.decide(Withdraw{Call: w.Call, Agent: w.Offered, Queue: w.Queue, Reason: NoAnswer})
			s.refuse(w.Call, w.Offered, NoAnswer)
		}
	}
	for i := range s.Waiting {
		w := &s.Waiting[i]
		if !w.Announce.IsZero() && !s.At.Before(w.Announce) {
			w.Announce = s.At.Add(s.Queues[w.Queue].AnnounceEvery)
			s.decide(Announce{Call: w.Call, Queue: w.Queue, Position: s.Position(w.Call)})
		}
	}
	for name, a := range s.Agents {
		if !a.WrapUntil.IsZero() && !s.At.Before(a.WrapUntil) {
			a.WrapUntil = time.Time{}
			s.Agents[name] = a
		}
	}
}

// leaveEmpty sends callers away from queues that nobody serves any more.
func (s *step) leaveEmpty() {
	served := map[string]bool{}
	for _, w := range slices.Clone(s.Waiting) {
		if s.Queues[w.Queue].WaitEmpty {
			continue
		}
		if _, looked := served[w.Queue]; !looked {
			served[w.Queue] = s.served(w.Queue)
		}
		if !served[w.Queue] {
			s.leave(w.Call, LeaveEmpty, s.WhyWaiting(w.Call))
		}
	}
}

// served says whether an agent of the queue can take a call now or after what he is doing.
func (s *step) served(queue string) bool {
	for _, a := range s.Agents {
		if slices.Contains(a.Queues, queue) {
			switch a.State(s.At) {
			case Ready, Ringing, OnCall, WrapUp:
				return true
			}
		}
	}
	return false
}

// match offers each waiting caller, in order, to the ready agent who was tried least for this call and
// is idle longest.
func (s *step) match() {
	ready := s.ready()
	for i := range s.Waiting {
		w := &s.Waiting[i]
		if len(ready) == 0 {
			return
		}
		if w.Offered != "" {
			continue
		}
		candidates := s.candidates(ready, w)
		if len(candidates) == 0 {
			continue
		}
		name := candidates[0]
		a := s.Agents[name]
		reason := LongestIdle
		if len(candidates) == 1 {
			reason = OnlyReady
		}
		idle := s.At.Sub(a.IdleSince)
		a.Offered = w.Call
		s.Agents[name] = a
		delete(ready, name)
		w.Offered = name
		w.Until = s.At.Add(s.Queues[w.Queue].Ring)
		s.decide(Offer{
			Call: w.Call, Queue: w.Queue, Agent: name, For: s.Queues[w.Queue].Ring,
			Reason: reason, Idle: idle, Candidates: len(candidates),
		})
	}
}

// ready are the agents who could take a call now.
func (s *step) ready() map[string]Agent {
	ready := map[string]Agent{}
	for name, a := range s.Agents {
		if a.State(s.At) == Ready && !s.At.Before(a.NotBefore) {
			ready[name] = a
		}
	}
	return ready
}

// candidates lists those of the ready agents who serve the caller's queue, best first.
func (s *step) candidates(ready map[string]Agent, w *Waiting) []string {
	var names []string
	for name, a := range ready {
		if slices.Contains(a.Queues, w.Queue) {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(
			cmp.Compare(w.Tried[a], w.Tried[b]),
			ready[a].IdleSince.Compare(ready[b].IdleSince),
			cmp.Compare(a, b))
	})
	return names
}
