package config

// The times of a new queue: seconds, as terms of the field have them.
const (
	defaultRing     = 15 // an agent's phone rings
	defaultRetry    = 5
	defaultWrapUp   = 10
	defaultAnnounce = 90 // position announcement
	defaultMissed   = 3  // calls in a row before an agent is paused
)

// Default is what a box starts with: one virtual line, two queues, a menu that leads to them, the usual
// codes, and no agents yet. Unknown countries are taken for CN, unknown languages for zh.
func Default(countryCode, lang string) Settings {
	place, known := countryOf(countryCode)
	if !known {
		place = countries[0]
	}
	name, sales, support, menu := "总机", "销售", "客服", "主菜单"
	if lang == "en" {
		name, sales, support, menu = "Trunkbox", "Sales", "Support", "Main menu"
	} else {
		lang = "zh"
	}
	return Settings{
		Box:    Box{Name: name, Language: lang, Country: place.code, TimeZone: place.zone},
		Lines:  []Line{DefaultLine("line1")},
		Trunks: []Trunk{},
		Agents: []Agent{},
		Queues: []Queue{DefaultQueue(sales, "6500"), DefaultQueue(support, "6501")},
		Menus: []Menu{{
			Name: menu, Welcome: "welcome", Prompt: "menu", TimeoutS: 5, Retries: 2,
			Choices: []Choice{
				{Key: "1", To: Destination{Kind: "queue", Target: sales}},
				{Key: "2", To: Destination{Kind: "queue", Target: support}},
				{Key: "0", To: Destination{Kind: "queue", Target: support}},
			},
			OnFail:     Destination{Kind: "queue", Target: support},
			DirectDial: true, InterDigitMS: 3000,
		}},
		Routes:    []Route{},
		Outbound:  Outbound{Prefix: "9", Numbers: []string{}, Lines: []string{}, Barred: []string{}},
		Recording: Recording{Start: "off", Stereo: true, KeepDays: 180, FloorDays: 30, MinFreeMB: 512},
		Features: Features{
			LogInOut: "*45", PauseResume: "*46", Transfer: "##", Echo: "*9196", RecordPause: "*47", Listen: "*71",
			Whisper: "*72", Barge: "*73", Malicious: "*39", Conference: "#3", Milliwatt: "*9197",
		},
		Talks: Talks{Parties: 8, HoldSeconds: 60},
		Phones: PhoneRules{
			Realm: "trunkbox", UDP: ":5060", TCP: ":5060", TLS: ":5061",
			RTPFirst: 10000, RTPLast: 20000, SessionS: 1800, KeepAliveS: 30,
		},
	}
}

// DefaultLine is a virtual E1 as most carriers outside North America give it.
func DefaultLine(name string) Line {
	return Line{
		Name: name, Driver: "virtual", Span: 1, Kind: "E1", Framing: "crc4", LineCode: "hdb3", Clock: "line", Law: "alaw",
		Side: "user", Variant: "euroisdn-e1", Timers: map[string]int{}, N200: 3, DChannel: "own", Hunting: "down",
		Selection: "preferred", Restart: true, BlockMS: 10, EchoTailMS: 32, EchoBy: "auto", ReturnSeconds: 60, Enabled: true,
	}
}

// DefaultTrunk is an IP trunk that registers.
func DefaultTrunk(name string) Trunk {
	return Trunk{Name: name, Transport: "udp", Register: true, Law: "alaw", Numbers: []NumberRule{}, Enabled: true}
}

// DefaultQueue is a new queue with the usual times.
func DefaultQueue(name, extension string) Queue {
	return Queue{
		Name: name, Extension: extension, Strategy: "longest-idle",
		RingSeconds: defaultRing, WrapUpSeconds: defaultWrapUp, RetrySeconds: defaultRetry,
		AnnounceEvery: defaultAnnounce, AutoPause: defaultMissed, OnEmpty: "wait",
	}
}
