package record

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"os"
	"path/filepath"
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
	about    About
	channels int
	path     string
	file     *os.File
	sum      hash.Hash
	written  int64 // octets of sound in the file; the writer's

	head, tail atomic.Uint32
	ring       [ringSize]byte
	lost       atomic.Uint64 // octets for which there was no room

	paused atomic.Bool
	ended  atomic.Bool // nothing more comes
	cut    atomic.Bool // the file is closed: what comes is dropped

	others  [160]int32 // what the other parties said since the caller's last block; the engine's
	spoke   bool
	linear  [160]int16
	mixed   [160]int16
	frame   [2 * 160]byte
	samples atomic.Uint64 // so many of each channel were taken

	mu    sync.Mutex
	marks []Mark
}

// ringSize is one second of two channels.
const ringSize = 16384

// Mark is something that happened at a place of a recording.
type Mark struct {
	At   time.Duration `json:"at_ns"`
	What string        `json:"what"` // paused, resumed, held, taken_back, consent, agent <extension>, lost
}

// create makes the file with a header that holds for any length.
func (t *Tape) create() error {
	file, err := os.OpenFile(t.path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o640)
	if err != nil {
		return fmt.Errorf("a recording cannot begin: %w", err)
	}
	if _, err := file.Write(header(t.channels, unknownLength)); err != nil {
		return errors.Join(fmt.Errorf("a recording cannot begin: %w", err), file.Close(), os.Remove(t.path))
	}
	t.file, t.sum = file, sha256.New()
	return nil
}

// Take takes a block of the caller: what he said, and what he heard where nobody of ours was there to speak.
func (t *Tape) Take(said, heard []byte, law dsp.Law) {
	n := len(said)
	if t.ended.Load() || t.cut.Load() {
		return
	}
	t.samples.Add(uint64(n))
	right := t.mixed[:n]
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
	left := t.linear[:n]
	law.Expand(left, said)
	if t.paused.Load() {
		clear(left)
	}
	frame := t.frame[:n*t.channels]
	if t.channels == 2 {
		dsp.ALaw.Compress(frame[:n], left)
		dsp.ALaw.Compress(frame[n:], right)
		t.interleave(frame)
		return
	}
	for i := range left {
		left[i] = int16((int32(left[i]) + int32(right[i])) / 2)
	}
	dsp.ALaw.Compress(frame, left)
	t.push(frame)
}

// interleave pushes a block of both channels sample by sample.
func (t *Tape) interleave(both []byte) {
	head, n := t.head.Load(), uint32(len(both))
	if head-t.tail.Load() > ringSize-n {
		t.lost.Add(uint64(n))
		return
	}
	half := n / 2
	for i := range half {
		t.ring[(head+2*i)%ringSize] = both[i]
		t.ring[(head+2*i+1)%ringSize] = both[half+i]
	}
	t.head.Store(head + n)
}

func (t *Tape) push(block []byte) {
	head, n := t.head.Load(), uint32(len(block))
	if head-t.tail.Load() > ringSize-n {
		t.lost.Add(uint64(n))
		return
	}
	copied := copy(t.ring[head%ringSize:], block)
	copy(t.ring[:], block[copied:])
	t.head.Store(head + n)
}

// agent is the tap of every other party: what it says is heard on the right.
type agent struct{ tape *Tape }

// Agent is the tap for a party on the agent's side (bridge.Tap).
func (t *Tape) Agent() *agent { return &agent{t} }

// Take adds what the party said to the right channel, a block later than the caller's at most.
func (a *agent) Take(said, _ []byte, law dsp.Law) {
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

// Mark notes what happens now.
func (t *Tape) Mark(what string) {
	at := time.Duration(t.samples.Load()) * time.Second / dsp.SampleRate
	t.mu.Lock()
	defer t.mu.Unlock()
	t.marks = append(t.marks, Mark{at, what})
}

// With says who the agent is, when that is known later than the beginning.
func (t *Tape) With(agent, queue string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.about.Agent, t.about.Queue = agent, queue
}

// End ends the recording; it is sealed with the next Write.
func (t *Tape) End() { t.ended.Store(true) }

func (t *Tape) lostTime() time.Duration {
	return time.Duration(t.lost.Load()) * time.Second / time.Duration(dsp.SampleRate*t.channels)
}

// write writes what has gathered.
func (t *Tape) write() error {
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

// seal completes the header, gives the file its name and says what the chain has to know of it.
func (t *Tape) seal() (Entry, error) {
	t.mu.Lock()
	about, marks := t.about, t.marks
	t.mu.Unlock()
	if lost := t.lostTime(); lost > 0 {
		marks = append(marks, Mark{time.Duration(t.samples.Load()) * time.Second / dsp.SampleRate, "lost " + lost.String()})
	}
	return seal(t.file, t.path, sealed{about, t.channels, t.written, marks, t.sum.Sum(nil), false})
}

// sealed is what is known of a file whose sound is complete.
type sealed struct {
	about     About
	channels  int
	octets    int64
	marks     []Mark
	sum       []byte
	recovered bool
}

func seal(file *os.File, path string, s sealed) (Entry, error) {
	dir := filepath.Dir(path)
	entry := Entry{
		About: s.about, File: filepath.Join(filepath.Base(dir), s.about.name()), Channels: s.channels, Octets: s.octets,
		Marks: s.marks, Sum: hex.EncodeToString(s.sum), Recovered: s.recovered,
	}
	_, err := file.WriteAt(header(s.channels, s.octets), 0)
	err = errors.Join(err, file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(path, filepath.Join(filepath.Dir(dir), entry.File))
	}
	if err != nil {
		return entry, fmt.Errorf("the recording %s cannot be completed: %w", filepath.Base(path), err)
	}
	return entry, nil
}

// aboutOf reads the call of an unfinished file out of its name, the rest is not known.
func aboutOf(path string, began time.Time) About {
	name := filepath.Base(path)
	return About{Call: name[:len(name)-len(unfinished)], Began: began.UTC()}
}

// String is the entry as the chain keeps it: one line of JSON.
func (e Entry) String() string {
	octets, err := json.Marshal(e)
	if err != nil {
		panic(err) // strings and numbers only
	}
	return string(octets)
}
