package spantest

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"trunkbox/drivers/span"
)

const (
	passes      = 4 // patterns of a quarter of a second each
	attempts    = 8 // of one pass, until no slip was counted in it
	patternSize = octets / 4
	head        = 32          // octets of a pattern by which its beginning is found
	startUp     = octets / 10 // of idle before it
	longestPath = octets / 4  // through both lines
)

// pattern is a quarter of a second of octets that no other timeslot or direction carries.
func pattern(direction uint64, ts span.Timeslot) []byte {
	random := rand.New(rand.NewPCG(direction+1, uint64(ts)+1))
	p := make([]byte, patternSize)
	for i := range p {
		p[i] = byte(random.Uint32())
	}
	return p
}

// sound sends random octets in every B timeslot of both directions at once and wants every octet, in
// order, in its own timeslot.
func sound(t *testing.T, a, b span.Line) {
	for pass := 1; pass <= passes; pass++ {
		soundPass(t, a, b, pass)
	}
}

func soundPass(t *testing.T, a, b span.Line, pass int) {
	t.Helper()
	for attempt := 1; ; attempt++ {
		before := slips(a) + slips(b)
		faults := exchangeSound(t, a, b)
		if len(faults) == 0 {
			return
		}
		counted := slips(a) + slips(b) - before
		if counted == 0 || attempt == attempts {
			t.Fatalf("pass %d, attempt %d, %d slips counted, %d timeslots wrong: %v", pass, attempt, counted, len(faults), faults[:min(len(faults), 5)])
		}
		t.Logf("pass %d, attempt %d: %d slips counted, again: %s", pass, attempt, counted, faults[0])
	}
}

// slips sums the counters that tell of octets lost or put in.
func slips(line span.Line) uint64 {
	c := line.Status().Counters
	return c.Slips + c.RxOverruns + c.TxUnderruns
}

// exchangeSound moves one pattern a timeslot each way and returns what was wrong with them.
func exchangeSound(t *testing.T, a, b span.Line) (faults []string) {
	t.Helper()
	ma, mb := newMover(a), newMover(b)
	for direction, m := range []*mover{ma, mb} {
		m.keep = true
		for _, ts := range m.line.Kind().B() {
			m.say[ts] = append(bytes.Repeat([]byte{idle}, startUp), pattern(uint64(direction), ts)...)
		}
	}
	ma.start()
	mb.start()
	all := startUp + patternSize + longestPath
	ma.wait(t, int64(all/a.Block()))
	mb.wait(t, int64(all/b.Block()))
	ma.stop(t)
	mb.stop(t)
	faults = append(faults, compare(mb, 0)...)
	return append(faults, compare(ma, 1)...)
}

// compare looks for the patterns of a direction in what a mover has heard.
func compare(m *mover, direction uint64) (faults []string) {
	for _, ts := range m.line.Kind().B() {
		want, heard := pattern(direction, ts), m.heard[ts]
		at := bytes.Index(heard, want[:head])
		if at < 0 {
			faults = append(faults, fmt.Sprintf("%s timeslot %d: its pattern never began in %d octets", m.line.Name(), ts, len(heard)))
			continue
		}
		if wrong := firstDifference(heard[at:], want); wrong >= 0 {
			faults = append(faults, fmt.Sprintf("%s timeslot %d: octet %d of %d is wrong or missing", m.line.Name(), ts, wrong, len(want)))
		}
	}
	return faults
}

// firstDifference returns where got stops being want, or -1 when all of want is there.
func firstDifference(got, want []byte) int {
	for i := range want {
		if i >= len(got) || got[i] != want[i] {
			return i
		}
	}
	return -1
}
