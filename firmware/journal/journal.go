// Package journal is the memory of the exchange: everything that happened, one event after the other,
// never changed afterwards. Call records, daily figures and the sentences that answer "why?" are folds
// over it and hold nothing of their own.
//
// In: events of the signal path, appended by firmware/exchange as they happen. Out: call records, figures
// and event streams for the pages, the console and exports.
//
// There is no standard for the log; names of outcomes and the balance of a queue are those of the field
// (queue_log of Asterisk, Offered = Answered + Abandoned + …). Recordings are not kept here.
//
// Append hands the event to the kernel before it returns, so that a killed process loses none; the disk is
// synced once a second, so that a power cut loses at most the last second. When the disk is full, events
// are kept in memory and written when there is room again; all others are read from the disk. Every method is safe from any
// goroutine.
package journal

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// The bounds that Options leave at zero.
const (
	defaultMaxBytes     = 256 << 20
	defaultSegmentBytes = 4 << 20
	defaultCalls        = 10_000
	unsavedMost         = 4096 // events that a full disk can hold up
	lineLongest         = 64 << 10
	syncEvery           = time.Second
	retryEvery          = time.Second // between attempts to write to a disk that refused
)

// Options bound a journal. Zero values take the defaults: 256 MiB in segments of 4 MiB, an index of the
// last 10,000 calls, days of the local time zone.
type Options struct {
	MaxBytes     int64 // of all segments; the oldest is removed beyond it
	SegmentBytes int64
	Calls        int            // calls in the index
	Zone         *time.Location // in which a day begins
	Logger       *slog.Logger
}

// Report is what Open found, in sentences when something is missing.
type Report struct {
	Events  uint64 // that can be read
	Torn    int64  // octets cut off the end: an event that was being written when the power went
	Damaged int    // lines whose check sum is wrong
	Missing uint64 // events missing between others
	ZH, EN  string // empty when all is well
}

// Stats counts since Open.
type Stats struct {
	Appended uint64 // events taken
	Refused  uint64 // attempts to write that failed
	Unsaved  int    // events that are in memory only, because the disk refuses them
	Dropped  uint64 // events lost because too many were unsaved
	Last     Seq
	Bytes    int64 // of all segments
	Segments int
}

// Journal is an open journal.
type Journal struct {
	dir     string
	options Options

	mu       sync.Mutex
	segments []*segment // oldest first; the last is written to
	file     *os.File   // of the last segment; nil until the first write
	next     Seq
	unsaved  unsaved
	tried    time.Time
	stats    Stats
	retired  []*os.File // full segments to be synced and closed
	dirty    bool       // something was written since the last sync
	grew     chan struct{}
	calls    *Calls
	figures  *Figures
	folded   Seq // first event in calls and figures
	closed   bool
	closing  chan struct{}
	synced   sync.WaitGroup
}

// Open opens the journal in dir, which is made when it is missing. A directory that cannot be used is no
// error: events are kept in memory until it can be, and Append says so each time.
func Open(dir string, options Options) (*Journal, Report, error) {
	if dir == "" {
		return nil, Report{}, errors.New("a journal needs a directory")
	}
	if options.MaxBytes == 0 {
		options.MaxBytes = defaultMaxBytes
	}
	if options.SegmentBytes == 0 {
		options.SegmentBytes = defaultSegmentBytes
	}
	if options.Calls == 0 {
		options.Calls = defaultCalls
	}
	if options.Zone == nil {
		options.Zone = time.Local
	}
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	j := &Journal{
		dir: dir, options: options, next: 1, grew: make(chan struct{}), closing: make(chan struct{}),
		calls: NewCalls(options.Calls), figures: NewFigures(options.Zone),
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		options.Logger.Error("journal directory unusable", "dir", dir, "err", err)
	}
	report := j.scan()
	j.foldNewest()
	j.synced.Add(1)
	go j.syncing()
	return j, report, nil
}

// KeptError says that an event could not be written and is kept in memory.
type KeptError struct {
	Seq     Seq
	Unsaved int // events waiting with it
	Cause   error
}

func (e KeptError) Error() string {
	return fmt.Sprintf("event %d is kept in memory with %d others until the disk takes it: %v", e.Seq, e.Unsaved-1, e.Cause)
}

func (e KeptError) Unwrap() error { return e.Cause }

// ErrClosed is returned by Append after Close.
var ErrClosed = errors.New("the journal is closed")

// errWaiting is the cause in a KeptError between two attempts.
var errWaiting = errors.New("the disk refused a moment ago")

// Append adds an event and returns its number. Seq and At of e are set here. With a KeptError the event
// has its number and can be read, but is lost should the process end before the disk takes it.
func (j *Journal) Append(e Event) (Seq, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.closed {
		return 0, ErrClosed
	}
	e.Seq, e.At = j.next, time.Now().UTC().Truncate(time.Millisecond)
	octets, err := appendLine(nil, e)
	if err != nil {
		return 0, fmt.Errorf("append %s: %w", e.Kind, err)
	}
	j.next++
	j.stats.Appended++
	j.unsaved.push(line{e.Seq, e.At, octets})
	j.calls.Add(e)
	j.figures.Add(e)
	defer j.tell()
	if len(j.unsaved.lines) == 1 {
		err = j.write()
	} else {
		err = j.flush(e.At, retryEvery)
	}
	if err != nil {
		return e.Seq, KeptError{e.Seq, len(j.unsaved.lines), err}
	}
	return e.Seq, nil
}

// tell wakes those who watch.
func (j *Journal) tell() {
	close(j.grew)
	j.grew = make(chan struct{})
}

// write puts the oldest unsaved event on the disk.
func (j *Journal) write() error {
	if err := j.writeLine(j.unsaved.lines[0]); err != nil {
		j.tried = time.Now()
		j.stats.Refused++
		if len(j.unsaved.lines) == 1 {
			j.options.Logger.Error("journal cannot write; events are kept in memory", "err", err)
		}
		return err
	}
	j.unsaved.pop()
	return nil
}

// flush writes what is unsaved, oldest first, unless the last attempt failed less than patience ago.
func (j *Journal) flush(now time.Time, patience time.Duration) error {
	waiting := len(j.unsaved.lines)
	if waiting == 0 {
		return nil
	}
	if since := now.Sub(j.tried); since >= 0 && since < patience {
		return errWaiting
	}
	for range waiting {
		if err := j.write(); err != nil {
			return err
		}
	}
	j.options.Logger.Info("journal can write again", "events", waiting)
	return nil
}

func (j *Journal) writeLine(l line) error {
	last, err := j.current(l.seq, int64(len(l.octets)))
	if err != nil {
		return err
	}
	n, err := j.file.Write(l.octets)
	if err != nil {
		if n > 0 { // a full disk took a part: take it back, or the next line would join it
			err = errors.Join(err, j.file.Truncate(last.size))
		}
		return err
	}
	j.dirty = true
	last.add(l.seq, l.at, int64(len(l.octets)))
	return nil
}

// current returns the segment that takes the next octets, a new one when the last is full.
func (j *Journal) current(first Seq, octets int64) (*segment, error) {
	if n := len(j.segments); n > 0 {
		last := j.segments[n-1]
		if last.size == 0 || last.size+octets <= j.options.SegmentBytes {
			if j.file != nil {
				return last, nil
			}
			file, err := os.OpenFile(last.path, os.O_WRONLY|os.O_APPEND, 0)
			j.file = file
			return last, err
		}
	}
	path := filepath.Join(j.dir, segmentName(first))
	if err := os.MkdirAll(j.dir, 0o700); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	if j.file != nil {
		j.retired = append(j.retired, j.file)
	}
	j.file = file
	fresh := &segment{path: path, first: first}
	j.segments = append(j.segments, fresh)
	j.retain()
	return fresh, nil
}

// retain removes the oldest segments beyond MaxBytes.
func (j *Journal) retain() {
	for len(j.segments) > 1 && j.bytes()+j.options.SegmentBytes > j.options.MaxBytes {
		oldest := j.segments[0]
		if err := os.Remove(oldest.path); err != nil && !errors.Is(err, os.ErrNotExist) {
			j.options.Logger.Error("oldest journal segment not removed", "path", oldest.path, "err", err)
			return
		}
		j.segments = j.segments[1:]
	}
}

func (j *Journal) bytes() int64 {
	var sum int64
	for _, s := range j.segments {
		sum += s.size
	}
	return sum
}

// syncing brings the disk up to date once a second, and writes what is unsaved.
func (j *Journal) syncing() {
	defer j.synced.Done()
	ticker := time.NewTicker(syncEvery)
	defer ticker.Stop()
	for {
		select {
		case <-j.closing:
			return
		case now := <-ticker.C:
			j.mu.Lock()
			_ = j.flush(now, retryEvery/2) // counted and logged there
			j.mu.Unlock()
			j.sync()
		}
	}
}

// sync waits for the disk outside of the lock; Append goes on meanwhile.
func (j *Journal) sync() {
	j.mu.Lock()
	file, retired, dirty := j.file, j.retired, j.dirty
	j.retired, j.dirty = nil, false
	j.mu.Unlock()
	var errs []error
	for _, full := range retired {
		errs = append(errs, full.Sync(), full.Close())
	}
	if dirty && file != nil {
		errs = append(errs, file.Sync())
	}
	if len(retired) > 0 || dirty {
		errs = append(errs, syncDir(j.dir))
	}
	if err := errors.Join(errs...); err != nil {
		j.options.Logger.Error("journal not synced", "err", err)
	}
}

// Close writes and syncs everything and ends every Watch.
func (j *Journal) Close() error {
	j.mu.Lock()
	if j.closed {
		j.mu.Unlock()
		return nil
	}
	j.closed = true
	err := j.flush(time.Now(), 0)
	close(j.closing)
	j.mu.Unlock()
	j.synced.Wait()
	j.sync()
	if j.file != nil {
		err = errors.Join(err, j.file.Close())
	}
	return err
}

// Stats tells how the journal does.
func (j *Journal) Stats() Stats {
	j.mu.Lock()
	defer j.mu.Unlock()
	s := j.stats
	s.Unsaved, s.Dropped, s.Last, s.Bytes, s.Segments = len(j.unsaved.lines), j.unsaved.dropped, j.next-1, j.bytes(), len(j.segments)
	return s
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
