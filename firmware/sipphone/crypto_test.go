package sipphone

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"trunkbox/firmware/rtp"
)

const someKey = "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz" // 30 octets, of the example in clause 5 of RFC 4568

func TestReadCrypto(t *testing.T) {
	for _, c := range []struct {
		value string
		suite rtp.Suite
		ok    bool
	}{
		{"1 AES_CM_128_HMAC_SHA1_80 inline:" + someKey, rtp.AES128SHA80, true},
		{"7 AES_CM_128_HMAC_SHA1_32 inline:" + someKey + "|2^20", rtp.AES128SHA32, true},
		{"1 AES_CM_128_HMAC_SHA1_80 inline:" + someKey + "|2^20|1:4", 0, false},
		{"1 AES_CM_128_HMAC_SHA1_80 inline:" + someKey + " UNENCRYPTED_SRTP", 0, false},
		{"1 AES_256_CM_HMAC_SHA1_80 inline:" + someKey, 0, false},
		{"1 AES_CM_128_HMAC_SHA1_80 inline:AAAA", 0, false},
		{"1 AES_CM_128_HMAC_SHA1_80 uri:" + someKey, 0, false},
		{"x AES_CM_128_HMAC_SHA1_80 inline:" + someKey, 0, false},
		{"", 0, false},
	} {
		got, ok := readCrypto(c.value)
		if ok != c.ok || ok && (got.suite != c.suite || got.attribute().Value != strings.SplitN(c.value, "|", 2)[0]) {
			t.Errorf("%q: %v, %v", c.value, got, ok)
		}
	}
}

func TestEncryptionIsTakenOnlyWhereItMay(t *testing.T) {
	sealed := "m=audio 4000 RTP/SAVP 8\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + someKey
	open := "m=audio 5000 RTP/AVP 8"
	foreign := "m=audio 4000 RTP/SAVP 8\r\na=crypto:1 F8_128_HMAC_SHA1_80 inline:" + someKey
	for _, c := range []struct {
		name  string
		lines []string
		seal  sealing
		audio int // -1: refused
		want  error
	}{
		{"plain signalling, plain sound", []string{open}, openOnly, 0, nil},
		{"plain signalling, encrypted sound", []string{sealed}, openOnly, -1, errNoSound},
		{"plain signalling, both", []string{sealed, open}, openOnly, 1, nil},
		{"TLS, plain sound", []string{open}, sealedToo, 0, nil},
		{"TLS, encrypted sound", []string{sealed}, sealedToo, 0, nil},
		{"TLS, both: the encrypted one", []string{open, sealed}, sealedToo, 1, nil},
		{"TLS, unknown suite", []string{foreign}, sealedToo, -1, errNoCrypto},
		{"TLS, unknown suite and plain", []string{foreign, open}, sealedToo, 1, nil},
		{"we offered encryption, the answer is plain", []string{open}, sealedOnly, -1, errOpen},
		{"it must be encrypted, both", []string{open, sealed}, sealedOnly, 1, nil},
		{"it must be encrypted, unknown suite and plain", []string{foreign, open}, sealedOnly, -1, errNoCrypto},
		{"it must be encrypted, and the signalling is plain", []string{sealed, open}, neither, -1, errOpen},
	} {
		d, err := parseSDP(lines(append(slices.Clone(sdpHead), c.lines...)...), c.seal)
		if !errors.Is(err, c.want) || c.audio >= 0 && (d.audio != c.audio || (d.crypto != nil) != (c.lines[c.audio] == sealed)) {
			t.Errorf("%s: line %d, %v", c.name, d.audio, err)
		}
	}
}

// Two sessions of ours agree, and each sends with the key that the other receives with.
func TestOfferAndAnswerOfKeys(t *testing.T) {
	a := &session{host: "192.0.2.1", port: 10000, packetMS: 20, types: ourTypes, keys: newKeys(), sealed: true}
	b := &session{host: "192.0.2.2", port: 20000, packetMS: 20, types: ourTypes, keys: newKeys()}
	body, err := a.offer(rtp.SendRecv)
	if err != nil {
		t.Fatal(err)
	}
	offer, err := parseSDP(body, sealedToo)
	if err != nil || offer.crypto == nil {
		t.Fatalf("offer read as %+v, %v", offer, err)
	}
	if body, err = b.answer(&offer, offer.choose(ourTypes)); err != nil {
		t.Fatal(err)
	}
	answer, err := parseSDP(body, a.expects())
	if err != nil || answer.crypto == nil {
		t.Fatalf("answer read as %+v, %v\n%s", answer, err, body)
	}
	ofA, ofB := a.keys.secrets(answer.crypto), b.keys.secrets(offer.crypto)
	if ofA.Send != ofB.Receive || ofB.Send != ofA.Receive || ofA.Suite != rtp.AES128SHA80 || ofA.Send == ofB.Send {
		t.Errorf("keys do not fit: %v %v", ofA, ofB)
	}
	if n := strings.Count(string(body), "a=crypto"); n != 1 {
		t.Errorf("%d a=crypto lines in an answer, want 1", n)
	}
}

func FuzzReadCrypto(f *testing.F) {
	f.Add("1 AES_CM_128_HMAC_SHA1_80 inline:" + someKey + "|2^20|1:4")
	f.Fuzz(func(t *testing.T, value string) {
		if c, ok := readCrypto(value); ok {
			if again, ok := readCrypto(c.attribute().Value); !ok || again != c {
				t.Errorf("%q read as %v and written as %q", value, c, c.attribute().Value)
			}
		}
	})
}
