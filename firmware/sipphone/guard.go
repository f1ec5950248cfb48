package sipphone

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"
)

// guard stands before the parser: it lets no source send more than a call centre's phones would, and
// drops what is no SIP or what a known scanner sent, so that neither costs a parse or a line of log.
type guard struct {
	mu        sync.Mutex
	sources   map[netip.Addr]*bucket
	strangers bucket // sources not seen before: sipgo remembers each for ever
	now       func() time.Time
	near      func(netip.Addr) bool // a carrier's server; nil: there is none
	dropped   uint64
}

// bucket holds what may still come; it fills again with time.
type bucket struct {
	left float64
	at   time.Time
}

// take takes one out; false: it is empty.
func (b *bucket) take(now time.Time, most, perSecond float64) bool {
	b.left = min(most, b.left+perSecond*now.Sub(b.at).Seconds())
	b.at = now
	if b.left < 1 {
		return false
	}
	b.left--
	return true
}

const (
	burst             = 600.0 // datagrams of one source
	perSecond         = 300.0
	strangerBurst     = 250.0
	strangerPerSecond = 20.0
	sourceLimit       = 4096 // sources watched; beyond that the idle ones are forgotten
)

// scanners name themselves in their headers.
var scanners = [][]byte{[]byte("friendly-scanner"), []byte("sipvicious"), []byte("sipcli"), []byte("VaxSIPUserAgent"), []byte("pplsip")}

func newGuard() *guard { return &guard{sources: map[netip.Addr]*bucket{}, now: time.Now} }

// filter is a sip.TransportReadFilter. It never gives an error, for sipgo would close the port on one.
func (g *guard) filter(info sip.TransportReadProps, data []byte) ([]byte, error) {
	if !g.allow(addrOf(info.RemoteAddr)) {
		return nil, nil
	}
	if info.Transport == "UDP" && !worthParsing(data) {
		g.mu.Lock()
		g.dropped++
		g.mu.Unlock()
		return nil, nil
	}
	return data, nil
}

func (g *guard) allow(from netip.Addr) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.now()
	b := g.sources[from]
	if b == nil {
		if !g.carrier(from) && !g.strangers.take(now, strangerBurst, strangerPerSecond) {
			g.dropped++
			return false
		}
		if len(g.sources) >= sourceLimit {
			g.forget(now)
		}
		b = &bucket{left: burst, at: now}
		g.sources[from] = b
	}
	if !b.take(now, burst, perSecond) && !g.carrier(from) {
		g.dropped++
		return false
	}
	return true
}

// carrier says whether a carrier's server has the address: its calls come as fast as they come.
func (g *guard) carrier(from netip.Addr) bool { return g.near != nil && g.near(from) }

// forget drops the sources whose bucket is full again, or all of them when none is.
func (g *guard) forget(now time.Time) {
	for from, b := range g.sources {
		if b.left+perSecond*now.Sub(b.at).Seconds() >= burst {
			delete(g.sources, from)
		}
	}
	if len(g.sources) >= sourceLimit {
		clear(g.sources)
	}
}

// worthParsing looks at the first line only as far as needed: "SIP/2.0 200 OK" or "METHOD sip:…".
func worthParsing(datagram []byte) bool {
	if len(bytes.Trim(datagram, "\r\n\x00")) == 0 {
		return len(datagram) <= 4 // keep-alive
	}
	first, _, ok := bytes.Cut(bytes.TrimLeft(datagram, "\r\n"), []byte("\r\n"))
	if !ok || !bytes.HasPrefix(first, []byte("SIP/2.0 ")) && !bytes.HasSuffix(first, []byte(" SIP/2.0")) {
		return false
	}
	head, _, _ := bytes.Cut(datagram, []byte("\r\n\r\n"))
	for _, name := range scanners {
		if bytes.Contains(head, name) {
			return false
		}
	}
	return true
}

func addrOf(a net.Addr) netip.Addr {
	switch a := a.(type) {
	case *net.UDPAddr:
		return a.AddrPort().Addr().Unmap()
	case *net.TCPAddr:
		return a.AddrPort().Addr().Unmap()
	}
	return netip.Addr{}
}

// sourceOf is where a request came from.
func sourceOf(m sip.Message) netip.AddrPort {
	a, err := netip.ParseAddrPort(m.Source())
	if err != nil {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
}

// capped passes the log of the SIP library on, but no more than a few records of each kind a minute and
// no whole packets: strangers decide what is in them.
type capped struct {
	slog.Handler
	shared *cappedKinds
}

type cappedKinds struct {
	mu    sync.Mutex
	since time.Time
	count map[string]int
}

const (
	cappedEach   = 5
	cappedLength = 200
)

func newCapped(log *slog.Logger) *slog.Logger {
	return slog.New(capped{log.Handler(), &cappedKinds{count: map[string]int{}}})
}

// Enabled leaves out the library's own debugging.
func (c capped) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && c.Handler.Enabled(ctx, level)
}

func (c capped) Handle(ctx context.Context, r slog.Record) error {
	c.shared.mu.Lock()
	if r.Time.Sub(c.shared.since) > time.Minute {
		c.shared.since = r.Time
		clear(c.shared.count)
	}
	c.shared.count[r.Message]++
	n := c.shared.count[r.Message]
	c.shared.mu.Unlock()
	if n > cappedEach {
		return nil
	}
	short := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	r.Attrs(func(a slog.Attr) bool {
		if a.Value.Kind() == slog.KindString && len(a.Value.String()) > cappedLength {
			a.Value = slog.StringValue(a.Value.String()[:cappedLength] + "…")
		}
		short.AddAttrs(a)
		return true
	})
	if n == cappedEach {
		short.AddAttrs(slog.Bool("more_this_minute_not_logged", true))
	}
	return c.Handler.Handle(ctx, short)
}

func (c capped) WithAttrs(attrs []slog.Attr) slog.Handler {
	return capped{c.Handler.WithAttrs(attrs), c.shared}
}

func (c capped) WithGroup(name string) slog.Handler {
	return capped{c.Handler.WithGroup(name), c.shared}
}
