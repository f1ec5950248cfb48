package sip

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"trunkbox/firmware/call"
	"trunkbox/firmware/config"
	"trunkbox/firmware/q850"
	"trunkbox/firmware/sipphone"
	"trunkbox/firmware/siptrunk"
	"trunkbox/test/peers/baresip"
	"trunkbox/test/ports"
	"trunkbox/test/printed"
)

const secret = "a-carriers-secret"

// trunkBox is a box with one IP trunk, "carrier", to port on the loopback.
type trunkBox struct {
	*box
	trunks *siptrunk.Trunks
	states chan string
	end    func()
}

// newTrunkBox starts the box and its trunk.
func newTrunkBox(t testing.TB, port int, change func(*config.Trunk)) *trunkBox {
	t.Helper()
	trunk := config.Trunk{
		Name: "carrier", Server: fmt.Sprintf("127.0.0.1:%d", port), Transport: "udp", Law: "mulaw", Enabled: true, User: "5551000", Password: secret,
		Numbers: []config.NumberRule{{Direction: "in", Match: "+86", Strip: 3}, {Direction: "out", Match: "0", Strip: 1, Add: "+86"}},
	}
	if change != nil {
		change(&trunk)
	}
	first := ports.Row(t, 40)
	settings := config.Settings{
		Agents: []config.Agent{{Extension: "201", Name: "One", Password: password}},
		Phones: config.PhoneRules{
			Realm: "box.test", UDP: "127.0.0.1:0", TCP: "127.0.0.1:0", TLS: "127.0.0.1:0",
			RTPFirst: first, RTPLast: first + 39, SessionS: 1800, KeepAliveS: 60,
		},
		Trunks: []config.Trunk{trunk},
	}
	b := &trunkBox{box: &box{t: t, calls: make(chan *leg, 20), log: &printed.Text{}}, states: make(chan string, 100)}
	logger := slog.New(slog.NewTextHandler(b.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	s, err := sipphone.New(sipphone.Options{Settings: settings, Accept: b.accept, AcceptTrunk: b.accept, Observer: b.box, TLS: certificate(t), Logger: logger})
	if err != nil {
		t.Fatal(err)
	}
	b.Server = s
	b.trunks = siptrunk.New(siptrunk.Options{Server: s, Observer: b, Logger: logger}, settings)
	ports, closePorts := context.WithCancel(context.Background())
	running := make(chan error, 1)
	go func() { running <- s.Run(ports) }()
	await(t, "the ports to be open", func() bool { return s.Listening("UDP").IsValid() && s.Listening("TLS").IsValid() })
	ctx, stop := context.WithCancel(context.Background())
	var done sync.WaitGroup
	done.Go(func() { b.trunks.Run(ctx) })
	b.end = sync.OnceFunc(func() {
		stop()
		done.Wait()
		closePorts()
		if err := <-running; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	t.Cleanup(func() {
		b.end()
		if t.Failed() {
			t.Logf("the box's log:\n%s", b.log)
		}
	})
	return b
}

func (b *trunkBox) TrunkState(trunk, state string, reason siptrunk.Reason, about, _ string) {
	b.states <- strings.TrimSpace(fmt.Sprint(trunk, " ", state, " ", reason, " ", about))
}

func (b *trunkBox) CallRefused(trunk string, cause q850.Cause) {
	b.states <- fmt.Sprint(trunk, " refused a call, cause ", int(cause))
}

// becomes waits for the next state that is told.
func (b *trunkBox) becomes(want string) {
	b.t.Helper()
	select {
	case got := <-b.states:
		if got != want {
			b.t.Fatalf("the trunk became %q, want %q", got, want)
		}
	case <-time.After(15 * time.Second):
		b.t.Fatalf("the trunk did not become %q within 15 s", want)
	}
}

// dialOut calls over the trunk.
func (b *trunkBox) dialOut(o call.Outgoing) *leg {
	b.t.Helper()
	l := b.newLeg()
	var err error
	l.Leg, err = b.trunks.Trunk("carrier").Dial(o, l.handle)
	if err != nil {
		b.t.Fatal(err)
	}
	return l
}

// carrierSIPp starts SIPp as a carrier on a port; it needs no box to begin with.
func carrierSIPp(t testing.TB, scenario string, port int, more ...string) *sipp {
	t.Helper()
	return runSIPpTo(t, "127.0.0.1:9", scenario, port, more...)
}

func TestSIPpTakesTheRegistration(t *testing.T) {
	port := ports.Row(t, 2)
	s := carrierSIPp(t, "registrar.xml", port)
	b := newTrunkBox(t, port, func(c *config.Trunk) { c.Register = true })
	b.becomes("carrier up")
	now := b.trunks.Now()[0]
	if left := time.Until(now.Until); left < 50*time.Second || left > 60*time.Second || now.Address != fmt.Sprintf("127.0.0.1:%d", port) {
		t.Errorf("registered for %v: %+v", left, now)
	}
	b.end()
	b.becomes("carrier down trunk_removed")
	s.succeeds()
}

func TestSIPpRefusesTheRegistration(t *testing.T) {
	port := ports.Row(t, 2)
	s := carrierSIPp(t, "registrar.xml", port)
	b := newTrunkBox(t, port, func(c *config.Trunk) { c.Register, c.Password = true, "guessed" })
	b.becomes("carrier down trunk_wrong_account 403 Forbidden")
	now := b.trunks.Now()[0]
	if wait := time.Until(now.Retry); wait <= 0 || wait > 5*time.Second {
		t.Errorf("tried again in %v", wait)
	}
	if _, err := b.trunks.Trunk("carrier").Dial(call.Outgoing{Called: "10086"}, nil); err == nil {
		t.Error("a trunk that is not registered takes a call")
	}
	s.succeeds()
}

// A caller who withholds his number, sent on to us, at the address or at the contact that the box registers.
func TestSIPpCallsAsACarrier(t *testing.T) {
	for _, to := range []string{"its number", "the contact"} {
		t.Run("to "+to, func(t *testing.T) {
			port := ports.Row(t, 2)
			b := newTrunkBox(t, port, nil)
			b.becomes(fmt.Sprintf("carrier down trunk_no_connection 127.0.0.1:%d", port)) // SIPp is not there yet
			user := "+865551000"
			if to == "the contact" {
				user = b.trunks.Trunk("carrier").Contact()
			}
			s := runSIPp(t, b.box, "carrier-calls.xml", port, "-rtp_echo", "-oocsn", "ooc_default", "-key", "contact", user)
			l := b.next()
			in := l.in
			if in.Trunk != "carrier" || in.Phone != "" || in.Called != "5551000" || in.Calling != (call.Number{Digits: "+8613800001234", Name: "Wang Fang", Restricted: true}) {
				t.Errorf("%+v", in)
			}
			if in.Diverted == nil || in.Diverted.By.Digits != "+865552000" || in.Diverted.Reason != "no_reply" {
				t.Errorf("sent on by %+v", in.Diverted)
			}
			if l.Name() != "trunk carrier" {
				t.Errorf("the leg is %q", l.Name())
			}
			l.Alert()
			l.Progress()
			event[call.Sounding](l)
			l.talk(900)
			l.Answer()
			l.hears(900) // its own tone comes back: SIPp echoes
			event[call.Held](l)
			event[call.Resumed](l)
			if c := event[call.Cleared](l); !c.Remote || c.Cause != q850.NormalClearing {
				t.Errorf("%+v", c)
			}
			s.succeeds()
			await(t, "the place of the call to be free", func() bool { return b.trunks.Now()[0].Calls == 0 })
		})
	}
}

func TestSIPpAnswersAsACarrier(t *testing.T) {
	port := ports.Row(t, 2)
	s := carrierSIPp(t, "carrier-answers.xml", port, "-rtp_echo", "-m", "2", "-l", "2")
	b := newTrunkBox(t, port, nil)
	b.becomes("carrier up")
	l := b.dialOut(call.Outgoing{
		Called: "02155551234", Calling: call.Number{Digits: "5551001", Restricted: true},
		Diverted: &call.Diversion{By: call.Number{Digits: "802"}, Reason: "busy"},
	})
	if e := event[call.Sounding](l); !e.Inband {
		t.Errorf("%+v", e)
	}
	l.talk(900)
	l.hears(900) // before the answer
	if e := event[call.Answered](l); e.Connected.Digits != "+862155550000" {
		t.Errorf("connected to %+v", e.Connected)
	}
	l.Hangup(q850.NormalClearing)
	if c := event[call.Cleared](l); c.Remote || c.Cause != q850.NormalClearing {
		t.Errorf("%+v", c)
	}
	s.succeeds()
}

// written is a scenario with words put in the place of others.
func written(t testing.TB, scenario string, words ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("scenarios", scenario))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), scenario)
	if err := os.WriteFile(file, []byte(strings.NewReplacer(words...).Replace(string(text))), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestSIPpRefusesAsACarrier(t *testing.T) {
	for _, c := range []struct {
		status, header string
		want           q850.Cause
		detail         string
	}{
		{"486 Busy Here", "X-Nothing: 1", q850.UserBusy, "the far switch answered 486 Busy Here"},
		{"404 Not Found", `Reason: Q.850;cause=22;text="moved"`, q850.NumberChanged, "the far switch answered 404 Not Found"},
		{"302 Moved Temporarily", "Contact: <sip:10010@192.0.2.1>", q850.Redirection, "the far switch answered 302 Moved Temporarily"},
		{"503 Service Unavailable", "Retry-After: 30", q850.TemporaryFailure, "the far switch answered 503 Service Unavailable"},
		{"407 Proxy Authentication Required", `Proxy-Authenticate: Basic realm="x"`, q850.CallRejected, "the far switch answered 407 Proxy Authentication Required"},
	} {
		t.Run(c.status, func(t *testing.T) {
			port := ports.Row(t, 2)
			s := carrierSIPp(t, written(t, "carrier-refuses.xml", "STATUS", c.status, "HEADER", c.header), port, "-m", "2", "-l", "2")
			b := newTrunkBox(t, port, nil)
			b.becomes("carrier up")
			l := b.dialOut(call.Outgoing{Called: "10086"})
			for e := range l.events {
				if end, over := e.(call.Cleared); over {
					if end.Cause != c.want || !end.Remote || end.Detail != c.detail {
						t.Errorf("%+v", end)
					}
					break
				}
			}
			s.succeeds()
		})
	}
}

// Nobody but the server, and who knows the registered contact, gets in without a password.
func TestAStrangerIsNoCarrier(t *testing.T) {
	port := ports.Row(t, 2)
	b := newTrunkBox(t, port, func(c *config.Trunk) { c.Server = "192.0.2.1:5060" })
	stranger, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer stranger.Close()
	local := stranger.LocalAddr().String()
	invite := strings.Join([]string{
		"INVITE sip:5551000@box SIP/2.0", "Via: SIP/2.0/UDP " + local + ";branch=z9hG4bKs;rport", "From: <sip:13800001234@box>;tag=s", "To: <sip:5551000@box>",
		"Call-ID: stranger", "CSeq: 1 INVITE", "Contact: <sip:" + local + ">", "Max-Forwards: 70", "Content-Length: 0", "", "",
	}, "\r\n")
	to, _ := net.ResolveUDPAddr("udp4", b.Listening("UDP").String())
	if _, err := stranger.WriteTo([]byte(invite), to); err != nil {
		t.Fatal(err)
	}
	answer := make([]byte, 2000)
	_ = stranger.SetReadDeadline(time.Now().Add(10 * time.Second))
	n, _, err := stranger.ReadFrom(answer)
	if err != nil || !strings.HasPrefix(string(answer[:n]), "SIP/2.0 401 ") {
		t.Errorf("answered %q (%v)", answer[:n], err)
	}
}

// A trunk over each transport to a switch that other people wrote: baresip calls, both hear each other, keys come once.
func TestBaresipCallsAsACarrier(t *testing.T) {
	for _, transport := range []string{"udp", "tcp"} {
		t.Run(transport, func(t *testing.T) {
			b := newTrunkBox(t, ports.Row(t, 2), nil) // baresip's port is its own affair: the address counts
			p := baresip.Start(t, baresip.Account{
				Extension: "13900001234", Server: b.Listening(strings.ToUpper(transport)).String(), Transport: transport, SaysHz: 700, Params: "regint=0;answermode=manual",
			})
			p.Do("dial", fmt.Sprintf("sip:+865551000@%s;transport=%s", b.Listening(strings.ToUpper(transport)), transport))
			l := b.next()
			if l.in.Trunk != "carrier" || l.in.Called != "5551000" || l.in.Calling.Digits != "13900001234" {
				t.Errorf("%+v", l.in)
			}
			l.Answer()
			event[call.Sounding](l)
			l.talk(1300)
			l.hears(700)
			p.WaitTone(1300)
			for _, key := range "5#" {
				p.Do("sndcode", string(key))
				if e := event[call.Digit](l); rune(e.Key) != key {
					t.Errorf("key %c, want %c", e.Key, key)
				}
				p.Do("sndcode", "\x00")
			}
			l.Hangup(q850.NormalClearing)
			event[call.Cleared](l)
		})
	}
}
