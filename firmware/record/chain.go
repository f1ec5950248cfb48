package record

import (
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
	"sync"
	"time"

	"trunkbox/dsp"
)

// Entry is one recording in the chain of its day, or the deletion of one.
type Entry struct {
	About
	File      string    `json:"file"` // relative to the directory
	Channels  int       `json:"channels,omitempty"`
	Octets    int64     `json:"octets,omitempty"` // of sound
	Marks     []Mark    `json:"marks,omitempty"`
	Sum       string    `json:"sha256,omitempty"`    // of the sound, in hexadecimal
	Recovered bool      `json:"recovered,omitempty"` // the box ended while it was made
	Deleted   string    `json:"deleted,omitempty"`   // why it was deleted: age, room
	At        time.Time `json:"at,omitzero"`         // when it was deleted
	Link      string    `json:"-"`                   // see chain
}

// Length is how long the recording is.
func (e Entry) Length() time.Duration {
	return time.Duration(e.Octets) * time.Second / time.Duration(dsp.SampleRate*max(e.Channels, 1))
}

// chain is the list of each day's recordings: who changes a recording, or takes one out of the list, has to change every
// link after it. It is the file "chain" in the directory of the day, text, an entry a line:
//
//	 64 digits               to the end of the line
//	+--------------+-------+-------------------------------------------------+
//	| link         | space | JSON of an Entry                                |
//	+--------------+-------+-------------------------------------------------+
//
// The link is the SHA-256 of the link before it (64 digits; of the first: nothing) followed by the JSON. The sha256 of an
// entry is that of the file behind its header of 58 octets. sha256sum, tail and an editor are enough to prove a day.
type chain struct {
	dir  string
	mu   sync.Mutex
	last map[string]string // by day: the last link, of days to which something was added
}

// chainFile is the name of a day's list.
const chainFile = "chain"

// link is the link of an entry that follows the one with the link before.
func link(before string, entry []byte) string {
	sum := sha256.New()
	_, _ = io.WriteString(sum, before)
	_, _ = sum.Write(entry)
	return hex.EncodeToString(sum.Sum(nil))
}

// admit puts a complete file into the chain of its day and gives it its name. The chain is first: a file that has its
// name is always in it, whenever the power goes.
func (c *chain) admit(path string, s *sealing) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf("the recording is gone: %w", err)
	}
	if !s.listed {
		if err := c.add(filepath.Dir(s.entry.File), s.entry); err != nil {
			return err
		}
		s.listed = true
	}
	if err := os.Rename(path, filepath.Join(c.dir, s.entry.File)); err != nil {
		return fmt.Errorf("a recording cannot be given its name: %w", err)
	}
	return nil
}

// add appends entries to the chain of a day, and makes sure that they are on the disk. The chain is locked.
func (c *chain) add(day string, entries ...Entry) error {
	path := filepath.Join(c.dir, day, chainFile)
	last, known := c.last[day]
	if !known {
		there, err := c.read(day)
		if err != nil {
			return err
		}
		if n := len(there); n > 0 {
			last = there[n-1].Link
		}
	}
	var lines bytes.Buffer
	for _, e := range entries {
		text, err := json.Marshal(e)
		if err != nil {
			return fmt.Errorf("the chain of %s: %w", day, err)
		}
		last = link(last, text)
		fmt.Fprintf(&lines, "%s %s\n", last, text)
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o640)
	if err != nil {
		return fmt.Errorf("the chain of %s: %w", day, err)
	}
	whole, err := wholeLines(file)
	if err == nil {
		if _, err = file.WriteAt(lines.Bytes(), whole); err != nil { // as on a full disk: nothing of it stays
			err = errors.Join(err, file.Truncate(whole))
		}
	}
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		delete(c.last, day)
		return fmt.Errorf("the chain of %s: %w", day, err)
	}
	c.last[day] = last
	return nil
}

// wholeLines is where the last whole line of a file ends. What a power cut left behind it is cut off.
func wholeLines(file *os.File) (int64, error) {
	info, err := file.Stat()
	if err != nil {
		return 0, err
	}
	size := info.Size()
	for at := size; at > 0; {
		part := make([]byte, min(at, 1<<12))
		at -= int64(len(part))
		if _, err := file.ReadAt(part, at); err != nil {
			return 0, err
		}
		if i := bytes.LastIndexByte(part, '\n'); i >= 0 {
			at += int64(i) + 1
			if at < size {
				err = file.Truncate(at)
			}
			return at, err
		}
	}
	return 0, file.Truncate(0)
}

// read reads the chain of a day, without a last line that is not whole. The chain is locked.
func (c *chain) read(day string) ([]Entry, error) {
	octets, err := os.ReadFile(filepath.Join(c.dir, day, chainFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("the chain of %s: %w", day, err)
	}
	var entries []Entry
	for line := range bytes.Lines(octets) {
		if e, ok := parse(line); ok {
			entries = append(entries, e)
		}
	}
	return entries, nil
}

// parse reads a line of the chain. One that is none is passed over; the next link then does not hold.
func parse(line []byte) (e Entry, ok bool) {
	at, text, whole := bytes.Cut(line, []byte(" "))
	if !whole || len(at) != 2*sha256.Size || !bytes.HasSuffix(text, []byte("\n")) {
		return Entry{}, false
	}
	if json.Unmarshal(text, &e) != nil {
		return Entry{}, false
	}
	e.Link = string(at)
	return e, true
}

// has finds the entry of a file with this sound that was not given its name yet.
func (c *chain) has(e Entry) (*Entry, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	entries, err := c.read(filepath.Dir(e.File))
	for _, one := range entries {
		if one.Call != e.Call || one.Sum != e.Sum || !one.Began.Truncate(time.Second).Equal(e.Began) {
			continue
		}
		if _, err := os.Stat(filepath.Join(c.dir, one.File)); errors.Is(err, fs.ErrNotExist) {
			return &one, nil
		}
	}
	return nil, err
}
