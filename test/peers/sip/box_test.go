package sip

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"log/slog"
	"math/big"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"trunkbox/dsp"
	"trunkbox/firmware/call"
	"trunkbox/firmware/config"
	"trunkbox/firmware/sipphone"
	"trunkbox/test/ports"
	"trunkbox/test/printed"
)

const password = "correct-horse-battery"

// box is a sipphone server on the loopback.
type box struct {
	*sipphone.Server
	t     testing.TB
	calls chan *leg
	log   *printed.Text

	mu      sync.Mutex
	refused []string
	phones  []string
}

// newBox starts a server with agents 201 to 203; change may alter its settings.
func newBox(t testing.TB, change func(*config.Settings)) *box {
	t.Helper()
	first := ports.Row(t, 40)
	settings := config.Settings{
		Agents: []config.Agent{
			{Extension: "201", Name: "One", Password: password},
			{Extension: "202", Name: "Two", Password: password},
			{Extension: "203", Name: "Three", Password: password},
		},
		Phones: config.PhoneRules{
			Realm: "box.test", UDP: "127.0.0.1:0", TCP: "127.0.0.1:0", TLS: "127.0.0.1:0",
			RTPFirst: first, RTPLast: first + 39, SessionS: 1800, KeepAliveS: 60,
		},
	}
	if change != nil {
		change(&settings)
	}
	b := &box{t: t, calls: make(chan *leg, 20), log: &printed.Text{}}
	s, err := sipphone.New(sipphone.Options{
		Settings: settings, Accept: b.accept, Observer: b, TLS: certificate(t),
		Logger: slog.New(slog.NewTextHandler(b.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	if err != nil {
		t.Fatal(err)
	}
	b.Server = s
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
		if t.Failed() {
			t.Logf("the box's log:\n%s", b.log)
		}
	})
	await(t, "the ports to be open", func() bool { return s.Listening("UDP").IsValid() && s.Listening("TLS").IsValid() })
	return b
}

func (b *box) PhoneUp(extension, address string)  { b.note("up " + extension) }
func (b *box) PhoneDown(extension, reason string) { b.note("down " + extension + ": " + reason) }
func (b *box) note(what string) {
	b.mu.Lock()
	b.phones = append(b.phones, what)
	b.mu.Unlock()
}

func (b *box) Refused(where, who, address string) {
	b.mu.Lock()
	b.refused = append(b.refused, where+" "+who)
	b.mu.Unlock()
}

// registered waits until the extension has a phone.
func (b *box) registered(extension string) sipphone.Registration {
	b.t.Helper()
	var found sipphone.Registration
	await(b.t, extension+" to be registered", func() bool {
		for _, r := range b.Registrations() {
			if r.Extension == extension {
				found = r
				return true
			}
		}
		return false
	})
	return found
}

// leg is one call in the hands of the test, which is the bridge too: every 20 ms it hears and speaks.
type leg struct {
	call.Leg
	in     call.Incoming
	t      testing.TB
	events chan call.Event

	mu    sync.Mutex
	heard []byte
	stop  chan struct{} // closed by Cleared
}

func (b *box) newLeg() *leg {
	return &leg{t: b.t, events: make(chan call.Event, 50), stop: make(chan struct{})}
}

func (b *box) accept(in call.Incoming) call.Handler {
	l := b.newLeg()
	l.Leg, l.in = in.Leg, in
	b.calls <- l
	return l.handle
}

func (l *leg) handle(e call.Event) {
	if _, over := e.(call.Cleared); over {
		close(l.stop)
	}
	l.events <- e
}

// dial calls a phone.
func (b *box) dial(extension string) *leg {
	b.t.Helper()
	l := b.newLeg()
	var err error
	l.Leg, err = b.Dial(extension, call.Outgoing{Calling: call.Number{Digits: "13800001234"}, Label: "Sales"}, l.handle)
	if err != nil {
		b.t.Fatal(err)
	}
	return l
}

// next is the next call of a phone.
func (b *box) next() *leg {
	b.t.Helper()
	select {
	case l := <-b.calls:
		return l
	case <-time.After(15 * time.Second):
		b.t.Fatal("no call came within 15 s")
		return nil
	}
}

// event waits for an event of a kind; other events before it are passed over.
func event[E call.Event](l *leg) E {
	l.t.Helper()
	deadline := time.After(15 * time.Second)
	for {
		select {
		case e := <-l.events:
			if got, ok := e.(E); ok {
				return got
			}
			if c, over := e.(call.Cleared); over {
				l.t.Fatalf("the call is over (%+v), want %T", c, *new(E))
			}
		case <-deadline:
			l.t.Fatalf("no %T within 15 s", *new(E))
		}
	}
}

// talk speaks a tone to the phone and records it until the call is over.
func (l *leg) talk(hz float64) {
	l.t.Helper()
	port := l.Sound()
	if port == nil {
		l.t.Fatal("the leg has no sound")
	}
	tone := dsp.NewTone(dsp.Cadence{Steps: []dsp.Step{{Sines: []dsp.Sine{{Hz: hz, DBm0: -10}}}}})
	go func() {
		ticker := time.NewTicker(20 * time.Millisecond)
		defer ticker.Stop()
		block := make([]byte, 160)
		for {
			select {
			case <-l.stop:
				return
			case <-ticker.C:
			}
			port.Hear(block)
			l.mu.Lock()
			l.heard = append(l.heard, block...)
			l.mu.Unlock()
			tone.FillOctets(block, port.Law())
			port.Speak(block)
		}
	}()
}

// hears waits until the last 400 ms are, for the most part, the tone.
func (l *leg) hears(hz float64) {
	l.t.Helper()
	await(l.t, "the box to hear the phone's tone", func() bool { return l.level(hz) > -16 })
}

// quiet waits until the last 400 ms hold nothing of the tone.
func (l *leg) quiet(hz float64) {
	l.t.Helper()
	await(l.t, "the phone's tone to end", func() bool { return l.level(hz) < -50 })
}

// level is that of one frequency over the last 400 ms, dBm0.
func (l *leg) level(hz float64) float64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	const n = 3200
	if len(l.heard) < n {
		return -25
	}
	pcm := make([]int16, n)
	l.Sound().Law().Expand(pcm, l.heard[len(l.heard)-n:])
	return dsp.Goertzel(pcm, hz)
}

// await waits for what other goroutines and programs bring about.
func await(t testing.TB, what string, condition func() bool) {
	t.Helper()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	deadline := time.After(15 * time.Second)
	for !condition() {
		select {
		case <-ticker.C:
		case <-deadline:
			t.Fatalf("waited 15 s for: %s", what)
		}
	}
}

// certificate makes the box's own, for 127.0.0.1.
func certificate(t testing.TB) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "127.0.0.1"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// program is where a peer's program is.
func program(t testing.TB, path, debianPackage string) string {
	t.Helper()
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("%s is missing: apt-get install %s (%v)", path, debianPackage, err)
	}
	return path
}

func tail(s string, lines int) string {
	all := strings.Split(strings.TrimRight(s, "\n"), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}
