package q931

import "trunkbox/firmware/q850"

// u4 is U4, call delivered, of the user: the called party is being rung (Figure A.2/Q.931; clause 5.1.8).
func (c *Call) u4(e Event) {
	switch e.Input {
	case rxConnect:
		c.userConnect(e.Msg)
	case rxProgress:
		if c.sound(e.Msg) {
			c.tell(ProgressInd, e.Msg)
		}
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
	case exT301:
		c.recover(q850.NoAnswer, "nobody answered within T301")
	default:
		c.anyState(e)
	}
}

// n4 is N4, call delivered, of the network (Figure A.3/Q.931; clause 5.1.8).
func (c *Call) n4(e Event) {
	switch e.Input {
	case SetupResp:
		c.send(MsgConnect, e.Msg)
		c.state = StateActive
	case ProgressReq:
		c.send(MsgProgress, e.Msg)
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
