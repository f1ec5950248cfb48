package siptrunk

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"

	"trunkbox/firmware/sipphone"
)

// resolver looks names up.
type resolver interface {
	LookupSRV(ctx context.Context, service, proto, name string) (string, []*net.SRV, error)
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// serverLimit is how many addresses of a server are kept.
const serverLimit = 16

// resolve looks the server's addresses up, in the order they are to be tried: by SRV where the settings name no port
// (RFC 3263 clause 4.2), else by address. What was known stays where nothing is found.
func (t *Trunk) resolve(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, t.trunks.times.answer)
	defer cancel()
	s := *t.settings.Load()
	host, port := hostPort(s)
	if _, err := netip.ParseAddr(host); err == nil {
		return nil // known from the beginning
	}
	type hop struct {
		host string
		port uint16
	}
	hops := []hop{{host, port}}
	if _, _, err := net.SplitHostPort(s.Server); err != nil {
		service, proto := "sip", s.Transport
		if proto == "tls" {
			service, proto = "sips", "tcp"
		}
		if _, records, err := t.trunks.resolver.LookupSRV(ctx, service, proto, host); err == nil && len(records) > 0 {
			hops = nil
			for _, r := range records {
				hops = append(hops, hop{strings.TrimSuffix(r.Target, "."), r.Port})
			}
		}
	}
	var found []netip.AddrPort
	var failed []error
	for _, h := range hops {
		addrs, err := t.trunks.resolver.LookupNetIP(ctx, "ip", h.host)
		if err != nil {
			failed = append(failed, err)
		}
		// IPv4 first: the ports of most boxes are open on it alone.
		slices.SortStableFunc(addrs, func(a, b netip.Addr) int { return a.Unmap().BitLen() - b.Unmap().BitLen() })
		for _, a := range addrs {
			if one := netip.AddrPortFrom(a.Unmap(), h.port); len(found) < serverLimit && !slices.Contains(found, one) {
				found = append(found, one)
			}
		}
	}
	if len(found) == 0 {
		return fmt.Errorf("no address of %q, %d records: %w", host, len(hops), errors.Join(failed...))
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	inUse := netip.AddrPort{}
	if t.at < len(t.known) {
		inUse = t.known[t.at]
	}
	t.known, t.at = found, max(slices.Index(found, inUse), 0)
	return nil
}

// servers are the addresses of the server.
func (t *Trunk) servers() []netip.AddrPort {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.known
}

// next goes to the server's next address.
func (t *Trunk) next() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.known) > 0 {
		t.at = (t.at + 1) % len(t.known)
	}
}

// place is where requests to the server go; false: no address is known.
func (t *Trunk) place() (sipphone.Place, bool) {
	t.mu.Lock()
	address := netip.AddrPort{}
	if t.at < len(t.known) {
		address = t.known[t.at]
	}
	t.mu.Unlock()
	s := t.settings.Load()
	host, _ := hostPort(*s)
	p, err := sipphone.PlaceAt(strings.ToUpper(s.Transport), address.String(), host)
	return p, err == nil
}

// How a request was found to be a trunk's, the surest last.
const (
	byAddress = 1
	byAccount = 2  // and it is for the account
	byPort    = 4  // and comes from the port, or over the connection, of the server
	byContact = 16 // it is for the contact that only the server knows
)

// rank says how surely a request to user from that address is of this trunk; 0: it is not.
func (t *Trunk) rank(user, transport string, from netip.AddrPort) int {
	if user == t.contact {
		return byContact
	}
	s := t.settings.Load()
	rank := 0
	for _, a := range t.servers() {
		if a.Addr() != from.Addr() {
			continue
		}
		rank = max(rank, byAddress)
		if a.Port() == from.Port() && strings.EqualFold(s.Transport, transport) {
			rank = byPort
		}
	}
	if rank > 0 && s.User != "" && s.User == user {
		rank += byAccount
	}
	return rank
}
