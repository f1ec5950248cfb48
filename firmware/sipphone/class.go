package sipphone

import (
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// signalling is the traffic class of SIP: DSCP CS3 (RFC 4594 clause 4.2; RFC 2474 clause 4.2.2.1) in the
// upper six bits.
const signalling = 24 << 2

// classed listens with packets marked.
var classed = net.ListenConfig{Control: func(_, _ string, raw syscall.RawConn) error { return classify(raw) }}

// classify marks the packets of a socket. One of the two fails on a socket of one family alone; a mark that
// cannot be set costs no call.
func classify(raw syscall.RawConn) error {
	return raw.Control(func(fd uintptr) {
		_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_IP, unix.IP_TOS, signalling)
		_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_IPV6, unix.IPV6_TCLASS, signalling)
	})
}
