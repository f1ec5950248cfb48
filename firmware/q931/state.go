package q931

import "fmt"

// Side is the side of the interface we are.
type Side uint8

// The two sides.
const (
	User    Side = iota // the terminal or PBX, states U0 to U25
	Network             // the exchange, states N0 to N25
)

// String returns "user" or "network".
func (s Side) String() string {
	if s == Network {
		return "network"
	}
	return "user"
}

// State is a call state with the number that STATUS messages carry (clauses 2.1, 2.2, 2.4 and 4.5.7/Q.931).
type State uint8

// The call states of both sides; the states of the restart procedure belong to the global call reference.
const (
	StateNull                 State = 0
	StateCallInitiated        State = 1
	StateOverlapSending       State = 2
	StateOutgoingProceeding   State = 3
	StateCallDelivered        State = 4
	StateCallPresent          State = 6
	StateCallReceived         State = 7
	StateConnectRequest       State = 8
	StateIncomingProceeding   State = 9
	StateActive               State = 10
	StateDisconnectRequest    State = 11 // the user asked to clear
	StateDisconnectIndication State = 12 // the network asked to clear
	StateSuspendRequest       State = 15 // basic access only, never entered
	StateResumeRequest        State = 17 // basic access only, never entered
	StateReleaseRequest       State = 19
	StateCallAbort            State = 22 // point-to-multipoint only, never entered
	StateOverlapReceiving     State = 25
	StateRestartRequest       State = 61 // Rest 1: a RESTART was sent
	StateRestart              State = 62 // Rest 2: a RESTART was received and is being obeyed
)

var stateNames = map[State]string{
	StateNull: "null", StateCallInitiated: "call initiated", StateOverlapSending: "overlap sending",
	StateOutgoingProceeding: "outgoing call proceeding", StateCallDelivered: "call delivered",
	StateCallPresent: "call present", StateCallReceived: "call received", StateConnectRequest: "connect request",
	StateIncomingProceeding: "incoming call proceeding", StateActive: "active",
	StateDisconnectRequest: "disconnect request", StateDisconnectIndication: "disconnect indication",
	StateSuspendRequest: "suspend request", StateResumeRequest: "resume request",
	StateReleaseRequest: "release request", StateCallAbort: "call abort", StateOverlapReceiving: "overlap receiving",
	StateRestartRequest: "restart request", StateRestart: "restart",
}

// String returns the Recommendation's name of the state: "call delivered".
func (s State) String() string {
	if name, ok := stateNames[s]; ok {
		return name
	}
	return fmt.Sprintf("state %d", uint8(s))
}

// Label returns the state as the figures write it: "U4", "N10".
func (s State) Label(side Side) string {
	if side == Network {
		return fmt.Sprintf("N%d", uint8(s))
	}
	return fmt.Sprintf("U%d", uint8(s))
}
