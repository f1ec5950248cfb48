package vspan

import (
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"sync/atomic"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"trunkbox/drivers/span"
)

// guest is a far process at an end. A round moves its blocks; whoever hosts it is told what it orders, and when it is to
// go.
type guest struct {
	e      *End
	raw    syscall.RawConn
	orders chan []byte
	gone   chan error  // why it is to go; one is kept
	over   atomic.Bool // it went

	// The round's, as everything below.
	began   bool
	ordered span.Alarm // what the far process sends on purpose
	mail    mail
	in, out message
	block   span.Block
	octets  []byte
	given   syscall.Errno
	kept    bool                  // octets were not taken yet
	give    func(fd uintptr) bool // sends octets and leaves given
}

// orderQueue is how many orders of a far process wait; it is sent away when it gives more.
const orderQueue = 8

func newGuest(e *End, conn *net.UnixConn) (*guest, error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return nil, err
	}
	g := &guest{
		e: e, raw: raw, orders: make(chan []byte, orderQueue), gone: make(chan error, 1), octets: make([]byte, 0, maxMessage),
		out: message{kind: e.c.kind, block: e.c.block},
	}
	g.mail.init()
	g.give = func(fd uintptr) bool {
		_, _, g.given = unix.RawSyscall6(unix.SYS_SENDTO, fd, uintptr(unsafe.Pointer(&g.octets[0])), uintptr(len(g.octets)), unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL, 0, 0)
		return true
	}
	return g, nil
}

// end tells the host that the guest is to go.
func (g *guest) end(why error) {
	g.over.Store(true)
	select {
	case g.gone <- why:
	default:
	}
}

// receive takes what the far process has given; thread is the round's.
func (g *guest) receive(thread uint32) {
	for more := true; more && !g.over.Load(); {
		came, err := g.mail.fetch(g.raw)
		if err == nil && came > 0 {
			err = g.read(came, thread)
		}
		if err != nil {
			g.end(err)
		}
		more = came == letters
	}
}

// read puts the messages on the cable that have come.
func (g *guest) read(came int, thread uint32) error {
	for i := range came {
		raw := g.mail.letter(i)
		switch {
		case len(raw) == 0:
			return io.EOF
		case string(raw[:min(len(raw), len(orderMagic))]) == orderMagic:
			select {
			case g.orders <- slices.Clone(raw):
			default:
				return messageError(fmt.Sprintf("more than %d orders wait", orderQueue))
			}
			continue
		}
		m, c := &g.in, g.e.c
		if err := m.parse(raw); err != nil {
			return err
		}
		if m.kind != c.kind || m.block != c.block {
			return messageError(fmt.Sprintf("%v in blocks of %d octets, the line is %v in blocks of %d", m.kind, m.block, c.kind, c.block))
		}
		if m.alarms != g.ordered {
			g.ordered = m.alarms
			g.e.transmit(true, g.ordered)
		}
		g.e.give(m, thread)
	}
	return nil
}

// send gives the far process the blocks that have come for it, as many at most as receive fetches in one go: while a slow
// machine catches up the others and orders have their turn. One that does not fetch finds a second of them when it does,
// and loses the rest; it never holds up the clock.
func (g *guest) send(thread uint32) {
	e := g.e
	if !g.began {
		g.began = true
		e.next = max(e.c.clock.Count(e.c.block), 1) - 1
	}
	for n := 0; n < letters && !g.over.Load() && (n == 0 || e.next < e.c.clock.Count(e.c.block)); n++ {
		if !g.kept && !g.next(thread) {
			g.end(net.ErrClosed)
			return
		}
		err := g.raw.Write(g.give)
		g.kept = errors.Is(g.given, unix.EAGAIN) || errors.Is(g.given, unix.ENOBUFS)
		switch {
		case err != nil:
			g.end(err)
		case g.kept:
			return
		case g.given != 0:
			g.end(g.given)
		}
	}
}

// next writes the next block into octets; it says false when the end is closed.
func (g *guest) next(thread uint32) bool {
	e := g.e
	if !e.await() {
		return false
	}
	e.c.mu.lockAs(thread)
	e.take(&g.block)
	e.overrides(e.next+e.c.transit, &g.block)
	g.out.moment, g.out.alarms = e.next, e.alarms
	e.c.mu.Unlock()
	g.octets = g.out.write(g.octets, &g.block)
	return true
}

// letters is how many messages one system call fetches: one comes a block, more when either process was late.
const letters = 3

// mail fetches messages, several with one system call that does not wait (recvmmsg(2)).
type mail struct {
	octets [letters][maxMessage + 1]byte
	parts  [letters]unix.Iovec
	heads  [letters]struct {
		unix.Msghdr
		octets uint32 // of the message that came
	}
	came  int
	errno syscall.Errno
	take  func(fd uintptr) bool // leaves came and errno
}

func (m *mail) init() {
	for i := range m.heads {
		m.parts[i].Base = &m.octets[i][0]
		m.parts[i].SetLen(len(m.octets[i]))
		m.heads[i].Iov = &m.parts[i]
		m.heads[i].SetIovlen(1)
	}
	m.take = func(fd uintptr) bool {
		n, _, errno := unix.RawSyscall6(unix.SYS_RECVMMSG, fd, uintptr(unsafe.Pointer(&m.heads[0])), letters, unix.MSG_DONTWAIT, 0, 0)
		m.came, m.errno = int(n), errno
		return true
	}
}

// fetch returns how many messages have come.
func (m *mail) fetch(from syscall.RawConn) (int, error) {
	if err := from.Read(m.take); err != nil {
		return 0, err
	}
	switch m.errno {
	case 0:
		return m.came, nil
	case unix.EAGAIN, unix.EINTR:
		return 0, nil
	}
	return 0, m.errno
}

// letter is the message of that number; the next fetch overwrites it.
func (m *mail) letter(i int) []byte { return m.octets[i][:m.heads[i].octets] }
