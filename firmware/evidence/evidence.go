// Package evidence is what an owner hands to the carrier when the line is to blame (运营商举证包): the alarms of the
// line with their times, its errored seconds by quarter hours, the calls that failed with cause, location and ladder,
// the slips and who gives the clock, the settings and the version. As a PDF, and as text for the serial console.
//
// In: a Pack, which firmware/exchange gathers from the journal, the performance history and the trace. Out: octets for
// webadmin (PDF, text) and firmware/console (text). It is beside both paths.
//
// The counts are those of firmware/performance (RFC 4805), causes and locations those of ITU-T Q.850. The PDF is ISO
// 32000-1 with standard fonts only: Helvetica, and STSong-Light with the predefined CMap UniGB-UTF16-H (clauses 9.6.2.2
// and 9.7.5.2), so no font is carried along; a reader without a Chinese font shows a Chinese report with gaps. Left out:
// signatures, pictures other than the bars of the quarter hours.
//
// Everything is pure: the same Pack gives the same octets. A Pack that was masked cannot be unmasked.
package evidence

import (
	"time"

	"trunkbox/firmware/journal"
	"trunkbox/firmware/performance"
	"trunkbox/firmware/q850"
	"trunkbox/firmware/trace"
)

// Pack is everything that is said about one line and one period.
type Pack struct {
	Box     string    `json:"box"`     // the name of the box
	Version string    `json:"version"` // of its firmware
	Line    string    `json:"line"`
	Made    time.Time `json:"made"`
	From    time.Time `json:"from"`
	To      time.Time `json:"to"`
	Masked  bool      `json:"masked"` // the numbers in it are no longer whole

	State    State              `json:"state"`
	Settings []Setting          `json:"settings"` // of the line, in the order of its settings
	Clock    Clock              `json:"clock"`
	Events   []Event            `json:"events"` // oldest first
	Sum      performance.Counts `json:"sum"`    // of the period
	// Quarters are the quarter hours of the period that the box still has, oldest first; Days its days, in the box's
	// time zone.
	Quarters []performance.Bin `json:"quarters"`
	Days     []performance.Bin `json:"days"`

	Calls    int       `json:"calls"`  // that ended on the line in the period
	Failed   int       `json:"failed"` // of them
	Causes   []Cause   `json:"causes"` // of the failed ones, the most frequent first
	Failures []Failure `json:"failures"`
}

// State is the line at the moment the pack was made.
type State struct {
	Alarms    []string  `json:"alarms"` // those that have stayed
	Since     time.Time `json:"since"`  // zero: since the line was opened
	Link      string    `json:"link"`   // up, establishing, down
	LinkSince time.Time `json:"link_since"`
}

// Setting is one setting of the line as its document has it.
type Setting struct {
	Name  string `json:"name"` // in the document of the settings
	Value string `json:"value"`
	ZH    Said   `json:"zh"`
	EN    Said   `json:"en"`
}

// Said is a setting in a person's language.
type Said struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Clock says who is the master of the line's clock.
type Clock struct {
	FromLine bool `json:"from_line"` // the far end is the master; else the box is
	Network  bool `json:"network"`   // the box is the network side
	Slips    int  `json:"slips"`     // controlled slips in the period, without those between lines: they are of two clocks beside this line's ends
	Measured int  `json:"measured"`  // seconds of the period that were looked at

	Others []OtherClock `json:"others,omitempty"` // of the box's other lines, as measured now
}

// OtherClock is by how many ppm the line's clock is faster than another line's.
type OtherClock struct {
	Line string  `json:"line"`
	PPM  float64 `json:"ppm"`
}

// SlipsPerHour is the rate of controlled slips; 0 when nothing was measured.
func (c Clock) SlipsPerHour() float64 {
	if c.Measured == 0 {
		return 0
	}
	return float64(c.Slips) * 3600 / float64(c.Measured)
}

// Event is something that happened to the line.
type Event struct {
	At     time.Time `json:"at"`
	Alarms []string  `json:"alarms,omitempty"` // of an alarm event: the set from then on
	Kind   string    `json:"kind"`             // a journal.Kind
	ZH     string    `json:"zh"`
	EN     string    `json:"en"`
}

// Cause is how many failed calls were cleared with a cause by whom.
type Cause struct {
	Cause    q850.Cause    `json:"cause"`
	Location q850.Location `json:"location"`
	By       string        `json:"by"` // far (the line said so) or box
	Calls    int           `json:"calls"`
}

// Failure is one call that failed.
type Failure struct {
	ID        string        `json:"id"`
	At        time.Time     `json:"at"`
	Direction string        `json:"direction"` // in, out
	Channel   string        `json:"channel"`   // the timeslot's number
	Caller    string        `json:"caller"`
	Called    string        `json:"called"`
	Cause     q850.Cause    `json:"cause"`
	Location  q850.Location `json:"location"`
	By        string        `json:"by"`     // as in Cause
	ZH        string        `json:"zh"`     // why it ended, in a sentence
	EN        string        `json:"en"`     //
	Ladder    []trace.Row   `json:"ladder"` // its messages; none when the trace no longer has them, or for older failures
}

// Wanted says what a pack is to be gathered of.
type Wanted struct {
	Line     string
	From, To time.Time
	Ladders  bool // of the newest failed calls; they take the longest to find
	Mask     bool // telephone numbers are not whole
}

// Bounds of a pack, so that it fits a mail and a serial line.
const (
	maxEvents   = 400
	maxFailures = 60
	// Ladders is how many failed calls, the newest, have their ladder in the pack.
	Ladders = 12
	// LadderRows is how long a ladder may be.
	LadderRows = 40
)

// Source is what a pack is gathered from.
type Source struct {
	Pack                           // Box to Clock, without what follows
	Calls       []journal.CDR      // those of the line that ended, newest first
	Journal     []journal.Event    // of the period, oldest first
	Performance performance.Report // of the line
	Ladder      func(journal.CDR) []trace.Row
}

// Gather makes the pack.
func Gather(s Source) Pack {
	p := s.Pack
	p.Events = eventsOf(p.Line, s.Journal)
	p.Quarters, p.Days = within(s.Performance.Bins, p.From, p.To), within(s.Performance.Days, p.From, p.To)
	p.count()
	for _, c := range s.Calls {
		p.add(c, s.Ladder)
	}
	for _, e := range s.Journal {
		p.addRefused(e)
	}
	p.sortCauses()
	return p
}

// Concerns says whether an event belongs to a report about a line: what happened to the line itself, and to the box.
func Concerns(line string, e journal.Event) bool {
	return e.Call == "" && e.Fields["line"] == line || e.Kind == journal.BoxStarted || e.Kind == journal.BoxStopped
}

// eventsOf are the events of a line, at most maxEvents, the newest.
func eventsOf(line string, all []journal.Event) []Event {
	events := []Event{}
	for _, e := range all {
		if !Concerns(line, e) {
			continue
		}
		events = append(events, Event{
			At: e.At, Kind: string(e.Kind), Alarms: alarmsIn(e), ZH: journal.Sentence("zh", e), EN: journal.Sentence("en", e),
		})
	}
	return events[max(0, len(events)-maxEvents):]
}

// within are the bins that overlap a period and were measured.
func within(bins []performance.Bin, from, to time.Time) []performance.Bin {
	some := []performance.Bin{}
	for _, b := range bins {
		end := b.Start.Add(time.Duration(b.Length) * time.Second)
		if end.After(from) && b.Start.Before(to) && b.Measured > 0 {
			some = append(some, b)
		}
	}
	return some
}

// count adds the period up: its quarter hours when they reach back to its beginning, else its days.
func (p *Pack) count() {
	bins := p.Quarters
	if p.To.Sub(p.From) > 25*time.Hour {
		bins = p.Days
	}
	for _, b := range bins {
		p.Sum.Sum(b.Counts)
	}
	p.Clock.Slips, p.Clock.Measured = int(p.Sum.Slips-p.Sum.Joins), p.Sum.Measured
}

// Worst are the n quarter hours with the most unavailable, then severely errored, then errored seconds, worst first.
func (p Pack) Worst(n int) []performance.Bin { return worst(p.Quarters, n) }
