package sipphone

import (
	"errors"
	"net"
	"net/netip"
	"syscall"

	"golang.org/x/sys/unix"
)

// telling is a UDP socket that also tells which of the addresses it sent to refused (ICMP port or host
// unreachable), so that a phone that is switched off is known at once and not after a time-out. Without
// it the kernel keeps such errors of an unconnected socket to itself (ip(7), IP_RECVERR).
type telling struct {
	*net.UDPConn
	raw     syscall.RawConn
	refused func(netip.AddrPort) // must not wait
}

func newTelling(conn *net.UDPConn, refused func(netip.AddrPort)) (*telling, error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return nil, err
	}
	t := &telling{UDPConn: conn, raw: raw, refused: refused}
	err = raw.Control(func(fd uintptr) {
		// One of the two fails on a socket of the other family; without either, time-outs must do.
		_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_IP, unix.IP_RECVERR, 1)
		_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_IPV6, unix.IPV6_RECVERR, 1)
	})
	return t, err
}

// ReadFrom gives the next datagram. An ICMP error is told and passed over: to sipgo any error is the end
// of the socket.
func (t *telling) ReadFrom(b []byte) (int, net.Addr, error) {
	for {
		n, addr, err := t.UDPConn.ReadFrom(b)
		if err == nil || !t.tell(err) {
			return n, addr, err
		}
	}
}

// WriteTo sends. An error waiting from an earlier datagram must not be taken for one of this.
func (t *telling) WriteTo(b []byte, addr net.Addr) (int, error) {
	n, err := t.UDPConn.WriteTo(b, addr)
	if err != nil && t.tell(err) {
		n, err = t.UDPConn.WriteTo(b, addr)
	}
	return n, err
}

// tell empties the socket's error queue; false when err is none of ICMP's.
func (t *telling) tell(err error) bool {
	var number syscall.Errno
	if !errors.As(err, &number) {
		return false
	}
	switch number {
	case syscall.ECONNREFUSED, syscall.EHOSTUNREACH, syscall.ENETUNREACH, syscall.EHOSTDOWN, syscall.EPROTO, syscall.EMSGSIZE, syscall.EACCES:
	default:
		return false
	}
	var data [64]byte
	var control [512]byte
	_ = t.raw.Control(func(fd uintptr) {
		for {
			_, _, _, to, err := unix.Recvmsg(int(fd), data[:], control[:], unix.MSG_ERRQUEUE|unix.MSG_DONTWAIT)
			if err != nil {
				return
			}
			switch to := to.(type) {
			case *unix.SockaddrInet4:
				t.refused(netip.AddrPortFrom(netip.AddrFrom4(to.Addr), uint16(to.Port)))
			case *unix.SockaddrInet6:
				t.refused(netip.AddrPortFrom(netip.AddrFrom16(to.Addr).Unmap(), uint16(to.Port)))
			}
		}
	})
	return true
}
