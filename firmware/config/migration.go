package config

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	bolt "go.etcd.io/bbolt"
)

// Schema is the number of the layout this firmware writes: of the database, of the last good settings and
// of exported documents.
const Schema = 2

// A migration brings what the number before it wrote to its own number. Each lives in a file of its own,
// which tells BEFORE and AFTER, and has a pair of documents under testdata/migration.
type migration struct {
	layout   func(tx *bolt.Tx) error             // of the database
	document func(settings map[string]any) error // of one settings document, in place
}

// migrations by the number they lead to, from 1; their count is Schema.
var migrations = [Schema]migration{
	{layout: layoutTo1, document: documentTo1},
	{layout: layoutTo2, document: documentTo2},
}

// migrateDocument brings a settings document (the Settings object alone) from a schema to this one's.
func migrateDocument(settings []byte, from int) ([]byte, error) {
	if from < 0 || from > Schema {
		return nil, fmt.Errorf("settings of schema %d, this firmware knows 0 to %d", from, Schema)
	}
	if from == Schema {
		return settings, nil
	}
	var document map[string]any
	if err := json.Unmarshal(settings, &document); err != nil {
		return nil, fmt.Errorf("read settings of schema %d: %w", from, err)
	}
	if document == nil {
		return nil, fmt.Errorf("settings of schema %d are empty", from)
	}
	for n := from; n < Schema; n++ {
		if err := migrations[n].document(document); err != nil {
			return nil, fmt.Errorf("migration %d: %w", n+1, err)
		}
	}
	return json.Marshal(document)
}

// migrateLayout brings the buckets from a schema to this one's, in tx.
func migrateLayout(tx *bolt.Tx, from int) error {
	for n := from; n < Schema; n++ {
		if err := migrations[n].layout(tx); err != nil {
			return fmt.Errorf("migration %d: %w", n+1, err)
		}
	}
	return put(tx, bucketBox, "schema", []byte(strconv.Itoa(Schema)))
}

// migrate brings an opened database up to date. Before it changes anything it puts the last good settings
// of the older schema aside, for firmware that may come back after a failed update.
func (s *Store) migrate() error {
	found := 0
	err := s.view(func(tx *bolt.Tx) error {
		bucket := tx.Bucket([]byte(bucketBox))
		if bucket == nil {
			return nil
		}
		payload, err := unseal(bucketBox, "schema", bucket.Get([]byte("schema")))
		if err != nil {
			return err
		}
		found, err = strconv.Atoi(string(payload))
		return err
	})
	if err != nil || found == Schema {
		return err
	}
	good, err := os.ReadFile(filepath.Join(s.dir, goodFile))
	if err == nil {
		if err := stageAndPlace(s.dir, goodFileOf(found), good); err != nil {
			return err
		}
	}
	return s.update(func(tx *bolt.Tx) error { return migrateLayout(tx, found) })
}
