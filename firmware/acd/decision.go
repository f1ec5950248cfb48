package acd

import "time"

// Decision is something to be done, with its reason.
type Decision interface{ decision() }

type (
	// Offer: ring the agent for the call. The acd itself ends the ringing after For.
	Offer struct {
		Call, Queue, Agent string
		For                time.Duration
		Reason             Reason // LongestIdle or OnlyReady
		Idle               time.Duration
		Candidates         int // ready agents to choose from
	}
	// Withdraw: stop ringing the agent for the call.
	Withdraw struct {
		Call, Queue, Agent string
		Reason             Reason
	}
	// Leave: the call is no longer in the queue. With outcome Answered it is the agent's.
	Leave struct {
		Call, Queue string
		Outcome     Outcome
		Reason      Reason
		Waited      time.Duration
	}
	// Announce: tell the caller its position.
	Announce struct {
		Call, Queue string
		Position    int
	}
	// AgentChanged: the agent's state is another.
	AgentChanged struct {
		Agent    string
		From, To AgentState
		Queue    string    // of the call, when To is OnCall; empty: no queue's call
		Pause    string    // the reason, when To is Paused
		Until    time.Time // end of wrap-up, when To is WrapUp
	}
)

func (Offer) decision()        {}
func (Withdraw) decision()     {}
func (Leave) decision()        {}
func (Announce) decision()     {}
func (AgentChanged) decision() {}

// Outcome is how a call left a queue, in the field's names.
type Outcome string

// The outcomes.
const (
	Answered    Outcome = "answered"
	Abandoned   Outcome = "abandoned"
	Timeout     Outcome = "timeout"
	Full        Outcome = "full"
	JoinEmpty   Outcome = "joinempty"
	LeaveEmpty  Outcome = "leaveempty"
	ExitKey     Outcome = "exit_key"
	Transferred Outcome = "transferred"
	SystemError Outcome = "system_error"
)

// Reason says why. The order of the first group is that of how near an agent is to taking a call.
type Reason int

// The reasons.
const (
	NotWaiting Reason = iota
	NobodyLoggedIn
	AllUnreachable
	AllPaused
	AllInWrapUp
	AllTalking
	AllRinging
	AgentResting // ready, but kept from offers for a moment after a missed call
	AgentRings

	LongestIdle
	OnlyReady
	AgentAnswered
	NoAnswer
	PhoneBusy
	PhoneUnreachable
	AgentRejected
	AgentLeft
	CallerLeft
	CallCleared // by the line, the supervisor or the box
	WaitedTooLong
	QueueFull
	QueueGone
)

var reasonNames = [...]string{
	"not_waiting", "nobody_logged_in", "all_unreachable", "all_paused", "all_in_wrap_up", "all_talking",
	"all_ringing", "agent_resting", "agent_rings",
	"longest_idle", "only_ready", "agent_answered", "no_answer", "busy", "unreachable", "rejected",
	"agent_left", "caller_left", "call_cleared", "waited_too_long", "queue_full", "queue_gone",
}

// String is the reason's name in the journal.
func (r Reason) String() string { return reasonNames[r] }

// whyNot is why an agent in each state does not take a waiting call now.
var whyNot = map[AgentState]Reason{
	LoggedOut:   NobodyLoggedIn,
	Unreachable: AllUnreachable,
	Paused:      AllPaused,
	WrapUp:      AllInWrapUp,
	OnCall:      AllTalking,
	Ringing:     AllRinging,
	Ready:       AgentResting,
}
