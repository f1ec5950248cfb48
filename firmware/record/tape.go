package record

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"hash"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"trunkbox/dsp"
)

// Tape is one recording while it is made. It is the tap of the caller's party (bridge.Tap).
//
// The engine's thread gives it blocks, the recorder's goroutine takes octets; between them is a ring with the same
// hand-over as a timeslot's: head is stored by the engine after the octets, tail by the writer after it has copied them
// out.
type Tape struct {
	channels int
	path     string

	file    file // the writer's, until the tape is to be sealed; nil before the first writing
	sum     hash.Hash
	written int64  // octets of sound in the file
	missed  uint64 // of lost, what is marked
	failed  error
	sealing sealing // the keeper's, afterwards

	head, tail atomic.Uint32
	ring       [ringSize]byte
	lost       atomic.Uint64 // octets for which there was no room

	paused atomic.Bool
	ended  atomic.Bool // nothing more is taken

	others  [maxBlock]int32 // what the other parties said since the caller's last block; the engine's
	spoke   bool
	linear  [maxBlock]int16
	mixed   [maxBlock]int16
	frame   [2 * maxBlock]byte
	samples atomic.Uint64 // of each channel there are in the ring or behind it

	mu    sync.Mutex
	about About
	marks []Mark
}

// maxBlock is the longest block of the bridge, in samples.
const maxBlock = 160

// ringSize is four seconds of two channels: so long may the disk take for one pass of writing.
const ringSize = 1 << 16

// Mark is something that happened at a place of a recording.
type Mark struct {
	At   time.Duration `json:"at_ns"`
	What string        `json:"what"` // paused, resumed, held, taken_back, consent, agent <extension>, lost <time>, disk_full
}

// Take takes a block of the caller: what he said, and what he heard where nobody of ours was there to speak.
func (t *Tape) Take(said, heard []byte, law dsp.Law) {
	n := len(said)
	if t.ended.Load() {
		return
	}
	left, right := t.linear[:n], t.mixed[:n]
	switch {
	case t.paused.Load():
		clear(right)
	case t.spoke:
		for i := range right {
			right[i] = int16(min(max(t.others[i], -32768), 32767))
		}
	default:
		law.Expand(right, heard)
	}
	t.spoke = false
	clear(t.others[:n])
	if t.paused.Load() {
		clear(left)
	} else {
		law.Expand(left, said)
	}
	frame := t.frame[:n*t.channels]
	if t.channels == 2 {
		dsp.ALaw.Compress(frame[:n], left)
		dsp.ALaw.Compress(frame[n:], right)
	} else {
		for i := range left {
			left[i] = int16((int32(left[i]) + int32(right[i])) / 2)
		}
		dsp.ALaw.Compress(frame, left)
	}
	t.push(frame)
}

// push puts a block into the ring: all of the left channel and then all of the right, or the only one.
func (t *Tape) push(frame []byte) {
	head, n := t.head.Load(), uint32(len(frame))
	if head-t.tail.Load() > ringSize-n {
		t.lost.Add(uint64(n))
		return
	}
	if t.channels == 2 {
		half := n / 2
		for i := range half {
			t.ring[(head+2*i)%ringSize] = frame[i]
			t.ring[(head+2*i+1)%ringSize] = frame[half+i]
		}
	} else {
		copied := copy(t.ring[head%ringSize:], frame)
		copy(t.ring[:], frame[copied:])
	}
	t.samples.Add(uint64(n) / uint64(t.channels))
	t.head.Store(head + n)
}

// Agent is the tap of every other party: what it says is heard on the right (bridge.Tap).
type Agent struct{ tape *Tape }

// Agent is the tap for a party on the agent's side.
func (t *Tape) Agent() *Agent { return &Agent{t} }

// Take adds what the party said to the right channel, a block later than the caller's at most.
func (a *Agent) Take(said, _ []byte, law dsp.Law) {
	t := a.tape
	if t.ended.Load() {
		return
	}
	law.Expand(t.mixed[:len(said)], said)
	for i, x := range t.mixed[:len(said)] {
		t.others[i] += int32(x)
	}
	t.spoke = true
}

// Pause records silence from now on, Resume what is said again.
func (t *Tape) Pause()  { t.paused.Store(true); t.Mark("paused") }
func (t *Tape) Resume() { t.paused.Store(false); t.Mark("resumed") }

// Paused says which of the two was last.
func (t *Tape) Paused() bool { return t.paused.Load() }

// Running says whether the tape still takes sound: not after its end, and not when the disk refused it.
func (t *Tape) Running() bool { return !t.ended.Load() }

// Mark notes what happens now.
func (t *Tape) Mark(what string) {
	at := t.length()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.marks = append(t.marks, Mark{at, valid(what)})
}

// length is how much there is of the recording.
func (t *Tape) length() time.Duration {
	return time.Duration(t.samples.Load()) * time.Second / dsp.SampleRate
}

// With says which agent talks from now on, and from which queue; the recording has the name of the first.
func (t *Tape) With(agent, queue string) {
	t.Mark("agent " + agent)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.about.Agent == "" {
		t.about.Agent, t.about.Queue = valid(agent), cmp.Or(valid(queue), t.about.Queue)
	}
}

// End ends the recording; it is sealed when what there is has been written.
func (t *Tape) End() { t.ended.Store(true) }

// told is what is known of the recording by now.
func (t *Tape) told() (About, []Mark) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.about, slices.Clone(t.marks)
}

func (t *Tape) lostTime(octets uint64) time.Duration {
	return time.Duration(octets) * time.Second / time.Duration(dsp.SampleRate*t.channels)
}

// write writes what has gathered; the first writing makes the file.
func (t *Tape) write(create func(string) (file, error)) error {
	if t.file == nil {
		made, err := create(t.path)
		if err != nil {
			return fmt.Errorf("a recording cannot begin: %w", err)
		}
		t.file, t.sum = made, sha256.New()
		if _, err := made.Write(header(t.channels, unknownLength)); err != nil {
			return fmt.Errorf("a recording cannot begin: %w", err)
		}
	}
	if lost := t.lost.Load(); lost > t.missed {
		t.Mark("lost " + t.lostTime(lost-t.missed).String())
		t.missed = lost
	}
	tail, head := t.tail.Load(), t.head.Load()
	for tail != head {
		from := tail % ringSize
		part := t.ring[from:min(from+(head-tail), ringSize)]
		n, err := t.file.Write(part)
		t.sum.Write(part[:n])
		t.written += int64(n)
		tail += uint32(n)
		t.tail.Store(tail)
		if err != nil {
			return fmt.Errorf("a recording cannot go on: %w", err)
		}
	}
	return nil
}
