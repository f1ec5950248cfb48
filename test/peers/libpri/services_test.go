package libpri

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	"trunkbox/firmware/call"
	"trunkbox/firmware/q850"
)

// finds passes over what the peer tells until it begins with prefix, and returns what follows.
func (p *peer) finds(prefix string) string {
	p.t.Helper()
	limit := time.After(patience)
	for {
		select {
		case event := <-p.events:
			if rest, found := strings.CutPrefix(event, prefix); found {
				return rest
			}
		case <-limit:
			p.t.Fatalf("the peer did not tell %q within %v", prefix, patience)
		}
	}
}

// withServices joins us to a libpri that tells of services. tshark does not judge the frames here: it takes every facility for
// one of QSIG unless it is told otherwise, as the tests of firmware/q932 do.
func withServices(t *testing.T, side, variant string) *office {
	t.Helper()
	return setup{side: side, variant: variant, options: []string{"--services"}, blind: true}.join(t)
}

// forwarded has the peer place a call that 4000 sent on, and answers it.
func (o *office) forwarded(channel int) (*party, int) {
	o.t.Helper()
	o.peer.say("forward %d 88886500 13900112233 4000 ACME", channel)
	var number int
	if _, err := fmt.Sscan(o.peer.finds("dialling "), &number); err != nil {
		o.t.Fatal(err)
	}
	select {
	case p := <-o.arrived:
		p.leg.Answer()
		o.peer.finds(fmt.Sprintf("answered %d", number))
		return p, number
	case <-time.After(patience):
		o.t.Fatal("no call arrived")
		return nil, 0
	}
}

func TestLibpriTellsOfItsCalls(t *testing.T) {
	o := withServices(t, "user", "euroisdn-e1")
	p, number := o.forwarded(3)
	d := p.incoming.Diverted
	if d == nil || d.By.Digits != "4000" || d.Reason != "busy" || p.incoming.Calling.Name != "ACME" {
		t.Errorf("%+v, diverted %+v", p.incoming, d)
	}
	for _, c := range []struct {
		say  string
		want call.Charge
	}{
		{"rate %d 22 CNY", call.Charge{Phase: "rates", Money: "CNY 0.22 / 60 s"}},
		{"units %d 3", call.Charge{Phase: "so_far", Units: 3}},
		{"cost %d 120 EUR", call.Charge{Phase: "final", Money: "EUR 1.20"}},
	} {
		o.peer.say(c.say, number)
		if strings.HasPrefix(c.say, "cost") {
			o.peer.say("hangup %d 16", number) // libpri sends it with that
		}
		if e := hears[call.Charged](p); e.Charge != c.want {
			t.Errorf("%s: %+v", c.say, e.Charge)
		}
	}
	hears[call.Cleared](p)
	o.idle()
}

func TestLibpriTracesACall(t *testing.T) {
	o := withServices(t, "user", "euroisdn-e1")
	p, number := o.forwarded(3)
	p.leg.(call.Networked).Report()
	if who := o.peer.finds(fmt.Sprintf("malicious %d ", number)); who != "13900112233" {
		t.Errorf("libpri is to trace %s", who)
	}
	if e := hears[call.Serviced](p); e.Service != call.Report || !e.Done {
		t.Errorf("%+v", e)
	}
	p.leg.Hangup(q850.NormalClearing)
	hears[call.Cleared](p)
	o.idle()
}

func TestLibpriJoinsTwoCalls(t *testing.T) {
	o := withServices(t, "user", "euroisdn-e1")
	first, a := o.forwarded(3)
	second, b := o.forwarded(4)
	first.leg.(call.Networked).Merge(second.leg)
	if both := o.peer.finds("transfer "); both != fmt.Sprintf("%d %d", a, b) && both != fmt.Sprintf("%d %d", b, a) {
		t.Errorf("libpri is to join %s, want %d and %d", both, a, b)
	}
	o.peer.say("hangup %d 16", a)
	o.peer.say("hangup %d 16", b)
	if e := hears[call.Serviced](first); e.Service != call.Merge || !e.Done {
		t.Errorf("%+v", e)
	}
	hears[call.Cleared](first)
	hears[call.Cleared](second)
	o.idle()
}

func TestLibpriTakesACallElsewhere(t *testing.T) {
	for _, variant := range []string{"euroisdn-e1", "qsig"} {
		t.Run(variant, func(t *testing.T) {
			o := withServices(t, "user", variant)
			o.peer.say("forward 5 88886500 13900112233 4000 ACME")
			number := o.peer.finds("dialling ")
			var p *party
			select {
			case p = <-o.arrived:
			case <-time.After(patience):
				t.Fatal("no call arrived")
			}
			p.leg.(call.Networked).Deflect("13911112222")
			if to := o.peer.finds("reroute " + number + " "); to != "13911112222 2" {
				t.Errorf("libpri is to call %s", to)
			}
			o.peer.say("hangup %s 16", number)
			if e := hears[call.Serviced](p); e.Service != call.Deflect || !e.Done {
				t.Errorf("%+v", e)
			}
			hears[call.Cleared](p)
			o.idle()
		})
	}
}

func TestLibpriIsToldWhoSentACallOn(t *testing.T) {
	to := call.Outgoing{
		Called: "88886500", Calling: call.Number{Digits: "02155660000", Name: "Ann"},
		Diverted: &call.Diversion{By: call.Number{Digits: "4000"}, Reason: "busy", Count: 1},
	}
	for _, c := range []struct{ side, variant, from string }{
		{"network", "euroisdn-e1", "4000 - 1"},
		{"user", "qsig", "4000 - 1"},
		{"user", "ni2", "4000 - 1"},
	} {
		t.Run(c.variant, func(t *testing.T) {
			o := withServices(t, c.side, c.variant)
			p := &party{t: t, events: make(chan call.Event, 64)}
			leg, err := o.access.Dial(to, p.handle)
			if err != nil {
				t.Fatal(err)
			}
			p.leg = leg
			ring := o.peer.finds("ring ")
			number, _, _ := strings.Cut(ring, " ")
			if !strings.HasSuffix(ring, " Ann") {
				t.Errorf("libpri is rung %s", ring)
			}
			if from := o.peer.finds("redirecting " + number + " "); from != c.from {
				t.Errorf("libpri is told %s", from)
			}
			p.leg.Hangup(q850.NormalClearing)
			hears[call.Cleared](p)
			o.idle()
		})
	}
}

// TestLibpriIsToldNamesByQSIG: the name of who answers, and that one is kept back.
func TestLibpriIsToldNamesByQSIG(t *testing.T) {
	o := withServices(t, "user", "qsig")
	o.peer.say("dial 5 88886500 13900112233")
	number := o.peer.finds("dialling ")
	var p *party
	select {
	case p = <-o.arrived:
	case <-time.After(patience):
		t.Fatal("no call arrived")
	}
	p.leg.(call.Networked).ConnectAs(call.Number{Name: "Bob"})
	p.leg.Answer()
	if who := o.peer.finds("line " + number + " "); who != "88886500 Bob" {
		t.Errorf("libpri is told that %s answered", who)
	}
	p.leg.Hangup(q850.NormalClearing)
	hears[call.Cleared](p)
	o.idle()
}

// TestLibpriIsRefusedAService: a private exchange behind us that asks to trace a call hears that we do not.
func TestLibpriIsRefusedAService(t *testing.T) {
	o := withServices(t, "network", "euroisdn-e1")
	p, number := o.dial("88886500")
	o.peer.say("answer %d", number)
	hears[call.Answered](p)
	o.peer.say("trace %d", number)
	if status := o.peer.finds(fmt.Sprintf("traced %d ", number)); status != "2" {
		t.Errorf("libpri is told status %s", status)
	}
	p.leg.Hangup(q850.NormalClearing)
	hears[call.Cleared](p)
	o.idle()
}

// TestLibpriAsksAsWeDo: what libpri as a user sends to have two calls joined is, octet by octet but for identities of its own
// choice, what we send: a reference has the flag of the messages of whoever names it (the scripts of firmware/pri hold ours).
func TestLibpriAsksAsWeDo(t *testing.T) {
	for _, c := range []struct {
		variant, octets string
		places          bool // libpri places the calls
	}{
		{"euroisdn-e1", "1c 0e 91 a1 0b 02 01", false},                 // ectLinkIdRequest, up to its identity
		{"ni2", "06 07 2a 86 48 ce 15 00 08 30 05 02 03 00 80", false}, // initiateTransfer, a reference of the far side's
		{"ni2", "06 07 2a 86 48 ce 15 00 08 30 03 02 01", true},        // and one of its own
		{"dms100", "1c 0a 11 be a1 06 02 01 01 02 01 01", true},        // rltOperationInd in SETUP
	} {
		t.Run(c.variant, func(t *testing.T) {
			s := setup{side: "network", variant: c.variant, options: []string{"--services"}, judges: &judges{}}
			o := s.join(t)
			var numbers [2]int
			for i := range numbers {
				if c.places {
					o.peer.say("dial %d 88886500 13900112233", i+1)
					if _, err := fmt.Sscan(o.peer.finds("dialling "), &numbers[i]); err != nil {
						t.Fatal(err)
					}
					p := <-o.arrived
					p.leg.Answer()
					o.peer.finds("answered ")
					continue
				}
				p, number := o.dial("88886500")
				numbers[i] = number
				o.peer.say("answer %d", number)
				hears[call.Answered](p)
				o.peer.finds("connected ")
			}
			o.peer.say("bridge %d %d", numbers[0], numbers[1])
			want, err := hex.DecodeString(strings.ReplaceAll(c.octets, " ", ""))
			if err != nil {
				t.Fatal(err)
			}
			for limit := time.Now().Add(patience); ; <-time.After(5 * time.Millisecond) {
				o.line.trace.mu.Lock()
				found := bytes.Contains(o.line.trace.octets, want)
				o.line.trace.mu.Unlock()
				if found {
					return
				}
				if time.Now().After(limit) {
					t.Fatalf("libpri did not send % x", want)
				}
			}
		})
	}
}
