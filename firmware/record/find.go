package record

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// ErrNone says that there is no such recording.
var ErrNone = errors.New("there is no such recording")

// Day lists the recordings of a day that are still there, in the order in which they ended.
func (r *Recorder) Day(name string) ([]Entry, error) {
	if _, err := time.Parse(time.DateOnly, name); err != nil {
		return nil, fmt.Errorf("%q is no day: %w", name, err)
	}
	r.chain.mu.Lock()
	entries, err := r.chain.read(name)
	r.chain.mu.Unlock()
	if err != nil {
		return nil, err
	}
	gone := map[string]bool{}
	for _, e := range entries {
		gone[e.File] = gone[e.File] || e.Deleted != ""
	}
	return slices.DeleteFunc(entries, func(e Entry) bool { return gone[e.File] }), nil
}

// Days are the days with recordings, the oldest first.
func (r *Recorder) Days() []string {
	var names []string
	for _, d := range r.days() {
		names = append(names, d.name)
	}
	return names
}

// Find finds the recordings of a call that began that day or the day before, as a call may last over midnight.
func (r *Recorder) Find(call string, began time.Time) ([]Entry, error) {
	var found []Entry
	for _, at := range []time.Time{began, began.Add(24 * time.Hour)} {
		entries, err := r.Day(at.UTC().Format(time.DateOnly))
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			if e.Call == call {
				found = append(found, e)
			}
		}
	}
	return found, nil
}

// Open opens the file of an entry, by its name relative to the directory.
func (r *Recorder) Open(file string) (*os.File, error) {
	day, name, both := strings.Cut(filepath.ToSlash(file), "/")
	_, err := time.Parse(time.DateOnly, day)
	if !both || err != nil || strings.ContainsAny(name, `/\`) || !strings.HasSuffix(name, ".wav") {
		return nil, fmt.Errorf("%q: %w", file, ErrNone)
	}
	opened, err := os.Open(filepath.Join(r.Dir, day, name))
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%q: %w", file, ErrNone)
	}
	return opened, err
}

// Talk is a call that should have been recorded.
type Talk struct {
	Call  string
	Began time.Time
	Talk  time.Duration // from the agent's answer to the end
}

// Gap is a talk without the recording it should have.
type Gap struct {
	Talk
	Recorded time.Duration // how much of it there is
}

// gapMost is how much shorter than the talk a recording may be.
const gapMost = 2 * time.Second

// Match holds the talks of a day against the recordings, and lists those that have none or too little.
func (r *Recorder) Match(talks []Talk) ([]Gap, error) {
	var gaps []Gap
	for _, talk := range talks {
		entries, err := r.Find(talk.Call, talk.Began)
		if err != nil {
			return nil, err
		}
		recorded := time.Duration(0)
		for _, e := range entries {
			recorded += e.length()
		}
		if recorded < talk.Talk-gapMost {
			gaps = append(gaps, Gap{talk, recorded})
		}
	}
	return gaps, nil
}

// recover seals the files that a killed process left unfinished.
func (r *Recorder) recover() error {
	for _, d := range r.days() {
		for _, name := range d.files {
			if !strings.HasSuffix(name, unfinished) {
				continue
			}
			path := filepath.Join(r.Dir, d.name, name)
			if err := r.recoverFile(path); err != nil {
				r.Log.Error("an unfinished recording cannot be completed", "file", path, "error", err)
			}
		}
	}
	return nil
}

func (r *Recorder) recoverFile(path string) error {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	channels, err := readHeader(file)
	if err != nil {
		return errors.Join(err, file.Close(), os.Rename(path, path+".damaged"))
	}
	info, err := file.Stat()
	if err != nil {
		return errors.Join(err, file.Close())
	}
	octets := (info.Size() - headerSize) / int64(channels) * int64(channels)
	if err := file.Truncate(headerSize + octets); err != nil {
		return errors.Join(err, file.Close())
	}
	began := info.ModTime().Add(-Entry{Octets: octets, Channels: channels}.length())
	if at, err := time.Parse("20060102-150405", filepath.Base(path)[:min(15, len(filepath.Base(path)))]); err == nil {
		began = at
	}
	sum, err := soundOf(path)
	if err != nil {
		return errors.Join(err, file.Close())
	}
	entry, err := seal(file, path, sealed{aboutOf(path, began), channels, octets, nil, sum, true})
	if err != nil {
		return err
	}
	return r.chain.add(entry)
}
