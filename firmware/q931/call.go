// Package q931 is the call control of an ISDN primary rate: the messages between user and network, their
// information elements, and for every call a machine that knows what may be said next, as user or as
// network. A second machine restarts channels.
//
// In: the octets of layer 2's I frames, decoded by Decode, and the wishes of call control (all by way of
// firmware/pri). Out: actions for firmware/pri: messages to send, timers to run, indications. Signal path
// only; no sound.
//
// ITU-T Q.931 (05/98) with the numbers of EuroISDN (EN 300 403-1). Left out: basic access
// (suspend, resume, point-to-multipoint: states 15, 17, 22), segmentation, packet mode, hold and the
// supplementary services of Q.932 (FACILITY is passed on raw).
//
// The machines are pure: no goroutine, no clock, no socket; one goroutine at a time may call them. An
// Action's message is valid until the next Handle, and a decoded Message as long as its octets.
package q931

// Call is one call on one side of an interface. The caller keeps the table of calls by reference, the
// channels and the timers.
type Call struct {
	side    Side
	state   State
	ref     Ref // as the far side's messages carry it
	profile *Profile
}

// NewCall returns a call in state 0. ref is the reference as the far side's messages carry it: that of the
// SETUP received, or OwnRef for a call of ours.
func NewCall(side Side, profile *Profile, ref Ref) *Call {
	return &Call{side: side, profile: profile, ref: ref}
}

// OwnRef returns the reference of a call that we place, as the far side's messages will carry it. value is
// 1 to 32767 (1 to 127 with one octet) and must not be in use for another call of ours.
func OwnRef(value uint16, length uint8) Ref { return Ref{Flag: true, Value: value, Length: length} }

// Ref returns the reference as the far side's messages carry it.
func (c *Call) Ref() Ref { return c.ref }

// State returns the call state.
func (c *Call) State() State { return c.state }

// Side returns the side we are.
func (c *Call) Side() Side { return c.side }
