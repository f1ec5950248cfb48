package performance

import (
	"reflect"
	"testing"
	"time"

	"trunkbox/drivers/span"
)

var shanghai = time.FixedZone("Asia/Shanghai", 8*3600)

// feed gives a line its seconds.
type feed struct {
	*Line
	at       time.Time
	counters span.Counters
}

// newFeed begins at 10:00:00 in Shanghai.
func newFeed(kind span.Kind) *feed {
	f := &feed{Line: NewLine(kind, shanghai), at: time.Date(2026, 3, 1, 10, 0, 0, 0, shanghai)}
	f.Second(f.at, 0, f.counters)
	return f
}

// seconds lets n seconds pass, each with the same alarms and errors.
func (f *feed) seconds(n int, alarms span.Alarm, each span.Counters) {
	for range n {
		f.at = f.at.Add(time.Second)
		f.counters.Ticks += 100
		f.counters.Slips += each.Slips
		f.counters.BPV += each.BPV
		f.counters.CRC4 += each.CRC4
		f.counters.EBit += each.EBit
		f.counters.FAS += each.FAS
		f.counters.Aborts += each.Aborts
		f.counters.BadFCS += each.BadFCS
		f.Second(f.at, alarms, f.counters)
	}
}

// present is the bin of the last second.
func (f *feed) present() Counts { all := f.Bins(); return all[len(all)-1].Counts }

func TestKindsOfSeconds(t *testing.T) {
	type errors = span.Counters
	for _, c := range []struct {
		name            string
		kind            span.Kind
		framing         Framing
		crc             bool
		alarms          span.Alarm
		errors          errors
		es, ses, bes, s int
	}{
		{"nothing", span.E1, "", true, 0, errors{}, 0, 0, 0, 0},
		{"E1 with CRC, one below", span.E1, "", true, 0, errors{CRC4: 831}, 1, 0, 0, 0},
		{"E1 with CRC, at the threshold", span.E1, "", true, 0, errors{CRC4: 832}, 1, 1, 0, 0},
		{"E1 with CRC, frame words count with it", span.E1, "", true, 0, errors{CRC4: 831, FAS: 1}, 1, 1, 0, 0},
		{"E1 with CRC, code violations alone", span.E1, "", true, 0, errors{BPV: 5000}, 0, 0, 0, 0},
		{"E1 with CRC, one error", span.E1, "", true, 0, errors{CRC4: 1}, 1, 0, 0, 0},
		{"E1 with CRC, bursty from two", span.E1, "", true, 0, errors{CRC4: 2}, 1, 0, 1, 0},
		{"E1 with CRC, bursty to 319", span.E1, "", true, 0, errors{CRC4: 319}, 1, 0, 1, 0},
		{"E1 with CRC, not bursty at 320", span.E1, "", true, 0, errors{CRC4: 320}, 1, 0, 0, 0},
		{"E1 with CRC, far end's errors are the far end's", span.E1, "", true, 0, errors{EBit: 1000}, 0, 0, 0, 0},
		{"E1 without CRC, one below", span.E1, "", false, 0, errors{BPV: 2047}, 1, 0, 0, 0},
		{"E1 without CRC, at the threshold", span.E1, "", false, 0, errors{BPV: 2048}, 1, 1, 0, 0},
		{"E1 without CRC, frame words", span.E1, "", false, 0, errors{FAS: 2}, 1, 0, 1, 0},
		{"E1 that shows its CRC by the errors themselves", span.E1, "", false, 0, errors{CRC4: 832}, 1, 1, 0, 0},
		{"D4, one below", span.T1, D4, false, 0, errors{BPV: 1543}, 1, 0, 0, 0},
		{"D4, at the threshold", span.T1, D4, false, 0, errors{BPV: 1544}, 1, 1, 0, 0},
		{"D4, a framing error is severe", span.T1, D4, false, 0, errors{FAS: 1}, 1, 1, 0, 0},
		{"D4 has no CRC", span.T1, D4, false, 0, errors{CRC4: 400}, 0, 0, 0, 0},
		{"set to CRC-4", span.E1, CRC4, false, 0, errors{BPV: 2048}, 0, 0, 0, 0},
		{"set to none, whatever was seen", span.E1, NoCRC4, true, 0, errors{BPV: 2048, CRC4: 1}, 1, 1, 0, 0},
		{"T1, one below", span.T1, "", false, 0, errors{CRC4: 319}, 1, 0, 1, 0},
		{"T1, at the threshold", span.T1, "", false, 0, errors{CRC4: 320}, 1, 1, 0, 0},
		{"a slip", span.E1, "", true, 0, errors{Slips: 1}, 1, 0, 0, 1},
		{"D channel errors are not the line's", span.E1, "", true, 0, errors{Aborts: 3, BadFCS: 3}, 0, 0, 0, 0},
		{"LOS", span.E1, "", true, span.LOS, errors{}, 1, 1, 0, 0},
		{"LFA", span.E1, "", false, span.LFA, errors{}, 1, 1, 0, 0},
		{"AIS", span.E1, "", false, span.AIS, errors{}, 1, 1, 0, 0},
		{"AIS on a T1", span.T1, "", false, span.AIS, errors{}, 1, 1, 0, 0},
		{"loss of multiframe", span.E1, "", false, span.LMFA, errors{}, 1, 1, 0, 0},
		{"RAI is the far end's trouble", span.E1, "", true, span.RAI, errors{}, 0, 0, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFeed(c.kind)
			f.SetFraming(c.framing)
			f.kept.CRC = c.crc
			f.seconds(1, c.alarms, c.errors)
			got := f.present()
			want := Counts{
				Measured: 1, ES: c.es, SES: c.ses, BES: c.bes, CSS: c.s,
				LCV: c.errors.BPV, CRC: c.errors.CRC4, EBit: c.errors.EBit, FAS: c.errors.FAS, Slips: c.errors.Slips,
				Aborts: c.errors.Aborts, BadFCS: c.errors.BadFCS,
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("counted %+v\nexpected %+v", got, want)
			}
		})
	}
}

// piece is some seconds in a row: alarms, or one CRC error each, or none.
type piece struct {
	n      int
	alarms span.Alarm
	crc    uint64
}

func TestUnavailability(t *testing.T) {
	bad, good := func(n int) piece { return piece{n, span.LOS, 0} }, func(n int) piece { return piece{n, 0, 0} }
	for _, c := range []struct {
		name         string
		pieces       []piece
		es, ses, uas int
		available    bool
	}{
		{"nine severe seconds", []piece{bad(9)}, 9, 9, 0, true},
		{"ten severe seconds, and back to the first", []piece{good(5), bad(10)}, 0, 0, 10, false},
		{"nine, a good one, nine", []piece{bad(9), good(1), bad(9)}, 18, 18, 0, true},
		{"errored seconds before it stay", []piece{{3, 0, 1}, bad(12)}, 3, 0, 12, false},
		{"nine good ones are not enough", []piece{bad(12), good(9)}, 0, 0, 21, false},
		{"ten good ones, and back to the first", []piece{bad(12), good(10)}, 0, 0, 12, true},
		{"ten errored, not severe, end it too", []piece{bad(12), {10, 0, 1}}, 10, 0, 12, true},
		{"a severe one among the good begins the ten anew", []piece{bad(12), good(9), bad(1), good(9)}, 0, 0, 31, false},
		{"then it is severe again", []piece{bad(12), good(10), bad(3)}, 3, 3, 12, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, n := newFeed(span.E1), 0
			f.kept.CRC = true
			for _, p := range c.pieces {
				f.seconds(p.n, p.alarms, span.Counters{CRC4: p.crc})
				n += p.n
			}
			got := f.present()
			if got.ES != c.es || got.SES != c.ses || got.UAS != c.uas || got.Measured != n || f.Report("line1").Available != c.available {
				t.Errorf("ES %d SES %d UAS %d of %d, available %t; expected %d %d %d of %d, %t",
					got.ES, got.SES, got.UAS, got.Measured, f.Report("line1").Available, c.es, c.ses, c.uas, n, c.available)
			}
			for _, day := range f.Days()[:days-1] {
				if day.Measured != 0 || day.Valid {
					t.Errorf("%v has %+v", day.Start, day)
				}
			}
			if today := f.Days()[days-1].Counts; !reflect.DeepEqual(today, got) {
				t.Errorf("today has %+v, the quarter hour %+v", today, got)
			}
		})
	}
}

// TestUnavailabilityAcrossBins: the ten seconds are taken back where they were counted.
func TestUnavailabilityAcrossBins(t *testing.T) {
	f := newFeed(span.E1)
	f.at = time.Date(2026, 3, 1, 23, 59, 50, 0, shanghai)
	f.Second(f.at, 0, f.counters) // a gap, the row begins anew
	f.seconds(4, 0, span.Counters{})
	f.seconds(9, span.LOS, span.Counters{}) // 6 before midnight, 3 after it
	two := func() (Counts, Counts, Counts, Counts) {
		bins, days := f.Bins(), f.Days()
		return bins[len(bins)-2].Counts, bins[len(bins)-1].Counts, days[len(days)-2].Counts, days[len(days)-1].Counts
	}
	before, after, yesterday, today := two()
	for _, c := range []struct{ got, ses int }{{before.SES, 6}, {after.SES, 3}, {yesterday.SES, 6}, {today.SES, 3}} {
		if c.got != c.ses {
			t.Errorf("%d severe seconds, expected %d", c.got, c.ses)
		}
	}
	f.seconds(1, span.LOS, span.Counters{})
	before, after, yesterday, today = two()
	for _, c := range []struct {
		got Counts
		uas int
	}{{before, 6}, {after, 4}, {yesterday, 6}, {today, 4}} {
		if c.got.UAS != c.uas || c.got.SES != 0 || c.got.ES != 0 {
			t.Errorf("%+v, expected %d unavailable seconds and no others", c.got, c.uas)
		}
	}
}

func TestBinsAndDays(t *testing.T) {
	f := newFeed(span.E1)
	f.seconds(900, 0, span.Counters{})
	f.seconds(100, 0, span.Counters{Slips: 1})
	bins := f.Bins()
	if len(bins) != 97 || len(f.Days()) != 31 {
		t.Fatalf("%d quarter hours and %d days", len(bins), len(f.Days()))
	}
	first, present := bins[95], bins[96]
	if first.Measured != 900 || !first.Valid || first.CSS != 0 || !first.Start.Equal(time.Date(2026, 3, 1, 10, 0, 0, 0, shanghai)) {
		t.Errorf("the first quarter hour: %+v", first)
	}
	if present.Measured != 100 || !present.Valid || present.CSS != 100 || present.Slips != 100 {
		t.Errorf("the present quarter hour: %+v", present)
	}
	r := f.Report("line1")
	if r.ValidIntervals != 1 || r.Last24.Measured != 1000 || r.Last24.CSS != 100 || r.Line != "line1" || !r.At.Equal(f.at) {
		t.Errorf("the report: %+v", r)
	}
	// 25 hours later nothing of it is in the bins, and all of it in the day before.
	f.at = f.at.Add(25 * time.Hour)
	f.Second(f.at, 0, f.counters)
	if r := f.Report("line1"); r.Last24.Measured != 0 || r.ValidIntervals != 0 || r.Days[29].Measured != 1000 || r.Days[29].Valid {
		t.Errorf("a day later: %+v", r)
	}
}

// TestDayOfTheZone: a day begins at the midnight of the box, and is as long as its zone has it.
func TestDayOfTheZone(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	f := newFeed(span.E1)
	f.SetZone(berlin)
	f.at = time.Date(2026, 3, 29, 23, 59, 58, 0, berlin) // the day of 23 hours
	f.Second(f.at, 0, f.counters)
	f.seconds(5, 0, span.Counters{})
	yesterday, today := f.Days()[29], f.Days()[30]
	if yesterday.Measured != 2 || yesterday.Length != 23*3600 || today.Measured != 3 || today.Length != 24*3600 {
		t.Errorf("yesterday %+v\ntoday %+v", yesterday, today)
	}
	if !today.Start.Equal(time.Date(2026, 3, 29, 22, 0, 0, 0, time.UTC)) {
		t.Errorf("today begins at %v", today.Start)
	}
}

func TestGaps(t *testing.T) {
	f := newFeed(span.E1)
	f.seconds(9, span.LOS, span.Counters{})
	f.at = f.at.Add(30 * time.Second)
	f.counters.Slips += 2
	f.Second(f.at, span.LOS, f.counters)
	f.seconds(9, span.LOS, span.Counters{})
	if got := f.present(); got.Measured != 18 || got.SES != 18 || got.UAS != 0 || got.Slips != 2 || got.CSS != 0 {
		t.Errorf("over a gap: %+v", got)
	}
	if b := f.Bins()[96]; b.Valid {
		t.Errorf("18 seconds of 48 are not valid: %+v", b)
	}
	// A call too soon does nothing; what it saw is counted with the second.
	f.counters.Slips++
	f.Second(f.at.Add(200*time.Millisecond), 0, f.counters)
	if got := f.present(); got.Measured != 18 {
		t.Errorf("after 200 ms: %+v", got)
	}
	f.seconds(1, 0, span.Counters{})
	if got := f.present(); got.Measured != 19 || got.CSS != 1 {
		t.Errorf("after the second: %+v", got)
	}
	// The line was opened anew: its counters begin at zero.
	f.counters = span.Counters{Slips: 1}
	f.seconds(1, 0, span.Counters{})
	if got := f.present(); got.Slips != 4 || got.CSS != 2 {
		t.Errorf("after the line was opened anew: %+v", got)
	}
}

// TestClockSteps: without a monotonic clock a step is a gap, and nothing is lost when the clock comes back.
func TestClockSteps(t *testing.T) {
	f := newFeed(span.E1)
	f.seconds(10, 0, span.Counters{})
	right := f.at
	for _, step := range []time.Duration{-2 * time.Minute, 3 * time.Hour, -50 * 365 * 24 * time.Hour, 20 * 365 * 24 * time.Hour} {
		f.at = right.Add(step)
		f.Second(f.at, 0, f.counters)
		f.seconds(5, 0, span.Counters{})
		for _, b := range append(f.Bins(), f.Days()...) {
			if b.Measured < 0 || b.Measured > b.Length {
				t.Errorf("after a step of %v: %+v", step, b)
			}
		}
	}
	f.at = right
	f.Second(f.at, 0, f.counters)
	f.seconds(1, 0, span.Counters{})
	if got := f.present(); got.Measured != 11 {
		t.Errorf("after the clock came back: %+v", got)
	}
	for i := range 3 * maxQuarters { // a clock that is quite mad
		f.at = f.at.Add(-time.Duration(i) * time.Hour)
		f.Second(f.at, 0, f.counters)
		f.seconds(1, span.LOS, span.Counters{})
	}
	if len(f.kept.Quarters) > maxQuarters || len(f.kept.Days) > maxDays {
		t.Errorf("%d quarter hours and %d days are kept", len(f.kept.Quarters), len(f.kept.Days))
	}
}

func TestLinkErrors(t *testing.T) {
	f := newFeed(span.E1)
	f.Link(map[string]uint64{"G": 7}) // before anything was counted: from when, nobody knows
	f.seconds(1, 0, span.Counters{})
	f.Link(map[string]uint64{"G": 9, "I": 1})
	f.seconds(1, 0, span.Counters{})
	f.Link(map[string]uint64{"G": 1}) // a new link
	f.seconds(1, 0, span.Counters{})
	f.Link(map[string]uint64{"G": 1})
	f.seconds(1, 0, span.Counters{})
	want := map[string]uint64{"G": 3, "I": 1}
	if r := f.Report("line1"); !reflect.DeepEqual(r.Last24.LAPD, want) || !reflect.DeepEqual(f.present().LAPD, want) || r.Last24.ES != 0 {
		t.Errorf("counted %v, %v; expected %v", r.Last24.LAPD, f.present().LAPD, want)
	}
}

func BenchmarkSecond(b *testing.B) {
	b.ReportAllocs()
	f := newFeed(span.E1)
	for b.Loop() {
		f.seconds(1, 0, span.Counters{CRC4: 1})
	}
}

// TestSlipsBetweenLines: a second in which the box slipped frames between two lines is a controlled slip second, and one
// only when the framer slipped in it too.
func TestSlipsBetweenLines(t *testing.T) {
	f := newFeed(span.E1)
	for _, second := range []struct{ total, framer uint64 }{{0, 0}, {3, 0}, {3, 0}, {4, 2}, {4, 1}, {4, 0}} {
		f.Slipped(second.total)
		f.seconds(1, 0, span.Counters{Slips: second.framer})
	}
	if got, want := f.present(), (Counts{Measured: 6, ES: 3, CSS: 3, Slips: 7, Joins: 4}); !reflect.DeepEqual(got, want) {
		t.Errorf("counted %+v\nexpected %+v", got, want)
	}
	f.Slipped(2) // the line was made anew
	f.seconds(1, 0, span.Counters{})
	if got := f.Report("line1").Last24; got.CSS != 4 || got.Joins != 6 || got.Slips != 9 {
		t.Errorf("after the line was made anew: %+v", got)
	}
}
