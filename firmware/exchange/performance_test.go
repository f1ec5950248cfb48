package exchange

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"trunkbox/drivers/span"
	"trunkbox/firmware/call"
)

// historian is an exchange that keeps performance histories in dir and does nothing else.
func historian(t *testing.T, dir string) *Exchange {
	t.Helper()
	x := &Exchange{Options: Options{Performance: dir, Log: slog.New(slog.DiscardHandler)}, loop: call.NewLoop(), notices: map[string]Notice{}}
	x.quality.inZone(time.UTC)
	ctx, stop := context.WithCancel(context.Background())
	t.Cleanup(stop)
	go x.loop.Run(ctx)
	return x
}

// told is the notice that is shown, in English.
func (x *Exchange) told(id string) (text string) {
	x.loop.Do(func() { text = x.notices[id].EN })
	return text
}

// cut counts a beginning and so many seconds without a signal.
func (x *Exchange) cut(line string, seconds int) {
	at := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	p := x.historyOf(line, span.E1)
	for n := range seconds + 1 {
		p.Second(at.Add(time.Duration(n)*time.Second), span.LOS, span.Counters{})
	}
}

func TestPerformanceOutlivesARestart(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "performance")
	x := historian(t, dir)
	if _, known := x.Performance("line1"); known {
		t.Error("a line that nobody looked at has a history")
	}
	x.cut("line1", 12)
	x.saveQuality()
	again := historian(t, dir)
	again.cut("line1", 0)
	if r, known := again.Performance("line1"); !known || r.Available || len(r.Days) != 31 || r.Days[30].UAS != 12 {
		t.Errorf("after a restart: %t, %+v", known, r.Days)
	}
	if told := again.told("performance_line1"); told != "" {
		t.Errorf("told: %s", told)
	}
}

func TestADamagedPerformanceHistoryIsTold(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "line1.json")
	if err := os.WriteFile(path, []byte(`{"sum":12,"his`), 0o600); err != nil {
		t.Fatal(err)
	}
	x := historian(t, dir)
	x.cut("line1", 3)
	if told := x.told("performance_line1"); !strings.Contains(told, "begins anew") || !strings.Contains(told, "line1.json.damaged") {
		t.Errorf("told: %q", told)
	}
	if r, _ := x.Performance("line1"); r.Last24.SES != 3 {
		t.Errorf("the line does not go on: %+v", r.Last24)
	}
}

// TestADiskThatRefusesPerformanceIsTold: and no longer when it takes it.
func TestADiskThatRefusesPerformanceIsTold(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "performance")
	x := historian(t, dir)
	x.cut("line1", 1)
	if err := os.WriteFile(dir, nil, 0o600); err != nil { // in the way
		t.Fatal(err)
	}
	x.saveQuality()
	if told := x.told(qualityFailing); !strings.Contains(told, "cannot be written") {
		t.Errorf("told: %q", told)
	}
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	x.saveQuality()
	if told := x.told(qualityFailing); told != "" {
		t.Errorf("told still: %q", told)
	}
}
