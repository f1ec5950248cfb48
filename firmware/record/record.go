// Package record keeps what is said on calls: one file a call, caller left and agent right, written while the call lasts
// and sealed into the chain of check sums of its day when it ends.
//
// In: the sound of parties, shown to a Tape by firmware/bridge once a tick; the beginnings, pauses and ends that
// firmware/exchange orders. Out: files in a directory a day, what there is of them for the page, and Reports for the
// journal. Sound path, beside the bridge.
//
// Files are RIFF WAVE with A-law samples (format tag 6), playable at every moment, also after a power cut; the law of
// 64 kbit/s is ITU-T G.711. Nothing is compressed further. Measured with an hour of two people who speak in turns (Debian
// bookworm's flac 1.4.2 and opusenc 0.2, one core of an EPYC; megabytes, seconds of processor): A-law 57.6, 0; flac -5
// 34.8, 1.1; Opus at 16 kbit/s 7.1, 62; Opus at 24 kbit/s 9.9, 67. Forty agents of five hours a day are 11.5 GB a day as
// A-law: a disk of 2 TB holds half a year. FLAC would save two fifths of a disk that is cheap, and Opus eight cores
// for 480 calls; either would replace the octets that the chain proves by others. So they stay as they were.
//
// The chain is SHA-256 (FIPS 180-4) over lines of text, so that anybody can prove it without us (see chain). Signatures
// and time stamps of a third party are left out: who has the box has the chain; the last link of a day is what to write
// down, and the journal has it too.
//
// A tape never makes the bridge wait: what the disk does not take in time is lost, counted and marked. One goroutine
// writes all files in turn, one has room ready for them (see reel), one does everything that waits for the disk: sealing,
// deleting, proving. A killed process loses a quarter of a second of sound, a power cut syncEvery. Every method is safe from
// anywhere but Take, which is the bridge's.
package record

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"
)

// Options are what a recorder stands on.
type Options struct {
	Dir string
	Log *slog.Logger
	// Report is told what the journal wants to know, from a goroutine of the recorder's that may wait.
	Report func(Report)
	// Free says how many octets are free on the disk; nil asks the kernel.
	Free func(dir string) (uint64, error)
	// Clock is the time; nil is the machine's.
	Clock func() time.Time
}

// Report is something that happened to a recording, or to all of them.
type Report struct {
	Kind  ReportKind
	Call  string
	File  string        // of an end: relative to the directory; of a deletion: the day
	Last  time.Duration // of an end: how long the recording is
	Lost  time.Duration // of an end: how much sound the disk did not take in time
	Count int           // of a deletion: so many recordings
	Why   string        // of a deletion: age, room
	Step  Step          // of a step
	Free  uint64        // of a step: octets free on the disk
	Err   error
}

// ReportKind is what a Report tells.
type ReportKind uint8

// The reports.
const (
	Ended   ReportKind = iota + 1 // a recording is complete and in the chain
	Failed                        // a recording ended early, or could not be sealed up to now: Err says why
	Stepped                       // the disk fills or has room again: recordings are made as Step says
	Deleted                       // the recordings of a day were deleted for their age or for room
)

// About is what a recording is of.
type About struct {
	Call   string    `json:"call,omitempty"`
	Began  time.Time `json:"began,omitzero"`
	Queue  string    `json:"queue,omitempty"` // in which the call was served
	Agent  string    `json:"agent,omitempty"` // the extension that talked first; marks tell of others
	Caller string    `json:"caller,omitempty"`
	Called string    `json:"called,omitempty"`
}

// Recorder makes and keeps recordings. Make one with New, and let Run write.
type Recorder struct {
	Options
	chain  chain
	shelf  shelf
	stock  stock
	buffer []byte // the writer's
	create func(path string) (file, error)
	flush  func(dir string) error
	wake   chan struct{} // there is something to seal

	mu    sync.Mutex
	tapes map[*Tape]bool
	turn  int             // of the next tape
	ended []*Tape         // written, to be sealed
	live  map[string]bool // the unfinished files of tapes that are not sealed
	rules Rules
	step  Step
	space space
}

// The times of the recorder.
const (
	writeEvery  = 250 * time.Millisecond // what has gathered is written: what a killed process may lose
	turns       = 5                      // in so many passes, each of some of the tapes, so that little gathers and the disk is used evenly
	supplyEvery = 20 * time.Millisecond
	syncEvery   = 5 * time.Second // what was written is on the disk: what a power cut may lose
	lookEvery   = 5 * time.Second // the room on the disk is looked at, and what could not be sealed is tried again
)

// New makes a recorder over a directory, which is made where it is missing. An error says that it cannot be used.
func New(o Options) (*Recorder, error) {
	if o.Free == nil {
		o.Free = free
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if err := os.MkdirAll(o.Dir, 0o750); err != nil {
		return nil, fmt.Errorf("the directory of recordings: %w", err)
	}
	return &Recorder{
		Options: o, chain: chain{dir: o.Dir, last: map[string]string{}}, shelf: shelf{known: map[string]day{}}, create: create, flush: flush,
		buffer: make([]byte, 0, ringSize),
		wake:   make(chan struct{}, 1), tapes: map[*Tape]bool{}, live: map[string]bool{}, rules: Rules{Stereo: true},
	}, nil
}

// ErrStopped says that nothing is recorded because the disk is full.
var ErrStopped = errors.New("the disk is full, nothing is recorded")

// Start begins a recording; it does not wait for the disk. Its Tape is attached to the caller's party, its Agent to every
// other party of the call.
func (r *Recorder) Start(about About) (*Tape, error) {
	about.Call, about.Queue, about.Agent = valid(about.Call), valid(about.Queue), valid(about.Agent)
	about.Caller, about.Called = valid(about.Caller), valid(about.Called)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.step == Stopped {
		return nil, ErrStopped
	}
	about.Began = about.Began.In(r.rules.zone()).Round(0)
	day := about.Began.Format(time.DateOnly)
	path := filepath.Join(r.Dir, day, strings.TrimSuffix(about.name(), ending)+unfinished)
	if r.live[path] {
		return nil, fmt.Errorf("there is a recording %s already", filepath.Base(path))
	}
	t := &Tape{about: about, channels: 1, path: path, turn: r.turn % turns, stock: &r.stock}
	r.turn++
	if r.rules.Stereo && r.step == Full {
		t.channels = 2
	}
	r.tapes[t], r.live[path] = true, true
	r.stock.supply(len(r.tapes))
	return t, nil
}

// ending ends the name of a recording, unfinished that of one that is being written.
const (
	ending     = ".wav"
	unfinished = ".part.wav"
)

// valid is text without octets that are no UTF-8: they would not come back from the chain as they went in.
func valid(text string) string { return strings.ToValidUTF8(text, "\uFFFD") }

// safeOctets is how long a part of a file's name may be: five parts and the ending stay under the 255 of Linux.
const safeOctets = 45

// safe makes text fit for a part of a file's name: letters, digits, dashes, dots and pluses, at most safeOctets.
func safe(text string) string {
	kept := strings.Map(func(r rune) rune {
		if r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '.' || r == '+') {
			return r
		}
		return '-'
	}, strings.TrimLeft(text, "."))
	for len(kept) > safeOctets {
		_, size := utf8.DecodeLastRuneInString(kept)
		kept = kept[:len(kept)-size]
	}
	return kept
}

// nameTime is how a name tells when the recording began.
const nameTime = "20060102-150405"

// name is what a finished recording is called: when, queue, agent, caller, call.
func (a About) name() string {
	parts := []string{a.Began.Format(nameTime), safe(a.Queue), safe(a.Agent), safe(a.Caller), safe(a.Call)}
	return strings.Join(parts, "_") + ending
}

// Run writes what gathers until stop is closed, and then seals what is open. First it seals what a killed process left.
func (r *Recorder) Run(stop <-chan struct{}) {
	written := make(chan struct{})
	go func() {
		defer close(written)
		every := time.NewTicker(writeEvery / turns)
		defer every.Stop()
		for turn := 0; ; turn = (turn + 1) % turns {
			select {
			case <-every.C:
				r.writeTurn(turn)
			case <-stop:
				r.endAll("")
				r.write()
				return
			}
		}
	}()
	go r.supplyAll(written)
	r.keep(written)
}

// supplyAll has pieces ready until all is written.
func (r *Recorder) supplyAll(written <-chan struct{}) {
	every := time.NewTicker(supplyEvery)
	defer every.Stop()
	for {
		select {
		case <-every.C:
			r.supply()
		case <-written:
			return
		}
	}
}

// supply has pieces ready for what comes until the next time.
func (r *Recorder) supply() {
	r.mu.Lock()
	tapes := len(r.tapes)
	r.mu.Unlock()
	r.stock.supply(tapes)
}

// keep does what waits for the disk, until everything is written.
func (r *Recorder) keep(written <-chan struct{}) {
	onDisk, look := time.NewTicker(syncEvery), time.NewTicker(lookEvery)
	defer onDisk.Stop()
	defer look.Stop()
	r.look()
	r.recover()
	for {
		select {
		case <-r.wake:
			r.seal()
		case <-onDisk.C:
			r.sync()
		case <-look.C:
			r.look()
			r.seal()
		case <-written:
			r.seal()
			return
		}
	}
}

// endAll ends every tape; what is the mark that says why, or empty.
func (r *Recorder) endAll(what string) {
	for _, t := range r.open() {
		if what != "" {
			t.Mark(what)
		}
		t.End()
	}
}

func (r *Recorder) open() []*Tape {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := make([]*Tape, 0, len(r.tapes))
	for t := range r.tapes {
		all = append(all, t)
	}
	return all
}

func (r *Recorder) inTurn(turn int) (some []*Tape) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for t := range r.tapes {
		if t.turn == turn {
			some = append(some, t)
		}
	}
	return some
}

// write writes what every tape has gathered.
func (r *Recorder) write() {
	for turn := range turns {
		r.writeTurn(turn)
	}
}

// writeTurn writes what the tapes of a turn have gathered; those that have ended, or that the disk does not take, are to be
// sealed.
func (r *Recorder) writeTurn(turn int) {
	for _, t := range r.inTurn(turn) {
		ended := t.ended.Load() // before the rest is written, so that nothing comes after it
		if t.failed = t.write(r.create, r.buffer); t.failed == nil && !ended {
			continue
		}
		t.ended.Store(true)
		r.stock.end(&t.reel)
		r.mu.Lock()
		delete(r.tapes, t)
		r.ended = append(r.ended, t)
		r.mu.Unlock()
		select {
		case r.wake <- struct{}{}:
		default:
		}
	}
}

func (r *Recorder) tell(report Report) {
	if r.Report != nil {
		r.Report(report)
	}
}
