package sipphone

import (
	"net/netip"
	"testing"
	"time"
)

func TestACarriersServerMaySendMoreThanAPhone(t *testing.T) {
	g := newGuard()
	now := time.Now()
	g.now = func() time.Time { return now }
	server, phone := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")
	g.near = func(a netip.Addr) bool { return a == server }
	let := map[netip.Addr]int{}
	const most = int(burst)
	for range 3 * most {
		for _, a := range []netip.Addr{server, phone} {
			if g.allow(a) {
				let[a]++
			}
		}
	}
	if let[server] != 3*most || let[phone] != most {
		t.Errorf("of %d datagrams passed: server %d, phone %d", 3*most, let[server], let[phone])
	}
}
