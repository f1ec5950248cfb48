package config

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"
)

// sessionsKept bounds the table; beyond it those that end first go.
const sessionsKept = 256

// Session is one signed-in page.
type Session struct {
	Who      string    `json:"who"` // "admin"
	Language string    `json:"language"`
	Address  string    `json:"address"`
	Began    time.Time `json:"began"`
	Ends     time.Time `json:"ends"`
}

// sessionKey is what is kept of a token: whoever reads the database cannot sign in with it.
func sessionKey(token string) string {
	digest := sha256.Sum256([]byte(token))
	return hex.EncodeToString(digest[:])
}

// PutSession keeps or renews the session of token, and forgets those that have ended.
func (s *Store) PutSession(token string, session Session) error {
	if len(token) < 16 {
		return fmt.Errorf("a session token of %d characters can be guessed; use 16 or more", len(token))
	}
	octets, err := json.Marshal(session)
	if err != nil {
		return fmt.Errorf("session not kept: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	ended, err := s.endedSessions()
	if err != nil {
		return err
	}
	return s.update(func(tx *bolt.Tx) error {
		for _, key := range ended {
			if err := drop(tx, bucketSessions, key); err != nil {
				return err
			}
		}
		return put(tx, bucketSessions, sessionKey(token), octets)
	})
}

// endedSessions lists the keys of sessions that are over, or that must make room.
func (s *Store) endedSessions() ([]string, error) {
	records, err := s.all(bucketSessions)
	if err != nil {
		return nil, err
	}
	var ended []string
	first, firstEnds := "", time.Time{}
	for _, r := range records {
		var session Session
		if json.Unmarshal(r.payload, &session) != nil || !time.Now().Before(session.Ends) {
			ended = append(ended, r.key)
			continue
		}
		if first == "" || session.Ends.Before(firstEnds) {
			first, firstEnds = r.key, session.Ends
		}
	}
	if len(records)-len(ended) >= sessionsKept {
		ended = append(ended, first)
	}
	return ended, nil
}

// Session returns the session of token; ok is false when there is none or it has ended.
func (s *Store) Session(token string) (session Session, ok bool) {
	payload, err := s.get(bucketSessions, sessionKey(token))
	if err != nil || payload == nil || json.Unmarshal(payload, &session) != nil {
		return Session{}, false
	}
	return session, time.Now().Before(session.Ends)
}

// DropSession ends the session of token.
func (s *Store) DropSession(token string) error {
	return s.update(func(tx *bolt.Tx) error { return drop(tx, bucketSessions, sessionKey(token)) })
}

// DropSessions ends every session.
func (s *Store) DropSessions() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dropSessions()
}

func (s *Store) dropSessions() error {
	return s.update(func(tx *bolt.Tx) error {
		if err := tx.DeleteBucket([]byte(bucketSessions)); err != nil {
			return err
		}
		_, err := tx.CreateBucket([]byte(bucketSessions))
		return err
	})
}
