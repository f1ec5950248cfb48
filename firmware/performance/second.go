package performance

import "trunkbox/drivers/span"

// threshold says when a second is severely errored by its errors alone, and which errors of a second are its
// path code violations (RFC 4805 3.4.3, Severely Errored Seconds; 3.4.1, Path Coding Violation).
type threshold struct {
	crc    bool   // CRC errors are path code violations, beside errored frame alignment signals
	pcv    uint64 // so many path code violations make a second severe; 0: they do not
	lcv    uint64 // so many line code violations; 0: the same
	lcvErr bool   // one line code violation makes a second errored
	bursty uint64 // fewer, and more than one, path code violations make it bursty
}

// thresholds by the framing of the line. 832 of the 1,000 CRC-4 blocks of a second, 320 of the 333 CRC-6 blocks; 2,048
// and 1,544 are a bit error rate of a thousandth. On D4 one framing error makes a second severe.
var (
	e1CRC = threshold{crc: true, pcv: 832, bursty: bursty}
	e1    = threshold{lcv: 2048, lcvErr: true, bursty: bursty}
	t1ESF = threshold{crc: true, pcv: 320, bursty: bursty}
	t1D4  = threshold{pcv: 1, lcv: 1544, lcvErr: true}
)

// bursty is the number of path code violations from which on a second is no longer bursty (RFC 4805 3.4.3,
// Bursty Errored Seconds: more than one and fewer than 320).
//
// Departure: RFC 4805 counts bursty errored seconds on ESF only; here an E1 has them too, with the same numbers,
// because its table would else have an empty column that other equipment fills.
const bursty = 320

// Framing is the frame structure of a line, by the names of the settings.
type Framing string

// The framings; any other is one that nobody knows yet.
const (
	CRC4   Framing = "crc4"    // E1 with CRC-4 multiframe
	NoCRC4 Framing = "no-crc4" // E1 with the frame alignment signal alone
	ESF    Framing = "esf"     // T1, extended superframe with CRC-6
	D4     Framing = "d4"      // T1, superframe of twelve
)

// thresholdOf is what a line of this framing is judged by; learned says that an E1 has shown that it has CRC-4.
func thresholdOf(kind span.Kind, framing Framing, learned bool) threshold {
	switch {
	case kind == span.T1 && framing == D4:
		return t1D4
	case kind == span.T1:
		return t1ESF
	case framing == CRC4, framing != NoCRC4 && learned:
		return e1CRC
	}
	return e1
}

// judge says what kind of second it was.
//
// Departure: any alarm under which nothing passes counts as out of frame, so LOS, AIS and the loss of the
// multiframe make a second severe on every framing; RFC 4805 names out of frame, and AIS for ESF only. ITU-T
// G.826 Annex B counts all of them as defects.
//
// Departure: an E1 whose settings do not say whether it has CRC-4 has it from the first CRC-4 error, E bit or lost
// CRC-4 multiframe on; before that it is judged by its line code violations.
func judge(t threshold, alarms span.Alarm, e span.Counters) second {
	violations := e.FAS
	if t.crc {
		violations += e.CRC4
	}
	s := second{
		slipped: e.Slips > 0,
		severe:  alarms.Down() || t.pcv > 0 && violations >= t.pcv || t.lcv > 0 && e.BPV >= t.lcv,
	}
	s.errored = s.severe || violations > 0 || s.slipped || t.lcvErr && e.BPV > 0
	s.bursty = !s.severe && violations > 1 && violations < t.bursty
	return s
}

// count puts a second in its bins, and when it is the tenth in a row of the other kind changes the line over
// and counts those ten anew: RFC 4805 3.4.3, Unavailable Seconds, begins with the first of ten severely errored
// seconds and ends with the first of ten that are not.
func (p *Line) count(s second) {
	p.tally(s, 1)
	if s.severe == p.kept.Unavailable {
		p.run = p.run[:0]
		return
	}
	p.run = append(p.run, s)
	if len(p.run) < turn {
		return
	}
	for _, was := range p.run {
		p.tally(was, -1)
	}
	p.kept.Unavailable = !p.kept.Unavailable
	for _, is := range p.run {
		p.tally(is, 1)
	}
	p.run = p.run[:0]
}

// tally counts a second as what it is while the line is as available as it is now; n is 1, or -1 to take it back.
func (p *Line) tally(s second, n int) {
	for _, c := range []*Counts{p.quarterBin(s.quarter), p.dayBin(s.day)} {
		c.Measured += n
		if p.kept.Unavailable {
			c.UAS += n
			continue
		}
		for _, kind := range []struct {
			of    bool
			count *int
		}{{s.errored, &c.ES}, {s.severe, &c.SES}, {s.bursty, &c.BES}, {s.slipped, &c.CSS}} {
			if kind.of {
				*kind.count += n
			}
		}
	}
}
