package doctor

import (
	"fmt"
	"math"
	"strings"

	"trunkbox/drivers/span"
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
	unlike       sign = "another line has another clock"
	oddOwn       sign = "the odd clock is our own"
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
		s.lineClocks(e)
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
