package exchange

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"trunkbox/firmware/config"
	"trunkbox/firmware/evidence"
	"trunkbox/firmware/journal"
)

func TestEvidence(t *testing.T) {
	x := historian(t, t.TempDir())
	logger := slog.New(slog.DiscardHandler)
	store, _, err := config.Open(t.TempDir(), logger)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	events, _, err := journal.Open(t.TempDir(), journal.Options{Logger: logger})
	if err != nil {
		t.Fatal(err)
	}
	defer events.Close()
	x.Store, x.Journal, x.traces = store, events, newTraces("", logger)
	settings := store.Settings()
	settings.Lines[0].Timers = map[string]int{"T310": 60000}
	if err := store.Save(settings, "admin"); err != nil {
		t.Fatal(err)
	}
	for _, e := range []journal.Event{
		{Kind: journal.LineAlarm, Fields: map[string]string{"line": "line1", "alarms": "LOS"}},
		{Kind: journal.LineAlarm, Fields: map[string]string{"line": "line2", "alarms": "AIS"}},
		{Call: "c1", Kind: journal.CallDialled, Fields: map[string]string{"agent": "201", "called": "13800001234"}},
		{Call: "c1", Kind: journal.CallDialled, Fields: map[string]string{"line": "line1", "channel": "31", "called": "13800001234"}},
		{Call: "c1", Kind: journal.CallEnded, Fields: map[string]string{"cause": "38", "location": "4", "by": "called"}},
		{Call: "c2", Kind: journal.CallArrived, Fields: map[string]string{"line": "line2", "channel": "1", "caller": "1"}},
		{Call: "c2", Kind: journal.CallEnded, Fields: map[string]string{"cause": "41", "location": "2", "by": "caller"}},
	} {
		if _, err := events.Append(e); err != nil {
			t.Fatal(err)
		}
	}
	now := time.Now()
	p, err := x.Evidence(evidence.Wanted{Line: "line1", From: now.Add(-time.Hour), To: now.Add(time.Hour), Ladders: true, Mask: true})
	if err != nil {
		t.Fatal(err)
	}
	if p.Calls != 1 || p.Failed != 1 || p.Causes[0].Cause != 38 || p.Causes[0].By != "far" || p.Failures[0].Called != "138******34" {
		t.Errorf("%d calls, %d failed, %+v %+v", p.Calls, p.Failed, p.Causes, p.Failures)
	}
	if len(p.Events) != 1 || !strings.Contains(p.Events[0].EN, "LOS") || !p.Clock.FromLine {
		t.Errorf("events %+v, clock %+v", p.Events, p.Clock)
	}
	values := map[string]string{}
	for _, s := range p.Settings {
		values[s.Name] = s.Value
	}
	if values["kind"] != "E1" || values["timers"] != "T310:60000" || values["group"] != "–" {
		t.Errorf("settings %v", values)
	}
	if _, err := x.Evidence(evidence.Wanted{Line: "line9", From: now, To: now}); err != NoLineError("line9") {
		t.Errorf("a line that is not there: %v", err)
	}
	earlier, err := x.Evidence(evidence.Wanted{Line: "line1", From: now.Add(-2 * time.Hour), To: now.Add(-time.Hour)})
	if err != nil || earlier.Calls != 0 || len(earlier.Events) != 0 {
		t.Errorf("another hour: %+v (%v)", earlier, err)
	}
}
