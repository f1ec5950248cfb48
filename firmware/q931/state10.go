package q931

import "trunkbox/firmware/q850"

// active is U10 and N10 (Figures A.2 and A.3/Q.931). With T309 running the data link is lost, the sound goes
// on, and nothing can be sent (clause 5.8.9).
//
// Departure: CONNECT ACKNOWLEDGE is taken without a word at the user's side too, where clause 5.8.4 would answer STATUS 101.
func (c *Call) active(e Event) {
	switch e.Input {
	case DisconnectReq, ReleaseReq:
		c.sayWhy(c.wished(e.Msg), false, "")
		if c.running[T309] {
			c.over(nil)
			return
		}
		c.disconnect(c.wished(e.Msg), e.Msg)
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
	case rxConnectAck: // the calling user may acknowledge CONNECT (clause 5.1.8)
	case LinkDown:
		c.stop(T322)
		if c.running[T309] {
			return
		}
		c.start(T309)
		if !c.running[T309] {
			c.anyState(e)
		}
	case LinkUp:
		c.stop(T309)
		if c.profile.Enquire {
			c.enquired = false
			c.enquire()
		}
	case SetupCompleteReq:
		if !c.profile.Symmetric { // there the machine acknowledged CONNECT itself
			c.misfit(e)
		}
	case ChannelReq:
		c.refuseChannel(e.Msg)
	case exT309:
		c.sayWhy(c.profile.Cause(q850.DestinationOutOfOrder), false, "the data link did not come back within T309")
		c.over(nil)
	default:
		c.anyState(e)
	}
}
