package siptrunk

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"testing"

	"trunkbox/firmware/config"
)

// names is a name server.
type names struct {
	services map[string][]*net.SRV
	hosts    map[string][]string
}

func (n names) LookupSRV(_ context.Context, service, proto, name string) (string, []*net.SRV, error) {
	if found := n.services["_"+service+"._"+proto+"."+name]; found != nil {
		return "", found, nil
	}
	return "", nil, errors.New("no such service")
}

func (n names) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	var addrs []netip.Addr
	for _, a := range n.hosts[host] {
		addrs = append(addrs, netip.MustParseAddr(a))
	}
	if addrs == nil {
		return nil, errors.New("no such host")
	}
	return addrs, nil
}

func TestServersAreFound(t *testing.T) {
	server := names{
		services: map[string][]*net.SRV{
			"_sip._udp.carrier.example":  {{Target: "a.carrier.example.", Port: 5070}, {Target: "b.carrier.example.", Port: 5080}, {Target: "gone.", Port: 1}},
			"_sips._tcp.carrier.example": {{Target: "a.carrier.example.", Port: 5071}},
		},
		hosts: map[string][]string{"a.carrier.example": {"2001:db8::1", "192.0.2.1"}, "b.carrier.example": {"192.0.2.2"}, "pbx.example": {"192.0.2.3", "192.0.2.3"}},
	}
	for _, c := range []struct {
		server, transport string
		want              []string
	}{
		{"carrier.example", "udp", []string{"192.0.2.1:5070", "[2001:db8::1]:5070", "192.0.2.2:5080"}},
		{"carrier.example", "tls", []string{"192.0.2.1:5071", "[2001:db8::1]:5071"}},
		{"pbx.example", "udp", []string{"192.0.2.3:5060"}},
		{"pbx.example", "tls", []string{"192.0.2.3:5061"}},
		{"pbx.example:5099", "tcp", []string{"192.0.2.3:5099"}},
		{"carrier.example:5060", "udp", nil}, // a port is told: no SRV, and there is no host of that name
		{"192.0.2.7", "udp", []string{"192.0.2.7:5060"}},
		{"[2001:db8::7]:5062", "udp", []string{"[2001:db8::7]:5062"}},
	} {
		trunk := (&Trunks{times: defaultTimes, resolver: server}).newTrunk(config.Trunk{Name: "t", Server: c.server, Transport: c.transport}, nil)
		err := trunk.resolve(t.Context())
		var got []string
		for _, a := range trunk.servers() {
			got = append(got, a.String())
		}
		if !slices.Equal(got, c.want) || (err == nil) != (c.want != nil) {
			t.Errorf("%s %s: %v (%v), want %v", c.server, c.transport, got, err, c.want)
		}
	}
}

func TestTheAddressInUseStaysInUse(t *testing.T) {
	server := names{hosts: map[string][]string{"pbx.example": {"192.0.2.1", "192.0.2.2"}}}
	trunk := (&Trunks{times: defaultTimes, resolver: &server}).newTrunk(config.Trunk{Name: "t", Server: "pbx.example", Transport: "udp"}, nil)
	if err := trunk.resolve(t.Context()); err != nil {
		t.Fatal(err)
	}
	trunk.next()
	server.hosts["pbx.example"] = []string{"192.0.2.3", "192.0.2.1", "192.0.2.2"}
	if err := trunk.resolve(t.Context()); err != nil {
		t.Fatal(err)
	}
	if at, ok := trunk.place(); !ok || at.String() != "192.0.2.2:5060" {
		t.Errorf("in use: %v", at)
	}
	server.hosts = nil
	if err := trunk.resolve(t.Context()); err == nil || len(trunk.servers()) != 3 {
		t.Errorf("what was known is lost: %v, %v", trunk.servers(), err)
	}
}

func TestWhoseRequestItIs(t *testing.T) {
	trunk := newTestTrunk(config.Trunk{Name: "t", Server: "192.0.2.1:5080", Transport: "udp", User: "1000"})
	for _, c := range []struct {
		user, transport, from string
		want                  int
	}{
		{"201", "UDP", "192.0.2.1:5080", byPort},
		{"1000", "UDP", "192.0.2.1:5080", byPort + byAccount},
		{"201", "TCP", "192.0.2.1:5080", byAddress},
		{"201", "UDP", "192.0.2.1:5060", byAddress},
		{"1000", "UDP", "192.0.2.1:5060", byAddress + byAccount},
		{"1000", "UDP", "192.0.2.2:5080", 0}, // the account's number alone proves nothing
		{trunk.contact, "UDP", "192.0.2.2:5080", byContact},
	} {
		if got := trunk.rank(c.user, c.transport, netip.MustParseAddrPort(c.from)); got != c.want {
			t.Errorf("%s from %s by %s: %d, want %d", c.user, c.from, c.transport, got, c.want)
		}
	}
	other := newTestTrunk(config.Trunk{Name: "t", Server: "192.0.2.1:5080", Transport: "udp", User: "1000", Password: "x"})
	if other.contact == trunk.contact {
		t.Error("the contact can be guessed without the password")
	}
}
