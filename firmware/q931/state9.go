package q931

import "trunkbox/firmware/q850"

// u9 is U9, incoming call proceeding, of the user (Figure A.2/Q.931; clauses 5.2.5 to 5.2.7).
func (c *Call) u9(e Event) {
	switch e.Input {
	case AlertingReq:
		c.send(MsgAlerting, e.Msg)
		c.state = StateCallReceived
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

// n9 is N9, incoming call proceeding, of the network (Figure A.3/Q.931; clauses 5.2.5 to 5.2.7).
//
// Departure: PROGRESS stops T310 as it does at the user's side (Table 9-2); Table 9-1 does not name it. A
// PBX may play an announcement for longer than T310 before it rings.
func (c *Call) n9(e Event) {
	switch e.Input {
	case rxAlerting:
		if c.sound(e.Msg) {
			c.stop(T310)
			c.start(T301)
			c.state = StateCallReceived
			c.tell(AlertingInd, e.Msg)
		}
	case rxConnect:
		c.networkConnect(e.Msg)
	case rxProgress:
		if c.sound(e.Msg) {
			c.stop(T310)
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
	case exT310: // 18 towards the calling user: clause 5.2.5.4
		c.recover(q850.NoUserResponding, "nothing came within T310 after CALL PROCEEDING")
	default:
		c.anyState(e)
	}
}
