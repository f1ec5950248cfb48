package pri

import (
	"strings"
	"time"

	"trunkbox/firmware/call"
	"trunkbox/firmware/lapd"
	"trunkbox/firmware/q850"
	"trunkbox/firmware/q931"
)

const (
	// establishAgain is how long after a failure the link is asked for again; a far end that refuses with DM is not
	// asked in a storm.
	establishAgain = time.Second
	// lookAgain is how often the alarms of the line are read.
	lookAgain = 250 * time.Millisecond
	// persistent is how long the line is down before the link is given up (the persistent deactivation of Q.921);
	// 2.5 s is the field's practice for raising an alarm.
	persistent = 2500 * time.Millisecond
)

// dchannel is the data link of one line's D channel. It belongs to the goroutine of Run.
type dchannel struct {
	group   *Group
	line    *Access
	side    lapd.Side
	link    *lapd.Link
	profile lapd.Profile

	timers    [2]*call.Timer // T200, T203
	again     *call.Timer    // until the link is asked for again
	upward    []lapd.Action  // what the link told and is not dealt with
	dealing   bool           // somebody deals with upward
	lastError lapd.Letter    // the last MDL-ERROR, for the reason when the link goes
	erred     bool
	up        bool

	joining *q931.Assembler
	rest    *call.Timer // T314: until the rest of a message is given up

	held         bool // given up for the other one
	initializing bool // taken into service by us, the far side has not answered in layer 3
	initialized  bool // the far side initialized the link anew while it stood by
}

func (d *dchannel) name() string { return d.line.Settings.Name + "/D" }

func (d *dchannel) alarms() string {
	return strings.Join(d.line.Line.Status().Alarms.Names(), "+")
}

// handle gives one event to the data link and does what it asks for. What the link tells layer 3 is dealt with when the
// link is at rest again, as dealing with it may send.
func (d *dchannel) handle(e lapd.Event) {
	if e.Input == lapd.FrameReceived {
		d.line.trace(false, e.Octets)
		if d.held && d.link.State() == lapd.TEIAssigned {
			d.refuse(e.Octets)
			return
		}
	}
	for _, action := range d.link.Handle(e) {
		switch action.Verb {
		case lapd.Send:
			d.transmit(action.Octets)
		case lapd.StartT200:
			d.startTimer(0, d.profile.T200, lapd.T200Expiry)
		case lapd.StopT200:
			d.timers[0].Stop()
		case lapd.StartT203:
			d.startTimer(1, d.profile.T203, lapd.T203Expiry)
		case lapd.StopT203:
			d.timers[1].Stop()
		default:
			d.upward = append(d.upward, action)
		}
	}
	if d.dealing {
		return
	}
	d.dealing = true
	for len(d.upward) > 0 {
		next := d.upward[0]
		d.upward = d.upward[1:]
		d.tell(next)
	}
	d.upward = d.upward[:0]
	d.dealing = false
}

func (d *dchannel) transmit(frame []byte) {
	if err := d.line.Line.SendFrame(frame); err != nil {
		d.group.log.Warn("a frame was not sent", "entity", d.name(), "error", err)
		return
	}
	d.line.trace(true, frame)
}

// trace shows a frame to whoever keeps the trace of the line.
func (a *Access) trace(sent bool, frame []byte) {
	if a.Trace != nil {
		a.Trace(sent, frame)
	}
}

func (d *dchannel) startTimer(which int, after time.Duration, expiry lapd.Input) {
	d.timers[which].Stop()
	d.timers[which] = d.group.loop.After(after, func() { d.handle(lapd.Event{Input: expiry}) })
}

func (d *dchannel) stopTimers() {
	for _, t := range []*call.Timer{d.timers[0], d.timers[1], d.again, d.rest} {
		t.Stop()
	}
}

// tell deals with a primitive of the data link.
func (d *dchannel) tell(action lapd.Action) {
	g := d.group
	switch action.Verb {
	case lapd.DataInd:
		if message := d.joined(action.Octets); message != nil {
			d.hears(message)
		}
	case lapd.EstablishConf:
		d.isUp(LinkSetUpHere)
	case lapd.EstablishInd:
		d.joiningHears(q931.Event{Input: q931.LinkReset})
		switch {
		case !d.up:
			d.isUp(LinkSetUpThere)
		case d != g.active:
			d.initialized = true
		default:
			g.log.Warn("the link was set up anew, messages may be lost", "entity", d.name(), "reason", string(d.reason()))
			g.toCalls(q931.LinkReset)
		}
	case lapd.ReleaseInd, lapd.ReleaseConf:
		d.isDown()
	case lapd.ErrorInd:
		d.lastError, d.erred = action.Letter, true
		g.countError(action.Letter)
		if d.up {
			g.log.Warn("data link error", "entity", d.name(), "letter", action.Letter.String(), "meaning", action.Letter.Meaning())
		}
	case lapd.MessageRefused:
		g.log.Warn("a message was not taken by the data link", "entity", d.name(), "state", d.link.State().String())
	}
}

func (g *Group) countError(letter lapd.Letter) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.errors[letter.String()]++
}

// isUp: the data link is established.
func (d *dchannel) isUp(reason Reason) {
	g := d.group
	d.again.Stop()
	d.erred, d.up, d.held = false, true, false
	defer g.showDs()
	if d != g.active {
		if !g.active.up && !g.active.held && time.Since(g.began) >= standInAfter {
			g.standIn()
		}
		return
	}
	if g.setLink(LinkUp, reason) == LinkUp {
		return
	}
	if d.initializing {
		d.announce()
	}
	g.comesUp()
}

// comesUp goes on where the link was lost.
func (g *Group) comesUp() {
	g.silent = 0
	g.toCalls(q931.LinkUp)
	g.restartAtStart()
	g.serviceAtStart()
}

// isDown: the data link is lost, or could not be established. Another one takes over, if there is one.
func (d *dchannel) isDown() {
	g := d.group
	d.up, d.initialized, d.initializing = false, false, false
	d.joiningHears(q931.Event{Input: q931.LinkDown})
	d.again.Stop()
	if !d.line.down && !d.held {
		d.again = g.loop.After(establishAgain, d.establish)
	}
	if d == g.active {
		wasUp := g.isUp()
		g.goesDown(d.reason())
		if to := g.other(d); to != nil && (wasUp || time.Since(g.began) >= standInAfter) {
			g.switchOver(d, to)
		}
	}
	g.showDs()
}

// goesDown tells everybody that nothing can be signalled now.
func (g *Group) goesDown(reason Reason) {
	state := LinkEstablishing
	if g.active.line.down {
		state = LinkDown
	}
	if g.setLink(state, reason) == LinkUp {
		g.toCalls(q931.LinkDown)
		g.restartAction(q931.Event{Input: q931.LinkDown})
		g.serviceAction(q931.Event{Input: q931.LinkDown})
	}
}

func (d *dchannel) establish() {
	if d.up || d.line.down || d.held {
		return
	}
	if d == d.group.active {
		d.group.setLink(LinkEstablishing, "")
	}
	d.handle(lapd.Event{Input: lapd.EstablishRequest})
}

// reason says why the link went.
func (d *dchannel) reason() Reason {
	switch {
	case d.line.down:
		return LineDown
	case d.erred:
		return errorReason(d.lastError)
	}
	return LinkReleasedThere
}

// watchLine reads the alarms now and again. A line that stays down takes the link with it; when it is back the link
// is asked for at once.
func (a *Access) watchLine() {
	a.watch = a.loop.After(lookAgain, a.watchLine)
	down := a.Line.Status().Alarms.Down()
	switch {
	case !down:
		a.alarmed = time.Time{}
		if a.down {
			a.down = false
			a.lineIsUp()
		}
	case a.alarmed.IsZero():
		a.alarmed = time.Now()
	case !a.down && time.Since(a.alarmed) >= persistent:
		a.down = true
		a.lineIsDown()
	}
}

func (a *Access) lineIsUp() {
	a.lost.Stop()
	if len(a.lines) > 1 {
		a.failed(false)
	}
	if a.d != nil {
		a.d.establish()
	}
}

func (a *Access) lineIsDown() {
	if len(a.lines) > 1 {
		a.failed(true)
		a.lost = a.loop.After(a.profile.Timers[q931.T309], a.lostForGood)
	}
	if a.d == nil {
		return
	}
	wasUp := a.d.up
	a.d.handle(lapd.Event{Input: lapd.PersistentDeactivation})
	if !wasUp && a.d == a.active {
		a.setLink(LinkDown, a.d.reason())
		if to := a.other(a.d); to != nil {
			a.switchOver(a.d, to)
		}
	}
}

// failed keeps the channels of a line that is down from being chosen while the others' signalling works.
func (a *Access) failed(is bool) {
	for _, ts := range a.channels.all {
		a.channels.service(ts, line, !is)
	}
}

// lostForGood clears the calls of a line that is down for longer than T309, as the loss of the signalling would.
func (a *Access) lostForGood() {
	for _, l := range a.legs() {
		if l.access == a {
			l.detail = "the line of the call was lost"
			l.hangup(q850.DestinationOutOfOrder)
		}
	}
}

// timers are the timers of one machine of layer 3.
type timers [q931.NumTimers]*call.Timer

func (t *timers) start(loop *call.Loop, timer q931.Timer, after time.Duration, expired func()) {
	t[timer].Stop()
	t[timer] = loop.After(after, expired)
}

// carryOut sends the messages and runs the timers that a machine asks for; a timer that expires is given to handle. What
// the machine tells stays with the caller.
func (g *Group) carryOut(actions []q931.Action, t *timers, handle func(q931.Event)) {
	for i := range actions {
		switch action := &actions[i]; action.Kind {
		case q931.Send:
			g.send(action.Msg)
		case q931.StartTimer:
			timer := action.Timer
			t.start(g.loop, timer, action.After, func() { handle(q931.Expired(timer)) })
		case q931.StopTimer:
			t[action.Timer].Stop()
		}
	}
}

func (t *timers) stopAll() {
	for _, timer := range t {
		timer.Stop()
	}
}
