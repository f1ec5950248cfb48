package rtp

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// expedited is the traffic class of sound: DSCP EF (RFC 3246, RFC 4594 clause 4.1) in the upper six bits.
const expedited = 46 << 2

// listen opens a UDP socket on at that never waits, asks routers for the class of sound, tells when packets
// came and which of ours were refused (ip(7), IP_RECVERR).
func listen(at netip.AddrPort) (fd int, err error) {
	family, level := unix.AF_INET, unix.IPPROTO_IP
	class, refusals := unix.IP_TOS, unix.IP_RECVERR
	var local unix.Sockaddr
	if four := at.Addr().Unmap(); four.Is4() {
		local = &unix.SockaddrInet4{Port: int(at.Port()), Addr: four.As4()}
	} else {
		family, level = unix.AF_INET6, unix.IPPROTO_IPV6
		class, refusals = unix.IPV6_TCLASS, unix.IPV6_RECVERR
		local = &unix.SockaddrInet6{Port: int(at.Port()), Addr: four.As16()}
	}
	fd, err = unix.Socket(family, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, fmt.Errorf("socket: %w", err)
	}
	options := [][3]int{{level, class, expedited}, {level, refusals, 1}, {unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1}}
	if family == unix.AF_INET6 {
		options = append(options, [3]int{unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, 1})
	}
	for _, o := range options {
		if err = unix.SetsockoptInt(fd, o[0], o[1], o[2]); err != nil {
			_ = unix.Close(fd)
			return -1, fmt.Errorf("option %d of level %d = %d: %w", o[1], o[0], o[2], err)
		}
	}
	if err = unix.Bind(fd, local); err != nil {
		_ = unix.Close(fd)
		return -1, fmt.Errorf("bind to %v: %w", at, err)
	}
	return fd, nil
}

// postal is an address as the system calls want it.
type postal struct {
	raw  unix.RawSockaddrInet6 // room for both families
	size uint32
}

// post makes the postal address; ok is false when a socket of the family six (IPv6) or IPv4 cannot reach it.
func post(addr netip.AddrPort, six bool) (p postal, ok bool) {
	port := addr.Port()
	if !six {
		if !addr.Addr().Unmap().Is4() {
			return postal{}, false
		}
		four := (*unix.RawSockaddrInet4)(unsafe.Pointer(&p.raw))
		four.Family, four.Port, four.Addr = unix.AF_INET, swapped(port), addr.Addr().Unmap().As4()
		p.size = unix.SizeofSockaddrInet4
		return p, true
	}
	p.raw.Family, p.raw.Port, p.raw.Addr = unix.AF_INET6, swapped(port), addr.Addr().As16()
	p.size = unix.SizeofSockaddrInet6
	return p, true
}

// swapped is a port between the order of this machine and that of the network.
func swapped(port uint16) uint16 {
	var b [2]byte
	binary.BigEndian.PutUint16(b[:], port)
	return binary.NativeEndian.Uint16(b[:])
}

// from reads a postal address that the kernel wrote.
func (p *postal) from() netip.AddrPort {
	if p.raw.Family == unix.AF_INET {
		four := (*unix.RawSockaddrInet4)(unsafe.Pointer(&p.raw))
		return netip.AddrPortFrom(netip.AddrFrom4(four.Addr), swapped(four.Port))
	}
	return netip.AddrPortFrom(netip.AddrFrom16(p.raw.Addr).Unmap(), swapped(p.raw.Port))
}

// ready tells which sockets of an epoll have something, without waiting.
func ready(epoll int, events []unix.EpollEvent) int {
	n, _, number := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(epoll), uintptr(unsafe.Pointer(&events[0])), uintptr(len(events)), 0, 0, 0)
	if number != 0 {
		return 0
	}
	return int(n)
}

// send gives one datagram to the kernel without waiting.
func send(fd int, datagram []byte, to *postal) unix.Errno {
	_, _, number := unix.RawSyscall6(unix.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(&datagram[0])), uintptr(len(datagram)),
		unix.MSG_DONTWAIT, uintptr(unsafe.Pointer(&to.raw)), uintptr(to.size))
	return number
}

// longestWait is the most that a packet may have waited in the socket by the kernel's clock; more says that
// the clock was set.
const longestWait = time.Second

// letter is where one datagram is received.
type letter struct {
	header  unix.Msghdr
	vector  unix.Iovec
	sender  postal
	control [64]byte
	octets  [1500]byte
}

// message makes the letter ready to be written by the kernel.
func (l *letter) message() *unix.Msghdr {
	l.vector.Base = &l.octets[0]
	l.vector.SetLen(len(l.octets))
	l.header.Name, l.header.Namelen = (*byte)(unsafe.Pointer(&l.sender.raw)), unix.SizeofSockaddrInet6
	l.header.Iov = &l.vector
	l.header.SetIovlen(1)
	l.header.Control = &l.control[0]
	l.header.SetControllen(len(l.control))
	return &l.header
}

// receive takes one datagram without waiting: its octets, and when the kernel took it in nanoseconds since
// 1970, 0 when it does not say.
func (l *letter) receive(fd int) (datagram []byte, at int64, number unix.Errno) {
	n, _, number := unix.RawSyscall(unix.SYS_RECVMSG, uintptr(fd), uintptr(unsafe.Pointer(l.message())), unix.MSG_DONTWAIT)
	if number != 0 {
		return nil, 0, number
	}
	return l.octets[:n], l.stamp(), 0
}

// parcel is one datagram to be sent, with all that the kernel reads of it.
type parcel struct {
	header unix.Msghdr
	vector unix.Iovec
	to     postal
	stream *Stream
	size   int
	octets [headerSize + MaxPayload + sealSize]byte
}

// message makes the parcel ready to be read by the kernel.
func (l *parcel) message() *unix.Msghdr {
	l.vector.Base = &l.octets[0]
	l.vector.SetLen(l.size)
	l.header.Name, l.header.Namelen = (*byte)(unsafe.Pointer(&l.to.raw)), l.to.size
	l.header.Iov = &l.vector
	l.header.SetIovlen(1)
	return &l.header
}

// stamp reads the kernel's time of arrival, the only control message there is.
func (l *letter) stamp() int64 {
	const need = unix.SizeofCmsghdr + int(unsafe.Sizeof(unix.Timespec{}))
	if int(l.header.Controllen) < need {
		return 0
	}
	head := (*unix.Cmsghdr)(unsafe.Pointer(&l.control[0]))
	if head.Level != unix.SOL_SOCKET || head.Type != unix.SCM_TIMESTAMPNS {
		return 0
	}
	return (*unix.Timespec)(unsafe.Pointer(&l.control[unix.SizeofCmsghdr])).Nano()
}

// waited is how long ago the kernel took the datagram, by its clock, where it is wall now; 0 when it does not say.
func (l *letter) waited(wall int64) time.Duration {
	if at := l.stamp(); at != 0 {
		if waited := time.Duration(wall - at); waited > 0 && waited < longestWait {
			return waited
		}
	}
	return 0
}

// refusal is where one message of an error queue is received.
type refusal struct {
	header  unix.Msghdr
	vector  unix.Iovec
	control [512]byte
	octets  [64]byte
}

// refused empties a socket's error queue and tells whether an ICMP message said that nobody listens where
// our packets go.
func refused(fd int) bool {
	var m refusal
	found := false
	for range 32 {
		m.vector.Base = &m.octets[0]
		m.vector.SetLen(len(m.octets))
		m.header = unix.Msghdr{Iov: &m.vector, Control: &m.control[0]}
		m.header.SetIovlen(1)
		m.header.SetControllen(len(m.control))
		_, _, number := unix.RawSyscall(unix.SYS_RECVMSG, uintptr(fd), uintptr(unsafe.Pointer(&m.header)), unix.MSG_ERRQUEUE|unix.MSG_DONTWAIT)
		if number != 0 {
			return found
		}
		found = m.refuses() || found
	}
	return found
}

// refuses tells whether the message is an ICMP one that nobody listens.
func (m *refusal) refuses() bool {
	for rest := m.control[:m.header.Controllen]; len(rest) >= unix.SizeofCmsghdr; {
		head, data, more, err := unix.ParseOneSocketControlMessage(rest)
		if err != nil {
			return false
		}
		rest = more
		if isRecvErr := head.Type == unix.IP_RECVERR || head.Type == unix.IPV6_RECVERR; isRecvErr && len(data) >= int(unsafe.Sizeof(unix.SockExtendedErr{})) {
			said := (*unix.SockExtendedErr)(unsafe.Pointer(&data[0]))
			if unix.Errno(said.Errno) == unix.ECONNREFUSED {
				return true
			}
		}
	}
	return false
}
