package exchange

import (
	"reflect"
	"testing"
	"time"

	"trunkbox/firmware/realtime"
)

func TestWhyATickWasLate(t *testing.T) {
	when := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	const ms = time.Millisecond
	long := []pause{{when, 5 * ms}}
	for name, c := range map[string]struct {
		second
		want LateCause
	}{
		"nothing else":           {second{limit: 1}, LateByDriver},
		"others ran":             {second{limit: 1, waited: 6 * ms}, LateByProcessor},
		"others ran for a while": {second{limit: 1, waited: 3 * ms}, LateByDriver},
		"collected":              {second{limit: 1, waited: 6 * ms, pauses: long}, LateByCollection},
		"collected before":       {second{limit: 1, pauses: []pause{{when.Add(-time.Second), 5 * ms}}}, LateByDriver},
		"while collecting":       {second{limit: 1, pauses: []pause{{when.Add(20 * ms), 100 * time.Microsecond}}}, LateByProgram},
		"after collecting":       {second{limit: 1, pauses: []pause{{when.Add(-9 * ms), 100 * time.Microsecond}}}, LateByDriver},
		"the host took it":       {second{limit: 1, waited: 6 * ms, stolen: 10 * ms}, LateByHost},
		"the limit":              {second{limit: 0.95, waited: 6 * ms, sound: 940 * ms}, LateByLimit},
		"far from the limit":     {second{limit: 0.95, waited: 6 * ms, sound: 600 * ms}, LateByProcessor},
		"no limit":               {second{limit: 1, waited: 6 * ms, sound: 1900 * ms}, LateByProcessor},
		"a long tick of its own": {second{limit: 1, ran: 120 * ms}, LateByOwn},
		"its usual ticks":        {second{limit: 1, ran: 20 * ms}, LateByDriver},
		"the runtime kept it":    {second{limit: 1, kept: 7 * ms}, LateByProgram},
		"the runtime kept a bit": {second{limit: 1, kept: 2 * ms}, LateByDriver},
	} {
		c.late, c.when, c.of = 8*ms, when, time.Second
		if got := c.cause(); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// TestWhatIsReadOfTheMachine: what has happened in a second is the difference of two looks, and of the runtime's
// histogram the longest class with something new in it.
func TestWhatIsReadOfTheMachine(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	before := machine{
		at: at, stolen: time.Second, bounds: []float64{0, 0.001, 0.004, 0.016, 0.064}, kept: []uint64{100, 5, 1, 3},
		threads: map[string]realtime.Times{"line1": {Ran: time.Second, Waited: time.Minute}, "bridge": {Ran: 2 * time.Second}},
	}
	after := machine{
		at: at.Add(time.Second), stolen: 1040 * time.Millisecond, bounds: before.bounds, kept: []uint64{180, 7, 2, 3},
		threads: map[string]realtime.Times{
			"line1":  {Ran: 1010 * time.Millisecond, Waited: time.Minute + 7*time.Millisecond},
			"bridge": {Ran: 2300 * time.Millisecond}, "phones": {Ran: 100 * time.Millisecond},
		},
	}
	got := after.since(before, "line1")
	got.pauses = nil
	want := second{
		ran: 10 * time.Millisecond, waited: 7 * time.Millisecond, stolen: 40 * time.Millisecond, sound: 410 * time.Millisecond,
		kept: 4 * time.Millisecond, of: time.Second,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	if now := lookAtMachine(); len(now.kept) == 0 || len(now.bounds) != len(now.kept)+1 || now.stolen < 0 {
		t.Errorf("the runtime's histogram has %d counts and %d bounds", len(now.kept), len(now.bounds))
	}
}
