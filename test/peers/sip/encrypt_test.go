package sip

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"trunkbox/firmware/call"
	"trunkbox/firmware/config"
	"trunkbox/firmware/q850"
	"trunkbox/test/peers/baresip"
	"trunkbox/test/ports"
)

// An extension whose sound must be encrypted: a telephone with SRTP calls and is called, one without gets no call either
// way, and nothing is ever offered to it in clear.
func TestBaresipMustEncrypt(t *testing.T) {
	for _, c := range []struct {
		name, params  string
		dials, spoken bool
	}{
		{"it insists on SRTP and dials", "mediaenc=srtp-mand", true, true},
		{"it insists on SRTP and is called", "mediaenc=srtp-mand", false, true},
		{"it has no SRTP and dials", "", true, false},
		{"it has no SRTP and is called", "", false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBox(t, func(s *config.Settings) { s.Agents[0].Encrypt = true })
			at := b.Listening("TLS").String()
			p := baresip.Start(t, baresip.Account{
				Extension: "201", Password: password, Server: at, Transport: "tls", SaysHz: 700, Params: "answermode=auto;" + c.params,
			})
			b.registered("201")
			var l *leg
			switch {
			case c.dials:
				p.Do("dial", "sip:9001@"+at)
				if !c.spoken {
					p.Says("488 Not Acceptable Here")
					if n := len(b.calls); n != 0 {
						t.Errorf("%d calls came through", n)
					}
					return
				}
				l = b.next()
				l.Answer()
				event[call.Sounding](l)
			default:
				l = b.dial("201")
				if !c.spoken {
					if end := event[call.Cleared](l); end.Cause != q850.FromSIP(488) || end.Detail != "the phone answered 488 Not Acceptable Here" {
						t.Errorf("%+v", end)
					}
					if n := strings.Count(b.log.String(), "m=audio"); strings.Contains(b.log.String(), "RTP/AVP") {
						t.Errorf("of %d offers one was plain", n)
					}
					return
				}
				event[call.Answered](l)
			}
			l.talkEncrypted(t, p)
		})
	}
}

// talkEncrypted has both speak and hear each other, all of it encrypted, and hangs up.
func (l *leg) talkEncrypted(t *testing.T, p *baresip.Phone) {
	t.Helper()
	l.talk(1300)
	l.hears(700)
	p.WaitTone(1300)
	if s := l.stats(); !s.Encrypted || s.Rejected != 0 {
		t.Errorf("encrypted %v, %d rejected", s.Encrypted, s.Rejected)
	}
	l.Hangup(q850.NormalClearing)
	event[call.Cleared](l)
}

// The same of an IP trunk. Plain sound is refused over plain signalling too, from the same address.
func TestBaresipMustEncryptAsACarrier(t *testing.T) {
	for _, c := range []struct {
		transport, params string
		spoken            bool
	}{{"tls", "mediaenc=srtp-mand", true}, {"tls", "", false}, {"udp", "", false}} {
		t.Run(c.transport+" "+c.params, func(t *testing.T) {
			b := newTrunkBox(t, ports.Row(t, 2), func(trunk *config.Trunk) { trunk.Transport, trunk.Encrypt = "tls", true })
			at := b.Listening(strings.ToUpper(c.transport)).String()
			select { // nobody is there at the carrier's address
			case state := <-b.states:
				if !strings.HasPrefix(state, "carrier down ") {
					t.Fatalf("the trunk became %q", state)
				}
			case <-time.After(15 * time.Second):
				t.Fatal("the trunk is in no state")
			}
			p := baresip.Start(t, baresip.Account{
				Extension: "13900001234", Server: at, Transport: c.transport, SaysHz: 700, Params: "regint=0;answermode=manual;" + c.params,
			})
			p.Do("dial", fmt.Sprintf("sip:+865551000@%s;transport=%s", at, c.transport))
			if !c.spoken {
				p.Says("488 Not Acceptable Here")
				b.becomes("carrier refused a call, cause 88")
				if n := len(b.calls); n != 0 || b.trunks.Trunk("carrier").Calls() != 0 {
					t.Errorf("%d calls came through, %d places are taken", n, b.trunks.Trunk("carrier").Calls())
				}
				return
			}
			l := b.next()
			l.Answer()
			event[call.Sounding](l)
			l.talkEncrypted(t, p)
		})
	}
}
