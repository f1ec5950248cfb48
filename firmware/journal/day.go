package journal

import "time"

// ShortWait is the wait before which giving up counts as a short abandon.
const ShortWait = 5 * time.Second

// TargetWait is the T of the service level: answered within it is answered well.
const TargetWait = 20 * time.Second

// QueueDay is one day of one queue. A call counts on the day on which it entered the queue, and once
// each time it enters. Lengths are in milliseconds.
//
//	Offered = Answered + Abandoned + Overflowed + Callback + Voicemail + Lost + Waiting
type QueueDay struct {
	Offered      int             `json:"offered"`
	Answered     int             `json:"answered"`
	InTarget     int             `json:"in_target"` // of Answered, within TargetWait
	Abandoned    int             `json:"abandoned"`
	Short        int             `json:"short"`               // of Abandoned, before ShortWait
	AbandonedInT int             `json:"abandoned_in_target"` // of Abandoned, within TargetWait
	Overflowed   int             `json:"overflowed"`          // timeout, full, closed, empty, by a key, diverted, transferred
	Callback     int             `json:"callback"`
	Voicemail    int             `json:"voicemail"`
	Lost         int             `json:"lost"` // by the system
	Waiting      int             `json:"waiting"`
	Outcomes     map[Outcome]int `json:"outcomes"`
	WaitMS       int64           `json:"wait_ms"`           // of all who left
	AnsweredMS   int64           `json:"answered_wait_ms"`  // wait of Answered
	AbandonedMS  int64           `json:"abandoned_wait_ms"` // wait of Abandoned
	LongestMS    int64           `json:"longest_ms"`
	TalkMS       int64           `json:"talk_ms"` // without hold
	HoldMS       int64           `json:"hold_ms"`
	WrapUpMS     int64           `json:"wrap_up_ms"`
}

// Balanced says whether the balance rule holds.
func (q QueueDay) Balanced() bool {
	return q.Offered == q.Answered+q.Abandoned+q.Overflowed+q.Callback+q.Voicemail+q.Lost+q.Waiting
}

// ServiceLevel is answered within TargetWait over answered and abandoned, without those who gave up within
// TargetWait (variant D); ok is false when that is nobody.
func (q QueueDay) ServiceLevel() (level float64, ok bool) {
	of := q.Answered + q.Abandoned - q.AbandonedInT
	return float64(q.InTarget) / float64(max(of, 1)), of > 0
}

// AgentDay is one day of one agent. Lengths are in milliseconds.
type AgentDay struct {
	Offered    int   `json:"offered"`   // times rung
	Answered   int   `json:"answered"`  // calls taken
	Missed     int   `json:"missed"`    // rung and not taken
	Withdrawn  int   `json:"withdrawn"` // rung until the caller gave up
	Dialled    int   `json:"dialled"`   // calls begun
	Connected  int   `json:"connected"` // of Dialled, answered
	RingMS     int64 `json:"ring_ms"`
	TalkMS     int64 `json:"talk_ms"`
	HoldMS     int64 `json:"hold_ms"`
	WrapUpMS   int64 `json:"wrap_up_ms"`
	LoggedInMS int64 `json:"logged_in_ms"`
	PausedMS   int64 `json:"paused_ms"`
}

// Day is one day of everything, by name of queue and extension of agent.
type Day struct {
	Date   string              `json:"date"` // 2026-03-01
	Queues map[string]QueueDay `json:"queues"`
	Agents map[string]AgentDay `json:"agents"`
}
