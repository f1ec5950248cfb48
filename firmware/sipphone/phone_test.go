package sipphone

import (
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"net"
	"net/netip"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"trunkbox/firmware/call"
	"trunkbox/firmware/config"
)

// box is a server on the loopback with what it told.
type box struct {
	*Server
	t        testing.TB
	settings config.Settings
	stop     func()

	mu      sync.Mutex
	ups     []string
	refused []string
	accept  call.Accept
	changed chan struct{}
}

var loopback = netip.MustParseAddr("127.0.0.1")

func settings(t testing.TB) config.Settings {
	t.Helper()
	first := freeRange(t, 40)
	return config.Settings{
		Agents: []config.Agent{
			{Extension: "201", Name: "王芳", Password: "correct horse 201"},
			{Extension: "202", Name: "Li Wei", Password: "correct horse 202"},
		},
		Phones: config.PhoneRules{Realm: "box.test", UDP: "127.0.0.1:0", RTPFirst: first, RTPLast: first + 39, SessionS: 1800, KeepAliveS: 3600},
	}
}

// freeRange finds n consecutive free UDP ports, the first even.
func freeRange(t testing.TB, n int) int {
	t.Helper()
	for range 50 {
		probe, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.AddrPortFrom(loopback, 0)))
		if err != nil {
			t.Fatal(err)
		}
		first := probe.LocalAddr().(*net.UDPAddr).Port &^ 1
		_ = probe.Close()
		free := first+n < 65535
		for i := 0; free && i < n; i++ {
			c, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.AddrPortFrom(loopback, uint16(first+i))))
			if free = err == nil; free {
				_ = c.Close()
			}
		}
		if free {
			return first
		}
	}
	t.Fatal("no free range of ports on the loopback")
	return 0
}

func startBox(t testing.TB, change func(*Options), tune ...func(*Server)) *box {
	t.Helper()
	b := &box{t: t, settings: settings(t), changed: make(chan struct{}, 1000)}
	o := Options{Settings: b.settings, Observer: b, Accept: func(in call.Incoming) call.Handler {
		b.mu.Lock()
		accept := b.accept
		b.mu.Unlock()
		if accept == nil {
			return nil
		}
		return accept(in)
	}}
	if change != nil {
		change(&o)
		b.settings = o.Settings
	}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	b.Server = s
	s.times.end = 50 * time.Millisecond
	for _, f := range tune {
		f(s)
	}
	b.run()
	return b
}

// run runs the server until the test is over or stop is called.
func (b *box) run() {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- b.Run(ctx) }()
	b.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			b.t.Errorf("Run: %v", err)
		}
	})
	b.t.Cleanup(b.stop)
	b.await("the port to be open", func() bool { return b.Listening("UDP").IsValid() || b.settings.Phones.UDP == "" })
}

func (b *box) PhoneUp(extension, address string)  { b.note("up " + extension + " " + address) }
func (b *box) PhoneDown(extension, reason string) { b.note("down " + extension + ": " + reason) }
func (b *box) note(s string) {
	b.mu.Lock()
	b.ups = append(b.ups, s)
	b.mu.Unlock()
}

func (b *box) Refused(where, who, address string) {
	b.mu.Lock()
	b.refused = append(b.refused, where+" "+who+" "+address)
	b.mu.Unlock()
}

func (b *box) told() (ups, refused []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]string(nil), b.ups...), append([]string(nil), b.refused...)
}

// await waits for what other goroutines bring about.
func (b *box) await(what string, condition func() bool) {
	b.t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(8 * time.Second)
	for !condition() {
		select {
		case <-tick.C:
		case <-deadline:
			b.t.Fatalf("waited 8 s for: %s", what)
		}
	}
}

// calls takes the next calls of phones and gives their legs and events.
func (b *box) calls() <-chan *taken {
	c := make(chan *taken, 10)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.accept = func(in call.Incoming) call.Handler {
		k := &taken{Incoming: in, events: make(chan call.Event, 50)}
		c <- k
		return func(e call.Event) { k.events <- e }
	}
	return c
}

// taken is one leg in the hands of a test.
type taken struct {
	call.Incoming
	events chan call.Event
}

func (b *box) next(c <-chan *taken) *taken {
	b.t.Helper()
	select {
	case k := <-c:
		return k
	case <-time.After(8 * time.Second):
		b.t.Fatal("no call came within 8 s")
		return nil
	}
}

// event waits for the next event of a kind; others before it are an error.
func event[E call.Event](t testing.TB, events <-chan call.Event) E {
	t.Helper()
	var want E
	select {
	case e := <-events:
		got, ok := e.(E)
		if !ok {
			t.Fatalf("event %T %+v, want %T", e, e, want)
		}
		return got
	case <-time.After(8 * time.Second):
		t.Fatalf("no %T within 8 s", want)
	}
	return want
}

// phone is a telephone made of one UDP socket and SIP written by hand.
type phone struct {
	t        testing.TB
	box      *box
	user     string
	password string
	conn     *net.UDPConn
	callID   string
	tag      string
	cseq     int
	port     int    // of its sound
	remote   string // the To of the dialog, once it has a tag
	target   string // the box's Contact
	sent     string // the last message
}

var serial struct {
	sync.Mutex
	n int
}

func unique() int {
	serial.Lock()
	defer serial.Unlock()
	serial.n++
	return serial.n
}

func (b *box) phone(user string) *phone {
	b.t.Helper()
	conn, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.AddrPortFrom(loopback, 0)))
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { _ = conn.Close() })
	p := &phone{t: b.t, box: b, user: user, password: "correct horse " + user, conn: conn, port: 40000}
	p.anew()
	return p
}

// anew begins another call or registration.
func (p *phone) anew() {
	n := unique()
	p.callID, p.tag = fmt.Sprintf("call-%d@test", n), fmt.Sprintf("tag%d", n)
	p.remote, p.target = "", ""
}

func (p *phone) addr() netip.AddrPort { return p.conn.LocalAddr().(*net.UDPAddr).AddrPort() }

func (p *phone) send(text string) {
	p.t.Helper()
	p.sent = text
	if _, err := p.conn.WriteToUDPAddrPort([]byte(text), p.box.Listening("UDP")); err != nil {
		p.t.Fatal(err)
	}
}

// message is one SIP message as text.
type message struct{ first, head, body string }

func (m message) String() string { return m.first + "\r\n" + m.head + "\r\n\r\n" + m.body }

// header is the first header of a name, all is every one.
func (m message) header(name string) string {
	if all := m.all(name); len(all) > 0 {
		return all[0]
	}
	return ""
}

func (m message) all(name string) (values []string) {
	for _, line := range strings.Split(m.head, "\r\n") {
		if n, v, ok := strings.Cut(line, ":"); ok && strings.EqualFold(n, name) {
			values = append(values, strings.TrimSpace(v))
		}
	}
	return values
}

// read takes the next message whose first line contains what; others are passed over.
func (p *phone) read(what string) message {
	p.t.Helper()
	m, ok := p.readWithin(what, 8*time.Second)
	if !ok {
		p.t.Fatalf("phone %s waited 8 s for %q", p.user, what)
	}
	return m
}

func (p *phone) readWithin(what string, d time.Duration) (message, bool) {
	p.t.Helper()
	buf := make([]byte, 65535)
	_ = p.conn.SetReadDeadline(time.Now().Add(d))
	for {
		n, _, err := p.conn.ReadFromUDPAddrPort(buf)
		if err != nil {
			return message{}, false
		}
		head, body, _ := strings.Cut(string(buf[:n]), "\r\n\r\n")
		first, rest, _ := strings.Cut(head, "\r\n")
		if m := (message{first, rest, body}); strings.Contains(first, what) {
			return m, true
		}
	}
}

// request writes one request with the dialog's headers; more are whole lines.
func (p *phone) request(method, uri, body string, more ...string) string {
	to := p.remote
	if to == "" {
		to = "<" + uri + ">"
	}
	if method == "REGISTER" {
		to = "<sip:" + p.user + "@box.test>"
	}
	if method != "ACK" && method != "CANCEL" {
		p.cseq++
	}
	head := []string{
		method + " " + uri + " SIP/2.0",
		fmt.Sprintf("Via: SIP/2.0/UDP %s;branch=z9hG4bK%d;rport", p.addr(), unique()),
		fmt.Sprintf("From: <sip:%s@box.test>;tag=%s", p.user, p.tag),
		"To: " + to,
		"Call-ID: " + p.callID,
		fmt.Sprintf("CSeq: %d %s", p.cseq, method),
		"Max-Forwards: 70",
		"User-Agent: Test/1",
		fmt.Sprintf("Contact: <sip:%s@%s>", p.user, p.addr()),
	}
	head = append(head, more...)
	if body != "" && !strings.Contains(strings.Join(more, "\n"), "Content-Type") {
		head = append(head, "Content-Type: application/sdp")
	}
	head = append(head, fmt.Sprintf("Content-Length: %d", len(body)))
	return strings.Join(head, "\r\n") + "\r\n\r\n" + body
}

func field(challenge, name string) string {
	if m := regexp.MustCompile(`\b` + name + `="?([^",]*)"?`).FindStringSubmatch(challenge); m != nil {
		return m[1]
	}
	return ""
}

// credentials answers a challenge by the formulae of RFC 7616 clause 3.4.
func (p *phone) credentials(challenge, method, uri, nc string) string {
	var h hash.Hash = md5.New()
	if field(challenge, "algorithm") == "SHA-256" {
		h = sha256.New()
	}
	sum := func(s string) string {
		h.Reset()
		h.Write([]byte(s))
		return hex.EncodeToString(h.Sum(nil))
	}
	realm, nonce := field(challenge, "realm"), field(challenge, "nonce")
	response := sum(sum(p.user+":"+realm+":"+p.password) + ":" + nonce + ":" + nc + ":abcd:auth:" + sum(method+":"+uri))
	return fmt.Sprintf(`Authorization: Digest username="%s", realm="%s", nonce="%s", uri="%s", response="%s", algorithm=%s, cnonce="abcd", nc=%s, qop=auth`,
		p.user, realm, nonce, uri, response, field(challenge, "algorithm"), nc)
}

// challenged sends a request, answers the challenge with an algorithm, and gives the next response.
func (p *phone) challenged(algorithm, method, uri, body string, more ...string) message {
	p.t.Helper()
	p.send(p.request(method, uri, body, more...))
	m := p.read("SIP/2.0 ")
	for strings.Contains(m.first, " 100 ") {
		m = p.read("SIP/2.0 ")
	}
	if !strings.Contains(m.first, " 401 ") {
		return m
	}
	if method == "INVITE" {
		p.sendFor(m, "ACK", uri)
	}
	for _, c := range m.all("WWW-Authenticate") {
		if field(c, "algorithm") == algorithm {
			p.send(p.request(method, uri, body, append(more, p.credentials(c, method, uri, "00000001"))...))
			return p.read("SIP/2.0 ")
		}
	}
	p.t.Fatalf("no challenge with %s:\n%s", algorithm, m)
	return message{}
}

// sendFor sends the ACK of a refusal: same branch, the To of the response.
func (p *phone) sendFor(res message, method, uri string) {
	p.t.Helper()
	via := strings.Split(res.header("Via"), ";received")[0]
	text := p.request(method, uri, "")
	text = regexp.MustCompile(`Via: [^\r]*`).ReplaceAllString(text, "Via: "+via)
	text = regexp.MustCompile(`To: [^\r]*`).ReplaceAllString(text, "To: "+res.header("To"))
	p.send(text)
}

func (p *phone) register(more ...string) message {
	p.t.Helper()
	return p.challenged("MD5", "REGISTER", "sip:box.test", "", more...)
}

func (p *phone) sdp(more ...string) string {
	l := []string{
		"v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0", fmt.Sprintf("m=audio %d RTP/AVP 8 0 101", p.port),
		"a=rtpmap:101 telephone-event/8000",
	}
	return strings.Join(append(l, more...), "\r\n") + "\r\n"
}

// confirm takes the dialog from a response of the box.
func (p *phone) confirm(res message) {
	p.remote = res.header("To")
	p.target = strings.Trim(strings.Split(res.header("Contact"), ";")[0], "<>")
}

// invite calls digits and gives the first response after the challenge.
func (p *phone) invite(digits, body string, more ...string) message {
	p.t.Helper()
	p.anew()
	return p.challenged("SHA-256", "INVITE", "sip:"+digits+"@box.test", body, more...)
}

// answerTo builds a response to a request of the box.
func (p *phone) answerTo(req message, status string, body string, more ...string) string {
	to := req.header("To")
	if !strings.Contains(to, "tag=") && !strings.Contains(status, "100 ") {
		to += ";tag=" + p.tag
	}
	head := []string{"SIP/2.0 " + status}
	for _, v := range req.all("Via") {
		head = append(head, "Via: "+v)
	}
	for _, r := range req.all("Record-Route") {
		head = append(head, "Record-Route: "+r)
	}
	head = append(head, "From: "+req.header("From"), "To: "+to, "Call-ID: "+req.header("Call-ID"), "CSeq: "+req.header("CSeq"),
		fmt.Sprintf("Contact: <sip:%s@%s>", p.user, p.addr()))
	head = append(head, more...)
	if body != "" {
		head = append(head, "Content-Type: application/sdp")
	}
	head = append(head, fmt.Sprintf("Content-Length: %d", len(body)))
	return strings.Join(head, "\r\n") + "\r\n\r\n" + body
}

// joins makes the dialog of an INVITE of the box, so that the phone can send requests in it.
func (p *phone) joins(req message) {
	p.callID = req.header("Call-ID")
	p.remote = req.header("From")
	p.target = strings.Trim(strings.Split(req.header("Contact"), ";")[0], "<>")
	p.cseq = 100
}
