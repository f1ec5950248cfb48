package exchange

import (
	"log/slog"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"trunkbox/drivers/span"
	"trunkbox/dsp"
	"trunkbox/firmware/pri"
	"trunkbox/firmware/timeslot"
)

// oscillator is a line on which nothing is heard and whose framer never slips, with a clock of its own.
type oscillator struct {
	span.Line
	name  string
	ticks uint64
}

func (o *oscillator) Name() string                { return o.name }
func (o *oscillator) Kind() span.Kind             { return span.E1 }
func (o *oscillator) Block() int                  { return 80 }
func (o *oscillator) Tick(_, _ *span.Block) error { o.ticks++; return nil }
func (o *oscillator) Status() span.Status {
	return span.Status{Counters: span.Counters{Ticks: o.ticks}}
}

// TestSlipsBetweenLinesAreTheirQuality: a call between two lines whose clocks differ by 100 ppm costs the line that does
// not set the pace controlled slip seconds, though no framer slipped; they are no finding about either line's own clock.
func TestSlipsBetweenLinesAreTheirQuality(t *testing.T) {
	for name, c := range map[string]struct {
		periods   [2]time.Duration
		least, at uint64 // slips of the second line
	}{
		"two clocks": {[2]time.Duration{10_000_500, 9_999_500}, 420, 480},
		"one clock":  {[2]time.Duration{10_000_500, 10_000_500}, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				x := &Exchange{Options: Options{Log: slog.New(slog.DiscardHandler)}}
				x.quality.inZone(time.UTC)
				var lines [2]looked
				var calls [2]*timeslot.Channel
				for i, name := range []string{"line1", "line2"} {
					o := &oscillator{name: name}
					slots := timeslot.New(o, dsp.ALaw, nil, x.Log)
					access, err := pri.New(pri.Options{Line: o, Settings: lineOf(name), Logger: x.Log})
					if err != nil {
						t.Fatal(err)
					}
					lines[i] = looked{name: name, line: &line{}, span: o, access: access, slots: slots}
					calls[i] = slots.Open(1)
				}
				join(t, x, lines, calls, c.periods)
				clocksAre(t, x, lines, c.periods)
				for i, want := range [2][2]uint64{{}, {c.least, c.at}} {
					r, _ := x.Performance(lines[i].name)
					got := r.Last24
					if got.Slips < want[0] || got.Slips > want[1] || got.Joins != got.Slips || uint64(got.CSS) != got.Slips || got.ES != got.CSS {
						t.Errorf("%s: %+v, expected %d to %d slips", lines[i].name, got, want[0], want[1])
					}
					if slippedLately(r) {
						t.Errorf("%s: slips between lines are taken for those of its own ends", lines[i].name)
					}
				}
			})
		})
	}
}

// clocksAre holds that the doctor and the page are told how far the clocks of the lines are apart.
func clocksAre(t *testing.T, x *Exchange, lines [2]looked, periods [2]time.Duration) {
	t.Helper()
	x.lines = map[string]*line{}
	for _, l := range lines {
		x.settings.Lines = append(x.settings.Lines, lineOf(l.name))
		x.lines[l.name] = &line{settings: lineOf(l.name), span: l.span, slots: l.slots}
	}
	x.pace.Store(x.lines["line1"])
	want := float64(periods[0]-periods[1]) / 10 // ppm of 10 ms
	near := func(ppm float64) bool { return math.Abs(ppm-want) < 1 }
	if c := x.lineClocks("line2"); !c.Known || len(c.Others) != 1 || c.Others[0].Line != "line1" || !near(c.PPM-c.Others[0].PPM) {
		t.Errorf("the doctor is told %+v, they differ by %.0f ppm", c, want)
	}
	if now := x.clockNow(x.lines["line2"]); !now.Known || now.Pace || !near(now.PPM) {
		t.Errorf("the page shows %+v, they differ by %.0f ppm", now, want)
	}
	if now := x.clockNow(x.lines["line1"]); !now.Known || !now.Pace || now.PPM != 0 {
		t.Errorf("the page shows %+v of the line that sets the pace", now)
	}
	x.lines["line1"].settings.Driver = "dahdi"
	x.settings.Lines[0].Driver = "dahdi"
	if c := x.lineClocks("line2"); len(c.Others) > 0 {
		t.Errorf("a line of another driver is compared: %+v", c)
	}
}

// join lets a call between two lines go on for ten minutes at the pace of the first.
func join(t *testing.T, x *Exchange, lines [2]looked, calls [2]*timeslot.Channel, periods [2]time.Duration) {
	t.Helper()
	begin := time.Now()
	due := [3]time.Time{begin, begin.Add(5 * time.Millisecond), begin.Add(time.Second)}
	var block [80]byte
	for due[2].Sub(begin) < 10*time.Minute {
		next := 0
		for i := range due {
			if due[i].Before(due[next]) {
				next = i
			}
		}
		time.Sleep(time.Until(due[next]))
		if next == 2 {
			due[2] = due[2].Add(measureEvery)
			for _, l := range lines {
				x.measureLine(l, lines[0].slots)
			}
			continue
		}
		due[next] = due[next].Add(periods[next])
		if err := lines[next].slots.Tick(); err != nil {
			t.Fatal(err)
		}
		if next == 0 {
			for i, c := range calls {
				c.Hear(block[:])
				calls[1-i].Speak(block[:])
			}
		}
	}
}
