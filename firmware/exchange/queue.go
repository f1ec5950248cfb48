package exchange

import (
	"strconv"
	"time"

	"trunkbox/firmware/acd"
	"trunkbox/firmware/bridge"
	"trunkbox/firmware/call"
	"trunkbox/firmware/config"
	"trunkbox/firmware/journal"
	"trunkbox/firmware/q850"
	"trunkbox/firmware/seat"
)

// step gives the acd an event and carries out its decisions.
func (x *Exchange) step(event acd.Event) {
	state, decisions := acd.Step(x.acd, event)
	x.acd = state
	for _, decision := range decisions {
		switch d := decision.(type) {
		case acd.Offer:
			x.offer(d)
		case acd.Withdraw:
			x.withdraw(d)
		case acd.Announce:
			if c := x.calls[d.Call]; c != nil {
				c.announce(d.Position)
			}
		case acd.Leave:
			x.leave(d)
		case acd.AgentChanged:
			x.agentChanged(d)
		}
	}
	x.acdTimer.Stop()
	if next := x.acd.Next(); !next.IsZero() {
		x.acdTimer = x.loop.After(time.Until(next), func() { x.step(acd.Clock{At: acd.At(time.Now())}) })
	}
}

// configureACD tells the acd the queues and who serves them.
func (x *Exchange) configureACD() {
	queues, agents := map[string]acd.Rules{}, map[string][]string{}
	for _, q := range x.settings.Queues {
		queues[q.Name] = rules(q)
	}
	for _, a := range x.settings.Agents {
		agents[a.Extension] = a.Queues
	}
	x.step(acd.Configured{At: acd.At(time.Now()), Queues: queues, Agents: agents})
}

func rules(q config.Queue) acd.Rules {
	seconds := func(n int) time.Duration { return time.Duration(n) * time.Second }
	return acd.Rules{
		Ring: seconds(q.RingSeconds), WrapUp: seconds(q.WrapUpSeconds), Retry: seconds(q.RetrySeconds),
		MaxWait: seconds(q.MaxWait), MaxLength: q.MaxLength, AnnounceEvery: seconds(q.AnnounceEvery),
		AutoPause: q.AutoPause, WaitEmpty: q.OnEmpty == "wait",
	}
}

func (x *Exchange) queueSettings(name string) config.Queue {
	for _, q := range x.settings.Queues {
		if q.Name == name {
			return q
		}
	}
	return config.Queue{}
}

// enterQueue lets the caller wait for an agent.
func (c *Call) enterQueue(name string) {
	c.served = name
	if c.consent(func() { c.enterQueue(name) }) {
		return
	}
	c.answer()
	c.queue = name
	c.caller.ListenForKeys(false)
	c.become("queued", name)
	c.note(journal.QueueEntered, "queue", name, "position", strconv.Itoa(c.x.queueLength(name)+1))
	c.record(inQueue)
	c.queueMusic()
	c.x.step(acd.CallQueued{At: acd.At(time.Now()), Call: c.id, Queue: name, Priority: 5})
	if c.queue != "" && c.rung == "" {
		c.announce(c.x.acd.Position(c.id))
	}
}

func (x *Exchange) queueLength(name string) int {
	n := 0
	for _, w := range x.acd.Waiting {
		if w.Queue == name {
			n++
		}
	}
	return n
}

func (c *Call) queueMusic() {
	c.hear(bridge.Loop(c.x.music(c.x.queueSettings(c.queue).Music)...))
}

// announce tells the caller its place; then the music goes on.
func (c *Call) announce(position int) {
	if position > 0 {
		c.play(c.x.position(position), c.queueMusic)
	}
}

// offer rings the agent for the call.
func (x *Exchange) offer(d acd.Offer) {
	c, s := x.calls[d.Call], x.seats[d.Agent]
	refuse := func() {
		x.step(acd.OfferRefused{At: acd.At(time.Now()), Call: d.Call, Agent: d.Agent, Reason: acd.PhoneUnreachable})
	}
	if c == nil || s == nil {
		x.loop.Post(refuse)
		return
	}
	c.note(journal.AgentOffered, "queue", d.Queue, "agent", d.Agent, "reason", d.Reason.String(),
		"ms", milliseconds(d.Idle), "of", strconv.Itoa(d.Candidates))
	c.rung, c.ringAt = d.Agent, time.Now()
	c.become("ringing", d.Agent)
	var leg call.Leg
	leg, err := s.Ring(c.id, call.Outgoing{Called: d.Agent, Calling: c.shown(), Diverted: c.services.diverted, Label: d.Queue},
		x.handler(func(event call.Event) { c.fromAgent(s, leg, event) }))
	if err != nil {
		c.refused(d.Agent, acd.PhoneUnreachable)
		x.loop.Post(refuse)
	}
}

// fromAgent is what the leg to a rung agent tells, and later the agent's side of the call.
func (c *Call) fromAgent(s *seat.Seat, leg call.Leg, event call.Event) {
	if c.other != nil && c.other.Leg == leg {
		c.from(leg, event)
		return
	}
	switch e := event.(type) {
	case call.Answered:
		c.agentAnswered(s, leg)
	case call.Cleared:
		if s.Rings(leg) {
			s.Done(c.id)
			reason := seat.Refusal(e)
			c.refused(s.Extension, reason)
			c.x.step(acd.OfferRefused{At: acd.At(time.Now()), Call: c.id, Agent: s.Extension, Reason: reason})
		}
	}
}

// agentAnswered joins the agent to the caller, unless the caller has gone meanwhile.
func (c *Call) agentAnswered(s *seat.Seat, leg call.Leg) {
	if c.ended || !s.Rings(leg) {
		leg.Hangup(q850.NonSelectedUserClearing)
		return
	}
	s.Done(c.id)
	queue, rung := c.queue, time.Since(c.ringAt)
	c.other = c.x.sideOf(leg, s.Extension, "")
	if queue != "" {
		c.engages(s.Extension)
		c.x.step(acd.OfferAnswered{At: acd.At(time.Now()), Call: c.id, Agent: s.Extension})
	}
	c.rung = ""
	c.answer()
	c.note(journal.AgentJoined, "queue", queue, "agent", s.Extension, "ms", milliseconds(rung))
	c.join(s.Extension)
}

// refused writes down that an agent did not take the call; the caller waits on.
func (c *Call) refused(agent string, reason acd.Reason) {
	c.note(journal.AgentRefused, "queue", c.queue, "agent", agent, "reason", reason.String(),
		"ms", milliseconds(time.Since(c.ringAt)))
	c.rung = ""
	if !c.ended && c.queue != "" {
		c.become("queued", c.queue)
	}
}

// withdraw stops ringing an agent.
func (x *Exchange) withdraw(d acd.Withdraw) {
	s := x.seats[d.Agent]
	if s == nil || !s.RingsFor(d.Call) {
		return
	}
	s.Silence(d.Call, q850.NonSelectedUserClearing)
	if c := x.calls[d.Call]; c != nil {
		c.refused(d.Agent, d.Reason)
	}
}

// silenceRung stops the ringing for this call, whoever is rung.
func (c *Call) silenceRung(cause q850.Cause) {
	if s := c.x.seats[c.rung]; s != nil {
		s.Silence(c.id, cause)
		c.rung = ""
	}
}

// leavings are the prompt and the cause for callers whom the acd sends away.
var leavings = map[acd.Outcome]struct {
	prompt string
	cause  q850.Cause
}{
	acd.Timeout:     {"all_agents_busy", q850.UserBusy},
	acd.Full:        {"all_agents_busy", q850.UserBusy},
	acd.JoinEmpty:   {"nobody_available", q850.NoUserResponding},
	acd.LeaveEmpty:  {"nobody_available", q850.NoUserResponding},
	acd.SystemError: {"nobody_available", q850.TemporaryFailure},
}

// leave: the call is no longer in the queue.
func (x *Exchange) leave(d acd.Leave) {
	c := x.calls[d.Call]
	if c == nil {
		return
	}
	c.queue = ""
	c.note(journal.QueueLeft, "queue", d.Queue, "outcome", string(d.Outcome), "reason", d.Reason.String(),
		"ms", milliseconds(d.Waited))
	if d.Reason == acd.QueueGone && !c.ended {
		if to, known := x.destination(c.line, c.called); known && to.Target != d.Queue {
			c.hear(nil)
			c.goTo(to)
			return
		}
	}
	if away, sent := leavings[d.Outcome]; sent && !c.ended {
		c.say(away.prompt, ending{cause: away.cause, by: "box", reason: journal.Reason(d.Reason.String())})
	}
}

// agentChanged keeps since when an agent is in a state, and journals what the agent did not do himself.
func (x *Exchange) agentChanged(d acd.AgentChanged) {
	now := time.Now()
	x.since[d.Agent] = now
	switch {
	case d.To == acd.WrapUp:
		x.note("", journal.AgentWrapUp, "agent", d.Agent, "ms", milliseconds(d.Until.Sub(now)))
	case d.To == acd.Paused && d.Pause == acd.PausedForMissing:
		x.keepPause(d.Agent, d.Pause)
		x.note("", journal.AgentPaused, "agent", d.Agent, "reason", d.Pause, "by", "box")
	case d.From == acd.WrapUp && d.To == acd.Ready:
		x.note("", journal.AgentReady, "agent", d.Agent)
	}
	x.watch.tell()
}

func milliseconds(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }
