package q931

import "trunkbox/firmware/q850"

// u25 is U25, overlap receiving, of the user: we want more digits (Figure A.2/Q.931; clause 5.2.4).
func (c *Call) u25(e Event) {
	switch e.Input {
	case rxInformation:
		c.moreDigits(e.Msg)
	case ProceedingReq:
		c.stop(T302)
		c.send(MsgCallProceeding, e.Msg)
		c.state = StateIncomingProceeding
	case AlertingReq:
		c.stop(T302)
		c.send(MsgAlerting, e.Msg)
		c.state = StateCallReceived
	case ProgressReq:
		c.send(MsgProgress, e.Msg)
	case SetupResp:
		c.connect(e.Msg)
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

// n25 is N25, overlap receiving, of the network: the user wants more digits (Figure A.3/Q.931; clause 5.2.4).
func (c *Call) n25(e Event) {
	switch e.Input {
	case InfoReq:
		c.send(MsgInformation, e.Msg)
		c.start(T304)
	case rxCallProceeding:
		if c.sound(e.Msg) {
			c.stop(T304)
			c.start(T310)
			c.state = StateIncomingProceeding
			c.tell(ProceedingInd, e.Msg)
		}
	case rxAlerting:
		if c.sound(e.Msg) {
			c.stop(T304)
			c.start(T301)
			c.state = StateCallReceived
			c.tell(AlertingInd, e.Msg)
		}
	case rxProgress:
		if c.sound(e.Msg) {
			c.tell(ProgressInd, e.Msg)
		}
	case rxConnect:
		c.networkConnect(e.Msg)
	case rxInformation:
		if c.sound(e.Msg) {
			c.tell(InfoInd, e.Msg)
		}
	case LinkReset:
		c.overlapReset()
	case ChannelReq:
		c.refuseChannel(e.Msg)
	case exT304: // 28 towards the calling user: his digits were not enough
		c.recover(q850.InvalidNumberFormat, "nothing came within T304 after the digits")
	default:
		c.anyState(e)
	}
}
