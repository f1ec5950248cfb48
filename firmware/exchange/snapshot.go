package exchange

import "time"

// Snapshot is the whole switch at one moment, as the page and the console show it.
type Snapshot struct {
	At      time.Time  `json:"at"`
	Name    string     `json:"name"`
	Version string     `json:"version"`
	Started time.Time  `json:"started"`
	Notices []Notice   `json:"notices"` // what the owner should know now: settings fell back, disk full, …
	Lines   []LineNow  `json:"lines"`
	Trunks  []TrunkNow `json:"trunks"` // IP trunks in service
	Calls   []CallNow  `json:"calls"`
	Agents  []AgentNow `json:"agents"`
	Queues  []QueueNow `json:"queues"`
	LEDs    []LEDNow   `json:"leds"`
	Tick    TickNow    `json:"tick"`
}

// Notice is one sentence for the owner, in both languages.
type Notice struct {
	ID    string    `json:"id"` // "settings_fell_back"
	Since time.Time `json:"since"`
	ZH    string    `json:"zh"`
	EN    string    `json:"en"`
}

// LineNow is one line: its lamp, its alarms, its D channel, its B channels.
type LineNow struct {
	Name   string   `json:"name"`
	Kind   string   `json:"kind"`   // E1, T1
	Driver string   `json:"driver"` // virtual, dahdi
	Side   string   `json:"side"`
	Lamp   string   `json:"lamp"`   // off, green, green_blink (layer 1 up, D channel down), red, yellow, blue
	Alarms []string `json:"alarms"` // LOS, LFA, LMFA, AIS, RAI: those that have stayed, as the lamp shows them
	// AlarmsSince is when Alarms last changed; AlarmsNow is what the driver says at this very moment.
	AlarmsSince time.Time         `json:"alarms_since"`
	AlarmsNow   []string          `json:"alarms_now"`
	Link        string            `json:"link"` // up, down, establishing
	LinkSince   time.Time         `json:"link_since"`
	Counters    map[string]uint64 `json:"counters"`
	Channels    []ChannelNow      `json:"channels"`
	Echo        EchoNow           `json:"echo"`
	Clock       ClockNow          `json:"clock"`
	Change      LineChangeNow     `json:"change"` // new settings that wait for its calls to end, or whose D channel is waited for
}

// ClockNow is how fast a line's clock is against that of the line which sets the pace: its slips are those between the two.
type ClockNow struct {
	Known bool    `json:"known"` // it has been measured for a minute
	PPM   float64 `json:"ppm"`   // more than 0: it is faster
	Pace  bool    `json:"pace"`  // it sets the pace itself
}

// EchoNow is who takes the echo out of what a line brings.
type EchoNow struct {
	By   string `json:"by"`             // none, box, kernel (the driver), hardware (the card)
	Name string `json:"name,omitempty"` // of the driver's or the card's
	Why  string `json:"why,omitempty"`  // the box does it though the settings want the card: none (there is none), refused
}

// ChannelNow is one B channel.
type ChannelNow struct {
	Timeslot int       `json:"timeslot"`
	State    string    `json:"state"` // idle, seized, ringing, talking, clearing, restarting, blocked
	Since    time.Time `json:"since"`
	Call     string    `json:"call,omitempty"`
	Reason   string    `json:"reason,omitempty"` // why it is blocked, or will be after its call: a journal.Reason
}

// CallNow is one call in progress.
type CallNow struct {
	ID         string `json:"id"`
	Direction  string `json:"direction"` // in, out, internal
	Caller     string `json:"caller"`
	CallerName string `json:"caller_name,omitempty"`
	Restricted bool   `json:"restricted,omitempty"` // the caller withholds the number: Caller and CallerName are empty
	Called     string `json:"called"`
	// Diverted is who sent the call here, and why (busy, no_reply, unconditional, deflected, unknown).
	Diverted       string `json:"diverted,omitempty"`
	DivertedName   string `json:"diverted_name,omitempty"`
	DivertedReason string `json:"diverted_reason,omitempty"`
	// Answerer is who really answered a call of ours, where the network tells it.
	Answerer     string    `json:"answerer,omitempty"`
	AnswererName string    `json:"answerer_name,omitempty"`
	Text         string    `json:"text,omitempty"`   // the caller's text (user-to-user information)
	Charge       string    `json:"charge,omitempty"` // what the network charges up to now: "EUR 1.20", units, or "free"
	Line         string    `json:"line,omitempty"`   // or IP trunk
	Timeslot     int       `json:"timeslot,omitempty"`
	State        string    `json:"state"`               // arriving, menu, queued, ringing, talking, held, clearing
	Where        string    `json:"where"`               // name of the menu or queue, extension of the agent, code or number dialled; of clearing: the last prompt
	Recording    string    `json:"recording,omitempty"` // on, paused, failed; empty: it is not recorded
	Began        time.Time `json:"began"`
	Since        time.Time `json:"since"` // of State
}

// AgentNow is one agent.
type AgentNow struct {
	Extension string    `json:"extension"`
	Name      string    `json:"name"`
	State     string    `json:"state"` // logged_out, ready, ringing, on_call, wrap_up, paused, unreachable
	Since     time.Time `json:"since"`
	Reason    string    `json:"reason,omitempty"` // of a pause
	Queues    []string  `json:"queues"`
	Phone     string    `json:"phone"` // address of the registered phone; empty: none
	Call      string    `json:"call,omitempty"`
	Taken     int       `json:"taken"`  // calls answered since midnight
	Missed    int       `json:"missed"` // since midnight
}

// QueueNow is one queue. The figures are of those who entered it since midnight:
//
//	Offered = Answered + Abandoned + Overflowed + Lost + those still waiting
type QueueNow struct {
	Name       string       `json:"name"`
	Waiting    []WaitingNow `json:"waiting"` // longest first
	Ready      int          `json:"ready"`   // agents who could take a call now
	LoggedIn   int          `json:"logged_in"`
	Offered    int          `json:"offered"`
	Answered   int          `json:"answered"`
	Abandoned  int          `json:"abandoned"`
	Overflowed int          `json:"overflowed"` // sent away: waited too long, queue full or without agents, by a key
	Lost       int          `json:"lost"`       // by the box or the phones
}

// WaitingNow is one waiting caller.
type WaitingNow struct {
	Call       string    `json:"call"`
	Caller     string    `json:"caller"`
	Restricted bool      `json:"restricted,omitempty"` // as of CallNow
	Since      time.Time `json:"since"`
	Reason     string    `json:"reason"` // why still waiting, acd's own word
}

// LEDNow is one light on the front of the box.
type LEDNow struct {
	Name  string `json:"name"`  // power, line1, alarm
	State string `json:"state"` // off, green, green_blink, red, yellow, blue
}

// TickNow is how the sound is doing.
type TickNow struct {
	Parties   int       `json:"parties"`
	Moved     uint64    `json:"moved"`      // ticks of all lines
	Missed    uint64    `json:"missed"`     // ticks more than a block's time late
	LongestUS int64     `json:"longest_us"` // the bridge's longest tick
	LateUS    int64     `json:"late_us"`    // the most that a line's tick came late
	LateAt    time.Time `json:"late_at"`
	Cause     string    `json:"cause"` // of that: a LateCause; empty until a second has passed
	// Causes are those of missed ticks, each second's counted for the latest of its ticks.
	Causes    map[LateCause]uint64 `json:"causes"`
	Late      []LateNow            `json:"late"`
	Overruns  uint64               `json:"overruns"`  // blocks that a user did not fetch
	Underruns uint64               `json:"underruns"` // blocks of silence in either direction
	Slips     uint64               `json:"slips"`     // octets left out or said twice between two clocks
	Refused   []string             `json:"refused"`   // what the kernel did not grant the threads of sound
	// ProcessorPercent is the most of one processor's time that the threads of sound used in a second, all together, and
	// LimitPercent what the kernel gives such threads of each processor: 100 is without limit.
	ProcessorPercent float64 `json:"processor_percent"`
	LimitPercent     float64 `json:"limit_percent"`
}

// LateNow counts the ticks that were at most so late; 0 is without bound.
type LateNow struct {
	UpToUS int64  `json:"up_to_us"`
	Ticks  uint64 `json:"ticks"`
}
