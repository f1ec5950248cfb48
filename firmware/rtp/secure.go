package rtp

import (
	"crypto/rand"
	"crypto/subtle"
	"fmt"

	"github.com/pion/srtp/v3"
)

// Suite is how sound is encrypted (RFC 4568 clause 6.2).
type Suite uint8

// The two suites of RFC 4568 that every phone with SRTP has; they differ in the length of the tag.
const (
	AES128SHA80 Suite = iota // AES_CM_128_HMAC_SHA1_80
	AES128SHA32              // AES_CM_128_HMAC_SHA1_32
)

func (s Suite) String() string {
	return [...]string{"AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_32"}[s&1]
}

func (s Suite) profile() srtp.ProtectionProfile {
	return [...]srtp.ProtectionProfile{srtp.ProtectionProfileAes128CmHmacSha1_80, srtp.ProtectionProfileAes128CmHmacSha1_32}[s&1]
}

// MasterLength is a master key of 16 octets followed by its salt of 14.
const MasterLength = 30

// Master is a master key and its salt. Each direction has its own.
type Master [MasterLength]byte

// NewMaster makes one at random.
func NewMaster() Master {
	var m Master
	_, _ = rand.Read(m[:])
	return m
}

// Secrets are what an SDP agreed on for encryption (RFC 4568).
type Secrets struct {
	Suite         Suite
	Send, Receive Master
}

// secure is the encryption of a stream (RFC 3711). It is used with the stream's mu held.
type secure struct {
	secrets                                Secrets
	sending, receiving                     *srtp.Context
	rejected                               *counter
	locked, opened, lockedRTCP, openedRTCP []byte
}

// sealSize is by how much encryption makes a packet of sound longer: the tag.
const sealSize = 10

// replayWindow is how far back a packet may be and still be taken once.
const replayWindow = 128

// newSecure makes the contexts of both directions. Packets that are not authentic count as rejected.
func newSecure(s Secrets, rejected *counter) (*secure, error) {
	out, err := srtp.CreateContext(s.Send[:16], s.Send[16:], s.Suite.profile())
	if err != nil {
		return nil, fmt.Errorf("SRTP for sending, %v: %w", s.Suite, err)
	}
	in, err := srtp.CreateContext(s.Receive[:16], s.Receive[16:], s.Suite.profile(),
		srtp.SRTPReplayProtection(replayWindow), srtp.SRTCPReplayProtection(replayWindow))
	if err != nil {
		return nil, fmt.Errorf("SRTP for receiving, %v: %w", s.Suite, err)
	}
	return &secure{secrets: s, sending: out, receiving: in, rejected: rejected}, nil
}

// same tells whether nothing changes with other secrets: contexts must then live on, for they count.
func (s *secure) same(other *Secrets) bool {
	if s == nil || other == nil {
		return s == nil && other == nil
	}
	return s.secrets.Suite == other.Suite && subtle.ConstantTimeCompare(s.secrets.Send[:], other.Send[:]) == 1 &&
		subtle.ConstantTimeCompare(s.secrets.Receive[:], other.Receive[:]) == 1
}

// lock encrypts one RTP packet; the result is valid until the next and empty when it failed.
func (s *secure) lock(packet []byte) []byte {
	var err error
	if s.locked, err = s.sending.EncryptRTP(s.locked[:0], packet, nil); err != nil {
		return nil
	}
	return s.locked
}

// unlock decrypts one RTP packet; empty when it is not authentic, or came before.
func (s *secure) unlock(packet []byte) []byte {
	plain, err := s.receiving.DecryptRTP(s.opened[:0], packet, nil)
	if err != nil {
		s.rejected.add(1)
		return nil
	}
	s.opened = plain
	return plain
}

// lockControl and unlockControl do the same for RTCP.
func (s *secure) lockControl(packet []byte) []byte {
	var err error
	if s.lockedRTCP, err = s.sending.EncryptRTCP(s.lockedRTCP[:0], packet, nil); err != nil {
		return nil
	}
	return s.lockedRTCP
}

func (s *secure) unlockControl(packet []byte) []byte {
	plain, err := s.receiving.DecryptRTCP(s.openedRTCP[:0], packet, nil)
	if err != nil {
		s.rejected.add(1)
		return nil
	}
	s.openedRTCP = plain
	return plain
}
