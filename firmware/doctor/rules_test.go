package doctor

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"trunkbox/drivers/span"
	"trunkbox/firmware/lapd"
	"trunkbox/firmware/q850"
)

// world is how a line really is. Its faults are what a test sets; evidence is what a doctor sees of it.
type world struct {
	set Setup // the line's settings

	los, never, notOpen, ais, loop bool
	framing, code                  string // the far end's
	rai                            bool
	losShare                       float64
	drift                          bool // the far end keeps its own clock
	slipsAnyway                    bool
	clocks                         Clocks // of the box's lines
	errors, ebit                   bool
	pattern                        bool
	d                              span.Timeslot
	turned, seven, silent, dead    bool
	farSide                        string
	dm, oneWay                     bool
	calls                          Calls
	alaw, mulaw                    int

	tried bool // the line is out of service
}

func healthyWorld() *world {
	return &world{
		set: Setup{
			Kind: span.E1, Framing: "crc4", LineCode: "hdb3", Clock: "line", Side: "user", Variant: "euroisdn-e1", Law: "alaw",
		},
		framing: "crc4", code: "hdb3", d: 16, farSide: "network", tried: true, alaw: 100,
		calls: Calls{Placed: 5, Handled: 5, Named: [32]int{1: 3, 17: 2, 31: 1}},
	}
}

// see is what there is to see with these settings.
func (w *world) see(set Setup, seconds float64) Observation {
	o := Observation{Seconds: seconds}
	switch {
	case w.notOpen:
		o.Alarms.NotOpen = 1
	case w.los:
		o.Alarms.LOS = 1
	case w.ais:
		o.Alarms.AIS = 1
	case w.framing == "none":
		o.Alarms.LFA = 1
	case set.Framing != w.framing && set.Framing != "no-crc4":
		o.Alarms.LMFA = 1
	}
	if o.Alarms.down() {
		return o
	}
	if w.rai || set.Framing != w.framing {
		o.Alarms.RAI = 1
	}
	o.Alarms.LOS = w.losShare
	switch {
	case set.LineCode == w.code:
	case set.LineCode == "ami":
		o.Grown.BPV, o.Grown.CRC4 = 90000, uint64(1000*seconds)
	default:
		o.Grown.CodeViolations = 4000
	}
	if w.drift && set.Clock == "internal" || w.slipsAnyway {
		o.Grown.Slips = uint64(seconds)
	}
	if w.errors {
		o.Grown.BPV, o.Grown.CRC4, o.Grown.FAS = o.Grown.BPV+60, 50, 3
	}
	if w.ebit {
		o.Grown.EBit = 40
	}
	w.d64(&o, set, seconds)
	o.Sound.Slots[3] = Slot{Octets: 8000, Idle: 0.1, Entropy: 6, ALaw: w.alaw, MuLaw: w.mulaw}
	return o
}

// d64 is the D channel.
func (w *world) d64(o *Observation, set Setup, seconds float64) {
	for ts := range o.Sound.Slots {
		o.Sound.Slots[ts] = Slot{Octets: 8000, Idle: 1, Octet: 0xff}
	}
	if w.pattern {
		o.Sound.Pattern = 0.999
		return
	}
	n := int(seconds)
	read := HDLC{Flags: 0.95, Frames: n}
	slot := Slot{Octets: 8000, Idle: 0.8, Bit8: 0.5, Plain: read}
	switch {
	case w.turned:
		slot.Plain, slot.Turned = HDLC{}, read
	case w.seven:
		slot.Plain, slot.Seven, slot.Bit8 = HDLC{Flags: 0.02}, read, 1
	}
	if w.silent {
		slot = Slot{Octets: 8000, Idle: 1, Octet: 0xff}
	}
	o.Sound.Slots[w.d] = slot
	t := &o.Talk
	t.Sent[lapd.SABME] = n
	if w.d != 16 || w.silent || w.dead || w.rai || w.turned != set.DInverted || w.seven != (set.DRate == 56) {
		return
	}
	far := &t.FarNetwork
	if w.farSide == "user" {
		far = &t.FarUser
	}
	switch {
	case w.loop:
		t.Received[lapd.SABME], t.Returned, t.FarUser = n, n, n
		if set.Side == "network" {
			t.FarNetwork, t.FarUser = t.FarUser, t.FarNetwork
		}
	case w.farSide == set.Side:
		t.Received[lapd.SABME], *far = n, n
	case w.oneWay:
		t.Received[lapd.SABME], t.Sent[lapd.UA], *far, o.LinkUp = n, n, n, true
	case w.dm:
		t.Received[lapd.DM], *far = n, n
	default:
		t.Received[lapd.UA], *far, o.LinkUp = 1, 1, true
	}
}

// evidence is what a doctor gathers.
func (w *world) evidence() Evidence {
	e := Evidence{
		Configured: w.set, InService: !w.tried, Before: Before{Signal: !w.never}, Seen: w.see(w.set, 8), Calls: w.calls,
		Clocks: w.clocks,
	}
	if !w.tried {
		return e
	}
	var at Setup
	try := func(set Setup) bool {
		o := w.see(set, 4)
		e.Trials = append(e.Trials, Trial{set, o})
		return !o.Alarms.down() && o.violations() < manyViolations
	}
	if a := e.Seen.Alarms; a.LFA+a.LMFA > 0 || !a.down() && e.Seen.violations() >= manyViolations || a.RAI > 0 {
		for _, other := range [][2]string{{"no-crc4", "hdb3"}, {"crc4", "hdb3"}, {"crc4", "ami"}, {"no-crc4", "ami"}} {
			set := w.set
			set.Framing, set.LineCode = other[0], other[1]
			if set != w.set && try(set) {
				break
			}
		}
	}
	up, _ := e.working()
	at = up.Setup
	if w.set.Clock == "internal" {
		set := at
		set.Clock = "line"
		try(set)
	}
	if w.turned || w.seven {
		set := at
		set.DInverted = w.turned
		if w.seven {
			set.DRate = 56
		}
		try(set)
	}
	return e
}

// faults are what can be wrong with a world, by the finding that must come of it.
var faults = []struct {
	id      string
	hurt    func(*world)
	suggest string
}{
	{"not_open", func(w *world) { w.notOpen = true }, ""},
	{"no_signal", func(w *world) { w.los = true }, ""},
	{"swapped", func(w *world) { w.los, w.never = true, true }, ""},
	{"ais", func(w *world) { w.ais = true }, ""},
	{"looped", func(w *world) { w.loop = true }, ""},
	{"wrong_framing", func(w *world) { w.framing = "none" }, ""},
	{"crc4_one_side", func(w *world) { w.framing = "no-crc4" }, "framing=no-crc4"},
	{"wrong_line_code", func(w *world) { w.code = "ami" }, "line_code=ami"},
	{"far_alarm", func(w *world) { w.rai = true }, ""},
	{"unsteady", func(w *world) { w.losShare = 0.1 }, ""},
	{"both_master", func(w *world) { w.set.Clock, w.drift = "internal", true }, "clock=line"},
	{"slips", func(w *world) { w.slipsAnyway = true }, ""},
	{"unlike_clocks", func(w *world) { w.clocks = clocksOf(40, 1, 0.5) }, ""},
	{"bit_errors", func(w *world) { w.errors = true }, ""},
	{"far_errors", func(w *world) { w.ebit = true }, ""},
	{"test_pattern", func(w *world) { w.pattern = true }, ""},
	{"d_elsewhere", func(w *world) { w.d = 17 }, ""},
	{"d_inverted", func(w *world) { w.turned = true }, ""},
	{"d_56k", func(w *world) { w.seven = true }, ""},
	{"d_silent", func(w *world) { w.silent = true }, ""},
	{"no_answer", func(w *world) { w.dead = true }, ""},
	{"both_user", func(w *world) { w.farSide = w.set.Side }, "side=network"},
	{"both_network", func(w *world) { w.set.Side, w.farSide = "network", "network" }, "side=user"},
	{"layer2_refuses", func(w *world) { w.dm = true }, ""},
	{"d_one_way", func(w *world) { w.oneWay = true }, ""},
	{"layer3_refuses", func(w *world) {
		w.calls.Handled = 0
		for range 4 {
			w.calls.Refusals = append(w.calls.Refusals, Refusal{Cause: 57, Location: q850.PublicLocal, Channel: 1})
		}
	}, ""},
	{"layer3_silent", func(w *world) { w.calls.Handled, w.calls.Ignored = 0, 5 }, ""},
	{"off_by_one", func(w *world) { w.calls.Named[16], w.calls.Named[31] = 2, 0 }, ""},
	{"from_zero", func(w *world) { w.calls.Named[0] = 1 }, ""},
	{"wrong_variant", func(w *world) { w.calls.Signs[networkExtension], w.calls.Signs[codeset4] = 3, 1 }, "variant=qsig"},
	{"wrong_law", func(w *world) { w.alaw, w.mulaw = 2, 90 }, "law=mulaw"},
}

// hidden says which fault hides which others, and why both cannot be seen. A pair that cannot be at all is hidden too.
var hidden = map[string]struct {
	why    string
	others string
}{
	"not_open":      {"nothing is received", "no_signal swapped " + aboveSignal},
	"no_signal":     {"nothing is received", "swapped " + aboveSignal},
	"swapped":       {"nothing is received", aboveSignal},
	"ais":           {"all that is received is ones", aboveAIS},
	"wrong_framing": {"no trial finds the frame in this world, so no timeslot is seen", aboveFrame},
	"looped":        {"we hear ourselves and not the far end", "unlike_clocks d_elsewhere d_silent no_answer both_user both_network layer2_refuses far_alarm test_pattern"},
	"far_alarm":     {"who cannot hear us answers nothing", "no_answer both_user both_network layer2_refuses"},
	"test_pattern":  {"the sequence stands in all timeslots", "d_elsewhere d_inverted d_56k d_silent no_answer both_user both_network layer2_refuses"},
	"d_elsewhere":   {"its frames are not read", "no_answer both_user both_network layer2_refuses d_silent"},
	"d_inverted":    {"one reading at a time; what is inverted is not silent", "d_silent d_56k no_answer"},
	"d_56k":         {"what has seven bits is not silent", "d_silent no_answer"},
	"d_silent":      {"there are no frames", "no_answer both_user both_network layer2_refuses"},
	"no_answer":     {"there are no frames", "both_user both_network layer2_refuses"},
	"both_user":     {"a line has one side", "both_network layer2_refuses"},
	"both_network":  {"a frame of the same side is no answer", "layer2_refuses"},
	"both_master":   {"a line has one clock", "slips"},

	"wrong_line_code": {"violations of the code are those of the line too", "bit_errors"},
	"d_one_way":       {"it asks instead of answering, and what it asks is heard", "no_answer both_user both_network layer2_refuses d_elsewhere d_silent looped far_alarm test_pattern"},
	"layer3_refuses":  {"a call is refused or ignored", "layer3_silent"},
}

const (
	aboveFrame  = "unsteady both_master slips unlike_clocks bit_errors far_errors far_alarm test_pattern looped wrong_law wrong_line_code crc4_one_side " + aboveD
	aboveD      = "d_elsewhere d_inverted d_56k d_silent no_answer both_user both_network layer2_refuses d_one_way"
	aboveAIS    = "wrong_framing " + aboveFrame
	aboveSignal = "ais " + aboveAIS
)

func ids(found []Finding) (list []string) {
	for _, f := range found {
		list = append(list, f.ID)
	}
	slices.Sort(list)
	return list
}

func TestEachFaultIsFound(t *testing.T) {
	for _, f := range faults {
		w := healthyWorld()
		f.hurt(w)
		found := Examine(w.evidence())
		if got := ids(found); !slices.Equal(got, []string{f.id}) {
			t.Errorf("%s: found %v", f.id, got)
			continue
		}
		one := found[0]
		suggested := ""
		for setting, value := range one.Suggestion {
			suggested += setting + "=" + value
		}
		if suggested != f.suggest {
			t.Errorf("%s: suggests %q, want %q", f.id, suggested, f.suggest)
		}
		if len(one.Facts) == 0 {
			t.Errorf("%s: without a fact", f.id)
		}
		for _, said := range []string{one.ZH, one.EN, one.RemedyZH, one.RemedyEN} {
			if said == "" || strings.ContainsAny(said, "{}") {
				t.Errorf("%s says %q", f.id, said)
			}
		}
		t.Logf("%-16s %s %s", one.ID, one.Certainty, one.EN)
	}
}

// TestPairsOfFaultsAreTwo: but for those of which one hides the other.
func TestPairsOfFaultsAreTwo(t *testing.T) {
	for i, a := range faults {
		for _, b := range faults[i+1:] {
			w := healthyWorld()
			a.hurt(w)
			b.hurt(w)
			got := ids(Examine(w.evidence()))
			want := []string{a.id, b.id}
			slices.Sort(want)
			hides := func(a, b string) bool { return slices.Contains(strings.Fields(hidden[a].others), b) }
			if hides(a.id, b.id) || hides(b.id, a.id) {
				if len(got) != 1 || !slices.Contains(want, got[0]) {
					t.Errorf("%s hides %s or is hidden by it: found %v", a.id, b.id, got)
				}
				continue
			}
			if !slices.Equal(got, want) {
				t.Errorf("found %v, want %v", got, want)
			}
		}
	}
}

func TestALineInOrderIsHealthy(t *testing.T) {
	w := healthyWorld()
	for _, tried := range []bool{true, false} {
		w.tried = tried
		if got := ids(Examine(w.evidence())); !slices.Equal(got, []string{Healthy}) {
			t.Errorf("found %v", got)
		}
	}
	for _, found := range Examine(Evidence{Seen: Observation{Seconds: 1}}) {
		if found.ID != Unexplained {
			t.Errorf("nothing seen: found %s", found.ID)
		}
	}
}

// TestWithoutTrialsAFindingIsLessSure: on a line in service nothing was tried.
func TestWithoutTrialsAFindingIsLessSure(t *testing.T) {
	for _, c := range []struct {
		id   string
		want Certainty
	}{
		{"crc4_one_side", Likely},
		{"wrong_line_code", Likely},
		{"both_master", Likely},
		{"wrong_framing", Likely},
		{"wrong_law", Certain},
		{"off_by_one", Certain},
		{"layer3_refuses", Certain},
		{"far_alarm", Certain},
	} {
		w := healthyWorld()
		w.tried = false
		for _, f := range faults {
			if f.id == c.id {
				f.hurt(w)
			}
		}
		found := Examine(w.evidence())
		if found[0].ID != c.id || found[0].Certainty != c.want {
			t.Errorf("%s: %s is %s, want %s", c.id, found[0].ID, found[0].Certainty, c.want)
		}
	}
}

// TestOtherCRC4: the far end has lost the multiframe that we do not send.
func TestOtherCRC4(t *testing.T) {
	w := healthyWorld()
	w.set.Framing = "no-crc4"
	found := Examine(w.evidence())
	if len(found) != 1 || found[0].ID != "crc4_one_side" || found[0].Certainty != Certain || found[0].Suggestion["framing"] != "crc4" {
		t.Errorf("found %+v", found)
	}
}

// TestTheOtherLineCode: patterns of HDB3 read as AMI.
func TestTheOtherLineCode(t *testing.T) {
	for _, tried := range []bool{true, false} {
		w := healthyWorld()
		w.set.LineCode, w.tried = "ami", tried
		found := Examine(w.evidence())
		if len(found) != 1 || found[0].ID != "wrong_line_code" || (found[0].Suggestion["line_code"] == "hdb3") != tried {
			t.Errorf("tried %t: found %+v", tried, found)
		}
	}
}

// TestTheFramerKnows: a framer that finds another framing makes it certain without a trial, and one that tells the clocks
// apart needs no slip.
func TestTheFramerKnows(t *testing.T) {
	w := healthyWorld()
	w.tried, w.framing = false, "no-crc4"
	e := w.evidence()
	e.Seen.Signal.Framing = span.NoCRC4
	if found := Examine(e); len(found) != 1 || found[0].Certainty != Certain || found[0].Suggestion["framing"] != "no-crc4" {
		t.Errorf("found %+v", found)
	}
	w = healthyWorld()
	w.tried, w.set.Clock = false, "internal"
	e = w.evidence()
	e.Seen.Signal = span.Signal{Clock: span.Internal, OffsetPPM: -20}
	if found := Examine(e); found[0].ID != "both_master" || !strings.Contains(found[0].EN, "576 slips") {
		t.Errorf("found %+v", found)
	}
}

func TestSignsThatAreHalfThere(t *testing.T) {
	for _, c := range []struct {
		name string
		set  func(*Evidence)
		want string
		sure Certainty
	}{
		{"slips of the day", func(e *Evidence) { e.Before.Slips, e.Before.Of = 240, 24*time.Hour }, "slips", Certain},
		{"one slip of the day", func(e *Evidence) { e.Before.Slips, e.Before.Of = 1, 24*time.Hour }, Healthy, Certain},
		{"one call refused", func(e *Evidence) { e.Calls = Calls{Placed: 1, Refusals: []Refusal{{Cause: 34}}} }, "layer3_refuses", Likely},
		{"channel 31 does not exist", func(e *Evidence) {
			e.Calls = Calls{Placed: 4, Handled: 3, Refusals: []Refusal{{Cause: 82, Channel: 31}}}
		}, "off_by_one", Likely},
		{"sound one timeslot on", func(e *Evidence) {
			e.Calls.Named = [32]int{}
			e.Busy = []span.Timeslot{20}
			e.Seen.Sound.Slots[20].Idle, e.Seen.Sound.Slots[21] = 1, Slot{Octets: 8000, Entropy: 6, Idle: 0.1}
		}, "off_by_one", Likely},
		{"calls for the other law", func(e *Evidence) { e.Calls.BearerMuLaw = 3 }, "wrong_law", Likely},
		{"one sign of a variant", func(e *Evidence) { e.Calls.Signs[serviceMessages] = 2 }, "wrong_variant", Likely},
		{"own frames at once", func(e *Evidence) {
			e.Seen.LinkUp = false
			e.Seen.Talk = Talk{Returned: 4, FarUser: 4}
			e.Seen.Talk.Sent[lapd.SABME], e.Seen.Talk.Received[lapd.SABME] = 4, 4
		}, "looped", Likely},
		{"probed, the loop is certain", func(e *Evidence) {
			e.Seen.LinkUp = false
			e.Seen.Talk = Talk{Returned: 4, FarUser: 4, Probed: "network", ProbeReturned: true}
			e.Seen.Talk.Received[lapd.SABME] = 4
		}, "looped", Certain},
		{"a twin that only answers", func(e *Evidence) {
			e.Seen.LinkUp = false
			e.Seen.Talk = Talk{Probed: "network", ProbeTaken: true, FarUser: 1}
			e.Seen.Talk.Received[lapd.UA] = 1
		}, "both_user", Certain},
		{"the D channel cannot be read beside its frames", func(e *Evidence) {
			e.Seen.LinkUp, e.Seen.Talk = false, Talk{}
			e.Seen.Talk.Sent[lapd.SABME] = 5
			e.Seen.Sound.Slots[16] = Slot{}
		}, "no_answer", Likely},
		{"a line of a group without a D channel", func(e *Evidence) {
			e.Configured.NoD = true
			e.Seen.Sound.Slots[16] = Slot{Octets: 8000, Idle: 1, Octet: 0xd5}
		}, Healthy, Certain},
	} {
		e := healthyWorld().evidence()
		c.set(&e)
		found := Examine(e)
		if len(found) != 1 || found[0].ID != c.want || found[0].Certainty != c.sure {
			t.Errorf("%s: found %v %s, want %s %s", c.name, ids(found), found[0].Certainty, c.want, c.sure)
		}
	}
}

// TestRulesAreComplete: each row has its words, and its facts are said.
func TestRulesAreComplete(t *testing.T) {
	tested := map[string]bool{}
	for _, f := range faults {
		tested[f.id] = true
	}
	for _, r := range rules {
		if !tested[r.id] {
			t.Errorf("%s is tested nowhere", r.id)
		}
		for _, s := range []string{r.zh, r.en, r.remedyZH, r.remedyEN} {
			if s == "" {
				t.Errorf("%s lacks words", r.id)
			}
		}
	}
	for id, w := range factWords {
		if strings.Contains(w.zh, "{v}") != strings.Contains(w.en, "{v}") || (w.zh == "") != (w.en == "") {
			t.Errorf("the fact %s is said differently: %q, %q", id, w.zh, w.en)
		}
	}
}

func octets(t testing.TB, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.Join(strings.Fields(text), ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// frame is a frame at so many ms.
func frame(t testing.TB, ms int, sent bool, text string) Frame {
	return Frame{At: time.UnixMilli(int64(ms)), Sent: sent, Octets: octets(t, text)}
}

func TestTalk(t *testing.T) {
	talk := Listen([]Frame{
		frame(t, 0, true, "00 01 7f"), frame(t, 40, false, "00 01 7f"), // back at once
		frame(t, 1000, true, "00 01 7f"), frame(t, 1400, false, "00 01 7f"), // too late for that
		frame(t, 1500, false, "02 01 7f"), frame(t, 1600, false, "00 01 73"), frame(t, 1700, false, "02 01 01 01"),
		frame(t, 1800, false, "ff ff ff"),
	})
	if talk.Sent[lapd.SABME] != 2 || talk.Received[lapd.SABME] != 3 || talk.Received[lapd.UA] != 1 || talk.Received[lapd.RR] != 1 {
		t.Errorf("counted %+v", talk)
	}
	if talk.FarUser != 2 || talk.FarNetwork != 2 || talk.Returned != 1 || talk.Unreadable != 1 || talk.heard() != 6 {
		t.Errorf("read %+v", talk)
	}
}

func TestReadCalls(t *testing.T) {
	// We are the user; I frames of ours begin 00 01, theirs 02 01. Numbers of frames do not matter here.
	setup := "00 01 00 00 08 02 00 %02x 05 04 03 80 90 a3 18 03 a9 83 %02x"
	frames := []Frame{
		frame(t, 0, true, fmt.Sprintf(setup, 1, 0x91)),
		frame(t, 1, false, "02 01 00 00 08 02 80 01 02 18 03 a9 83 90"), // CALL PROCEEDING on 16
		frame(t, 2, false, "02 01 00 00 08 02 80 01 45 08 02 82 b9"),    // cause 57 of the local network
		frame(t, 3, false, "02 01 00 00 08 02 80 01 5a 08 02 82 90"),    // a second cause does not count
		frame(t, 4, true, fmt.Sprintf(setup, 2, 0x82)),
		frame(t, 5, false, "02 01 00 00 08 02 80 02 45 08 02 80 91"), // busy: somebody was reached
		frame(t, 6, true, fmt.Sprintf(setup, 3, 0x83)),               // nobody answers
		frame(t, 7, false, "02 01 00 00 08 02 00 09 05 04 03 80 90 a2 18 03 a9 83 81 96 01 01 aa"),
		frame(t, 8, false, "02 01 00 00 03 02 00 00 0f"),
	}
	c := ReadCalls(frames)
	if c.Placed != 3 || c.Handled != 1 || c.Ignored != 1 || c.Came != 1 || c.OneLess != 1 {
		t.Errorf("counted %+v", c)
	}
	if len(c.Refusals) != 1 || c.Refusals[0] != (Refusal{Cause: 57, Location: q850.PublicLocal, Channel: 17}) {
		t.Errorf("refusals %+v", c.Refusals)
	}
	if c.Named[16] != 1 || c.Named[1] != 1 || c.BearerMuLaw != 1 || c.Signs[codeset6] != 1 || c.Signs[serviceMessages] != 1 {
		t.Errorf("signs %+v", c)
	}
}

// FuzzReadCalls: foreign octets do no harm.
func FuzzReadCalls(f *testing.F) {
	f.Add(octets(f, "00 01 00 00 08 02 00 01 05 04 03 80 90 a3 18 03 a9 83 91"), true)
	f.Add(octets(f, "02 01 00 00 08 02 80 01 45 08 02 82 b9"), false)
	f.Fuzz(func(_ *testing.T, raw []byte, sent bool) {
		frames := []Frame{{Sent: true, Octets: raw}, {Sent: sent, Octets: raw}, {Octets: raw}}
		Listen(frames)
		e := Evidence{Calls: ReadCalls(frames)}
		Examine(e)
	})
}
