package record

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"trunkbox/dsp"
)

// Entry is one recording in the chain of its day.
type Entry struct {
	About
	File      string `json:"file"` // relative to the directory
	Channels  int    `json:"channels"`
	Octets    int64  `json:"octets"` // of sound
	Marks     []Mark `json:"marks,omitempty"`
	Sum       string `json:"sha256"`              // of the sound, in hexadecimal
	Recovered bool   `json:"recovered,omitempty"` // the box ended while it was made
	Deleted   string `json:"deleted,omitempty"`   // why; the entry is then about the deletion
	Link      string `json:"link"`                // sha256 of the entry before it and of this one
}

// length is how long the recording is.
func (e Entry) length() time.Duration {
	return time.Duration(e.Octets) * time.Second / time.Duration(dsp.SampleRate*max(e.Channels, 1))
}

// chain is the list of a day's recordings, each entry with a check sum of itself and of the one before: who changes a
// recording, or takes one out of the list, has to change every entry after it. One line of JSON an entry, in the file
// "chain" of the day's directory. The last link of a day is what an auditor writes down.
type chain struct {
	dir string
	mu  sync.Mutex
}

// chainFile is the name of a day's list.
const chainFile = "chain"

// add appends an entry to the chain of its file's day, and makes sure that it is on the disk.
func (c *chain) add(e Entry) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	day := filepath.Dir(e.File)
	entries, err := c.read(day)
	if err != nil {
		return err
	}
	previous := ""
	if n := len(entries); n > 0 {
		previous = entries[n-1].Link
	}
	e.Link = e.link(previous)
	file, err := os.OpenFile(filepath.Join(c.dir, day, chainFile), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o640)
	if err != nil {
		return fmt.Errorf("the chain of %s: %w", day, err)
	}
	_, err = file.WriteString(e.String() + "\n")
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return fmt.Errorf("the chain of %s: %w", day, err)
	}
	return nil
}

// link is the check sum of an entry that follows the one with the link before.
func (e Entry) link(before string) string {
	e.Link = before
	sum := sha256.Sum256([]byte(e.String()))
	return hex.EncodeToString(sum[:])
}

// read reads the chain of a day. A last line that a power cut tore is left out, and cut off with the next entry.
func (c *chain) read(day string) ([]Entry, error) {
	path := filepath.Join(c.dir, day, chainFile)
	octets, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("the chain of %s: %w", day, err)
	}
	whole := octets[:bytes.LastIndexByte(octets, '\n')+1]
	if len(whole) < len(octets) {
		if err := os.Truncate(path, int64(len(whole))); err != nil {
			return nil, fmt.Errorf("the chain of %s: %w", day, err)
		}
	}
	var entries []Entry
	lines := bufio.NewScanner(bytes.NewReader(whole))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var e Entry
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			return nil, fmt.Errorf("the chain of %s, entry %d: %w", day, len(entries)+1, err)
		}
		entries = append(entries, e)
	}
	return entries, lines.Err()
}

// Fault is one thing in a day's chain that does not hold.
type Fault struct {
	File string
	What FaultKind
}

// FaultKind is what is wrong with a recording.
type FaultKind string

// The faults of a chain.
const (
	LinkBroken FaultKind = "link"    // this entry, or the one before it, was changed
	Changed    FaultKind = "changed" // the sound is not what was recorded
	Missing    FaultKind = "missing" // the file is gone, and nothing says why
	Unlisted   FaultKind = "unlisted"
)

// Verify goes through the recordings of a day ("2026-03-01") and says everything that does not hold, and how many
// recordings there are.
func (r *Recorder) Verify(day string) (checked int, faults []Fault, err error) {
	if _, err := time.Parse(time.DateOnly, day); err != nil {
		return 0, nil, fmt.Errorf("%q is no day: %w", day, err)
	}
	r.chain.mu.Lock()
	entries, err := r.chain.read(day)
	r.chain.mu.Unlock()
	if err != nil {
		return 0, nil, err
	}
	previous, known, gone := "", map[string]bool{}, map[string]bool{}
	for _, e := range entries {
		if e.Deleted != "" {
			gone[e.File] = true
		}
	}
	for _, e := range entries {
		if e.Link != e.link(previous) {
			faults = append(faults, Fault{e.File, LinkBroken})
		}
		previous = e.Link
		if e.Deleted != "" {
			continue
		}
		known[filepath.Base(e.File)] = true
		if gone[e.File] {
			continue
		}
		checked++
		switch sum, err := soundOf(filepath.Join(r.Dir, e.File)); {
		case errors.Is(err, fs.ErrNotExist):
			faults = append(faults, Fault{e.File, Missing})
		case err != nil || hex.EncodeToString(sum) != e.Sum:
			faults = append(faults, Fault{e.File, Changed})
		}
	}
	files, err := os.ReadDir(filepath.Join(r.Dir, day))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return checked, faults, fmt.Errorf("the recordings of %s: %w", day, err)
	}
	for _, file := range files {
		name := file.Name()
		if strings.HasSuffix(name, ".wav") && !strings.HasSuffix(name, unfinished) && !known[name] {
			faults = append(faults, Fault{filepath.Join(day, name), Unlisted})
		}
	}
	return checked, faults, nil
}

// soundOf is the check sum of the sound of a file.
func soundOf(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if _, err := readHeader(file); err != nil {
		return nil, err
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return nil, err
	}
	return sum.Sum(nil), nil
}
