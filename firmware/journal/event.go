package journal

import "time"

// Seq is the place of an event in the journal: 1 is the first ever, without gaps.
type Seq uint64

// Event is one thing that happened. What happened is Kind; what it happened with is in Fields.
type Event struct {
	Seq    Seq               `json:"seq"`
	At     time.Time         `json:"at"` // UTC, milliseconds
	Call   string            `json:"call,omitempty"`
	Kind   Kind              `json:"kind"`
	Fields map[string]string `json:"f,omitempty"`
}

// Kind names what happened. The names are kept for ever: old journals are read by new boxes.
type Kind string

// The kinds, with their fields. Field names: line, channel (the timeslot's number), caller, called, name, menu,
// queue, agent, key, cause, location, by (caller, called, agent, box, or who ordered it), reason (a Reason, or of
// a pause what somebody typed), about (what the reason speaks of), detail (what a far side said, for support,
// in no sentence), outcome, position, to, ms.
const (
	BoxStarted   Kind = "box_started"   // version, reason
	BoxStopped   Kind = "box_stopped"   // reason
	SettingsMade Kind = "settings"      // by, reason: a change of settings took effect
	LineAlarm    Kind = "line_alarm"    // line, alarms (joined by +, empty when clear)
	LinkState    Kind = "link_state"    // line, state (up, down), reason
	ChannelState Kind = "channel_state" // line, channel, state, reason
	TrunkState   Kind = "trunk_state"   // line (the IP trunk), state (up, down), reason (trunk_…), about, detail
	LineFound    Kind = "line_found"    // line, channel, reason, about: what a line found wrong by itself, or put right
	LineChanged  Kind = "line_changed"  // line, state (draining, changed, returned, gone, back), about (calls left), reason

	CallArrived   Kind = "call_arrived"   // line, channel, caller, restricted (yes: withheld, then no caller and no name), called, name
	CallDialled   Kind = "call_dialled"   // agent, called, caller, line, channel: an agent or the box dials out
	CallAlerting  Kind = "call_alerting"  // the called party of a dialled call rings
	CallAnswered  Kind = "call_answered"  // by: box (the menu answered) or far (a dialled call was answered)
	MenuEntered   Kind = "menu_entered"   // menu
	MenuKey       Kind = "menu_key"       // menu, key, reason: what the key chose
	KeyHeard      Kind = "key_heard"      // key or hidden (yes: the recording was paused), agent (if one of ours), way (sound, rtp, info; none: the line's), ms, low, high, twist or level (dBm0, dB)
	MenuTimeout   Kind = "menu_timeout"   // menu, reason (no_input, invalid)
	QueueEntered  Kind = "queue_entered"  // queue, position
	QueueLeft     Kind = "queue_left"     // queue, outcome (names of the queue outcomes), ms waited
	AgentOffered  Kind = "agent_offered"  // queue, agent, reason
	AgentRefused  Kind = "agent_refused"  // queue, agent, reason (no_answer, busy, unreachable, rejected), ms rung
	AgentJoined   Kind = "agent_joined"   // queue, agent, ms rung: both can talk from here
	CallHeld      Kind = "call_held"      // agent
	CallResumed   Kind = "call_resumed"   // agent
	CallMoved     Kind = "call_moved"     // by, to: blind transfer; by the box, with reason, about, detail: one that failed comes back
	PartyInvited  Kind = "party_invited"  // by, to: a third is rung to join the talk; with reason and about it is not
	PartyJoined   Kind = "party_joined"   // to
	PartyLeft     Kind = "party_left"     // to, cause: one of three or more left, or who was rung did not come
	SupervisorIn  Kind = "supervisor_in"  // by, agent, how (listen, whisper, barge)
	SupervisorOut Kind = "supervisor_out" // by
	CallDiverted  Kind = "call_diverted"  // caller (who sent it here), name, called (whom it was for at first), reason (diverted_…)
	CallNamed     Kind = "call_named"     // by (caller, called), called (the number), name: told only now
	CallText      Kind = "call_text"      // by (caller, called), text (user-to-user information)
	CallCharged   Kind = "call_charged"   // state (rates, so_far, final), amount (with its currency), units, reason (charge_…)
	CallForwarded Kind = "call_forwarded" // to, reason (diverted_…): the called party sends the call on
	CallReported  Kind = "call_reported"  // agent, state (asked, done, refused), reason (service_…), detail: a malicious call
	CallMerged    Kind = "call_merged"    // line, state, reason, detail: the network is to join both parties
	CallDeflected Kind = "call_deflected" // line, to, state, reason, detail: the network is to take the call elsewhere
	ClockCompared Kind = "clock_compared" // line, ms (the network's clock less ours), reason (clock_…)
	SoundOneWay   Kind = "sound_one_way"  // agent, reason (sound_…): the phone is not heard, or does not hear
	SoundMeasured Kind = "sound_measured" // agent, codec, encrypted (yes), lost (per cent), jitter, delay, trip (ms), rating (R), opinion (MOS): a phone's sound, told at the end
	EchoTurned    Kind = "echo_turned"    // line, channel, by (box, kernel, hardware), state (off, on): what a modem's tone does to the echo canceller
	AnswererHeard Kind = "answerer_heard" // outcome (person, machine, nobody): who answered a dialled call
	ConsentPlayed Kind = "consent_played" // name: the prompt, to (all: both were told, in the talk; none: the caller, before it)
	Announced     Kind = "announced"      // name: the prompt that is said into the call, to (all, caller, called, an extension or a number), reason, about

	RecordingBegan    Kind = "recording_began"    // reason (answer, queue, code): from when; by: the agent who keyed the code
	RecordingPaused   Kind = "recording_paused"   // by
	RecordingResumed  Kind = "recording_resumed"  // by: the agent, or box when who paused it left
	RecordingEnded    Kind = "recording_ended"    // file, ms, lost_ms: sound the disk did not take in time
	RecordingFailed   Kind = "recording_failed"   // file, detail
	RecordingStep     Kind = "recording_step"     // state (full, mono, stopped), about: MB free
	RecordingStopped  Kind = "recording_stopped"  // queue: whose calls are not recorded
	RecordingGap      Kind = "recording_gap"      // ms of talk, recorded_ms: found in the night after
	RecordingsProved  Kind = "recordings_proved"  // day, by, count, faults, link: the day's recordings were held against its chain
	RecordingsDeleted Kind = "recordings_deleted" // day, count, why (age, room)
	RecordingHeard    Kind = "recording_heard"    // file, by, how (listened, downloaded), address
	CallEnded         Kind = "call_ended"         // cause, location, by, reason
	AgentIn           Kind = "agent_in"           // agent, by (phone, page, supervisor)
	AgentOut          Kind = "agent_out"          // agent, by
	AgentPaused       Kind = "agent_paused"       // agent, reason, by
	AgentResumed      Kind = "agent_resumed"      // agent, by
	AgentWrapUp       Kind = "agent_wrap_up"      // agent, ms
	AgentReady        Kind = "agent_ready"        // agent: wrap-up is over
	PhoneUp           Kind = "phone_up"           // agent (extension), address
	PhoneDown         Kind = "phone_down"         // agent (extension), reason
	SignInRefused     Kind = "sign_in_refused"    // where (sip, page, console), who, address
)
