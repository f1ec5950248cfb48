package config

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	bolt "go.etcd.io/bbolt"
)

// secretBox is all secrets at once, as they stand in the database and in the copy beside it.
type secretBox struct {
	Change uint64            `json:"change"` // counts changes of secrets
	Named  map[string][]byte `json:"named"`
}

// The names the store itself uses; rooms cannot ask for names that begin with a dot.
const (
	secretChange   = ".change"   // decimal, in the database only
	secretPassword = ".password" // Argon2id string of the administrator's password
	secretCode     = ".code"     // one-time code, as long as there is no password
)

func (b secretBox) encode() []byte {
	octets, err := json.Marshal(b)
	if err != nil {
		panic(err) // numbers, strings and octets only
	}
	return octets
}

// records is the box as database records by name.
func (b secretBox) records() map[string][]byte {
	records := map[string][]byte{secretChange: []byte(strconv.FormatUint(b.Change, 10))}
	maps.Copy(records, b.Named)
	return records
}

// secretsOf collects the secrets among records.
func secretsOf(records []record) secretBox {
	box := secretBox{Named: map[string][]byte{}}
	for _, r := range records {
		switch {
		case r.bucket != bucketSecrets:
		case r.key == secretChange:
			box.Change, _ = strconv.ParseUint(string(r.payload), 10, 64)
		default:
			box.Named[r.key] = r.payload
		}
	}
	return box
}

// Secret returns the n random octets kept under name; they are made when they are first asked for. It is
// an error to ask for another length than before.
func (s *Store) Secret(name string, n int) ([]byte, error) {
	if name == "" || strings.HasPrefix(name, ".") || n < 1 || n > 4096 {
		return nil, fmt.Errorf("secret %q of %d octets: a name without a leading dot and 1 to 4096 octets are needed", name, n)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if value, ok := s.secrets.Named[name]; ok {
		if len(value) != n {
			return nil, fmt.Errorf("secret %q has %d octets, %d were asked for", name, len(value), n)
		}
		return slices.Clone(value), nil
	}
	value := make([]byte, n)
	_, _ = rand.Read(value) // never fails: crypto/rand ends the program instead
	if err := s.setSecrets(map[string][]byte{name: value}); err != nil {
		return nil, err
	}
	return slices.Clone(value), nil
}

// PutSecret keeps a secret that was made elsewhere: a TLS key with its certificate, 64 KiB at most.
func (s *Store) PutSecret(name string, value []byte) error {
	if name == "" || strings.HasPrefix(name, ".") || len(value) == 0 || len(value) > 64<<10 {
		return fmt.Errorf("secret %q of %d octets: a name without a leading dot and 1 to 65536 octets are needed", name, len(value))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.setSecrets(map[string][]byte{name: slices.Clone(value)})
}

// KeptSecret returns what PutSecret or Secret keep under name.
func (s *Store) KeptSecret(name string) ([]byte, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	value, ok := s.secrets.Named[name]
	return slices.Clone(value), ok && !strings.HasPrefix(name, ".")
}

// setSecrets changes secrets (nil removes one), in the database and in its copy. s.mu is held.
func (s *Store) setSecrets(changed map[string][]byte) error {
	next := secretBox{Change: s.secrets.Change + 1, Named: maps.Clone(s.secrets.Named)}
	for name, value := range changed {
		next.Named[name] = value
		if value == nil {
			delete(next.Named, name)
		}
	}
	if err := stage(s.dir, goodSecretsFile, encodeGoodSecrets(next)); err != nil {
		return fmt.Errorf("secret not kept: %w", err)
	}
	err := s.update(func(tx *bolt.Tx) error {
		for name, value := range changed {
			if value == nil {
				if err := drop(tx, bucketSecrets, name); err != nil {
					return err
				}
				continue
			}
			if err := put(tx, bucketSecrets, name, value); err != nil {
				return err
			}
		}
		return put(tx, bucketSecrets, secretChange, []byte(strconv.FormatUint(next.Change, 10)))
	})
	if err != nil {
		removeStaged(s.dir)
		return fmt.Errorf("secret not kept: %w", err)
	}
	if err := place(s.dir, goodSecretsFile); err != nil {
		s.log.Error("copy of the secrets not written", "err", err)
	}
	s.secrets = next
	return nil
}
