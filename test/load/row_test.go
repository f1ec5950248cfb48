package main

import (
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"
)

// tick is what the page says of ticks.
func tick(moved, missed uint64, lateUS int64, at time.Time, classes ...lateClass) (n now) {
	n.Tick.Moved, n.Tick.Missed, n.Tick.LateUS, n.Tick.LateAt, n.Tick.Cause, n.Tick.Late = moved, missed, lateUS, at, "load", classes
	return n
}

// TestTicksOf: counts are those of the step; the longest is told with its cause only when it was in the step.
func TestTicksOf(t *testing.T) {
	began := time.Now()
	before := tick(1000, 2, 40_000, began.Add(-time.Hour), lateClass{100, 900}, lateClass{20_000, 98}, lateClass{0, 2})
	for _, test := range []struct {
		name    string
		after   now
		longest float64
		cause   string
		classes string
	}{
		{"none late", tick(1500, 2, 40_000, began.Add(-time.Hour), lateClass{100, 1400}, lateClass{20_000, 98}, lateClass{0, 2}), 0.1, "", "0.1:500"},
		{"late, but not as before", tick(1500, 2, 40_000, began.Add(-time.Hour), lateClass{100, 1399}, lateClass{20_000, 99}, lateClass{0, 2}), 20, "", "0.1:499 20:1"},
		{"later than ever", tick(1500, 3, 63_200, began.Add(time.Second), lateClass{100, 1399}, lateClass{20_000, 98}, lateClass{0, 3}), 63.2, "load", "0.1:499 >20:1"},
	} {
		got := ticksOf(before, test.after, began)
		if got.Moved != 500 || got.Missed != test.after.Tick.Missed-2 || got.LongestMS != test.longest || got.Cause != test.cause || histogram(got.Classes) != test.classes {
			t.Errorf("%s: %+v, %s", test.name, got, histogram(got.Classes))
		}
	}
}

func TestCausesOf(t *testing.T) {
	before := map[string]uint64{"host": 2, "own": 5}
	if got := causesOf(before, map[string]uint64{"processor": 1, "host": 5, "own": 5}); got != "host:3 processor:1" {
		t.Errorf("the causes are %q", got)
	}
}

// TestUsageOf: this process has used something, and is not another.
func TestUsageOf(t *testing.T) {
	debug.FreeOSMemory() // what other tests left would be given back meanwhile
	before, err := usageOf(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	kept := make([]byte, 32*mib)
	for i := range kept {
		kept[i] = byte(i)
	}
	for began := before.at; time.Since(began) < 300*time.Millisecond; {
		slices.Reverse(kept[:4096])
	}
	after, err := usageOf(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if more := after.memory.Anon - before.memory.Anon; more < 30 || after.memory.RSS < after.memory.Anon+after.memory.File-1 {
		t.Errorf("32 MiB more are %+v, before %+v", after.memory, before.memory)
	}
	if percent := after.percent(before); percent < 5 || percent > 400 {
		t.Errorf("working for 300 ms took %.0f %% of a processor", percent)
	}
	if sound, _ := after.since(before); len(after.threads) == 0 || sound.pushed != 0 {
		t.Errorf("threads %+v", after.threads)
	}
	if kept[0] == kept[1] {
		t.Error("nothing was kept")
	}
}

// TestReport: each row is in each table, and says what it has.
func TestReport(t *testing.T) {
	r := report{Version: "trunkbox 1", Callers: "E1", Rows: []row{
		{Calls: 240, Box: 12.3, Delay: spreadRow{N: 9, P50: 1, P99: 2, P999: 3, Most: 4}},
		{Calls: 480, Churn: true, Box: 45.6, PerCall: 7.8, Ticks: ticksRow{Moved: 5, Missed: 77}},
	}}
	var out strings.Builder
	r.print(&out)
	for text, times := range map[string]int{"240 steady": len(summary) - 1, "480 churn": len(summary), "12.3": 1, "45.6": 1, "7.8": 1, " 77 ": 1, "1.0/2.0/3.0/4": 1} {
		if n := strings.Count(strings.Join(strings.Fields(out.String()), " "), text); n != times {
			t.Errorf("%q is there %d times, want %d, in\n%s", text, n, times, out.String())
		}
	}
	for i := range r.Rows {
		if heading, line := short.heading(), short.line(&r.Rows[i]); len([]rune(line)) < len(heading)-10 {
			t.Errorf("the line %q is shorter than its heading %q", line, heading)
		}
	}
}
