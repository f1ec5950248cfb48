package browser

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"trunkbox/firmware/evidence"
	"trunkbox/firmware/exchange"
	"trunkbox/firmware/journal"
	"trunkbox/firmware/pri"
)

// download fetches what a link leads to as the page would, and returns its octets.
func (b *Browser) download(css string) []byte {
	b.t.Helper()
	var file string
	b.Run(`const request = new XMLHttpRequest();
		request.open("GET", document.querySelector(arguments[0]).href, false);
		request.overrideMimeType("text/plain; charset=x-user-defined");
		request.send();
		return btoa([...request.responseText].map((c) => String.fromCharCode(c.charCodeAt(0) & 255)).join(""));`, &file, css)
	octets, err := base64.StdEncoding.DecodeString(file)
	must(b.t.(*testing.T), err)
	return octets
}

// TestLinesFromAlarmToEvidence walks the real switch: the list, one line, a channel and what happened to it, a channel out
// of service and back, the report for the carrier, in both languages, and a cable that is cut.
func TestLinesFromAlarmToEvidence(t *testing.T) {
	o, b := openExchange(t), Start(t)
	dir := pictures()
	firstVisit(t, b, o.store, o.url)
	b.WaitText(".line", "正常")
	call, err := o.far.Call(soon(t), "02087654321", "13800001234")
	must(t, err)
	must(t, call.WaitAnswer(soon(t)))
	call.Hangup(41)
	must(t, call.WaitGone(soon(t)))

	b.Click(".tabs a[href='#/lines']")
	b.WaitText("h1", "线路")
	b.WaitText(".line", "没有告警")
	b.WaitText(".line", "0 / 30 个时隙在用")
	looks(t, b, dir, "lines-zh")
	b.Click(".line a.button")
	b.WaitText("#line-findings", "因故障失败 1 通")
	b.WaitText("#line-findings", "原因值 41")
	b.WaitText("#line-state", "回声消除 本机")
	b.WaitCount("#line-channels .channel", 30)
	var timeslot string
	b.Run(`return fetch("/api/calls").then((r) => r.json()).then((log) => log.calls[0].channel)`, &timeslot)
	cell := "#line-channels .channel[data-timeslot='" + timeslot + "']"
	b.Click(cell)
	b.WaitText("#ledger", "时隙 "+timeslot+" 的经过")
	b.WaitText("#ledger", "通话")
	b.WaitText("#ledger", "原因值 41")
	looks(t, b, dir, "line-zh")

	b.Click("#ledger button")
	b.Click("dialog button[data-answer=yes]")
	b.WaitText("#messages", "已退出服务")
	b.WaitCount("#line-channels .channel.blocked", 1)
	b.WaitText("#ledger", "恢复服务")
	b.Click("#ledger button")
	b.WaitCount("#line-channels .channel.blocked", 0)

	b.Click("#language")
	b.WaitText("#line-findings", "Of 1 calls that have ended 1 failed by a fault")
	b.WaitText("#line-evidence", "Evidence for the carrier")
	b.WaitText("#line-state", "Echo cancelled by the box")
	b.Click(cell)
	b.WaitText("#ledger", "Talking")
	looks(t, b, dir, "line-en")

	text := string(b.download("#evidence-txt"))
	for _, want := range []string{"Line evidence: line1", "13800001234", "<-- SETUP", "cause 41"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in the report\n%s", want, text)
		}
	}
	b.Choose("#evidence-period", "168")
	b.Click("#evidence-mask")
	if text = string(b.download("#evidence-txt")); strings.Contains(text, "13800001234") || !strings.Contains(text, "138******34") {
		t.Errorf("the numbers are not hidden\n%s", text)
	}
	file := b.download("#evidence-pdf")
	if !strings.HasPrefix(string(file), "%PDF-") || !strings.HasSuffix(strings.TrimSpace(string(file)), "%%EOF") {
		t.Errorf("%d octets are no PDF: %.40q", len(file), file)
	}
	if dir != "" {
		must(t, os.WriteFile(filepath.Join(dir, "evidence-of-line1.pdf"), file, 0o644))
	}
	o.cable.Cut(true)
	b.WaitText("#line-state", "LOS Loss of signal")
	b.WaitText("#line-events", "has alarms: LOS")
	looks(t, b, dir, "line-los-en")
	o.cable.Cut(false)
	b.WaitText("#line-state", "At this very moment the line says: no alarm.")
	b.WaitText("#line-events", "no alarms any more")
	b.Run(`window.scrollTo(0, 0)`, nil)
	b.Click("#doctor-open")
	b.WaitText("h1", "line1")
	looks(t, b, dir, "doctor-en")
	b.Click(".tabs a[href='#/lines']")
	b.WaitText("h1", "Lines")
	looks(t, b, dir, "lines-en")
	quiet(t, b)
}

// Evidence is what the performance of a line comes down to, and a call that the carrier cleared.
func (d *desk) Evidence(wanted evidence.Wanted) (evidence.Pack, error) {
	line, from, to := wanted.Line, wanted.From, wanted.To
	report, _ := d.Performance(line)
	p := evidence.Gather(evidence.Source{
		Pack:        evidence.Pack{Box: d.store.Settings().Box.Name, Line: line, Made: to, From: from, To: to, State: evidence.State{Alarms: []string{"RAI"}, Link: "down"}},
		Performance: report,
		Journal: []journal.Event{
			{At: to.Add(-3600 * time.Second), Kind: journal.LineAlarm, Fields: map[string]string{"line": line, "alarms": "LOS"}},
			{At: to.Add(-3540 * time.Second), Kind: journal.LineAlarm, Fields: map[string]string{"line": line, "alarms": ""}},
			{At: to.Add(-700 * time.Second), Kind: journal.LineAlarm, Fields: map[string]string{"line": line, "alarms": "RAI"}},
		},
		Calls: []journal.CDR{{ID: "20261122-0009", Direction: "out", Line: line, Channel: "7", Called: "13800001234", Arrived: to, Cause: 38, Location: 4, EndedBy: "called"}},
	})
	return p, nil
}

// Ledger is that of a group of two lines, whose channels have not changed.
func (d *desk) Ledger(line string) (exchange.LedgerNow, bool) {
	active, other := "line1", "line2"
	if d.switched.Load() {
		active, other = other, active
	}
	return exchange.LedgerNow{
		Line: line, Hunting: "down", Carrier: "up", GaveWay: 2, Prevailed: 1,
		DChannels: []pri.DChannel{{Line: active, State: pri.DInService}, {Line: other, State: pri.DStandby}},
	}, true
}

// SwitchD has the other D channel in service from then on.
func (d *desk) SwitchD(string) error { d.switched.Store(!d.switched.Load()); return nil }

func (d *desk) SetService(string, int, bool) error { return nil }

// ApplyLineNow ends the calls of a line that drains.
func (d *desk) ApplyLineNow(line string) error {
	d.change(func(now *exchange.Snapshot) {
		for i := range now.Lines {
			if now.Lines[i].Name == line {
				now.Lines[i].Change = exchange.LineChangeNow{State: "proving", Until: time.Now().Add(time.Minute)}
			}
		}
	})
	return nil
}

// TestNewSettingsWait shows settings that wait for calls to end, and puts them in force.
func TestNewSettingsWait(t *testing.T) {
	o, b := openOffice(t, false), Start(t)
	dir := pictures()
	firstVisit(t, b, o.store, o.url)
	o.change(func(now *exchange.Snapshot) {
		now.Lines[0].Change = exchange.LineChangeNow{State: "draining", Calls: 3, Since: time.Now().Add(-75 * time.Second), Lines: []string{"line1", "line2"}}
	})
	b.Go(o.url + "/#/lines")
	b.WaitText(".line", "设置更换中")
	b.Go(o.url + "/#/lines/line1")
	b.WaitText("#line-change", "还有 3 通")
	looks(t, b, dir, "line-change-zh")
	b.Click("#language")
	b.WaitText("#line-change", "Calls left: 3")
	b.Click("#line-change button")
	b.Click("dialog button[data-answer=yes]")
	b.WaitText("#line-change", "on trial until")
	looks(t, b, dir, "line-change-en")
	quiet(t, b)
}

// TestLinesInTrouble shows what somebody sees who has never seen it: a line in alarm, blocked channels, no line at all.
func TestLinesInTrouble(t *testing.T) {
	o, b := openOffice(t, false), Start(t)
	dir := pictures()
	firstVisit(t, b, o.store, o.url)
	s := o.store.Settings()
	spare := s.Lines[0]
	spare.Name, spare.Span, spare.Driver, spare.Enabled = "spare", 9, "dahdi", false
	s.Lines = append(s.Lines, spare)
	must(t, o.store.Save(s, "admin"))
	b.Go(o.url + "/#/lines")
	b.WaitText(".line", "RAI 远端告警")
	b.WaitText(".line", "spare")
	b.WaitText(".line", "24 小时：误码秒 3")
	b.Click("main details summary")
	b.WaitText("main details", "对端收不到我们")
	looks(t, b, dir, "lines-trouble-zh")
	b.Go(o.url + "/#/lines/line2")
	b.WaitText("#line-state", "远端说收不到我们")
	b.WaitText("#line-state", "线路此刻报告：LOS")
	b.WaitCount("#line-channels .channel.blocked", 30)
	b.WaitText("#line-channels", "同时占用：让出 2 次，保住 1 次")
	b.WaitText("#line-channels", "line2 的 D 通道 备用")
	looks(t, b, dir, "line-trouble-zh")
	b.Click("#language")
	b.WaitText("#line-state", "The far end cannot hear us")
	looks(t, b, dir, "line-trouble-en")
	b.Click("#line-channels [data-do=switch-d][data-line=line2]")
	b.Click("dialog button[data-answer=yes]")
	b.WaitText("#line-channels", "D channel of line2 in service")
	b.WaitCount("#line-channels [data-do=switch-d][data-line=line1]", 1)
	o.change(func(now *exchange.Snapshot) {
		t1 := exchange.LineNow{Name: "line3", Kind: "T1", Driver: "dahdi", Side: "network", Lamp: "green_blink", Link: "establishing"}
		for ts := 1; ts < 24; ts++ {
			t1.Channels = append(t1.Channels, exchange.ChannelNow{Timeslot: ts, State: "idle"})
		}
		now.Lines = append(now.Lines, t1)
	})
	b.Go(o.url + "/#/lines/line3")
	b.WaitText("#line-state", "Layer 1 up, D channel down")
	b.WaitCount("#line-channels .channel", 23)
	looks(t, b, dir, "line-t1-en")
	b.Go(o.url + "/#/lines/line9")
	b.WaitText("main", "The line line9 is not in service.")
	o.change(func(now *exchange.Snapshot) { now.Lines = nil })
	b.Go(o.url + "/#/lines")
	b.WaitText("main", "No line is in service.")
}
