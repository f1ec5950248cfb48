package timeslot

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"trunkbox/drivers/span"
	"trunkbox/dsp"
)

// drifting plays two clocks against each other: a writer of ppm more than 8,000 octets a second, a reader of 8,000. known
// says that the line knows by how much. It returns what the reader's reads did, how often it found the ring dry, and the
// most and the least that waited after a read, from ten seconds on.
func drifting(seconds int, ppm float64, known bool) (all slipped, dry, most, least int) {
	const block = 80
	var r ring
	var e elastic
	out, in := make([]byte, block), make([]byte, block)
	fill(in, dsp.ALaw.Encode(1000))
	written, began := 0, 0
	least = size
	for tick := range seconds * 100 {
		now := float64(tick * block)
		for float64(written) <= now*(1+ppm/1e6) {
			r.push(in, nil)
			written += block
		}
		var o order
		if known {
			o = order{int64(now * ppm / 1e6), true}
		}
		s := e.read(&r, out, nil, o)
		if !s.empty && began == 0 {
			began = tick
		}
		all.octets += s.octets
		all.clocks += s.clocks
		all.dropped += s.dropped
		if s.dry {
			dry++
		}
		if tick > 1000 {
			most, least = max(most, r.len()), min(least, r.len())
		}
	}
	return all, dry, most, least
}

// TestClocksThatDiffer: T1 and E1 clocks are within 50 ppm (G.703, free running), two of them differ by up to 100. Over an
// hour of that, and a day of twice as much, the slips are those of the difference, an octet each; the ring never runs
// dry, and never more waits than two blocks and the margin.
func TestClocksThatDiffer(t *testing.T) {
	for _, ppm := range []float64{0, 1, 50, -50, 100, -100, 200, -200} {
		t.Run(fmt.Sprint(ppm), func(t *testing.T) {
			seconds := 3600
			switch {
			case slowed:
				seconds = 400
			case ppm == 200:
				seconds = 24 * 3600
			}
			all, dry, most, least := drifting(seconds, ppm, true)
			want := int(math.Abs(ppm) * 8000 * float64(seconds) / 1e6)
			if all.clocks != all.octets || all.octets > want || all.octets < want-1 {
				t.Errorf("%d octets slipped, %d for the clocks; they differ by %d", all.octets, all.clocks, want)
			}
			if dry > 0 || all.dropped > 0 || most > 2*80+slack || least < slack {
				t.Errorf("dry %d times, %d blocks dropped, %d to %d octets waited", dry, all.dropped, least, most)
			}
			t.Logf("%d octets slipped, %d to %d waited", all.octets, least, most)
		})
	}
}

// TestClocksNobodyKnowsOf: what the rings have to bear while it is not known that the clocks differ, or when they do by
// less than can be told, is a block of silence or one brought down each time a block has come together.
func TestClocksNobodyKnowsOf(t *testing.T) {
	for _, ppm := range []float64{0.4, -0.4, 100, -100} {
		const seconds = 1000
		all, dry, most, _ := drifting(seconds, ppm, false)
		blocks := int(math.Abs(ppm)*8000*seconds/1e6/80) + 1
		if all.clocks > 0 || all.octets > blocks*81 || dry > blocks || most > 2*80 {
			t.Errorf("%v ppm: %+v, dry %d times, up to %d octets waited; %d blocks came together", ppm, all, dry, most, blocks)
		}
	}
}

// TestWhatPiledUpIsBroughtDown: what has piled up while the reader did not come is brought down to a block again, though the sound has no pause.
func TestWhatPiledUpIsBroughtDown(t *testing.T) {
	const block = 80
	var r ring
	e := elastic{began: true}
	out := make([]byte, block)
	for range 4 {
		r.push(make([]byte, block), nil)
	}
	slips := 0
	for range 1200 { // 12 s, in which 240 octets of sound may be cut
		slips += e.read(&r, out, nil, order{}).octets
		r.push(make([]byte, block), nil)
	}
	if left := r.len(); left > 2*block || slips < block {
		t.Errorf("%d octets wait after %d slips", left, slips)
	}
}

// moment is a tick of a simulated clock, in µs.
type moment struct {
	at     int
	writes bool
}

// oneClock plays a writer and a reader on one clock of 10 ms for a while: the writer's ticks lie phase after the
// reader's, both come up to jitter late, all in µs. A party that is held from one moment to another comes at its end
// for every tick it has missed. It returns what the reader found, and the blocks it read out of order.
func oneClock(random *rand.Rand, seconds, phase, jitter int, held map[bool][2]int) (all slipped, dry, wrong int) {
	const period = 10_000
	var ticks []moment
	for n := range seconds * 100 {
		for writes, offset := range map[bool]int{true: phase, false: 0} {
			at := n*period + offset + random.IntN(jitter+1)
			if h := held[writes]; at >= h[0] && at < h[1] {
				at = h[1]
			}
			ticks = append(ticks, moment{at, writes})
		}
	}
	slices.SortStableFunc(ticks, func(a, b moment) int { return a.at - b.at })
	var r ring
	var e elastic
	in, out := make([]byte, 80), make([]byte, 80)
	given, next := byte(0), byte(0)
	began := false
	for _, tick := range ticks {
		if tick.writes {
			fill(in, given)
			r.push(in, nil)
			given++
			continue
		}
		s := e.read(&r, out, nil, order{})
		all.octets += s.octets
		all.dropped += s.dropped
		switch {
		case s.dry:
			dry++
		case !s.empty && began && (out[0] != next || out[79] != next):
			wrong++
		}
		if !s.empty {
			began, next = true, out[79]+1
		}
	}
	return all, dry, wrong
}

// TestOneClockIsNeverTouched: with one clock no octet is left out or said twice, wherever the ticks of the two lie
// against each other and however late they come by up to most of a block; the order of the ticks turns round for good
// once, or twice where both come up to a block late, and as many blocks of silence are all that it costs.
func TestOneClockIsNeverTouched(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for phase := 0; phase < 10_000; phase += 1000 {
		for _, jitter := range []int{0, 50, 1000, 4000, 9000} {
			all, dry, wrong := oneClock(random, 20, phase, jitter, nil)
			if all != (slipped{}) || dry > 1+jitter/5000 || wrong > 0 {
				t.Errorf("phase %d µs, up to %d µs late: %d octets slipped, %d blocks dropped, %d out of order, dry %d times",
					phase, jitter, all.octets, all.dropped, wrong, dry)
			}
		}
	}
}

// TestOneWhoWasHeld: a reader that could not come for a while, and comes for all it has missed at once, loses nothing.
// A writer that could not write costs as many blocks of silence; the sound is late by them afterwards, and brought down
// to a block by as many octets.
func TestOneWhoWasHeld(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for _, ms := range []int{5, 25, 65, 150, 230} {
		begin := 5_000_000
		hold := [2]int{begin, begin + ms*1000}
		all, dry, wrong := oneClock(random, 20, 5000, 200, map[bool][2]int{false: hold})
		if all != (slipped{}) || dry > 0 || wrong > 0 {
			t.Errorf("a reader held for %d ms: %+v, dry %d times, %d out of order", ms, all, dry, wrong)
		}
		all, dry, _ = oneClock(random, 20, 5000, 200, map[bool][2]int{true: hold})
		if late := ms/10 + 1; dry > late || all.octets > late*80 || all.dropped > late {
			t.Errorf("a writer held for %d ms: %+v, dry %d times", ms, all, dry)
		}
	}
}

// leading is a line as a driver has it that keeps a queue: what is handed to a tick is on the line at once, behind lead
// octets that were written first, and comes back without delay.
type leading struct {
	looped
	queue [span.Slots][]byte
	lead  int
}

func (l *leading) Tick(rx, tx *span.Block) error {
	for ts := range l.queue {
		if l.queue[ts] == nil {
			l.queue[ts] = make([]byte, l.lead)
		}
		l.queue[ts] = append(l.queue[ts], tx[ts][:l.block]...)
		copy(rx[ts][:], l.queue[ts][:l.block])
		l.queue[ts] = l.queue[ts][l.block:]
	}
	return nil
}

func (l *leading) Delay() int { return l.lead }

// TestWhatWasSentLiesBesideItsEcho: the reference of the canceller is what was on the line at the same instants,
// whatever waits in the rings and in the driver.
func TestWhatWasSentLiesBesideItsEcho(t *testing.T) {
	for name, line := range map[string]func() span.Line{
		"a block of delay":           func() span.Line { return &looped{block: 80} },
		"a queue of 8 ms, of 10 ms":  func() span.Line { return &leading{looped: looped{block: 80}, lead: 64} },
		"a queue of 8 ms, of 20 ms":  func() span.Line { return &leading{looped: looped{block: 160}, lead: 64} },
		"a queue of 30 ms, of 10 ms": func() span.Line { return &leading{looped: looped{block: 80}, lead: 240} },
	} {
		for _, late := range []int{0, 2} {
			s := newSpan(line())
			n := s.line.Block()
			c := s.Open(3)
			block, sent := make([]byte, n), make([]byte, n)
			for tock := range 40 {
				for i := range block {
					block[i] = byte((tock*n + i) * 7 >> 1)
				}
				c.Speak(block)
				tick(t, s)
				if tock < late {
					continue
				}
				c.HearBoth(block, sent)
				if string(block) != string(sent) && tock > late+4 {
					t.Fatalf("%s, late %d, tick %d: heard %d…, beside it lies %d…", name, late, tock, block[0], sent[0])
				}
			}
		}
	}
	if silence := dsp.ALaw.Silence(); newChannel(dsp.ALaw, 100, nil, &losses{}).past.octets[7] != silence {
		t.Error("before the first block the line was not silent")
	}
}
