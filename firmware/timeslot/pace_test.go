package timeslot

import (
	"math"
	"testing"
	"time"
)

// TestThePaceIsThatOfTheLineBeforeTheLongestPause: phases in ms within a block of 10 ms.
func TestThePaceIsThatOfTheLineBeforeTheLongestPause(t *testing.T) {
	const ms = time.Millisecond
	for name, c := range map[string]struct {
		phases    []float64
		now, want int // -1: none
	}{
		"no line":                             {nil, -1, -1},
		"one line":                            {[]float64{3}, -1, 0},
		"lines opened one after the other":    {[]float64{0, 0.6, 1.2, 1.8, 2.4}, 0, 4},
		"over the end of the block":           {[]float64{9, 9.6, 0.2, 0.8}, 0, 3},
		"the first of two that fall together": {[]float64{4, 4.2}, -1, 0},
		"two that fall together, the second":  {[]float64{4, 4.2}, 1, 1},
		"a little longer is not worth it":     {[]float64{0, 4.8}, 1, 1},
		"much longer is":                      {[]float64{0, 2}, 0, 1},
		"the present one is gone":             {[]float64{0, 4.8}, -1, 1},
		"three apart":                         {[]float64{7, 2, 1}, 2, 1},
	} {
		t.Run(name, func(t *testing.T) {
			var spans []*Span
			for n, at := range c.phases {
				s := newSpan(&looped{block: 80})
				began := time.Unix(1000, 0).Add(time.Duration(at * float64(ms)))
				for k := range 500 { // every seventh comes 30 ms late, and the next ones with it
					tick := 10 * k
					if k%7 == n%7 {
						tick += 30
					}
					s.phase.tick(began.Add(time.Duration(tick)*ms), 10*ms)
				}
				spans = append(spans, s)
			}
			of := func(n int) *Span {
				if n < 0 {
					return nil
				}
				return spans[n]
			}
			if got := Pace(spans, of(c.now)); got != of(c.want) {
				t.Errorf("phases %v, now %d: not %d", c.phases, c.now, c.want)
			}
		})
	}
}

// TestThePhaseFollowsAClockThatDrifts: at 100 ppm, the most of two free running lines, it stays within half a
// millisecond.
func TestThePhaseFollowsAClockThatDrifts(t *testing.T) {
	for _, ppm := range []int{100, -100} {
		var p phase
		now := time.Unix(1000, 0)
		for range 100_000 {
			now = now.Add(10*time.Millisecond + time.Duration(ppm)*10*time.Nanosecond)
			p.tick(now, 10*time.Millisecond)
		}
		if off := now.UnixNano() - p.due.Load(); max(off, -off) > int64(500*time.Microsecond) {
			t.Errorf("%d ppm: the phase is off by %v", ppm, time.Duration(off))
		}
	}
}

// TestThePaceIsOfTheClockThatMostLinesHave: a line of another clock has no say, and two that differ stay as they are.
func TestThePaceIsOfTheClockThatMostLinesHave(t *testing.T) {
	for name, c := range map[string]struct {
		ppm       []float64
		now, want int
	}{
		"one of three is another":        {[]float64{0.5, 0, 40}, 2, 1},
		"one of three, not known yet":    {[]float64{0.5, 0, math.NaN()}, 2, 2},
		"two that differ, the first":     {[]float64{0, 90}, 0, 0},
		"two that differ, the second":    {[]float64{0, 90}, 1, 1},
		"two and two, now with the last": {[]float64{0, 90, 0, 90}, 3, 3},
		"none like another":              {[]float64{0, 90, 45}, 2, 2},
	} {
		t.Run(name, func(t *testing.T) {
			var spans []*Span
			for i, ppm := range c.ppm {
				s := newSpan(&looped{block: 80})
				s.phase.due.Store(int64(time.Duration(3*i) * time.Millisecond / 2))
				if !math.IsNaN(ppm) {
					s.apart.ppb.Store(int64(1000 * ppm))
					s.apart.known.Store(true)
				}
				spans = append(spans, s)
			}
			if got := Pace(spans, spans[c.now]); got != spans[c.want] {
				t.Errorf("the pace is not that of line %d", c.want)
			}
		})
	}
}
