package e2e

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"strings"
	"testing"

	"trunkbox/firmware/config"

	"trunkbox/dsp"
)

const (
	second      = dsp.SampleRate // of sound, in octets
	sentS       = 20             // s before the sequence repeats
	blockOctets = 80             // octets of one block of the line
)

// looks are how much sound is recorded until the next look at it, and how long a run in it is enough, in
// octets. Late ticks of a busy machine break runs.
//
// The buffer before a telephone's sound takes room that it needed once back by a sample in 50 ms, for many seconds, and fades
// each over a packet. Then no run need be long; of faded seconds half is enough, in as many runs as there are.
var looks = []struct{ recorded, run int }{
	{4 * second, 3 * second}, {6 * second, 3 * second}, {8 * second, second}, {16 * second, second},
}

const faded = 8 * second // recorded, from which on half is enough

// TestOctetsPassUnchanged sends pseudo-random A-law octets both ways at once through the whole box. No
// octet may come out changed: what is lost on a busy machine is lost in blocks.
func TestOctetsPassUnchanged(t *testing.T) {
	t.Parallel()
	b := open(t, func(s *config.Settings) { s.Lines[0].EchoTailMS = 0 })
	p := b.phone("801")
	b.waitAgent("801", "ready")
	line := b.toSales("13800000111")
	agent := answered(t, p)
	talk(t, line, agent)
	b.waitAgent("801", "on_call")

	fromLine, fromPhone := newSequence(1), newSequence(2)
	line.PlayClip(fromLine.octets)
	agent.Sound().PlayClip(fromPhone.octets)
	for _, way := range []struct {
		name     string
		sequence sequence
		recorded func() []byte
		may      func(gap) bool
		fades    bool // for it has a buffer before it
	}{
		{"line to phone", fromLine, agent.Sound().Recorded, gap.silent, false},
		{"phone to line", fromPhone, line.Recorded, gap.ofPlayout, true},
	} {
		var runs []run
		var gaps []gap
		enough := false
		for _, look := range looks {
			wait(t, "there is enough of the sequence "+way.name, func() bool {
				runs, gaps = way.sequence.find(way.recorded())
				return span(runs) >= look.recorded
			})
			half := way.fades && look.recorded >= faded && 2*unchanged(runs) >= span(runs)
			if enough = longest(runs) >= look.run || half; enough {
				break
			}
		}
		t.Logf("%s: longest run %d octets, %d unchanged in %d runs over %d octets; the telephone was late %d times",
			way.name, longest(runs), unchanged(runs), len(runs), span(runs), p.Traffic().Late)
		if !enough {
			t.Errorf("%s: the longest run is %d octets of %d, want %d", way.name, longest(runs), span(runs), second)
		}
		for _, g := range gaps {
			if !way.may(g) {
				t.Errorf("%s: octets are changed: %d octets of the sequence from %d on came as % x", way.name, g.skipped, g.from, g.octets[:min(len(g.octets), 64)])
			}
		}
	}
	line.Hangup(16)
}

// sequence is pseudo-random octets, any eight of which in a row tell where they are from.
type sequence struct {
	octets []byte
	at     map[uint64]int
}

func newSequence(seed uint64) sequence {
	s := sequence{octets: make([]byte, sentS*second), at: make(map[uint64]int, sentS*second)}
	random := rand.New(rand.NewPCG(seed, 0))
	for i := range s.octets {
		s.octets[i] = byte(random.Uint32())
	}
	for i := range s.octets[:len(s.octets)-7] {
		s.at[binary.LittleEndian.Uint64(s.octets[i:])] = i
	}
	return s
}

// run is a piece of the sequence, unbroken and unchanged, in a recording.
type run struct{ recorded, from, length int }

// gap is what lies between two runs: the octets recorded instead of so many of the sequence (below zero:
// the second run goes back).
type gap struct {
	octets        []byte
	from, skipped int
}

// find cuts a recording into the runs of the sequence and what is between them.
func (s sequence) find(recorded []byte) (runs []run, gaps []gap) {
	for i := 0; i+8 <= len(recorded); i++ {
		from, known := s.at[binary.LittleEndian.Uint64(recorded[i:])]
		if !known {
			continue
		}
		r := run{i, from, 8}
		for i+r.length < len(recorded) && from+r.length < len(s.octets) && recorded[i+r.length] == s.octets[from+r.length] {
			r.length++
		}
		if len(runs) > 0 {
			last := runs[len(runs)-1]
			gaps = append(gaps, gap{recorded[last.recorded+last.length : i], last.from + last.length, from - last.from - last.length})
		}
		runs = append(runs, r)
		i += r.length - 1
	}
	return runs, gaps
}

// inPlace says that octets were changed where they are: as many came as were sent, and fewer than go
// missing with a block. Losses move the sequence against the recording, or are longer.
func (g gap) inPlace() bool { return len(g.octets) == g.skipped && g.skipped < blockOctets/2 }

// silent says that nothing but silence was recorded instead of missing blocks. The silence may seem
// shorter than it is, when octets of the sequence next to it are silence too.
func (g gap) silent() bool {
	return !g.inPlace() && len(bytes.Trim(g.octets, string([]byte{dsp.ALaw.Silence()}))) == 0
}

// ofPlayout says that the buffer before the telephone's sound was at work, which may make up sound: it
// conceals a packet that is late or lost, and fades 5 ms out of sound that waits too long.
func (g gap) ofPlayout() bool { return !g.inPlace() }

func longest(runs []run) int {
	most := 0
	for _, r := range runs {
		most = max(most, r.length)
	}
	return most
}

func unchanged(runs []run) (octets int) {
	for _, r := range runs {
		octets += r.length
	}
	return octets
}

// span is how many octets were recorded from the begin of the first run to the end of the last.
func span(runs []run) int {
	if len(runs) == 0 {
		return 0
	}
	last := runs[len(runs)-1]
	return last.recorded + last.length - runs[0].recorded
}

// The search finds octets that are changed, lost and inserted.
func TestSequenceIsFoundInARecording(t *testing.T) {
	t.Parallel()
	s := newSequence(3)
	silence := bytes.Repeat([]byte{dsp.ALaw.Silence()}, blockOctets)
	changed, silenced := bytes.Clone(s.octets[:2000]), bytes.Clone(s.octets[:2000])
	changed[1000] ^= 0x80
	silenced[1000] = dsp.ALaw.Silence()
	for _, c := range []struct {
		name            string
		recorded        [][]byte
		runs            int
		silent, playout bool // of the one gap
	}{
		{"whole", [][]byte{silence, s.octets[100:2000]}, 1, true, true},
		{"changed", [][]byte{changed}, 2, false, false},
		{"silenced", [][]byte{silenced}, 2, false, false},
		{"lost", [][]byte{s.octets[:800], s.octets[960:2000]}, 2, true, true},
		{"late", [][]byte{s.octets[:800], silence, s.octets[800:2000]}, 2, true, true},
		{"concealed", [][]byte{s.octets[:800], []byte(strings.Repeat("\x11\x91", 56)), s.octets[832:2000]}, 2, false, true},
	} {
		runs, gaps := s.find(bytes.Join(c.recorded, nil))
		if len(runs) != c.runs || len(gaps) != c.runs-1 {
			t.Errorf("%s: %d runs, %d gaps", c.name, len(runs), len(gaps))
			continue
		}
		for _, g := range gaps {
			if g.silent() != c.silent || g.ofPlayout() != c.playout {
				t.Errorf("%s: silent %v, of the playout %v", c.name, g.silent(), g.ofPlayout())
			}
		}
	}
}
