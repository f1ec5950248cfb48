package record

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"fmt"
	"hash"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"trunkbox/dsp"
)

// Tape is one recording while it is made. It is the tap of the caller's party (bridge.Tap).
//
// The engine's thread gives it blocks, the recorder's writer takes octets; between them is a reel, which tells who owns what.
type Tape struct {
	channels int
	path     string
	turn     int // in which of the writer's passes its sound is written

	file    file // the writer's, until the tape is to be sealed; nil before the first writing
	sum     hash.Hash
	written int64  // octets of sound in the file
	missed  uint64 // of lost, what is marked
	failed  error
	sealing *sealing // the keeper's, afterwards

	reel  reel
	stock *stock
	lost  atomic.Uint64 // octets for which there was no room

	paused atomic.Bool
	ended  atomic.Bool // nothing more is taken

	spoke   *Agent        // the last of the other parties that spoke since the caller's last block; the engine's
	samples atomic.Uint64 // of each channel there are on the reel or behind it

	mu    sync.Mutex
	about About
	marks []Mark
}

// maxBlock is the longest block of the bridge, in samples.
const maxBlock = 160

// Mark is something that happened at a place of a recording.
type Mark struct {
	At   time.Duration `json:"at_ns"`
	What string        `json:"what"` // paused, resumed, held, taken_back, consent, agent <extension>, lost <time>, disk_full
}

// silent is as much silence as a block can have, in A-law.
var silent = [maxBlock]byte(bytes.Repeat([]byte{dsp.ALaw.Silence()}, maxBlock))

// Take takes a block of the caller: what he said, and what he heard where nobody of ours was there to speak.
func (t *Tape) Take(said, heard []byte, law dsp.Law) {
	n := len(said)
	if t.ended.Load() {
		return
	}
	var here, there [maxBlock]byte
	left, right := said, heard
	if law != dsp.ALaw {
		left, right = here[:n], there[:n]
		dsp.Transcode(left, said, law, dsp.ALaw)
		dsp.Transcode(right, heard, law, dsp.ALaw)
	}
	switch {
	case t.paused.Load():
		left, right = silent[:n], silent[:n]
	case t.spoke != nil:
		right = there[:n]
		t.spoke.voices(right)
	}
	if t.channels == 1 {
		mix(here[:n], left, right)
		left, right = here[:n], nil
	}
	t.spoke.heard()
	t.spoke = nil
	if !t.reel.push(left, right, t.stock) {
		t.lost.Add(uint64(len(left) + len(right)))
		return
	}
	t.samples.Add(uint64(n))
}

// mix makes one channel of two; into may be one of them.
func mix(into, left, right []byte) {
	for i := range into {
		into[i] = dsp.ALaw.Encode(int16((int32(dsp.ALaw.Decode(left[i])) + int32(dsp.ALaw.Decode(right[i]))) / 2))
	}
}

// Agent is the tap of every other party: what it says is heard on the right (bridge.Tap).
type Agent struct {
	tape *Tape

	// The engine's, from its block to the caller's.
	spoke bool
	other *Agent // who spoke before
	law   dsp.Law
	said  [maxBlock]byte
}

// Agent is the tap for a party on the agent's side.
func (t *Tape) Agent() *Agent { return &Agent{tape: t} }

// Take keeps what the party said for the right channel, a block later than the caller's at most.
func (a *Agent) Take(said, _ []byte, law dsp.Law) {
	t := a.tape
	if t.ended.Load() {
		return
	}
	a.law = law
	copy(a.said[:], said)
	if !a.spoke {
		a.spoke, a.other, t.spoke = true, t.spoke, a
	}
}

// voices is what those said who spoke, in A-law: one voice as it came, more added up.
func (a *Agent) voices(into []byte) {
	if a.other == nil {
		dsp.Transcode(into, a.said[:len(into)], a.law, dsp.ALaw)
		return
	}
	var sum [maxBlock]int16
	for ; a != nil; a = a.other {
		for i, octet := range a.said[:len(into)] {
			sum[i] = int16(min(max(int32(sum[i])+int32(a.law.Decode(octet)), math.MinInt16), math.MaxInt16))
		}
	}
	dsp.ALaw.Compress(into, sum[:len(into)])
}

// heard forgets it.
func (a *Agent) heard() {
	for a != nil {
		before := a.other
		a.spoke, a.other = false, nil
		a = before
	}
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

// write writes what has gathered, by way of a buffer of the writer's; the first writing makes the file.
func (t *Tape) write(create func(string) (file, error), buffer []byte) error {
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
	octets := t.reel.pull(buffer[:0], t.stock)
	if len(octets) == 0 {
		return nil
	}
	n, err := t.file.Write(octets)
	t.sum.Write(octets[:n])
	t.written += int64(n)
	if err != nil {
		return fmt.Errorf("a recording cannot go on: %w", err)
	}
	return nil
}
