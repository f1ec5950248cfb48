package console

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// command is one word of the console.
type command struct {
	name, arguments string
	zh, en          string
	run             func(s *session, ctx context.Context, arguments []string) error
}

// commands in the order of the help. A function, because help shows them too.
func commands() []command {
	return []command{
		{"?", "", "显示帮助", "this help", (*session).help},
		{"lines", "", "线路、告警、D 通道", "lines, their alarms and D channels", (*session).lines},
		{"trunks", "", "IP 中继、注册、通话数", "IP trunks, their registrations and calls", (*session).trunks},
		{"channels", "<line>", "一条线路的时隙", "the channels of a line", (*session).channels},
		{"line", "<line>", "一条线路的现状、一天的结论和最近的事件", "one line: how it is, its last day, its last events", (*session).oneLine},
		{"ledger", "<line> [timeslot]", "时隙的最后变化；给出时隙则列全部", "the last change of each channel; of one channel, all that are kept", (*session).ledger},
		{"switch", "<line>", "换用备用的 D 通道（线路组）", "use the D channel of a group that stands by", (*session).switchD},
		{"evidence", "<line> [24h|7d] [--mask] [--zmodem]", "运营商举证报告；--mask 隐去号码", "what to hand to the carrier; --mask hides numbers", (*session).evidence},
		{"quality", "<line>", "一条线路的质量：24 小时与 31 天", "the quality of a line: 24 hours and 31 days", (*session).quality},
		{"doctor", "<line> [save]", "诊断一条线路；save 保存诊断建议的设置", "examine a line; save keeps the settings that it suggests", (*session).doctor},
		{"test", "<line> [loop|code|prbs|insert <what> [n]]", "环回、测试序列、插入误码", "loops, the test sequence, errors on purpose", (*session).lineTest},
		{"calls", "[n]", "进行中的呼叫；给出 n 则列最近 n 个已结束的", "calls in progress; with n, the last n that ended", (*session).calls},
		{"call", "<id>", "一个呼叫的经过", "what happened to a call", (*session).call},
		{"agents", "", "坐席", "agents", (*session).agents},
		{"queues", "", "队列", "queues", (*session).queues},
		{"notices", "", "需要注意的事项", "what needs attention", (*session).notices},
		{"trace", "<line> [n]", "一条线路 D 通道最近的 n 帧（20）", "the last n frames of a line's D channel (20)", (*session).trace},
		{"recordings", "[day [prove]]", "录音：空间、某天的清单、核对", "recordings: room, those of a day, the proof of a day", (*session).recordings},
		{"log", "[n]", "最后 n 行日志（20）", "the last n lines of the log (20)", (*session).log},
		{"log", "--from T [--to T]", "一段时间的日志", "the log of a time", (*session).log},
		{"dump", "log|journal [--from T] [--to T] [--zmodem]", "输出日志或事件，可用 ZMODEM 传文件", "the log or the events, as text or as a file by ZMODEM", (*session).dump},
		{"settings", "export [--zmodem]", "导出设置（含话机密码）", "export the settings, phone passwords included", (*session).settings},
		{"version", "", "版本与运行时间", "version and time since the start", (*session).version},
		{"lang", "zh|en", "语言", "language", (*session).language},
		{"restart", "", "重启（通话会断）", "restart the box (calls end)", (*session).restart},
		{"exit", "", "退出登录", "log out", (*session).exit},
	}
}

// command runs one line of input.
func (s *session) command(ctx context.Context, text string) error {
	words, err := split(text)
	if err != nil {
		s.sayf("引号没有成对。\n", "A quotation mark is missing.\n")
		return nil
	}
	if len(words) == 0 {
		return nil
	}
	name := words[0]
	if name == "help" {
		name = "?"
	}
	for _, c := range commands() {
		if c.name == name {
			return c.run(s, ctx, words[1:])
		}
	}
	s.sayf("没有命令“%s”。? 显示帮助。\n", "There is no command %q. ? for help.\n", name)
	return nil
}

// split cuts a line into words; "two words" in quotation marks are one.
func split(text string) ([]string, error) {
	var words []string
	var word strings.Builder
	inWord, quoted := false, false
	for _, r := range text {
		switch {
		case r == '"':
			quoted, inWord = !quoted, true
		case !quoted && (r == ' ' || r == '\t'):
			if inWord {
				words = append(words, word.String())
				word.Reset()
			}
			inWord = false
		default:
			word.WriteRune(r)
			inWord = true
		}
	}
	if quoted {
		return nil, fmt.Errorf("a quotation mark is missing in %q", text)
	}
	if inWord {
		words = append(words, word.String())
	}
	return words, nil
}

// usage tells how a command is written.
func (s *session) usage(name string) {
	for _, c := range commands() {
		if c.name == name {
			s.sayf("用法：%s\n", "Usage: %s\n", strings.TrimSpace(c.name+" "+c.arguments))
		}
	}
}

func (s *session) help(context.Context, []string) error {
	var t table
	for _, c := range commands() {
		t.row(strings.TrimSpace(c.name+" "+c.arguments), s.pick(c.zh, c.en))
	}
	s.say(t.String())
	s.sayf("T 是本地时间：08:30（今天）、2026-03-01 或 \"2026-03-01 08:30\"。Ctrl-C 中止输出。\n",
		"T is local time: 08:30 (today), 2026-03-01 or \"2026-03-01 08:30\". Ctrl-C stops an output.\n")
	return nil
}

func (s *session) language(_ context.Context, arguments []string) error {
	if len(arguments) != 1 || !slices.Contains([]string{"zh", "en"}, arguments[0]) {
		s.usage("lang")
		return nil
	}
	s.lang = arguments[0]
	s.sayf("现在用中文。\n", "English from now on.\n")
	return nil
}

func (s *session) restart(ctx context.Context, _ []string) error {
	if s.Restart == nil {
		s.sayf("这台设备不能从这里重启。\n", "This box cannot be restarted from here.\n")
		return nil
	}
	s.sayf("所有通话都会断。确定请输入 yes：", "Every call will end. Type yes to go on: ")
	answer, err := s.readLine(ctx, true)
	if err != nil {
		return err
	}
	if strings.TrimSpace(answer) != "yes" {
		s.sayf("没有重启。\n", "Nothing was restarted.\n")
		return nil
	}
	s.sayf("正在重启。\n", "Restarting.\n")
	s.Restart()
	return nil
}

func (s *session) exit(context.Context, []string) error {
	s.sayf("已退出登录。\n", "Logged out.\n")
	return errLoggedOut
}
