package console

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"trunkbox/firmware/exchange"
	"trunkbox/firmware/journal"
)

// stateWords are the words of lines, channels, calls and agents, in Chinese and English; they are those of
// the pages, only shorter.
var stateWords = map[string][2]string{
	"off": {"未启用", "off"}, "starting": {"正在连接", "starting"}, "green": {"正常", "up"}, "green_blink": {"D 通道未通", "D channel down"}, "red": {"线路中断", "line down"},
	"yellow": {"远端告警", "far end alarm"}, "blue": {"上游告警", "upstream alarm"},
	"up": {"已建立", "up"}, "down": {"断开", "down"}, "establishing": {"正在建立", "being set up"},
	"virtual": {"虚拟", "virtual"}, "dahdi": {"DAHDI", "DAHDI"}, "user": {"用户侧", "user"}, "network": {"网络侧", "network"},
	"idle": {"空闲", "idle"}, "seized": {"占用", "seized"}, "ringing": {"振铃", "ringing"}, "talking": {"通话", "talking"},
	"clearing": {"拆线", "clearing"}, "restarting": {"复位", "restarting"}, "blocked": {"闭塞", "blocked"},
	"in": {"呼入", "in"}, "out": {"呼出", "out"}, "internal": {"内部", "internal"}, "arriving": {"呼入中", "arriving"}, "menu": {"菜单", "menu"},
	"queued": {"排队", "queued"}, "held": {"保持", "held"},
	"d in service": {"在用", "in service"}, "d standby": {"备用", "standby"}, "d held": {"让给另一条", "given up for the other"}, "d down": {"断开", "down"},
	"logged_out": {"签出", "logged out"}, "ready": {"空闲", "ready"}, "on_call": {"通话", "on a call"}, "wrap_up": {"话后处理", "wrap-up"},
	"paused": {"示忙", "paused"}, "unreachable": {"不可达", "unreachable"},
}

func (s *session) word(state string) string {
	if words, known := stateWords[state]; known {
		return s.pick(words[0], words[1])
	}
	return state
}

// since says how long ago something was: "3m12s".
func (s *session) since(at, now time.Time) string {
	if at.IsZero() {
		return "-"
	}
	return now.Sub(at).Truncate(time.Second).String()
}

// show writes a table, or says that there is nothing.
func (s *session) show(t *table) {
	if len(t.rows) < 2 {
		s.sayf("没有。\n", "There are none.\n")
		return
	}
	s.say(t.String())
}

// head begins a table with headings "zh|en".
func (s *session) head(headings ...string) *table {
	t := &table{}
	for i, h := range headings {
		zh, en, _ := strings.Cut(h, "|")
		headings[i] = s.pick(zh, en)
	}
	t.row(headings...)
	return t
}

func (s *session) lines(context.Context, []string) error {
	now := s.Exchange.Snapshot()
	t := s.head("线路|line", "类型|kind", "驱动|driver", "我方|our side", "状态|state", "告警|alarms", "D 通道|D channel", "时长|for", "时隙|channels")
	for _, l := range now.Lines {
		count := map[string]int{}
		for _, c := range l.Channels {
			count[c.State]++
		}
		var channels []string
		for state, n := range count {
			channels = append(channels, fmt.Sprintf("%d %s", n, s.word(state)))
		}
		slices.Sort(channels)
		alarms := strings.Join(l.Alarms, "+")
		if alarms == "" {
			alarms = "-"
		}
		t.row(l.Name, l.Kind, s.word(l.Driver), s.word(l.Side), s.word(l.Lamp), alarms, s.word(l.Link), s.since(l.LinkSince, now.At), strings.Join(channels, ", "))
	}
	s.show(t)
	return nil
}

func (s *session) channels(_ context.Context, arguments []string) error {
	if len(arguments) != 1 {
		s.usage("channels")
		return nil
	}
	now := s.Exchange.Snapshot()
	i := slices.IndexFunc(now.Lines, func(l exchange.LineNow) bool { return l.Name == arguments[0] })
	if i < 0 {
		s.sayf("没有线路“%s”。\n", "There is no line %q.\n", arguments[0])
		return nil
	}
	line := now.Lines[i]
	t := s.head("时隙|timeslot", "状态|state", "时长|for", "呼叫|call", "原因|reason")
	for _, c := range line.Channels {
		t.row(strconv.Itoa(c.Timeslot), s.word(c.State), s.since(c.Since, now.At), c.Call, journal.WhyWords(s.lang, c.Reason))
	}
	s.show(t)
	counters := &table{}
	for _, name := range slices.Sorted(keys(line.Counters)) {
		counters.row(name, strconv.FormatUint(line.Counters[name], 10))
	}
	s.say(counters.String())
	return nil
}

// keys gives the keys of a map.
func keys[K comparable, V any](m map[K]V) func(func(K) bool) {
	return func(yield func(K) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func (s *session) calls(_ context.Context, arguments []string) error {
	if len(arguments) > 0 {
		n, err := strconv.Atoi(arguments[0])
		if err != nil || n < 1 || len(arguments) > 1 {
			s.usage("calls")
			return nil
		}
		return s.ended(n)
	}
	now := s.Exchange.Snapshot()
	t := s.head("呼叫|call", "方向|direction", "主叫|caller", "被叫|called", "线路|line", "状态|state", "在|where", "已|for")
	for _, c := range now.Calls {
		line := c.Line
		if c.Timeslot > 0 {
			line += "/" + strconv.Itoa(c.Timeslot)
		}
		t.row(c.ID, s.word(c.Direction), s.caller(c.Caller, c.Restricted), c.Called, line, s.word(c.State), c.Where, s.since(c.Since, now.At))
	}
	s.show(t)
	return nil
}

// caller is the number of a caller, or that it is withheld.
func (s *session) caller(number string, restricted bool) string {
	if restricted {
		return s.pick("号码不显示", "withheld")
	}
	return number
}

// ended lists the last n calls that are over, newest last.
func (s *session) ended(n int) error {
	zone := s.zone()
	list := s.Journal.Calls(journal.Filter{}, n, "")
	slices.Reverse(list)
	t := s.head("呼叫|call", "到达|arrived", "方向|direction", "主叫|caller", "被叫|called", "坐席|agent", "结果|outcome", "说明|reason")
	for _, c := range list {
		t.row(c.ID, c.Arrived.In(zone).Format(time.DateTime), s.word(c.Direction), s.caller(c.Caller, c.Restricted), c.Called, strings.Join(c.Agents, " "),
			c.Outcome.Plain(s.lang), s.pick(c.ReasonZH, c.ReasonEN))
	}
	s.show(t)
	return nil
}

func (s *session) call(_ context.Context, arguments []string) error {
	if len(arguments) != 1 {
		s.usage("call")
		return nil
	}
	record, events, found := s.Journal.Call(arguments[0])
	if !found {
		s.sayf("没有呼叫“%s”。calls 20 列出最近的呼叫。\n", "There is no call %q. calls 20 lists the last ones.\n", arguments[0])
		return nil
	}
	zone := s.zone()
	s.say(record.ID + "  " + record.Arrived.In(zone).Format("2006-01-02 15:04:05 MST") + "\n")
	for _, e := range events {
		s.say(e.At.In(zone).Format("15:04:05.000") + "  " + journal.Sentence(s.lang, e) + "\n")
	}
	if record.Outcome != "" {
		s.say(s.pick("结果：", "Outcome: ") + s.pick(record.ReasonZH, record.ReasonEN) + "\n")
	}
	return nil
}

func (s *session) agents(context.Context, []string) error {
	now := s.Exchange.Snapshot()
	t := s.head("分机|extension", "姓名|name", "状态|state", "时长|for", "原因|reason", "话机|phone", "队列|queues", "已接|taken", "漏接|missed")
	for _, a := range now.Agents {
		phone := a.Phone
		if phone == "" {
			phone = s.pick("未注册", "none")
		}
		t.row(a.Extension, a.Name, s.word(a.State), s.since(a.Since, now.At), journal.PauseWords(s.lang, a.Reason), phone, strings.Join(a.Queues, ","), strconv.Itoa(a.Taken), strconv.Itoa(a.Missed))
	}
	s.show(t)
	return nil
}

func (s *session) queues(context.Context, []string) error {
	now := s.Exchange.Snapshot()
	t := s.head("队列|queue", "等待|waiting", "最长|longest", "空闲|ready", "签入|logged in", "今日进入|offered", "接通|answered", "放弃|abandoned")
	waiting := s.head("队列|queue", "呼叫|call", "主叫|caller", "已等|for", "为什么|why")
	for _, q := range now.Queues {
		longest := "-"
		if len(q.Waiting) > 0 {
			longest = s.since(q.Waiting[0].Since, now.At)
		}
		t.row(q.Name, strconv.Itoa(len(q.Waiting)), longest, strconv.Itoa(q.Ready), strconv.Itoa(q.LoggedIn),
			strconv.Itoa(q.Offered), strconv.Itoa(q.Answered), strconv.Itoa(q.Abandoned))
		for _, w := range q.Waiting {
			waiting.row(q.Name, w.Call, s.caller(w.Caller, w.Restricted), s.since(w.Since, now.At), journal.WhyWords(s.lang, w.Reason))
		}
	}
	s.show(t)
	if len(waiting.rows) > 1 {
		s.say("\n" + waiting.String())
	}
	return nil
}

func (s *session) notices(context.Context, []string) error {
	zone := s.zone()
	t := s.head("起|since", "事项|notice")
	for _, n := range s.Exchange.Snapshot().Notices {
		t.row(n.Since.In(zone).Format(time.DateTime), s.pick(n.ZH, n.EN))
	}
	s.show(t)
	return nil
}

func (s *session) version(context.Context, []string) error {
	now := s.Exchange.Snapshot()
	stats := s.Journal.Stats()
	s.sayf("Trunkbox %s，“%s”，已运行 %s\n设置第 %d 次更改；事件 %d 条，%d 条未落盘；日志丢失 %d 行\n",
		"Trunkbox %s, %q, up for %s\nsettings: change %d; journal: %d events, %d not yet on the disk; log: %d lines lost\n",
		s.Version, now.Name, s.since(now.Started, now.At), s.Store.Change(), stats.Last, stats.Unsaved, s.Log.Lost())
	return nil
}
