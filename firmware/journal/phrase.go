package journal

import (
	"fmt"
	"strconv"
	"strings"

	"trunkbox/firmware/q850"
)

// whoWords are those who end a call.
var whoWords = map[string][2]string{
	"caller": {"主叫", "the caller"}, "called": {"被叫方", "the called side"}, "agent": {"坐席", "the agent"}, "box": {"本机", "the box"},
	"page": {"坐席页面", "the agent's page"}, "supervisor": {"班长", "the supervisor"}, "admin": {"管理员", "the administrator"},
	"console": {"串口控制台", "the console"}, "network": {"网络", "the network"},
}

// meansWords are how something was done to an agent or to the settings.
var meansWords = map[string][2]string{
	"phone": {"在话机上", "on the phone"}, "page": {"在坐席页面", "on the agent's page"}, "supervisor": {"由班长", "by the supervisor"},
	"admin": {"由管理员", "by the administrator"}, "console": {"在串口控制台", "on the console"}, "import": {"由导入", "by an import"},
	"box": {"自动", "by the box itself"},
}

// doorWords are where somebody signs in.
var doorWords = map[string][2]string{
	"page": {"网页", "page"}, "console": {"串口控制台", "console"}, "sip": {"话机", "phone"},
}

// alarmWords are the alarms of a line.
var alarmWords = map[string][2]string{
	"LOS": {"信号丢失", "loss of signal"}, "LFA": {"帧失步", "loss of frame alignment"}, "LMFA": {"复帧失步", "loss of multiframe alignment"},
	"AIS": {"上游告警", "alarm from upstream"}, "RAI": {"远端告警", "alarm at the far end"}, "LOOPBACK": {"线路环回", "the line is looped"},
	"NOTOPEN": {"驱动未启动", "the driver is not open"},
}

// linkWords and channelWords are the states of a D channel and of a channel.
var (
	linkWords    = map[string][2]string{"up": {"已建立", "up"}, "down": {"已断开", "down"}, "establishing": {"正在建立", "being set up"}}
	channelWords = map[string][2]string{
		"idle": {"空闲", "idle"}, "seized": {"占用", "seized"}, "ringing": {"振铃", "ringing"}, "talking": {"通话", "talking"},
		"clearing": {"拆线", "clearing"}, "restarting": {"复位", "restarting"}, "blocked": {"闭塞", "blocked"},
	}
)

// changeWords are the steps in which new settings of a line take effect.
var changeWords = map[string][2]string{
	"draining": {"等待通话结束后启用新设置", "waits for its calls to end before its new settings take effect"},
	"changed":  {"已启用新设置", "works with its new settings"},
	"returned": {"已恢复原来的设置", "works with its old settings again"},
	"gone":     {"停止工作，将自动重试", "stopped working and is tried again"},
	"back":     {"恢复工作", "works again"},
}

// chargeWords and serviceWords are what a charge is of, and how far a service of the network has come.
var (
	chargeWords = map[string][2]string{
		"rates": {"（费率）", " at this rate"}, "so_far": {"（到目前为止）", " so far"}, "final": {"（合计）", " in all"},
	}
	serviceWords = map[string][2]string{
		"asked": {"已请求", "was asked for"}, "done": {"已完成", "was done"}, "refused": {"未成功", "did not happen"},
	}
)

// said looks a word up in a table; one that is not there stands for itself.
func said(lang string, table map[string][2]string, word string) string {
	if words, known := table[word]; known {
		return pick(lang, words[0], words[1])
	}
	return word
}

func who(lang, by string) string { return said(lang, whoWords, by) }

// alarms says each alarm of a list like "LOS+LFA" with its name: "LOS loss of signal".
func alarms(lang, list string) string {
	var each []string
	for name := range strings.SplitSeq(list, "+") {
		if word := said(lang, alarmWords, name); word != name {
			name += pick(lang, "（"+word+"）", " ("+word+")")
		}
		each = append(each, name)
	}
	return strings.Join(each, pick(lang, "、", ", "))
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

// end is how a call ended, for the sentence about it.
type end struct {
	by              string
	cause, location int
	reason, about   string
}

// say tells it; where a reason says more than the cause, the cause is given by its number alone.
func (e end) say(lang string) string {
	text := pick(lang, who(lang, e.by)+"结束通话", "ended by "+who(lang, e.by))
	if e.by == "" {
		text = pick(lang, "通话结束", "ended")
	}
	if e.reason != "" {
		text += pick(lang, "：", ": ") + why(lang, e.reason, e.about)
	}
	if e.cause == 0 {
		return text
	}
	inside := pick(lang, "原因 ", "cause ") + strconv.Itoa(e.cause)
	if e.reason == "" {
		cause := q850.Cause(e.cause)
		inside += pick(lang, "："+cause.Plain("zh"), ", "+strings.TrimSuffix(cause.String(), fmt.Sprintf(" (%d)", e.cause)))
	}
	if e.location > 0 {
		inside += pick(lang, "，来自", ", from ") + q850.Location(e.location).Plain(lang)
	}
	return text + pick(lang, "（"+inside+"）", " ("+inside+")")
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

// ms is the field ms as a length, empty when it is missing or under a second.
func (w words) ms() string {
	n, err := strconv.ParseInt(w.fields["ms"], 10, 64)
	if err != nil || n < 1000 {
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

// in puts words around a field that stands in the middle of a sentence, when there is one.
func (w words) in(before, field, after string) string {
	if w.fields[field] == "" {
		return ""
	}
	return before + w.fields[field] + after
}

// reason is the reason in words, empty when there is none.
func (w words) reason() string { return why(w.lang, w.fields["reason"], w.fields["about"]) }

// why is the reason, ready to stand behind a sentence.
func (w words) why() string {
	if w.fields["reason"] == "" {
		return ""
	}
	return pick(w.lang, "：", ": ") + w.reason()
}

// by says how or by whom it was done.
func (w words) by() string {
	if w.fields["by"] == "" {
		return ""
	}
	means := said(w.lang, meansWords, w.fields["by"])
	return pick(w.lang, "（"+means+"）", " ("+means+")")
}

func (w words) number(field string) int {
	n, _ := strconv.Atoi(w.fields[field])
	return n
}

// channel is the timeslot of a call, when it has one.
func (w words) channel() string {
	if w.fields["channel"] == "" || w.fields["channel"] == "0" {
		return ""
	}
	return pick(w.lang, "时隙 ", ", channel ") + w.fields["channel"]
}

// queue names the queue, when there is one.
func (w words) queue() string {
	return pick(w.lang, w.in("（队列“", "queue", "”）"), w.in(" (queue ", "queue", ")"))
}
