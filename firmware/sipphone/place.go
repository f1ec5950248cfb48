package sipphone

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"

	"github.com/emiago/sipgo/sip"
)

// place is where a phone is: its transport and the address its packets come from. Requests go there and
// not to the host of its Contact, which a NAT makes wrong (RFC 3581, RFC 5626).
type place struct {
	transport string // UDP, TCP, TLS
	addr      netip.AddrPort
	name      string // of a carrier's certificate, else empty
}

func (p place) String() string { return p.addr.String() }

// placeOf is where a request came from.
func placeOf(m sip.Message) place { return place{transport: m.Transport(), addr: sourceOf(m)} }

// host is the address of the box as the phone at p sees it: the external one for a phone beyond the
// NAT, else that of the interface that leads to it.
func (s *Server) host(p place) string {
	rules := s.rules.Load()
	if rules.phones.External != "" && beyond(p.addr.Addr()) {
		return rules.phones.External
	}
	if l := s.listening(p.transport); l != nil && !l.local.Addr().IsUnspecified() {
		return l.local.Addr().String()
	}
	// No packet is sent: connecting a UDP socket only asks the kernel for its route.
	conn, err := net.Dial("udp", netip.AddrPortFrom(p.addr.Addr(), 9).String())
	if err != nil {
		return rules.phones.Realm
	}
	defer func() { _ = conn.Close() }()
	return conn.LocalAddr().(*net.UDPAddr).AddrPort().Addr().Unmap().String()
}

// beyond tells whether an address lies on the far side of the owner's NAT: it is public.
func beyond(a netip.Addr) bool {
	return a.IsValid() && a.IsGlobalUnicast() && !a.IsPrivate() && !sharedSpace.Contains(a)
}

// sharedSpace is a carrier's own network (RFC 6598).
var sharedSpace = netip.MustParsePrefix("100.64.0.0/10")

// boxUser is what the box calls itself in its own URIs.
const boxUser = "trunkbox"

// boxUri is the box's own address on the transport of p: host, listening port, transport.
func (s *Server) boxUri(p place) sip.Uri {
	uri := sip.Uri{Scheme: "sip", User: boxUser, Host: bracketed(s.host(p))}
	if l := s.listening(p.transport); l != nil {
		uri.Port = int(l.local.Port())
	}
	if p.transport != "UDP" {
		uri.UriParams = sip.HeaderParams{{K: "transport", V: strings.ToLower(p.transport)}}
	}
	return uri
}

// bracketed puts an IPv6 address in the brackets that a URI wants.
func bracketed(host string) string {
	if strings.Contains(host, ":") && !strings.HasPrefix(host, "[") {
		return "[" + host + "]"
	}
	return host
}

// send starts a client transaction to the phone at p. The Via is ours, new for every transaction.
func (s *Server) send(ctx context.Context, req *sip.Request, p place) (sip.ClientTransaction, error) {
	if err := s.address(req, p); err != nil {
		return nil, err
	}
	return s.client.TransactionRequest(ctx, req, asBuilt)
}

// finish ends a transaction other than INVITE whose final answer has been taken: nothing of it comes again. sipgo sets a
// timer of 32 s (Timer K) once it has handed the answer on, which Err waits for: set after the end, it would keep all of the
// transaction.
func finish(tx sip.ClientTransaction) {
	_ = tx.Err()
	tx.Terminate()
}

// sendACK sends the ACK of a 2xx, which has no transaction.
func (s *Server) sendACK(req *sip.Request, p place) error {
	if err := s.address(req, p); err != nil {
		return err
	}
	return s.client.WriteRequest(req, asBuilt)
}

// address gives the request its Via, unless it has one, and its way.
func (s *Server) address(req *sip.Request, p place) error {
	l := s.listening(p.transport)
	if l == nil {
		return fmt.Errorf("%s is switched off", p.transport)
	}
	if req.Via() == nil {
		via := &sip.ViaHeader{ProtocolName: "SIP", ProtocolVersion: "2.0", Transport: p.transport, Host: bracketed(s.host(p)), Port: int(l.local.Port())}
		via.Params.Add("branch", sip.GenerateBranchN(16))
		via.Params.Add("rport", "")
		req.PrependHeader(via)
	}
	req.SetTransport(p.transport)
	req.SetDestination(p.destination())
	if p.transport == "UDP" {
		// Names the listening socket: without it a phone that has not yet sent anything (after a restart
		// of the box) would be written to from a new port, which its NAT refuses.
		req.Laddr = sip.Addr{IP: net.IP(l.local.Addr().AsSlice()), Port: int(l.local.Port())}
	}
	return nil
}

// destination is the address as the SIP library takes it: by name where a certificate has to fit.
func (p place) destination() string {
	if p.name != "" {
		return net.JoinHostPort(p.name, strconv.Itoa(int(p.addr.Port())))
	}
	return p.addr.String()
}

func parseAddrPort(s string) (netip.AddrPort, error) {
	a, err := netip.ParseAddrPort(s)
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()), err
}

// refusals lets those who wait for an answer of a phone know when its host refuses packets.
type refusals struct {
	mu      sync.Mutex
	waiting map[*refusal]netip.AddrPort
}

type refusal struct{ told chan struct{} }

func (r *refusals) watch(p place) *refusal {
	w := &refusal{told: make(chan struct{})}
	if p.transport != "UDP" {
		return w
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.waiting == nil {
		r.waiting = map[*refusal]netip.AddrPort{}
	}
	r.waiting[w] = p.addr
	return w
}

func (r *refusals) forget(w *refusal) {
	r.mu.Lock()
	delete(r.waiting, w)
	r.mu.Unlock()
}

// tell wakes those who wait for addr.
func (r *refusals) tell(addr netip.AddrPort) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for w, a := range r.waiting {
		if a == addr {
			close(w.told)
			delete(r.waiting, w)
		}
	}
}
