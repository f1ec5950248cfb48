// Package config keeps what the owner and the installer decided, what the box decided for itself
// (secrets), and the few things other rooms want to find again after a restart.
//
// In: settings from the pages, the console and imported documents; passwords, sessions, prompts and
// small values from the rooms named in imports.txt. Out: Settings for everybody who applies them. It is
// beside both paths: neither sound nor signalling ever waits here.
//
// The store is one bbolt file (settings.db), beside it the last good settings and secrets as files of
// their own (settings.good.json, secrets.good.json). A database that cannot be read never stops the
// phones: it is moved aside, what can still be read of it is taken over, and the box starts on the last
// good settings. RFC 9106 (Argon2id) for the administrator's password; nothing else here has a standard.
//
// Every method is safe from any goroutine. Methods that write wait for the disk (milliseconds, on a bad
// day a second): never call them from a tick or from the switch's own goroutine. Slices handed out are
// the caller's. Nothing is acknowledged before it is on the disk.
package config

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	bolt "go.etcd.io/bbolt"
)

// The files of a store.
const (
	databaseFile    = "settings.db"
	goodFile        = "settings.good.json"
	goodSecretsFile = "secrets.good.json"
)

// The buckets of the database. Every value stands behind its check sum, see seal.
const (
	bucketBox      = "box"      // "schema": number of the layout, decimal
	bucketSettings = "settings" // change number, 8 octets, most significant first: Version as JSON
	bucketSecrets  = "secrets"  // name: octets
	bucketSessions = "sessions" // SHA-256 of the token: Session as JSON
	bucketPrompts  = "prompts"  // name NUL language: 8 octets of Unix milliseconds, then A-law octets
	bucketKeep     = "keep"     // room NUL key: octets
	bucketLoggedIn = "loggedin" // extension: "1" or "0"
)

// Report is what Open found, in sentences for the owner.
type Report struct {
	FirstBoot bool   // there were no settings yet: Default ones are in use
	FellBack  bool   // the database could not be used: the last good settings (or, without any, Default) are in use
	Volatile  bool   // the directory cannot be written: changes are lost with the power
	MovedTo   string // where the unusable database is now; empty: it was not moved
	ZH, EN    string // what happened and what to do; empty when all is well
}

// Store is the open store. Close it before the directory is used otherwise.
type Store struct {
	dir string
	log *slog.Logger
	db  *bolt.DB

	mu       sync.Mutex // held while writing, and for the fields below
	current  Version
	loggedIn map[string]bool
	secrets  secretBox
	hashing  chan struct{} // one place for each Argon2 computation that may run at once
}

// Open opens the store in dir, which is made when it is missing. It fails only when not even a temporary
// directory can be written; every lesser trouble is in the Report and the Store works.
func Open(dir string, log *slog.Logger) (*Store, Report, error) {
	s := &Store{dir: dir, log: log, loggedIn: map[string]bool{}, hashing: make(chan struct{}, 2)}
	report, err := s.open()
	if err == nil {
		return s, report, nil
	}
	log.Error("settings directory unusable", "dir", dir, "err", err)
	good, goodErr := readGood(dir)
	secrets, _ := readGoodSecrets(dir)
	temporary, tempErr := os.MkdirTemp("", "trunkbox-settings-")
	if tempErr != nil {
		return nil, Report{}, fmt.Errorf("open settings in %s: %w", dir, errors.Join(err, tempErr))
	}
	s.dir = temporary
	if goodErr == nil {
		if err := stageAndPlace(temporary, goodFile, encodeGood(good)); err != nil {
			return nil, Report{}, fmt.Errorf("open settings in %s: %w", temporary, err)
		}
	}
	if len(secrets.Named) > 0 {
		if err := stageAndPlace(temporary, goodSecretsFile, encodeGoodSecrets(secrets)); err != nil {
			return nil, Report{}, fmt.Errorf("open settings in %s: %w", temporary, err)
		}
	}
	inner, err2 := s.open()
	if err2 != nil {
		return nil, Report{}, fmt.Errorf("open settings in %s: %w", temporary, errors.Join(err, err2))
	}
	report = Report{
		FirstBoot: inner.FirstBoot, FellBack: true, Volatile: true,
		ZH: fmt.Sprintf("设置目录 %s 无法写入（%v）。电话可以使用，但所有更改断电后丢失。请检查磁盘。", dir, err),
		EN: fmt.Sprintf("The settings directory %s cannot be written (%v). Phones work, but every change is lost with the power. Check the disk.", dir, err),
	}
	return s, report, nil
}

// open does Open's work in s.dir.
func (s *Store) open() (Report, error) {
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return Report{}, err
	}
	removeStaged(s.dir)
	path := filepath.Join(s.dir, databaseFile)
	found := inspect(path)
	good, goodErr := readGood(s.dir)
	secrets, secretsErr := readGoodSecrets(s.dir)

	if found.trouble == nil && found.exists {
		found.trouble = s.behind(found, good, goodErr, secrets, secretsErr)
	}
	fresh := !found.exists && goodErr != nil && errors.Is(goodErr, os.ErrNotExist)
	if found.exists && found.trouble == nil {
		err := s.use(path)
		if err == nil {
			return Report{}, nil
		}
		found.trouble = &trouble{zh: "无法打开：" + err.Error(), en: "cannot be opened: " + err.Error()}
	}
	if !found.exists && !fresh {
		found.trouble = &trouble{zh: "不见了", en: "is missing"}
	}
	return s.rebuild(path, found, good, goodErr, secrets)
}

// behind says whether a database that reads well is older than the files beside it: it lost a change
// that was acknowledged.
func (s *Store) behind(found finding, good Version, goodErr error, secrets secretBox, secretsErr error) *trouble {
	newest, ok := newestVersion(found.records)
	switch {
	case !ok:
		return &trouble{zh: "里面没有设置", en: "holds no settings"}
	case goodErr == nil && good.Change > newest.Change:
		return &trouble{
			zh: fmt.Sprintf("停在第 %d 次更改，而第 %d 次已确认保存", newest.Change, good.Change),
			en: fmt.Sprintf("stops at change %d although change %d was saved", newest.Change, good.Change),
		}
	case secretsErr == nil && secrets.Change > secretsOf(found.records).Change:
		return &trouble{zh: "缺少最后一次密码更改", en: "lacks the last change of passwords"}
	}
	return nil
}

// use opens a database that was found whole, brings its layout up to date and loads what is held in memory.
func (s *Store) use(path string) error {
	err := guarded(func() error {
		db, err := bolt.Open(path, 0o600, &bolt.Options{Timeout: lockPatience, NoFreelistSync: true})
		if err != nil {
			return err
		}
		s.db = db
		if err := s.migrate(); err != nil {
			return err
		}
		return s.load()
	})
	if err != nil && s.db != nil {
		_ = s.db.Close()
		s.db = nil
	}
	return err
}

// load reads the newest settings, the log-ins and the secrets into memory and makes the good files agree.
func (s *Store) load() error {
	var records []record
	for _, bucket := range []string{bucketSettings, bucketLoggedIn, bucketSecrets} {
		part, err := s.all(bucket)
		if err != nil {
			return err
		}
		records = append(records, part...)
	}
	newest, ok := newestVersion(records)
	if !ok {
		return errors.New("no settings in the database")
	}
	s.current = newest
	for _, agent := range newest.Settings.Agents {
		s.loggedIn[agent.Extension] = agent.LoggedIn
	}
	for _, r := range records {
		if r.bucket == bucketLoggedIn {
			s.loggedIn[r.key] = string(r.payload) == "1"
		}
	}
	s.secrets = secretsOf(records)
	if err := stageAndPlace(s.dir, goodFile, encodeGood(s.current)); err != nil {
		s.log.Warn("last good settings not written", "err", err)
	}
	if err := stageAndPlace(s.dir, goodSecretsFile, encodeGoodSecrets(s.secrets)); err != nil {
		s.log.Warn("copy of the secrets not written", "err", err)
	}
	return nil
}

// rebuild makes a new database from the last good settings and whatever could be read of the old one.
func (s *Store) rebuild(path string, found finding, good Version, goodErr error, secrets secretBox) (Report, error) {
	report := Report{FellBack: found.trouble != nil}
	version, source := s.best(found, good, goodErr)
	if source == fromDefaults && found.trouble == nil {
		report.FirstBoot = true
	}
	if saved := secretsOf(found.records); saved.Change > secrets.Change {
		secrets = saved
	}
	if err := s.create(path, version, secrets, found.records); err != nil {
		return Report{}, err
	}
	if found.exists { // only now: a power cut before leaves the old one to be rescued again
		report.MovedTo = moveAside(path)
		if report.MovedTo == "" {
			return Report{}, fmt.Errorf("cannot move %s aside", path)
		}
	}
	if err := place(s.dir, databaseFile); err != nil {
		return Report{}, err
	}
	if err := s.use(path); err != nil {
		return Report{}, err
	}
	if report.FellBack {
		report.ZH, report.EN = sentences(*found.trouble, source, version, report.MovedTo)
		s.log.Error("settings fell back", "why", found.trouble.en, "moved_to", report.MovedTo,
			"change", version.Change, "records_rescued", len(found.records))
	}
	return report, nil
}

// best chooses the newest settings that can be read: the last good file, a version rescued from the
// damaged database, or Default.
func (s *Store) best(found finding, good Version, goodErr error) (Version, origin) {
	if goodErr != nil && !errors.Is(goodErr, os.ErrNotExist) {
		s.log.Error("last good settings unreadable", "err", goodErr)
		keepUnreadable(s.dir, goodFile)
	}
	rescued, ok := newestVersion(found.records)
	switch {
	case goodErr == nil && (!ok || good.Change >= rescued.Change):
		return good, fromGoodFile
	case ok:
		return rescued, fromDatabase
	}
	if older, err := readGoodOf(s.dir, Schema); err == nil {
		return older, fromGoodFile
	}
	return Version{Change: 1, At: now(), By: "box", Settings: Default("CN", "zh")}, fromDefaults
}

// create stages a new database with version as its newest settings, and the rescued records.
func (s *Store) create(path string, version Version, secrets secretBox, rescued []record) error {
	staged := path + stagedSuffix
	err := guarded(func() error {
		db, err := bolt.Open(staged, 0o600, &bolt.Options{Timeout: lockPatience, NoFreelistSync: true})
		if err != nil {
			return err
		}
		err = db.Update(func(tx *bolt.Tx) error {
			if err := migrateLayout(tx, 0); err != nil {
				return err
			}
			for _, r := range rescued {
				if r.bucket == bucketBox || r.bucket == bucketSecrets {
					continue
				}
				if err := put(tx, r.bucket, r.key, r.payload); err != nil {
					return err
				}
			}
			for name, value := range secrets.records() {
				if err := put(tx, bucketSecrets, name, value); err != nil {
					return err
				}
			}
			return put(tx, bucketSettings, changeKey(version.Change), version.encode())
		})
		return errors.Join(err, db.Close())
	})
	if err != nil {
		_ = os.Remove(staged)
		return fmt.Errorf("make %s: %w", path, err)
	}
	return nil
}

// Close closes the database.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.db.Close()
}

// update runs f in a writing transaction; a damaged page becomes an error.
func (s *Store) update(f func(tx *bolt.Tx) error) error {
	return guarded(func() error { return s.db.Update(f) })
}

// view runs f in a reading transaction; a damaged page becomes an error.
func (s *Store) view(f func(tx *bolt.Tx) error) error {
	return guarded(func() error { return s.db.View(f) })
}

// all returns the records of one bucket in the order of their keys.
func (s *Store) all(bucket string) ([]record, error) {
	var records []record
	err := s.view(func(tx *bolt.Tx) error {
		return tx.Bucket([]byte(bucket)).ForEach(func(k, v []byte) error {
			payload, err := unseal(bucket, string(k), v)
			if err != nil {
				return err
			}
			records = append(records, record{bucket, string(k), payload})
			return nil
		})
	})
	return records, err
}

// get returns the payload of one record, nil when there is none.
func (s *Store) get(bucket, key string) ([]byte, error) {
	var payload []byte
	err := s.view(func(tx *bolt.Tx) error {
		value := tx.Bucket([]byte(bucket)).Get([]byte(key))
		if value == nil {
			return nil
		}
		var err error
		payload, err = unseal(bucket, key, value)
		return err
	})
	return payload, err
}

// put writes one record.
func put(tx *bolt.Tx, bucket, key string, payload []byte) error {
	return tx.Bucket([]byte(bucket)).Put([]byte(key), seal(bucket, key, payload))
}

// drop removes one record.
func drop(tx *bolt.Tx, bucket, key string) error {
	return tx.Bucket([]byte(bucket)).Delete([]byte(key))
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// seal puts the check sum before a payload, because bbolt checks none of its data pages:
//
//	 0        4                 n
//	+--------+-----------------+
//	| CRC-32C| payload         |   the sum runs over bucket NUL key NUL payload
//	+--------+-----------------+
func seal(bucket, key string, payload []byte) []byte {
	value := make([]byte, 4, 4+len(payload))
	binary.BigEndian.PutUint32(value, sum(bucket, key, payload))
	return append(value, payload...)
}

// unseal checks a value and returns a copy of its payload.
func unseal(bucket, key string, value []byte) ([]byte, error) {
	if len(value) < 4 {
		return nil, fmt.Errorf("record %s/%q has %d octets, at least 4 are needed", bucket, key, len(value))
	}
	payload := value[4:]
	if want, got := binary.BigEndian.Uint32(value), sum(bucket, key, payload); want != got {
		return nil, fmt.Errorf("record %s/%q: check sum %08x, expected %08x", bucket, key, got, want)
	}
	return append([]byte{}, payload...), nil
}

func sum(bucket, key string, payload []byte) uint32 {
	c := crc32.Update(0, castagnoli, []byte(bucket+"\x00"+key+"\x00"))
	return crc32.Update(c, castagnoli, payload)
}

// now is the time in the precision that is stored.
func now() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }
