package config

// Settings is everything the owner and the installer decide, as one document. It is exported and
// imported as indented JSON with these names. Secrets that people choose (SIP passwords) are in it;
// secrets the box made for itself (session keys, TLS keys, admin password hashes) are not.
type Settings struct {
	Box       Box        `json:"box"`
	Lines     []Line     `json:"lines"`
	Trunks    []Trunk    `json:"trunks"`
	Agents    []Agent    `json:"agents"`
	Queues    []Queue    `json:"queues"`
	Menus     []Menu     `json:"menus"`
	Routes    []Route    `json:"routes"` // first match wins; a call that matches none goes to the first menu
	Outbound  Outbound   `json:"outbound"`
	Recording Recording  `json:"recording"`
	Features  Features   `json:"features"`
	Talks     Talks      `json:"talks"`
	Phones    PhoneRules `json:"phones"`
}

// Box is the place the box stands in.
type Box struct {
	Name     string `json:"name"`
	Language string `json:"language"`  // "zh" or "en": prompts and pages for those who did not choose
	Country  string `json:"country"`   // "CN", "DE" …; "EU" where no other fits: tones and emergency numbers
	TimeZone string `json:"time_zone"` // IANA name, "Asia/Shanghai"

	TimeFromLine bool `json:"time_from_line"` // the date and time of the network set the clock when nothing better does
}

// Line is one E1 or T1.
type Line struct {
	Name   string `json:"name"`   // "line1"; stands in traces, never reused for another line
	Driver string `json:"driver"` // "virtual" or "dahdi"
	Span   int    `json:"span"`   // dahdi: span number, from 1

	Kind     string `json:"kind"`      // "E1" or "T1"
	Framing  string `json:"framing"`   // E1: "crc4" or "no-crc4"; T1: "esf" or "d4"
	LineCode string `json:"line_code"` // E1: "hdb3" or "ami"; T1: "b8zs" or "ami"
	Clock    string `json:"clock"`     // "line": the far end's; "internal": ours
	Law      string `json:"law"`       // "alaw" or "mulaw"

	Side    string         `json:"side"`    // "user" (the carrier is network) or "network" (a PBX is behind us)
	Variant string         `json:"variant"` // a name of Variants
	Overlap bool           `json:"overlap"` // numbers come and go digit by digit
	Timers  map[string]int `json:"timers"`  // ms by name, where they are not the variant's: {"T310": 60000}

	N200 int `json:"n200"` // how often the data link repeats a frame that is not answered

	Group     string `json:"group"`     // lines of one group share a D channel; empty: it has its own
	DChannel  string `json:"d_channel"` // "own", or in a group "primary", "backup" or "none"
	Interface int    `json:"interface"` // in a group: the interface identifier, 0 to 127

	Hunting         string `json:"hunting"`          // "up", "down", "round-robin", "least-recent", "opposite"
	Selection       string `json:"selection"`        // "exclusive" or "preferred"
	DDIDigits       int    `json:"ddi_digits"`       // keep this many last digits of the called number; 0 keeps all
	NetworkTransfer bool   `json:"network_transfer"` // the network is asked to join two calls of ours, or to take one elsewhere
	Restart         bool   `json:"restart"`          // RESTART at start-up

	BlockMS        int    `json:"block_ms"`        // 2 to 20: how much sound one tick moves
	EchoTailMS     int    `json:"echo_tail_ms"`    // longest echo that is cancelled, 16 to 128; 0: none
	EchoBy         string `json:"echo_by"`         // "auto" (the card where it can, else the box), "box", or "board": the card or a module of its driver; empty is "auto"
	NoiseReduction bool   `json:"noise_reduction"` // of what callers say
	LevelControl   bool   `json:"level_control"`   // callers are brought to one loudness

	// ReturnSeconds: when the D channel is not back so long after a change, the old settings return; 0: never.
	ReturnSeconds int  `json:"return_seconds"`
	Enabled       bool `json:"enabled"`
}

// Trunk is a way to the telephone network by SIP: a carrier or another switch. Its name is one of a line's kind.
type Trunk struct {
	Name      string       `json:"name"`
	Server    string       `json:"server"`    // host or host:port
	Transport string       `json:"transport"` // "udp", "tcp" or "tls"
	Register  bool         `json:"register"`  // we tell it where we are; else it knows our address
	User      string       `json:"user"`      // empty: it trusts our address
	Password  string       `json:"password"`
	Law       string       `json:"law"`       // preferred: "alaw", "mulaw" or "g722"
	MaxCalls  int          `json:"max_calls"` // 0: no limit
	Numbers   []NumberRule `json:"numbers"`   // first match of a direction wins; what matches none passes as it is
	Encrypt   bool         `json:"encrypt"`   // sound must be encrypted (SRTP); calls without are refused
	Roots     string       `json:"roots"`     // PEM: who signs the server's certificate; empty: whom the system trusts
	Enabled   bool         `json:"enabled"`

	SuppressSilence bool `json:"suppress_silence"` // the server is told of silence and its noise instead of sent it
}

// NumberRule changes the numbers of a trunk: "in" the called number of calls that come, "out" of calls that go.
type NumberRule struct {
	Direction string `json:"direction"` // "in" or "out"
	Match     string `json:"match"`     // first digits of the number, + included; empty: any
	Strip     int    `json:"strip"`     // so many characters are taken off in front
	Add       string `json:"add"`       // and these are put there
}

// Recording is what is recorded, and how long it is kept.
type Recording struct {
	Start     string `json:"start"`       // "off", "answer" (of an agent), "queue" (from the first wait) or "code" (from where an agent keys Features.RecordPause)
	Stereo    bool   `json:"stereo"`      // caller left, agent right
	KeepDays  int    `json:"keep_days"`   // older recordings are deleted
	FloorDays int    `json:"floor_days"`  // younger recordings are never deleted, even on a full disk
	MinFreeMB int    `json:"min_free_mb"` // of the disk that recordings leave alone
	Consent   string `json:"consent"`     // prompt played to the caller before, to all who talk when it begins in the talk; empty: none
}

// Agent is one person with one extension and one SIP account of the same name.
type Agent struct {
	Extension string   `json:"extension"` // 3 to 5 digits; also the SIP user name
	Name      string   `json:"name"`
	Password  string   `json:"password"`  // SIP; at least 10 characters
	Queues    []string `json:"queues"`    // names of queues this agent serves
	CallerID  string   `json:"caller_id"` // shown when dialling out; must be one of Outbound.Numbers, empty: the first
	Outbound  bool     `json:"outbound"`  // may dial out over the trunk (emergency numbers: always)
	LoggedIn  bool     `json:"logged_in"` // kept over a restart: set by logging in and out, not by the page

	HideNumber bool `json:"hide_number"` // calls go out with the number withheld (CLIR)
	Supervisor bool `json:"supervisor"`  // may listen to, whisper into and join the calls of others
	Encrypt    bool `json:"encrypt"`     // sound must be encrypted (SRTP); the phone registers over TLS or not at all
}

// Queue is a line of waiting callers.
type Queue struct {
	Name          string `json:"name"`      // shown to people, any script
	Extension     string `json:"extension"` // digits an agent can dial or transfer to
	Strategy      string `json:"strategy"`  // "longest-idle"
	RingSeconds   int    `json:"ring_seconds"`
	WrapUpSeconds int    `json:"wrap_up_seconds"`
	RetrySeconds  int    `json:"retry_seconds"`     // before an agent who did not answer is tried again
	MaxWait       int    `json:"max_wait_seconds"`  // 0: no limit
	MaxLength     int    `json:"max_length"`        // 0: no limit
	AnnounceEvery int    `json:"announce_seconds"`  // position announcement; 0: never
	AutoPause     int    `json:"auto_pause_missed"` // pause an agent after so many missed calls in a row; 0: never
	Music         string `json:"music"`             // prompt name; empty: the built-in music
	OnEmpty       string `json:"on_empty"`          // nobody logged in: "refuse" (say so and end) or "wait"
	Record        string `json:"record"`            // "yes", "no", or empty: as Recording says
}

// Menu is one voice menu.
type Menu struct {
	Name         string      `json:"name"`
	Welcome      string      `json:"welcome"` // prompt name played once; empty: none
	Prompt       string      `json:"prompt"`  // prompt name that reads the choices
	TimeoutS     int         `json:"timeout_seconds"`
	Retries      int         `json:"retries"`        // how often the prompt is repeated after silence or a wrong key
	Choices      []Choice    `json:"choices"`        // one a key
	OnFail       Destination `json:"on_fail"`        // after the last retry
	DirectDial   bool        `json:"direct_dial"`    // extensions may be dialled in the menu
	InterDigitMS int         `json:"inter_digit_ms"` // for direct dialling
}

// Choice is what one key does.
type Choice struct {
	Key string      `json:"key"` // "0".."9", "*", "#"
	To  Destination `json:"to"`
}

// Destination is where a call can go.
type Destination struct {
	Kind   string `json:"kind"`   // "queue", "menu", "extension", "hangup", "prompt" (play and hang up), "outside"
	Target string `json:"target"` // the name of the queue, menu or prompt, or the digits; outside: the number to dial
}

// Route sends a called number (DDI) to a destination.
type Route struct {
	Line   string      `json:"line"`   // empty: any
	Called string      `json:"called"` // last digits of the called number; empty: any
	To     Destination `json:"to"`
}

// Outbound is how agents dial out.
type Outbound struct {
	Prefix  string   `json:"prefix"`  // digit before an outside number, "9" or "0"; empty: none
	Numbers []string `json:"numbers"` // caller numbers the carrier lets us show; the first is the default
	Lines   []string `json:"lines"`   // lines in order of use; empty: all enabled
	Barred  []string `json:"barred"`  // prefixes nobody may dial

	MachineDetection bool `json:"machine_detection"` // tell the agent when a machine has answered

	// Of calls that join two outside parties, with none of ours left in them; 0: no limit.
	ThroughCalls   int `json:"through_calls"`   // at a time
	ThroughMinutes int `json:"through_minutes"` // each
}

// Features are the codes an agent keys.
type Features struct {
	LogInOut    string `json:"log_in_out"`   // "*45": toggles
	PauseResume string `json:"pause_resume"` // "*46": toggles
	Transfer    string `json:"transfer"`     // "##": then an extension or queue, in a call
	Echo        string `json:"echo"`         // "*9196"

	// Empty switches any of these off.
	RecordPause string `json:"record_pause"` // "*47": in a call, stops its recording and goes on with it, or begins it
	Listen      string `json:"listen"`       // "*71" and an extension: hear its call
	Whisper     string `json:"whisper"`      // "*72" and an extension: only the agent hears
	Barge       string `json:"barge"`        // "*73" and an extension: talk with both
	Malicious   string `json:"malicious"`    // "*39": in a call, asks the network to note down who calls
	Conference  string `json:"conference"`   // "#3": in a call, then an extension that joins in
	Milliwatt   string `json:"milliwatt"`    // "*9197": the digital milliwatt, for measuring
}

// Talks is what holds for parties who talk.
type Talks struct {
	Parties     int `json:"parties"`      // that one talk may have, 3 to 64; 0: as many as there is room for
	HoldSeconds int `json:"hold_seconds"` // who is on hold is told after so long that he is not forgotten, and again; 0: never
}

// PhoneRules are the rules of SIP and RTP.
type PhoneRules struct {
	Realm      string `json:"realm"`
	UDP        string `json:"udp"` // listen address, ":5060"; empty: off
	TCP        string `json:"tcp"`
	TLS        string `json:"tls"`                // ":5061"
	External   string `json:"external"`           // address told to phones beyond a NAT; empty: none
	RTPFirst   int    `json:"rtp_first"`          // 10000
	RTPLast    int    `json:"rtp_last"`           // 20000
	SessionS   int    `json:"session_seconds"`    // RFC 4028 Session-Expires; 1800
	KeepAliveS int    `json:"keep_alive_seconds"` // OPTIONS to each phone

	SuppressSilence bool `json:"suppress_silence"` // phones that take comfort noise are told of silence instead of sent it
}
