package farend

import (
	"time"
)

// receive takes a message of this call.
func (c *Call) receive(m message) {
	switch m.typ {
	case msgSetupAck, msgProceeding, msgAlerting, msgProgress, msgConnect:
		c.progressed(m)
	case msgConnectAck:
		c.reach(connectAcked)
	case msgInformation:
		c.moreDigits(m)
	case msgDisconnect:
		cause, location := m.cause()
		c.noteCleared(cause, location)
		if c.state != stRelease {
			c.release(causeNormal, locationPublic)
		}
	case msgRelease:
		cause, location := m.cause()
		c.noteCleared(cause, location)
		if c.state != stRelease {
			c.say(msgReleaseComp)
		}
		c.over(cause, location)
	case msgReleaseComp:
		cause, location := m.cause()
		c.over(cause, location)
	case msgStatusEnq:
		c.status(causeEnquiry)
	case msgStatus:
		if s := m.get(ieCallState); len(s) > 0 && s[0]&0x3f == 0 {
			cause, location := m.cause()
			c.over(cause, location)
		}
	case msgFacility:
		c.facility(m)
	case msgNotify, msgSetup: // nothing to do; SETUP is the box's T303
	default:
		c.status(causeUnknown)
	}
}

func (c *Call) status(cause int) {
	c.say(msgStatus, causeIE(cause, locationPublic), ie{id: ieCallState, data: []byte{byte(c.state)}})
}

// progressed takes the answers to our SETUP.
func (c *Call) progressed(m message) {
	if !c.ref.ours || c.state == stDisconnect || c.state == stRelease {
		if m.typ != msgProgress {
			c.status(causeWrongState)
		}
		return
	}
	c.disarm()
	if w := m.channel(); w.number != 0 && !w.wrong {
		c.seize(w.number)
	}
	if p := m.get(ieProgress); len(p) > 1 && (p[1] == 0x81 || p[1] == 0x88) {
		c.change(func() { c.inband = true })
	}
	if d := m.get(ieDisplay); d != nil {
		c.change(func() { c.display = string(d) })
	}
	switch m.typ {
	case msgSetupAck:
		c.state = stOverlapRecv
		c.nextDigit()
	case msgProceeding:
		c.state = stInProceeding
		c.reach(proceeding)
		c.arm(c.e.o.Timers.T310, func() { c.clear(causeTimer, locationPublic) })
	case msgAlerting:
		c.state = stReceived
		c.change(func() { c.reached[proceeding], c.reached[alerting] = true, true })
	case msgConnect:
		c.state = stActive
		c.say(msgConnectAck)
		c.change(func() { c.reached[proceeding], c.reached[answered] = true, true })
	}
}

// overlapPause is the time between two digits that we send in overlap.
const overlapPause = 100 * time.Millisecond

// nextDigit sends one of the digits that remain in overlap.
func (c *Call) nextDigit() {
	if c.state != stOverlapRecv || c.rest == "" {
		return
	}
	digit := c.rest[:1]
	c.rest = c.rest[1:]
	c.say(msgInformation, ie{id: ieCalled, data: append([]byte{0xc1}, digit...)})
	c.arm(overlapPause, c.nextDigit)
}

// accept takes a call of the box.
func (e *Exchange) accept(m message, ref reference) {
	refuse := func(cause int) {
		e.send(message{ref: m.ref, answers: true, typ: msgReleaseComp, ies: []ie{causeIE(cause, locationPublic)}})
	}
	if !m.has(ieBearer) {
		refuse(causeMissing)
		return
	}
	wanted := m.channel()
	channel := wanted.number
	switch {
	case wanted.wrong || channel != 0 && !e.isChannel(channel):
		refuse(causeNoSuchChan)
		return
	case channel != 0 && e.sounds[channel].Load() != nil && wanted.exclusive:
		refuse(causeChannelBusy)
		return
	case channel == 0 || e.sounds[channel].Load() != nil:
		channel = e.hunt()
	}
	if channel == 0 {
		refuse(causeNoChannel)
		return
	}
	c := e.newCall(ref)
	c.state = stInitiated
	c.seen = []byte{msgSetup}
	c.called, c.calling, c.display = m.digits(ieCalled), m.digits(ieCalling), string(m.get(ieDisplay))
	c.seize(channel)
	select {
	case e.incoming <- c:
	default: // nobody fetches them: the table alone decides
	}
	if !m.has(ieSendingComplete) && len(c.called) < e.o.Overlap {
		c.state = stOverlapSend
		c.say(msgSetupAck, channelIE(channel, true))
		c.sound.PlayTone(450)
		c.arm(firstDigits, c.complete)
		return
	}
	c.complete()
}

func (e *Exchange) isChannel(channel int) bool {
	for _, ts := range e.line.Kind().B() {
		if int(ts) == channel {
			return true
		}
	}
	return false
}

// The times to wait for digits of the box: for the first and between them (T302).
const (
	firstDigits = 15 * time.Second
	moreDigits  = 4 * time.Second
)

// moreDigits takes digits that the box sends in overlap.
func (c *Call) moreDigits(m message) {
	if c.state != stOverlapSend {
		return
	}
	c.sound.PlayNothing()
	digits := m.digits(ieCalled)
	if digits == "" {
		digits = string(m.get(ieKeypad))
	}
	c.change(func() { c.called += digits })
	if m.has(ieSendingComplete) || len(c.called) >= c.e.o.Overlap {
		c.complete()
		return
	}
	c.arm(moreDigits, c.complete)
}

// complete does what the table says about the number called.
func (c *Call) complete() {
	c.disarm()
	n := c.e.number(c.called)
	c.number = n
	if n.Cause != 0 && n.After == 0 && !n.Alert {
		if c.state == stOverlapSend {
			c.state = stOutProceeding
			c.clear(n.Cause, locationRemote)
			return
		}
		c.noteCleared(n.Cause, locationRemote)
		c.say(msgReleaseComp, causeIE(n.Cause, locationRemote))
		c.over(n.Cause, locationRemote)
		return
	}
	c.state = stOutProceeding
	c.say(msgProceeding, channelIE(c.channel, true))
	c.reach(proceeding)
	if n.Alert {
		c.state = stDelivered
		var ies []ie
		if !c.e.o.NoProgress {
			ies = append(ies, progressInband)
			c.sound.PlayCadence(ringback(c.e.law))
		}
		c.say(msgAlerting, ies...)
		c.reach(alerting)
	}
	if n.Never {
		return
	}
	c.arm(n.After, func() {
		if n.Cause != 0 {
			c.clear(n.Cause, locationRemote)
			return
		}
		c.answer()
	})
}

// answer sends CONNECT.
func (c *Call) answer() {
	if c.ref.ours || c.state != stOutProceeding && c.state != stDelivered {
		return
	}
	c.disarm()
	c.state = stActive
	var ies []ie
	if c.e.o.TellTheTime {
		ies = append(ies, dateTime(time.Now()))
	}
	c.say(msgConnect, ies...)
	switch n := c.number; {
	case n.Echo:
		c.sound.PlayEcho()
	case n.ToneHz != 0:
		c.sound.PlayTone(n.ToneHz)
	default:
		c.sound.PlayNothing()
	}
	c.reach(answered)
	if c.number.Talk > 0 {
		c.arm(c.number.Talk, func() { c.clear(causeNormal, locationRemote) })
	}
}

// dateTime is the element that tells the time (4.5.15/Q.931): year of the century, month, day, hour,
// minute, second.
func dateTime(t time.Time) ie {
	return ie{id: ieDateTime, data: []byte{byte(t.Year() % 100), byte(t.Month()), byte(t.Day()), byte(t.Hour()), byte(t.Minute()), byte(t.Second())}}
}
