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
// be changed by anybody else, and may be kept: what a step does not change, the state after it shares.
package acd

import (
	"cmp"
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
	Agents  Agents
	Waiting []Waiting // in the order they are served
	At      time.Time // of the last event
}

// Agent is what is known of an agent; of one who does not exist, nothing.
func (s State) Agent(name string) Agent {
	if a := s.Agents.Get(name); a != nil {
		return *a
	}
	return Agent{}
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
		Agents:  old.Agents,
		Waiting: slices.Clone(old.Waiting),
		At:      event.when(),
	}}
	event.apply(s)
	s.expire()
	s.leaveEmpty()
	s.match()
	return s.State, append(s.decisions, s.changes(old)...)
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
	for _, a := range s.Agents.All() {
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
	for _, a := range s.Agents.All() {
		if slices.Contains(a.Queues, w.Queue) {
			worst = max(worst, whyNot[a.State(s.At)])
		}
	}
	return worst
}

// step is a state being changed, with the decisions so far.
type step struct {
	State
	changed   []string // agents that are not those of the old state
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
	for _, w := range s.due() {
		switch limit := s.Queues[w.Queue].MaxWait; {
		case limit > 0 && !s.At.Before(w.Since.Add(limit)):
			s.leave(w.Call, Timeout, WaitedTooLong)
		default:
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
	for name, a := range s.Agents.All() {
		if !a.WrapUntil.IsZero() && !s.At.Before(a.WrapUntil) {
			done := *a
			done.WrapUntil = time.Time{}
			s.set(name, &done)
		}
	}
}

// due are the callers who have waited too long, or been rung for long enough.
func (s *step) due() []Waiting {
	var due []Waiting
	for _, w := range s.Waiting {
		limit := s.Queues[w.Queue].MaxWait
		if limit > 0 && !s.At.Before(w.Since.Add(limit)) || w.Offered != "" && !s.At.Before(w.Until) {
			due = append(due, w)
		}
	}
	return due
}

// leaveEmpty sends callers away from queues that nobody serves any more.
func (s *step) leaveEmpty() {
	served := map[string]bool{}
	var gone []string
	for _, w := range s.Waiting {
		if s.Queues[w.Queue].WaitEmpty {
			continue
		}
		if _, looked := served[w.Queue]; !looked {
			served[w.Queue] = s.served(w.Queue)
		}
		if !served[w.Queue] {
			gone = append(gone, w.Call)
		}
	}
	for _, call := range gone {
		s.leave(call, LeaveEmpty, s.WhyWaiting(call))
	}
}

// served says whether an agent of the queue can take a call now or after what he is doing.
func (s *step) served(queue string) bool {
	for _, a := range s.Agents.All() {
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
	idle := func(w Waiting) bool { return w.Offered == "" }
	if !slices.ContainsFunc(s.Waiting, idle) {
		return
	}
	ready := s.ready()
	none := map[string]bool{} // queues without a ready agent
	for i := range s.Waiting {
		w := &s.Waiting[i]
		if len(ready) == 0 {
			return
		}
		if w.Offered != "" || none[w.Queue] {
			continue
		}
		best, candidates := s.best(ready, w)
		if candidates == 0 {
			none[w.Queue] = true
			continue
		}
		name := ready[best]
		ready = slices.Delete(ready, best, best+1)
		a := s.Agent(name)
		reason := LongestIdle
		if candidates == 1 {
			reason = OnlyReady
		}
		a.Offered = w.Call
		s.set(name, &a)
		w.Offered = name
		w.Until = s.At.Add(s.Queues[w.Queue].Ring)
		s.decide(Offer{
			Call: w.Call, Queue: w.Queue, Agent: name, For: s.Queues[w.Queue].Ring,
			Reason: reason, Idle: s.At.Sub(a.IdleSince), Candidates: candidates,
		})
	}
}

// ready are the names of the agents who could take a call now.
func (s *step) ready() []string {
	var ready []string
	for name, a := range s.Agents.All() {
		if a.State(s.At) == Ready && !s.At.Before(a.NotBefore) {
			ready = append(ready, name)
		}
	}
	return ready
}

// best is where the best for a caller stands among the ready agents, and how many of them serve its queue.
func (s *step) best(ready []string, w *Waiting) (at, candidates int) {
	before := func(a, b string) bool {
		return cmp.Or(
			cmp.Compare(w.Tried[a], w.Tried[b]),
			s.Agents.Get(a).IdleSince.Compare(s.Agents.Get(b).IdleSince),
			cmp.Compare(a, b)) < 0
	}
	for i, name := range ready {
		if !slices.Contains(s.Agents.Get(name).Queues, w.Queue) {
			continue
		}
		if candidates == 0 || before(name, ready[at]) {
			at = i
		}
		candidates++
	}
	return at, candidates
}
