package q931

import "trunkbox/firmware/q850"

// u2 is U2, overlap sending, of the user: the network wants more digits (Figure A.2/Q.931; clause 5.1.3).
func (c *Call) u2(e Event) {
	switch e.Input {
	case InfoReq:
		c.send(MsgInformation, e.Msg)
		c.start(T304)
	case rxCallProceeding:
		if c.sound(e.Msg) {
			c.stop(T304)
			c.start(T310)
			c.state = StateOutgoingProceeding
			c.tell(ProceedingInd, e.Msg)
		}
	case rxAlerting:
		if c.sound(e.Msg) {
			c.stop(T304)
			c.start(T301)
			c.state = StateCallDelivered
			c.tell(AlertingInd, e.Msg)
		}
	case rxProgress:
		if c.sound(e.Msg) {
			c.tell(ProgressInd, e.Msg)
		}
	case rxConnect:
		c.userConnect(e.Msg)
	case rxInformation:
		if c.sound(e.Msg) {
			c.tell(InfoInd, e.Msg)
		}
	case ChannelReq:
		c.refuseChannel(e.Msg)
	case exT304:
		c.recover(q850.RecoveryOnTimerExpiry, "nothing came within T304 after the digits")
	case LinkReset:
		c.overlapReset()
	default:
		c.anyState(e)
	}
}

// n2 is N2, overlap sending, of the network: we want more digits (Figure A.3/Q.931; clause 5.1.3).
func (c *Call) n2(e Event) {
	switch e.Input {
	case rxInformation:
		c.moreDigits(e.Msg)
	case ProceedingReq:
		c.stop(T302)
		c.send(MsgCallProceeding, e.Msg)
		c.state = StateOutgoingProceeding
	case AlertingReq:
		c.stop(T302)
		c.send(MsgAlerting, e.Msg)
		c.state = StateCallDelivered
	case ProgressReq:
		c.send(MsgProgress, e.Msg)
	case SetupResp:
		c.stop(T302)
		c.send(MsgConnect, e.Msg)
		c.state = StateActive
	case InfoReq:
		c.send(MsgInformation, e.Msg)
	case exT302:
		c.do(Action{Kind: TimeoutInd})
	case LinkReset:
		c.overlapReset()
	default:
		c.anyState(e)
	}
}

// moreDigits takes INFORMATION where we wait for digits. T302 begins anew unless the number is complete (clauses 5.1.3
// and 5.2.4/Q.931).
func (c *Call) moreDigits(m *Message) {
	if !c.sound(m) {
		return
	}
	if m.SendingComplete {
		c.stop(T302)
	} else {
		c.start(T302)
	}
	c.tell(InfoInd, m)
}

// overlapReset clears a call in overlap sending or receiving: digits may be lost (clause 5.8.8 a/Q.931).
func (c *Call) overlapReset() {
	c.sayWhy(c.profile.Cause(q850.TemporaryFailure), false, "the data link was reset while digits were under way")
	c.disconnect(c.profile.Cause(q850.TemporaryFailure), nil)
}
