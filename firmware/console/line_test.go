package console

import (
	"errors"
	"strings"
	"testing"
	"time"

	"trunkbox/firmware/column"
	"trunkbox/firmware/evidence"
	"trunkbox/firmware/exchange"
	"trunkbox/firmware/journal"
	"trunkbox/firmware/trace"
)

// Evidence is a line1 that had an alarm and lost a call; there is no other line.
func (s still) Evidence(wanted evidence.Wanted) (evidence.Pack, error) {
	line, from, to := wanted.Line, wanted.From, wanted.To
	if line != "line1" {
		return evidence.Pack{}, exchange.NoLineError(line)
	}
	report, _ := s.Performance(line)
	p := evidence.Gather(evidence.Source{
		Pack: evidence.Pack{
			Box: "康达", Line: line, Made: noon, From: from, To: to, State: evidence.State{Link: "up"}, Clock: evidence.Clock{FromLine: true},
			Settings: []evidence.Setting{{Name: "kind", Value: "E1"}, {Name: "variant", Value: "euroisdn-e1"}, {Name: "hours", Value: to.Sub(from).String()}},
		},
		Performance: report,
		Journal:     []journal.Event{{At: noon, Kind: journal.LineAlarm, Fields: map[string]string{"line": line, "alarms": "LOS"}}},
		Calls: []journal.CDR{{
			ID: "20260301-0007", Direction: "out", Line: line, Channel: "31", Caller: "02087654321", Called: "13800001234", Arrived: noon,
			Cause: 38, Location: 4, EndedBy: "called", Outcome: journal.Failed, ReasonZH: "网络故障", ReasonEN: "network out of order",
		}},
		Ladder: func(journal.CDR) []trace.Row {
			return []trace.Row{{At: noon, Sent: true, Layer3: "SETUP cref 5/0, called 13800001234", ZH: "我方请求建立呼叫", EN: "we offer a call"}}
		},
	})
	if wanted.Mask {
		p = p.Mask()
	}
	return p, nil
}

// Ledger is two channels of line1, one of which had a call.
func (still) Ledger(line string) (exchange.LedgerNow, bool) {
	book := exchange.LedgerNow{Line: line, Hunting: "down", GaveWay: 3, Channels: []exchange.ChannelLedger{
		{ChannelNow: exchange.ChannelNow{Timeslot: 1, State: "idle"}, Events: []exchange.ChannelEvent{
			{At: noon, State: "talking", Way: "in", Call: "20260301-0001", Ref: "ref 17/0"},
			{At: noon.Add(time.Minute), State: "idle", Cause: 16},
		}},
		{ChannelNow: exchange.ChannelNow{Timeslot: 2, State: "blocked"}, Events: []exchange.ChannelEvent{{At: noon, State: "blocked", Reason: "release_unanswered"}}},
	}}
	return book, line == "line1"
}

// SwitchD finds no D channel that stands by.
func (still) SwitchD(string) error { return errors.New("no D channel stands by") }

func TestLineLedgerEvidence(t *testing.T) {
	b := newBench(t, true)
	term := b.plug(t)
	term.signIn()
	for _, c := range []struct {
		command    string
		want, wont []string
	}{
		{"line line1", []string{"euroisdn-e1", "由对端公用网（位置 4）拆线，原因值 38", "线路 line1 告警：LOS"}, nil},
		{"line", []string{"用法：line <line>"}, nil},
		{"line line9", []string{"没有线路“line9”"}, nil},
		{"ledger line1", []string{"1     03-01 12:01:00.000  空闲", "2     03-01 12:00:00.000  闭塞", "我方选时隙：down；对端：-；同时占用时让出 3 次，保住 0 次"}, []string{"20260301-0001"}},
		{"ledger line1 1", []string{"通话", "20260301-0001", "ref 17/0"}, []string{"闭塞"}},
		{"ledger line1 x", []string{"用法：ledger <line> [timeslot]"}, nil},
		{"switch line1", []string{"线路 line1 没有备用的 D 通道可以换上"}, nil},
		{"switch line9", []string{"没有线路“line9”"}, nil},
		{"switch", []string{"用法：switch <line>"}, nil},
		{"ledger line9", []string{"没有线路“line9”"}, nil},
		{"evidence line1", []string{"线路举证报告：line1", "--> SETUP cref 5/0, called 13800001234", "hours    24h0m0s"}, nil},
		{"evidence line1 7d --mask", []string{"138******34", "hours    168h0m0s"}, []string{"13800001234"}},
		{"evidence line1 3w", []string{"时段可以是 24h 或 7d"}, nil},
		{"evidence", []string{"用法：evidence <line> [24h|7d]"}, nil},
	} {
		got := term.run(c.command)
		for _, want := range c.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s: no %q in\n%s", c.command, want, got)
			}
		}
		for _, wont := range c.wont {
			if strings.Contains(got, wont) {
				t.Errorf("%s: %q in\n%s", c.command, wont, got)
			}
		}
		if strings.HasPrefix(c.command, "evidence line1") {
			for line := range strings.Lines(got) {
				if column.Width(strings.TrimRight(line, "\r\n")) > 80 && !strings.Contains(line, c.command) {
					t.Errorf("wider than a terminal: %q", line)
				}
			}
		}
	}
}
