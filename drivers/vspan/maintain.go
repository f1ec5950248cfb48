package vspan

import (
	"fmt"
	"time"

	"trunkbox/drivers/prbs"
	"trunkbox/drivers/span"
)

// measuring is the pseudo-random sequence of an end.
type measuring struct {
	on     bool
	sender *prbs.Generator
	judge  *prbs.Checker
	octets uint64 // of a timeslot since it was switched on
	inSync uint64 // of them in sync at the end of their block
}

// inserted are the defects that an end has still to send.
type inserted [span.DefectBipolar + 1]int

// defects are those that the cable can carry: CAS has no multiframe in common-channel signalling.
var defects = []span.Defect{span.DefectFAS, span.DefectMultiframe, span.DefectCRC, span.DefectPRBS, span.DefectBipolar}

// Maintenance says what can be done.
func (*End) Maintenance() span.Capabilities { return capabilities() }

func capabilities() span.Capabilities {
	return span.Capabilities{
		Loops: []span.Loop{span.LocalLoop, span.LineLoop, span.PayloadLoop}, LoopCode: true, PRBS: true, Defects: defects,
	}
}

// Loop sets the loop of this end.
func (e *End) Loop(l span.Loop) error {
	if !capabilities().Loop(l) {
		return fmt.Errorf("%s: a %v loop: %w", e.name, l, span.ErrNotSupported)
	}
	e.c.mu.Lock()
	defer e.c.mu.Unlock()
	e.setLoop(l, false)
	return nil
}

// LoopCode sends the code for five seconds.
func (e *End) LoopCode(up bool) error {
	e.c.mu.Lock()
	defer e.c.mu.Unlock()
	e.code.begin(up)
	return nil
}

// PRBS switches the sequence on, from its beginning, or off.
func (e *End) PRBS(on bool) error {
	sequence := prbs.O151
	if e.c.kind == span.T1 {
		sequence = prbs.QRSS
	}
	e.c.mu.Lock()
	defer e.c.mu.Unlock()
	if !on {
		e.measure.on = false
		return nil
	}
	e.measure = measuring{on: true, sender: prbs.NewGenerator(sequence), judge: prbs.NewChecker(sequence)}
	return nil
}

// PRBSResult is what the checker has counted; it stays after the sequence was switched off.
func (e *End) PRBSResult() span.PRBSResult {
	e.c.mu.Lock()
	defer e.c.mu.Unlock()
	m := &e.measure
	if m.judge == nil {
		return span.PRBSResult{}
	}
	r := m.judge.Result()
	return span.PRBSResult{
		On: m.on, InSync: m.on && r.InSync, Bits: r.Bits, Errors: r.Errors, SyncLosses: r.SyncLosses,
		InSyncFor: time.Duration(m.inSync) * octetTime, For: time.Duration(m.octets) * octetTime,
	}
}

// Insert sends n defects.
func (e *End) Insert(d span.Defect, n int) error {
	e.c.mu.Lock()
	defer e.c.mu.Unlock()
	switch {
	case d == span.DefectCAS:
		return fmt.Errorf("%s: a CAS defect, where timeslot %d is the D channel: %w", e.name, e.c.kind.D(), span.ErrNotSupported)
	case d > span.DefectBipolar:
		return fmt.Errorf("%s: %v: %w", e.name, d, span.ErrNotSupported)
	case d == span.DefectPRBS && !e.measure.on:
		return fmt.Errorf("%s: a wrong bit in the sequence, which is off: %w", e.name, span.ErrNotSupported)
	case d == span.DefectPRBS:
		e.measure.sender.Spoil(n)
		return nil
	case d == span.DefectCRC && e.format.Framing != span.CRC4 && e.format.Framing != span.ESF:
		return fmt.Errorf("%s: a CRC defect in %v, which has none: %w", e.name, e.format.Framing, span.ErrNotSupported)
	}
	e.insert[d] += max(n, 0)
	return nil
}

// Over how many frames one signal of its kind is spread (G.704 tables 1, 3, 5A, 5B).
func (c *Cable) everyFrames(d span.Defect) int {
	t1 := c.kind == span.T1
	switch d {
	case span.DefectFAS:
		if t1 {
			return 4
		}
		return 2
	case span.DefectMultiframe:
		if t1 {
			return 24
		}
		return 16
	case span.DefectCRC:
		return c.crcFrames()
	}
	return 1
}

// lost is how many wrong signals one after the other lose the alignment (G.706 4.1.1 for FAS).
const lost = 3

// suffer counts in e the defects that the framer of its signal has inserted, as many as a block holds.
// The caller holds Cable.mu.
func (e *End) suffer(block int) {
	from := e.sight.framer
	if from == nil || from.insert == (inserted{}) {
		return
	}
	for d := range from.insert {
		n := min(from.insert[d], max(1, block/e.c.everyFrames(span.Defect(d))))
		from.insert[d] -= n
		if n == 0 {
			continue
		}
		switch span.Defect(d) {
		case span.DefectFAS:
			e.counters.FAS += uint64(n)
			e.counters.FramingErrors += uint64(n)
			if n >= lost {
				e.interrupt(span.LFA)
			}
		case span.DefectMultiframe:
			if n >= lost {
				e.interrupt(span.LMFA)
			}
		case span.DefectCRC:
			e.badChecks(uint64(n))
		case span.DefectBipolar:
			e.counters.BPV += uint64(n)
		}
	}
}

// badChecks counts wrong check sequences, and the E bits by which the far framer is told.
func (e *End) badChecks(n uint64) {
	if !e.sight.crc {
		return
	}
	e.counters.CRC4 += n
	e.sight.framer.counters.EBit += n
}

// interrupt raises an alarm until the next block but one.
func (e *End) interrupt(a span.Alarm) {
	e.burst |= a
	e.burstEnds = e.next + 2
	e.c.refresh()
}

// fillTest overwrites what an end sends with the sequence or a code, in the order of the line.
func (e *End) fillTest(stamp uint64) {
	next := e.code.octet
	if e.code.left > 0 {
		e.code.left = max(0, e.code.left-e.c.block)
	} else {
		next = e.measure.sender.Octet
	}
	first, last := payload(e.c.kind)
	for frame := range e.c.block {
		for slot := first; slot <= last; slot++ {
			e.out.place(stamp, slot)[frame] = next()
		}
	}
}

// check compares what is received with the sequence.
func (e *End) check(rx *span.Block) {
	m := &e.measure
	if !m.on {
		return
	}
	first, last := payload(e.c.kind)
	for frame := range e.c.block {
		for slot := first; slot <= last; slot++ {
			m.judge.Octet(rx[slot][frame])
		}
	}
	m.octets += uint64(e.c.block)
	if m.judge.Result().InSync {
		m.inSync += uint64(e.c.block)
	}
}

// payload is the first and the last timeslot that carries something.
func payload(k span.Kind) (first, last int) {
	if k == span.T1 {
		return 1, 24
	}
	return 1, 31
}

// busy says whether an end sends something else than what its user gives.
func (e *End) busy() bool {
	return e.loop == span.LineLoop || e.loop == span.PayloadLoop || e.code.left > 0 || e.measure.on
}

// overrides says whether an end sends something else than what its user gives, and puts that under
// stamp. rx is what it has received at this moment. The caller holds Cable.mu.
func (e *End) overrides(stamp uint64, rx *span.Block) bool {
	switch {
	case e.loop == span.LineLoop || e.loop == span.PayloadLoop:
		if e.out.open(stamp) {
			for ts := range rx {
				copy(e.out.place(stamp, ts), rx[ts][:e.c.block])
			}
		}
	case e.code.left > 0 || e.measure.on:
		if e.out.open(stamp) {
			e.fillTest(stamp)
		}
	default:
		return false
	}
	return true
}

var (
	_ span.Maintainer = (*End)(nil)
	_ span.Tuner      = (*End)(nil)
	_ span.Sampler    = (*End)(nil)
)
