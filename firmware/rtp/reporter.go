package rtp

import (
	"os"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"trunkbox/firmware/realtime"
)

// reporter makes, sends, receives and reads the reports (RTCP) of all streams of one pump, and tells its news: what allocates
// or waits, and what takes 15 µs a report, is kept from the thread that sound waits for. It is a goroutine like any other,
// that may be pushed off the processor at any time; it begins with the pump's thread and ends after it. News the pump rings
// for, which is a system call a turn that has some; reports wait for the beat.
//
//	pump, when a key comes ── news ──► reporter ──► OnDigit, OnKeyUp, OnTrouble, log
//	pump, every 5 s a stream ── reports ──► reporter ── control socket ──► phone
//	Stream.control, and counters that everybody may read ◄── reporter ◄── control socket, every beat ── phone
//	pump, when a stream needs more than it has ◄── spares ── reporter, every beat
//
// The times that a report tells are those of its sending, and a report has come when the kernel says so: the beat
// is in no round trip.
type reporter struct {
	reports queue[report]
	news    queue[news]
	spares  spares
	bell    *realtime.Bell
	hears   *os.File    // the bell
	rung    atomic.Bool // the bell was, and the reporter has not yet heard it

	// closing is held while one control socket is used or closed: a number of a socket must not come to mean another one
	// meanwhile. The pump never takes it.
	closing sync.Mutex

	// Guarded by the pump's mu.
	epoll int
	done  chan struct{} // closed when the last one has ended

	// Of the goroutine that turns.
	letter letter
	events [64]unix.EpollEvent
}

// reporterBeat is how long what is due, and what has come, waits at most.
const reporterBeat = 40 * time.Millisecond

// init makes the bell, which lives as long as the pump.
func (r *reporter) init() error {
	r.spares.fill()
	var err error
	if r.bell, err = realtime.NewBell(); err != nil {
		return err
	}
	if r.hears, err = r.bell.File("reporter's bell"); err != nil {
		return err
	}
	return r.hears.SetReadDeadline(time.Time{}) // which tells whether it can be waited for
}

// begin starts the goroutine, which ends when that of the pump has: over is closed then. Called with the pump's mu held.
func (r *reporter) begin(streams *atomic.Pointer[[]*Stream], over <-chan struct{}) {
	before := r.done
	r.done = make(chan struct{})
	go r.run(r.epoll, streams, over, before, r.done)
}

// ring has the reporter turn at once. It is one system call at most, and never waits.
func (r *reporter) ring() {
	if !r.rung.Swap(true) {
		r.bell.Ring()
	}
}

// rest returns when the bell was rung, or after a beat.
func (r *reporter) rest() {
	var count [8]byte
	_ = r.hears.SetReadDeadline(time.Now().Add(reporterBeat))
	_, _ = r.hears.Read(count[:])
	r.rung.Store(false)
}

// run is the goroutine. It begins when the one before it has ended and closes done at its own end.
func (r *reporter) run(epoll int, streams *atomic.Pointer[[]*Stream], over, before <-chan struct{}, done chan<- struct{}) {
	defer close(done)
	if before != nil {
		<-before
	}
	defer unix.Close(epoll)
	for {
		r.rest()
		select {
		case <-over:
			r.turn(epoll, nil, time.Now) // what is left of streams that are closed
			return
		default:
			r.turn(epoll, *streams.Load(), time.Now)
		}
	}
}

// turn tells the news, reads the reports that have come and sends those that are due. clock tells the time, now and later.
func (r *reporter) turn(epoll int, streams []*Stream, clock func() time.Time) {
	r.tellAll()
	r.takeAll(epoll, streams, clock)
	r.sendAll(clock)
	r.spares.fill()
}

// tellAll tells the news.
func (r *reporter) tellAll() {
	for n := r.news.peek(); n != nil; n = r.news.peek() {
		n.tell()
		r.news.pop()
	}
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
