package sip

import (
	"fmt"
	"strings"
	"testing"

	"trunkbox/firmware/call"
	"trunkbox/firmware/q850"
	"trunkbox/firmware/rtp"
	"trunkbox/firmware/sipphone"
	"trunkbox/test/peers/baresip"
)

// stats are the statistics of a leg's stream.
func (l *leg) stats() rtp.Stats { return l.Leg.(*sipphone.Leg).Stream().Stats() }

// Encrypted sound and G.722 with a telephone that other people wrote, both ways and by either side's call:
// each hears the other's tone.
func TestBaresipSound(t *testing.T) {
	for _, c := range []struct {
		name, transport, codecs, params string
		codec                           rtp.Codec
		encrypted                       bool
	}{
		{"TLS, it insists on SRTP", "tls", "PCMA,PCMU", "mediaenc=srtp-mand", rtp.ALaw, true},
		{"TLS, it takes SRTP", "tls", "PCMU", "mediaenc=srtp", rtp.MuLaw, true},
		{"TLS, it has no SRTP", "tls", "PCMA", "", rtp.ALaw, false},
		{"G.722 alone", "udp", baresip.WideBand, "", rtp.G722, false},
		{"G.722 first, G.711 too", "udp", "G722/16000,PCMA", "", rtp.ALaw, false},
		{"G.722 encrypted", "tls", baresip.WideBand, "mediaenc=srtp-mand", rtp.G722, true},
	} {
		// Each call has a telephone of its own: baresip 1.0.0 sometimes stands still when a call of it ends.
		for _, dials := range []bool{false, true} {
			if dials && c.params == "mediaenc=srtp" {
				continue // what it then offers is RTP/AVP with keys, which no RFC knows
			}
			t.Run(fmt.Sprintf("%s, it dials %v", c.name, dials), func(t *testing.T) {
				b := newBox(t, nil)
				p := baresip.Start(t, baresip.Account{
					Extension: "201", Password: password, Server: b.Listening(strings.ToUpper(c.transport)).String(), Transport: c.transport,
					SaysHz: 700, Codecs: c.codecs, Params: "answermode=auto;" + c.params,
				})
				b.registered("201")
				var l *leg
				if dials {
					p.Do("dial", "sip:9001@"+b.Listening(strings.ToUpper(c.transport)).String())
					l = b.next()
					l.Answer()
					event[call.Sounding](l)
				} else {
					l = b.dial("201")
					event[call.Answered](l)
				}
				l.talk(1300)
				l.hears(700)
				p.WaitTone(1300)
				if s := l.stats(); s.Codec != c.codec || s.Encrypted != c.encrypted || s.Rejected != 0 || s.Malformed != 0 {
					t.Errorf("codec %v, encrypted %v, %d rejected, %d malformed; want %v, %v, none", s.Codec, s.Encrypted, s.Rejected, s.Malformed, c.codec, c.encrypted)
				}
				l.Hangup(q850.NormalClearing)
				event[call.Cleared](l)
			})
		}
	}
}
