package journal

import (
	"bytes"
	"slices"
	"time"
)

// line is an event as it is written to the disk.
type line struct {
	seq    Seq
	at     time.Time
	octets []byte
}

// event decodes the line, which is our own.
func (l line) event() Event {
	e, _ := parseLine(bytes.TrimSuffix(l.octets, []byte{'\n'}))
	return e
}

// unsaved are the newest events, which the disk refused, without gaps: the oldest first, the most that there may be.
// Usually there are none, for what the disk has taken is read from there.
type unsaved struct {
	lines   []line
	dropped uint64 // events lost because too many were unsaved
}

func (u *unsaved) push(l line) {
	if len(u.lines) >= unsavedMost {
		u.pop()
		u.dropped++
	}
	u.lines = append(u.lines, l)
}

// pop takes the oldest away.
func (u *unsaved) pop() {
	u.lines[0] = line{}
	if u.lines = u.lines[1:]; len(u.lines) == 0 {
		u.lines = nil
	}
}

// from are those from seq on.
func (u *unsaved) from(seq Seq) []line {
	first := slices.IndexFunc(u.lines, func(l line) bool { return l.seq >= seq })
	if first < 0 {
		return nil
	}
	return slices.Clone(u.lines[first:])
}
