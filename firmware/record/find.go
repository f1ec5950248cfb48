package record

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// ErrNone says that there is no such recording, or no such day.
var ErrNone = errors.New("there is no such recording")

// Day lists the recordings of a day ("2026-03-01") that are still there, in the order in which they ended.
func (r *Recorder) Day(name string) ([]Entry, error) {
	if _, err := time.Parse(time.DateOnly, name); err != nil {
		return nil, fmt.Errorf("%q is no day: %w", name, ErrNone)
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
	for _, d := range r.shelf.days(r.Dir) {
		names = append(names, d.name)
	}
	return names
}

// near are the days at which a recording of that moment may be, whatever the time zone was then.
func near(at time.Time) []string {
	var names []string
	for _, hours := range []time.Duration{-14, 0, 14} {
		if name := at.Add(hours * time.Hour).UTC().Format(time.DateOnly); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// longestCall is how long after a call's beginning a recording of it may begin: in a queue, or with another agent.
const longestCall = 24 * time.Hour

// Find finds the recordings of a call that began at a moment, in order of their beginnings.
func (r *Recorder) Find(call string, began time.Time) ([]Entry, error) {
	var found []Entry
	days := near(began)
	for _, day := range near(began.Add(longestCall)) {
		if !slices.Contains(days, day) {
			days = append(days, day)
		}
	}
	for _, day := range days {
		entries, err := r.Day(day)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			if e.Call == call {
				found = append(found, e)
			}
		}
	}
	slices.SortFunc(found, func(a, b Entry) int { return a.Began.Compare(b.Began) })
	return found, nil
}

// Open opens the file of a complete recording, by its name relative to the directory.
func (r *Recorder) Open(file string) (*os.File, error) {
	day, name, both := strings.Cut(file, "/")
	_, err := time.Parse(time.DateOnly, day)
	if !both || err != nil || strings.ContainsAny(name, "/\\\x00") || !strings.HasSuffix(name, ending) || strings.HasSuffix(name, unfinished) {
		return nil, fmt.Errorf("%q: %w", file, ErrNone)
	}
	opened, err := os.Open(filepath.Join(r.Dir, day, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%q: %w", file, ErrNone)
	}
	return opened, err
}

// Talk is a call that should have been recorded from one moment to another.
type Talk struct {
	Call     string
	From, To time.Time
}

// Gap is a talk without the recording it should have.
type Gap struct {
	Talk
	Recorded time.Duration // how much of it there is
}

// gapMost is how much shorter than the talk a recording may be.
const gapMost = 2 * time.Second

// Match holds talks against the recordings, and lists those that have none or too little.
func (r *Recorder) Match(talks []Talk) ([]Gap, error) {
	byCall, read := map[string][]Entry{}, map[string]bool{}
	for _, talk := range talks {
		for _, day := range append(near(talk.From), near(talk.From.Add(-longestCall))...) {
			if read[day] {
				continue
			}
			read[day] = true
			entries, err := r.Day(day)
			if err != nil {
				return nil, err
			}
			for _, e := range entries {
				byCall[e.Call] = append(byCall[e.Call], e)
			}
		}
	}
	var gaps []Gap
	for _, talk := range talks {
		recorded := time.Duration(0)
		for _, e := range byCall[talk.Call] {
			recorded += overlap(talk, e)
		}
		if recorded < talk.To.Sub(talk.From)-gapMost {
			gaps = append(gaps, Gap{talk, recorded})
		}
	}
	return gaps, nil
}

// overlap is how much of a talk a recording has.
func overlap(talk Talk, e Entry) time.Duration {
	from, to := talk.From, talk.To
	if e.Began.After(from) {
		from = e.Began
	}
	if end := e.Began.Add(e.Length()); end.Before(to) {
		to = end
	}
	return max(to.Sub(from), 0)
}
