package exchange

import (
	"slices"
	"strconv"
	"time"

	"trunkbox/firmware/acd"
	"trunkbox/firmware/bridge"
	"trunkbox/firmware/call"
	"trunkbox/firmware/ivr"
	"trunkbox/firmware/journal"
	"trunkbox/firmware/q850"
)

// Call is one caller's way through the box. It belongs to the loop.
type Call struct {
	x         *Exchange
	id        string
	direction string // in, out, internal
	calling   call.Number
	called    string
	line      string

	caller *call.Side // who began the call, or who was left when the agent moved it
	other  *call.Side // the agent, or the party dialled; nil while there is none

	state, where string // of the Snapshot
	began, since time.Time
	answered     bool      // the caller's leg was answered by us
	joined       time.Time // since when both talk
	linked       bool      // the sides hear each other, talking or before the answer
	ended        bool

	menu    *ivr.Session
	timer   *call.Timer
	playing bridge.Source
	then    func() // when playing ends

	queue  string // while it waits
	served string // the last queue it waited in
	rung   string // the agent being rung
	ringAt time.Time

	services services  // of the network
	movedBy  string    // the agent who transferred it, until somebody answers
	route    *outward  // while a trunk is being dialled
	keys     collector // of the agent's in-call codes
	down     []down    // keys that are pressed

	thirds     []*call.Side       // who joined the talk of caller and other
	inviting   *conferring        // who is rung to join
	room       *bridge.Conference // nil while two hear each other directly
	talking    []*bridge.Party    // who are heard
	watchers   []*watcher         // supervisors in this call
	watched    *Call              // this is a supervisor's own call: the one he is in
	holdMusic  bridge.Source
	comforting comforting // who is on hold
	taping     taping
	engaged    []string // extensions whose acd state says that they have this call
}

// ending is how a call ends.
type ending struct {
	cause    q850.Cause
	location q850.Location
	by       string // caller, agent, called, box
	reason   journal.Reason
	about    string // what the reason speaks of
	detail   string // what the far side said, for support
}

// causeOfStop is what callers are told when the box is stopped.
const causeOfStop = q850.TemporaryFailure

func (x *Exchange) newCall(in call.Incoming, direction string) *Call {
	now := time.Now()
	id := x.ids.Next(now)
	belongs(in.Leg, id)
	return &Call{
		x: x, id: id, direction: direction, calling: withheld(in.Calling), called: in.Called, line: in.Trunk,
		caller: call.NewSide(in.Leg, in.Phone, x.engine), state: "arriving", began: now, since: now, services: servicesOf(in),
	}
}

func (c *Call) note(kind journal.Kind, pairs ...string) { c.x.note(c.id, kind, pairs...) }

// become changes the state that people see.
func (c *Call) become(state, where string) {
	c.state, c.where, c.since = state, where, time.Now()
	c.x.watch.tell()
}

// answer answers the caller, once. The journal knows before the far side does.
func (c *Call) answer() {
	if c.answered {
		return
	}
	c.answered = true
	c.note(journal.CallAnswered, "by", "box")
	c.caller.Leg.Answer()
	c.caller.Sound()
}

// play lets the caller hear clips, and then goes on with then.
func (c *Call) play(clips [][]byte, then func()) {
	source := bridge.Play(clips...)
	c.playing, c.then = source, then
	c.caller.Hear(source)
}

// hear lets the caller hear source with no end to wait for.
func (c *Call) hear(source bridge.Source) {
	c.playing, c.then = nil, nil
	c.caller.Hear(source)
}

// played goes on after the sound that has just ended, if it is still the one that counts.
func (c *Call) played(ended bridge.Source) {
	if c.playing != ended || c.ended {
		return
	}
	then := c.then
	c.hear(nil)
	if then != nil {
		then()
	}
}

// say plays a prompt and ends the call.
func (c *Call) say(prompt string, end ending) {
	c.answer()
	c.become("clearing", prompt)
	c.timer.Stop()
	clips := c.x.clips(prompt)
	c.timer = c.x.loop.After(playingTime(clips)+sayGrace, func() { c.end(end) }) // a leg without sound ends too
	c.play(clips, func() { c.end(end) })
}

// sayGrace is how much longer than its prompt a call may last that ends with one.
const sayGrace = 10 * time.Second

// playingTime is how long clips of 8,000 octets a second last.
func playingTime(clips [][]byte) time.Duration {
	octets := 0
	for _, clip := range clips {
		octets += len(clip)
	}
	return time.Duration(octets) * time.Second / 8000
}

// key is one key from a side of the call.
func (c *Call) key(from *call.Side, key byte) {
	switch {
	case c.ended:
	case c.watched != nil:
		c.superviseKey(key)
	case c.menu != nil && from == c.caller:
		c.menuKey(key)
	case c.joinedTo(from) != nil:
		c.passKey(from, key)
		if from.Phone != "" {
			c.agentKey(from, key)
		}
	}
}

// joinedTo is the party that side talks to, nil if it talks to nobody.
func (c *Call) joinedTo(side *call.Side) *call.Side {
	switch {
	case c.joined.IsZero():
		return nil
	case side == c.caller:
		return c.other
	case side == c.other || slices.Contains(c.thirds, side):
		return c.caller
	}
	return nil
}

// join lets the two sides talk.
func (c *Call) join(where string) {
	c.hear(nil)
	c.timer.Stop()
	c.caller.ListenForKeys(false)
	c.link()
	c.movedBy = ""
	if c.joined.IsZero() {
		c.joined = time.Now()
	}
	c.become("talking", where)
	c.record(atAnswer)
}

// sounding: a side has its sound only now.
func (c *Call) sounding(side *call.Side) {
	side.Sound()
	switch {
	case c.watched != nil:
		c.watched.wire()
	case c.linked:
		c.wire()
		c.tellOfRecording()
	}
}

// from is what a leg of the call tells: the caller's, the agent's or the dialled party's. A leg that has
// left the call is not listened to any more.
func (c *Call) from(leg call.Leg, event call.Event) {
	switch {
	case c.ended:
		c.afterEnd(event)
	case leg == c.caller.Leg:
		c.fromSide(c.caller, event)
	case c.other == nil || leg != c.other.Leg:
	case c.route != nil && c.joined.IsZero():
		c.fromTrunk(event)
	default:
		c.fromSide(c.other, event)
	}
}

// fromSide is what either side's leg tells once it is part of the call.
func (c *Call) fromSide(side *call.Side, event call.Event) {
	switch e := event.(type) {
	case call.Sounding:
		c.sounding(side)
	case call.Digit:
		c.keyDown(side, e)
	case call.KeyUp:
		c.keyUp(side, e)
	case call.Held:
		c.hold(side)
	case call.Resumed:
		c.resume(side)
	case call.Transfer:
		c.transfer(side, e.Target)
	case call.OneWay:
		c.oneWay(side, e)
	case call.Cleared:
		c.sideCleared(side, e)
	default:
		c.fromNetwork(side, event)
	}
}

// hold: a side has put its partner on hold, who hears music.
func (c *Call) hold(side *call.Side) {
	partner := c.joinedTo(side)
	if partner == nil {
		return
	}
	side.Held = true
	c.wire()
	c.mark("held")
	c.note(journal.CallHeld, "agent", side.Phone)
	c.become("held", c.where)
}

func (c *Call) resume(side *call.Side) {
	if !side.Held {
		return
	}
	side.Held = false
	if c.joinedTo(side) != nil {
		c.wire()
		c.mark("taken_back")
		c.note(journal.CallResumed, "agent", side.Phone)
		c.become("talking", c.where)
	}
}

// sideCleared: one side is gone, and the call with it.
func (c *Call) sideCleared(side *call.Side, cleared call.Cleared) {
	side.Over()
	by := "caller"
	switch {
	case side.Phone != "":
		by = "agent"
	case side != c.caller:
		by = "called"
	}
	if !cleared.Remote {
		by = "box"
	}
	if e := c.byService(endingOf(cleared, by)); !c.leave(side, e) {
		c.end(e)
	}
}

// end ends the call: both sides, what it waits for, and its story in the journal.
func (c *Call) end(e ending) {
	if c.ended {
		return
	}
	if c.route != nil && c.route.refused.cause != 0 {
		e = c.route.refused // who hangs up during the far side's announcement did not end the call
	}
	c.ended = true
	c.keysLeft()
	c.endRecording()
	c.timer.Stop()
	c.keys.timer.Stop()
	c.comforting.timer.Stop()
	now := acd.At(time.Now())
	if c.queue != "" {
		outcome := acd.SystemError
		if e.by == "caller" || c.caller.Phone != "" && e.by == "agent" {
			outcome = acd.Abandoned
		}
		c.x.step(acd.CallLeft{At: now, Call: c.id, Outcome: outcome})
	}
	rung := c.rung
	c.silenceRung(q850.NonSelectedUserClearing)
	if rung != "" {
		c.refused(rung, acd.CallerLeft)
	}
	c.uninvite(q850.NonSelectedUserClearing)
	for _, side := range c.sides() {
		c.measured(side)
		side.End(e.cause)
	}
	c.note(journal.CallEnded, "cause", strconv.Itoa(int(e.cause)), "location", strconv.Itoa(int(e.location)),
		"by", e.by, "reason", string(e.reason), "about", e.about, "detail", e.detail)
	for _, extension := range slices.Clone(c.engaged) {
		c.release(extension)
	}
	delete(c.x.calls, c.id)
	c.unwatch()
	c.dismiss()
	c.x.watch.tell()
}

// engage and release tell the acd that an agent has this call outside of any queue, or has it no more. An
// agent who asks a colleague while his caller is on hold has two: the first counts until it ends.
func (c *Call) engage(extension string) {
	c.engages(extension)
	if c.x.acd.Agent(extension).Talking == "" {
		c.x.step(acd.TalkBegan{At: acd.At(time.Now()), Agent: extension, Call: c.id})
	}
}

// engages notes that an agent has this call.
func (c *Call) engages(extension string) {
	if !slices.Contains(c.engaged, extension) {
		c.engaged = append(c.engaged, extension)
	}
}

func (c *Call) release(extension string) {
	at := slices.Index(c.engaged, extension)
	if at < 0 {
		return
	}
	c.engaged = slices.Delete(c.engaged, at, at+1)
	c.x.step(acd.TalkEnded{At: acd.At(time.Now()), Agent: extension, Call: c.id, Then: c.x.engagedIn(extension)})
}

// engagedIn is the first call that the agent has, empty when he has none.
func (x *Exchange) engagedIn(extension string) string {
	first := ""
	for id, c := range x.calls {
		if slices.Contains(c.engaged, extension) && (first == "" || id < first) {
			first = id
		}
	}
	return first
}
