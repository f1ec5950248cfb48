package record

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Rules are how recordings are made and how long they are kept.
type Rules struct {
	Stereo   bool
	Keep     time.Duration // older recordings are deleted; 0: never
	Floor    time.Duration // younger recordings are never deleted
	LeastMin uint64        // octets of the disk that recordings leave free
}

// Step is how much is recorded as the disk fills.
type Step uint8

// The steps. A full disk never stops a call.
const (
	Full    Step = iota // as the rules say
	Mono                // new recordings have one channel: less than the least is free, and nothing old enough is left
	Stopped             // nothing new is recorded: less than half of the least is free
)

var stepNames = [...]string{"full", "mono", "stopped"}

// String returns "full", "mono" or "stopped".
func (s Step) String() string { return stepNames[s] }

// space is what was found at the last look; under the recorder's lock.
type space struct {
	free, used uint64
	days       int // with recordings
}

// lookEvery is how often the room on the disk is looked at.
const lookEvery = 10 * time.Second

// Set puts rules in force: of new recordings at once, of old ones with the next look.
func (r *Recorder) Set(rules Rules) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.rules = rules
}

// free asks the kernel.
func free(dir string) (uint64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, fmt.Errorf("the room on the disk of %s: %w", dir, err)
	}
	return s.Bavail * uint64(s.Bsize), nil
}

// Look deletes what is too old, makes room where there is too little, and takes the step that is left. It is Run's, and
// the tests'.
func (r *Recorder) Look() {
	r.mu.Lock()
	rules, was := r.rules, r.step
	r.mu.Unlock()
	now := r.Clock()
	days := r.days()
	if rules.Keep > 0 {
		days = slices.DeleteFunc(days, func(d day) bool { return now.Sub(d.end) > rules.Keep && r.delete(d, "age") })
	}
	left, err := r.Free(r.Dir)
	for err == nil && left < rules.LeastMin && len(days) > 0 && now.Sub(days[0].end) > rules.Floor && r.delete(days[0], "room") {
		days = days[1:]
		left, err = r.Free(r.Dir)
	}
	if err != nil {
		r.Log.Error("the room for recordings is not known", "error", err)
		return
	}
	step := Full
	switch {
	case left < rules.LeastMin/2:
		step = Stopped
	case left < rules.LeastMin, was != Full && left < rules.LeastMin+rules.LeastMin/4: // room enough to stay
		step = max(Mono, min(was, Mono))
	}
	used := uint64(0)
	for _, d := range days {
		used += d.octets
	}
	r.mu.Lock()
	r.step, r.space = step, space{left, used, len(days)}
	r.mu.Unlock()
	if step != was {
		r.tell(Report{Kind: Stepped, Step: step, Free: left})
	}
}

// day is the recordings of one day.
type day struct {
	name   string
	end    time.Time
	octets uint64
	files  []string
}

// days lists the days with recordings, the oldest first.
func (r *Recorder) days() []day {
	var days []day
	dirs, _ := os.ReadDir(r.Dir)
	for _, dir := range dirs {
		began, err := time.Parse(time.DateOnly, dir.Name())
		if err != nil || !dir.IsDir() {
			continue
		}
		d := day{name: dir.Name(), end: began.Add(24 * time.Hour)}
		files, _ := os.ReadDir(filepath.Join(r.Dir, d.name))
		for _, file := range files {
			if info, err := file.Info(); err == nil && strings.HasSuffix(file.Name(), ".wav") {
				d.octets += uint64(info.Size())
				d.files = append(d.files, file.Name())
			}
		}
		if len(d.files) > 0 {
			days = append(days, d)
		}
	}
	return days // ReadDir sorts, and the names sort by time
}

// delete deletes the recordings of a day; the chain keeps that they were there and why they are gone.
func (r *Recorder) delete(d day, why string) bool {
	done := true
	for _, name := range d.files {
		if strings.HasSuffix(name, unfinished) {
			done = false
			continue
		}
		file := filepath.Join(d.name, name)
		if err := os.Remove(filepath.Join(r.Dir, file)); err != nil {
			r.Log.Error("an old recording cannot be deleted", "file", file, "error", err)
			done = false
			continue
		}
		if err := r.chain.add(Entry{File: file, Deleted: why}); err != nil {
			r.Log.Error("that a recording was deleted cannot be written down", "file", file, "error", err)
		}
		r.tell(Report{Kind: Deleted, File: file})
	}
	return done
}

// Status is how recording is doing.
type Status struct {
	Running  int
	Step     Step
	Free     uint64 // octets
	Used     uint64
	Days     int
	DaysLeft int // until the least is reached, at the use of the days there are; -1: not to be foreseen
}

// Now reads the status.
func (r *Recorder) Now() Status {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := Status{Running: len(r.tapes), Step: r.step, Free: r.space.free, Used: r.space.used, Days: r.space.days, DaysLeft: -1}
	if s.Days > 0 && s.Used > 0 && s.Free > r.rules.LeastMin {
		s.DaysLeft = int((s.Free - r.rules.LeastMin) / max(s.Used/uint64(s.Days), 1))
	}
	return s
}
