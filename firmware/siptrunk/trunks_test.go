package siptrunk

import (
	"context"
	"errors"
	"fmt"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"trunkbox/firmware/call"
	"trunkbox/firmware/config"
	"trunkbox/firmware/q850"
	"trunkbox/firmware/sipphone"
)

// carrier is a server on the loopback that answers as the test says.
type carrier struct {
	t    testing.TB
	conn net.PacketConn

	mu     sync.Mutex
	answer func(req *sip.Request) (status string, headers []string)
	got    []string // methods, REGISTER with its Expires
}

func newCarrier(t testing.TB) *carrier {
	t.Helper()
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &carrier{t: t, conn: conn}
	c.does(func(*sip.Request) (string, []string) { return "200 OK", nil })
	go c.serve()
	t.Cleanup(func() { _ = conn.Close() })
	return c
}

// does changes what it answers; an empty status is no answer.
func (c *carrier) does(answer func(*sip.Request) (string, []string)) {
	c.mu.Lock()
	c.answer = answer
	c.mu.Unlock()
}

func (c *carrier) serve() {
	octets := make([]byte, 4000)
	for {
		n, from, err := c.conn.ReadFrom(octets)
		if err != nil {
			return
		}
		m, err := sip.NewParser().ParseSIP(octets[:n])
		req, ok := m.(*sip.Request)
		if err != nil || !ok {
			continue
		}
		c.mu.Lock()
		answer := c.answer
		note := req.Method.String()
		if h := req.GetHeader("Expires"); h != nil {
			note += " " + h.Value()
		}
		c.got = append(c.got, note)
		c.mu.Unlock()
		status, headers := answer(req)
		if status == "" || req.IsAck() {
			continue
		}
		lines := []string{"SIP/2.0 " + status}
		for _, name := range []string{"Via", "From", "To", "Call-ID", "CSeq"} {
			value := req.GetHeader(name).Value()
			if name == "To" {
				value += ";tag=c"
			}
			lines = append(lines, name+": "+value)
		}
		lines = append(append(lines, headers...), "Content-Length: 0", "", "")
		_, _ = c.conn.WriteTo([]byte(strings.Join(lines, "\r\n")), from)
	}
}

func (c *carrier) heard() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]string(nil), c.got...)
}

// bench is a box with a trunk to the carrier, or with the trunks of change.
type bench struct {
	t      testing.TB
	server *sipphone.Server
	trunks *Trunks
	states chan string
	legs   chan call.Incoming
	base   config.Settings
}

func (b *bench) TrunkState(trunk, state string, reason Reason, about, _ string) {
	b.states <- strings.TrimSpace(fmt.Sprint(trunk, " ", state, " ", reason, " ", about))
}

func (b *bench) CallRefused(trunk string, cause q850.Cause) {
	b.states <- fmt.Sprint(trunk, " refused ", int(cause))
}

func newBench(t testing.TB, trunks ...config.Trunk) *bench {
	t.Helper()
	return benchWith(t, nil, trunks...)
}

// benchWith is newBench with changed options.
func benchWith(t testing.TB, change func(*sipphone.Options), trunks ...config.Trunk) *bench {
	t.Helper()
	b := &bench{t: t, states: make(chan string, 1000), legs: make(chan call.Incoming, 1000)}
	b.base = config.Settings{
		Agents: []config.Agent{{Extension: "201", Password: "password-201"}},
		Phones: config.PhoneRules{Realm: "box.test", UDP: "127.0.0.1:0", RTPFirst: 40000, RTPLast: 40998, SessionS: 1800},
		Trunks: trunks,
	}
	accept := func(in call.Incoming) call.Handler {
		select {
		case b.legs <- in:
		default:
		}
		return func(call.Event) {}
	}
	var err error
	options := sipphone.Options{Settings: b.base, Accept: accept, AcceptTrunk: accept}
	if change != nil {
		change(&options)
	}
	if b.server, err = sipphone.New(options); err != nil {
		t.Fatal(err)
	}
	b.trunks = New(Options{Server: b.server, Observer: b}, b.base)
	b.trunks.times = times{ask: 50 * time.Millisecond, answer: 600 * time.Millisecond, first: 30 * time.Millisecond, most: 100 * time.Millisecond, leave: time.Second}
	ports, closePorts := context.WithCancel(context.Background())
	ran := make(chan error, 1)
	go func() { ran <- b.server.Run(ports) }()
	b.await("the ports", func() bool {
		return b.server.Listening("UDP").IsValid() && (options.Settings.Phones.TLS == "" || b.server.Listening("TLS").IsValid())
	})
	ctx, stop := context.WithCancel(context.Background())
	var done sync.WaitGroup
	done.Go(func() { b.trunks.Run(ctx) })
	t.Cleanup(func() {
		stop()
		done.Wait()
		closePorts()
		if err := <-ran; err != nil {
			t.Error(err)
		}
	})
	return b
}

func (b *bench) await(what string, holds func() bool) {
	b.t.Helper()
	deadline := time.After(10 * time.Second)
	ticker := time.NewTicker(2 * time.Millisecond)
	defer ticker.Stop()
	for !holds() {
		select {
		case <-ticker.C:
		case <-deadline:
			b.t.Fatalf("waited 10 s for %s", what)
		}
	}
}

func (b *bench) becomes(want string) {
	b.t.Helper()
	select {
	case got := <-b.states:
		if got != want {
			b.t.Fatalf("became %q, want %q", got, want)
		}
	case <-time.After(10 * time.Second):
		b.t.Fatalf("did not become %q within 10 s", want)
	}
}

func (c *carrier) trunk(change func(*config.Trunk)) config.Trunk {
	s := config.Trunk{Name: "carrier", Server: c.conn.LocalAddr().String(), Transport: "udp", Law: "alaw", Enabled: true, User: "1000", Password: "secret"}
	if change != nil {
		change(&s)
	}
	return s
}

// count is how often the carrier was sent what.
func (c *carrier) count(what string) int {
	n := 0
	for _, one := range c.heard() {
		if one == what {
			n++
		}
	}
	return n
}

func TestATrunkByAddressFollowsItsServer(t *testing.T) {
	c := newCarrier(t)
	b := newBench(t, c.trunk(nil))
	b.becomes("carrier up")
	c.does(func(*sip.Request) (string, []string) { return "", nil })
	b.becomes("carrier down trunk_silent " + c.conn.LocalAddr().String())
	if _, err := b.trunks.Trunk("carrier").Dial(call.Outgoing{Called: "10086"}, func(call.Event) {}); !errors.Is(err, ErrDown) {
		t.Errorf("a trunk that is down: %v", err)
	}
	c.does(func(*sip.Request) (string, []string) { return "405 Method Not Allowed", nil }) // any answer is one
	b.becomes("carrier up")
}

func TestATrunkRegistersAndRefreshes(t *testing.T) {
	c := newCarrier(t)
	refuse := ""
	var mu sync.Mutex
	c.does(func(req *sip.Request) (string, []string) {
		mu.Lock()
		defer mu.Unlock()
		switch {
		case req.Method != sip.REGISTER:
			return "200 OK", nil
		case refuse != "":
			return refuse, nil
		case req.GetHeader("Authorization") == nil:
			return "401 Unauthorized", []string{`WWW-Authenticate: Basic realm="x"`, `WWW-Authenticate: Digest realm="x", nonce="n", algorithm=SHA-256, qop="auth"`}
		}
		return "200 OK", []string{"Expires: 7200"}
	})
	b := newBench(t, c.trunk(func(s *config.Trunk) { s.Register = true }))
	b.becomes("carrier up")
	if until := time.Until(b.trunks.Now()[0].Until); until < 7190*time.Second || until > 7200*time.Second {
		t.Errorf("registered for %v", until)
	}
	// The server forgets itself: two OPTIONS are lost, and the trunk registers anew.
	registered := c.count("REGISTER 3600")
	mu.Lock()
	refuse = "503 Service Unavailable"
	mu.Unlock()
	was := c.answer
	c.does(func(req *sip.Request) (string, []string) {
		if req.Method == sip.OPTIONS {
			return "", nil
		}
		return was(req)
	})
	b.becomes("carrier down trunk_refused 503 Service Unavailable")
	b.await("more tries", func() bool { return c.count("REGISTER 3600") > registered+3 })
	mu.Lock()
	refuse = ""
	mu.Unlock()
	c.does(was)
	b.becomes("carrier up")
	// Switched off, it signs off.
	b.trunks.Apply(config.Settings{})
	b.becomes("carrier down trunk_removed")
	if c.count("REGISTER 0") == 0 || b.trunks.Trunk("carrier") != nil {
		t.Errorf("not signed off: %v", c.heard())
	}
}

// When the box moves to another port, the server is told.
func TestATrunkFollowsTheBoxsPort(t *testing.T) {
	c := newCarrier(t)
	b := newBench(t, c.trunk(func(s *config.Trunk) { s.Register = true }))
	b.becomes("carrier up")
	before, to := b.server.Listening("UDP"), b.base
	to.Phones.UDP = "127.0.0.1:" // any port, said otherwise
	if err := b.server.Apply(b.base, to); err != nil {
		t.Fatal(err)
	}
	if b.server.Listening("UDP") == before {
		t.Fatal("the port is the same")
	}
	b.await("a second registration", func() bool { return c.count("REGISTER 3600") >= 2 })
}

func TestAWrongPasswordIsSaid(t *testing.T) {
	c := newCarrier(t)
	c.does(func(*sip.Request) (string, []string) {
		return "401 Unauthorized", []string{`WWW-Authenticate: Digest realm="x", nonce="n"`}
	})
	b := newBench(t, c.trunk(func(s *config.Trunk) { s.Register = true }))
	b.becomes("carrier down trunk_wrong_account 401 Unauthorized")
	now := b.trunks.Now()[0]
	if now.Retry.IsZero() || now.Reason != WrongAccount {
		t.Errorf("%+v", now)
	}
}

func TestTransportThatIsSwitchedOff(t *testing.T) {
	c := newCarrier(t)
	b := newBench(t, c.trunk(func(s *config.Trunk) { s.Transport = "tcp" }))
	b.becomes("carrier down trunk_port_closed TCP")
}

func TestBackOff(t *testing.T) {
	for tries, want := range []time.Duration{5, 10, 20, 40, 80, 160, 300, 300} {
		if got := defaultTimes.backOff(tries); got != want*time.Second {
			t.Errorf("after %d failures: %v, want %v s", tries+1, got, want)
		}
	}
}

// The places of calls stay counted when a trunk gets another account, and calls beyond the limit are refused.
func TestPlacesOutliveSettings(t *testing.T) {
	c := newCarrier(t)
	c.does(func(req *sip.Request) (string, []string) {
		if req.Method == sip.INVITE {
			return "100 Trying", nil
		}
		return "200 OK", nil
	})
	settings := c.trunk(func(s *config.Trunk) { s.MaxCalls = 1 })
	b := newBench(t, settings)
	b.becomes("carrier up")
	ended := make(chan call.Cleared, 1)
	handler := func(e call.Event) {
		if end, over := e.(call.Cleared); over {
			ended <- end
		}
	}
	leg, err := b.trunks.Trunk("carrier").Dial(call.Outgoing{Called: "10086"}, handler)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.trunks.Trunk("carrier").Dial(call.Outgoing{Called: "10086"}, handler); !errors.Is(err, ErrFull) {
		t.Errorf("the second call: %v", err)
	}
	if !b.trunks.Trunk("carrier").Full() {
		t.Error("it is not full")
	}
	to := b.base
	changed := settings
	changed.Password = "another"
	to.Trunks = []config.Trunk{changed}
	b.trunks.Apply(to)
	b.becomes("carrier down trunk_removed")
	b.becomes("carrier up")
	if n := b.trunks.Now()[0].Calls; n != 1 {
		t.Errorf("%d calls after the change", n)
	}
	changed.MaxCalls, changed.Law = 2, "g722" // no new account
	to.Trunks = []config.Trunk{changed}
	was := b.trunks.Trunk("carrier")
	b.trunks.Apply(to)
	if b.trunks.Trunk("carrier") != was || was.Full() {
		t.Error("a limit that was raised made a new trunk")
	}
	if _, err := was.Dial(call.Outgoing{Called: "a"}, handler); !errors.Is(err, ErrNumber) {
		t.Errorf("no number: %v", err)
	}
	c.does(func(req *sip.Request) (string, []string) { return "487 Request Terminated", nil })
	leg.Hangup(q850.NormalClearing)
	<-ended
	b.await("the place", func() bool { return was.Calls() == 0 })
}

// An emergency call is tried over a trunk that is full, or seems to be down.
func TestEmergencyGoesBeyondLimits(t *testing.T) {
	c := newCarrier(t)
	c.does(func(*sip.Request) (string, []string) { return "", nil })
	b := newBench(t, c.trunk(func(s *config.Trunk) { s.MaxCalls = 1 }))
	b.becomes("carrier down trunk_silent " + c.conn.LocalAddr().String())
	for range 2 {
		if _, err := b.trunks.Trunk("carrier").Dial(call.Outgoing{Called: "110", Emergency: true}, func(call.Event) {}); err != nil {
			t.Fatal(err)
		}
	}
	b.await("the INVITEs", func() bool { return c.count("INVITE") >= 2 })
	c.does(func(*sip.Request) (string, []string) { return "486 Busy Here", nil })
	b.await("the end of both", func() bool { return b.trunks.Now()[0].Calls == 0 })
}

// Refused calls leave no goroutine and no place behind.
func TestRefusedCallsLeaveNothingBehind(t *testing.T) {
	c := newCarrier(t)
	c.does(func(req *sip.Request) (string, []string) {
		if req.Method == sip.INVITE {
			return "486 Busy Here", nil
		}
		return "200 OK", nil
	})
	b := newBench(t, c.trunk(nil))
	b.becomes("carrier up")
	before := runtime.NumGoroutine()
	for range 200 {
		ended := make(chan call.Cleared, 1)
		_, err := b.trunks.Trunk("carrier").Dial(call.Outgoing{Called: "10086"}, func(e call.Event) {
			if end, over := e.(call.Cleared); over {
				ended <- end
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		if end := <-ended; end.Cause != q850.UserBusy || end.Detail != "the far switch answered 486 Busy Here" {
			t.Fatalf("%+v", end)
		}
	}
	b.await("the places to be free", func() bool { return b.trunks.Now()[0].Calls == 0 })
	b.await("the goroutines to end", func() bool { return runtime.NumGoroutine() <= before+10 })
}

// FuzzDatagram gives the server whole datagrams of a trunk's server; after each it answers OPTIONS all the same.
func FuzzDatagram(f *testing.F) {
	c := newCarrier(f)
	b := newBench(f, c.trunk(nil))
	b.becomes("carrier up")
	to, err := net.ResolveUDPAddr("udp4", b.server.Listening("UDP").String())
	if err != nil {
		f.Fatal(err)
	}
	probe, err := net.DialUDP("udp4", nil, to)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = probe.Close() })
	from := c.conn.LocalAddr().String()
	text := func(lines ...string) []byte { return []byte(strings.Join(append(lines, "", ""), "\r\n")) }
	usual := []string{"Via: SIP/2.0/UDP " + from + ";branch=z9hG4bK1;rport", "From: <sip:1@c>;tag=a", "To: <sip:201@box>", "Call-ID: 1", "CSeq: 1 INVITE", "Contact: <sip:" + from + ">"}
	f.Add(text(append([]string{"INVITE sip:201@box SIP/2.0"}, append(usual, "Content-Length: 0")...)...))
	f.Add(text(append([]string{"INVITE tel:+86 SIP/2.0"}, append(usual, "P-Asserted-Identity: <tel:+1>, <", "Diversion: <sip:1@x>;reason=\"", "Privacy: id")...)...))
	f.Add(append(text(append([]string{"INVITE sip:201@box SIP/2.0"}, append(usual, "Content-Type: application/sdp", "Content-Length: 60")...)...), "v=0\r\nc=IN IP4 127.0.0.1\r\nm=audio 9 RTP/AVP 8\r\na=sendonly"...))
	f.Add(text("SIP/2.0 200 OK", "Via: SIP/2.0/UDP x;branch=z9hG4bK1", "CSeq: 1 OPTIONS"))
	f.Add(text("CANCEL sip:201@box SIP/2.0", "Via: ;", "CSeq: 1"))
	f.Add([]byte("\r\n\r\n"))
	answer := make([]byte, 4000)
	n := 0
	f.Fuzz(func(t *testing.T, datagram []byte) {
		if len(datagram) > 8000 {
			return
		}
		if _, err := c.conn.WriteTo(datagram, to); err != nil {
			return
		}
		alive := false
		for try := 0; !alive && try < 20; try++ { // datagrams get lost when a machine is busy
			n++
			branch := fmt.Sprintf("z9hG4bKprobe%dx", n)
			if _, err := probe.Write(text("OPTIONS sip:box SIP/2.0", "Via: SIP/2.0/UDP "+probe.LocalAddr().String()+";branch="+branch+";rport", "From: <sip:p@c>;tag=p",
				"To: <sip:box>", "Call-ID: "+branch, "CSeq: 1 OPTIONS", "Content-Length: 0")); err != nil {
				t.Fatal(err)
			}
			_ = probe.SetReadDeadline(time.Now().Add(500 * time.Millisecond))
			for {
				got, err := probe.Read(answer)
				if alive = err == nil && strings.Contains(string(answer[:got]), branch); alive || err != nil {
					break
				}
			}
		}
		if !alive {
			t.Fatalf("after %q the server does not answer", datagram)
		}
		for len(b.legs) > 0 {
			(<-b.legs).Leg.Hangup(q850.UserBusy)
		}
	})
}
