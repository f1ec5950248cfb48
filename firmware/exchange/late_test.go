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
	ran := func(d time.Duration) thread { return thread{Times: realtime.Times{Ran: d}} }
	waited := func(d time.Duration) thread { return thread{Times: realtime.Times{Waited: d}} }
	first := func(t thread) thread { t.priority = realtime.Line; return t }
	for name, c := range map[string]struct {
		tick
		want LateCause
	}{
		"nothing else":           {tick{limit: 1}, LateByDriver},
		"others ran":             {tick{limit: 1, thread: waited(6 * ms)}, LateByProcessor},
		"others ran for a while": {tick{limit: 1, thread: waited(3 * ms)}, LateByDriver},
		"collected":              {tick{limit: 1, thread: waited(6 * ms), second: second{pauses: long}}, LateByCollection},
		"collected before":       {tick{limit: 1, second: second{pauses: []pause{{when.Add(-time.Second), 5 * ms}}}}, LateByDriver},
		"while collecting":       {tick{limit: 1, second: second{pauses: []pause{{when.Add(20 * ms), 100 * time.Microsecond}}}}, LateByProgram},
		"after collecting":       {tick{limit: 1, second: second{pauses: []pause{{when.Add(-9 * ms), 100 * time.Microsecond}}}}, LateByDriver},
		"the host took it":       {tick{limit: 1, thread: waited(6 * ms), second: second{stolen: 10 * ms}}, LateByHost},
		"the limit":              {tick{limit: 0.95, thread: waited(6 * ms), second: second{sound: 940 * ms}}, LateByLimit},
		"far from the limit":     {tick{limit: 0.95, thread: waited(6 * ms), second: second{sound: 600 * ms}}, LateByProcessor},
		"no limit":               {tick{limit: 1, thread: waited(6 * ms), second: second{sound: 1900 * ms}}, LateByProcessor},
		"a long tick of its own": {tick{limit: 1, thread: ran(120 * ms)}, LateByOwn},
		"its usual ticks":        {tick{limit: 1, thread: ran(20 * ms)}, LateByDriver},
		"the runtime kept it":    {tick{limit: 1, second: second{kept: 7 * ms}}, LateByProgram},
		"the runtime kept a bit": {tick{limit: 1, second: second{kept: 2 * ms}}, LateByDriver},

		"in a row, nothing else":           {tick{limit: 1, inRow: true, thread: first(thread{})}, LateByMachine},
		"in a row, ready as it stood":      {tick{limit: 1, inRow: true, thread: first(waited(6 * ms))}, LateByMachine},
		"in a row, without its priority":   {tick{limit: 1, inRow: true, thread: waited(6 * ms)}, LateByProcessor},
		"in a row, the host owns up to it": {tick{limit: 1, inRow: true, thread: first(thread{}), second: second{stolen: 10 * ms}}, LateByHost},
		"in a row, the limit":              {tick{limit: 0.95, inRow: true, thread: first(waited(6 * ms)), second: second{sound: 940 * ms}}, LateByLimit},
		"in a row, the program":            {tick{limit: 1, inRow: true, thread: first(thread{}), second: second{kept: 7 * ms}}, LateByProgram},
		"a driver's, with its priority":    {tick{limit: 1, thread: first(thread{})}, LateByDriver},
	} {
		c.late, c.when, c.length = 8*ms, when, time.Second
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
		threads: map[string]thread{"line1": {realtime.Times{Ran: time.Second, Waited: time.Minute}, 20}, "bridge": {realtime.Times{Ran: 2 * time.Second}, 15}},
	}
	after := machine{
		at: at.Add(time.Second), stolen: 1040 * time.Millisecond, bounds: before.bounds, kept: []uint64{180, 7, 2, 3},
		threads: map[string]thread{
			"line1":  {realtime.Times{Ran: 1010 * time.Millisecond, Waited: time.Minute + 7*time.Millisecond}, 20},
			"bridge": {realtime.Times{Ran: 2300 * time.Millisecond}, 15}, "phones": {realtime.Times{Ran: 100 * time.Millisecond}, 0},
		},
	}
	got := after.since(before)
	want := second{
		length: time.Second, stolen: 40 * time.Millisecond, sound: 410 * time.Millisecond, kept: 4 * time.Millisecond,
		threads: map[string]thread{
			"line1":  {realtime.Times{Ran: 10 * time.Millisecond, Waited: 7 * time.Millisecond}, 20},
			"bridge": {realtime.Times{Ran: 300 * time.Millisecond}, 15}, "phones": {realtime.Times{Ran: 100 * time.Millisecond}, 0},
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	if now := lookAtMachine(); len(now.kept) == 0 || len(now.bounds) != len(now.kept)+1 || now.stolen < 0 {
		t.Errorf("the runtime's histogram has %d counts and %d bounds", len(now.kept), len(now.bounds))
	}
}
