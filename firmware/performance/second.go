package performance

import "trunkbox/drivers/span"

// threshold says when a second is severely errored by its errors alone, and which errors of a second are its
// path code violations: errored frame alignment signals, with CRC also CRC errors (RFC 4805 3.4.3, Severely
// Errored Seconds; 3.4.1, Path Coding Violation).
type threshold struct {
	pcv    uint64 // so many path code violations; 0: they do not make a second severe
	lcv    uint64 // so many line code violations; 0: the same
	lcvErr bool   // one line code violation makes a second errored
}

// thresholds by the framing of the line. 832 of the 1,000 CRC-4 blocks of a second, 320 of the 333 CRC-6 blocks.
var (
	e1CRC = threshold{pcv: 832}
	e1    = threshold{lcv: 2048, lcvErr: true}
	t1ESF = threshold{pcv: 320}
)

// bursty is the number of path code violations from which on a second is no longer bursty (RFC 4805 3.4.3,
// Bursty Errored Seconds: more than one and fewer than 320).
const bursty = 320

// judge says what kind of second it was.
//
// Departure: any alarm under which nothing passes counts as out of frame, so LOS, AIS and the loss of the
// multiframe make a second severe on every framing; RFC 4805 names out of frame, and AIS for ESF only. ITU-T
// G.826 Annex B counts all of them as defects.
//
// Departure: no driver tells whether an E1 has CRC-4. An E1 that has counted one CRC-4 error or E bit, or lost
// its CRC-4 multiframe, has it; before that it is judged by its line code violations.
func judge(kind span.Kind, crc bool, alarms span.Alarm, e span.Counters) second {
	t, violations := e1, e.FAS
	switch {
	case kind == span.T1:
		t, violations = t1ESF, e.CRC4+e.FAS
	case crc:
		t, violations = e1CRC, e.CRC4+e.FAS
	}
	defect := alarms.Down()
	s := second{
		slipped: e.Slips > 0,
		severe:  defect || t.pcv > 0 && violations >= t.pcv || t.lcv > 0 && e.BPV >= t.lcv,
	}
	s.errored = s.severe || violations > 0 || s.slipped || t.lcvErr && e.BPV > 0
	s.bursty = !s.severe && violations > 1 && violations < bursty
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
