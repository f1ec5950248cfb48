package exchange

import (
	"testing"
	"time"

	"trunkbox/firmware/timeslot"
)

func TestWhyATickWasLate(t *testing.T) {
	when := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	late := timeslot.Ticks{Longest: 8 * time.Millisecond, When: when}
	for name, c := range map[string]struct {
		waited time.Duration
		pauses []pause
		want   LateCause
	}{
		"nothing else":     {0, nil, LateByDriver},
		"others ran":       {6 * time.Millisecond, nil, LateByProcessor},
		"collected":        {6 * time.Millisecond, []pause{{when, 5 * time.Millisecond}}, LateByCollection},
		"collected before": {0, []pause{{when.Add(-time.Second), 5 * time.Millisecond}}, LateByDriver},
		"a short pause":    {0, []pause{{when, 100 * time.Microsecond}}, LateByDriver},
	} {
		if got := lateCause(late, c.waited, c.pauses); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
