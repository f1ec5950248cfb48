package journal

import (
	"fmt"
	"strconv"
	"strings"

	"trunkbox/firmware/q850"
)

// reasonWords are the words that stand in "reason", in plain words: those of acd, of seats and of menus.
var reasonWords = map[string][2]string{
	"not_waiting":      {"不在等待", "it does not wait any more"},
	"nobody_logged_in": {"无人签入", "nobody is logged in"},
	"all_unreachable":  {"坐席电话都不可达", "no agent's phone can be reached"},
	"all_paused":       {"坐席都在示忙", "every agent is paused"},
	"all_in_wrap_up":   {"坐席都在话后处理", "every agent is in wrap-up"},
	"all_talking":      {"坐席都在通话", "every agent is talking"},
	"all_ringing":      {"坐席都在振铃", "every agent's phone rings"},
	"agent_resting":    {"空闲坐席刚漏接，稍后再试", "the only ready agent just missed a call and is tried again soon"},
	"agent_rings":      {"坐席正在振铃", "an agent's phone rings"},
	"longest_idle":     {"空闲最久", "longest idle"},
	"only_ready":       {"唯一空闲", "the only one ready"},
	"dialled":          {"直接拨打其分机", "dialled by extension"},
	"agent_answered":   {"坐席已接听", "the agent answered"},
	"no_answer":        {"振铃未接", "did not answer"},
	"busy":             {"话机忙", "the phone was busy"},
	"unreachable":      {"话机不可达", "the phone could not be reached"},
	"rejected":         {"坐席拒接", "rejected the call"},
	"agent_left":       {"坐席已离开", "the agent left"},
	"caller_left":      {"主叫挂机", "the caller hung up"},
	"waited_too_long":  {"等待超时", "waited too long"},
	"queue_full":       {"队列已满", "the queue is full"},
	"queue_gone":       {"队列已删除", "the queue was removed"},
	"no_input":         {"未按键", "no key was pressed"},
	"invalid":          {"按键无效", "the key has no meaning"},
	"missed_calls":     {"连续漏接", "missed several calls in a row"},
}

// WhyWords puts a reason in plain words; a reason that is no known word is its own sentence.
func WhyWords(lang, reason string) string {
	if words, known := reasonWords[reason]; known {
		return pick(lang, words[0], words[1])
	}
	return reason
}

// whoWords are those who do something.
var whoWords = map[string][2]string{
	"caller": {"主叫", "the caller"}, "called": {"被叫", "the called party"}, "agent": {"坐席", "the agent"}, "box": {"本机", "the box"},
	"phone": {"话机", "the phone"}, "page": {"网页", "the page"}, "supervisor": {"班长", "the supervisor"}, "admin": {"管理员", "the administrator"},
	"console": {"串口", "the console"}, "sip": {"SIP", "SIP"}, "far": {"对方", "the far end"}, "network": {"网络", "the network"},
}

func who(lang, by string) string {
	if words, known := whoWords[by]; known {
		return pick(lang, words[0], words[1])
	}
	return by
}

// length says a length in the largest units that fit: "3 min 12 s", "850 ms".
func length(lang string, ms int64) string {
	hour, minute, second := pick(lang, "小时", "h"), pick(lang, "分", "min"), pick(lang, "秒", "s")
	s := ms / 1000
	switch {
	case ms < 1000:
		return fmt.Sprintf("%d %s", ms, pick(lang, "毫秒", "ms"))
	case s < 60:
		return fmt.Sprintf("%d %s", s, second)
	case s < 3600:
		return fmt.Sprintf("%d %s %d %s", s/60, minute, s%60, second)
	}
	return fmt.Sprintf("%d %s %d %s", s/3600, hour, s/60%60, minute)
}

// ending says who ended a call and with which cause.
func ending(lang, by string, cause, location int, reason string) string {
	text := pick(lang, who(lang, by)+"结束通话", "ended by "+who(lang, by))
	if by == "" {
		text = pick(lang, "通话结束", "ended")
	}
	if cause > 0 {
		text += pick(lang, fmt.Sprintf("，原因 %d (%s)", cause, q850.Cause(cause).Plain("zh")), ", "+q850.Cause(cause).String())
	}
	if cause > 0 && location > 0 {
		text += pick(lang, "，来自", " from ") + q850.Location(location).Plain(lang)
	}
	if reason != "" {
		text += pick(lang, "：", ": ") + WhyWords(lang, reason)
	}
	return text
}

// words gives a sentence the fields of its event.
type words struct {
	lang   string
	fields map[string]string
}

// f is a field; "?" when it is missing.
func (w words) f(name string) string {
	if value := w.fields[name]; value != "" {
		return value
	}
	return "?"
}

// ms is the field ms as a length, empty when it is missing.
func (w words) ms() string {
	n, err := strconv.ParseInt(w.fields["ms"], 10, 64)
	if err != nil {
		return ""
	}
	return length(w.lang, n)
}

// after puts a field behind a text, when there is one.
func (w words) after(text, field string) string {
	if w.fields[field] == "" {
		return ""
	}
	return text + w.fields[field]
}

// why is the reason, ready to stand behind a sentence.
func (w words) why() string {
	if w.fields["reason"] == "" {
		return ""
	}
	return pick(w.lang, "：", ": ") + WhyWords(w.lang, w.fields["reason"])
}

// by says who did it.
func (w words) by() string {
	if w.fields["by"] == "" {
		return ""
	}
	return pick(w.lang, "（由"+who(w.lang, w.fields["by"])+"）", " (by "+who(w.lang, w.fields["by"])+")")
}

func (w words) number(field string) int {
	n, _ := strconv.Atoi(w.fields[field])
	return n
}

// queue names the queue, when there is one.
func (w words) queue() string {
	if w.fields["queue"] == "" {
		return ""
	}
	return pick(w.lang, "（队列“"+w.fields["queue"]+"”）", " (queue "+w.fields["queue"]+")")
}

// sentences tell each kind of event in Chinese and in English.
var sentences = map[Kind]func(w words) (zh, en string){
	BoxStarted: func(w words) (string, string) {
		return "本机启动" + w.after("，版本 ", "version") + w.why(), "The box started" + w.after(", version ", "version") + w.why()
	},
	BoxStopped: func(w words) (string, string) { return "本机停止" + w.why(), "The box stopped" + w.why() },
	SettingsMade: func(w words) (string, string) {
		return "设置更改生效" + w.by() + w.why(), "New settings took effect" + w.by() + w.why()
	},
	LineAlarm: func(w words) (string, string) {
		if w.fields["alarms"] == "" {
			return "线路 " + w.f("line") + " 告警消除", "Line " + w.f("line") + ": no alarms any more"
		}
		return "线路 " + w.f("line") + " 告警：" + w.f("alarms"), "Line " + w.f("line") + " has alarms: " + w.f("alarms")
	},
	LinkState: func(w words) (string, string) {
		states := map[string][2]string{"up": {"已建立", "up"}, "down": {"已断开", "down"}, "establishing": {"正在建立", "being established"}}
		state, known := states[w.fields["state"]]
		if !known {
			state = [2]string{w.f("state"), w.f("state")}
		}
		return "线路 " + w.f("line") + " 的信令链路" + state[0] + w.why(), "Line " + w.f("line") + ": the signalling link is " + state[1] + w.why()
	},
	ChannelState: func(w words) (string, string) {
		return "线路 " + w.f("line") + " 时隙 " + w.f("channel") + " 变为 " + w.f("state") + w.why(),
			"Line " + w.f("line") + ", channel " + w.f("channel") + " is now " + w.f("state") + w.why()
	},
	CallArrived: func(w words) (string, string) {
		caller := w.f("caller")
		if w.fields["name"] != "" {
			caller += " (" + w.fields["name"] + ")"
		}
		return fmt.Sprintf("来话：%s 呼叫 %s，线路 %s，时隙 %s", caller, w.f("called"), w.f("line"), w.f("channel")),
			fmt.Sprintf("A call from %s to %s arrived on line %s, channel %s", caller, w.f("called"), w.f("line"), w.f("channel"))
	},
	CallDialled: func(w words) (string, string) {
		if w.fields["line"] == "" {
			return "坐席 " + w.f("agent") + " 拨打 " + w.f("called"), "Agent " + w.f("agent") + " dialled " + w.f("called")
		}
		return fmt.Sprintf("经线路 %s 时隙 %s 呼叫 %s%s", w.f("line"), w.f("channel"), w.f("called"), w.after("，显示 ", "caller")),
			fmt.Sprintf("%s is called over line %s, channel %s%s", w.f("called"), w.f("line"), w.f("channel"), w.after(", showing ", "caller"))
	},
	CallAlerting: func(words) (string, string) { return "对方振铃", "The called party is being rung" },
	CallAnswered: func(w words) (string, string) {
		if w.fields["by"] == "far" {
			return "对方应答" + w.after("，号码 ", "called"), "The called party answered" + w.after(", number ", "called")
		}
		return "本机应答来话", "The box answered the call"
	},
	MenuEntered: func(w words) (string, string) {
		return "进入菜单“" + w.f("menu") + "”", "The caller is in the menu " + w.f("menu")
	},
	MenuKey: func(w words) (string, string) {
		return "在菜单“" + w.f("menu") + "”按 " + w.f("key") + w.why(), "In the menu " + w.f("menu") + " the caller pressed " + w.f("key") + w.why()
	},
	MenuTimeout: func(w words) (string, string) {
		return "菜单“" + w.f("menu") + "”" + strings.TrimPrefix(w.why(), "："), "The menu " + w.f("menu") + " got no choice" + w.why()
	},
	QueueEntered: func(w words) (string, string) {
		return "进入队列“" + w.f("queue") + "”，排第 " + w.f("position") + " 位", "The caller waits in the queue " + w.f("queue") + " at place " + w.f("position")
	},
	QueueLeft: func(w words) (string, string) {
		outcome := Outcome(w.f("outcome"))
		zh, en := "离开队列“"+w.f("queue")+"”："+outcome.Plain("zh"), "The caller left the queue "+w.f("queue")+": "+outcome.Plain("en")
		if waited := w.ms(); waited != "" {
			zh, en = zh+"，等待 "+waited, en+" after "+waited
		}
		return zh, en
	},
	AgentOffered: func(w words) (string, string) {
		idle, of, ofEN := "", "", ""
		if w.fields["reason"] == "longest_idle" && w.ms() != "" {
			idle = " (" + w.ms() + ")"
		}
		if w.number("of") > 1 {
			of, ofEN = "，共 "+w.f("of")+" 人可选", ", of "+w.f("of")+" ready agents"
		}
		return "选中坐席 " + w.f("agent") + w.why() + idle + of, "Agent " + w.f("agent") + " was chosen" + w.why() + idle + ofEN
	},
	AgentRefused: func(w words) (string, string) {
		zh, en := "坐席 "+w.f("agent")+" 未接"+w.why(), "Agent "+w.f("agent")+" did not take the call"+w.why()
		if rung := w.ms(); rung != "" {
			zh, en = zh+"，振铃 "+rung, en+" after ringing "+rung
		}
		return zh, en
	},
	AgentJoined: func(w words) (string, string) {
		zh, en := "坐席 "+w.f("agent")+" 接听"+w.queue(), "Agent "+w.f("agent")+" answered"+w.queue()
		if rung := w.ms(); rung != "" {
			zh, en = zh+"，振铃 "+rung, en+" after ringing "+rung
		}
		return zh, en
	},
	CallHeld: func(w words) (string, string) {
		return "坐席 " + w.f("agent") + " 保持通话", "Agent " + w.f("agent") + " put the call on hold"
	},
	CallResumed: func(w words) (string, string) {
		return "坐席 " + w.f("agent") + " 恢复通话", "Agent " + w.f("agent") + " took the call back"
	},
	CallMoved: func(w words) (string, string) {
		return w.f("by") + " 转接到 " + w.f("to"), w.f("by") + " transferred the call to " + w.f("to")
	},
	CallEnded: func(w words) (string, string) {
		text := ending(w.lang, w.fields["by"], w.number("cause"), w.number("location"), w.fields["reason"])
		return text, "The call was " + text
	},
	AgentIn: func(w words) (string, string) {
		return "坐席 " + w.f("agent") + " 签入" + w.by(), "Agent " + w.f("agent") + " logged in" + w.by()
	},
	AgentOut: func(w words) (string, string) {
		return "坐席 " + w.f("agent") + " 签出" + w.by(), "Agent " + w.f("agent") + " logged out" + w.by()
	},
	AgentPaused: func(w words) (string, string) {
		return "坐席 " + w.f("agent") + " 示忙" + w.why() + w.by(), "Agent " + w.f("agent") + " is paused" + w.why() + w.by()
	},
	AgentResumed: func(w words) (string, string) {
		return "坐席 " + w.f("agent") + " 示闲" + w.by(), "Agent " + w.f("agent") + " is available again" + w.by()
	},
	AgentWrapUp: func(w words) (string, string) {
		return "坐席 " + w.f("agent") + " 话后处理 " + w.ms(), "Agent " + w.f("agent") + " wraps up for " + w.ms()
	},
	AgentReady: func(w words) (string, string) {
		return "坐席 " + w.f("agent") + " 空闲", "Agent " + w.f("agent") + " is ready"
	},
	PhoneUp: func(w words) (string, string) {
		return "分机 " + w.f("agent") + " 的话机已注册" + w.after("，地址 ", "address"), "The phone of " + w.f("agent") + " registered" + w.after(" from ", "address")
	},
	PhoneDown: func(w words) (string, string) {
		return "分机 " + w.f("agent") + " 的话机不可达" + w.why(), "The phone of " + w.f("agent") + " cannot be reached" + w.why()
	},
	SignInRefused: func(w words) (string, string) {
		return "拒绝登录（" + who("zh", w.f("where")) + "）：" + w.f("who") + w.after("，来自 ", "address"),
			"A sign-in was refused (" + who("en", w.f("where")) + "): " + w.f("who") + w.after(" from ", "address")
	},
}

// Sentence tells an event in plain words: "zh" for Chinese, anything else for English. Kinds of newer
// firmware are told by their name and fields.
func Sentence(lang string, e Event) string {
	tell, known := sentences[e.Kind]
	if !known {
		return strings.TrimSpace(string(e.Kind) + " " + fieldList(e.Fields))
	}
	zh, en := tell(words{lang, e.Fields})
	return pick(lang, zh, en)
}
