package sipphone

import (
	"context"
	"net"
	"net/netip"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// mark reads the traffic class of a socket.
func mark(t *testing.T, c syscall.Conn, level, option int) int {
	t.Helper()
	raw, err := c.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	value := 0
	if err := raw.Control(func(fd uintptr) { value, err = unix.GetsockoptInt(int(fd), level, option) }); err != nil {
		t.Fatal(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func TestSignallingIsMarked(t *testing.T) {
	for _, c := range []struct {
		address       string
		level, option int
	}{
		{"127.0.0.1:0", unix.IPPROTO_IP, unix.IP_TOS},
		{"[::1]:0", unix.IPPROTO_IPV6, unix.IPV6_TCLASS},
		{":0", unix.IPPROTO_IP, unix.IP_TOS},
		{":0", unix.IPPROTO_IPV6, unix.IPV6_TCLASS},
	} {
		packet, err := classed.ListenPacket(context.Background(), "udp", c.address)
		if err != nil {
			t.Fatal(err)
		}
		stream, err := classed.Listen(context.Background(), "tcp", c.address)
		if err != nil {
			t.Fatal(err)
		}
		client, err := net.Dial("tcp", stream.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		accepted, err := newDoor(stream, func(netip.AddrPort) {}).Accept()
		if err != nil {
			t.Fatal(err)
		}
		if got := mark(t, packet.(*net.UDPConn), c.level, c.option); got != signalling {
			t.Errorf("UDP on %s: class %#x, want %#x", c.address, got, signalling)
		}
		if four := accepted.LocalAddr().(*net.TCPAddr).IP.To4() != nil; four == (c.level == unix.IPPROTO_IP) {
			if got := mark(t, accepted.(*guest).Conn.(*net.TCPConn), c.level, c.option); got != signalling {
				t.Errorf("TCP on %s: class %#x, want %#x", c.address, got, signalling)
			}
		}
		for _, close := range []func() error{packet.Close, stream.Close, client.Close, accepted.Close} {
			_ = close()
		}
	}
}
