package sipphone

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"trunkbox/firmware/config"
)

// listener is one open port.
type listener struct {
	network string // UDP, TCP, TLS
	asked   string // as the settings say it
	local   netip.AddrPort
	close   func()
	done    chan struct{}
}

// The transports, in the order they are opened.
var networks = []string{"UDP", "TCP", "TLS"}

// asked is the listen address the settings give a transport; empty: off.
func asked(p config.PhoneRules, network string) string {
	switch network {
	case "UDP":
		return p.UDP
	case "TCP":
		return p.TCP
	}
	return p.TLS
}

// listening is the open port of a transport, nil when it is off or cannot be opened.
func (s *Server) listening(network string) *listener {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.listeners[network]
}

// listen opens and closes ports until they are what the settings say. Ports that stay are not touched.
func (s *Server) listen() error {
	s.listenMu.Lock()
	defer s.listenMu.Unlock()
	rules := s.rules.Load().phones
	var failed []error
	for _, network := range networks {
		want := asked(rules, network)
		if network == "TLS" && len(s.options.TLS.Certificate) == 0 {
			want = ""
		}
		old := s.listening(network)
		if old != nil && old.asked == want && !isDone(old.done) {
			continue
		}
		if old != nil {
			s.setListener(network, nil)
			old.close()
			<-old.done
		}
		if want == "" {
			continue
		}
		l, err := s.open(network, want)
		if err != nil {
			failed = append(failed, err)
			continue
		}
		s.setListener(network, l)
		s.log.Info("listening for phones", "transport", network, "address", l.local)
	}
	return errors.Join(failed...)
}

func (s *Server) setListener(network string, l *listener) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l == nil {
		delete(s.listeners, network)
		return
	}
	s.listeners[network] = l
}

func isDone(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// open opens one port and serves it.
func (s *Server) open(network, address string) (*listener, error) {
	l := &listener{network: network, asked: address, done: make(chan struct{})}
	if network == "UDP" {
		opened, err := classed.ListenPacket(context.Background(), "udp", address)
		if err != nil {
			return nil, fmt.Errorf("SIP over UDP on %q: %w", address, err)
		}
		conn := opened.(*net.UDPConn)
		told, err := newTelling(conn, s.refusals.tell)
		if err != nil {
			_ = conn.Close()
			return nil, fmt.Errorf("SIP over UDP on %q: %w", address, err)
		}
		l.local = conn.LocalAddr().(*net.UDPAddr).AddrPort()
		l.close = func() { _ = conn.Close() }
		go s.serve(l, func() error { return s.sip.ServeUDP(told) })
		return l, nil
	}
	plain, err := classed.Listen(context.Background(), "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("SIP over %s on %q: %w", network, address, err)
	}
	l.local = plain.Addr().(*net.TCPAddr).AddrPort()
	door := newDoor(plain, func(from netip.AddrPort) { s.lost(network, from) })
	l.close = door.shut
	if network == "TCP" {
		go s.serve(l, func() error { return s.sip.ServeTCP(door) })
		return l, nil
	}
	secure := tls.NewListener(door, &tls.Config{Certificates: []tls.Certificate{s.options.TLS}, MinVersion: tls.VersionTLS12})
	go s.serve(l, func() error { return s.sip.ServeTLS(secure) })
	return l, nil
}

func (s *Server) serve(l *listener, serve func() error) {
	defer close(l.done)
	if err := serve(); err != nil && !errors.Is(err, net.ErrClosed) {
		s.log.Error("SIP port closed itself", "transport", l.network, "address", l.local, "error", err)
	}
}

// reopen tries again to open what could not be opened, until ctx is done.
func (s *Server) reopen(ctx context.Context) {
	ticker := time.NewTicker(5 * time.Second)
	defer ticker.Stop()
	var told string
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if err := s.listen(); err != nil && err.Error() != told {
				told = err.Error()
				s.log.Warn("a SIP port is still closed", "error", err)
			}
		}
	}
}

// closeAll closes every port.
func (s *Server) closeAll() {
	s.listenMu.Lock()
	defer s.listenMu.Unlock()
	for _, network := range networks {
		if l := s.listening(network); l != nil {
			s.setListener(network, nil)
			l.close()
			<-l.done
		}
	}
}

// door is a listener that lets in a bounded number of connections and tells when one is gone.
type door struct {
	net.Listener
	gone func(netip.AddrPort)
	mu   sync.Mutex
	open map[*guest]struct{}
	each map[netip.Addr]int
}

const (
	connectionsAtAll = 1000
	connectionsEach  = 200 // of one address: a NAT with many phones
)

func newDoor(l net.Listener, gone func(netip.AddrPort)) *door {
	return &door{Listener: l, gone: gone, open: map[*guest]struct{}{}, each: map[netip.Addr]int{}}
}

// guest is one connection.
type guest struct {
	net.Conn
	door *door
	from netip.AddrPort
	once sync.Once
}

// Accept gives the next connection that may come in; the others are closed.
func (d *door) Accept() (net.Conn, error) {
	for {
		conn, err := d.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if tcp, ok := conn.(*net.TCPConn); ok { // over IPv6 it does not take its listener's mark
			if raw, err := tcp.SyscallConn(); err == nil {
				_ = classify(raw)
			}
		}
		from := conn.RemoteAddr().(*net.TCPAddr).AddrPort()
		g := &guest{Conn: conn, door: d, from: netip.AddrPortFrom(from.Addr().Unmap(), from.Port())}
		d.mu.Lock()
		welcome := len(d.open) < connectionsAtAll && d.each[g.from.Addr()] < connectionsEach
		if welcome {
			d.open[g] = struct{}{}
			d.each[g.from.Addr()]++
		}
		d.mu.Unlock()
		if welcome {
			return g, nil
		}
		_ = conn.Close()
	}
}

// Close ends the connection and tells it once.
func (g *guest) Close() error {
	err := g.Conn.Close()
	g.once.Do(func() {
		g.door.mu.Lock()
		delete(g.door.open, g)
		if g.door.each[g.from.Addr()]--; g.door.each[g.from.Addr()] <= 0 {
			delete(g.door.each, g.from.Addr())
		}
		g.door.mu.Unlock()
		g.door.gone(g.from)
	})
	return err
}

// shut closes the port and its connections.
func (d *door) shut() {
	_ = d.Listener.Close()
	d.mu.Lock()
	var guests []*guest
	for g := range d.open {
		guests = append(guests, g)
	}
	d.mu.Unlock()
	for _, g := range guests {
		_ = g.Close()
	}
}
