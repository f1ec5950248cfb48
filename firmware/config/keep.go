package config

import (
	"bytes"
	"fmt"
	"strings"

	bolt "go.etcd.io/bbolt"
)

// keepLongest is the largest value a room may keep.
const keepLongest = 64 << 10

// Keep keeps a small value for a room ("sipphone") under a key, over a restart; nil forgets it. Keeping
// what is kept already does not touch the disk.
func (s *Store) Keep(room, key string, value []byte) error {
	if room == "" || key == "" || strings.Contains(room, "\x00") || len(value) > keepLongest {
		return fmt.Errorf("keep %q/%q: %d octets; a room, a key and at most %d octets are needed", room, key, len(value), keepLongest)
	}
	full := room + "\x00" + key
	kept, err := s.get(bucketKeep, full)
	if err != nil {
		return err
	}
	if (value == nil) == (kept == nil) && bytes.Equal(kept, value) {
		return nil
	}
	return s.update(func(tx *bolt.Tx) error {
		if value == nil {
			return drop(tx, bucketKeep, full)
		}
		return put(tx, bucketKeep, full, value)
	})
}

// Kept returns what a room kept under a key.
func (s *Store) Kept(room, key string) (value []byte, ok bool) {
	value, err := s.get(bucketKeep, room+"\x00"+key)
	if err != nil {
		s.log.Error("kept value unreadable", "room", room, "key", key, "err", err)
	}
	return value, value != nil
}

// KeptAll returns all a room kept, by key. Values that cannot be read are left out and logged.
func (s *Store) KeptAll(room string) map[string][]byte {
	kept := map[string][]byte{}
	records, err := s.all(bucketKeep)
	if err != nil {
		s.log.Error("kept values unreadable", "room", room, "err", err)
	}
	for _, r := range records {
		if of, key, _ := strings.Cut(r.key, "\x00"); of == room {
			kept[key] = r.payload
		}
	}
	return kept
}
