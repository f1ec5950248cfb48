// Package record keeps what is said on calls: one file a call, caller left and agent right, written while the call lasts
// and sealed into a chain of check sums when it ends.
//
// In: the sound of parties, shown to a Tape by firmware/bridge once a tick; the beginnings, pauses and ends that
// firmware/exchange orders. Out: files in a directory a day, what there is of them for the page, and Reports for the
// journal. Sound path, beside the bridge.
//
// Files are WAVE with A-law samples (RIFF, format tag 6), playable at every moment, also after a power cut. Nothing is
// compressed: A-law needs no processor on the tick or beside it, and 58 MB an hour and call is what a disk is cheap for;
// the package comment of the benchmarks has the figures.
//
// A tape never makes the bridge wait: what the disk does not take in time is lost, counted and marked. One goroutine
// writes all files, in turn. Every method is safe from anywhere but Take, which is the bridge's.
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
)

// Options are what a recorder stands on.
type Options struct {
	Dir string
	Log *slog.Logger
	// Report is told what the journal wants to know. It is called from the recorder's goroutine and must not wait.
	Report func(Report)
	// Free says how many octets are free on the disk; nil asks the kernel.
	Free func(dir string) (uint64, error)
	// Clock is the time; nil is the machine's.
	Clock func() time.Time
}

// Report is something that happened to a recording, or to all of them.
type Report struct {
	Kind ReportKind
	Call string
	File string        // of an end: relative to the directory
	Last time.Duration // of an end: how long the recording is
	Lost time.Duration // of an end: how much sound the disk did not take in time
	Step Step          // of a step
	Free uint64        // of a step: octets free on the disk
	Err  error
}

// ReportKind is what a Report tells.
type ReportKind uint8

// The reports.
const (
	Ended   ReportKind = iota + 1 // a recording is complete and in the chain
	Failed                        // a recording ended early, or could not be sealed: Err says why
	Stepped                       // the disk fills or has room again: recordings are made as Step says
	Deleted                       // a recording was deleted for its age or for room
)

// About is what a recording is of.
type About struct {
	Call   string    `json:"call"`
	Began  time.Time `json:"began"` // UTC
	Queue  string    `json:"queue,omitempty"`
	Agent  string    `json:"agent,omitempty"`
	Caller string    `json:"caller,omitempty"`
	Called string    `json:"called,omitempty"`
}

// Recorder makes and keeps recordings. Make one with New, and let Run write.
type Recorder struct {
	Options
	chain chain
	space space

	mu    sync.Mutex
	tapes map[*Tape]bool
	rules Rules
	step  Step
}

// writeEvery is how often what has gathered is written: half of what a killed process may lose.
const writeEvery = 500 * time.Millisecond

// New makes a recorder over a directory, which is made where it is missing. What a killed process left unfinished is
// sealed as it is. An error says that the directory cannot be used.
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
	r := &Recorder{Options: o, chain: chain{dir: o.Dir}, tapes: map[*Tape]bool{}, rules: Rules{Stereo: true}}
	return r, r.recover()
}

// ErrStopped says that nothing is recorded because the disk is full.
var ErrStopped = errors.New("the disk is full, nothing is recorded")

// Start begins a recording. Its Tape is attached to the caller's party, its Agent to every other party of the call.
func (r *Recorder) Start(about About) (*Tape, error) {
	r.mu.Lock()
	rules, step := r.rules, r.step
	r.mu.Unlock()
	if step == Stopped {
		return nil, ErrStopped
	}
	about.Began = about.Began.UTC()
	dir := filepath.Join(r.Dir, about.Began.Format(time.DateOnly))
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("the directory of a day: %w", err)
	}
	t := &Tape{about: about, channels: 1, path: filepath.Join(dir, safe(about.Call)+unfinished)}
	if rules.Stereo && step == Full {
		t.channels = 2
	}
	if err := t.create(); err != nil {
		return nil, err
	}
	r.mu.Lock()
	r.tapes[t] = true
	r.mu.Unlock()
	return t, nil
}

// unfinished ends the name of a file that is being written.
const unfinished = ".part.wav"

// safe makes text fit for the name of a file: letters, digits, dashes and dots, at most 40.
func safe(text string) string {
	kept := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '.' || r == '+' {
			return r
		}
		return '-'
	}, strings.TrimLeft(text, "."))
	runes := []rune(kept)
	return string(runes[:min(len(runes), 40)])
}

// name is what a finished recording is called: when, queue, agent, caller, call.
func (a About) name() string {
	parts := []string{a.Began.Format("20060102-150405"), safe(a.Queue), safe(a.Agent), safe(a.Caller), safe(a.Call)}
	return strings.Join(parts, "_") + ".wav"
}

// Run writes what gathers until stop is closed, and then seals what is open.
func (r *Recorder) Run(stop <-chan struct{}) {
	write, look := time.NewTicker(writeEvery), time.NewTicker(lookEvery)
	defer write.Stop()
	defer look.Stop()
	r.Look()
	for {
		select {
		case <-write.C:
			r.Write()
		case <-look.C:
			r.Look()
		case <-stop:
			for _, t := range r.open() {
				t.End()
			}
			r.Write()
			return
		}
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

// Write writes what every tape has gathered, and seals those that have ended. It is Run's, and the tests'.
func (r *Recorder) Write() {
	for _, t := range r.open() {
		ended := t.ended.Load() // before the rest is written, so that nothing comes after it
		err := t.write()
		if err == nil && !ended {
			continue
		}
		r.mu.Lock()
		delete(r.tapes, t)
		r.mu.Unlock()
		r.finish(t, err)
	}
}

// finish seals a tape that has ended, or that the disk does not take any more.
func (r *Recorder) finish(t *Tape, failed error) {
	t.cut.Store(true)
	entry, err := t.seal()
	if err == nil {
		err = r.chain.add(entry)
	}
	report := Report{Kind: Ended, Call: t.about.Call, File: entry.File, Last: entry.length(), Lost: t.lostTime(), Err: errors.Join(failed, err)}
	if report.Err != nil {
		report.Kind = Failed
	}
	r.tell(report)
	if failed != nil {
		r.Look() // the disk may be full
	}
}

func (r *Recorder) tell(report Report) {
	if r.Report != nil {
		r.Report(report)
	}
}
