package evidence

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"trunkbox/drivers/span"
	"trunkbox/firmware/column"
	"trunkbox/firmware/journal"
	"trunkbox/firmware/performance"
	"trunkbox/firmware/q850"
	"trunkbox/firmware/trace"
)

var golden = flag.Bool("golden", false, "rewrite the golden files")

var shanghai = time.FixedZone("Asia/Shanghai", 8*3600)

var made = time.Date(2026, 3, 2, 9, 0, 0, 0, shanghai)

const (
	caller = "13800001234"
	called = "02087654321"
)

// history is the performance of day, which takes a while to live.
var history = sync.OnceValue(func() performance.Report {
	history := performance.NewLine(span.E1, shanghai)
	history.SetFraming(performance.CRC4)
	begin := made.Add(-24 * time.Hour)
	counters := span.Counters{}
	for n := 1; n <= 24*3600; n++ {
		var alarms span.Alarm
		if n > 3600 && n <= 3720 {
			alarms = span.LOS
		}
		if n%1800 == 0 {
			counters.Slips++
		}
		if n == 7000 {
			counters.CRC4 += 900
		}
		counters.Ticks += 100
		history.Second(begin.Add(time.Duration(n)*time.Second), alarms, counters)
	}
	return history.Report("line1")
})

// day is a line that was cut for two minutes, slips each half hour, and whose carrier refused most calls.
func day() Source {
	begin := made.Add(-24 * time.Hour)
	s := Source{
		Pack: Pack{
			Box: "康达客服中心", Version: "1.4.0", Line: "line1", Made: made, From: begin, To: made,
			State: State{Alarms: []string{}, Link: "up", LinkSince: begin.Add(3730 * time.Second)},
			Settings: []Setting{
				{"kind", "E1", Said{"类型", "E1"}, Said{"kind", "E1"}},
				{"framing", "crc4", Said{"帧格式", "CRC-4 复帧"}, Said{"framing", "CRC-4 multiframe"}},
				{"clock", "line", Said{"时钟", "取自线路"}, Said{"clock", "from the line"}},
				{"variant", "euroisdn-e1", Said{"信令类型", "EuroISDN（国内通用）"}, Said{"variant", "EuroISDN"}},
			},
			Clock: Clock{FromLine: true},
		},
		Performance: history(),
		Journal: []journal.Event{
			{Seq: 1, At: begin.Add(3600 * time.Second), Kind: journal.LineAlarm, Fields: map[string]string{"line": "line1", "alarms": "LOS"}},
			{Seq: 2, At: begin.Add(3601 * time.Second), Kind: journal.LineAlarm, Fields: map[string]string{"line": "line2", "alarms": "AIS"}},
			{Seq: 3, At: begin.Add(3605 * time.Second), Kind: journal.LinkState, Fields: map[string]string{"line": "line1", "state": "down", "reason": "line_down"}},
			{Seq: 4, At: begin.Add(3720 * time.Second), Kind: journal.LineAlarm, Fields: map[string]string{"line": "line1", "alarms": ""}},
			{Seq: 5, At: begin.Add(3730 * time.Second), Kind: journal.LinkState, Fields: map[string]string{"line": "line1", "state": "up", "reason": "link_set_up_there"}},
			{Seq: 6, At: begin.Add(4000 * time.Second), Call: "c1", Kind: journal.CallArrived, Fields: map[string]string{"line": "line1", "caller": caller}},
		},
		Ladder: ladder,
	}
	add := func(n, cause, location int, by, reason string) {
		for range n {
			c := journal.CDR{
				ID: fmt.Sprintf("20260302-%04d", len(s.Calls)+1), Direction: "out", Line: "line1", Channel: "7", Caller: caller, Called: called,
				Arrived: made.Add(-time.Duration(len(s.Calls)+1) * time.Minute), Cause: cause, Location: location, EndedBy: by, Reason: reason,
				ReasonZH: "失败；对方号码 " + called, ReasonEN: "failed; the number was " + called, Outcome: journal.Failed,
			}
			s.Calls = append(s.Calls, c)
		}
	}
	add(3, 102, 0, "called", string(journal.SetupUnanswered))
	add(37, 38, 4, "called", "")
	add(1, 44, 2, "called", "")
	add(12, 16, 0, "called", "")
	add(4, 17, 0, "called", "")
	return s
}

func ladder(c journal.CDR) []trace.Row {
	at := c.Arrived
	return []trace.Row{
		{Seq: 1, At: at, Sent: true, Layer2: "I", Layer3: "SETUP cref 5/0, channel 7 exclusive, calling " + caller + ", called " + called, Hex: "0001", ZH: "我方请求建立呼叫，主叫 " + caller + "，被叫 " + called, EN: "we offer a call from " + caller + " to " + called},
		{Seq: 2, At: at.Add(80 * time.Millisecond), Layer2: "I", Layer3: "CALL PROCEEDING cref 5/1, channel 7 exclusive", ZH: "对方收到呼叫，正在接续", EN: "the carrier takes the call and routes it"},
		{Seq: 3, At: at.Add(2 * time.Second), Layer2: "I", Layer3: `DISCONNECT cref 5/1, cause 38 Network out of order, public network serving the remote user, display "WANG FANG"`, ZH: "对方要求拆线。原因：网络故障", EN: "the carrier asks to clear the call. Why: The network is out of order.", Look: true},
	}
}

func TestGather(t *testing.T) {
	p := Gather(day())
	if p.Calls != 57 || p.Failed != 41 {
		t.Errorf("%d calls, %d failed; expected 57 and 41", p.Calls, p.Failed)
	}
	want := []Cause{{38, q850.PublicRemote, "far", 37}, {102, q850.User, "box", 3}, {44, q850.PublicLocal, "far", 1}}
	if !reflect.DeepEqual(p.Causes, want) {
		t.Errorf("causes %+v\nexpected %+v", p.Causes, want)
	}
	if len(p.Events) != 4 || p.alarmTimes() != 1 {
		t.Errorf("%d events with %d alarms, expected 4 with 1: %+v", len(p.Events), p.alarmTimes(), p.Events)
	}
	if p.Sum.UAS != 120 || p.Sum.SES != 1 || p.Clock.Slips != 48 {
		t.Errorf("the sum is %+v, slips %d", p.Sum, p.Clock.Slips)
	}
	if rate := p.Clock.SlipsPerHour(); rate < 1.9 || rate > 2.1 {
		t.Errorf("%f slips an hour, expected 2", rate)
	}
	if w := p.Worst(2); len(w) != 2 || w[0].UAS != 120 || w[1].SES != 1 {
		t.Errorf("the worst are %+v", w)
	}
	for i, f := range p.Failures {
		if (len(f.Ladder) == 3) != (i < Ladders) {
			t.Errorf("failure %d has a ladder of %d", i, len(f.Ladder))
		}
	}
}

// TestRefusedCallsCount: what the line itself refused has no record, and is counted all the same.
func TestRefusedCallsCount(t *testing.T) {
	s := day()
	for i, line := range []string{"line1", "line1", "line2"} {
		s.Journal = append(s.Journal, journal.Event{
			Seq: journal.Seq(10 + i), At: made.Add(-time.Hour), Kind: journal.LineFound,
			Fields: map[string]string{"line": line, "channel": "9", "reason": string(journal.CallRefused), "about": "44"},
		})
	}
	p := Gather(s)
	if p.Calls != 59 || p.Failed != 43 {
		t.Errorf("%d calls, %d failed", p.Calls, p.Failed)
	}
	if !slices.Contains(p.Causes, Cause{Cause: 44, By: "box", Calls: 2}) {
		t.Errorf("causes %+v", p.Causes)
	}
}

func TestFindings(t *testing.T) {
	p := Gather(day())
	for lang, sentences := range map[string][]string{
		"en": {
			"37 of 41 failures were cleared by the public network serving the remote user (location 4) with cause 38, Network out of order: The network is out of order.",
			"3 of 41 failures were given up by the box itself with cause 102, Recovery on timer expiry:", "Of 57 calls that have ended 41 failed by a fault.",
		},
		"zh": {"37 通（共 41 通失败）由对端公用网（位置 4）拆线，原因值 38 Network out of order：网络故障。", "3 通（共 41 通失败）由本机放弃，原因值 102"},
	} {
		all := strings.Join(p.Findings(lang), "\n")
		for _, sentence := range sentences {
			if !strings.Contains(all, sentence) {
				t.Errorf("%q is not among\n%s", sentence, all)
			}
		}
		if strings.Contains(all, "%!") {
			t.Errorf("a value is missing in\n%s", all)
		}
	}
}

func TestWhoseClock(t *testing.T) {
	for _, c := range []struct {
		clock    Clock
		sentence string
	}{
		{Clock{FromLine: true}, "so slips do not come from a clock of the box"},
		{Clock{Network: true}, "the far end should follow it"},
		{Clock{}, "though the far end is a carrier"},
		{Clock{FromLine: true, Network: true}, "though the box is the network side"},
		{Clock{Others: []OtherClock{{"line2", 40.24}, {"line3", -0.1}}}, "against its other lines: line2 +40.2 ppm, line3 -0.1 ppm."},
	} {
		if all := strings.Join((Pack{Clock: c.clock}).Findings("en"), " "); !strings.Contains(all, c.sentence) {
			t.Errorf("%+v: no %q in %s", c.clock, c.sentence, all)
		}
	}
}

func TestText(t *testing.T) {
	for _, lang := range []string{"zh", "en"} {
		var text bytes.Buffer
		if err := Gather(day()).WriteText(&text, lang); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(text.String()) {
			if column.Width(strings.TrimRight(line, "\n")) > textWidth {
				t.Errorf("wider than %d columns: %q", textWidth, line)
			}
		}
		if strings.Contains(text.String(), "%!") {
			t.Errorf("a value is missing in the %s text", lang)
		}
		file := filepath.Join("testdata", lang+".golden")
		if *golden {
			if err := os.WriteFile(file, text.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(text.Bytes(), want) {
			t.Errorf("the text differs from %s; rewrite it with -golden and read the difference\n%s", file, text.String())
		}
	}
}

func TestMaskedNumbersAreNowhere(t *testing.T) {
	whole := Gather(day())
	p := whole.Mask()
	octets, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var en, zh bytes.Buffer
	if err := p.WriteText(&en, "en"); err != nil {
		t.Fatal(err)
	}
	if err := p.WriteText(&zh, "zh"); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{string(octets), en.String(), zh.String()} {
		for _, secret := range []string{caller, called, "00001", "87654", "WANG"} {
			if strings.Contains(text, secret) {
				t.Errorf("%s is still in %.300s", secret, text[max(0, strings.Index(text, secret)-150):])
			}
		}
		if !strings.Contains(text, "138******34") {
			t.Error("the caller cannot be recognised any more")
		}
	}
	if whole.Failures[0].Caller != caller || whole.Failures[0].Ladder[0].Hex == "" {
		t.Error("the pack itself was changed")
	}
	for _, c := range []struct{ text, hidden string }{
		{"INFORMATION cref 5/0, called 7", "INFORMATION cref 5/0, called *"},
		{"SETUP cref 32767/0, channel 7", "SETUP cref *****/0, channel 7"},
		{"我方送来更多信息，被叫 12", "我方送来更多信息，被叫 **"},
		{"cause 102 Recovery on timer expiry", "cause 102 Recovery on timer expiry"},
	} {
		if got := hideIn(c.text); got != c.hidden {
			t.Errorf("%q became %q, expected %q", c.text, got, c.hidden)
		}
	}
}

// tool runs a program on the file and returns what it writes.
func tool(t *testing.T, pack, program string, arguments ...string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		t.Fatalf("%s is missing: install the Debian package %s (%v)", program, pack, err)
	}
	out, err := exec.Command(path, arguments...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", program, arguments, err, out)
	}
	return string(out)
}

// TestNothingToTell: a line nobody has looked at yet, and names that no font has.
func TestNothingToTell(t *testing.T) {
	for _, p := range []Pack{{Line: "line1"}, {Box: "𠮷野家 Café – \x00\u200b😀", Line: "line1", Failures: []Failure{{Caller: "()\\", Ladder: []trace.Row{{}}}}, Failed: 1}} {
		for _, lang := range []string{"zh", "en"} {
			var text, file bytes.Buffer
			if err := errors.Join(p.WriteText(&text, lang), p.WritePDF(&file, lang)); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(t.TempDir(), "nothing.pdf")
			if err := os.WriteFile(path, file.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
			tool(t, "qpdf", "qpdf", "--check", path)
			if strings.Contains(text.String(), "%!") {
				t.Errorf("a value is missing in\n%s", text.String())
			}
		}
	}
}

func TestPDFIsReadByOthers(t *testing.T) {
	for lang, wants := range map[string][]string{
		"zh": {"线路举证报告：line1", "康达客服中心", "信号丢失", "对端公用网", "SETUP cref 5/0", "网络故障"},
		"en": {"Line evidence: line1", "康达客服中心", "loss of signal", "public network serving the remote user", "SETUP cref 5/0", "Slips"},
	} {
		file := filepath.Join(t.TempDir(), lang+".pdf")
		var octets, again bytes.Buffer
		p := Gather(day())
		if err := p.WritePDF(&octets, lang); err != nil {
			t.Fatal(err)
		}
		if err := p.WritePDF(&again, lang); err != nil || !bytes.Equal(octets.Bytes(), again.Bytes()) {
			t.Errorf("the same pack gives another file (%v)", err)
		}
		if err := os.WriteFile(file, octets.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		if dir := os.Getenv("PICTURES"); dir != "" {
			if err := os.WriteFile(filepath.Join(dir, "evidence-"+lang+".pdf"), octets.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if said := tool(t, "qpdf", "qpdf", "--check", file); !strings.Contains(said, "No syntax or stream encoding errors") {
			t.Errorf("qpdf: %s", said)
		}
		text := tool(t, "poppler-utils (and poppler-data)", "pdftotext", "-layout", file, "-")
		for _, want := range wants {
			if !strings.Contains(strings.ToLower(text), strings.ToLower(want)) {
				t.Errorf("%q is not in the text of the %s file:\n%s", want, lang, text)
			}
		}
	}
}
