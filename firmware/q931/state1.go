package q931

import "trunkbox/firmware/q850"

// u1 is U1, call initiated, of the user: SETUP was sent (Figure A.2/Q.931; clauses 5.1.1 to 5.1.8).
func (c *Call) u1(e Event) {
	switch e.Input {
	case rxSetupAck:
		if c.sound(e.Msg) {
			c.stop(T303)
			c.start(T304)
			c.state = StateOverlapSending
			c.tell(MoreInfoInd, e.Msg)
		}
	case rxCallProceeding:
		if c.sound(e.Msg) {
			c.stop(T303)
			c.start(T310)
			c.state = StateOutgoingProceeding
			c.tell(ProceedingInd, e.Msg)
		}
	case rxAlerting:
		if c.sound(e.Msg) {
			c.stop(T303)
			c.start(T301)
			c.state = StateCallDelivered
			c.tell(AlertingInd, e.Msg)
		}
	case rxConnect:
		c.userConnect(e.Msg)
	case exT303:
		if c.setupAgain() {
			return
		}
		timeout := c.profile.Cause(q850.RecoveryOnTimerExpiry)
		c.sayWhy(timeout, false, "SETUP was not answered twice")
		c.complete(timeout, nil)
	case LinkReset: // clause 5.8.8: the SETUP is repeated by T303
	default:
		c.anyState(e)
	}
}

// n1 is N1, call initiated, of the network: SETUP was received (Figure A.3/Q.931; clause 5.1.5).
func (c *Call) n1(e Event) {
	switch e.Input {
	case MoreInfoReq:
		if !c.profile.Overlap {
			c.misfit(e)
			return
		}
		c.send(MsgSetupAck, e.Msg)
		c.start(T302)
		c.state = StateOverlapSending
	case ProceedingReq:
		c.send(MsgCallProceeding, e.Msg)
		c.state = StateOutgoingProceeding
	case AlertingReq:
		c.alertFirst(e.Msg)
		c.state = StateCallDelivered
	case SetupResp:
		c.send(MsgConnect, e.Msg)
		c.state = StateActive
	case RejectReq, DisconnectReq, ReleaseReq: // clause 5.3.2 a
		c.sayWhy(c.wished(e.Msg), false, "")
		c.complete(c.wished(e.Msg), e.Msg)
	default:
		c.anyState(e)
	}
}

// userConnect takes the answer to a call of the user's in the states before it (clause 5.1.8/Q.931).
func (c *Call) userConnect(m *Message) {
	if !c.sound(m) {
		return
	}
	c.stopAll()
	if c.profile.ConnectAck {
		c.send(MsgConnectAck, nil)
	}
	c.state = StateActive
	c.tell(SetupConf, m)
}

// setupAgain repeats the SETUP when T303 expires for the first time, and says whether it did.
func (c *Call) setupAgain() bool {
	if c.repeated {
		return false
	}
	c.repeated = true
	c.repeat()
	c.start(T303)
	return true
}
