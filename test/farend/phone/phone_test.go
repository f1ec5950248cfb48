package phone

import (
	"context"
	"crypto/md5"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo"
	"github.com/emiago/sipgo/sip"
	"github.com/icholy/digest"

	"trunkbox/dsp"
	"trunkbox/test/farend/crowd"
)

// limit is how long a test waits for anything.
func limit(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func newPhone(t *testing.T, o Options) *Phone {
	t.Helper()
	p, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

// pair is a telephone and another one that it takes for its exchange.
func pair(t *testing.T, here, there Options) (*Phone, *Phone) {
	there.Server, there.User = "127.0.0.1:9", "8002"
	b := newPhone(t, there)
	here.Server, here.User = b.Address(), "8001"
	return newPhone(t, here), b
}

func talk(t *testing.T, a, b *Phone) (*Call, *Call) {
	t.Helper()
	ctx := limit(t)
	ca, err := a.Place("8002")
	must(t, err)
	cb, err := b.WaitCall(ctx)
	must(t, err)
	must(t, ca.WaitRinging(ctx))
	must(t, cb.Answer(ctx))
	must(t, ca.WaitAnswer(ctx))
	return ca, cb
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestCallWithSoundKeysAndHold(t *testing.T) {
	for _, law := range []dsp.Law{dsp.ALaw, dsp.MuLaw} {
		a, b := pair(t, Options{Name: "王芳", Law: dsp.ALaw, OtherLaw: true}, Options{Law: law})
		ca, cb := talk(t, a, b)
		ctx := limit(t)
		if cb.Number() != "8001" || cb.Name() != "王芳" {
			t.Errorf("the caller is %q %q", cb.Number(), cb.Name())
		}
		ca.PlayTone(620)
		cb.PlayTone(1330)
		must(t, cb.WaitTone(ctx, 620))
		must(t, ca.WaitTone(ctx, 1330))
		must(t, ca.SendKeys("159#*D"))
		must(t, cb.WaitKeys(ctx, "159#*D"))

		must(t, ca.Hold(ctx))
		if !cb.HeldByOther() {
			t.Error("the held telephone does not know")
		}
		must(t, ca.Resume(ctx))
		if cb.HeldByOther() {
			t.Error("the telephone is still held")
		}
		ca.PlayTone(850)
		must(t, cb.WaitTone(ctx, 850))

		cb.Hangup()
		if code, _, err := ca.WaitEnded(ctx); err != nil || code != 0 {
			t.Errorf("the call ended with %d, %v", code, err)
		}
	}
}

// TestSharedSound: a telephone whose sound a crowd moves talks with one that has sockets of its own.
func TestSharedSound(t *testing.T) {
	c, err := crowd.New(0, netip.MustParseAddr("127.0.0.2"))
	must(t, err)
	t.Cleanup(c.Close)
	a, b := pair(t, Options{Crowd: c.End(0), Law: dsp.ALaw, OtherLaw: true, RecordS: -1}, Options{Law: dsp.MuLaw})
	if !strings.HasPrefix(a.Address(), "127.0.0.2:") {
		t.Errorf("the telephone is at %s, its crowd is not", a.Address())
	}
	ca, cb := talk(t, a, b)
	ctx := limit(t)
	ca.PlayTone(620)
	cb.PlayTone(1330)
	must(t, cb.WaitTone(ctx, 620))
	must(t, ca.WaitTone(ctx, 1330))
	ca.PlayTone(850)
	must(t, cb.WaitTone(ctx, 850))
	must(t, ca.SendKeys("42"))
	must(t, cb.WaitKeys(ctx, "42"))
	if sent, received := ca.Packets(); sent < 25 || received < 25 {
		t.Errorf("%d packets sent and %d received in more than half a second", sent, received)
	}
	cb.Hangup()
	_, _, err = ca.WaitEnded(ctx)
	must(t, err)
}

func TestKeysAsSound(t *testing.T) {
	a, b := pair(t, Options{}, Options{NoKeys: true})
	ca, cb := talk(t, a, b)
	must(t, ca.SendKeys("42"))
	must(t, cb.WaitKeys(limit(t), "42"))
	if err := ca.SendKeys("4x"); err == nil {
		t.Error("x is taken for a key")
	}
}

func TestRefusals(t *testing.T) {
	a, b := pair(t, Options{}, Options{})
	ctx := limit(t)
	refused := func(code int, refuse func(*Call)) {
		t.Helper()
		c, err := a.Place("8002")
		must(t, err)
		if refuse != nil {
			other, err := b.WaitCall(ctx)
			must(t, err)
			refuse(other)
		}
		var ended EndedError
		if err := c.WaitAnswer(ctx); !errors.As(err, &ended) || ended.Code != code {
			t.Errorf("%v, want %d", err, code)
		}
	}
	refused(486, func(c *Call) { c.Reject(486) })
	refused(480, func(c *Call) { c.Hangup() })
	b.SetBusy(true)
	refused(486, nil)
	b.SetBusy(false)

	c, err := a.Place("8002") // given up while it rings
	must(t, err)
	other, err := b.WaitCall(ctx)
	must(t, err)
	must(t, c.WaitRinging(ctx))
	c.Hangup()
	if code, _, err := other.WaitEnded(ctx); err != nil || code != 487 {
		t.Errorf("the called telephone was told %d, %v", code, err)
	}
	if code, _, err := c.WaitEnded(ctx); err != nil || code != 487 {
		t.Errorf("the calling telephone was told %d, %v", code, err)
	}

	m, n := pair(t, Options{Law: dsp.MuLaw}, Options{Law: dsp.ALaw})
	c, err = m.Place("8002")
	must(t, err)
	other, err = n.WaitCall(ctx)
	must(t, err)
	if err := other.Answer(ctx); err == nil {
		t.Error("a call without a common law was answered")
	}
	if code, _, _ := c.WaitEnded(ctx); code != 488 {
		t.Errorf("no common law ended with %d, want 488", code)
	}
}

// registrar is an exchange that takes registrations and REFER and nothing else.
func registrar(t *testing.T, password string) (address string, seen chan string) {
	ua, err := sipgo.NewUA()
	must(t, err)
	server, err := sipgo.NewServer(ua)
	must(t, err)
	seen = make(chan string, 8)
	challenge := digest.Challenge{Realm: "box", Nonce: "dcd98b71", Algorithm: "MD5", QOP: []string{"auth"}}
	server.OnRegister(func(req *sip.Request, tx sip.ServerTransaction) {
		h := req.GetHeader("Authorization")
		if h == nil {
			res := sip.NewResponseFromRequest(req, 401, "Unauthorized", nil)
			res.AppendHeader(sip.NewHeader("WWW-Authenticate", challenge.String()))
			tx.Respond(res)
			return
		}
		c, err := digest.ParseCredentials(h.Value())
		if err != nil || c.Response != answer(c, password) {
			tx.Respond(sip.NewResponseFromRequest(req, 403, "Forbidden", nil))
			return
		}
		seen <- c.Username + " " + req.GetHeader("Expires").Value() + " " + req.Contact().Address.String()
		res := sip.NewResponseFromRequest(req, 200, "OK", nil)
		res.AppendHeader(sip.NewHeader("Expires", "120"))
		tx.Respond(res)
	})
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	must(t, err)
	go server.ServeUDP(conn)
	t.Cleanup(func() { ua.Close(); conn.Close() })
	return conn.LocalAddr().String(), seen
}

// answer is the digest of RFC 2617 3.2.2 by the book.
func answer(c *digest.Credentials, password string) string {
	h := func(s string) string { return fmt.Sprintf("%x", md5.Sum([]byte(s))) }
	return h(strings.Join([]string{h(c.Username + ":" + c.Realm + ":" + password), c.Nonce, fmt.Sprintf("%08x", c.Nc), c.Cnonce, c.QOP, h("REGISTER:" + c.URI)}, ":"))
}

func TestRegister(t *testing.T) {
	address, seen := registrar(t, "open sesame")
	p := newPhone(t, Options{Server: address, User: "8001", Password: "open sesame"})
	ctx := limit(t)
	must(t, p.Register(ctx))
	if got, want := <-seen, "8001 3600 sip:8001@"+p.Address(); got != want {
		t.Errorf("registered as %q, want %q", got, want)
	}
	if p.expires != 2*time.Minute {
		t.Errorf("the registration lasts %v, want the granted 2 min", p.expires)
	}
	must(t, p.Unregister(ctx))
	if got := <-seen; !strings.HasPrefix(got, "8001 0 ") {
		t.Errorf("unregistered as %q", got)
	}
	p.o.Password = "wrong"
	var refused StatusError
	if err := p.Register(ctx); !errors.As(err, &refused) || refused.Code != 403 {
		t.Errorf("a wrong password: %v", err)
	}
}

func FuzzDescription(f *testing.F) {
	f.Add([]byte("v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\nc=IN IP4 10.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8 0 101\r\na=rtpmap:101 telephone-event/8000\r\na=sendonly"))
	f.Add([]byte("m=audio 70000 RTP/AVP x\nc=IN IP4 nowhere"))
	f.Fuzz(func(t *testing.T, body []byte) {
		d, err := parseDescription(body)
		if err == nil && (d.address == nil || d.address.Port < 0 || d.address.Port > 65535) {
			t.Errorf("%q gives the address %v", body, d.address)
		}
	})
}
