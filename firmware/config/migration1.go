package config

import (
	bolt "go.etcd.io/bbolt"
)

// Migration 1 gives the settings their header and every section a value.
//
// BEFORE (schema 0): an empty database; a document written by hand without "format" and "version", in
// which whole sections may be missing:
//
//	{"box": {"name": "…", "language": "en", "country": "EU"}, "agents": [ … ]}
//
// AFTER (schema 1): the buckets box, settings, secrets, sessions, prompts, keep and loggedin; a document
// in which missing sections, and missing values of box, features and phones, are those of Default for
// its country and language:
//
//	{"box": {…, "time_zone": "Europe/Berlin"}, "lines": [ … ], …, "features": {…}, "phones": {…}}
func layoutTo1(tx *bolt.Tx) error {
	for _, name := range []string{
		bucketBox, bucketSettings, bucketSecrets, bucketSessions,
		bucketPrompts, bucketKeep, bucketLoggedIn,
	} {
		if _, err := tx.CreateBucketIfNotExists([]byte(name)); err != nil {
			return err
		}
	}
	return nil
}

func documentTo1(settings map[string]any) error {
	box, _ := settings["box"].(map[string]any)
	country, _ := box["country"].(string)
	language, _ := box["language"].(string)
	defaults, err := asDocument(Default(country, language))
	if err != nil {
		return err
	}
	for section, value := range defaults {
		given, present := settings[section]
		if !present || given == nil {
			settings[section] = value
			continue
		}
		into, isObject := given.(map[string]any)
		from, wantObject := value.(map[string]any)
		if !isObject || !wantObject {
			continue
		}
		for field, value := range from {
			if _, present := into[field]; !present {
				into[field] = value
			}
		}
	}
	return nil
}
