package q931

import (
	"fmt"

	"trunkbox/firmware/q850"
)

// Auxiliary is the state of hold, which a call has beside its call state (Q.932 clause 6.2, EN 300 196-1 clause 7).
type Auxiliary uint8

// The auxiliary states, with the Recommendation's names.
const (
	HoldIdle           Auxiliary = iota
	HoldRequest                  // HOLD was sent
	HoldIndication               // HOLD was received
	CallHeld                     // one side holds the call
	RetrieveRequest              // RETRIEVE was sent
	RetrieveIndication           // RETRIEVE was received
)

var auxiliaryNames = [...]string{"idle", "hold request", "hold indication", "call held", "retrieve request", "retrieve indication"}

// String returns the Recommendation's name: "call held".
func (a Auxiliary) String() string {
	if int(a) < len(auxiliaryNames) {
		return auxiliaryNames[a]
	}
	return fmt.Sprintf("auxiliary state %d", uint8(a))
}

// auxiliary takes the inputs of hold. A call can be held once it is active; clearing ends a hold without a word. Left out:
// hold before the answer, which a network may offer (EN 300 141-1).
func (c *Call) auxiliary(e Event) {
	switch {
	case !c.profile.Hold:
		c.misfit(e)
	case c.state != StateActive:
		c.holdMisfit(e)
	case c.hold == HoldIdle:
		c.holdIdle(e)
	case c.hold == HoldRequest:
		c.holdRequest(e)
	case c.hold == HoldIndication:
		c.holdIndication(e)
	case c.hold == CallHeld:
		c.callHeld(e)
	case c.hold == RetrieveRequest:
		c.retrieveRequest(e)
	case c.hold == RetrieveIndication:
		c.retrieveIndication(e)
	}
}

func (c *Call) holdIdle(e Event) {
	switch e.Input {
	case HoldReq:
		c.send(MsgHold, e.Msg)
		c.start(THold)
		c.hold = HoldRequest
	case rxHold:
		if c.sound(e.Msg) {
			c.hold = HoldIndication
			c.tell(HoldInd, e.Msg)
		}
	default:
		c.holdMisfit(e)
	}
}

// holdRequest: of two HOLDs that cross the user's counts, so the network's request is as if refused (the rule is ours; the
// documents give none for a network that holds).
func (c *Call) holdRequest(e Event) {
	switch e.Input {
	case rxHoldAck:
		if c.sound(e.Msg) {
			c.stop(THold)
			c.hold, c.heldByFar = CallHeld, false
			c.tell(HoldConf, e.Msg)
		}
	case rxHoldReject:
		if c.sound(e.Msg) {
			c.stop(THold)
			c.hold = HoldIdle
			c.refused(HoldRejected, e.Msg)
		}
	case exTHold:
		c.hold = HoldIdle
		c.unanswered(HoldRejected, "HOLD was not answered within T-HOLD")
	case rxHold:
		if c.side == User || !c.sound(e.Msg) {
			return
		}
		c.stop(THold)
		c.unanswered(HoldRejected, "the user's HOLD came first")
		c.hold = HoldIndication
		c.tell(HoldInd, e.Msg)
	default:
		c.holdMisfit(e)
	}
}

func (c *Call) holdIndication(e Event) {
	switch e.Input {
	case HoldResp:
		c.send(MsgHoldAck, e.Msg)
		c.hold, c.heldByFar = CallHeld, true
	case HoldRejectReq:
		c.reject(MsgHoldReject, e.Msg)
		c.hold = HoldIdle
	case rxHold: // a repetition
	default:
		c.holdMisfit(e)
	}
}

func (c *Call) callHeld(e Event) {
	switch {
	case e.Input == RetrieveReq && !c.heldByFar:
		c.send(MsgRetrieve, e.Msg)
		c.start(TRetrieve)
		c.hold = RetrieveRequest
	case e.Input == rxRetrieve && c.heldByFar:
		if c.sound(e.Msg) {
			c.hold = RetrieveIndication
			c.tell(RetrieveInd, e.Msg)
		}
	default:
		c.holdMisfit(e)
	}
}

func (c *Call) retrieveRequest(e Event) {
	switch e.Input {
	case rxRetrieveAck:
		if c.sound(e.Msg) {
			c.stop(TRetrieve)
			c.hold = HoldIdle
			c.tell(RetrieveConf, e.Msg)
		}
	case rxRetrieveReject:
		if c.sound(e.Msg) {
			c.stop(TRetrieve)
			c.hold = CallHeld
			c.refused(RetrieveRejected, e.Msg)
		}
	case exTRetrieve:
		c.hold = CallHeld
		c.unanswered(RetrieveRejected, "RETRIEVE was not answered within T-RETRIEVE")
	default:
		c.holdMisfit(e)
	}
}

func (c *Call) retrieveIndication(e Event) {
	switch e.Input {
	case RetrieveResp:
		c.send(MsgRetrieveAck, e.Msg)
		c.hold = HoldIdle
	case RetrieveRejectReq:
		c.reject(MsgRetrieveReject, e.Msg)
		c.hold = CallHeld
	case rxRetrieve: // a repetition
	default:
		c.holdMisfit(e)
	}
}

// holdMisfit refuses what the auxiliary state has no use for: a HOLD or RETRIEVE with its reject message, cause 101 (EN 300
// 196-1), all else as everywhere.
func (c *Call) holdMisfit(e Event) {
	refusal := c.profile.Cause(q850.MessageNotCompatibleUnspecified)
	switch e.Input {
	case rxHold:
		c.send(MsgHoldReject, nil).Cause[0] = refusal
	case rxRetrieve:
		c.send(MsgRetrieveReject, nil).Cause[0] = refusal
	default:
		c.misfit(e)
	}
}

// reject sends a reject message with the cause that call control gave, facility rejected if none.
func (c *Call) reject(t MessageType, from *Message) {
	m := c.send(t, from)
	if m.Cause[0].Value == 0 {
		m.Cause[0] = c.profile.Cause(q850.FacilityRejected)
	}
}

// refused and unanswered tell call control that a request of its own came to nothing.
func (c *Call) refused(kind ActionKind, m *Message) {
	c.do(Action{Kind: kind, Msg: m, Cause: m.Cause[0].Value, Location: m.Cause[0].Location, Remote: true})
}

func (c *Call) unanswered(kind ActionKind, detail string) {
	timeout := c.profile.Cause(q850.RecoveryOnTimerExpiry)
	c.do(Action{Kind: kind, Cause: timeout.Value, Location: timeout.Location, Detail: detail})
}
