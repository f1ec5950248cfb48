package doctor

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"trunkbox/drivers/span"
	"trunkbox/firmware/lapd"
	"trunkbox/firmware/q850"
)

// sign is one thing in the evidence that the rules ask for.
type sign string

// signs are those that are there, with the facts that show them.
type signs map[sign][]Fact

func (s signs) is(one sign) bool { _, is := s[one]; return is }

// note puts a sign down if it is there.
func (s signs) note(one sign, is bool, facts ...Fact) {
	if is {
		s[one] = facts
	}
}

// The signs of the line itself.
const (
	los          sign = "no signal"
	hadSignal    sign = "there was one"
	neverSignal  sign = "there never was one"
	notOpen      sign = "the driver has not started"
	ais          sign = "all ones"
	lfa          sign = "no frame alignment"
	lmfa         sign = "no multiframe alignment"
	rai          sign = "the far end has an alarm"
	unsteady     sign = "alarms come and go"
	isE1         sign = "E1"
	lineUp       sign = "the line is up, with some settings"
	framingCures sign = "another framing helps"
	framingFound sign = "the framer finds another framing"
	codeCures    sign = "another line code helps"
	onlyCode     sign = "another line code alone helps"
	crcCures     sign = "the far end's alarm goes with another framing"
	codeErrors   sign = "line code violations alone"
	slipping     sign = "slips"
	ownClock     sign = "our clock is our own"
	lineClock    sign = "our clock is the line's"
	clockCures   sign = "another clock helps"
	bitErrors    sign = "errors received"
	farErrors    sign = "errors received by the far end"
	testPattern  sign = "test sequence"
)

// The signs of the D channel.
const (
	looped      sign = "frames come back"
	loopCertain sign = "the line is looped for certain"
	elsewhere   sign = "HDLC in another timeslot"
	dInverted   sign = "inverted HDLC"
	dSeven      sign = "HDLC in seven bits"
	dSeen       sign = "HDLC in the D channel"
	dEmpty      sign = "no HDLC in the D channel"
	linkDown    sign = "no link"
	linkUp      sign = "link"
	asked       sign = "SABME sent"
	deaf        sign = "nothing received"
	weAreUser   sign = "we are the user"
	weAreNet    sign = "we are the network"
	sameSide    sign = "the far end is what we are"
	sameSure    sign = "the far end took us for the other side"
	refusedLink sign = "DM"
	oneWay      sign = "SABME again and again"
)

// The signs of the calls and the sound.
const (
	refusals    sign = "all calls refused"
	manyRefused sign = "three calls at least"
	ignored     sign = "calls ignored"
	oneOff      sign = "channels named one off"
	oneOffSure  sign = "a channel named that cannot be"
	fromZero    sign = "channels counted from 0"
	foreign     sign = "signs of another variant"
	foreignMore sign = "several of them"
	otherLaw    sign = "sound of the other law"
	otherBearer sign = "calls for the other law"
)

const (
	mostly = 0.5  // of the time: an alarm that stands
	some   = 0.02 // of the time: an alarm that comes and goes
)

// read finds the signs.
func read(e *Evidence) signs {
	s := signs{}
	s.line(e)
	up, is := e.working()
	if is {
		s.note(lineUp, true)
		s.clock(e, up)
		s.errors(e, up)
		s.note(testPattern, up.Sound.Pattern > 0.98, percent("pattern", up.Sound.Pattern))
		if !e.Configured.NoD {
			s.octets(e, up)
		}
	}
	s.link(e)
	s.calls(e)
	s.sound(e)
	return s
}

// down says whether neither signalling nor sound can pass.
func (a AlarmShares) down() bool { return max(a.LOS, a.LFA, a.LMFA, a.AIS, a.NotOpen) > mostly }

// working is the first observation in which the line was up: as it is set, or else with other settings. One with hardly
// any code violations is better than one with many.
func (e *Evidence) working() (best Trial, is bool) {
	for _, t := range append([]Trial{{e.Configured, e.Seen}}, e.Trials...) {
		if t.Alarms.down() || t.Seconds <= 0 {
			continue
		}
		other := t.Setup.Framing != best.Setup.Framing || t.Setup.LineCode != best.Setup.LineCode
		if !is || other && best.violations() >= manyViolations && t.violations()*20 <= best.violations() {
			best, is = t, true
		}
	}
	return best, is
}

// manyViolations a second are so many that the line code may be another.
const manyViolations = 2

// violations is the rate of line code violations a second.
func (o *Observation) violations() float64 {
	return float64(o.Grown.BPV+o.Grown.CodeViolations) / max(o.Seconds, 1e-3)
}

// line reads the alarms, and what became of them with other settings.
func (s signs) line(e *Evidence) {
	a := e.Seen.Alarms
	s.note(isE1, e.Configured.Kind == span.E1)
	s.note(notOpen, a.NotOpen > mostly, fact("not_open", ""))
	s.note(los, a.LOS > mostly, percent("los", a.LOS))
	s.note(hadSignal, e.Before.Signal, fact("had_signal", ""))
	s.note(neverSignal, !e.Before.Signal, fact("never_signal", ""))
	silent := a.LOS > mostly || a.NotOpen > mostly
	s.note(ais, a.AIS > mostly && !silent, percent("ais", a.AIS))
	framed := !silent && a.AIS <= mostly
	lost := a.LFA
	if e.Configured.Kind == span.T1 { // its multiframe is its frame
		lost = max(a.LFA, a.LMFA)
	}
	s.note(lfa, lost > mostly && framed, percent("lfa", lost), fact("crc_set", e.Configured.Framing))
	s.note(lmfa, a.LMFA > mostly && lost <= mostly && framed, percent("lmfa", a.LMFA), fact("crc_set", e.Configured.Framing))
	s.note(loopCertain, a.Loopback > mostly, fact("loop_alarm", ""))
	s.note(looped, a.Loopback > mostly, fact("loop_alarm", ""))
	found := e.Seen.Signal.Framing.String()
	other := e.Seen.Signal.Framing != span.FramingUnknown && found != e.Configured.Framing
	s.note(framingFound, other, fact("framing_found", found), fact("framing_to", found))
	if other && a.RAI > mostly && !a.down() {
		s.note(crcCures, true, percent("rai", a.RAI), fact("crc_set", e.Configured.Framing), fact("framing_found", found), fact("framing_to", found))
	}
	s.cures(e)
	up, is := e.working()
	if !is {
		return
	}
	seen := up.Alarms
	if !a.down() {
		seen = a
	}
	s.note(rai, seen.RAI > mostly, percent("rai", seen.RAI))
	s.comesAndGoes(seen)
}

// comesAndGoes looks for alarms that do not stand.
func (s signs) comesAndGoes(a AlarmShares) {
	var coming []string
	for _, one := range []struct {
		name  string
		share float64
	}{{"LOS", a.LOS}, {"LFA", a.LFA}, {"LMFA", a.LMFA}, {"AIS", a.AIS}, {"RAI", a.RAI}} {
		if one.share > some && one.share <= mostly {
			coming = append(coming, fmt.Sprintf("%s %.0f%%", one.name, 100*one.share))
		}
	}
	s.note(unsteady, len(coming) > 0, fact("unsteady", strings.Join(coming, ", ")))
}

// cures says what it took to bring the line up, or to take the far end's alarm away.
func (s signs) cures(e *Evidence) {
	was := e.Seen.Alarms
	up, is := e.working()
	framing, code := up.Setup.Framing != e.Configured.Framing, up.Setup.LineCode != e.Configured.LineCode
	if is && (framing || code) {
		s.note(framingCures, framing, fact("framing", up.Setup.Framing), fact("framing_to", up.Setup.Framing))
		s.note(codeCures, code, fact("line_code", up.Setup.LineCode))
		s.note(onlyCode, code && !framing)
		return
	}
	for _, t := range e.Trials {
		if !was.down() && was.RAI > mostly && !t.Alarms.down() && t.Alarms.RAI <= mostly && t.Setup.Framing != e.Configured.Framing {
			s.note(crcCures, true, percent("rai", was.RAI), fact("crc_set", e.Configured.Framing), fact("framing", t.Setup.Framing), fact("framing_to", t.Setup.Framing))
			return
		}
	}
}

// badCode says that the line code does not fit. Whoever expects HDB3 or B8ZS and gets AMI sees too many zeros, but reads
// them right; whoever expects AMI and gets the others takes their patterns for violations and for ones, all the time.
func (o *Observation) badCode(set Setup) bool {
	if o.Alarms.down() {
		return false
	}
	if set.LineCode == "ami" {
		return o.violations() >= 50
	}
	return o.Grown.CodeViolations >= 20 && o.Grown.CRC4*20 < o.Grown.CodeViolations
}

// slipMicroseconds is the difference between two clocks that makes a slip: a frame of 125 µs.
const slipMicroseconds = 125

// slipsPerHour is the rate of slips: as the framer tells the clocks apart, when we keep our own, or else as counted.
func (o *Observation) slipsPerHour() float64 {
	counted := float64(o.Grown.Slips) / o.Seconds * 3600
	if offset := math.Abs(o.Signal.OffsetPPM); offset > 0.5 && o.Signal.Clock == span.Internal {
		return max(counted, offset/slipMicroseconds*3600)
	}
	return counted
}

// clock reads the slips.
func (s signs) clock(e *Evidence, up Trial) {
	n, rate, counted := up.Grown.Slips, up.slipsPerHour(), "slips"
	before := 0.0
	if e.Before.Of > 0 {
		before = float64(e.Before.Slips) / e.Before.Of.Hours()
	}
	if rate == 0 && before >= 1 && e.Before.Slips >= 3 {
		n, rate, counted = e.Before.Slips, before, "slips_day"
	}
	s.note(slipping, rate > 0, fact(counted, n), number("slips_hour", rate), number("ppm", rate/3600*slipMicroseconds))
	s.note(ownClock, up.Setup.Clock == "internal", fact("clock_set", up.Setup.Clock), fact("clock_to", "line"))
	s.note(lineClock, up.Setup.Clock == "line", fact("clock_set", up.Setup.Clock))
	for _, t := range e.Trials {
		expected := rate / 3600 * t.Seconds
		if t.Setup.Clock != up.Setup.Clock && !t.Alarms.down() && t.Grown.Slips == 0 && expected >= 2 {
			s.note(clockCures, true, fact("clock", t.Setup.Clock))
		}
	}
}

// errors reads the counters of bit errors; a slip spoils a frame alignment signal or a CRC of its own.
func (s signs) errors(e *Evidence, up Trial) {
	if e.Seen.badCode(e.Configured) {
		s.note(codeErrors, true, fact("bpv", e.Seen.Grown.BPV+e.Seen.Grown.CodeViolations), fact("crc", e.Seen.Grown.CRC4))
	}
	c := up.Grown
	s.note(farErrors, c.EBit >= 5, fact("ebit", c.EBit), number("seconds", up.Seconds))
	if up.badCode(up.Setup) {
		return
	}
	errors := max(c.BPV, c.CRC4) + c.FAS
	s.note(bitErrors, errors >= 5 && errors > 4*c.Slips, fact("errors", errors), number("seconds", up.Seconds))
}

// octets reads the timeslots.
func (s signs) octets(e *Evidence, up Trial) {
	d := e.Configured.Kind.D()
	own := up.Sound.Slots[d]
	if own.Octets == 0 {
		return
	}
	if own.reads(up.Setup, s) {
		s.note(dSeen, true, percent("flags", own.Plain.Flags))
		return
	}
	if ts, there := up.Sound.other(d); there {
		s.note(elsewhere, true, fact("timeslot", int(ts)), fact("d_timeslot", int(d)))
		slot := up.Sound.Slots[ts]
		slot.reads(up.Setup, s)
		return
	}
	s.note(dEmpty, true, fact("d_nothing", ""), said("d_octet", fmt.Sprint(own.Octet), fmt.Sprintf("%02X", own.Octet), fmt.Sprintf("%02X", own.Octet)))
}

// mostOnes of the octets have bit 8 set at 56 kbit/s; of flags at 64 kbit/s seven of eight at most, unless they stand still.
const mostOnes = 0.94

// reads says whether there is HDLC in the timeslot, and notes how, when not as it is set.
func (slot Slot) reads(set Setup, s signs) bool {
	plain, turned := slot.Plain, slot.Turned
	if set.DInverted {
		plain, turned = turned, plain
	}
	seven := slot.Seven.Frames > 0 || slot.Seven.Flags > mostly && slot.Idle < 0.9
	switch {
	case plain.found():
	case turned.found():
		s.note(dInverted, true, percent("inverted", turned.Flags), fact("frames_inverted", turned.Frames))
	case seven && slot.Bit8 > mostOnes && set.DRate != 56:
		s.note(dSeven, true, percent("seven", slot.Seven.Flags), fact("frames_seven", slot.Seven.Frames))
	default:
		return seven && slot.Bit8 > mostOnes
	}
	return true
}

// other is the timeslot beside that of the D channel which is most like one.
func (sound *Sound) other(d span.Timeslot) (best span.Timeslot, there bool) {
	likeness := func(slot Slot) int {
		seven := slot.Seven.Frames > 0 && slot.Bit8 > mostOnes
		if slot.Octets == 0 || !slot.Plain.found() && !slot.Turned.found() && !seven {
			return 0
		}
		return 1 + slot.Plain.Frames + slot.Turned.Frames + slot.Seven.Frames
	}
	most := 0
	for ts, slot := range sound.Slots {
		if n := likeness(slot); span.Timeslot(ts) != d && ts > 0 && n > most {
			best, most = span.Timeslot(ts), n
		}
	}
	return best, most > 0
}

// link reads who said what on the D channel, in all observations.
func (s signs) link(e *Evidence) {
	talk, up := e.Seen.Talk, e.Seen.LinkUp
	again := talk.Received[lapd.SABME]
	for _, t := range e.Trials {
		talk.add(t.Talk)
		again = max(again, t.Talk.Received[lapd.SABME])
		up = up || t.LinkUp
	}
	s.note(linkUp, up, fact("link_up", ""))
	s.note(linkDown, !up, fact("link_down", ""))
	sabme := talk.Sent[lapd.SABME]
	s.note(asked, sabme >= 2 || talk.Probed != "", fact("sabme_sent", sabme))
	s.note(deaf, talk.heard() == 0, fact("heard_nothing", ""))
	s.note(weAreUser, e.Configured.Side == "user")
	s.note(weAreNet, e.Configured.Side == "network")
	if talk.ProbeReturned {
		s.note(looped, true, fact("probe_returned", ""))
		s.note(loopCertain, true, fact("probe_returned", ""))
	} else if talk.Probed == "" && talk.Returned >= 3 && talk.Returned*10 >= 9*talk.heard() {
		s.note(looped, true, fact("returned", talk.Returned))
	}
	same, other := e.sides()
	opposite := "network"
	if e.Configured.Side == "network" {
		opposite = "user"
	}
	took := talk.Probed == opposite && talk.ProbeTaken
	s.note(sameSide, took || same >= 2 && same > other,
		fact("from_same", same), fact("from_other", other), fact("sabme_received", talk.Received[lapd.SABME]), fact("side", opposite))
	s.note(sameSure, took || same >= 2 && other == 0)
	if took {
		s[sameSure] = append(s[sameSure], fact("probe_taken", opposite))
	}
	s.note(oneWay, again >= 3 && other >= 3, fact("sabme_received", again), fact("ua_sent", talk.Sent[lapd.UA]))
	dm := talk.Received[lapd.DM]
	s.note(refusedLink, !up && dm >= 2 && dm >= talk.Received[lapd.UA], fact("dm", dm), fact("sabme_sent", sabme))
}

// sides are how many frames of the far end tell that it is the side that we are, or the other one.
func (e *Evidence) sides() (same, other int) {
	talk := e.Seen.Talk
	for _, t := range e.Trials {
		talk.add(t.Talk)
	}
	if e.Configured.Side == "network" {
		return talk.FarNetwork, talk.FarUser
	}
	return talk.FarUser, talk.FarNetwork
}

// calls reads what became of calls.
func (s signs) calls(e *Evidence) {
	c := e.Calls
	s.channels(e)
	causes := map[Refusal]int{}
	total := 0
	for _, r := range c.Refusals {
		if r.Cause == q850.Cause(82) && s.is(oneOff) {
			continue
		}
		causes[Refusal{Cause: r.Cause, Location: r.Location}]++
		total++
	}
	var most Refusal
	for _, r := range c.Refusals {
		if r.Channel = 0; causes[r] > causes[most] {
			most = r
		}
	}
	s.note(refusals, total > 0 && c.Handled == 0,
		fact("calls", c.Placed), fact("refused", total), causeFact(most.Cause),
		said("location", fmt.Sprint(uint8(most.Location)), most.Location.Plain("zh"), most.Location.Plain("en")), fact("cause_times", causes[most]))
	s.note(manyRefused, total >= 3)
	s.note(ignored, c.Ignored >= 2 && c.Handled == 0 && total == 0, fact("calls", c.Placed), fact("ignored", c.Ignored))
	variant, signs := c.otherVariant(e.Configured.Variant)
	var facts []Fact
	if variant != "" {
		var zh, en []string
		for _, one := range signs {
			zh, en = append(zh, variantSigns[one].zh), append(en, variantSigns[one].en)
		}
		facts = []Fact{
			said("sign", fmt.Sprint(len(signs)), strings.Join(zh, "、"), strings.Join(en, ", ")),
			fact("variant", variant), fact("variant_set", e.Configured.Variant),
		}
	}
	s.note(foreign, variant != "", facts...)
	s.note(foreignMore, len(signs) >= 2)
}

// channels reads the numbers of the B channels. On an E1 the B channels after the D channel are 17 to 31; who counts B
// channels instead of timeslots calls them 16 to 30.
func (s signs) channels(e *Evidence) {
	c := e.Calls
	no31 := 0
	for _, r := range c.Refusals {
		if r.Cause == q850.Cause(82) && r.Channel == 31 {
			no31++
		}
	}
	shifted := e.shifted()
	e1 := e.Configured.Kind == span.E1
	var facts []Fact
	for _, f := range []struct {
		id string
		n  int
	}{{"named_16", c.Named[16]}, {"one_less", c.OneLess}, {"no_31", no31}, {"shift", shifted}} {
		if f.n > 0 {
			facts = append(facts, fact(f.id, f.n))
		}
	}
	s.note(oneOff, e1 && c.Named[31] == 0 && len(facts) > 0, facts...)
	s.note(oneOffSure, e1 && c.Named[16] > 0)
	s.note(fromZero, c.Named[0] > 0, fact("named_0", c.Named[0]))
}

// shifted counts the answered calls after the D channel whose timeslot is idle while the next one, in which there is no
// call, is not.
func (e *Evidence) shifted() (n int) {
	if e.Configured.Kind != span.E1 {
		return 0
	}
	up, is := e.working()
	if !is {
		return 0
	}
	for _, ts := range e.Busy {
		if ts <= 16 || ts >= 31 || slices.Contains(e.Busy, ts+1) {
			continue
		}
		own, next := up.Sound.Slots[ts], up.Sound.Slots[ts+1]
		if own.Octets > 0 && own.Idle > 0.95 && next.Octets > 0 && next.Entropy > 3 {
			n++
		}
	}
	return n
}

// enough is how many blocks of sound have to speak for a law: half a second.
const enough = 25

// sound reads in which law the far end speaks.
func (s signs) sound(e *Evidence) {
	var alaw, mulaw int
	for _, o := range append([]Trial{{e.Configured, e.Seen}}, e.Trials...) {
		for ts, slot := range o.Sound.Slots {
			if span.Timeslot(ts) != e.Configured.Kind.D() {
				alaw, mulaw = alaw+slot.ALaw, mulaw+slot.MuLaw
			}
		}
	}
	same, other, bearer, law := alaw, mulaw, e.Calls.BearerMuLaw, "mulaw"
	inLine := e.Calls.BearerALaw
	if e.Configured.Law == "mulaw" {
		same, other, bearer, law = mulaw, alaw, e.Calls.BearerALaw, "alaw"
		inLine = e.Calls.BearerMuLaw
	}
	s.note(otherLaw, other >= enough && other >= 4*same,
		fact("law", law), fact("law_blocks", other), fact("law_against", same), fact("law_set", e.Configured.Law))
	s.note(otherBearer, bearer >= 2 && inLine == 0, fact("law", law), fact("law_bearer", bearer), fact("law_set", e.Configured.Law))
}
