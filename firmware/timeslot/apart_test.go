package timeslot

import (
	"math"
	"testing"
	"testing/synctest"
	"time"

	"trunkbox/drivers/span"
)

// quiet is a line on which nothing is heard.
type quiet struct{ looped }

func (*quiet) Tick(_, _ *span.Block) error { return nil }

// pair is two lines joined by a bridge that the ticks of one wake, as a rule the first one's.
type pair struct {
	t        *testing.T
	lines    [2]*Span
	channels [2][]*Channel
	due      [2]time.Time
	period   [2]time.Duration
	block    [80]byte
	pace     *Span
	trims    bool // the pace is chosen anew each second
	lost     int  // ticks that the bridge still does not come for
}

func newPair(t *testing.T, calls int, ppm [2]float64) *pair {
	p := &pair{t: t}
	for i := range p.lines {
		p.lines[i] = newSpan(&quiet{looped{block: 80}})
		p.lines[i].b = p.lines[i].b[:calls] // the others are idle, and take time
		p.period[i] = time.Duration(math.Round(10e6 / (1 + ppm[i]/1e6)))
		p.due[i] = time.Now().Add(time.Duration(i) * 5 * time.Millisecond)
		for ts := range calls {
			p.channels[i] = append(p.channels[i], p.lines[i].Open(p.lines[i].b[ts]))
		}
	}
	p.pace = p.lines[0]
	return p
}

// run lets time pass and returns how often, looking once a second, new slips of each line were found, and how many there
// are of each.
func (p *pair) run(seconds int) (css, slips [2]uint64) {
	for i, s := range p.lines {
		slips[i] = s.ClockSlips(p.pace)
	}
	for range seconds {
		for end := time.Now().Add(time.Second); ; {
			next := 0
			if p.due[1].Before(p.due[0]) {
				next = 1
			}
			if !p.due[next].Before(end) {
				time.Sleep(time.Until(end))
				break
			}
			time.Sleep(time.Until(p.due[next]))
			p.due[next] = p.due[next].Add(p.period[next])
			tick(p.t, p.lines[next])
			if p.lines[next] == p.pace {
				p.join()
			}
		}
		if p.trims {
			p.pace = Pace(p.lines[:], p.pace)
		}
		for i, s := range p.lines {
			if n := s.ClockSlips(p.pace); n > slips[i] {
				slips[i] = n
				css[i]++
			}
		}
	}
	return css, slips
}

func (p *pair) join() {
	if p.lost > 0 {
		p.lost--
		return
	}
	for i, c := range p.channels[0] {
		other := p.channels[1][i]
		c.Hear(p.block[:])
		other.Speak(p.block[:])
		other.Hear(p.block[:])
		c.Speak(p.block[:])
	}
}

// TestSlipsOfClocksThatDiffer: two lines at 50 ppm to either side of the right rate are 100 apart: 0.8 frames a second,
// whatever the number of calls. They slip when a block of 80 has come together, every 100 s, an octet at each block, and so
// in a second or two of them. The line whose clock the bridge has does not slip, and no line where there is one clock.
func TestSlipsOfClocksThatDiffer(t *testing.T) {
	const seconds = 1000
	for _, c := range []struct {
		name  string
		calls int
		ppm   [2]float64
		trims bool
	}{
		{"one call, the line is faster", 1, [2]float64{-50, 50}, false},
		{"one call, the line is slower", 1, [2]float64{50, -50}, false},
		{"five calls", 5, [2]float64{-50, 50}, false},
		{"one line is right", 1, [2]float64{0, -50}, false},
		{"the lines take turns at setting the pace", 1, [2]float64{-50, 50}, true},
		{"one clock", 5, [2]float64{50, 50}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPair(t, c.calls, c.ppm)
				p.trims = c.trims
				p.lines[0].late.missed.Store(7) // long ago
				css, slips := p.run(seconds)
				if c.trims { // either line slips
					css, slips = [2]uint64{0, css[0] + css[1]}, [2]uint64{0, slips[0] + slips[1]}
				}
				apart := math.Abs(c.ppm[0] - c.ppm[1])
				want := apart * 8000 * seconds / 1e6
				if got := float64(slips[1]); math.Abs(got-want) > 0.05*want+200 && want > 0 || want == 0 && got > 0 {
					t.Errorf("%.0f slips, the clocks differ by %.0f frames", got, want)
				}
				if bursts := want / 80; float64(css[1]) < 0.4*bursts || float64(css[1]) > 3*bursts {
					t.Errorf("%d seconds with slips, %.0f blocks came together", css[1], bursts)
				}
				if css[0] > 0 || slips[0] > 0 {
					t.Errorf("the line that sets the pace slipped %d frames", slips[0])
				}
				t.Logf("%d slips in %d seconds, arithmetic %.0f", slips[1], css[1], want)
			})
		})
	}
}

// TestAStallIsNoSlipOfClocks: what piled up because we did not come is brought down, and is not the clocks'.
func TestAStallIsNoSlipOfClocks(t *testing.T) {
	for name, stall := range map[string]func(*pair){
		"the bridge lost three ticks": func(p *pair) { p.lost = 3 },
		"the bridge came thrice too often": func(p *pair) {
			for range 3 {
				p.join()
			}
		},
		"the pace lost time": func(p *pair) { p.due[0] = p.due[0].Add(35 * time.Millisecond) },
		"the line lost time": func(p *pair) { p.due[1] = p.due[1].Add(35 * time.Millisecond) },
		"another line sets the pace": func(p *pair) {
			p.pace = map[*Span]*Span{p.lines[0]: p.lines[1], p.lines[1]: p.lines[0]}[p.pace]
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPair(t, 2, [2]float64{})
				p.run(30)
				stall(p)
				p.run(30)
				stall(p)
				if css, slips := p.run(60); css != [2]uint64{} || slips != [2]uint64{} {
					t.Errorf("%v slips in %v seconds", slips, css)
				}
				touched := p.lines[0].Ticks().Losses.Slips + p.lines[1].Ticks().Losses.Slips
				t.Logf("%d octets were brought down", touched)
			})
		})
	}
}
