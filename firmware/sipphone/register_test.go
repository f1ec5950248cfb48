package sipphone

import (
	"bytes"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"trunkbox/firmware/call"
	"trunkbox/firmware/q850"
)

func TestRegisterWithBothAlgorithms(t *testing.T) {
	t.Parallel()
	b := startBox(t, nil)
	for _, algorithm := range []string{"SHA-256", "MD5"} {
		p := b.phone("201")
		res := p.challenged(algorithm, "REGISTER", "sip:box.test", "", "Expires: 120")
		if !strings.Contains(res.first, "200") || !strings.Contains(res.header("Contact"), "expires=120") {
			t.Fatalf("%s:\n%s", algorithm, res)
		}
	}
	all := b.Registrations()
	if len(all) != 2 || all[0].Extension != "201" || all[0].Transport != "UDP" || all[0].UserAgent != "Test/1" || !all[0].Reachable || !all[0].Since.After(all[1].Since) {
		t.Errorf("registrations %+v", all)
	}
	if ups, _ := b.told(); len(ups) != 1 || !strings.HasPrefix(ups[0], "up 201 127.0.0.1:") {
		t.Errorf("told %q", ups)
	}
}

func TestUnregister(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		more []string
	}{
		{"expires 0", []string{"Expires: 0"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := startBox(t, nil)
			p := b.phone("201")
			p.register("Expires: 120")
			p.register(c.more...)
			if n := len(b.Registrations()); n != 0 {
				t.Errorf("%d registrations left", n)
			}
			ups, _ := b.told()
			if len(ups) != 2 || !strings.HasPrefix(ups[1], "down 201: the phone signed off") {
				t.Errorf("told %q", ups)
			}
		})
	}
}

func TestUnregisterAll(t *testing.T) {
	t.Parallel()
	b := startBox(t, nil)
	for range 2 {
		b.phone("201").register("Expires: 120")
	}
	p := b.phone("201")
	star := func(expires string) message {
		text := func(more ...string) string {
			return strings.Replace(p.request("REGISTER", "sip:box.test", "", append(more, expires)...), "Contact: <sip:201@"+p.addr().String()+">", "Contact: *", 1)
		}
		p.send(text())
		m := p.read("401")
		p.send(text(p.credentials(m.all("WWW-Authenticate")[1], "REGISTER", "sip:box.test", "00000001")))
		return p.read("SIP/2.0")
	}
	if m := star("Expires: 60"); !strings.Contains(m.first, "400") {
		t.Errorf("* with an expiry: %s", m.first)
	}
	if m := star("Expires: 0"); !strings.Contains(m.first, "200") || len(b.Registrations()) != 0 {
		t.Errorf("%s, %d left", m.first, len(b.Registrations()))
	}
}

func TestRegisterIntervalTooBrief(t *testing.T) {
	t.Parallel()
	b := startBox(t, nil)
	res := b.phone("201").register("Expires: 5")
	if !strings.Contains(res.first, "423") || res.header("Min-Expires") != "30" {
		t.Errorf("%s", res)
	}
}

func TestContactsAreBounded(t *testing.T) {
	t.Parallel()
	b := startBox(t, nil)
	var newest string
	for range contactLimit + 2 {
		p := b.phone("201")
		p.register("Expires: 120")
		newest = p.addr().String()
	}
	all := b.Registrations()
	if len(all) != contactLimit || all[0].Address != newest {
		t.Errorf("%d contacts, the first at %s; want %d, %s", len(all), all[0].Address, contactLimit, newest)
	}
}

func TestWrongPasswordIsSlowedAndTold(t *testing.T) {
	t.Parallel()
	const first = 20 * time.Millisecond
	b := startBox(t, nil, func(s *Server) { s.backoff.first = first })
	p := b.phone("201")
	p.password = "guess"
	var waits []time.Duration
	for range 3 {
		began := time.Now()
		if res := p.register(); !strings.Contains(res.first, "403") {
			t.Fatalf("%s", res.first)
		}
		waits = append(waits, time.Since(began))
	}
	if waits[0] < first || waits[1] < 2*first || waits[2] < 4*first {
		t.Errorf("answers after %v", waits)
	}
	stranger := b.phone("999")
	if res := stranger.register(); !strings.Contains(res.first, "403") {
		t.Errorf("unknown extension: %s", res.first)
	}
	if _, refused := b.told(); len(refused) != 4 || !strings.HasPrefix(refused[0], "sip 201 127.0.0.1:") || !strings.HasPrefix(refused[3], "sip 999 ") {
		t.Errorf("told %q", refused)
	}
	if len(b.Registrations()) != 0 {
		t.Error("somebody got in")
	}
	good := b.phone("202")
	began := time.Now()
	if res := good.register(); !strings.Contains(res.first, "200") || time.Since(began) > 10*first {
		t.Errorf("the right password of another from the same address: %s after %v", res.first, time.Since(began))
	}
}

func TestNobodySpeaksForAnother(t *testing.T) {
	t.Parallel()
	b := startBox(t, nil)
	p := b.phone("201")
	p.send(p.request("INVITE", "sip:202@box.test", p.sdp()))
	m := p.read("401")
	p.sendFor(m, "ACK", "sip:202@box.test")
	text := p.request("INVITE", "sip:202@box.test", p.sdp(), p.credentials(m.all("WWW-Authenticate")[0], "INVITE", "sip:202@box.test", "00000001"))
	p.send(strings.Replace(text, "From: <sip:201@", "From: <sip:202@", 1))
	if res := p.read("SIP/2.0 4"); !strings.Contains(res.first, "403") {
		t.Errorf("%s", res.first)
	}
}

func TestNonceIsUsedOnceAndGrowsStale(t *testing.T) {
	t.Parallel()
	b := startBox(t, nil)
	p := b.phone("201")
	p.send(p.request("REGISTER", "sip:box.test", ""))
	challenge := p.read("401").all("WWW-Authenticate")[0]
	try := func(nc string) message {
		p.send(p.request("REGISTER", "sip:box.test", "", p.credentials(challenge, "REGISTER", "sip:box.test", nc)))
		return p.read("SIP/2.0")
	}
	for _, c := range []struct {
		nc, want string
		stale    bool
	}{{"00000001", "200", false}, {"00000002", "200", false}, {"00000002", "401", true}, {"00000001", "401", true}, {"00000003", "200", false}} {
		res := try(c.nc)
		if !strings.Contains(res.first, c.want) || strings.Contains(res.header("WWW-Authenticate"), "stale=true") != c.stale {
			t.Errorf("nc %s: %s %s", c.nc, res.first, res.header("WWW-Authenticate"))
		}
	}
	if _, refused := b.told(); len(refused) != 0 {
		t.Errorf("a used nonce with the right password was told as %q", refused)
	}
	if b.nonces.use(b.nonces.make(time.Now().Add(-nonceLife-time.Second)), 1, time.Now()) {
		t.Error("an old nonce is taken")
	}
	if newNonces().use(b.nonces.make(time.Now()), 1, time.Now()) {
		t.Error("a nonce of another box is taken")
	}
}

// memory is a Keeper.
type memory struct {
	mu     sync.Mutex
	kept   map[string][]byte
	writes int
}

func (m *memory) Keep(key string, value []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if value == nil {
		delete(m.kept, key)
	} else {
		m.writes++
		m.kept[key] = value
	}
	return nil
}

func (m *memory) count() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.writes
}

func (m *memory) Kept() map[string][]byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := map[string][]byte{"300": []byte("rubbish"), "301": []byte(`{"at":"2001-01-01T00:00:00Z"}`)}
	for k, v := range m.kept {
		c[k] = v
	}
	return c
}

func TestPhonesAreFoundAgainAfterARestart(t *testing.T) {
	t.Parallel()
	m := &memory{kept: map[string][]byte{}}
	first := startBox(t, func(o *Options) { o.Keeper = m })
	p := first.phone("201")
	p.register("Expires: 120")
	p.register("Expires: 120")
	p.register("Expires: 120")
	if n := m.count(); n != 1 {
		t.Errorf("%d writes for one phone that refreshed twice", n)
	}
	first.stop()
	second := startBox(t, func(o *Options) { o.Keeper = m; o.Settings.Phones.UDP = first.settings.Phones.UDP })
	p.box = second
	if all := second.Registrations(); len(all) != 1 || all[0].Reachable {
		t.Fatalf("after the restart: %+v", all)
	}
	p.send(p.answerTo(p.read("OPTIONS sip:201@"), "200 OK", ""))
	second.await("the phone to be up", func() bool { all := second.Registrations(); return len(all) == 1 && all[0].Reachable })
	if ups, _ := second.told(); len(ups) != 1 {
		t.Errorf("told %q", ups)
	}
}

func TestSilentPhoneIsUnreachable(t *testing.T) {
	t.Parallel()
	b := startBox(t, func(o *Options) { o.Settings.Phones.KeepAliveS = 1 })
	p := b.phone("201")
	p.register("Expires: 120")
	p.send(p.answerTo(p.read("OPTIONS"), "405 Method Not Allowed", "")) // any answer is a sign of life
	_ = p.conn.Close()                                                  // switched off: its host says so by ICMP
	b.await("the phone to be down", func() bool { ups, _ := b.told(); return len(ups) == 2 })
	if ups, _ := b.told(); !strings.HasPrefix(ups[1], "down 201: ") || !strings.Contains(ups[1], "ICMP") {
		t.Errorf("told %q", ups)
	}
	if all := b.Registrations(); len(all) != 1 || all[0].Reachable {
		t.Errorf("%+v", all)
	}
}

// Who has to encrypt neither registers nor calls nor is called over UDP, and is told why.
func TestAnExtensionThatMustEncrypt(t *testing.T) {
	t.Parallel()
	b := startBox(t, nil)
	p := b.phone("201")
	p.register("Expires: 120")
	to := b.settings
	to.Agents = slices.Clone(to.Agents)
	to.Agents[0].Encrypt = true
	if err := b.Apply(b.settings, to); err != nil {
		t.Fatal(err)
	}
	if ups, _ := b.told(); len(b.Registrations()) != 0 || len(ups) != 2 || ups[1] != "down 201: the phone did not register over TLS, and its sound must be encrypted" {
		t.Errorf("%d phones are registered, told %q", len(b.Registrations()), ups)
	}
	p.anew()
	if res := p.register("Expires: 120"); !strings.Contains(res.first, " 403 ") || !strings.Contains(res.header("Warning"), "over TLS") {
		t.Errorf("REGISTER: %s", res)
	}
	for name, body := range map[string]string{"plain": p.sdp(), "none": ""} {
		res := p.invite("9001", body)
		if !strings.Contains(res.first, " 488 ") || !strings.Contains(res.header("Warning"), "must be encrypted") {
			t.Errorf("INVITE with SDP %s: %s", name, res)
		}
		p.sendFor(res, "ACK", "sip:9001@box.test")
	}
	b.Server.bindings.bind("201", &binding{Contact: "sip:201@" + p.addr().String(), Transport: "UDP", Source: p.addr(), CallID: "kept", Expires: time.Now().Add(time.Minute)}, time.Now())
	h, events := handler()
	if _, err := b.Dial("201", call.Outgoing{}, h); err != nil {
		t.Fatal(err)
	}
	if end := event[call.Cleared](t, events); end.Cause != q850.IncompatibleDestination || !strings.Contains(end.Detail, "did not register over TLS") {
		t.Errorf("%+v", end)
	}
}

// Comfort noise is offered, answered where it is offered, and sent in place of silence, only where silence is to be told.
func TestComfortNoiseIsAgreedOn(t *testing.T) {
	t.Parallel()
	for _, hushes := range []bool{false, true} {
		b := startBox(t, func(o *Options) { o.Settings.Phones.SuppressSilence = hushes })
		calls := b.calls()
		p := b.phone("201")
		p.register("Expires: 120")
		ear, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.AddrPortFrom(loopback, 0)))
		if err != nil {
			t.Fatal(err)
		}
		defer ear.Close()
		p.port = ear.LocalAddr().(*net.UDPAddr).Port
		p.invite("9001", strings.Replace(p.sdp(), "8 0 101", "8 13 101", 1))
		k := b.next(calls)
		k.Leg.Answer()
		answer := p.read("SIP/2.0 200")
		if has := strings.Contains(answer.body, "a=rtpmap:13 CN/8000"); has != hushes || strings.Contains(answer.body, " 13") != hushes {
			t.Errorf("suppressed %v: answered\n%s", hushes, answer.body)
		}
		event[call.Sounding](t, k.events)
		heard := make(chan bool, 1) // of comfort noise
		go func() {
			packet := make([]byte, 1500)
			for {
				if _, _, err := ear.ReadFromUDPAddrPort(packet); err != nil {
					return
				}
				if packet[1]&0x7F == 13 {
					heard <- true
					return
				}
			}
		}()
		silence := bytes.Repeat([]byte{k.Leg.Sound().Law().Silence()}, 80)
		noise, tick := 0, time.NewTicker(10*time.Millisecond)
		for blocks := 0; blocks < 200 && noise == 0; blocks++ { // two seconds, as fast as the box speaks
			select {
			case <-heard:
				noise++
			case <-tick.C:
				k.Leg.Sound().Speak(silence)
			}
		}
		tick.Stop()
		if (noise > 0) != hushes {
			t.Errorf("suppressed %v: %d packets of comfort noise", hushes, noise)
		}
		h, _ := handler()
		if _, err := b.Dial("201", call.Outgoing{}, h); err != nil {
			t.Fatal(err)
		}
		offer := p.read("INVITE ")
		if has := strings.Contains(offer.body, "a=rtpmap:13 CN/8000"); has != hushes {
			t.Errorf("suppressed %v: offered\n%s", hushes, offer.body)
		}
	}
}

func TestApplyChangesAgentsAndPorts(t *testing.T) {
	t.Parallel()
	b := startBox(t, nil)
	one, two := b.phone("201"), b.phone("202")
	one.register("Expires: 120")
	two.register("Expires: 120")
	to := b.settings
	to.Agents = append(to.Agents[:0:0], to.Agents...)
	to.Agents[0].Password = "another horse 201"
	to.Phones.UDP = "127.0.0.1:" + "0" // the same words: the port stays open
	before := b.Listening("UDP")
	if err := b.Apply(b.settings, to); err != nil {
		t.Fatal(err)
	}
	if all := b.Registrations(); len(all) != 1 || all[0].Extension != "202" || b.Listening("UDP") != before {
		t.Errorf("after the password changed: %+v", all)
	}
	old := to
	to.Agents = to.Agents[:1]
	to.Phones.UDP, to.Phones.TCP = "127.0.0.2:0", "127.0.0.1:0"
	if err := b.Apply(old, to); err != nil {
		t.Fatal(err)
	}
	if len(b.Registrations()) != 0 || b.Listening("UDP") == before || !b.Listening("TCP").IsValid() {
		t.Errorf("ports %v %v, %d registrations", b.Listening("UDP"), b.Listening("TCP"), len(b.Registrations()))
	}
	old = to
	to.Phones.UDP = "192.0.2.254:5060" // not ours
	if err := b.Apply(old, to); err == nil || b.Listening("UDP").IsValid() || !b.Listening("TCP").IsValid() {
		t.Errorf("an address that is not ours: %v", err)
	}
}
