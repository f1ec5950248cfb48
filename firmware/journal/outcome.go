package journal

// Outcome is how a call, or its stay in a queue, came out.
type Outcome string

// The outcomes of a queue, in the field's names.
const (
	Answered     Outcome = "answered"
	Abandoned    Outcome = "abandoned"
	ShortAbandon Outcome = "short_abandon" // abandoned before ShortWait; also counted in abandoned
	Timeout      Outcome = "timeout"
	Full         Outcome = "full"
	Closed       Outcome = "closed"
	JoinEmpty    Outcome = "joinempty"
	LeaveEmpty   Outcome = "leaveempty"
	ExitKey      Outcome = "exit_key"
	DivertWait   Outcome = "divert_wait"
	DivertRatio  Outcome = "divert_ratio"
	Callback     Outcome = "callback"
	Voicemail    Outcome = "voicemail"
	Transferred  Outcome = "transferred"
	SystemError  Outcome = "system_error"
)

// The outcomes of calls that were in no queue.
const (
	Menu      Outcome = "menu"      // served by the box itself: ended in a menu, a prompt, a feature code
	Busy      Outcome = "busy"      // cause 17
	NoAnswer  Outcome = "no_answer" // causes 18, 19 and 20
	Rejected  Outcome = "rejected"  // cause 21
	Cancelled Outcome = "cancelled" // whoever dialled hung up first
	Failed    Outcome = "failed"    // any other cause
)

// outcomeWords are the outcomes in plain words.
var outcomeWords = map[Outcome][2]string{
	Answered:     {"已接通", "answered"},
	Abandoned:    {"排队中挂机", "gave up waiting"},
	ShortAbandon: {"排队片刻即挂机", "gave up at once"},
	Timeout:      {"等待超时", "waited too long"},
	Full:         {"队列已满", "the queue was full"},
	Closed:       {"非工作时间", "closed"},
	JoinEmpty:    {"无坐席可接", "no agent was available"},
	LeaveEmpty:   {"等待中坐席都离开", "the agents left meanwhile"},
	ExitKey:      {"按键离开队列", "left by a key"},
	DivertWait:   {"因等待分流", "diverted for waiting"},
	DivertRatio:  {"因比例分流", "diverted by ratio"},
	Callback:     {"留下回拨", "call-back asked for"},
	Voicemail:    {"留言", "left a message"},
	Transferred:  {"转走", "transferred"},
	SystemError:  {"系统故障", "lost by the system"},
	Menu:         {"自助结束", "served by the box"},
	Busy:         {"忙", "busy"},
	NoAnswer:     {"无人接", "no answer"},
	Rejected:     {"拒接", "rejected"},
	Cancelled:    {"主叫放弃", "cancelled"},
	Failed:       {"未接通", "failed"},
}

// Plain is the outcome in words: "zh" for Chinese, anything else for English.
func (o Outcome) Plain(lang string) string {
	words, known := outcomeWords[o]
	if !known {
		return string(o)
	}
	return pick(lang, words[0], words[1])
}

func pick(lang, zh, en string) string {
	if lang == "zh" {
		return zh
	}
	return en
}
