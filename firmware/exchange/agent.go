package exchange

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"trunkbox/dsp"
	"trunkbox/firmware/acd"
	"trunkbox/firmware/bridge"
	"trunkbox/firmware/call"
	"trunkbox/firmware/config"
	"trunkbox/firmware/journal"
	"trunkbox/firmware/q850"
	"trunkbox/firmware/seat"
)

// startAgents gives every agent a seat and logs in those who were logged in when the box stopped.
func (x *Exchange) startAgents() {
	x.seatAgents()
	for _, a := range x.settings.Agents {
		if a.LoggedIn {
			x.step(acd.AgentIn{At: acd.At(time.Now()), Agent: a.Extension})
			if reason, paused := x.Store.Kept(pauseRoom, a.Extension); paused {
				x.step(acd.AgentPaused{At: acd.At(time.Now()), Agent: a.Extension, Reason: string(reason)})
			}
		}
	}
}

// seatAgents makes seats and the acd follow the settings.
func (x *Exchange) seatAgents() {
	for _, a := range x.settings.Agents {
		if x.seats[a.Extension] == nil {
			x.seats[a.Extension] = seat.New(a.Extension, x.phones)
			x.since[a.Extension] = time.Now()
		}
	}
	x.configureACD()
}

func (x *Exchange) agentSettings(extension string) (config.Agent, bool) {
	i := slices.IndexFunc(x.settings.Agents, func(a config.Agent) bool { return a.Extension == extension })
	if i < 0 {
		return config.Agent{}, false
	}
	return x.settings.Agents[i], true
}

// ErrNoAgent says that no agent has the extension.
var ErrNoAgent = errors.New("no agent has this extension")

// LogIn lets the agent take calls of his queues; by is phone, page or console.
func (x *Exchange) LogIn(extension, by string) error {
	return x.agentDo(extension, func() { x.logIn(extension, by) })
}

// LogOut ends it; a call in progress goes on.
func (x *Exchange) LogOut(extension, by string) error {
	return x.agentDo(extension, func() { x.logOut(extension, by) })
}

// Pause begins a break for a reason; a call in progress goes on.
func (x *Exchange) Pause(extension, reason, by string) error {
	return x.agentDo(extension, func() { x.pause(extension, reason, by) })
}

// Resume ends a break, and after-call work.
func (x *Exchange) Resume(extension, by string) error {
	return x.agentDo(extension, func() { x.resume(extension, by) })
}

func (x *Exchange) agentDo(extension string, do func()) error {
	err := fmt.Errorf("extension %q: %w", extension, ErrNoAgent)
	x.loop.Do(func() {
		if _, known := x.agentSettings(extension); known {
			do()
			err = nil
		}
	})
	return err
}

func (x *Exchange) logIn(extension, by string) {
	x.keepLoggedIn(extension, true)
	x.note("", journal.AgentIn, "agent", extension, "by", by)
	x.step(acd.AgentIn{At: acd.At(time.Now()), Agent: extension})
}

func (x *Exchange) logOut(extension, by string) {
	x.keepLoggedIn(extension, false)
	x.keepPause(extension, "")
	x.note("", journal.AgentOut, "agent", extension, "by", by)
	x.step(acd.AgentOut{At: acd.At(time.Now()), Agent: extension})
}

// keepLoggedIn keeps the agent's choice over a restart of the box. It may fail; the agent works all the same.
func (x *Exchange) keepLoggedIn(extension string, in bool) {
	for i := range x.settings.Agents {
		if x.settings.Agents[i].Extension == extension {
			x.settings.Agents[i].LoggedIn = in
		}
	}
	x.disk.Post(func() {
		if err := x.Store.SetLoggedIn(extension, in); err != nil {
			x.Log.Error("who is logged in could not be kept", "agent", extension, "error", err)
		}
	})
}

// pauseRoom is where breaks are kept over a restart of the box.
const pauseRoom = "pauses"

// keepPause keeps why an agent is on a break, or with no reason that he is not.
func (x *Exchange) keepPause(extension, reason string) {
	var value []byte
	if reason != "" {
		value = []byte(reason)
	}
	x.disk.Post(func() {
		if err := x.Store.Keep(pauseRoom, extension, value); err != nil {
			x.Log.Error("who is on a break could not be kept", "agent", extension, "error", err)
		}
	})
}

func (x *Exchange) pause(extension, reason, by string) {
	x.note("", journal.AgentPaused, "agent", extension, "reason", reason, "by", by)
	x.keepPause(extension, reason)
	x.step(acd.AgentPaused{At: acd.At(time.Now()), Agent: extension, Reason: reason})
}

func (x *Exchange) resume(extension, by string) {
	x.note("", journal.AgentResumed, "agent", extension, "by", by)
	x.keepPause(extension, "")
	x.step(acd.AgentResumed{At: acd.At(time.Now()), Agent: extension})
}

// feature is a code that an agent dials, with what it does; the function returns the prompt that confirms it.
type feature struct {
	code string
	do   func(extension string) (prompt string)
}

func (x *Exchange) features() []feature {
	f := x.settings.Features
	return []feature{
		{f.LogInOut, func(extension string) string {
			if x.acd.Agent(extension).LoggedIn {
				x.logOut(extension, "phone")
				return "agent_logged_out"
			}
			x.logIn(extension, "phone")
			return "agent_logged_in"
		}},
		{f.PauseResume, func(extension string) string {
			if !x.acd.Agent(extension).LoggedIn {
				return "agent_logged_out"
			}
			if x.acd.Agent(extension).Paused != "" {
				x.resume(extension, "phone")
				return "agent_resumed"
			}
			x.pause(extension, "break", "phone")
			return "agent_paused"
		}},
	}
}

// dialledFeature carries out a feature code; false says that the digits are none.
func (c *Call) dialledFeature() bool {
	if c.testNumber(c.called) {
		return true
	}
	for _, f := range c.x.features() {
		if f.code != "" && f.code == c.called {
			c.engage(c.caller.Phone)
			done := ending{cause: q850.NormalClearing, by: "box", reason: journal.FeatureCode, about: f.code}
			c.say(f.do(c.caller.Phone), done)
			return true
		}
	}
	return false
}

// ringExtension rings an agent's phone, or a queue when its extension was dialled.
func (c *Call) ringExtension(extension string) {
	for _, q := range c.x.settings.Queues {
		if q.Extension != "" && q.Extension == extension {
			c.enterQueue(q.Name)
			return
		}
	}
	s := c.x.seats[extension]
	if _, known := c.x.agentSettings(extension); !known || s == nil {
		c.unreachable(ending{cause: q850.UnallocatedNumber, by: "box", reason: journal.NoExtension, about: extension}, "number_not_in_service")
		return
	}
	if a := c.x.acd.Agent(extension); a.Talking != "" || a.Offered != "" {
		c.unreachable(ending{cause: q850.UserBusy, by: "box", reason: journal.ExtensionBusy, about: extension}, "line_busy")
		return
	}
	c.rung, c.ringAt = extension, time.Now()
	c.become("ringing", extension)
	c.note(journal.AgentOffered, "agent", extension, "reason", "dialled")
	c.caller.Leg.Alert()
	c.connectAs(extension)
	if c.answered {
		c.hear(c.x.ringback())
	}
	c.engage(extension)
	var leg call.Leg
	leg, err := s.Ring(c.id, call.Outgoing{Called: extension, Calling: c.shown(), Diverted: c.services.diverted},
		c.x.handler(func(event call.Event) { c.fromExtension(s, leg, event) }))
	if err != nil {
		c.notReached(s, call.Cleared{Cause: q850.SubscriberAbsent, Detail: err.Error()})
		return
	}
	c.timer = c.x.loop.After(extensionRings, func() {
		s.Silence(c.id, q850.NoAnswer)
		c.notReached(s, call.Cleared{Cause: q850.NoAnswer})
	})
}

// extensionRings is how long an extension rings that was dialled directly.
const extensionRings = 30 * time.Second

// fromExtension is what the leg to a directly dialled extension tells.
func (c *Call) fromExtension(s *seat.Seat, leg call.Leg, event call.Event) {
	if cleared, over := event.(call.Cleared); over && s.Rings(leg) {
		s.Done(c.id)
		c.notReached(s, cleared)
		return
	}
	c.fromAgent(s, leg, event)
}

// notReached ends a call whose extension did not answer.
func (c *Call) notReached(s *seat.Seat, cleared call.Cleared) {
	if c.ended {
		return
	}
	c.refused(s.Extension, seat.Refusal(cleared))
	c.release(s.Extension)
	c.unreachable(endingOf(cleared, "box"), "cannot_be_reached")
}

// unreachable tells a caller who was answered by a prompt, any other by the cause alone. Who was transferred
// comes back to the agent who transferred him, once.
func (c *Call) unreachable(e ending, prompt string) {
	if back := c.movedBy; back != "" {
		c.movedBy = ""
		c.route = nil
		c.note(journal.CallMoved, "by", "box", "to", back, "reason", string(e.reason), "about", e.about, "detail", e.detail)
		c.ringExtension(back)
		return
	}
	if c.answered {
		c.say(prompt, e)
		return
	}
	c.end(e)
}

// ringback is the ringing tone of the box's country, for a caller who was answered already.
func (x *Exchange) ringback() bridge.Source {
	country, known := dsp.CountryByCode(x.settings.Box.Country)
	if !known {
		country = dsp.Countries[0]
	}
	return bridge.Tone(country.Ringback)
}
