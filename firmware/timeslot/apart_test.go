package timeslot

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"trunkbox/drivers/span"
	"trunkbox/dsp"
)

// humming is a line on which a tone is heard in every timeslot, and which counts the silence that is sent.
type humming struct {
	looped
	tone   [8]byte // 1,000 Hz
	silent int     // octets sent in timeslot 1 since it was looked at
}

func newHumming() *humming {
	h := &humming{looped: looped{block: 80}}
	for i := range h.tone {
		h.tone[i] = dsp.ALaw.Encode(int16(4000*math.Sin(float64(i)*math.Pi/4) + 300))
	}
	return h
}

func (h *humming) Tick(rx, tx *span.Block) error {
	for i := range h.block {
		if tx[1][i] == dsp.ALaw.Silence() {
			h.silent++
		}
	}
	for at := 0; at < h.block; at += len(h.tone) {
		copy(rx[1][at:], h.tone[:])
		copy(rx[2][at:], h.tone[:])
	}
	return nil
}

// pair is two lines joined by a bridge that the ticks of one wake, as a rule the first one's, on a machine that may keep
// them all.
type pair struct {
	t        *testing.T
	humming  [2]*humming
	lines    [2]*Span
	channels [2][]*Channel
	due      [2]time.Time
	comes    [2]time.Time // when the tick that is due next is made
	period   [2]time.Duration
	pace     *Span
	trims    bool // the pace is chosen anew each second

	late  func(line int) time.Duration // by how much the machine lets a tick come late; nil: not at all
	held  [3]time.Time                 // until when a line's thread, and the bridge's, stand
	wakes int                          // of the bridge
	most  int                          // octets that waited in timeslot 1, both directions of a line
}

func newPair(t *testing.T, ppm [2]float64) *pair {
	p := &pair{t: t}
	for i := range p.lines {
		p.humming[i] = newHumming()
		p.lines[i] = newSpan(p.humming[i])
		p.period[i] = time.Duration(math.Round(10e6 / (1 + ppm[i]/1e6)))
		p.due[i] = time.Now().Add(time.Duration(i) * 5 * time.Millisecond)
		p.comes[i] = p.due[i]
	}
	p.pace = p.lines[0]
	return p
}

// call joins so many timeslots of both lines, which are all there are from then on.
func (p *pair) call(calls int) {
	for i, s := range p.lines {
		s.b = s.b[:calls] // the others are idle, and take time
		for _, ts := range s.b {
			p.channels[i] = append(p.channels[i], s.Open(ts))
		}
	}
}

// joiner is the place of the bridge's thread in held; those of the lines are their numbers.
const joiner = 2

// run lets time pass and returns in how many seconds new slips of each line were found, and how many there are of each.
func (p *pair) run(seconds int) (css, slips [2]uint64) {
	was := slips
	for i, s := range p.lines {
		was[i] = s.ClockSlips(p.pace)
	}
	for range seconds {
		p.second()
		if p.trims {
			p.pace = Pace(p.lines[:], p.pace)
		}
		for i, s := range p.lines {
			n := s.ClockSlips(p.pace) - was[i]
			if n > slips[i] {
				css[i]++
			}
			slips[i] = n
		}
	}
	return css, slips
}

// second lets a second pass.
func (p *pair) second() {
	for end := time.Now().Add(time.Second); ; {
		next := 0
		if p.comes[1].Before(p.comes[0]) {
			next = 1
		}
		at := p.comes[next]
		wakes := p.wakes > 0 && !at.Before(p.held[joiner])
		if wakes {
			at = p.held[joiner]
		}
		if !at.Before(end) {
			time.Sleep(time.Until(end))
			return
		}
		time.Sleep(time.Until(at))
		if wakes {
			p.join()
			continue
		}
		tick(p.t, p.lines[next])
		if p.lines[next] == p.pace {
			if p.wakes++; !time.Now().Before(p.held[joiner]) {
				p.join()
			}
		}
		p.due[next] = p.due[next].Add(p.period[next])
		p.comes[next] = latest(p.due[next], time.Now(), p.held[next])
		if p.late != nil {
			p.comes[next] = latest(p.comes[next], p.due[next].Add(p.late(next)))
		}
	}
}

func latest(all ...time.Time) (last time.Time) {
	for _, at := range all {
		if at.After(last) {
			last = at
		}
	}
	return last
}

// join is the bridge, which makes four ticks at once at most.
func (p *pair) join() {
	var block [80]byte
	for range min(p.wakes, 4) {
		for i := range p.channels[0] {
			a, b := p.channels[0][i], p.channels[1][i]
			a.Hear(block[:])
			b.Speak(block[:])
			b.Hear(block[:])
			a.Speak(block[:])
		}
	}
	p.wakes = 0
	for _, calls := range p.channels {
		if len(calls) > 0 {
			p.most = max(p.most, calls[0].rx.len()+calls[0].tx.len())
		}
	}
}

// silence is how many ms of silence were heard on either line, the longer, since it was asked.
func (p *pair) silence() (ms int) {
	for _, h := range p.humming {
		ms = max(ms, h.silent/8)
		h.silent = 0
	}
	return ms
}

// losses are those of all calls there were, in both directions.
func (p *pair) losses() (all Losses) {
	for _, s := range p.lines {
		l := s.Ticks().Losses
		all.Silent += l.Silent
		all.Starved += l.Starved
		all.Dropped += l.Dropped
		all.Slips += l.Slips
	}
	return all
}

// TestSlipsOfClocksThatDiffer: two lines at 50 ppm to either side of the right rate are 100 apart: 0.8 frames a second,
// whatever the number of calls, one at a time and so in as many seconds. The line whose clock the bridge has does not slip,
// and no line where there is one clock. Once the clocks are known to differ no block is lost.
func TestSlipsOfClocksThatDiffer(t *testing.T) {
	for _, c := range []struct {
		name    string
		calls   int
		ppm     [2]float64
		seconds int
		trims   bool
	}{
		{"one call, the line is faster", 1, [2]float64{-50, 50}, 3600, false},
		{"one call, the line is slower", 1, [2]float64{50, -50}, 500, false},
		{"two calls", 2, [2]float64{-50, 50}, 500, false},
		{"one line is right", 1, [2]float64{0, -50}, 500, false},
		{"the lines might take turns at setting the pace", 1, [2]float64{-50, 50}, 500, true},
		{"one clock", 2, [2]float64{50, 50}, 500, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPair(t, c.ppm)
				p.trims = c.trims
				p.run(120)
				p.call(c.calls)
				p.run(10)
				p.silence()
				before := p.losses()
				if slowed {
					c.seconds = 300
				}
				css, slips := p.run(c.seconds)
				if c.trims && slips[0] > 0 { // either may set the pace
					css[0], css[1], slips[0], slips[1] = css[1], css[0], slips[1], slips[0]
				}
				want := math.Abs(c.ppm[0]-c.ppm[1]) * 8000 * float64(c.seconds) / 1e6
				if math.Abs(float64(slips[1])-want) > 0.01*want || math.Abs(float64(css[1])-want) > 0.01*want {
					t.Errorf("%d slips in %d seconds, the clocks differ by %.0f frames", slips[1], css[1], want)
				}
				if css[0] > 0 || slips[0] > 0 {
					t.Errorf("the line that sets the pace slipped %d frames", slips[0])
				}
				after := p.losses()
				if blocks := after.Silent + after.Starved + after.Dropped - before.Silent - before.Starved - before.Dropped; blocks > 0 || p.silence() > 0 {
					t.Errorf("%d blocks were lost", blocks)
				}
				if octets := after.Slips - before.Slips; octets > uint64(c.calls)*2*(slips[1]+1) {
					t.Errorf("%d octets were cut for %d frames in %d calls", octets, slips[1], c.calls)
				}
				if bound := 2*(2*80+slack) + 4*80; p.most > bound {
					t.Errorf("up to %d octets waited, expected %d at most", p.most, bound)
				}
				t.Logf("%d slips in %d seconds, arithmetic %.0f; up to %d octets waited", slips[1], css[1], want, p.most)
			})
		})
	}
}

// TestACallIsOnWhenTheClocksAreFound: it loses no more than a block of silence, and slips from then on.
func TestACallIsOnWhenTheClocksAreFound(t *testing.T) {
	for _, ppm := range [][2]float64{{-50, 50}, {50, -50}} {
		synctest.Test(t, func(t *testing.T) {
			p := newPair(t, ppm)
			p.call(1)
			p.run(5)
			before := p.losses()
			p.silence()
			_, slips := p.run(300)
			if slips[1] < 240-2*proof || slips[1] > 240 {
				t.Errorf("%d slips, the clocks differ by 240", slips[1])
			}
			after := p.losses()
			if blocks := after.Silent + after.Starved - before.Silent - before.Starved; blocks > 2 || after.Dropped > 0 || p.silence() > 10 {
				t.Errorf("lost %+v, before %+v", after, before)
			}
		})
	}
}

// busy is a machine that lets most ticks come within a millisecond, some much later.
func busy(random *rand.Rand) func(int) time.Duration {
	return func(int) time.Duration {
		late := time.Duration(random.ExpFloat64() * float64(300*time.Microsecond))
		if random.IntN(300) == 0 {
			late += time.Duration(random.IntN(130)) * time.Millisecond
		}
		return late
	}
}

// TestABusyMachineIsNoClock: whatever keeps the ticks, what slips is what the clocks make.
func TestABusyMachineIsNoClock(t *testing.T) {
	for _, ppm := range []float64{0, 20, 100} {
		t.Run(fmt.Sprint(ppm), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPair(t, [2]float64{0, ppm})
				p.late = busy(rand.New(rand.NewPCG(5, 6)))
				p.trims = true
				p.run(65)
				for range 195 {
					p.run(1)
					a, _ := p.lines[0].Rate()
					if b, known := p.lines[1].Rate(); !known || math.Abs(b-a-ppm) > alike/2 {
						t.Errorf("the clocks differ by %v ppm, measured %.1f", ppm, b-a)
					}
				}
				p.call(1)
				css, slips := p.run(500)
				if slips[0] > 0 { // either may set the pace
					css[0], css[1], slips[0], slips[1] = css[1], css[0], slips[1], slips[0]
				}
				if want := ppm * 4; math.Abs(float64(slips[1])-want) > 0.02*want+3 && want > 0 || want == 0 && slips[1] > 0 || slips[0] > 0 {
					t.Errorf("%d slips in %d seconds, the clocks differ by %.0f frames", slips, css, want)
				}
				t.Logf("%d slips in %d seconds, %+v", slips, css, p.losses())
			})
		})
	}
}
