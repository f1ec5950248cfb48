package sipphone

import (
	"bytes"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"
)

func TestGuardDropsWhatIsNotWorthParsing(t *testing.T) {
	g := newGuard()
	from := sip.TransportReadProps{Transport: "UDP", RemoteAddr: &net.UDPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 5060}}
	for text, want := range map[string]bool{
		"REGISTER sip:box SIP/2.0\r\nVia: x\r\n\r\n": true,
		"SIP/2.0 200 OK\r\nVia: x\r\n\r\n":           true,
		"\r\n\r\n":                                   true, // keep-alive
		"\r\nOPTIONS sip:box SIP/2.0\r\n\r\n":        true,
		"GET / HTTP/1.1\r\n\r\n":                     false,
		"\x00\x00\x00\x00":                           true,
		"\x00\x01\x00\x08!\x12\xa4B":                 false,
		"OPTIONS sip:box SIP/2.0\r\nUser-Agent: friendly-scanner\r\n\r\n":            false,
		"REGISTER sip:box SIP/2.0\r\nX: y\r\n\r\nbody that names a friendly-scanner": true,
		"no end of line SIP/2.0": false,
		"INVITE sip:box SIP/2.0\r\nVia: x\r\nUser-Agent: sipvicious\r\n\r\nv=0\r\n": false,
	} {
		got, err := g.filter(from, []byte(text))
		if err != nil || len(got) > 0 != want {
			t.Errorf("%q: passed %v, want %v (%v)", text, len(got) > 0, want, err)
		}
	}
}

func TestGuardLimitsASource(t *testing.T) {
	g := newGuard()
	now := time.Unix(1000, 0)
	g.now = func() time.Time { return now }
	flood, phone := netip.MustParseAddr("203.0.113.9"), netip.MustParseAddr("192.0.2.1")
	passed := 0
	for range 5000 {
		if g.allow(flood) {
			passed++
		}
	}
	if passed != burst {
		t.Errorf("%d of 5000 passed at once, want %v", passed, burst)
	}
	if !g.allow(phone) {
		t.Error("another source is refused")
	}
	now = now.Add(time.Second)
	for passed = 0; g.allow(flood); passed++ {
	}
	if passed != perSecond {
		t.Errorf("%d passed after a second, want %v", passed, perSecond)
	}
	passed = 0
	for i := range 3600 * 100 { // an hour of forged sources
		now = now.Add(10 * time.Millisecond)
		if g.allow(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})) {
			passed++
		}
	}
	if len(g.sources) > sourceLimit || passed > strangerBurst+3600*strangerPerSecond {
		t.Errorf("%d sources remembered, %d let in", len(g.sources), passed)
	}
}

func TestBackoff(t *testing.T) {
	b := newBackoff(250 * time.Millisecond)
	now := time.Unix(1000, 0)
	thief, office := netip.MustParseAddr("203.0.113.9"), netip.MustParseAddr("198.51.100.2")
	b.succeeded(office, "202", now)
	var last time.Duration
	for i := range blockAfter {
		wait, slot := b.failed(office, "201", now)
		if !slot || wait < last || wait > longestWait {
			t.Fatalf("failure %d: wait %v after %v", i+1, wait, last)
		}
		last = wait
		b.waited()
	}
	if last != longestWait || !b.blocked(office, "201", now) {
		t.Errorf("after %d failures: wait %v, blocked %v", blockAfter, last, b.blocked(office, "201", now))
	}
	if b.blocked(office, "202", now) {
		t.Error("a phone that proved itself is shut out with its neighbour")
	}
	if b.blocked(thief, "201", now) {
		t.Error("an address that did nothing is blocked")
	}
	if wait, _ := b.failed(thief, "201", now); wait != longestWait {
		t.Errorf("the first guess of a second address at the same extension waits %v", wait)
	}
	b.waited()
	now = now.Add(blockFor + time.Second)
	if b.blocked(office, "201", now) {
		t.Error("blocked for ever")
	}
	if wait, _ := b.failed(office, "201", now); wait != b.first {
		t.Errorf("after a quiet time the first wait is %v", wait)
	}
	for range slotLimit {
		b.failed(thief, "999", now)
	}
	if _, slot := b.failed(thief, "999", now); slot {
		t.Error("more answers wait than there are slots")
	}
	told := 0
	for range 1000 {
		if b.tell(now) {
			told++
		}
	}
	if told != tellLimit || !b.tell(now.Add(2*time.Minute)) {
		t.Errorf("%d refusals told in one moment", told)
	}
}

func TestLogOfTheLibraryIsCapped(t *testing.T) {
	var out bytes.Buffer
	log := newCapped(slog.New(slog.NewTextHandler(&out, nil)))
	for range 1000 {
		log.Error("failed to parse", "data", strings.Repeat("x", 60000))
		log.Info("chatter")
	}
	if n := strings.Count(out.String(), "\n"); n != cappedEach || out.Len() > cappedEach*400 {
		t.Errorf("%d lines, %d octets", n, out.Len())
	}
}

func TestBoxAddressByPlace(t *testing.T) {
	for addr, want := range map[string]bool{
		"192.168.1.5": false, "10.1.2.3": false, "100.64.0.1": false, "127.0.0.1": false, "169.254.1.1": false,
		"fd00::7": false, "fe80::1": false, "203.0.113.9": true, "2001:db8::7": true,
	} {
		if got := beyond(netip.MustParseAddr(addr)); got != want {
			t.Errorf("%s beyond the NAT: %v", addr, got)
		}
	}
	b := startBox(t, func(o *Options) { o.Settings.Phones.External = "box.example" })
	outer := b.boxUri(place{transport: "UDP", addr: netip.MustParseAddrPort("203.0.113.9:5060")})
	inner := b.boxUri(place{transport: "UDP", addr: netip.MustParseAddrPort("127.0.0.1:5060")})
	if outer.Host != "box.example" || inner.Host != "127.0.0.1" || inner.Port != int(b.Listening("UDP").Port()) {
		t.Errorf("%v and %v", outer, inner)
	}
}

func TestDialledDigits(t *testing.T) {
	for user, want := range map[string]string{
		"9001": "9001", "%2345": "#45", "*45": "*45", "+86(10)1-2.3": "+8610123", "201;phone-context=x": "201",
		"anna": "", "20a": "", "%zz": "", "": "",
	} {
		if got := dialledDigits(user); got != want {
			t.Errorf("%q: %q, want %q", user, got, want)
		}
	}
}

func TestDoorBoundsConnections(t *testing.T) {
	plain, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone := make(chan netip.AddrPort, connectionsEach+10)
	d := newDoor(plain, func(from netip.AddrPort) { gone <- from })
	accepted := make(chan net.Conn, connectionsEach+10)
	go func() {
		for {
			c, err := d.Accept()
			if err != nil {
				close(accepted)
				return
			}
			accepted <- c
		}
	}()
	var mine []net.Conn
	for range connectionsEach {
		c, err := net.Dial("tcp", plain.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		mine = append(mine, c)
		<-accepted
	}
	extra, err := net.Dial("tcp", plain.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	_ = extra.SetReadDeadline(time.Now().Add(5 * time.Second))
	if _, err := extra.Read(make([]byte, 1)); err == nil || strings.Contains(err.Error(), "timeout") {
		t.Errorf("one connection too many is let in: %v", err)
	}
	d.shut()
	for range connectionsEach {
		<-gone
	}
	for _, c := range append(mine, extra) {
		_ = c.Close()
	}
}
