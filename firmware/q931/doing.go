package q931

import "trunkbox/firmware/q850"

// What the state functions do, in one line each: none of it looks at the state.

// send sends a message of type t with the elements of from, which may be nil.
func (c *Call) send(t MessageType, from *Message) *Message {
	m := &c.out[c.nOut]
	c.nOut = min(c.nOut+1, len(c.out)-1)
	*m = Message{}
	if from != nil {
		*m = *from
		m.Faults = nil
	}
	m.Type, m.Ref = t, c.ref.Answer()
	c.do(Action{Kind: Send, Msg: m})
	return m
}

// stopAll stops every timer, and with T-HOLD and T-RETRIEVE the hold.
func (c *Call) stopAll() {
	c.desk.stopAll()
	c.hold = HoldIdle
}

// tell indicates a received message.
func (c *Call) tell(kind ActionKind, m *Message) { c.do(Action{Kind: kind, Msg: m}) }

// sound says whether a message can be acted upon. What is to be said about its elements is said in a
// STATUS after the action, when the state is the new one (clause 5.8.7.1/Q.931).
func (c *Call) sound(m *Message) bool {
	c.saying = object(m, c.side)
	return !c.saying.grave
}

// say answers a message whose elements were objected to: always when it was not acted upon (clause 5.8.6/Q.931),
// once a call when only optional elements were concerned (clause 5.8.7).
func (c *Call) say(m *Message) {
	if o := &c.saying; o.grave || !c.reported {
		c.sendStatus(o.cause, o.ids[:o.n])
		c.reported = c.reported || !o.grave
	}
	c.complain(&c.saying, m)
}

// complain tells call control what there was to object to in a message of the far side.
func (c *Call) complain(o *objection, m *Message) {
	if o.cause != 0 {
		c.do(Action{Kind: ErrorInd, Msg: m, Cause: o.cause, Detail: o.detail()})
	}
}

// sendStatus reports the state with a cause (clause 5.8/Q.931).
func (c *Call) sendStatus(cause q850.Cause, diagnostic []byte) {
	m := c.send(MsgStatus, nil)
	m.Cause[0] = c.cause(cause, diagnostic)
	m.CallState = Some(c.state)
}

func (c *Call) cause(value q850.Cause, diagnostic []byte) Cause {
	v := c.profile.Cause(value)
	v.Diagnostic = some(c.diag[:copy(c.diag[:], diagnostic)])
	return v
}

// wished returns the cause that call control gave with a request, normal clearing if none.
func (c *Call) wished(m *Message) Cause {
	if m != nil && m.Cause[0].Value != 0 {
		return m.Cause[0]
	}
	return c.profile.Cause(q850.NormalClearing)
}

// sayWhy keeps why the call is being cleared; the first reason stays.
func (c *Call) sayWhy(cause Cause, remote bool, detail string) {
	if c.why.Kind == 0 {
		c.why = Action{Kind: Released, Cause: cause.Value, Location: cause.Location, Remote: remote, Detail: detail}
	}
}

// disconnect clears the call with DISCONNECT (clauses 5.3.3 and 5.3.4/Q.931). from may hold elements to send
// along: progress indicator 8 makes the network wait for T306 instead of T305.
func (c *Call) disconnect(cause Cause, from *Message) {
	c.stopAll()
	c.given = cause
	m := c.send(MsgDisconnect, from)
	m.Cause = [2]Cause{cause}
	switch {
	case c.side == User:
		c.state = StateDisconnectRequest
		c.start(T305)
	case m.Progress[0].Description == InBand || m.Progress[1].Description == InBand:
		c.state = StateDisconnectIndication
		c.start(T306)
	default:
		c.state = StateDisconnectIndication
		c.start(T305)
	}
}

// recover clears the call because of a timer: 102 to the far side, told to call control as cause.
func (c *Call) recover(told q850.Cause, detail string) {
	c.sayWhy(c.profile.Cause(told), false, detail)
	c.disconnect(c.profile.Cause(q850.RecoveryOnTimerExpiry), nil)
}

// release sends RELEASE with one or two causes and waits for T308.
func (c *Call) release(first, second Cause, from *Message) {
	c.stopAll()
	c.given, c.repeated = first, false
	m := c.send(MsgRelease, from)
	m.Cause = [2]Cause{first, second}
	c.sent = m.AppendTo(c.sent[:0])
	c.state = StateReleaseRequest
	c.start(T308)
}

// refuseChannel clears a call of ours whose channel cannot be agreed upon (clause 5.3.2 d/Q.931).
func (c *Call) refuseChannel(from *Message) {
	c.sayWhy(c.wished(from), false, "")
	c.release(c.wished(from), Cause{}, from)
}

// repeat sends the SETUP or RELEASE again. It is always decodable: AppendTo wrote it.
func (c *Call) repeat() {
	if c.again.Decode(c.sent) == nil {
		c.do(Action{Kind: Send, Msg: &c.again})
	}
}

// complete ends the call with RELEASE COMPLETE for a cause; value 0 sends none.
func (c *Call) complete(cause Cause, from *Message) {
	c.stopAll()
	m := c.send(MsgReleaseComplete, from)
	m.Cause = [2]Cause{cause}
	c.over(nil)
}

// over ends the call: no timer runs, reference and channel are free.
func (c *Call) over(m *Message) {
	c.stopAll()
	c.state = StateNull
	c.why.Msg = m
	c.do(c.why)
	c.why = Action{}
}
