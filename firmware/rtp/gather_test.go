package rtp

import (
	"fmt"
	"testing"
	"time"
)

// TestPacketsGatherEvenly: from one turn to the next the time settles, whatever the first turn found, and a packet waits
// no longer than is meant.
func TestPacketsGatherEvenly(t *testing.T) {
	for _, c := range []struct {
		pairs int
		most  time.Duration
	}{{60, 700 * time.Microsecond}, {240, 680 * time.Microsecond}, {480, 560 * time.Microsecond}, {600, 520 * time.Microsecond}} {
		for _, first := range []int{0, 30, 500} {
			t.Run(fmt.Sprintf("%d pairs after %d packets", c.pairs, first), func(t *testing.T) {
				apart := 20 * time.Millisecond / time.Duration(2*c.pairs)
				took, cycle := float64(first), [100]time.Duration{}
				for i := range cycle {
					cycle[i] = gather(int(took)) + time.Duration(took)*moving*8/10
					took = float64(cycle[i]) / float64(apart)
				}
				for _, d := range cycle[80:] {
					if d > c.most || d < c.most*8/10 {
						t.Errorf("a turn every %v, want %v and little less", d, c.most)
					}
				}
			})
		}
	}
}
