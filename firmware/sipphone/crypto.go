package sipphone

import (
	"encoding/base64"
	"strconv"
	"strings"

	"github.com/pion/sdp/v3"

	"trunkbox/firmware/rtp"
)

// crypto is one a=crypto line (RFC 4568 clause 9.1):
//
//	a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:<base64 of key and salt>|2^20|1:4
//	         |           |                          |                 |    `- MKI: its value and length
//	        tag        suite                  30 octets                `- lifetime
//
// Lines with an MKI, with several keys or with session parameters are passed over; lifetimes too, for no
// call lasts 2^48 packets.
type crypto struct {
	tag   string
	suite rtp.Suite
	key   rtp.Master
}

// sealing says whether sound may, or must, be encrypted. Keys stand in the SDP in clear, so it may only
// where the signalling itself is encrypted.
type sealing uint8

const (
	openOnly   sealing = iota // RTP/AVP
	sealedToo                 // RTP/SAVP where the phone offers it, else RTP/AVP
	sealedOnly                // RTP/SAVP: we offered nothing else, or the settings want it
	neither                   // the settings want RTP/SAVP where there may be none
)

// sealingBy is what may be taken from a phone by its transport, and by whether the settings say that its sound must be
// encrypted.
func sealingBy(transport string, must bool) sealing {
	switch secret := transport == "TLS"; {
	case must && secret:
		return sealedOnly
	case must:
		return neither
	case secret:
		return sealedToo
	}
	return openOnly
}

// takes tells whether a media line's protocol will do, and whether it encrypts.
func (s sealing) takes(proto string) (ok, sealed bool) {
	switch proto {
	case "RTP/AVP":
		return s == openOnly || s == sealedToo, false
	case "RTP/SAVP":
		return s == sealedOnly || s == sealedToo, true
	}
	return false, false
}

// readCrypto reads one a=crypto value; ok is false for one that cannot be taken.
func readCrypto(value string) (c crypto, ok bool) {
	words := strings.Fields(value)
	if len(words) != 3 {
		return crypto{}, false // no session parameter is known
	}
	c.tag = words[0]
	if _, err := strconv.ParseUint(c.tag, 10, 30); err != nil {
		return crypto{}, false
	}
	switch strings.ToUpper(words[1]) {
	case rtp.AES128SHA80.String():
		c.suite = rtp.AES128SHA80
	case rtp.AES128SHA32.String():
		c.suite = rtp.AES128SHA32
	default:
		return crypto{}, false
	}
	inline, found := strings.CutPrefix(words[2], "inline:")
	key, rest, _ := strings.Cut(inline, "|")
	if !found || strings.Contains(rest, ":") || strings.ContainsAny(inline, ";") {
		return crypto{}, false
	}
	octets, err := base64.StdEncoding.DecodeString(key)
	if err != nil || len(octets) != rtp.MasterLength {
		return crypto{}, false
	}
	copy(c.key[:], octets)
	return c, true
}

// firstCrypto is the first of the lines that can be taken: they stand in the order of preference.
func firstCrypto(attributes []sdp.Attribute) *crypto {
	for _, a := range attributes {
		if a.Key == "crypto" {
			if c, ok := readCrypto(a.Value); ok {
				return &c
			}
		}
	}
	return nil
}

// attribute is the line that gives it.
func (c crypto) attribute() sdp.Attribute {
	return sdp.NewAttribute("crypto", c.tag+" "+c.suite.String()+" inline:"+base64.StdEncoding.EncodeToString(c.key[:]))
}

// keys are the master keys with which the box sends, one a suite; they stay for the whole session.
type keys [2]rtp.Master

func newKeys() *keys { return &keys{rtp.NewMaster(), rtp.NewMaster()} }

// offer lists both suites, the longer tag first.
func (k *keys) offer() []crypto {
	return []crypto{{"1", rtp.AES128SHA80, k[rtp.AES128SHA80]}, {"2", rtp.AES128SHA32, k[rtp.AES128SHA32]}}
}

// secrets are both directions' keys, once the phone's line is known.
func (k *keys) secrets(phone *crypto) *rtp.Secrets {
	return &rtp.Secrets{Suite: phone.suite, Send: k[phone.suite], Receive: phone.key}
}

// expects is what an answer to the session's offer must be.
func (s *session) expects() sealing {
	if s.sealed {
		return sealedOnly
	}
	return openOnly
}
