// Package q931 is the call control of an ISDN primary rate: the messages between user and network, their
// information elements, and for every call a machine that knows what may be said next, as user or as
// network. Further machines restart channels and take them out of service.
//
// In: the octets of layer 2's I frames, decoded by Decode, and the wishes of call control (all by way of
// firmware/pri). Out: actions for firmware/pri: messages to send, timers to run, indications. Signal path
// only; no sound.
//
// ITU-T Q.931 (05/98) with the choices of a variant, which are the fields of a Profile: EuroISDN (EN 300 403-1), NI-2, NI-1,
// DMS-100, 5ESS, 4ESS and QSIG (variants.go says for each value where it comes from). Beside the calls: hold and retrieve
// (Q.932), restart, the SERVICE messages of North America, messages in parts (Annex H). Left out: what only a basic access
// has (suspend and resume, states 15 and 17, T307, T318, T319; the broadcast link of several terminals, state 22, T312),
// packet mode (T320), USER INFORMATION and CONGESTION CONTROL (answered with STATUS 97: user-to-user service 3 only), hold
// before the answer, and the services in a facility element, which is passed on raw.
//
// Where the Recommendation leaves a choice: an unknown or spoilt optional element is answered with STATUS 99, 100 or
// 43 once a call (5.8.7 says "may"; more would flood an exchange that sends one in every message) and told to call
// control every time; a SETUP towards the user has to name a channel (Table 3-15), else 96.
//
// The machines are pure: no goroutine, no clock, no socket; one goroutine at a time may call them. An Action's message is
// valid until the next Handle, and a decoded Message as long as its octets. Messages between the machines and the line go
// through Profile.Decode and Profile.AppendTo, which know the variant's habits.
package q931

import (
	"trunkbox/firmware/q850"
)

// Call is one call on one side of an interface. The caller keeps the table of calls by reference, the
// channels and the timers.
type Call struct {
	side  Side
	state State
	ref   Ref // as the far side's messages carry it

	desk

	buffer    [n201]byte
	sent      []byte  // in buffer, if it is long enough: the SETUP or RELEASE sent, for its repetition
	again     Message // decoded from sent
	repeated  bool    // T303 or T308 expired once
	enquired  bool    // T322 expired once
	why       Action  // why the call is being cleared: what Released will say
	given     Cause   // the cause of the DISCONNECT or RELEASE sent
	owed      objection
	saying    objection // objection to the message in hand, for a STATUS in the new state
	hold      Auxiliary
	heldByFar bool // in CallHeld: who may retrieve
	reported  bool // STATUS told the far side of an optional element once

	out  [4]Message // messages of the actions
	nOut int
	diag [9]byte // diagnostics of a cause in out
}

// NewCall returns a call in state 0. ref is the reference as the far side's messages carry it: that of the
// SETUP received, or OwnRef for a call of ours.
func NewCall(side Side, profile *Profile, ref Ref) *Call {
	if profile.Symmetric {
		side = User
	}
	c := &Call{side: side, ref: ref, desk: desk{profile: profile}}
	c.sent = c.buffer[:0]
	return c
}

// OwnRef returns the reference of a call that we place, as the far side's messages will carry it. value is
// 1 to 32767 (1 to 127 with one octet) and must not be in use for another call of ours.
func OwnRef(value uint16, length uint8) Ref { return Ref{Flag: true, Value: value, Length: length} }

// Ref returns the reference as the far side's messages carry it.
func (c *Call) Ref() Ref { return c.ref }

// State returns the call state.
func (c *Call) State() State { return c.state }

// Hold returns the auxiliary state.
func (c *Call) Hold() Auxiliary { return c.hold }

// Side returns the side whose states the call goes through: that of NewCall, or User when the profile is symmetric.
func (c *Call) Side() Side { return c.side }

// steps holds the function of every state that can be entered.
var steps = [2][26]func(*Call, Event){
	User: {
		StateNull: (*Call).u0, StateCallInitiated: (*Call).u1, StateOverlapSending: (*Call).u2,
		StateOutgoingProceeding: (*Call).u3, StateCallDelivered: (*Call).u4, StateCallPresent: (*Call).u6,
		StateCallReceived: (*Call).u7, StateConnectRequest: (*Call).u8, StateIncomingProceeding: (*Call).u9,
		StateActive: (*Call).active, StateDisconnectRequest: (*Call).disconnecting,
		StateDisconnectIndication: (*Call).disconnected, StateReleaseRequest: (*Call).releasing,
		StateOverlapReceiving: (*Call).u25,
	},
	Network: {
		StateNull: (*Call).n0, StateCallInitiated: (*Call).n1, StateOverlapSending: (*Call).n2,
		StateOutgoingProceeding: (*Call).n3, StateCallDelivered: (*Call).n4, StateCallPresent: (*Call).n6,
		StateCallReceived: (*Call).n7, StateConnectRequest: (*Call).n8, StateIncomingProceeding: (*Call).n9,
		StateActive: (*Call).active, StateDisconnectRequest: (*Call).disconnected,
		StateDisconnectIndication: (*Call).disconnecting, StateReleaseRequest: (*Call).releasing,
		StateOverlapReceiving: (*Call).n25,
	},
}

// Handle takes one event and appends the actions it asks for to actions, which may be nil. A message must
// be one whose reference is this call's.
func (c *Call) Handle(e Event, actions []Action) []Action {
	if c.stale(e) {
		return actions
	}
	c.actions, c.nOut, c.saying = actions, 0, objection{}
	steps[c.side][c.state](c, e)
	if c.saying.cause != 0 && c.state != StateNull {
		c.say(e.Msg)
	}
	actions, c.actions = c.actions, nil
	return actions
}

// Cause returns a cause element with the location of the profile.
func (p *Profile) Cause(value q850.Cause) Cause { return Cause{Value: value, Location: p.Location} }
