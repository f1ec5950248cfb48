package rtp

import (
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// reporter makes, sends, receives and reads the reports (RTCP) of all streams of one pump: what allocates, and what takes
// 15 µs a report, is kept from the thread that sound waits for. It is a goroutine like any other, that may be pushed off the
// processor at any time; it begins and ends with the pump's thread.
//
//	pump, every 5 s a stream ── reports ──► reporter ── control socket ──► phone
//	Stream.control, and counters that everybody may read ◄── reporter ◄── control socket, every beat ── phone
//
// The times that a report tells are those of its sending, and a report has come when the kernel says so: the beat
// is in no round trip.
type reporter struct {
	reports reports
	// closing is held while one control socket is used or closed: a number of a socket must not come to mean another one
	// meanwhile. The pump never takes it.
	closing sync.Mutex

	// Guarded by the pump's mu.
	epoll int
	over  chan struct{} // closed when the goroutine that runs now is to end; nil: none runs
	done  chan struct{} // closed when the last one has ended

	// Of the goroutine that turns.
	letter letter
	events [64]unix.EpollEvent
}

// reporterBeat is how long what is due, and what has come, waits at most.
const reporterBeat = 40 * time.Millisecond

// begin starts the goroutine. Called with the pump's mu held.
func (r *reporter) begin(streams *atomic.Pointer[[]*Stream]) {
	before := r.done
	r.over, r.done = make(chan struct{}), make(chan struct{})
	go r.run(r.epoll, streams, r.over, before, r.done)
}

// end lets it end, or closes the epoll of one that never ran. Called with the pump's mu held.
func (r *reporter) end() {
	if r.over == nil {
		_ = unix.Close(r.epoll)
		return
	}
	close(r.over)
	r.over = nil
}

// run is the goroutine. It begins when the one before it has ended and closes done at its own end.
func (r *reporter) run(epoll int, streams *atomic.Pointer[[]*Stream], over, before <-chan struct{}, done chan<- struct{}) {
	defer close(done)
	if before != nil {
		<-before
	}
	defer unix.Close(epoll)
	every := time.NewTicker(reporterBeat)
	defer every.Stop()
	for {
		select {
		case <-over:
			r.sendAll(time.Now) // what is left is of streams that are closed
			return
		case <-every.C:
			r.turn(epoll, *streams.Load(), time.Now)
		}
	}
}

// turn reads the reports that have come and sends those that are due. clock tells the time, now and later.
func (r *reporter) turn(epoll int, streams []*Stream, clock func() time.Time) {
	r.takeAll(epoll, streams, clock)
	r.sendAll(clock)
}

// takeAll reads what has come, one packet of each socket in a round.
func (r *reporter) takeAll(epoll int, streams []*Stream, clock func() time.Time) {
	for range rounds {
		n := ready(epoll, r.events[:])
		if n == 0 {
			return
		}
		for _, e := range r.events[:n] {
			place := int(e.Fd)
			if place >= len(streams) || streams[place] == nil {
				continue // closed since
			}
			s := streams[place]
			if datagram := r.receive(s); datagram != nil {
				now := clock()
				s.readReport(datagram, r.letter.sender.from(), now.Add(-r.letter.waited(time.Now().UnixNano())))
			}
		}
	}
}

// receive takes one packet from a control socket; nil: there is none.
func (r *reporter) receive(s *Stream) []byte {
	r.closing.Lock()
	defer r.closing.Unlock()
	if s.closed.Load() {
		return nil
	}
	_ = refused(s.pair.rtcp) // a phone without RTCP: its refusals must not stand before its next packet
	datagram, _, _ := r.letter.receive(s.pair.rtcp)
	return datagram
}

// sendAll sends what is due.
func (r *reporter) sendAll(clock func() time.Time) {
	for due := r.reports.peek(); due != nil; due = r.reports.peek() {
		r.send(due, clock())
		r.reports.pop()
	}
}

// send sends one report.
func (r *reporter) send(due *report, now time.Time) {
	s := due.stream
	p := s.peer.Load()
	if p == nil || s.closed.Load() {
		return
	}
	to, ok := post(s.control.address(p), s.options.Local.Is6())
	datagram := s.compound(due, now)
	if !ok || len(datagram) == 0 {
		return
	}
	r.closing.Lock()
	defer r.closing.Unlock()
	if s.closed.Load() {
		return
	}
	if send(s.pair.rtcp, datagram, &to) != 0 { // an ICMP error of an earlier report
		_ = refused(s.pair.rtcp)
		_ = send(s.pair.rtcp, datagram, &to)
	}
}
