package performance

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"time"
)

// content is the file of a line: its history, and the CRC-32 (IEEE) of the history's octets.
//
//	{"sum": 3632233996, "history": {"quarters": …, "days": …, "unavailable": false, "crc": true}}
type content struct {
	Sum     uint32          `json:"sum"`
	History json.RawMessage `json:"history"`
}

// ErrDamaged says that a file does not hold a history.
var ErrDamaged = errors.New("the performance history is damaged")

// Encode gives the octets of the file of a line.
func (p *Line) Encode() ([]byte, error) {
	history, err := json.Marshal(p.kept)
	if err != nil {
		return nil, fmt.Errorf("performance history: %w", err)
	}
	return json.Marshal(content{crc32.ChecksumIEEE(history), history})
}

// Decode takes the history over from the octets of a file. It returns an error that wraps ErrDamaged, and
// leaves the line as it is, when they are not what Encode gave.
func (p *Line) Decode(octets []byte) error {
	var c content
	if err := json.Unmarshal(octets, &c); err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if sum := crc32.ChecksumIEEE(c.History); sum != c.Sum {
		return fmt.Errorf("%w: the check sum is %08x, the file says %08x", ErrDamaged, sum, c.Sum)
	}
	var kept state
	if err := json.Unmarshal(c.History, &kept); err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if kept.Quarters == nil || kept.Days == nil || len(kept.Quarters) > maxQuarters || len(kept.Days) > maxDays {
		return fmt.Errorf("%w: it has %d quarter hours and %d days", ErrDamaged, len(kept.Quarters), len(kept.Days))
	}
	for start, c := range kept.Quarters {
		if c == nil || start%int64(quarter/time.Second) != 0 {
			return fmt.Errorf("%w: the quarter hour of %d", ErrDamaged, start)
		}
	}
	for day, c := range kept.Days {
		if _, err := time.Parse(dayForm, day); c == nil || err != nil {
			return fmt.Errorf("%w: the day %q", ErrDamaged, day)
		}
	}
	p.kept = kept
	return nil
}

// Load takes the history over from the file. A file that is not there is no error. A damaged one is moved aside,
// to the same name with ".damaged" behind it, and the error, which wraps ErrDamaged, says so.
func (p *Line) Load(path string) error {
	octets, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("performance history: %w", err)
	}
	if err = p.Decode(octets); err == nil {
		return nil
	}
	if moved := os.Rename(path, path+".damaged"); moved != nil {
		return fmt.Errorf("%s cannot be moved aside (%w): %w", path, moved, err)
	}
	return fmt.Errorf("%s is now %s.damaged: %w", path, filepath.Base(path), err)
}

// Save writes octets from Encode to the file so that a power cut leaves the old ones or the new ones. It waits
// for the disk.
func Save(path string, octets []byte) error {
	if err := save(path, octets); err != nil {
		return fmt.Errorf("performance history: %w", err)
	}
	return nil
}

func save(path string, octets []byte) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return err
	}
	staged := path + ".new"
	file, err := os.OpenFile(staged, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o640)
	if err != nil {
		return err
	}
	_, err = file.Write(octets)
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	if err := os.Rename(staged, path); err != nil {
		return err
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
