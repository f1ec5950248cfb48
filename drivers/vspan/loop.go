package vspan

import "trunkbox/drivers/span"

// looping is what an end does instead of sending what its user gives.
type looping struct {
	loop   span.Loop
	byCode bool // the far end has asked for the loop

	code     codeSender
	detector codeDetector
}

// The in-band codes of T1.403 9.3: five bits 00001 to loop up, three bits 001 to loop down, for five
// seconds at least. On an E1, for which no Recommendation has any, they are the same.
const (
	loopUpBits    = 5
	loopDownBits  = 3
	codeOctets    = 5 * 8000 // of a timeslot: how long a code is sent
	codeBelieved  = 4 * 8000 // of a timeslot: how long a code is seen before it is obeyed
	codeForgiving = 4        // a block without the code takes back so many with it
)

// codeSender sends a code through all timeslots.
type codeSender struct {
	period int // 5 up, 3 down
	left   int // octets of a timeslot still to send; 0: none is sent
	phase  int
}

func (s *codeSender) begin(up bool) {
	*s = codeSender{period: loopDownBits, left: codeOctets}
	if up {
		s.period = loopUpBits
	}
}

// octet returns the next eight bits: a one at the end of each period.
func (s *codeSender) octet() byte {
	var o byte
	for range 8 {
		s.phase++
		o <<= 1
		if s.phase == s.period {
			s.phase = 0
			o |= 1
		}
	}
	return o
}

// codeDetector looks for codes in what is received.
type codeDetector struct {
	seen [2]int // octets of a timeslot with loop-up, with loop-down
}

// look takes a block; it says which code is to be obeyed.
func (d *codeDetector) look(kind span.Kind, rx *span.Block, block int) (up, down bool) {
	first, last := payload(kind)
	for i, period := range [...]int{loopUpBits, loopDownBits} {
		switch {
		case periodic(rx, first, first+1, period, 0) && periodic(rx, first, last, period, 12):
			d.seen[i] += block
		case d.seen[i] > 0:
			d.seen[i] = max(0, d.seen[i]-codeForgiving*block)
		}
	}
	up, down = d.seen[0] >= codeBelieved, d.seen[1] >= codeBelieved
	if up || down {
		*d = codeDetector{}
	}
	return up, down
}

// periodic says whether the first frame of a block has a one in every so many bits and else zeros, but
// for so many wrong bits.
func periodic(rx *span.Block, first, last, period, wrong int) bool {
	bits := (last - first + 1) * 8
	one := func(i int) bool { return rx[first+i/8][0]>>(7-i%8)&1 == 1 }
	for phase := range period {
		bad := 0
		for i := 0; i < bits && bad <= wrong; i++ {
			if one(i) != (i%period == phase) {
				bad++
			}
		}
		if bad <= wrong {
			return true
		}
	}
	return false
}

// setLoop is called with Cable.mu held.
func (e *End) setLoop(l span.Loop, byCode bool) {
	if l == e.loop {
		return
	}
	e.c.log.Info("loop", "line", e.name, "now", l, "was", e.loop, "by code", byCode)
	e.loop, e.byCode = l, byCode && l != span.NoLoop
	e.c.refresh()
}

// obey looks for codes from the far end and does as they say. An end that sends a code itself hears it
// come back from a loop. The caller holds Cable.mu.
func (e *End) obey(rx *span.Block) {
	if e.sight.dark || e.code.left > 0 || e.loop == span.LocalLoop {
		e.detector = codeDetector{}
		return
	}
	up, down := e.detector.look(e.c.kind, rx, e.c.block)
	switch {
	case up && e.loop == span.NoLoop:
		e.setLoop(span.LineLoop, true)
	case down && e.byCode:
		e.setLoop(span.NoLoop, false)
	}
}
