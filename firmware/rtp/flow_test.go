package rtp

import (
	"fmt"
	"testing"
	"time"
)

// TestPacketsGatherEvenly: from one turn to the next the time settles, whether packets come evenly or a millisecond's all at
// once, and whatever the first turns found.
func TestPacketsGatherEvenly(t *testing.T) {
	for _, c := range []struct {
		pairs int
		want  time.Duration
	}{{60, 700 * time.Microsecond}, {240, 700 * time.Microsecond}, {480, 354 * time.Microsecond}, {600, 300 * time.Microsecond}} {
		for _, together := range []int{1, 2 * c.pairs / 20} {
			for _, first := range []int{0, 30, 500} {
				t.Run(fmt.Sprintf("%d pairs, %d at once, after %d packets", c.pairs, together, first), func(t *testing.T) {
					apart := 20 * time.Millisecond / time.Duration(2*c.pairs) * time.Duration(together)
					var f flow
					f.note(first, gathering)
					var now, next time.Duration // of the turn, and of what comes next
					for now < 200*time.Millisecond {
						cycle := f.cycle()
						if now += cycle; now > 100*time.Millisecond && (cycle < c.want*95/100 || cycle > c.want*105/100) {
							t.Fatalf("after %v a turn comes %v after the last, want %v", now, cycle, c.want)
						}
						took := 0
						for ; next <= now; next += apart {
							took += together
						}
						f.note(took, cycle)
					}
				})
			}
		}
	}
}

// TestFlowOfNothing: who has waited long, or whose clock was set, turns as one who has just begun.
func TestFlowOfNothing(t *testing.T) {
	for name, since := range map[string]time.Duration{"at once": 0, "an hour": time.Hour, "a clock set back": -time.Hour} {
		f := flow(50_000)
		f.note(0, since)
		if got := f.cycle(); got < quickest || got > gathering || since == time.Hour && got != gathering {
			t.Errorf("%s: a turn after %v", name, got)
		}
	}
	if got := flow(0).cycle(); got != gathering {
		t.Errorf("nothing has come: a turn after %v", got)
	}
}
