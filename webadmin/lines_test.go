package webadmin

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"trunkbox/firmware/evidence"
	"trunkbox/firmware/exchange"
	"trunkbox/firmware/journal"
)

// Evidence is a line1 that lost a call, and no other line.
func (d *desk) Evidence(wanted evidence.Wanted) (evidence.Pack, error) {
	line, from, to := wanted.Line, wanted.From, wanted.To
	if line != "line1" {
		return evidence.Pack{}, exchange.NoLineError(line)
	}
	report, _ := d.Performance(line)
	p := evidence.Gather(evidence.Source{
		Pack:        evidence.Pack{Box: "box", Line: line, Made: to.UTC(), From: from, To: to, State: evidence.State{Link: "up"}},
		Performance: report,
		Journal:     []journal.Event{{At: to, Kind: journal.LineAlarm, Fields: map[string]string{"line": line, "alarms": "LOS"}}},
		Calls:       []journal.CDR{{ID: "c9", Direction: "out", Called: "13800001234", Arrived: to, Cause: 38, Location: 4, EndedBy: "called"}},
	})
	if wanted.Mask {
		p = p.Mask()
	}
	return p, nil
}

// Ledger is one channel of line1.
func (d *desk) Ledger(line string) (exchange.LedgerNow, bool) {
	ch := exchange.ChannelNow{Timeslot: 7, State: "blocked", Reason: "release_unanswered"}
	return exchange.LedgerNow{Line: line, Hunting: "down", GaveWay: 2, Channels: []exchange.ChannelLedger{{ChannelNow: ch, Events: []exchange.ChannelEvent{
		{State: "clearing", Call: "c1", Cause: 102}, {State: "blocked", Reason: "release_unanswered"},
	}}}}, line == "line1"
}

func (d *desk) SetService(line string, timeslot int, in bool) error {
	if timeslot == 8 {
		return errors.New("the line is not open")
	}
	d.change(func(*exchange.Snapshot) {
		d.deeds = append(d.deeds, fmt.Sprintf("service %s %d %t", line, timeslot, in))
	})
	return nil
}

func (d *desk) ApplyLineNow(line string) error {
	if line == "line2" {
		return errors.New("it has just changed")
	}
	d.change(func(*exchange.Snapshot) { d.deeds = append(d.deeds, "apply "+line) })
	return nil
}

// SwitchD switches line1 over; for line2 no D channel stands by.
func (d *desk) SwitchD(line string) error {
	if line == "line2" {
		return errors.New("no D channel stands by")
	}
	d.change(func(*exchange.Snapshot) { d.deeds = append(d.deeds, "switch "+line) })
	return nil
}

func TestDChannelIsSwitchedOver(t *testing.T) {
	b := newBox(t)
	b.do("POST", "/api/lines/line1/switch-d", nil, http.StatusUnauthorized, nil)
	b.signInAdmin()
	b.desk.change(func(now *exchange.Snapshot) { now.Lines = []exchange.LineNow{{Name: "line1"}, {Name: "line2"}} })
	b.do("POST", "/api/lines/line1/switch-d", nil, http.StatusNoContent, nil)
	b.do("POST", "/api/lines/line2/switch-d", nil, http.StatusConflict, nil)
	b.do("POST", "/api/lines/line3/switch-d", nil, http.StatusNotFound, nil)
	if done := strings.Join(b.desk.done(), ", "); done != "switch line1" {
		t.Errorf("done: %s", done)
	}
}

func TestNewSettingsNeedNotWait(t *testing.T) {
	b := newBox(t)
	b.signInAdmin()
	b.desk.change(func(now *exchange.Snapshot) {
		draining := exchange.LineChangeNow{State: "draining", Calls: 2}
		now.Lines = []exchange.LineNow{{Name: "line1", Change: draining}, {Name: "line2", Change: draining}, {Name: "line3"}}
	})
	b.do("POST", "/api/lines/line1/apply", nil, http.StatusNoContent, nil)
	b.do("POST", "/api/lines/line2/apply", nil, http.StatusConflict, nil)
	b.do("POST", "/api/lines/line3/apply", nil, http.StatusConflict, nil)
	if done := strings.Join(b.desk.done(), ", "); done != "apply line1" {
		t.Errorf("done: %s", done)
	}
}

func TestLedger(t *testing.T) {
	b := newBox(t)
	b.signInAdmin()
	var page struct {
		Hunting  string
		GaveWay  int `json:"gave_way"`
		Channels []channelRow
	}
	b.do("GET", "/api/lines/line1/ledger", nil, http.StatusOK, &page)
	if page.Hunting != "down" || page.GaveWay != 2 || len(page.Channels) != 1 || page.Channels[0].Timeslot != 7 || len(page.Channels[0].Events) != 2 {
		t.Fatalf("the ledger is %+v", page)
	}
	ch := page.Channels[0]
	if ch.ReasonText.EN == "" || ch.ReasonText.EN == ch.ReasonText.ZH || ch.Events[0].CauseText.ZH == "" || ch.Events[1].CauseText.ZH != "" {
		t.Errorf("the words are %+v", ch)
	}
	b.do("GET", "/api/lines/line9/ledger", nil, http.StatusNotFound, nil)
}

func TestServiceOfAChannel(t *testing.T) {
	b := newBox(t)
	b.signInAdmin()
	b.desk.change(func(now *exchange.Snapshot) {
		now.Lines = []exchange.LineNow{{Name: "line1", Channels: []exchange.ChannelNow{{Timeslot: 7}, {Timeslot: 8}}}}
	})
	b.do("POST", "/api/lines/line1/channels/7/service", map[string]bool{"in": false}, http.StatusNoContent, nil)
	b.do("POST", "/api/lines/line1/channels/7/service", map[string]bool{"in": true}, http.StatusNoContent, nil)
	b.do("POST", "/api/lines/line1/channels/8/service", map[string]bool{"in": true}, http.StatusConflict, nil)
	b.do("POST", "/api/lines/line1/channels/9/service", map[string]bool{"in": true}, http.StatusNotFound, nil)
	b.do("POST", "/api/lines/line2/channels/7/service", map[string]bool{"in": true}, http.StatusNotFound, nil)
	b.do("POST", "/api/lines/line1/channels/x/service", map[string]bool{"in": true}, http.StatusNotFound, nil)
	if done := strings.Join(b.desk.done(), ", "); done != "service line1 7 false, service line1 7 true" {
		t.Errorf("done: %s", done)
	}
}

func TestEvidence(t *testing.T) {
	b := newBox(t)
	b.do("GET", "/api/lines/line1/evidence", nil, http.StatusUnauthorized, nil)
	b.signInAdmin()
	var p struct {
		evidence.Pack
		Findings []said
	}
	b.do("GET", "/api/lines/line1/evidence", nil, http.StatusOK, &p)
	if p.Failed != 1 || p.Failures[0].Called != "13800001234" || len(p.Findings) < 4 || len(p.Events) != 1 || p.To.Sub(p.From) != 24*time.Hour {
		t.Errorf("the pack is %+v", p)
	}
	for _, bad := range []string{"?hours=0", "?hours=x", "?hours=100000"} {
		b.do("GET", "/api/lines/line1/evidence"+bad, nil, http.StatusBadRequest, nil)
	}
	b.do("GET", "/api/lines/line9/evidence.pdf", nil, http.StatusNotFound, nil)
	for _, c := range []struct{ path, kind, ending, begin, with, without string }{
		{"evidence.pdf?hours=168&lang=en", "application/pdf", ".pdf", "%PDF-1.5", "%%EOF", "\x00\x00\x00\x00\x00\x00\x00\x00"},
		{"evidence.txt?lang=en", "text/plain; charset=utf-8", ".txt", "=====", "13800001234", "举证"},
		{"evidence.txt?lang=zh&mask=1", "text/plain; charset=utf-8", ".txt", "=====", "138******34", "13800001234"},
	} {
		w := b.send(b.request("GET", "/api/lines/line1/"+c.path, ""))
		text := w.Body.String()
		if w.Code != http.StatusOK || w.Header().Get("Content-Type") != c.kind || !strings.HasPrefix(text, c.begin) ||
			!strings.Contains(text, c.with) || strings.Contains(text, c.without) {
			t.Errorf("%s: %d %v %.200q", c.path, w.Code, w.Header(), text)
		}
		if file := w.Header().Get("Content-Disposition"); !strings.Contains(file, `filename="line1-2`) || !strings.HasSuffix(file, c.ending+`"`) {
			t.Errorf("%s is saved as %s", c.path, file)
		}
	}
}
