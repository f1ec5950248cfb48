package sip

import (
	"fmt"
	"testing"

	"trunkbox/firmware/call"
	"trunkbox/test/peers/baresip"
	"trunkbox/test/ports"
)

// Keys of a telephone that other people wrote come once each, the same key again and again too.
func TestBaresipKeysComeOnce(t *testing.T) {
	b := newBox(t, nil)
	at := b.Listening("UDP").String()
	p := baresip.Start(t, baresip.Account{Extension: "201", Password: password, Server: at, Transport: "udp", SaysHz: 700, Params: "answermode=manual"})
	b.registered("201")
	p.Do("dial", "sip:9001@"+at)
	l := b.next()
	l.Answer()
	event[call.Sounding](l)
	l.talk(1300)
	l.hears(700)
	for i, key := range "1155*#0099" {
		p.Do("sndcode", string(key))
		if e := event[call.Digit](l); rune(e.Key) != key {
			t.Errorf("key %d is %c, want %c", i, e.Key, key)
		}
		p.Do("sndcode", "\x00")
	}
	p.Do("hangup", "")
	event[call.Cleared](l) // and no key in between
}

// Keys of SIPp as telephone-events, by INFO, and both ways at once: each press is one key.
func TestSIPpKeysComeOnce(t *testing.T) {
	port := ports.Row(t, 2)
	b := newTrunkBox(t, port, nil)
	b.becomes(fmt.Sprintf("carrier down trunk_no_connection 127.0.0.1:%d", port)) // SIPp is not there yet
	s := runSIPp(t, b.box, "carrier-keys.xml", port)
	l := b.next()
	l.Answer()
	event[call.Sounding](l)
	for i, key := range "55#55#" {
		if e := event[call.Digit](l); rune(e.Key) != key {
			t.Errorf("key %d is %c, want %c", i, e.Key, key)
		}
	}
	event[call.Cleared](l)
	s.succeeds()
}
