// Package seat is an agent's position: the telephone that is rung, and the call it has.
//
// In: offers of firmware/acd, carried out by firmware/exchange. Out: the leg to the agent's Phone
// (firmware/sipphone), and what became of the ringing in the acd's words.
//
// The states of an agent are the acd's; the causes of a refusal are read by ITU-T Q.850.
//
// A Seat belongs to the call loop's goroutine; its Phone tells events from others, so the handlers given
// in are expected to post to the loop.
package seat

import (
	"trunkbox/firmware/acd"
	"trunkbox/firmware/call"
	"trunkbox/firmware/q850"
)

// Phone reaches the telephone of an extension, whatever it is.
type Phone interface {
	// Dial rings the extension. Its events go to handler. An error says that there is no such phone or
	// none that can be reached.
	Dial(extension string, to call.Outgoing, handler call.Handler) (call.Leg, error)
}

// Seat is one agent's position.
type Seat struct {
	Extension string
	phone     Phone
	ringing   call.Leg
	offer     string // the call it rings for
}

// New makes the seat of an extension.
func New(extension string, phone Phone) *Seat { return &Seat{Extension: extension, phone: phone} }

// Ring rings the seat's phone for a call. The events of the leg go to handler.
func (s *Seat) Ring(callID string, to call.Outgoing, handler call.Handler) (call.Leg, error) {
	leg, err := s.phone.Dial(s.Extension, to, handler)
	if err != nil {
		return nil, err
	}
	s.ringing, s.offer = leg, callID
	return leg, nil
}

// RingsFor says whether the seat is being rung for the call.
func (s *Seat) RingsFor(callID string) bool { return s.ringing != nil && s.offer == callID }

// Rings says whether leg is the one that rings the seat now.
func (s *Seat) Rings(leg call.Leg) bool { return s.ringing != nil && s.ringing == leg }

// Silence stops the ringing for the call, because of cause.
func (s *Seat) Silence(callID string, cause q850.Cause) {
	if s.RingsFor(callID) {
		s.ringing.Hangup(cause)
		s.Done(callID)
	}
}

// Done forgets the ringing: it was answered or is over.
func (s *Seat) Done(callID string) {
	if s.offer == callID {
		s.ringing, s.offer = nil, ""
	}
}

// refusals are the causes with which a phone says no, in the acd's words; any other means that it could
// not be reached.
var refusals = map[q850.Cause]acd.Reason{
	q850.UserBusy:         acd.PhoneBusy,
	q850.CallRejected:     acd.AgentRejected,
	q850.NoUserResponding: acd.NoAnswer,
	q850.NoAnswer:         acd.NoAnswer,
	q850.NormalClearing:   acd.AgentRejected,
}

// Refusal says in the acd's words why a phone cleared before it answered.
func Refusal(cleared call.Cleared) acd.Reason {
	if reason, known := refusals[cleared.Cause]; known {
		return reason
	}
	return acd.PhoneUnreachable
}
