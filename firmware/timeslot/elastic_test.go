package timeslot

import (
	"fmt"
	"math"
	"testing"

	"trunkbox/dsp"
)

// drifting plays two clocks against each other: a writer of ppm more than 8,000 octets a second, a reader of 8,000. It
// returns how often the reader found the ring dry, how many octets slipped, and the most that waited after the first
// ten seconds.
func drifting(seconds int, ppm float64, stalls map[int]int) (dry, slips, most int) {
	const block = 80
	var r ring
	var e elastic
	out, in := make([]byte, block), make([]byte, block)
	written, stalled := 0.0, 0
	for tick := range seconds * 100 {
		stalled += stalls[tick]
		for written < float64(tick)*(1+ppm/1e6) {
			r.push(in, nil)
			written++
		}
		if stalled > 0 {
			stalled--
			continue
		}
		s := e.read(&r, out, nil)
		slips += s.octets
		if s.dry && tick > 1 {
			dry++
		}
		if tick > 1000 && len(stalls) == 0 {
			most = max(most, r.len())
		}
	}
	return dry, slips, most
}

// TestClocksThatDiffer: T1 and E1 clocks are within 50 ppm (G.703, free running), two of them differ by up to 100. In an
// hour the slips are those of the difference, the ring never runs dry but at the beginning, and never more waits than
// two blocks and the margin.
func TestClocksThatDiffer(t *testing.T) {
	for _, ppm := range []float64{0, 50, -50, 100, -100} {
		t.Run(fmt.Sprint(ppm), func(t *testing.T) {
			dry, slips, most := drifting(3600, ppm, nil)
			if want := math.Abs(ppm) * 8000 * 3600 / 1e6; math.Abs(float64(slips)-want) > 0.15*want+200 {
				t.Errorf("%d octets slipped, the clocks differ by %.0f", slips, want)
			}
			if dry > 2 || most > 3*80+2*slack {
				t.Errorf("dry %d times, up to %d octets waited", dry, most)
			}
		})
	}
}

// TestAfterAStall: what has piled up while the reader did not come is brought down to a block again.
func TestWhatPiledUpIsBroughtDown(t *testing.T) {
	const block = 80
	var r ring
	var e elastic
	out := make([]byte, block)
	for range 4 {
		r.push(make([]byte, block), nil)
	}
	slips := 0
	for range 600 {
		slips += e.read(&r, out, nil).octets
		r.push(make([]byte, block), nil)
	}
	if left := r.len(); left > 2*block || slips < block {
		t.Errorf("%d octets wait after %d slips", left, slips)
	}
}

// TestOneClockIsNeverTouched: with one clock every octet passes, also where the reader comes late now and then.
func TestOneClockIsNeverTouched(t *testing.T) {
	_, slips, _ := drifting(600, 0, map[int]int{})
	if slips != 0 {
		t.Errorf("%d octets slipped", slips)
	}
}

// TestWhatWasSentLiesBesideItsEcho: the reference of the canceller is what was on the line at the same instants,
// whatever waits in the rings.
func TestWhatWasSentLiesBesideItsEcho(t *testing.T) {
	for _, late := range []int{0, 2} {
		s := newSpan(&looped{block: 80})
		c := s.Open(3)
		block, sent := make([]byte, 80), make([]byte, 80)
		for n := range 40 {
			for i := range block {
				block[i] = byte(n*80 + i)
			}
			c.Speak(block)
			tick(t, s)
			if n < late {
				continue
			}
			c.HearBoth(block, sent)
			if string(block) != string(sent) && n > late+1 {
				t.Fatalf("late %d, tick %d: heard %d…, beside it lies %d…", late, n, block[0], sent[0])
			}
		}
	}
	if silence := dsp.ALaw.Silence(); newChannel(dsp.ALaw, 100, &losses{}).past.octets[7] != silence {
		t.Error("before the first block the line was not silent")
	}
}
