package rtp

import (
	"crypto/rand"
	"crypto/subtle"
	"fmt"

	"github.com/pion/rtp"
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

// secure is the encryption of a stream's sound, or of its reports (RFC 3711): one master key, but keys, counts and replay
// lists of their own (clauses 3.2.1, 3.4 and 4.3). So the pump has one, used with the stream's mu held, and the reporter another.
type secure struct {
	secrets            Secrets
	sending, receiving *srtp.Context
	rejected           *counter
	header             rtp.Header // of the last packet, for its memory
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

// encryption is what secrets ask for: what there is, where they are the same, or new. Called with life held.
func (s *Stream) encryption(secrets *Secrets) (sound, reports *secure, err error) {
	switch {
	case s.secure.same(secrets):
		return s.secure, s.control.secure.Load(), nil
	case secrets == nil:
		return nil, nil, nil
	}
	if sound, err = newSecure(*secrets, &s.rejected); err != nil {
		return nil, nil, err
	}
	sound.sending.SetROC(s.ssrc, 0) // makes the state of what we send now, not with the first packet
	reports, err = newSecure(*secrets, &s.control.rejected)
	return sound, reports, err
}

// same tells whether nothing changes with other secrets: contexts must then live on, for they count.
func (s *secure) same(other *Secrets) bool {
	if s == nil || other == nil {
		return s == nil && other == nil
	}
	return s.secrets.Suite == other.Suite && subtle.ConstantTimeCompare(s.secrets.Send[:], other.Send[:]) == 1 &&
		subtle.ConstantTimeCompare(s.secrets.Receive[:], other.Receive[:]) == 1
}

// lock encrypts one RTP packet, in place when there is room for the tag behind it; empty when it failed.
func (s *secure) lock(packet []byte) []byte {
	locked, err := s.sending.EncryptRTP(packet[:0], packet, &s.header)
	if err != nil {
		return nil
	}
	return locked
}

// unlock decrypts one RTP packet in place; empty when it is not authentic, or came before.
func (s *secure) unlock(packet []byte) []byte {
	plain, err := s.receiving.DecryptRTP(packet[:0], packet, &s.header)
	if err != nil {
		s.rejected.add(1)
		return nil
	}
	return plain
}

// lockControl and unlockControl do the same for RTCP.
func (s *secure) lockControl(packet []byte) []byte {
	locked, err := s.sending.EncryptRTCP(packet[:0], packet, nil)
	if err != nil {
		return nil
	}
	return locked
}

func (s *secure) unlockControl(packet []byte) []byte {
	plain, err := s.receiving.DecryptRTCP(packet[:0], packet, nil)
	if err != nil {
		s.rejected.add(1)
		return nil
	}
	return plain
}
