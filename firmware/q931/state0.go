package q931

import "trunkbox/firmware/q850"

// u0 is U0, null, of the user (Figure A.2/Q.931).
func (c *Call) u0(e Event) {
	switch e.Input {
	case SetupReq:
		c.place(e.Msg, StateCallInitiated)
	case rxSetup:
		c.offered(e.Msg, StateCallPresent)
	default:
		c.idle(e)
	}
}

// n0 is N0, null, of the network (Figure A.3/Q.931).
func (c *Call) n0(e Event) {
	switch e.Input {
	case SetupReq:
		c.place(e.Msg, StateCallPresent)
	case rxSetup:
		c.offered(e.Msg, StateCallInitiated)
	default:
		c.idle(e)
	}
}

// place sends the SETUP of a new call (clauses 5.1.1 and 5.2.1/Q.931).
func (c *Call) place(from *Message, next State) {
	m := c.send(MsgSetup, from)
	c.sent = m.AppendTo(c.sent[:0])
	c.repeated = false
	c.state = next
	c.start(T303)
}

// offered takes the SETUP of a new call. One that cannot be used is refused at once and leaves state 0 as
// it was (clause 5.8.6/Q.931).
func (c *Call) offered(m *Message, next State) {
	if m.Ref.Flag { // clause 5.8.3.2 d: the far side may not start a call with a reference of ours
		return
	}
	if !c.sound(m) {
		refusal := c.cause(c.saying.cause, c.saying.ids[:c.saying.n])
		c.sayWhy(refusal, false, "the SETUP could not be used")
		c.complete(refusal, nil)
		return
	}
	c.state = next
	c.tell(SetupInd, m)
}

// idle is what both sides do in state 0 with everything but a new call (clause 5.8.3.2/Q.931).
func (c *Call) idle(e Event) {
	if _, ok := e.Input.message(); ok {
		m := &c.out[0]
		if AnswerUnknown(e.Msg, c.profile, m) {
			c.do(Action{Kind: Send, Msg: m})
		}
		return
	}
	switch e.Input {
	case LinkUp, LinkReset, LinkDown, DisconnectReq, ReleaseReq, RejectReq, RestartReq: // nothing left to do
	default:
		if _, ok := e.Input.timer(); !ok {
			c.do(Action{Kind: ErrorInd, Detail: "request out of place"})
		}
	}
}

// AnswerUnknown fills answer with the reply to a message whose call reference belongs to no call (clauses
// 5.8.3.2, 5.8.10 and 5.8.11/Q.931) and says whether there is one. A SETUP gets none: with its flag 0 it
// is to be given to a new Call; with flag 1 it is to be ignored.
func AnswerUnknown(m *Message, profile *Profile, answer *Message) bool {
	*answer = Message{Ref: m.Ref.Answer(), Type: MsgReleaseComplete, Other: answer.Other[:0], Faults: answer.Faults[:0]}
	switch {
	case m.Ref.Dummy() || m.Ref.Global():
		return false
	case m.Type == MsgSetup, m.Type == MsgReleaseComplete:
		return false
	case m.Type == MsgStatusEnquiry:
		answer.Type = MsgStatus
		answer.Cause[0] = profile.Cause(q850.ResponseToStatusEnquiry)
		answer.CallState = Some(StateNull)
	case m.Type == MsgStatus && (!m.CallState.Given || m.CallState.Value == StateNull):
		return false
	case m.Type == MsgStatus:
		answer.Cause[0] = profile.Cause(q850.MessageNotCompatibleUnspecified)
	default:
		answer.Cause[0] = profile.Cause(q850.InvalidCallReference)
	}
	return true
}
