package config

// Settings is everything the owner and the installer decide, as one document. It is exported and
// imported as indented JSON with these names. Secrets that people choose (SIP passwords) are in it;
// secrets the box made for itself (session keys, TLS keys, admin password hashes) are not.
type Settings struct {
	Box      Box        `json:"box"`
	Lines    []Line     `json:"lines"`
	Agents   []Agent    `json:"agents"`
	Queues   []Queue    `json:"queues"`
	Menus    []Menu     `json:"menus"`
	Routes   []Route    `json:"routes"` // first match wins; a call that matches none goes to the first menu
	Outbound Outbound   `json:"outbound"`
	Features Features   `json:"features"`
	Phones   PhoneRules `json:"phones"`
}

// Box is the place the box stands in.
type Box struct {
	Name     string `json:"name"`
	Language string `json:"language"`  // "zh" or "en": prompts and pages for those who did not choose
	Country  string `json:"country"`   // "CN", "US", "EU": tones and emergency numbers
	TimeZone string `json:"time_zone"` // IANA name, "Asia/Shanghai"
}

// Line is one E1 or T1.
type Line struct {
	Name      string `json:"name"`       // "line1"; stands in traces, never reused for another line
	Driver    string `json:"driver"`     // "virtual" or "dahdi"
	Span      int    `json:"span"`       // dahdi: span number, from 1
	Kind      string `json:"kind"`       // "E1"
	Side      string `json:"side"`       // "user" (the carrier is network) or "network" (a PBX is behind us)
	Variant   string `json:"variant"`    // "euroisdn-e1"
	Law       string `json:"law"`        // "alaw" or "mulaw"
	Hunting   string `json:"hunting"`    // "up", "down", "round-robin", "least-recent"
	Selection string `json:"selection"`  // "exclusive" or "preferred"
	BlockMS   int    `json:"block_ms"`   // 2 to 20: how much sound one tick moves
	DDIDigits int    `json:"ddi_digits"` // keep this many last digits of the called number; 0 keeps all
	Restart   bool   `json:"restart"`    // RESTART at start-up
	Enabled   bool   `json:"enabled"`
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
	Kind   string `json:"kind"`   // "queue", "menu", "extension", "hangup", "prompt" (play and hang up)
	Target string `json:"target"` // the name of the queue, menu or prompt, or the digits
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
}

// Features are the codes an agent keys.
type Features struct {
	LogInOut    string `json:"log_in_out"`   // "*45": toggles
	PauseResume string `json:"pause_resume"` // "*46": toggles
	Transfer    string `json:"transfer"`     // "##": then an extension or queue, in a call
	Echo        string `json:"echo"`         // "*9196"
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
}
