package rtp

import (
	"errors"
	"net"
	"net/netip"
	"testing"

	"golang.org/x/sys/unix"
)

var loopback = netip.MustParseAddr("127.0.0.1")

// freeRange finds n consecutive ports, the first even, that nobody listens on.
func freeRange(t testing.TB, n int) int {
	t.Helper()
	for range 50 {
		probe, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.AddrPortFrom(loopback, 0)))
		if err != nil {
			t.Fatal(err)
		}
		first := probe.LocalAddr().(*net.UDPAddr).Port &^ 1
		_ = probe.Close()
		free := first+n < 65535
		for i := 0; free && i < n; i++ {
			c, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.AddrPortFrom(loopback, uint16(first+i))))
			if err != nil {
				free = false
				break
			}
			_ = c.Close()
		}
		if free {
			return first
		}
	}
	t.Fatal("no free range of ports on the loopback")
	return 0
}

func TestPortsArePairsAndComeBack(t *testing.T) {
	first := freeRange(t, 6)
	ports, err := NewPorts(first, first+5)
	if err != nil {
		t.Fatal(err)
	}
	var pairs []pair
	for range 3 {
		p, err := ports.take(loopback)
		if err != nil {
			t.Fatal(err)
		}
		if p.port%2 != 0 || boundTo(p.rtp) != p.port || boundTo(p.rtcp) != p.port+1 {
			t.Errorf("pair %d and %d, told as %d", boundTo(p.rtp), boundTo(p.rtcp), p.port)
		}
		pairs = append(pairs, p)
	}
	if _, err := ports.take(loopback); !errors.Is(err, ErrNoPorts) {
		t.Errorf("fourth pair of three: %v", err)
	}
	if taken, of := ports.Taken(); taken != 3 || of != 3 {
		t.Errorf("taken %d of %d", taken, of)
	}
	for _, p := range pairs {
		p.close()
		ports.give(p.port)
	}
	p, err := ports.take(loopback)
	if err != nil {
		t.Fatal(err)
	}
	if p.port != pairs[0].port {
		t.Errorf("after a round comes %d, want %d", p.port, pairs[0].port)
	}
	p.close()
}

func (p pair) close() { _, _ = unix.Close(p.rtp), unix.Close(p.rtcp) }

func TestPortsPassOverAStranger(t *testing.T) {
	first := freeRange(t, 4)
	stranger, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.AddrPortFrom(loopback, uint16(first+1))))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stranger.Close() }()
	ports, err := NewPorts(first, first+3)
	if err != nil {
		t.Fatal(err)
	}
	p, err := ports.take(loopback)
	if err != nil {
		t.Fatal(err)
	}
	if p.port != first+2 {
		t.Errorf("port %d, want %d", p.port, first+2)
	}
	p.close()
}

func TestPortRangeIsChecked(t *testing.T) {
	for _, r := range [][2]int{{0, 100}, {10001, 10002}, {10000, 10000}, {20000, 10000}, {65534, 65540}} {
		if _, err := NewPorts(r[0], r[1]); err == nil {
			t.Errorf("ports %d to %d taken", r[0], r[1])
		}
	}
}
