package farend

import (
	"fmt"
	"time"

	"trunkbox/drivers/span"
	"trunkbox/dsp"
)

// Causes of Q.850 that the exchange says by itself.
const (
	causeNormal       = 16
	causeNoChannel    = 34
	causeChannelBusy  = 44
	causeBadReference = 81
	causeNoSuchChan   = 82
	causeMissing      = 96
	causeUnknown      = 97
	causeWrongState   = 101
	causeTimer        = 102
	causeEnquiry      = 30
)

// Locations of Q.850.
const (
	locationUser   = 0
	locationPublic = 2 // public network serving the local user
	locationRemote = 4 // public network serving the remote user
)

// progressInband says that there is something to hear (progress description 8).
var progressInband = ie{id: ieProgress, data: []byte{0x80 | locationPublic, 0x88}}

func (e *Exchange) send(m message) { e.link.information(time.Now(), m.encode()) }

// say sends a message of this call.
func (c *Call) say(typ byte, ies ...ie) {
	c.e.send(message{ref: c.ref.value, answers: !c.ref.ours, typ: typ, ies: ies})
}

// layer3 takes a message from the link.
func (e *Exchange) layer3(raw []byte) {
	if e.raw != nil {
		e.raw.deliver(raw)
		return
	}
	m, err := decode(raw)
	if err != nil {
		e.log.Warn("message dropped", "line", e.line.Name(), "error", err)
		return
	}
	if m.ref == 0 {
		e.global(m)
		return
	}
	ref := reference{m.ref, m.answers}
	c := e.calls[ref]
	if c == nil {
		e.stranger(m, ref)
		return
	}
	c.change(func() { c.seen = append(c.seen, m.typ) })
	c.receive(m)
}

// global takes the messages of the whole interface.
func (e *Exchange) global(m message) {
	switch m.typ {
	case msgRestart:
		which := m.get(ieRestart)
		if len(which) != 1 {
			e.send(message{answers: true, typ: msgStatus, ies: []ie{causeIE(causeMissing, locationPublic), {id: ieCallState, data: []byte{0}}}})
			return
		}
		only := 0
		if which[0]&0x07 == 0 {
			only = m.channel().number
		}
		for _, c := range e.calls {
			if only == 0 || c.channel == only {
				c.over(41, locationPublic)
			}
		}
		acknowledged := message{answers: true, typ: msgRestartAck}
		for _, element := range m.ies {
			if element.id == ieChannel || element.id == ieRestart {
				acknowledged.ies = append(acknowledged.ies, element)
			}
		}
		e.send(acknowledged)
	case msgRestartAck, msgStatus: // ours is done
	default:
		e.log.Warn("message with the global call reference dropped", "line", e.line.Name(), "type", m.typ)
	}
}

// stranger takes a message whose call reference belongs to no call (5.8.3.2/Q.931).
func (e *Exchange) stranger(m message, ref reference) {
	bad := func(typ byte, cause int) {
		e.send(message{ref: m.ref, answers: !m.answers, typ: typ, ies: []ie{causeIE(cause, locationPublic)}})
	}
	switch m.typ {
	case msgSetup:
		if !m.answers {
			e.accept(m, ref)
		}
	case msgReleaseComp:
	case msgRelease:
		bad(msgReleaseComp, causeBadReference)
	case msgStatus:
		if s := m.get(ieCallState); len(s) > 0 && s[0]&0x3f != 0 {
			bad(msgReleaseComp, causeWrongState)
		}
	case msgStatusEnq:
		e.send(message{
			ref: m.ref, answers: !m.answers, typ: msgStatus,
			ies: []ie{causeIE(causeEnquiry, locationPublic), {id: ieCallState, data: []byte{0}}},
		})
	default:
		bad(msgRelease, causeBadReference)
	}
}

// place begins a call to the box.
func (e *Exchange) place(s Setup) (*Call, error) {
	channel := s.Channel
	if channel == 0 {
		channel = e.hunt()
	}
	if channel == 0 {
		return nil, ErrNoChannel
	}
	if channel < 0 || channel >= span.Slots || span.Timeslot(channel) == e.line.Kind().D() {
		return nil, fmt.Errorf("farend: there is no B channel %d", channel)
	}
	ref := reference{ours: true}
	for ref.value == 0 || e.calls[ref] != nil {
		e.last = e.last%0x7fff + 1
		ref.value = e.last
	}
	c := e.newCall(ref)
	c.called, c.calling = s.Called, s.Calling
	c.seize(channel)
	bearer := ie{id: ieBearer, data: []byte{0x80, 0x90, 0xa3}}
	if e.law == dsp.MuLaw {
		bearer.data[2] = 0xa2
	}
	ies := []ie{bearer, channelIE(channel, !e.o.Preferred)}
	if s.Name != "" {
		ies = append(ies, ie{id: ieDisplay, data: []byte(s.Name)})
	}
	if s.Calling != "" {
		presentation := byte(0x83) // allowed, provided by the network
		if s.Hidden {
			presentation |= 0x20
		}
		ies = append(ies, ie{id: ieCalling, data: append([]byte{0x21, presentation}, s.Calling...)})
	}
	switch {
	case s.Overlap:
		c.rest = s.Called
		ies = append(ies, ie{id: ieCalled, data: []byte{0xc1}})
	default:
		ies = append(ies, ie{id: ieCalled, data: append([]byte{0xc1}, s.Called...)}, ie{id: ieSendingComplete})
	}
	c.setup = message{ref: ref.value, typ: msgSetup, ies: ies}
	octets := append(c.setup.encode(), s.Extra...)
	e.link.information(time.Now(), octets)
	c.state = stPresent
	c.arm(e.o.Timers.T303, func() { c.expiredT303(octets) })
	return c, nil
}

// hunt finds a free B channel, 0 when there is none.
func (e *Exchange) hunt() int {
	slots := e.line.Kind().B()
	for i := range slots {
		ts := slots[i]
		if e.o.HuntDown {
			ts = slots[len(slots)-1-i]
		}
		if e.sounds[ts].Load() == nil {
			return int(ts)
		}
	}
	return 0
}

// seize takes a B channel, giving back the one the call had.
func (c *Call) seize(channel int) {
	if c.channel == channel {
		return
	}
	c.leave()
	c.change(func() { c.channel = channel })
	if channel != 0 {
		c.e.sounds[channel].CompareAndSwap(nil, c.sound)
	}
}

func (c *Call) leave() {
	if c.channel != 0 {
		c.e.sounds[c.channel].CompareAndSwap(c.sound, nil)
	}
}

// arm sets the one timer of a call; what it does is done by the owner of the calls.
func (c *Call) arm(d time.Duration, do func()) {
	c.disarm()
	set := c.armed
	c.timer = time.AfterFunc(d, func() {
		c.e.post(func() {
			if c.armed == set && c.e.calls[c.ref] == c {
				do()
			}
		})
	})
}

func (c *Call) disarm() {
	c.armed++
	if c.timer != nil {
		c.timer.Stop()
	}
}

func (c *Call) expiredT303(octets []byte) {
	if c.retried {
		c.noteCleared(causeTimer, locationPublic)
		c.say(msgReleaseComp, causeIE(causeTimer, locationPublic))
		c.over(causeTimer, locationPublic)
		return
	}
	c.retried = true
	c.e.link.information(time.Now(), octets)
	c.arm(c.e.o.Timers.T303, func() { c.expiredT303(octets) })
}

// reach notes a milestone and all before it.
func (c *Call) reach(m milestone) {
	c.change(func() { c.reached[m] = true })
}

// noteCleared keeps the first clearing.
func (c *Call) noteCleared(cause, location int) {
	if c.cleared {
		return
	}
	c.change(func() { c.cleared, c.cause, c.location = true, cause, location })
}

// clear begins the clearing from our side.
func (c *Call) clear(cause, location int) {
	switch c.state {
	case stNull, stDisconnect, stRelease:
		return
	case stInitiated:
		c.noteCleared(cause, location)
		c.say(msgReleaseComp, causeIE(cause, location))
		c.over(cause, location)
		return
	}
	c.noteCleared(cause, location)
	c.state = stDisconnect
	ies := []ie{causeIE(cause, location)}
	if n := c.number; n.AnnounceHz != 0 && n.Cause == cause {
		ies = append(ies, progressInband)
		c.sound.PlayTone(n.AnnounceHz)
	}
	c.say(msgDisconnect, ies...)
	c.arm(c.e.o.Timers.T305, func() { c.release(cause, location) })
}

// release sends RELEASE, and once more when nothing comes back.
func (c *Call) release(cause, location int) {
	again := c.state == stRelease
	c.state = stRelease
	c.say(msgRelease, causeIE(cause, location))
	c.arm(c.e.o.Timers.T308, func() {
		if again {
			c.over(causeTimer, locationPublic)
			return
		}
		c.release(cause, location)
	})
}

// over ends the call: channel and call reference are free.
func (c *Call) over(cause, location int) {
	c.disarm()
	c.state = stNull
	c.leave()
	c.sound.Stop()
	delete(c.e.calls, c.ref)
	c.noteCleared(cause, location)
	c.change(func() {})
}
