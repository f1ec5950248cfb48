// Package crowd moves the sound of hundreds of telephones: one thread, one socket for each address they stand at, however
// many calls there are.
//
// In and out: RTP packets of a box under load, which test/farend/phone has agreed on by SIP. All calls of an end name the
// same port; whose packet it is shows in the port of the box it comes from. Mouth and ear of a call are a sound.Sound.
//
// RFC 3550 for headers, sequence numbers and jitter; G.711 in packets of 20 ms. Left out: reports (what comes to the port
// above is dropped), telephone-events, SRTP.
//
// Every millisecond the thread takes in what has come, with the kernel's time of arrival, and sends what is due; each call
// has a place of its own within the 20 ms. It has a priority where that is allowed: below those of a box's threads of sound.
// Of the box only its way to wait is used (package realtime), nothing of firmware/rtp: a peer of our own making would agree
// with our own mistakes.
package crowd

import (
	"errors"
	"fmt"
	"net/netip"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"trunkbox/dsp"
	"trunkbox/firmware/realtime"
	"trunkbox/test/farend/sound"
)

// Crowd is the thread and its sockets. Make one with New.
type Crowd struct {
	ends    []*End
	granted error

	mu     sync.Mutex
	orders []func() // for the thread, which never waits for them

	over chan struct{}
	done chan struct{}

	// Of the thread.
	phases [steps][]*Voice // who speaks at which millisecond of the 20
	batch  batch
	began  time.Time

	totals
}

// totals are counted by the thread and read by anybody.
type totals struct {
	sent, received, lost, strange, dropped, failed atomic.Uint64
	sendLate, takenLate                            sound.Spread
}

const (
	step    = time.Millisecond
	steps   = 20
	octets  = 160 // of sound in a packet
	spacing = steps * step
)

// End is an address at which a crowd of telephones stands.
type End struct {
	c       *Crowd
	socket  int
	reports int // the socket of the port above, for whose sake the kernel does not refuse reports
	address netip.AddrPort
	voices  map[uint64]*Voice // by the box's address, as key makes it; the thread's
	missed  uint32            // what the kernel has dropped for want of room; the thread's
}

// New opens a socket at each address and starts the thread. priority is that of SCHED_FIFO, 0: none; Granted tells whether
// the kernel has given it.
func New(priority int, addresses ...netip.Addr) (*Crowd, error) {
	c := &Crowd{over: make(chan struct{}), done: make(chan struct{})}
	c.batch.init()
	for _, address := range addresses {
		e, err := c.open(address)
		if err != nil {
			c.closeSockets()
			return nil, err
		}
		c.ends = append(c.ends, e)
	}
	granted := make(chan error, 1)
	go c.run(priority, granted)
	c.granted = <-granted
	return c, nil
}

// Granted is why the thread does not have its priority; nil: it has.
func (c *Crowd) Granted() error { return c.granted }

// End is the one at the address given to New in this place.
func (c *Crowd) End(i int) *End { return c.ends[i] }

// Address is the address and port of all calls of this end.
func (e *End) Address() netip.AddrPort { return e.address }

// Close ends the thread and closes the sockets.
func (c *Crowd) Close() {
	close(c.over)
	<-c.done
	c.closeSockets()
}

func (c *Crowd) closeSockets() {
	for _, e := range c.ends {
		_ = unix.Close(e.socket)
		_ = unix.Close(e.reports)
	}
}

// room is what the kernel may keep for us in each direction while we are late: half a second of 480 calls.
const room = 32 << 20

// open opens a pair of ports.
func (c *Crowd) open(address netip.Addr) (*End, error) {
	if !address.Is4() {
		return nil, fmt.Errorf("crowd: %v is no IPv4 address", address)
	}
	for range 100 {
		socket, port, err := bound(address, 0)
		if err != nil {
			return nil, err
		}
		if port%2 == 0 {
			if reports, _, err := bound(address, port+1); err == nil {
				_ = unix.SetsockoptInt(reports, unix.SOL_SOCKET, unix.SO_RCVBUF, 1)
				e := &End{c: c, socket: socket, reports: reports, address: netip.AddrPortFrom(address, uint16(port)), voices: map[uint64]*Voice{}}
				return e, e.prepare()
			}
		}
		_ = unix.Close(socket)
	}
	return nil, fmt.Errorf("crowd: no pair of ports at %v in 100 tries", address)
}

// prepare asks for times of arrival, for word of what was dropped, and for room.
func (e *End) prepare() error {
	err := errors.Join(unix.SetsockoptInt(e.socket, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1), unix.SetsockoptInt(e.socket, unix.SOL_SOCKET, unix.SO_RXQ_OVFL, 1))
	if err != nil {
		return fmt.Errorf("crowd: %w", err)
	}
	for _, option := range [][2]int{{unix.SO_RCVBUFFORCE, unix.SO_RCVBUF}, {unix.SO_SNDBUFFORCE, unix.SO_SNDBUF}} {
		if unix.SetsockoptInt(e.socket, unix.SOL_SOCKET, option[0], room) != nil { // only root may
			_ = unix.SetsockoptInt(e.socket, unix.SOL_SOCKET, option[1], room)
		}
	}
	return nil
}

// bound makes a socket at an address; port 0: any.
func bound(address netip.Addr, port int) (socket, got int, err error) {
	socket, err = unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return -1, 0, fmt.Errorf("crowd: %w", err)
	}
	if err = unix.Bind(socket, &unix.SockaddrInet4{Addr: address.As4(), Port: port}); err == nil {
		var name unix.Sockaddr
		if name, err = unix.Getsockname(socket); err == nil {
			return socket, name.(*unix.SockaddrInet4).Port, nil
		}
	}
	_ = unix.Close(socket)
	return -1, 0, fmt.Errorf("crowd: a socket at %v: %w", address, err)
}

// order gives work to the thread, for its next millisecond.
func (c *Crowd) order(do func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.orders = append(c.orders, do)
}

// ask gives work to the thread and waits until it is done; after Close it is not.
func (c *Crowd) ask(do func()) {
	done := make(chan struct{})
	c.order(func() { do(); close(done) })
	select {
	case <-done:
	case <-c.done:
	}
}

// obey does what was ordered, unless somebody is ordering just now.
func (c *Crowd) obey() {
	if !c.mu.TryLock() {
		return
	}
	orders := c.orders
	c.orders = nil
	c.mu.Unlock()
	for _, do := range orders {
		do()
	}
}

// run is the thread.
func (c *Crowd) run(priority int, granted chan<- error) {
	defer close(c.done)
	runtime.LockOSThread() // and ends with the goroutine: nobody else inherits its priority
	var err error
	if priority > 0 {
		if err = unix.SchedSetAttr(0, &unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_FIFO, Priority: uint32(priority)}, 0); err != nil {
			err = fmt.Errorf("priority %d: %w", priority, err)
		}
	}
	granted <- err
	c.began = time.Now()
	var stint realtime.Stint
	for n := 0; ; n++ {
		due := time.Duration(n) * step
		if !c.sleep(due) {
			return
		}
		c.obey()
		for _, e := range c.ends {
			e.take()
		}
		c.speak(due, c.phases[n%steps])
		stint.Yield(time.Now())
	}
}

// sleep waits until a time since the beginning; it says false at the end.
func (c *Crowd) sleep(until time.Duration) bool {
	for {
		select {
		case <-c.over:
			return false
		default:
		}
		left := until - time.Since(c.began)
		if left <= 0 {
			return true
		}
		_, _ = realtime.Wait(nil, left) // interrupted: the rest is waited in the next round
	}
}

// lawOf is the law of a payload type (RFC 3551, table 4).
func lawOf(payloadType byte) (law dsp.Law, known bool) {
	switch payloadType {
	case payloadMuLaw:
		return dsp.MuLaw, true
	case payloadALaw:
		return dsp.ALaw, true
	}
	return 0, false
}

const (
	payloadMuLaw = 0
	payloadALaw  = 8
)
