package q931

import "trunkbox/firmware/q850"

// u6 is U6, call present, of the user: SETUP was received (Figure A.2/Q.931; clauses 5.2.2 to 5.2.6).
func (c *Call) u6(e Event) {
	switch e.Input {
	case MoreInfoReq:
		if !c.profile.Overlap {
			c.misfit(e)
			return
		}
		c.send(MsgSetupAck, e.Msg)
		c.start(T302)
		c.state = StateOverlapReceiving
	case ProceedingReq:
		c.send(MsgCallProceeding, e.Msg)
		c.state = StateIncomingProceeding
	case AlertingReq:
		c.alertFirst(e.Msg)
		c.state = StateCallReceived
	case SetupResp:
		c.connect(e.Msg)
	case RejectReq, DisconnectReq, ReleaseReq: // clause 5.3.2 a
		c.sayWhy(c.wished(e.Msg), false, "")
		c.complete(c.wished(e.Msg), e.Msg)
	default:
		c.anyState(e)
	}
}

// n6 is N6, call present, of the network: SETUP was sent (Figure A.3/Q.931; clauses 5.2.1 to 5.2.7).
func (c *Call) n6(e Event) {
	switch e.Input {
	case rxSetupAck:
		if c.sound(e.Msg) {
			c.stop(T303)
			c.start(T304)
			c.state = StateOverlapReceiving
			c.tell(MoreInfoInd, e.Msg)
		}
	case rxCallProceeding:
		if c.sound(e.Msg) {
			c.stop(T303)
			c.start(T310)
			c.state = StateIncomingProceeding
			c.tell(ProceedingInd, e.Msg)
		}
	case rxAlerting:
		if c.sound(e.Msg) {
			c.stop(T303)
			c.start(T301)
			c.state = StateCallReceived
			c.tell(AlertingInd, e.Msg)
		}
	case rxConnect:
		c.networkConnect(e.Msg)
	case exT303: // 18 towards the calling user: clause 5.2.5.4
		if !c.setupAgain() {
			c.recover(q850.NoUserResponding, "SETUP was not answered twice")
		}
	case LinkReset: // clause 5.8.8: the SETUP is repeated by T303
	default:
		c.anyState(e)
	}
}

// alertFirst says that the called party is being rung where nothing was said before, with CALL PROCEEDING before it where
// the variant wants that.
func (c *Call) alertFirst(from *Message) {
	if !c.profile.ProceedingFirst {
		c.send(MsgAlerting, from)
		return
	}
	proceeding := c.send(MsgCallProceeding, nil)
	if from != nil {
		proceeding.Channel = from.Channel
	}
	c.send(MsgAlerting, from).Channel = Channel{}
}

// connect answers a call as its called user (clause 5.2.7/Q.931).
func (c *Call) connect(from *Message) {
	c.stop(T302)
	c.send(MsgConnect, from)
	c.start(T313)
	c.state = StateConnectRequest
}

// networkConnect takes the answer of a called user in the states before it (clause 5.2.7/Q.931).
func (c *Call) networkConnect(m *Message) {
	if !c.sound(m) {
		return
	}
	c.stopAll()
	c.state = StateConnectRequest
	c.tell(SetupConf, m)
}
