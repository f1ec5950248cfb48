package record

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// file is what a tape needs of a file.
type file interface {
	Write(octets []byte) (int, error)
	WriteAt(octets []byte, at int64) (int, error)
	Sync() error
	Close() error
}

// create makes a file that is not there, and its day's directory.
func create(path string) (file, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return nil, err
	}
	return os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o640)
}

// sealing is how far the sealing of a file has come, so that what failed can be tried again.
type sealing struct {
	entry    Entry
	complete bool // the file's header says how long it is, and all of it is on the disk
	listed   bool // it is in the chain
	told     bool // of its failure
}

// seal seals every tape that has ended. What cannot be sealed now, as on a full disk, is kept for the next time.
func (r *Recorder) seal() {
	r.mu.Lock()
	todo := r.ended
	r.ended = nil
	r.mu.Unlock()
	var again []*Tape
	for _, t := range todo {
		if !r.sealTape(t) {
			again = append(again, t)
		}
	}
	r.mu.Lock()
	r.ended = append(again, r.ended...)
	r.mu.Unlock()
	if slices.ContainsFunc(todo, func(t *Tape) bool { return t.failed != nil }) {
		r.look() // the disk may be full
	}
}

// sealTape seals one tape, and says whether nothing is left to do.
func (r *Recorder) sealTape(t *Tape) (done bool) {
	if t.sealing == nil {
		t.sealing = new(sealing)
	}
	s := t.sealing
	err := r.complete(t)
	if err == nil {
		err = r.chain.admit(t.path, s)
	}
	lost := errors.Is(err, fs.ErrNotExist) // somebody has deleted it
	if joined := errors.Join(t.failed, err); joined != nil && !s.told {
		s.told = true
		r.tell(Report{Kind: Failed, Call: t.about.Call, File: s.entry.File, Err: joined})
	}
	if err == nil && s.listed {
		r.tell(Report{Kind: Ended, Call: t.about.Call, File: s.entry.File, Last: s.entry.Length(), Lost: t.lostTime(t.lost.Load())})
	}
	if err != nil && !lost {
		r.Log.Error("a recording cannot be sealed now", "file", t.path, "error", err)
		return false
	}
	r.mu.Lock()
	delete(r.live, t.path)
	r.mu.Unlock()
	return true
}

// errNothing says that a tape has no sound: there is nothing to keep.
var errNothing = fmt.Errorf("nothing was recorded: %w", fs.ErrNotExist)

// complete writes the header of a tape that has ended, and makes sure that all is on the disk.
func (r *Recorder) complete(t *Tape) error {
	s := t.sealing
	if s.complete {
		return nil
	}
	if t.file == nil {
		return errNothing
	}
	if t.written == 0 && t.failed != nil {
		return errors.Join(errNothing, t.file.Close(), os.Remove(t.path))
	}
	about, marks := t.told()
	s.entry = entryOf(t.path, about, t.channels, t.written, hex.EncodeToString(t.sum.Sum(nil)))
	s.entry.Marks = marks
	if _, err := t.file.WriteAt(header(t.channels, t.written), 0); err != nil {
		return fmt.Errorf("the recording %s cannot be completed: %w", filepath.Base(t.path), err)
	}
	if err := t.file.Sync(); err != nil {
		return fmt.Errorf("the recording %s cannot be completed: %w", filepath.Base(t.path), err)
	}
	s.complete = true
	return t.file.Close()
}

// entryOf is the entry of a file that is to have its name.
func entryOf(path string, about About, channels int, octets int64, sum string) Entry {
	day := filepath.Base(filepath.Dir(path))
	file := filepath.Join(day, about.name())
	about.Began = about.Began.UTC()
	return Entry{About: about, File: file, Channels: channels, Octets: octets, Sum: sum}
}

// sync makes sure that what was written is on the disk, with one call for all files.
func (r *Recorder) sync() {
	if len(r.open()) == 0 {
		return
	}
	if err := r.flush(r.Dir); err != nil {
		r.Log.Error("recordings cannot be brought to the disk", "error", err)
	}
}

// flush brings to the disk what is on its way to the file system of dir.
func flush(dir string) error {
	opened, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(unix.Syncfs(int(opened.Fd())), opened.Close())
}

// recover seals the files that a killed process left unfinished.
func (r *Recorder) recover() {
	left, _ := filepath.Glob(filepath.Join(r.Dir, "*", "*"+unfinished))
	for _, path := range left {
		r.mu.Lock()
		live := r.live[path]
		r.mu.Unlock()
		if live {
			continue
		}
		if err := r.recoverFile(path); err != nil {
			r.Log.Error("an unfinished recording cannot be completed", "file", path, "error", err)
		}
	}
}

func (r *Recorder) recoverFile(path string) error {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if info.Size() <= headerSize { // the cut came before the first sound
		return os.Remove(path)
	}
	channels, err := readHeader(file)
	if err != nil {
		return errors.Join(err, os.Rename(path, path+".damaged"))
	}
	octets := info.Size() - headerSize
	if _, err := file.WriteAt(header(channels, octets), 0); err != nil {
		return err
	}
	if err := file.Sync(); err != nil {
		return err
	}
	sum, err := soundOf(path, channels, octets)
	if err != nil {
		return err
	}
	s := sealing{entry: entryOf(path, r.aboutOf(path, info.ModTime()), channels, octets, sum), complete: true}
	s.entry.Recovered = true
	if listed, err := r.chain.has(s.entry); err != nil {
		return err
	} else if listed != nil {
		s.entry, s.listed = *listed, true
	}
	if err := r.chain.admit(path, &s); err != nil {
		return err
	}
	r.tell(Report{Kind: Ended, Call: s.entry.Call, File: s.entry.File, Last: s.entry.Length()})
	return nil
}

// aboutOf reads what an unfinished file is of out of its name; last, when it was written, is for a name without a time.
func (r *Recorder) aboutOf(path string, last time.Time) About {
	r.mu.Lock()
	zone := r.rules.zone()
	r.mu.Unlock()
	parts := strings.Split(strings.TrimSuffix(filepath.Base(path), unfinished), "_")
	if len(parts) != 5 {
		return About{Call: parts[len(parts)-1], Began: last.In(zone)}
	}
	began, err := time.ParseInLocation(nameTime, parts[0], zone)
	if err != nil {
		began = last.In(zone)
	}
	return About{Call: parts[4], Began: began, Queue: parts[1], Agent: parts[2], Caller: parts[3]}
}
