package journal

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// segmentSuffix ends the names of segment files. They are named by their first event in twenty digits.
const segmentSuffix = ".jnl"

func segmentName(first Seq) string { return fmt.Sprintf("%020d%s", first, segmentSuffix) }

// segment is one file of the journal.
type segment struct {
	path           string
	first, last    Seq // last is 0 as long as the segment is empty
	size           int64
	earliest, late time.Time // of its events; clocks may have been set back between them
	marks          []mark
}

// mark is where in its segment an event begins. There is one every markEvery octets, so that a reader need not begin at the
// segment's own beginning.
type mark struct {
	seq    Seq
	offset int64
}

const markEvery = 64 << 10

// before is the last mark that is not after an event; the beginning of the segment where there is none.
func (s *segment) before(seq Seq) int64 {
	at, exact := slices.BinarySearchFunc(s.marks, seq, func(m mark, seq Seq) int { return cmp.Compare(m.seq, seq) })
	switch {
	case exact:
		return s.marks[at].offset
	case at > 0:
		return s.marks[at-1].offset
	}
	return 0
}

func (s *segment) add(seq Seq, at time.Time, octets int64) {
	if n := len(s.marks); s.size >= int64(n+1)*markEvery {
		s.marks = append(s.marks, mark{seq, s.size})
	}
	s.last = seq
	s.size += octets
	if s.earliest.IsZero() || at.Before(s.earliest) {
		s.earliest = at
	}
	if at.After(s.late) {
		s.late = at
	}
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// appendLine writes an event as one line:
//
//	 0         8 9                                                              n
//	+-----------+-+----------------------------------------------------------+--+
//	| CRC-32C   |␠| {"seq":17,"at":"2026-03-01T08:00:00.123Z","call":…,…}      |\n|
//	| in hex    | | the sum runs over these octets                            |  |
//	+-----------+-+----------------------------------------------------------+--+
//
// "seq" and "at" come first, so that a segment can be looked through without decoding its events.
func appendLine(dst []byte, e Event) ([]byte, error) {
	body, err := json.Marshal(e)
	if err != nil {
		return nil, err
	}
	if len(body) > lineLongest {
		return nil, fmt.Errorf("the event has %d octets, at most %d", len(body), lineLongest)
	}
	dst = fmt.Appendf(dst, "%08x ", crc32.Checksum(body, castagnoli))
	dst = append(dst, body...)
	return append(dst, '\n'), nil
}

// openLine checks a line without its newline and returns the event's octets.
func openLine(line []byte) ([]byte, error) {
	if len(line) < 10 || line[8] != ' ' {
		return nil, fmt.Errorf("a line of %d octets without a check sum", len(line))
	}
	body := line[9:]
	if got := fmt.Sprintf("%08x", crc32.Checksum(body, castagnoli)); got != string(line[:8]) {
		return nil, fmt.Errorf("check sum %s, expected %q", got, line[:8])
	}
	return body, nil
}

// parseLine decodes a whole line.
func parseLine(line []byte) (Event, error) {
	body, err := openLine(line)
	if err != nil {
		return Event{}, err
	}
	var e Event
	err = json.Unmarshal(body, &e)
	return e, err
}

// head reads number and time of an event without decoding the rest.
func head(body []byte) (Seq, time.Time, error) {
	rest, ok := bytes.CutPrefix(body, []byte(`{"seq":`))
	digits, rest, ok2 := bytes.Cut(rest, []byte(`,"at":"`))
	at, _, ok3 := bytes.Cut(rest, []byte(`"`))
	if !ok || !ok2 || !ok3 {
		return 0, time.Time{}, fmt.Errorf("the event begins %.40q", body)
	}
	seq, err := strconv.ParseUint(string(digits), 10, 64)
	if err != nil {
		return 0, time.Time{}, err
	}
	when, err := time.Parse(time.RFC3339Nano, string(at))
	return Seq(seq), when, err
}

// scan looks through all segments, repairs the torn end of the last one and sets the next number.
func (j *Journal) scan() Report {
	var report Report
	paths, _ := filepath.Glob(filepath.Join(j.dir, "*"+segmentSuffix))
	slices.Sort(paths)
	previous := Seq(0)
	for i, path := range paths {
		first, err := strconv.ParseUint(strings.TrimSuffix(filepath.Base(path), segmentSuffix), 10, 64)
		if err != nil {
			continue
		}
		octets, err := os.ReadFile(path)
		if err != nil {
			j.options.Logger.Error("journal segment unreadable", "path", path, "err", err)
			report.Damaged++
			continue
		}
		s := &segment{path: path, first: Seq(first)}
		previous = s.scan(octets, previous, i == len(paths)-1, &report)
		j.next = max(j.next, Seq(first), previous+1)
		j.segments = append(j.segments, s)
	}
	if report.Torn > 0 {
		last := j.segments[len(j.segments)-1]
		if err := os.Truncate(last.path, last.size); err != nil {
			j.options.Logger.Error("torn end of the journal not cut off", "path", last.path, "err", err)
			j.closeOff(last)
		}
	}
	report.tell()
	if report.EN != "" {
		j.options.Logger.Warn("journal opened with losses", "events", report.Events, "torn", report.Torn,
			"damaged", report.Damaged, "missing", report.Missing)
	}
	return report
}

// closeOff makes the next event go to a new segment.
func (j *Journal) closeOff(s *segment) { s.size = max(s.size, j.options.SegmentBytes) }

// scan looks through one segment and returns the number of the last event so far. Octets at the very end
// of the last segment that are no whole line are torn: they are not counted in s.size.
func (s *segment) scan(octets []byte, previous Seq, last bool, report *Report) Seq {
	damagedAtEnd, offset := 0, int64(0)
	for rest := octets; len(rest) > 0; {
		line, after, whole := bytes.Cut(rest, []byte{'\n'})
		octetsOfLine := int64(len(rest) - len(after))
		offset += octetsOfLine
		rest = after
		body, err := openLine(line)
		seq, at, err2 := Seq(0), time.Time{}, error(nil)
		if err == nil {
			seq, at, err2 = head(body)
		}
		if !whole || err != nil || err2 != nil || seq <= previous {
			damagedAtEnd++
			continue
		}
		report.Damaged += damagedAtEnd
		damagedAtEnd = 0
		if previous > 0 && seq > previous+1 {
			report.Missing += uint64(seq - previous - 1)
		}
		previous = seq
		report.Events++
		s.size = offset - octetsOfLine
		s.add(seq, at, octetsOfLine)
	}
	if last && damagedAtEnd > 0 {
		report.Torn += int64(len(octets)) - s.size
	} else {
		report.Damaged += damagedAtEnd
		s.size = int64(len(octets))
	}
	return previous
}

// tell writes the sentences.
func (r *Report) tell() {
	if r.Damaged == 0 && r.Missing == 0 {
		return // a torn end is what a power cut leaves; nothing that was there before is lost
	}
	r.ZH = fmt.Sprintf("事件日志有损坏：%d 行无法读取，缺少 %d 条事件；其余 %d 条完好。", r.Damaged, r.Missing, r.Events)
	r.EN = fmt.Sprintf("The journal is damaged: %d lines cannot be read and %d events are missing; the other %d are whole.", r.Damaged, r.Missing, r.Events)
}
