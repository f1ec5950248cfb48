package record

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Proof is what was found when the recordings of a day were held against their chain.
type Proof struct {
	Day      string
	Checked  int    // recordings that are there
	Deleted  int    // recordings that were deleted, as the chain says
	Octets   int64  // of sound that was read
	LastLink string // to be written down: as long as it is the same, nothing was changed; empty: there is no chain
	Faults   []Fault
}

// Fault is one thing in a day's chain that does not hold.
type Fault struct {
	File string // empty: of a line that is no entry
	What FaultKind
}

// FaultKind is what is wrong with a recording.
type FaultKind string

// The faults of a chain.
const (
	LinkBroken FaultKind = "link"     // this line, or one before it, was changed, taken out or put in
	Changed    FaultKind = "changed"  // the file is not what was recorded
	Missing    FaultKind = "missing"  // the file is gone, and nothing says why
	Unlisted   FaultKind = "unlisted" // the file is in the day's directory and not in the chain
)

// Verify goes through the recordings of a day ("2026-03-01") and says everything that does not hold. It reads every file;
// an error is ctx's, or that the day cannot be read.
func (r *Recorder) Verify(ctx context.Context, day string) (Proof, error) {
	p := Proof{Day: day}
	if _, err := time.Parse(time.DateOnly, day); err != nil {
		return p, fmt.Errorf("%q is no day: %w", day, ErrNone)
	}
	r.chain.mu.Lock() // a recording is given its name under it: a file with its name is in the chain that is read
	files, err := os.ReadDir(filepath.Join(r.Dir, day))
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	octets, missing := os.ReadFile(filepath.Join(r.Dir, day, chainFile))
	r.chain.mu.Unlock()
	if !errors.Is(missing, fs.ErrNotExist) {
		err = errors.Join(err, missing)
	}
	if err != nil {
		return p, fmt.Errorf("the recordings of %s: %w", day, err)
	}
	there := p.links(octets)
	for _, e := range there {
		if err := ctx.Err(); err != nil {
			return p, err
		}
		if what := r.check(e); what != "" {
			p.Faults = append(p.Faults, Fault{e.File, what})
		}
		p.Checked, p.Octets = p.Checked+1, p.Octets+e.Octets
	}
	known := map[string]bool{}
	for _, e := range there {
		known[filepath.Base(e.File)] = true
	}
	for _, file := range files {
		name := file.Name()
		if strings.HasSuffix(name, ending) && !strings.HasSuffix(name, unfinished) && !known[name] && r.stays(day, name) {
			p.Faults = append(p.Faults, Fault{filepath.Join(day, name), Unlisted})
		}
	}
	return p, nil
}

// links checks the links of a chain, and returns the recordings that it says are there.
func (p *Proof) links(octets []byte) []Entry {
	var there []Entry
	deleted := map[string]bool{}
	for line := range bytes.Lines(octets) {
		e, ok := parse(line)
		text, _ := bytes.CutPrefix(bytes.TrimSuffix(line, []byte("\n")), []byte(e.Link+" "))
		if !ok && !bytes.HasSuffix(line, []byte("\n")) {
			break // torn by a power cut; the next recording cuts it off
		}
		if !ok || e.Link != link(p.LastLink, text) {
			p.Faults = append(p.Faults, Fault{e.File, LinkBroken})
		}
		if !ok {
			continue
		}
		p.LastLink = e.Link
		if e.Deleted != "" {
			deleted[e.File] = true
			continue
		}
		there = append(there, e)
	}
	kept := there[:0]
	for _, e := range there {
		if !deleted[e.File] {
			kept = append(kept, e)
		}
	}
	p.Deleted = len(there) - len(kept)
	return kept
}

// check holds a file against its entry; empty: it is as it was.
func (r *Recorder) check(e Entry) FaultKind {
	if !filepath.IsLocal(e.File) {
		return Changed
	}
	sum, err := soundOf(filepath.Join(r.Dir, e.File), e.Channels, e.Octets)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if !r.stays(filepath.Dir(e.File), filepath.Base(e.File)) {
			return "" // deleted meanwhile
		}
		return Missing
	case err != nil || sum != e.Sum:
		return Changed
	}
	return ""
}

// stays says whether the chain does not tell of the file's deletion.
func (r *Recorder) stays(day, name string) bool {
	r.chain.mu.Lock()
	defer r.chain.mu.Unlock()
	entries, _ := r.chain.read(day)
	for _, e := range entries {
		if e.Deleted != "" && filepath.Base(e.File) == name {
			return false
		}
	}
	return true
}

// soundOf is the check sum of the sound of a file, whose header must be that of so many octets.
func soundOf(path string, channels int, octets int64) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	head := make([]byte, headerSize)
	if _, err := io.ReadFull(file, head); err != nil || !bytes.Equal(head, header(channels, octets)) {
		return "", errNotOurs
	}
	sum := sha256.New()
	if n, err := io.Copy(sum, file); err != nil || n != octets {
		return "", fmt.Errorf("%d octets of sound instead of %d: %w", n, octets, errors.Join(errNotOurs, err))
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// Chain is the chain of a day as it lies on the disk.
func (r *Recorder) Chain(day string) ([]byte, error) {
	if _, err := time.Parse(time.DateOnly, day); err != nil {
		return nil, fmt.Errorf("%q is no day: %w", day, ErrNone)
	}
	octets, err := os.ReadFile(filepath.Join(r.Dir, day, chainFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", day, ErrNone)
	}
	return octets, err
}
