// Package performance is the performance history of a line: errored, severely errored and unavailable seconds
// and what was counted beside them, by quarter hours for a day and by days for a month.
//
// In: the alarms and counters of a span.Line, read once a second, the data link's errors by letter, and the frames that
// the box slipped between the line's clock and another's. Out: a Report for the page, the console and whoever argues with
// the carrier; one small file a line that outlives a restart. It is beside both paths.
//
// RFC 4805 clause 3.4 (the DS1-MIB's error events, defects and parameters) for E1 with and without CRC-4 and T1 in
// ESF and D4; the ten seconds into and out of unavailability are those of ITU-T G.826 Annex A (G.821 Annex A has the
// same). The alarms of a line as people are shown them, after they have stayed (Declared), follow ANSI T1.231. Left
// out: seconds of the far end's counts, degraded minutes, severely errored framing seconds, line errored seconds.
//
// A Line has no clock, no lock and no goroutine: Second is told the time, and the owner sees to it that one
// goroutine at a time uses it. Save waits for the disk.
package performance

import (
	"math"
	"time"

	"trunkbox/drivers/span"
)

// Counts is what a quarter hour or a day has counted.
//
// Departure: the numbers of events go on while the line is unavailable, where RFC 4805 3.4.3 stops every count
// but UAS. They are the driver's own, and who looks for a fault wants them most just then.
type Counts struct {
	Measured int `json:"measured"` // seconds that were looked at; the others are without data
	ES       int `json:"es"`       // errored seconds
	SES      int `json:"ses"`      // severely errored seconds, which are errored seconds too
	UAS      int `json:"uas"`      // unavailable seconds
	BES      int `json:"bes"`      // bursty errored seconds
	CSS      int `json:"css"`      // controlled slip seconds

	LCV    uint64            `json:"lcv"`             // line code violations (bipolar violations)
	CRC    uint64            `json:"crc"`             // CRC-4 errors, on a T1 CRC-6
	EBit   uint64            `json:"ebit"`            // CRC-4 errors that the far end reports
	FAS    uint64            `json:"fas"`             // errored frame alignment signals
	Slips  uint64            `json:"slips"`           // controlled slips, the driver's and those between lines
	Joins  uint64            `json:"joins,omitempty"` // of them those that the box made between this line and others
	Aborts uint64            `json:"aborts"`          // HDLC aborts on the D channel
	BadFCS uint64            `json:"bad_fcs"`         // D channel frames with a wrong check sequence
	LAPD   map[string]uint64 `json:"lapd,omitempty"`  // errors of the data link by their letter (Q.921 Table II.1)
}

// Bin is one quarter hour or one day.
type Bin struct {
	Start  time.Time `json:"start"`
	Length int       `json:"length"` // seconds: 900, or those of the day, which are not always 86,400
	Valid  bool      `json:"valid"`  // nine tenths of the seconds that have passed were measured
	Counts
}

// Report is the history of one line.
type Report struct {
	Line      string    `json:"line"`
	At        time.Time `json:"at"`        // the last second; zero when there was none yet
	Available bool      `json:"available"` // the line is not in unavailable time
	Last24    Counts    `json:"last_24h"`  // the sum of Bins
	// ValidIntervals is how many of the 96 quarter hours before the present one are valid.
	ValidIntervals int   `json:"valid_intervals"`
	Bins           []Bin `json:"bins"` // 97, the oldest first, the present one last
	Days           []Bin `json:"days"` // 31, the oldest first, today last
}

// The bins.
const (
	quarter     = 15 * time.Minute
	quarters    = 96 // before the present one
	days        = 31 // today included
	maxQuarters = 2 * quarters
	maxDays     = 2 * days
	dayForm     = "2006-01-02"
)

// turn is how many seconds in a row make the line unavailable, or available again (G.826 Annex A.1).
const turn = 10

// Line folds the seconds of one line.
type Line struct {
	kind    span.Kind
	framing Framing
	zone    *time.Location
	kept    state

	last     time.Time
	counters span.Counters
	link     map[string]uint64 // the data link's errors at the last Link
	fresh    map[string]uint64 // those that came since the last Second
	joins    uint64            // slips between lines at the last Slipped
	joined   uint64            // those that came since the last Second
	run      []second          // the last seconds in a row that are of the other kind than the line is
}

// state is what outlives a restart.
type state struct {
	Quarters    map[int64]*Counts  `json:"quarters"` // by the Unix time of the start
	Days        map[string]*Counts `json:"days"`     // by the date in the box's time zone
	Unavailable bool               `json:"unavailable"`
	CRC         bool               `json:"crc"` // an E1 has shown that it has CRC-4
}

// second is one second and where it is counted.
type second struct {
	errored, severe, bursty, slipped bool
	quarter                          int64
	day                              string
}

// NewLine returns a line without history. The days begin at the midnight of zone.
func NewLine(kind span.Kind, zone *time.Location) *Line {
	return &Line{kind: kind, zone: zone, kept: state{Quarters: map[int64]*Counts{}, Days: map[string]*Counts{}}}
}

// SetKind says that the line is of another kind from the next second on.
func (p *Line) SetKind(kind span.Kind) { p.kind = kind }

// SetFraming says which framing the line has from the next second on; "" when nobody knows.
func (p *Line) SetFraming(framing Framing) { p.framing = framing }

// SetZone lets the days from the next second on begin at the midnight of zone.
func (p *Line) SetZone(zone *time.Location) { p.zone = zone }

// Link takes the data link's errors by letter, as counted since the link was made; the next Second counts what
// is new.
func (p *Line) Link(errors map[string]uint64) {
	for letter, n := range errors {
		was, known := p.link[letter]
		if n < was {
			was = 0 // a new link
		}
		if n == was || !known && p.link == nil {
			continue
		}
		if p.fresh == nil {
			p.fresh = map[string]uint64{}
		}
		p.fresh[letter] += n - was
	}
	p.link = map[string]uint64{}
	for letter, n := range errors {
		p.link[letter] = n
	}
}

// Slipped takes the frames that the box has left out or said twice between this line's clock and another line's, as
// counted since the line was made; the next Second counts what is new. The framer's own slips are in its counters: they are
// others, of the line's clock against the board's. A second that has both is one controlled slip second.
func (p *Line) Slipped(frames uint64) {
	p.joined += grown(p.joins, frames)
	p.joins = frames
}

// Second counts the second that ends at at: the alarms seen in it, and the counters at its end.
//
// The first call sets the beginning and counts nothing. Where at has a monotonic reading that says how much
// time has passed; a clock that is set then only moves the second to another bin. Seconds for which Second was
// not called are without data: the numbers of events of the gap are counted when it ends, the gap's seconds and
// the one that ends it are not, and a row of ten does not go on over it.
func (p *Line) Second(at time.Time, alarms span.Alarm, counters span.Counters) {
	passed := at.Sub(p.last)
	switch {
	case p.last.IsZero():
		p.begin(at, counters)
		return
	case passed >= 0 && passed < time.Second/2:
		return // the second is not over; the next call counts it
	}
	events := since(p.counters, counters)
	events.Slips += p.joined
	p.begin(at, counters)
	q, d := p.bins(at.Add(-time.Second))
	for _, bin := range []*Counts{p.quarterBin(q), p.dayBin(d)} {
		bin.add(events, p.fresh)
		bin.Joins += p.joined
	}
	p.fresh, p.joined = nil, 0
	if passed < 0 || passed >= 3*time.Second/2 {
		p.run = nil
		p.forget(at)
		return
	}
	p.kept.CRC = p.kept.CRC || events.CRC4+events.EBit > 0 || alarms&span.LMFA != 0
	s := judge(thresholdOf(p.kind, p.framing, p.kept.CRC), alarms, events)
	s.quarter, s.day = q, d
	p.count(s)
	p.forget(at)
}

func (p *Line) begin(at time.Time, counters span.Counters) { p.last, p.counters = at, counters }

// since is what was counted between two readings. A line that was opened anew has begun at zero.
func since(was, is span.Counters) span.Counters {
	if is.Ticks < was.Ticks {
		was = span.Counters{}
	}
	return span.Counters{
		Slips: grown(was.Slips, is.Slips), BPV: grown(was.BPV, is.BPV), CRC4: grown(was.CRC4, is.CRC4),
		EBit: grown(was.EBit, is.EBit), FAS: grown(was.FAS, is.FAS),
		Aborts: grown(was.Aborts, is.Aborts), BadFCS: grown(was.BadFCS, is.BadFCS),
	}
}

func grown(was, is uint64) uint64 {
	if is < was {
		return is
	}
	return is - was
}

// bins says in which quarter hour and on which day an instant is.
func (p *Line) bins(at time.Time) (int64, string) {
	s := at.Unix()
	length := int64(quarter / time.Second)
	return int64(math.Floor(float64(s)/float64(length))) * length, at.In(p.zone).Format(dayForm)
}

func (p *Line) quarterBin(start int64) *Counts { return bin(p.kept.Quarters, start) }
func (p *Line) dayBin(day string) *Counts      { return bin(p.kept.Days, day) }

func bin[K comparable](all map[K]*Counts, key K) *Counts {
	if all[key] == nil {
		all[key] = &Counts{}
	}
	return all[key]
}

// add counts events.
func (c *Counts) add(e span.Counters, link map[string]uint64) {
	c.LCV += e.BPV
	c.CRC += e.CRC4
	c.EBit += e.EBit
	c.FAS += e.FAS
	c.Slips += e.Slips
	c.Aborts += e.Aborts
	c.BadFCS += e.BadFCS
	for letter, n := range link {
		if c.LAPD == nil {
			c.LAPD = map[string]uint64{}
		}
		c.LAPD[letter] += n
	}
}

// forget drops the bins farthest from now when there are too many. Those of a clock that was wrong, before or
// after now, stay until then: the clock may be wrong now, and right again soon.
func (p *Line) forget(now time.Time) {
	if len(p.kept.Quarters) > maxQuarters || len(p.kept.Days) > maxDays {
		p.run = nil // its bins may be among them
	}
	for len(p.kept.Quarters) > maxQuarters {
		delete(p.kept.Quarters, farthest(p.kept.Quarters, func(start int64) int64 { return start - now.Unix() }))
	}
	for len(p.kept.Days) > maxDays {
		delete(p.kept.Days, farthest(p.kept.Days, func(day string) int64 {
			at, _ := time.ParseInLocation(dayForm, day, p.zone) // the zero time when it is none: far enough
			return at.Unix() - now.Unix()
		}))
	}
}

// farthest is the key whose distance, of either sign, is the largest.
func farthest[K comparable](all map[K]*Counts, distance func(K) int64) K {
	var far K
	most := int64(-1)
	for key := range all {
		d := distance(key)
		if d = max(d, -d); d > most {
			far, most = key, d
		}
	}
	return far
}
