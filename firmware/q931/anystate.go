package q931

import "trunkbox/firmware/q850"

// anyState takes the inputs that every state but 0 treats alike: call control's wish to clear, clearing by
// the far side, status, and what does not fit (clauses 5.3 and 5.8/Q.931).
func (c *Call) anyState(e Event) {
	switch e.Input {
	case DisconnectReq, ReleaseReq:
		c.sayWhy(c.wished(e.Msg), false, "")
		c.disconnect(c.wished(e.Msg), e.Msg)
	case FacilityReq:
		c.send(MsgFacility, e.Msg)
	case EnquiryReq:
		c.enquired = false
		c.enquire()
	case RestartReq:
		c.sayWhy(c.profile.Cause(q850.TemporaryFailure), false, "the channel was restarted")
		c.over(nil)

	case rxSetup: // clause 5.8.3.2 e: a repetition
	case rxDisconnect:
		c.farDisconnect(e.Msg)
	case rxRelease:
		c.farRelease(e.Msg, object(e.Msg, c.side))
	case rxReleaseComplete:
		c.farComplete(e.Msg)
	case rxStatus:
		c.farStatus(e.Msg)
	case rxStatusEnquiry: // clause 5.8.10
		c.sendStatus(q850.ResponseToStatusEnquiry, nil)
	case rxFacility:
		if c.sound(e.Msg) {
			c.tell(FacilityInd, e.Msg)
		}

	case exT322: // clause 5.8.10
		if c.enquired {
			c.sayWhy(c.profile.Cause(q850.TemporaryFailure), false, "STATUS ENQUIRY was not answered twice")
			c.disconnect(c.profile.Cause(q850.TemporaryFailure), nil)
			return
		}
		c.enquired = true
		c.enquire()

	case HoldReq, HoldResp, HoldRejectReq, RetrieveReq, RetrieveResp, RetrieveRejectReq, rxHold, rxHoldAck, rxHoldReject,
		rxRetrieve, rxRetrieveAck, rxRetrieveReject, exTHold, exTRetrieve:
		c.auxiliary(e)

	case rxSegment: // Assembler lets only those pass that it cannot take
		if !c.profile.Segmentation || c.sound(e.Msg) {
			c.misfit(e)
		}

	case LinkUp, LinkReset: // clause 5.8.8 b and c: the call goes on
	case LinkDown: // clause 5.8.9 a
		c.sayWhy(c.profile.Cause(q850.DestinationOutOfOrder), false, "the data link was lost before the call was active")
		c.over(nil)
	default:
		c.misfit(e)
	}
}

// misfit answers what no state has a use for here (clause 5.8.4/Q.931).
func (c *Call) misfit(e Event) {
	t, isMessage := e.Input.message()
	_, isTimer := e.Input.timer()
	switch {
	case isMessage && !c.profile.implements(t):
		c.sendStatus(q850.MessageTypeNotImplemented, []byte{uint8(t)})
		c.do(Action{Kind: ErrorInd, Msg: e.Msg, Cause: q850.MessageTypeNotImplemented, Detail: "unknown message"})
	case isMessage:
		c.sendStatus(q850.MessageNotCompatibleUnspecified, []byte{uint8(t)})
		c.do(Action{Kind: ErrorInd, Msg: e.Msg, Cause: q850.MessageNotCompatibleUnspecified, Detail: "message out of place"})
	case isTimer: // stopped when its expiry was under way already
	default:
		c.do(Action{Kind: ErrorInd, Detail: "request out of place"})
	}
}

// implements says whether some state of the machines has a use for the type.
func (p *Profile) implements(t MessageType) bool {
	switch t {
	case MsgAlerting, MsgCallProceeding, MsgProgress, MsgSetup, MsgConnect, MsgSetupAck, MsgConnectAck, MsgDisconnect,
		MsgRestart, MsgRelease, MsgRestartAck, MsgReleaseComplete, MsgFacility, MsgNotify, MsgStatusEnquiry,
		MsgInformation, MsgStatus:
		return true
	case MsgHold, MsgHoldAck, MsgHoldReject, MsgRetrieve, MsgRetrieveAck, MsgRetrieveReject:
		return p.Hold
	}
	return false
}

// farDisconnect takes a DISCONNECT. One without a usable cause counts as cause 31, but the RELEASE that
// answers it carries 96 or 100 (clauses 5.8.6.1, 5.8.6.2), one with an unknown element 99 (5.8.7.1).
func (c *Call) farDisconnect(m *Message) {
	c.owed = object(m, c.side)
	c.complain(&c.owed, m)
	cause := c.farCause(m)
	c.sayWhy(cause, true, "")
	c.stopAll()
	c.state = StateDisconnectIndication
	if c.side == Network {
		c.state = StateDisconnectRequest
	}
	c.do(Action{Kind: DisconnectInd, Msg: m, Cause: cause.Value, Location: cause.Location, Remote: true})
}

// farRelease takes a RELEASE. The RELEASE COMPLETE carries what there is to object to in it.
func (c *Call) farRelease(m *Message, o objection) {
	c.complain(&o, m)
	c.sayWhy(c.farCause(m), true, "")
	c.stopAll()
	answer := c.send(MsgReleaseComplete, nil)
	if o.cause != 0 {
		answer.Cause[0] = c.cause(o.cause, o.ids[:o.n])
	}
	c.over(m)
}

// farComplete takes a RELEASE COMPLETE.
func (c *Call) farComplete(m *Message) {
	c.sayWhy(c.farCause(m), true, "")
	c.over(m)
}

// farCause returns the cause of a clearing message, 31 when there is none that is understood.
func (c *Call) farCause(m *Message) Cause {
	if m.Cause[0].Value != 0 {
		return m.Cause[0]
	}
	return c.profile.Cause(q850.NormalUnspecified)
}

// enquire asks for the far side's state, unless it was asked already (clause 5.8.10/Q.931).
func (c *Call) enquire() {
	if c.running[T322] {
		return
	}
	c.send(MsgStatusEnquiry, nil)
	c.start(T322)
}

// farStatus takes a STATUS (clause 5.8.11/Q.931). One that complains (96 to 101) while its state fits is
// reported and the call goes on, which the clause leaves to the receiver.
//
// Departure: a STATUS that lacks its elements gets no STATUS 96 back (clause 5.8.6.1 does not except it), or two
// machines would talk for ever.
func (c *Call) farStatus(m *Message) {
	if o := object(m, c.side); o.grave {
		c.do(Action{Kind: ErrorInd, Msg: m, Cause: o.cause, Detail: "STATUS without cause or call state"})
		return
	}
	c.stop(T322)
	far := m.CallState.Value
	if far == StateNull {
		c.sayWhy(c.profile.Cause(q850.TemporaryFailure), false, "the far side does not know the call any more")
		c.over(m)
		return
	}
	if !c.compatible(far) {
		c.do(Action{Kind: ErrorInd, Msg: m, Cause: q850.MessageNotCompatibleUnspecified, Detail: "the far side is in another state"})
		c.sayWhy(c.profile.Cause(q850.MessageNotCompatibleUnspecified), false, "the far side is in another state")
		c.disconnect(c.profile.Cause(q850.MessageNotCompatibleUnspecified), nil)
		return
	}
	c.do(Action{Kind: StatusInd, Msg: m, Cause: m.Cause[0].Value, Location: m.Cause[0].Location})
}
