package config

import (
	"cmp"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"
)

// versionsKept is how many versions of the settings can be gone back to, the current one included.
const versionsKept = 20

// Version is one state of the settings: who made it and when.
type Version struct {
	Change   uint64    `json:"change"` // counts acknowledged changes; 1 is the first boot
	At       time.Time `json:"at"`     // UTC, milliseconds
	By       string    `json:"by"`     // "admin", "console", "import", "box"
	Schema   int       `json:"schema"`
	Settings Settings  `json:"settings"`
}

// encode makes the compact JSON that stands in the database and in the last good file.
func (v Version) encode() []byte {
	v.Schema = Schema
	octets, err := json.Marshal(v)
	if err != nil {
		panic(err) // strings, numbers and booleans only
	}
	return octets
}

// decodeVersion reads what encode made, of this schema or an older one.
func decodeVersion(octets []byte) (Version, error) {
	var raw struct {
		Version
		Settings json.RawMessage `json:"settings"`
	}
	if err := json.Unmarshal(octets, &raw); err != nil {
		return Version{}, fmt.Errorf("read settings: %w", err)
	}
	v := raw.Version
	settings, err := migrateDocument(raw.Settings, v.Schema)
	if err != nil {
		return Version{}, err
	}
	if err := json.Unmarshal(settings, &v.Settings); err != nil {
		return Version{}, fmt.Errorf("read settings of change %d: %w", v.Change, err)
	}
	v.Schema = Schema
	return v, nil
}

// newestVersion finds the settings with the highest change number among records.
func newestVersion(records []record) (newest Version, ok bool) {
	for _, r := range records {
		if r.bucket != bucketSettings {
			continue
		}
		if v, err := decodeVersion(r.payload); err == nil && (!ok || v.Change > newest.Change) {
			newest, ok = v, true
		}
	}
	return newest, ok
}

func changeKey(change uint64) string {
	return string(binary.BigEndian.AppendUint64(nil, change))
}

// Settings returns the current settings, log-ins of agents included. They are the caller's to change.
func (s *Store) Settings() Settings {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.withLogins(s.current.Settings)
}

// Change is the number of the current version.
func (s *Store) Change() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.current.Change
}

// withLogins is a deep copy of settings with the log-ins of now.
func (s *Store) withLogins(settings Settings) Settings {
	c := settings.Clone()
	for i := range c.Agents {
		c.Agents[i].LoggedIn = s.loggedIn[c.Agents[i].Extension]
	}
	return c
}

// Clone returns a copy that shares nothing with s. Its lists are never nil, so that they export as [].
func (s Settings) Clone() Settings {
	c := s
	c.Lines = cloned(s.Lines)
	for i := range c.Lines {
		timers := maps.Clone(c.Lines[i].Timers)
		if timers == nil {
			timers = map[string]int{}
		}
		c.Lines[i].Timers = timers
	}
	c.Trunks = cloned(s.Trunks)
	for i := range c.Trunks {
		c.Trunks[i].Numbers = cloned(c.Trunks[i].Numbers)
	}
	c.Agents = cloned(s.Agents)
	for i := range c.Agents {
		c.Agents[i].Queues = cloned(c.Agents[i].Queues)
	}
	c.Queues = cloned(s.Queues)
	c.Menus = cloned(s.Menus)
	for i := range c.Menus {
		c.Menus[i].Choices = cloned(c.Menus[i].Choices)
	}
	c.Routes = cloned(s.Routes)
	c.Outbound.Numbers = cloned(s.Outbound.Numbers)
	c.Outbound.Lines = cloned(s.Outbound.Lines)
	c.Outbound.Barred = cloned(s.Outbound.Barred)
	return c
}

func cloned[T any](list []T) []T { return append([]T{}, list...) }

// ProblemsError is returned by Save for settings that do not hold.
type ProblemsError []Problem

func (e ProblemsError) Error() string {
	if len(e) == 1 {
		return e[0].Error()
	}
	return fmt.Sprintf("%v (and %d more)", e[0], len(e)-1)
}

// Save makes settings the current ones. It returns nil once they would survive a power cut; after an
// error the old settings stay. Problems found by Validate come back as ProblemsError. The log-in state
// in settings is not looked at. Saving what is already current makes no version.
func (s *Store) Save(settings Settings, by string) error {
	if problems := Validate(settings); len(problems) > 0 {
		return ProblemsError(problems)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	settings = s.withLogins(settings)
	if reflect.DeepEqual(settings, s.withLogins(s.current.Settings)) {
		return nil
	}
	next := Version{Change: s.current.Change + 1, At: now(), By: by, Schema: Schema, Settings: settings}
	if err := s.store(next); err != nil {
		return fmt.Errorf("settings not saved, the old ones stay in use: %w", err)
	}
	s.current = next
	return nil
}

// store puts next in the database and in the last good file, in an order that a power cut at any point
// leaves one of them whole and never lets the file be newer than what was acknowledged.
func (s *Store) store(next Version) error {
	if err := stage(s.dir, goodFile, encodeGood(next)); err != nil {
		return err
	}
	present := map[string]bool{}
	for _, agent := range next.Settings.Agents {
		present[agent.Extension] = true
	}
	err := s.update(func(tx *bolt.Tx) error {
		if err := put(tx, bucketSettings, changeKey(next.Change), next.encode()); err != nil {
			return err
		}
		for extension := range s.loggedIn {
			if !present[extension] {
				if err := drop(tx, bucketLoggedIn, extension); err != nil {
					return err
				}
			}
		}
		return dropOldest(tx, next.Change)
	})
	if err != nil {
		removeStaged(s.dir)
		return err
	}
	for extension := range s.loggedIn {
		if !present[extension] {
			delete(s.loggedIn, extension)
		}
	}
	if err := place(s.dir, goodFile); err != nil {
		s.log.Error("last good settings not written", "change", next.Change, "err", err)
	}
	return nil
}

// dropOldest removes the versions beyond versionsKept.
func dropOldest(tx *bolt.Tx, newest uint64) error {
	bucket := tx.Bucket([]byte(bucketSettings))
	cursor := bucket.Cursor()
	var old [][]byte
	for k, _ := cursor.First(); len(k) == 8; k, _ = cursor.Next() {
		if binary.BigEndian.Uint64(k)+versionsKept <= newest {
			old = append(old, slices.Clone(k))
		}
	}
	for _, k := range old {
		if err := bucket.Delete(k); err != nil {
			return err
		}
	}
	return nil
}

// History returns the kept versions, newest first.
func (s *Store) History() ([]Version, error) {
	records, err := s.all(bucketSettings)
	if err != nil {
		return nil, err
	}
	var versions []Version
	for _, r := range records {
		v, err := decodeVersion(r.payload)
		if err != nil {
			return nil, err
		}
		versions = append(versions, v)
	}
	slices.SortFunc(versions, func(a, b Version) int { return cmp.Compare(b.Change, a.Change) })
	return versions, nil
}

// At returns the version of one change number; ok is false when it is not kept any more.
func (s *Store) At(change uint64) (v Version, ok bool, err error) {
	payload, err := s.get(bucketSettings, changeKey(change))
	if err != nil || payload == nil {
		return Version{}, false, err
	}
	v, err = decodeVersion(payload)
	return v, err == nil, err
}

// Undo makes the settings of an earlier change current again, as a new change.
func (s *Store) Undo(change uint64, by string) error {
	v, ok, err := s.At(change)
	if err != nil {
		return err
	}
	if !ok {
		return Problem{
			Path: "change",
			ZH:   fmt.Sprintf("第 %d 次更改已不再保存，只保存最近 %d 次。", change, versionsKept),
			EN:   fmt.Sprintf("Change %d is not kept any more; only the last %d are.", change, versionsKept),
		}
	}
	return s.Save(v.Settings, by)
}

// SetLoggedIn keeps that an agent logged in or out. It makes no version.
func (s *Store) SetLoggedIn(extension string, in bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.ContainsFunc(s.current.Settings.Agents, func(a Agent) bool { return a.Extension == extension }) {
		return fmt.Errorf("no agent has extension %q", extension)
	}
	if s.loggedIn[extension] == in {
		return nil
	}
	value := "0"
	if in {
		value = "1"
	}
	err := s.update(func(tx *bolt.Tx) error { return put(tx, bucketLoggedIn, extension, []byte(value)) })
	if err != nil {
		return fmt.Errorf("log-in of %s not kept: %w", extension, err)
	}
	s.loggedIn[extension] = in
	return nil
}
