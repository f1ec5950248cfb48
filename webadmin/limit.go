package webadmin

import (
	"net"
	"net/netip"
	"sync"
	"time"
)

// The growing delay after wrong passwords: the first free ones cost nothing (people mistype), then
// each one doubles the time until the address may try again.
const (
	freeTries    = 3
	firstDelay   = 2 * time.Second
	longestDelay = 15 * time.Minute
	forgetAfter  = time.Hour // since the last try of an address
	maxAddresses = 4096      // remembered at once; when full, the one silent for longest is forgotten
)

// limits remembers the addresses that tried to sign in. A try counts before its password is checked, so
// that a thousand at once are not a thousand free ones.
type limits struct {
	mu    sync.Mutex
	tries map[netip.Prefix]tries
}

type tries struct {
	n    int
	last time.Time
	free time.Time // no try before
}

func newLimits() *limits { return &limits{tries: map[netip.Prefix]tries{}} }

// try counts one try from address and returns 0, or how long the address has to wait before the next.
func (l *limits) try(address string) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	key := network(address)
	t := l.tries[key]
	if now.Sub(t.last) > forgetAfter {
		t = tries{}
	}
	if wait := t.free.Sub(now); wait > 0 {
		return wait
	}
	t.n++
	t.last = now
	t.free = now.Add(delay(t.n))
	l.makeRoom(key)
	l.tries[key] = t
	return 0
}

// delay is how long an address waits after its nth wrong password.
func delay(n int) time.Duration {
	if n < freeTries {
		return 0
	}
	if over := n - freeTries; over < 10 {
		return min(firstDelay<<over, longestDelay)
	}
	return longestDelay
}

// forget clears the address after it gave the right password.
func (l *limits) forget(address string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.tries, network(address))
}

func (l *limits) makeRoom(key netip.Prefix) {
	if _, there := l.tries[key]; there || len(l.tries) < maxAddresses {
		return
	}
	var oldest netip.Prefix
	var at time.Time
	for k, t := range l.tries {
		if at.IsZero() || t.last.Before(at) {
			oldest, at = k, t.last
		}
	}
	delete(l.tries, oldest)
}

// network is what one person can be told apart by: an IPv4 address, or the /64 an IPv6 host chooses from.
func network(address string) netip.Prefix {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = address
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return netip.Prefix{}
	}
	ip = ip.Unmap().WithZone("")
	bits := 32
	if ip.Is6() {
		bits = 64
	}
	prefix, _ := ip.Prefix(bits)
	return prefix
}
