package q931

import "trunkbox/firmware/q850"

// active is U10 and N10 (Figures A.2 and A.3/Q.931). With T309 running the data link is lost, the sound goes
// on, and nothing can be sent (clause 5.8.9).
//
// Where it is not sure that the far side answers STATUS ENQUIRY, and when the link was set up anew without having been lost
// (clause 5.8.8; a CONNECT may be lost with it), the question goes out without T322: every answer tells the far side's
// state, that it does not know the call or the message included, and none costs no call.
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
		if !c.profile.Enquire {
			c.send(MsgStatusEnquiry, nil)
			return
		}
		c.enquired = false
		c.enquire()
	case LinkReset:
		if !c.running[T322] {
			c.send(MsgStatusEnquiry, nil)
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
