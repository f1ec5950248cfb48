package q931

import "trunkbox/firmware/q850"

// u8 is U8, connect request, of the user: we said CONNECT (Figure A.2/Q.931; clauses 5.2.7 and 5.2.8).
func (c *Call) u8(e Event) {
	switch e.Input {
	case rxConnectAck:
		if c.sound(e.Msg) {
			c.stop(T313)
			c.state = StateActive
			c.tell(SetupCompleteInd, e.Msg)
		}
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
	case exT313:
		c.recover(q850.RecoveryOnTimerExpiry, "CONNECT was not acknowledged within T313")
	default:
		c.anyState(e)
	}
}

// n8 is N8, connect request, of the network: the called user said CONNECT (Figure A.3/Q.931; clause 5.2.8).
func (c *Call) n8(e Event) {
	switch e.Input {
	case ChannelReq:
		c.refuseChannel(e.Msg)
	case SetupCompleteReq:
		c.send(MsgConnectAck, e.Msg)
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
