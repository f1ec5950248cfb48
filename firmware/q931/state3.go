package q931

import "trunkbox/firmware/q850"

// u3 is U3, outgoing call proceeding, of the user (Figure A.2/Q.931; clauses 5.1.6 to 5.1.8).
func (c *Call) u3(e Event) {
	switch e.Input {
	case rxAlerting:
		if c.sound(e.Msg) {
			c.stop(T310)
			c.start(T301)
			c.state = StateCallDelivered
			c.tell(AlertingInd, e.Msg)
		}
	case rxProgress:
		if c.sound(e.Msg) {
			c.stop(T310)
			c.tell(ProgressInd, e.Msg)
		}
	case rxConnect:
		c.userConnect(e.Msg)
	case rxInformation:
		if c.sound(e.Msg) {
			c.tell(InfoInd, e.Msg)
		}
	case rxNotify:
		if c.sound(e.Msg) {
			c.tell(NotifyInd, e.Msg)
		}
	case InfoReq:
		c.send(MsgInformation, e.Msg)
	case NotifyReq:
		c.send(MsgNotify, e.Msg)
	case ChannelReq:
		c.refuseChannel(e.Msg)
	case exT310:
		c.recover(q850.RecoveryOnTimerExpiry, "nothing came within T310 after CALL PROCEEDING")
	default:
		c.anyState(e)
	}
}

// n3 is N3, outgoing call proceeding, of the network (Figure A.3/Q.931; clauses 5.1.6 to 5.1.8).
func (c *Call) n3(e Event) {
	switch e.Input {
	case AlertingReq:
		c.send(MsgAlerting, e.Msg)
		c.state = StateCallDelivered
	case ProgressReq:
		c.send(MsgProgress, e.Msg)
	case SetupResp:
		c.send(MsgConnect, e.Msg)
		c.state = StateActive
	case InfoReq:
		c.send(MsgInformation, e.Msg)
	case NotifyReq:
		c.send(MsgNotify, e.Msg)
	case rxInformation:
		if c.sound(e.Msg) {
			c.tell(InfoInd, e.Msg)
		}
	case rxNotify:
		if c.sound(e.Msg) {
			c.tell(NotifyInd, e.Msg)
		}
	default:
		c.anyState(e)
	}
}
