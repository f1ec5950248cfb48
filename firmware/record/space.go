package record

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// Rules are how recordings are made and how long they are kept.
type Rules struct {
	Stereo   bool
	Keep     time.Duration  // older recordings are deleted; 0: never
	Floor    time.Duration  // younger recordings are never deleted
	LeastMin uint64         // octets of the disk that recordings leave free
	Zone     *time.Location // whose midnight parts the days; nil: UTC
}

func (r Rules) zone() *time.Location {
	if r.Zone == nil {
		return time.UTC
	}
	return r.Zone
}

// Step is how much is recorded as the disk fills.
type Step uint8

// The steps. A full disk never stops a call. Below a quarter of the least, recordings that run are ended too: the rest of
// the disk belongs to the journal.
const (
	Full    Step = iota // as the rules say
	Mono                // new recordings have one channel: less than the least is free, and nothing old enough is left
	Stopped             // nothing new is recorded: less than half of the least is free
)

var stepNames = [...]string{"full", "mono", "stopped"}

// String returns "full", "mono" or "stopped".
func (s Step) String() string { return stepNames[s] }

// next is the step after s with so much free. A step is left again only with a quarter more room than it began with.
func (s Step) next(left, least uint64) Step {
	quarter := func(was Step, of uint64) uint64 {
		if s >= was {
			return of + of/4
		}
		return of
	}
	switch {
	case left < quarter(Stopped, least/2):
		return Stopped
	case left < quarter(Mono, least):
		return Mono
	}
	return Full
}

// space is what was found at the last look; under the recorder's lock.
type space struct {
	free, used uint64
	days       int    // with recordings
	aDay       uint64 // octets that a day takes
	aged       time.Time
}

// ageEvery is how often a day's recordings may be deleted for their age: a clock that is set wrong must not delete all of
// them before somebody has seen it.
const ageEvery = time.Hour

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

// look deletes what is too old, makes room where there is too little, and takes the step that is left.
func (r *Recorder) look() {
	r.mu.Lock()
	rules, was, aged := r.rules, r.step, r.space.aged
	r.mu.Unlock()
	now := r.Clock()
	days := r.shelf.days(r.Dir)
	keep := max(rules.Keep, rules.Floor)
	if rules.Keep > 0 && len(days) > 0 && now.Sub(days[0].end) > keep && (aged.IsZero() || now.Sub(aged) >= ageEvery) && r.delete(days[0], "age") {
		days, aged = days[1:], now
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
	step := was.next(left, rules.LeastMin)
	found := space{free: left, days: len(days), aged: aged}
	for i, d := range days {
		found.used += d.octets
		if i < len(days)-1 || i == 0 { // the last day is not over
			found.aDay = found.used / uint64(i+1)
		}
	}
	r.mu.Lock()
	r.step, r.space = step, found
	r.mu.Unlock()
	if left < rules.LeastMin/4 {
		r.endAll("disk_full")
	}
	if step != was {
		r.tell(Report{Kind: Stepped, Step: step, Free: left})
	}
}

// day is the recordings of one day.
type day struct {
	name    string
	end     time.Time // when the day is over everywhere
	octets  uint64
	count   int
	changed time.Time // the directory
}

// shelf knows what is in the directories of days that have not changed since they were read.
type shelf struct {
	mu    sync.Mutex
	known map[string]day
}

// days lists the days with recordings, the oldest first.
func (s *shelf) days(dir string) []day {
	s.mu.Lock()
	defer s.mu.Unlock()
	var days []day
	seen := map[string]day{}
	dirs, _ := os.ReadDir(dir) // it sorts, and the names sort by time
	for _, one := range dirs {
		began, err := time.Parse(time.DateOnly, one.Name())
		info, gone := one.Info()
		if err != nil || gone != nil || !one.IsDir() {
			continue
		}
		d := s.known[one.Name()]
		if d.name == "" || !d.changed.Equal(info.ModTime()) {
			d = day{name: one.Name(), end: began.Add(36 * time.Hour), changed: info.ModTime()}
			files, _ := os.ReadDir(filepath.Join(dir, d.name))
			for _, file := range files {
				if info, err := file.Info(); err == nil && strings.HasSuffix(file.Name(), ending) {
					d.octets += uint64(info.Size())
					d.count++
				}
			}
		}
		seen[d.name] = d
		if d.count > 0 {
			days = append(days, d)
		}
	}
	s.known = seen
	return days
}

// delete deletes the recordings of a day; the chain keeps that they were there and why they are gone, and says so first.
func (r *Recorder) delete(d day, why string) bool {
	r.chain.mu.Lock()
	defer r.chain.mu.Unlock()
	var going []Entry
	files, err := os.ReadDir(filepath.Join(r.Dir, d.name))
	for _, file := range files {
		if strings.HasSuffix(file.Name(), ending) && !strings.HasSuffix(file.Name(), unfinished) {
			going = append(going, Entry{File: filepath.Join(d.name, file.Name()), Deleted: why, At: r.Clock().UTC().Truncate(time.Second)})
		}
	}
	if err == nil && len(going) > 0 {
		err = r.chain.add(d.name, going...)
	}
	for _, e := range going {
		if err == nil {
			err = os.Remove(filepath.Join(r.Dir, e.File))
		}
	}
	if err != nil {
		r.Log.Error("old recordings cannot be deleted", "day", d.name, "error", err)
		return false
	}
	if len(going) > 0 {
		r.tell(Report{Kind: Deleted, File: d.name, Count: len(going), Why: why})
	}
	return len(going) == d.count
}

// Status is how recording is doing.
type Status struct {
	Running  int
	Step     Step
	Free     uint64 // octets
	Least    uint64 // of them are left free
	Used     uint64
	Days     int
	ADay     uint64 // octets that a day takes, as the days that are over did
	DaysLeft int    // until the least is reached; -1: it will not be, or cannot be foreseen
}

// Now reads the status.
func (r *Recorder) Now() Status {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := Status{
		Running: len(r.tapes), Step: r.step, Free: r.space.free, Least: r.rules.LeastMin, Used: r.space.used,
		Days: r.space.days, ADay: r.space.aDay, DaysLeft: -1,
	}
	if s.ADay > 0 {
		s.DaysLeft = int((s.Free - min(s.Free, s.Least)) / s.ADay)
	}
	if keep := int(r.rules.Keep / (24 * time.Hour)); keep > 0 && s.Days+s.DaysLeft > keep {
		s.DaysLeft = -1 // the oldest go before
	}
	return s
}
