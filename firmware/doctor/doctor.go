// Package doctor is the line doctor: it looks at one E1 or T1 and says in plain sentences what is wrong with it, by what
// it knows that, and what to do. Nobody else has to know what LFA, SABME or location 2 mean.
//
// In: alarms and counters of a span.Line, octets of its timeslots, the frames of its D channel. Out: an Evidence, and
// from it the Findings, which firmware/exchange keeps and webadmin and firmware/console show. It is beside both paths.
//
// The signs are those of G.704, G.706, G.775 (alarms), Q.921 and Q.931 (who says what in which direction) and the field's
// practice. Left out: pulse shape, level and impedance, which no framer tells; CAS.
//
// Examine and everything it stands on is pure and safe from anywhere. An Examination belongs to one goroutine; on a line
// in service it only listens. What a line never shows, such as why there is no signal, is said to be possible or likely,
// not certain.
package doctor

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"trunkbox/drivers/span"
)

// Setup is how a line is set, in the words of the settings.
type Setup struct {
	Kind     span.Kind
	Framing  string // "crc4", "no-crc4", "esf", "d4"
	LineCode string // "hdb3", "ami", "b8zs"
	Clock    string // "line", "internal"
	Side     string // "user", "network"
	Variant  string // "euroisdn-e1" …
	Law      string // "alaw", "mulaw"

	NoD       bool // this line's timeslot of the D channel carries none: another line of its group does
	DInverted bool // the D channel is taken inverted
	DRate     int  // kbit/s of the D channel, 64 or 56; 0: 64
}

// Evidence is all that was seen of one line.
type Evidence struct {
	Configured Setup
	InService  bool // the line was only listened to
	Left       bool // with the settings tried last, as there is a call
	Before     Before
	Seen       Observation
	Trials     []Trial         // with other settings, in the order in which they were tried
	Calls      Calls           // of the trace, those before the examination included
	Busy       []span.Timeslot // B channels that carry an answered call by the signalling
	Clocks     Clocks          // of the lines of the box, before anything was tried
}

// Before is what is known of the line from before the examination.
type Before struct {
	Signal bool          // there was a signal at some time
	Slips  uint64        // controlled slips
	Of     time.Duration // in how much time they were counted; 0: not known
}

// Trial is what was seen with other settings.
type Trial struct {
	Setup Setup
	Observation
}

// Observation is what was seen of a line in some seconds.
type Observation struct {
	Seconds float64
	Alarms  AlarmShares
	Grown   span.Counters // in these seconds
	Signal  span.Signal   // at the end
	Sound   Sound
	Talk    Talk
	LinkUp  bool // the data link was up at the end
}

// AlarmShares are the parts of the looks, 0 to 1, at which each alarm was there.
type AlarmShares struct{ LOS, LFA, LMFA, AIS, RAI, Loopback, NotOpen float64 }

// Certainty is how sure a finding is.
type Certainty string

// The certainties, surest first.
const (
	Certain  Certainty = "certain"
	Likely   Certainty = "likely"
	Possible Certainty = "possible"
)

var rank = map[Certainty]int{Certain: 0, Likely: 1, Possible: 2}

// Layer is where in the line a fault is. What is wrong below hides what is wrong above.
type Layer int

// The layers, from below.
const (
	Physical  Layer = 1
	DataLink  Layer = 2
	Messages  Layer = 3
	Speech    Layer = 4
	NothingIs Layer = 9 // wrong
)

// Finding is one thing that is wrong with a line, or that nothing is.
type Finding struct {
	ID         string            `json:"id"`
	Layer      Layer             `json:"layer"`
	Certainty  Certainty         `json:"certainty"`
	ZH         string            `json:"zh"` // one sentence
	EN         string            `json:"en"`
	RemedyZH   string            `json:"remedy_zh"`
	RemedyEN   string            `json:"remedy_en"`
	Facts      []Fact            `json:"facts"`
	Suggestion map[string]string `json:"suggestion,omitempty"` // settings of the line to change: "framing": "no-crc4"
}

// Fact is one thing seen that speaks for a finding.
type Fact struct {
	ID    string `json:"id"`
	Value string `json:"value"` // a number or a word of the settings
	ZH    string `json:"zh"`    // in a sentence
	EN    string `json:"en"`

	saidZH, saidEN string // the value in a sentence, where it is not Value
}

// Ids of the findings that say that nothing was found.
const (
	Healthy     = "healthy"
	Unexplained = "unexplained"
)

// Examine says what the evidence means, the most certain finding of the lowest layer first. There is always one at
// least.
func Examine(e Evidence) []Finding {
	seen := read(&e)
	var found []Finding
	for i := range rules {
		if f, is := rules[i].apply(seen); is {
			found = append(found, f)
		}
	}
	if len(found) == 0 {
		found = append(found, nothing(&e, seen))
	}
	slices.SortStableFunc(found, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Layer, b.Layer), cmp.Compare(rank[a.Certainty], rank[b.Certainty]))
	})
	return found
}

// nothing is the finding when no rule fits.
func nothing(e *Evidence, seen signs) Finding {
	r := &unexplained
	if e.Seen.LinkUp {
		r = &healthy
	}
	f, _ := r.apply(seen)
	return f
}

// Suggested is what all findings together would change.
func Suggested(found []Finding) map[string]string {
	all := map[string]string{}
	for _, f := range found {
		for setting, value := range f.Suggestion {
			if _, taken := all[setting]; !taken {
				all[setting] = value
			}
		}
	}
	return all
}

// Verdict is what the findings come to, in one sentence.
func Verdict(found []Finding) (zh, en string) {
	if len(found) == 0 {
		return "", ""
	}
	zh, en = found[0].ZH, found[0].EN
	if len(found) > 1 {
		zh = fmt.Sprintf("发现 %d 个问题。首先：%s", len(found), zh)
		en = fmt.Sprintf("%d things are wrong. First: %s", len(found), en)
	}
	return zh, en
}

// rule is one row of the table of findings.
type rule struct {
	id        string
	layer     Layer
	all       []sign    // all of them are seen
	any       []sign    // one of them at least; empty: does not matter
	none      []sign    // none of them
	certainty Certainty // without any of sure
	sure      []sign    // one of them makes the finding certain

	zh, en             string // {fact} stands for the value of the fact
	remedyZH, remedyEN string
	suggest            map[string]string // setting to the fact whose value it takes
}

func (r *rule) apply(seen signs) (Finding, bool) {
	f := Finding{ID: r.id, Layer: r.layer, Certainty: r.certainty}
	for _, s := range r.none {
		if seen.is(s) {
			return f, false
		}
	}
	take := func(wanted []sign) (n int) {
		for _, s := range wanted {
			if facts, is := seen[s]; is {
				n++
				f.add(facts)
			}
		}
		return n
	}
	if take(r.all) < len(r.all) || take(r.any) == 0 && len(r.any) > 0 {
		return f, false
	}
	if take(r.sure) > 0 {
		f.Certainty = Certain
	}
	f.ZH, f.EN = fill(r.zh, f.Facts, true), fill(r.en, f.Facts, false)
	f.RemedyZH, f.RemedyEN = fill(r.remedyZH, f.Facts, true), fill(r.remedyEN, f.Facts, false)
	for setting, fact := range r.suggest {
		if i := f.fact(fact); i >= 0 {
			if f.Suggestion == nil {
				f.Suggestion = map[string]string{}
			}
			f.Suggestion[setting] = f.Facts[i].Value
		}
	}
	f.Facts = slices.DeleteFunc(f.Facts, Fact.hidden)
	return f, true
}

// add takes facts that are not there yet.
func (f *Finding) add(facts []Fact) {
	for _, one := range facts {
		if f.fact(one.ID) < 0 {
			f.Facts = append(f.Facts, one)
		}
	}
}

func (f *Finding) fact(id string) int {
	return slices.IndexFunc(f.Facts, func(one Fact) bool { return one.ID == id })
}

// fill puts the values of the facts into a sentence.
func fill(sentence string, facts []Fact, zh bool) string {
	var pairs []string
	for _, f := range facts {
		said := f.saidEN
		if zh {
			said = f.saidZH
		}
		pairs = append(pairs, "{"+f.ID+"}", cmp.Or(said, f.Value))
	}
	return strings.NewReplacer(pairs...).Replace(sentence)
}
