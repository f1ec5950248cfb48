package pri

import (
	"strings"
	"time"

	"trunkbox/firmware/call"
	"trunkbox/firmware/lapd"
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
	link    *lapd.Link
	profile lapd.Profile

	timers    [2]*call.Timer // T200, T203
	again     *call.Timer    // until the link is asked for again
	upward    []lapd.Action  // what the link told and is not dealt with
	dealing   bool           // somebody deals with upward
	lastError lapd.Letter    // the last MDL-ERROR, for the reason when the link goes
	erred     bool
	up        bool
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
	}
	for _, action := range d.link.Handle(e) {
		switch action.Verb {
		case lapd.Send:
			if err := d.line.Line.SendFrame(action.Octets); err != nil {
				d.group.log.Warn("a frame was not sent", "entity", d.name(), "error", err)
				continue
			}
			d.line.trace(true, action.Octets)
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
	for _, t := range []*call.Timer{d.timers[0], d.timers[1], d.again} {
		t.Stop()
	}
}

// tell deals with a primitive of the data link.
func (d *dchannel) tell(action lapd.Action) {
	g := d.group
	switch action.Verb {
	case lapd.DataInd:
		g.received(action.Octets)
	case lapd.EstablishConf:
		d.isUp(LinkSetUpHere)
	case lapd.EstablishInd:
		if d.up {
			g.log.Warn("the link was set up anew, messages may be lost", "entity", d.name(), "reason", string(d.reason()))
			g.toCalls(q931.LinkReset)
			return
		}
		d.isUp(LinkSetUpThere)
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
	d.again.Stop()
	d.erred, d.up = false, true
	if d.group.setLink(LinkUp, reason) == LinkUp {
		return
	}
	d.group.silent = 0
	d.group.toCalls(q931.LinkUp)
	d.group.restartAtStart()
	d.group.serviceAtStart()
}

// isDown: the data link is lost, or could not be established.
func (d *dchannel) isDown() {
	d.up = false
	state := LinkEstablishing
	if d.line.down {
		state = LinkDown
	}
	if d.group.setLink(state, d.reason()) == LinkUp {
		d.group.toCalls(q931.LinkDown)
		d.group.restartAction(q931.Event{Input: q931.LinkDown})
		d.group.serviceAction(q931.Event{Input: q931.LinkDown})
	}
	d.again.Stop()
	if !d.line.down {
		d.again = d.group.loop.After(establishAgain, d.establish)
	}
}

func (d *dchannel) establish() {
	if d.up || d.line.down {
		return
	}
	d.group.setLink(LinkEstablishing, "")
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
	if a.d != nil {
		a.d.establish()
	}
}

func (a *Access) lineIsDown() {
	if a.d == nil {
		return
	}
	wasUp := a.d.up
	a.d.handle(lapd.Event{Input: lapd.PersistentDeactivation})
	if !wasUp {
		a.setLink(LinkDown, a.d.reason())
	}
}

// timers are the timers of one machine of layer 3.
type timers [q931.NumTimers]*call.Timer

func (t *timers) start(loop *call.Loop, timer q931.Timer, after time.Duration, expired func()) {
	t[timer].Stop()
	t[timer] = loop.After(after, expired)
}

func (t *timers) stopAll() {
	for _, timer := range t {
		timer.Stop()
	}
}
