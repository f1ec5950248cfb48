package q931

import "trunkbox/firmware/q850"

// disconnecting is U11 of the user and N12 of the network: DISCONNECT was sent (clauses 5.3.3 to 5.3.5/Q.931).
func (c *Call) disconnecting(e Event) {
	switch e.Input {
	case DisconnectReq, ReleaseReq: // under way already
	case InfoReq:
		c.send(MsgInformation, e.Msg)
	case rxRelease: // not the first clearing message: it needs no cause (Table 3-10, note 2)
		c.farRelease(e.Msg, examine(e.Msg, nil))
	case rxDisconnect: // clear collision, clause 5.3.5
		c.release(c.given, Cause{}, nil)
	case rxInformation:
		if c.sound(e.Msg) {
			c.tell(InfoInd, e.Msg)
		}
	case rxNotify:
		if c.sound(e.Msg) {
			c.tell(NotifyInd, e.Msg)
		}
	case exT305: // clause 5.3.3: both causes, unless they are the same
		timeout := c.profile.Cause(q850.RecoveryOnTimerExpiry)
		if c.given.Value == timeout.Value {
			timeout = Cause{}
		}
		c.release(c.given, timeout, nil)
	case exT306: // clause 5.3.4.1: the tones were heard to the end
		c.release(c.given, Cause{}, nil)
	case exT322: // the RELEASE to come tells
	default:
		c.anyState(e)
	}
}

// disconnected is U12 of the user and N11 of the network: DISCONNECT was received (clauses 5.3.3 and
// 5.3.4/Q.931).
func (c *Call) disconnected(e Event) {
	switch e.Input {
	case DisconnectReq, ReleaseReq:
		c.release(c.answering(e.Msg), Cause{}, e.Msg)
	case InfoReq:
		c.send(MsgInformation, e.Msg)
	case rxRelease: // not the first clearing message: it needs no cause (Table 3-10, note 2)
		c.farRelease(e.Msg, examine(e.Msg, nil))
	case rxDisconnect: // a repetition
	case rxInformation:
		if c.sound(e.Msg) {
			c.tell(InfoInd, e.Msg)
		}
	case rxNotify:
		if c.sound(e.Msg) {
			c.tell(NotifyInd, e.Msg)
		}
	case exT322: // the RELEASE to come tells
	default:
		c.anyState(e)
	}
}

// answering returns the cause of the RELEASE that answers a DISCONNECT: what there was to object to in it,
// else what call control gave, else none.
func (c *Call) answering(from *Message) Cause {
	switch {
	case c.owed.cause != 0:
		return c.cause(c.owed.cause, c.owed.ids[:c.owed.n])
	case from != nil:
		return from.Cause[0]
	}
	return Cause{}
}

// releasing is U19 and N19: RELEASE was sent (clauses 5.3.3 to 5.3.5/Q.931).
//
// Departure: messages that crossed our RELEASE on the way get no STATUS 101 (clause 5.8.4); the RELEASE answers them.
func (c *Call) releasing(e Event) {
	switch e.Input {
	case DisconnectReq, ReleaseReq, InfoReq, NotifyReq, FacilityReq, EnquiryReq: // too late
	case rxRelease: // release collision, clause 5.3.5: no RELEASE COMPLETE
		c.sayWhy(c.farCause(e.Msg), true, "")
		c.over(e.Msg)
	case rxStatus: // clause 5.8.11 b: only state 0 counts
		if e.Msg.CallState.Given && e.Msg.CallState.Value == StateNull {
			c.over(e.Msg)
		}
	case rxDisconnect, rxInformation, rxNotify, rxFacility, rxHold, rxRetrieve: // sent before our RELEASE arrived
	case exT308:
		if !c.repeated {
			c.repeated = true
			c.repeat()
			c.start(T308)
			return
		}
		c.why.Maintenance, c.why.Detail = true, "RELEASE was not answered twice"
		c.over(nil)
	default:
		c.anyState(e)
	}
}
