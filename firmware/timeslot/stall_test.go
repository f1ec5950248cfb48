package timeslot

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

// TestAStallCostsNoMoreThanItself: threads of ours that stand for a while and make up for it afterwards cost as much
// silence as that, or two blocks more; nothing is dropped, and the delay comes back, but for a block in each
// ring. None of it is a slip of clocks, whether there is one clock or two.
func TestAStallCostsNoMoreThanItself(t *testing.T) {
	for name, threads := range map[string][]int{
		"all":               {0, 1, joiner},
		"both lines":        {0, 1},
		"the bridge":        {joiner},
		"the pace's line":   {0},
		"the other line":    {1},
		"bridge and a line": {1, joiner},
	} {
		for _, c := range []struct {
			ms  int
			ppm float64
		}{{20, 0}, {50, 0}, {130, 0}, {50, 100}} {
			if slowed && c.ppm > 0 {
				continue
			}
			t.Run(fmt.Sprint(name, " ", c.ms, " ms ", c.ppm, " ppm"), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { stall(t, threads, c.ms, c.ppm) })
			})
		}
	}
}

func stall(t *testing.T, threads []int, ms int, ppm float64) {
	watched := 4 + ms*8/20 // seconds: of a sound without pauses 20 octets a second are cut
	p := newPair(t, [2]float64{0, ppm})
	if ppm > 0 {
		p.run(65) // until it is known
	}
	p.call(1)
	p.run(2)
	p.silence()
	p.most = 0
	p.run(2)
	before, usual := p.losses(), p.most
	for _, thread := range threads {
		p.held[thread] = time.Now().Add(time.Duration(ms) * time.Millisecond)
	}
	p.most = 0
	_, slips := p.run(watched)
	heard, worst := p.silence(), p.most
	p.most = 0
	p.run(2)
	if heard > ms+20 {
		t.Errorf("%d ms of silence were heard", heard)
	}
	if p.most > usual+2*80 {
		t.Errorf("%d octets wait after %d s; %d did at most, %d as a rule", p.most, watched, worst, usual)
	}
	after := p.losses()
	if after.Dropped > before.Dropped {
		t.Errorf("%d blocks were dropped", after.Dropped-before.Dropped)
	}
	if made := uint64(ppm * 8e-3 * float64(watched)); slips[0] > 0 || slips[1] > made+1 || slips[1]+1 < made {
		t.Errorf("%d slips, %d of the clocks", slips, made)
	}
	t.Logf("%d ms heard, up to %d octets waited, %d as a rule, %d were cut", heard, worst, usual, after.Slips-before.Slips)
}
