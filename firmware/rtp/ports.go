package rtp

import (
	"errors"
	"fmt"
	"net/netip"
	"sync"

	"golang.org/x/sys/unix"
)

// Ports hands out pairs of UDP ports from a range: the even one for RTP, the next for RTCP
// (RFC 3550 clause 11). It goes round the range, so that a port just given back rests as long as
// possible and late packets of an old call do not reach a new one. One thread moves the packets of all its
// streams, see pump. Safe from any goroutine.
type Ports struct {
	pump  *pump
	mu    sync.Mutex
	first int // even
	pairs int
	next  int // index of the pair to try next
	taken map[int]bool
}

// ErrNoPorts is wrapped by Take when every pair of the range is in use.
var ErrNoPorts = errors.New("no RTP port pair is free")

// NewPorts makes an allocator for the ports first..last, both included.
func NewPorts(first, last int) (*Ports, error) {
	even := first + first&1
	pairs := (last - even + 1) / 2
	if first < 1024 || last > 65535 || pairs < 1 {
		return nil, fmt.Errorf("RTP ports %d to %d: want at least one even port and the next odd one within 1024 to 65535", first, last)
	}
	pump, err := newPump()
	if err != nil {
		return nil, fmt.Errorf("the RTP ports %d to %d: %w", first, last, err)
	}
	return &Ports{pump: pump, first: even, pairs: pairs, taken: make(map[int]bool)}, nil
}

// pair is one even and one odd socket on the same local address.
type pair struct {
	rtp, rtcp int // file descriptors
	port      int
}

// take opens a pair on local. A pair that another program holds is passed over.
func (p *Ports) take(local netip.Addr) (pair, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var last error
	for range p.pairs {
		port := p.first + 2*p.next
		p.next = (p.next + 1) % p.pairs
		if p.taken[port] {
			continue
		}
		even, err := listen(netip.AddrPortFrom(local, uint16(port)))
		if err != nil {
			last = err
			continue
		}
		odd, err := listen(netip.AddrPortFrom(local, uint16(port+1)))
		if err != nil {
			_ = unix.Close(even)
			last = err
			continue
		}
		p.taken[port] = true
		return pair{even, odd, port}, nil
	}
	if last != nil {
		return pair{}, fmt.Errorf("%w between %d and %d (%d taken by calls): %w", ErrNoPorts, p.first, p.first+2*p.pairs-1, len(p.taken), last)
	}
	return pair{}, fmt.Errorf("%w between %d and %d: %d taken by calls", ErrNoPorts, p.first, p.first+2*p.pairs-1, len(p.taken))
}

// give returns the pair; its sockets are closed already.
func (p *Ports) give(port int) {
	p.mu.Lock()
	delete(p.taken, port)
	p.mu.Unlock()
}

// Taken tells how many pairs are in use and how many the range has.
func (p *Ports) Taken() (taken, of int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.taken), p.pairs
}
