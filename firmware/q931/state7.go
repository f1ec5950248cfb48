package q931

import "trunkbox/firmware/q850"

// u7 is U7, call received, of the user: we said ALERTING (Figure A.2/Q.931; clauses 5.2.5 to 5.2.7).
func (c *Call) u7(e Event) {
	switch e.Input {
	case SetupResp:
		c.connect(e.Msg)
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

// n7 is N7, call received, of the network: the called user said ALERTING (Figure A.3/Q.931; clause 5.2.7).
func (c *Call) n7(e Event) {
	switch e.Input {
	case rxConnect:
		c.networkConnect(e.Msg)
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
	case exT301: // 19 towards the calling user: clause 5.2.5.4
		c.recover(q850.NoAnswer, "nobody answered within T301")
	default:
		c.anyState(e)
	}
}
