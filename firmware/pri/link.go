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

// toLink gives one event to the data link and does what it asks for. What the link tells layer 3 is dealt with when the
// link is at rest again, as dealing with it may send.
func (a *Access) toLink(e lapd.Event) {
	if e.Input == lapd.FrameReceived {
		a.trace(false, e.Octets)
	}
	for _, action := range a.link.Handle(e) {
		switch action.Verb {
		case lapd.Send:
			if err := a.Line.SendFrame(action.Octets); err != nil {
				a.log.Warn("a frame was not sent", "error", err)
				continue
			}
			a.trace(true, action.Octets)
		case lapd.StartT200:
			a.startLinkTimer(0, lapd.PrimaryRate.T200, lapd.T200Expiry)
		case lapd.StopT200:
			a.linkTimers[0].Stop()
		case lapd.StartT203:
			a.startLinkTimer(1, lapd.PrimaryRate.T203, lapd.T203Expiry)
		case lapd.StopT203:
			a.linkTimers[1].Stop()
		default:
			a.upward = append(a.upward, action)
		}
	}
	if a.dealing {
		return
	}
	a.dealing = true
	for len(a.upward) > 0 {
		next := a.upward[0]
		a.upward = a.upward[1:]
		a.fromLink(next)
	}
	a.upward = a.upward[:0]
	a.dealing = false
}

// trace shows a frame to whoever keeps the trace of the line.
func (a *Access) trace(sent bool, frame []byte) {
	if a.Trace != nil {
		a.Trace(sent, frame)
	}
}

func (a *Access) startLinkTimer(which int, d time.Duration, expiry lapd.Input) {
	a.linkTimers[which].Stop()
	a.linkTimers[which] = a.loop.After(d, func() { a.toLink(lapd.Event{Input: expiry}) })
}

// fromLink deals with a primitive of the data link.
func (a *Access) fromLink(action lapd.Action) {
	switch action.Verb {
	case lapd.DataInd:
		a.received(action.Octets)
	case lapd.EstablishConf:
		a.linkIsUp(LinkSetUpHere)
	case lapd.EstablishInd:
		if a.isUp() {
			a.log.Warn("the link was set up anew, messages may be lost", "entity", a.Settings.Name+"/D", "reason", string(a.reason()))
			a.toCalls(q931.LinkReset)
			return
		}
		a.linkIsUp(LinkSetUpThere)
	case lapd.ReleaseInd, lapd.ReleaseConf:
		a.linkIsDown()
	case lapd.ErrorInd:
		a.lastError, a.erred = action.Letter, true
		a.countError(action.Letter)
		if a.isUp() {
			a.log.Warn("data link error", "entity", a.Settings.Name+"/D", "letter", action.Letter.String(), "meaning", action.Letter.Meaning())
		}
	case lapd.MessageRefused:
		a.log.Warn("a message was not taken by the data link", "entity", a.Settings.Name+"/D", "state", a.link.State().String())
	}
}

func (a *Access) countError(letter lapd.Letter) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.errors[letter.String()]++
}

func (a *Access) isUp() bool { return a.linkState() == LinkUp }

func (a *Access) linkState() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.status.state
}

// setLink is the one place where the state of the link changes.
func (a *Access) setLink(state string, reason Reason) (was string) {
	a.mu.Lock()
	was = a.status.state
	if was != state {
		a.status = linkStatus{state, time.Now()}
	}
	a.mu.Unlock()
	if was == state || was != LinkUp && state != LinkUp {
		return was
	}
	told := "down"
	if state == LinkUp {
		told = "up"
	}
	a.log.Info("data link "+told, "entity", a.Settings.Name+"/D", "reason", string(reason), "alarms", strings.Join(a.Line.Status().Alarms.Names(), "+"))
	a.Observer.Link(told, string(reason))
	return was
}

func (a *Access) linkIsUp(reason Reason) {
	a.again.Stop()
	a.erred = false
	if a.setLink(LinkUp, reason) == LinkUp {
		return
	}
	a.toCalls(q931.LinkUp)
	a.restartAtStart()
}

func (a *Access) linkIsDown() {
	state := LinkEstablishing
	if a.down {
		state = LinkDown
	}
	if a.setLink(state, a.reason()) == LinkUp {
		a.toCalls(q931.LinkDown)
		a.restartAction(q931.Event{Input: q931.LinkDown})
	}
	a.again.Stop()
	if !a.down {
		a.again = a.loop.After(establishAgain, a.establish)
	}
}

func (a *Access) establish() {
	if a.isUp() || a.down {
		return
	}
	a.setLink(LinkEstablishing, "")
	a.toLink(lapd.Event{Input: lapd.EstablishRequest})
}

// reason says why the link went.
func (a *Access) reason() Reason {
	switch {
	case a.down:
		return LineDown
	case a.erred:
		return errorReason(a.lastError)
	}
	return LinkReleasedThere
}

// toCalls tells every call what became of the link. A call may end by it.
func (a *Access) toCalls(in q931.Input) {
	for _, l := range a.legs() {
		a.toCall(l, q931.Event{Input: in})
	}
}

// legs is a copy of the calls' legs, for loops in which calls end.
func (a *Access) legs() []*leg {
	legs := make([]*leg, 0, len(a.calls))
	for _, l := range a.calls {
		legs = append(legs, l)
	}
	return legs
}

// watchLine reads the alarms now and again. A line that stays down takes the link with it; when it is back the link
// is asked for at once.
func (a *Access) watchLine() {
	a.loop.After(lookAgain, a.watchLine)
	down := a.Line.Status().Alarms.Down()
	switch {
	case !down:
		a.alarmed = time.Time{}
		if a.down {
			a.down = false
			a.establish()
		}
	case a.alarmed.IsZero():
		a.alarmed = time.Now()
	case !a.down && time.Since(a.alarmed) >= persistent:
		a.down = true
		wasUp := a.isUp()
		a.toLink(lapd.Event{Input: lapd.PersistentDeactivation})
		if !wasUp {
			a.setLink(LinkDown, a.reason())
		}
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
