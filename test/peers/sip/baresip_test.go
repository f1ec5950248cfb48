package sip

import (
	"strings"
	"testing"

	"trunkbox/firmware/call"
	"trunkbox/firmware/q850"
	"trunkbox/test/peers/baresip"
)

// newBaresip starts a phone for an extension that says a tone; params go behind the address of its account.
func newBaresip(t testing.TB, b *box, extension, secret, transport string, saysHz float64, params string) *baresip.Phone {
	t.Helper()
	return baresip.Start(t, baresip.Account{
		Extension: extension, Password: secret, Server: b.Listening(strings.ToUpper(transport)).String(), Transport: transport,
		SaysHz: saysHz, Params: params,
	})
}

// The box rings baresip on each transport, both hear each other's tone, the phone hangs up and signs off.
func TestBaresipIsCalled(t *testing.T) {
	for _, transport := range []string{"udp", "tcp", "tls"} {
		t.Run(transport, func(t *testing.T) {
			b := newBox(t, nil)
			p := newBaresip(t, b, "201", password, transport, 700, "answermode=auto")
			r := b.registered("201")
			if !strings.EqualFold(r.Transport, transport) || !strings.Contains(r.UserAgent, "baresip") || !r.Reachable {
				t.Errorf("%+v", r)
			}
			l := b.dial("201")
			event[call.Sounding](l)
			event[call.Answered](l)
			l.talk(1300)
			l.hears(700)
			if level := l.level(1300); level > -40 {
				t.Errorf("the box hears its own tone with %.1f dBm0", level)
			}
			p.WaitTone(1300)
			p.Do("hangup", "")
			if c := event[call.Cleared](l); !c.Remote || c.Cause != q850.NormalClearing {
				t.Errorf("%+v", c)
			}
			p.SwitchOff()
			await(t, "the phone to sign off", func() bool { return len(b.Registrations()) == 0 })
		})
	}
}

// baresip calls, puts on hold, resumes, sends keys, transfers, and the box ends the call.
func TestBaresipCalls(t *testing.T) {
	b := newBox(t, nil)
	p := newBaresip(t, b, "202", password, "udp", 600, "answermode=manual")
	b.registered("202")
	p.Do("dial", "sip:9001@"+b.Listening("UDP").String())
	l := b.next()
	if l.in.Called != "9001" || l.in.Phone != "202" {
		t.Errorf("%+v", l.in)
	}
	l.Alert()
	l.Progress()
	event[call.Sounding](l)
	l.talk(1500)
	p.WaitTone(1500) // early sound: ring-back and announcements are heard before answer
	l.Answer()
	l.hears(600)
	for _, key := range "15#" {
		p.Do("sndcode", string(key))
		if e := event[call.Digit](l); rune(e.Key) != key {
			t.Errorf("key %c, want %c", e.Key, key)
		}
		p.Do("sndcode", "\x00")
	}
	p.Do("hold", "")
	event[call.Held](l)
	l.quiet(600)
	p.Do("resume", "")
	event[call.Resumed](l)
	l.hears(600)
	p.Do("transfer", "203")
	if e := event[call.Transfer](l); e.Target != "203" {
		t.Errorf("%+v", e)
	}
	l.Hangup(q850.NormalClearing)
	if c := event[call.Cleared](l); c.Remote || c.Cause != q850.NormalClearing {
		t.Errorf("%+v", c)
	}
}

func TestBaresipWithAWrongPassword(t *testing.T) {
	b := newBox(t, nil)
	newBaresip(t, b, "201", "guessed", "udp", 700, "answermode=auto")
	await(t, "the refusal to be told", func() bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		return len(b.refused) > 0 && b.refused[0] == "sip 201"
	})
	if all := b.Registrations(); len(all) != 0 {
		t.Errorf("%+v", all)
	}
}

// A phone whose program is killed is found out, and a call to it says why it fails.
func TestBaresipIsSwitchedOff(t *testing.T) {
	b := newBox(t, nil)
	p := newBaresip(t, b, "201", password, "udp", 700, "answermode=auto")
	b.registered("201")
	p.Kill() // it cannot sign off: its registration stays
	l := b.dial("201")
	c := event[call.Cleared](l)
	if c.Cause != q850.SubscriberAbsent || c.Remote || !strings.Contains(c.Detail, "ICMP") {
		t.Errorf("%+v", c)
	}
	await(t, "the phone to be down", func() bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		return len(b.phones) > 1 && strings.HasPrefix(b.phones[1], "down 201")
	})
}
