package rtp

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtp"
	"golang.org/x/sys/unix"

	"trunkbox/firmware/realtime"
)

// pump moves the packets of all streams of one Ports: one thread, however many calls there are.
//
// It turns when the engine has spoken (kick, once a tick) and otherwise every beat. In a turn it asks epoll
// which sockets have something, takes one packet of each until none has any, and sends what lies in the
// outboxes: up to 128 packets in one system call where the kernel has an io_uring, else one by one. A packet
// that waited for the turn has the kernel's time of arrival, so jitter is measured right.
//
// While anything is relayed it turns when a packet has come, too, and sends on what is to be relayed in that turn.
// A turn costs some 20 µs of waking up and four system calls, so packets that come one upon the other gather; a
// socket gives one packet a turn then, the next being near. The more come, the shorter they gather (see flow), for what a
// turn takes itself is then the greater part of the delay.
//
// Why so, measured with 480 sockets on a loopback (ns of processor time a packet): sendto 3600, io_uring
// sendmsg 2800, recvmsg with time stamp 1100, recvmmsg of up to eight 1400, io_uring recvmsg 900. A phone
// sends a packet every 20 ms, so there is never a second one for recvmmsg to take; sendmmsg speaks for one
// socket, and each call has its own. An io_uring batches over sockets; see ring.
//
// A packet in one way and out the other, engine included (BenchmarkPairs on a busy machine, µs of processor time and
// system calls a packet), and how long it is under way with the pump's priority, where nobody else had the processor
// (BenchmarkRelay):
//
//	pairs   by the tick        relayed
//	   60   14.1   0.24        18.5   0.90    half within 0.45 ms, 99 of 100 within 0.8 ms
//	  240   10.1   0.05         9.8   0.22    0.5, 0.9
//	  480    8.6   0.03         9.2   0.13
//
// Sends without a message header (IORING_OP_SEND to an address) were tried: 1.85 µs a packet in place of 1.89. An epoll that
// tells of a socket once (EPOLLET) would need a second receive to know that the socket is empty, which costs what it saves.
// A beat of 500 µs in place of gathering took 20 µs at 60 pairs, 10.3 at 240 and 9.5 at 480.
//
// The pump runs while there are streams. Its bell lives as long as the Ports, for the engine may speak to a stream that is
// being closed.
//
// Its thread has a priority, and Go's locks do not lend it to who holds them. So a packet makes no garbage, what a stream comes
// to need lies ready (see spares), and the pump shares no lock with anybody but Stream.mu, which others hold for a few loads and
// stores. Who owns what:
//
//	pump       sockets of sound; of a Stream what mu guards, plain, forward; the inbox's and the lane's tail, the outbox's head
//	reporter   sockets of reports, Stream.control; logs, and calls OnDigit, OnKeyUp and OnTrouble
//	engine     what Stream says
//	the rest   Stream.life, and the sockets of a stream that is closed, once moving and reporter.closing let go of them
type pump struct {
	wake    *realtime.Bell
	pending atomic.Bool // wake was rung and not yet heard
	streams atomic.Pointer[[]*Stream]

	mu    sync.Mutex // guards what follows and changes of streams
	epoll int
	live  int
	over  *atomic.Bool  // of the thread that runs now
	done  chan struct{} // closed when the last thread has ended

	// moving is odd while the pump may work on sockets of sound. Who closes one says so first (Stream.closed), and then lets it
	// become even or go on (moved): a number of a socket must not come to mean another one meanwhile, and the pump waits for
	// nobody.
	moving atomic.Uint32

	reporter reporter
	byHand   bool // tests turn it and the reporter themselves

	// Of the thread that turns.
	events   [512]unix.EpollEvent
	ring     *ring // nil: a system call a packet
	letters  []letter
	incoming rtp.Packet // as the last letter was read
	parcels  []parcel
	laid     int // parcels that wait for the ring
	lastLook time.Time
	looked   int       // streams that were looked at in this round
	relayed  int       // of them those whose sound is relayed, and those whose relay has begun since the round did
	relays   int       // as many at most are relayed
	began    time.Time // the last turn
	took     int       // sockets that had something in it
	flow     flow
	news     []news  // found in this turn, or before and not yet told
	calls    counter // system calls in turns, reading and sending
	turns    counter
}

const (
	beat      = 3 * time.Millisecond
	rounds    = 16                     // of epoll in one turn
	lookEvery = 200 * time.Millisecond // for reports and one-way sound
)

// newPump has room for what the ring moves.
func newPump() (*pump, error) {
	wake, err := realtime.NewBell()
	if err != nil {
		return nil, err
	}
	p := &pump{wake: wake, epoll: -1, letters: make([]letter, ringRoom), parcels: make([]parcel, ringRoom), news: make([]news, 0, queueSlots)}
	if err := p.reporter.init(); err != nil {
		return nil, err
	}
	for i := range p.letters { // touched, so that no turn waits for the kernel's memory
		p.letters[i].octets[0] = 0
	}
	for i := range p.parcels {
		p.parcels[i].octets[0] = 0
	}
	p.incoming.CSRC, p.incoming.Extensions = make([]uint32, 0, 15), make([]rtp.Extension, 0, 15) // nobody needs them
	p.streams.Store(&[]*Stream{})
	if r, err := newRing(); err == nil { // else the kernel has none, or keeps it from us
		p.ring = r
		runtime.AddCleanup(p, (*ring).close, r)
	}
	return p, nil
}

// join takes a stream's sockets in.
func (p *pump) join(s *Stream) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.live == 0 {
		epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
		if err != nil {
			return err
		}
		if p.reporter.epoll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
			_ = unix.Close(epoll)
			return err
		}
		p.epoll = epoll
	}
	next := slices.Clone(*p.streams.Load())
	place := slices.Index(next, nil)
	if place < 0 {
		place = len(next)
		next = append(next, nil)
	}
	next[place], s.place = s, place
	p.streams.Store(&next)
	event := unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(place)}
	err := unix.EpollCtl(p.epoll, unix.EPOLL_CTL_ADD, s.pair.rtp, &event)
	if err == nil {
		err = unix.EpollCtl(p.reporter.epoll, unix.EPOLL_CTL_ADD, s.pair.rtcp, &event)
	}
	if err != nil {
		p.unwatch(s)
		p.drop(s)
		return err
	}
	if p.live++; p.live == 1 && !p.byHand {
		before := p.done
		p.over, p.done = new(atomic.Bool), make(chan struct{})
		go p.run(p.epoll, p.over, before, p.done)
		p.reporter.begin(&p.streams, p.done)
	}
	return nil
}

// leave takes them out.
func (p *pump) leave(s *Stream) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.unwatch(s)
	p.live--
	p.drop(s)
}

// unwatch takes both sockets out of their epolls. Called with mu held.
func (p *pump) unwatch(s *Stream) {
	_ = unix.EpollCtl(p.epoll, unix.EPOLL_CTL_DEL, s.pair.rtp, nil)
	_ = unix.EpollCtl(p.reporter.epoll, unix.EPOLL_CTL_DEL, s.pair.rtcp, nil)
}

// drop forgets the stream; with the last one the thread ends. Called with mu held.
func (p *pump) drop(s *Stream) {
	next := slices.Clone(*p.streams.Load())
	next[s.place] = nil
	for len(next) > 0 && next[len(next)-1] == nil {
		next = next[:len(next)-1]
	}
	p.streams.Store(&next)
	if p.live > 0 {
		return
	}
	if p.over == nil {
		_, _ = unix.Close(p.epoll), unix.Close(p.reporter.epoll)
		return
	}
	p.over.Store(true) // the thread closes its epoll, the reporter its own
	p.over = nil
	p.kick()
}

// kick makes the pump turn. It is one system call a turn at most, and never waits.
func (p *pump) kick() {
	if !p.pending.Swap(true) {
		p.wake.Ring()
	}
}

// moved returns when the pump works on no socket of a stream that was closed before.
func (p *pump) moved() {
	for n := p.moving.Load(); n%2 == 1 && p.moving.Load() == n; {
		time.Sleep(breath)
	}
}

// run is the thread. It begins when the one before it has ended and closes done at its own end.
func (p *pump) run(epoll int, over *atomic.Bool, before <-chan struct{}, done chan<- struct{}) {
	defer p.reporter.ring()
	defer close(done)
	if before != nil {
		<-before
	}
	runtime.LockOSThread() // for good: a thread with a priority is not given back to other goroutines
	defer realtime.Thread("phones", realtime.Phones, -1)()
	defer unix.Close(epoll)
	fds := []unix.PollFd{p.wake.Awaited(), {Fd: int32(epoll), Events: unix.POLLIN}}
	var stint realtime.Stint
	for !over.Load() {
		p.wait(fds)
		p.turn(epoll, time.Now())
		stint.Yield(p.began)
	}
}

// wait returns when the engine has spoken, or after a beat. While anything is relayed it returns also when a packet
// has come, but lets those that follow the last one gather first. The first of fds is wake, the second epoll.
func (p *pump) wait(fds []unix.PollFd) {
	rest := beat
	switch {
	case p.relays == 0:
		fds = fds[:1]
	case p.took > 0 && p.flow > calm:
		fds, rest = fds[:1], max(p.flow.cycle()-time.Since(p.began), breath)
	}
	if n, _ := realtime.Wait(fds, rest); n > 0 && fds[0].Revents != 0 {
		p.wake.Heard()
	}
}

// turn takes in what has come, sends what is to go and looks after the streams.
func (p *pump) turn(epoll int, now time.Time) {
	spoken := p.pending.Swap(false)
	p.turns.add(1)
	streams := *p.streams.Load()
	p.takeAll(epoll, streams, now)
	p.flow.note(p.took, now.Sub(p.began))
	p.began = now
	if spoken {
		p.sendAll(streams)
	}
	p.look(streams, now)
	p.deliver()
}

// look looks after as many streams as are due: after each once in lookEvery, and after few in one turn, for packets wait
// meanwhile.
func (p *pump) look(streams []*Stream, now time.Time) {
	since, due, upTo := now.Sub(p.lastLook), len(streams), now
	if since >= 0 && since < lookEvery && due > 0 {
		due = int(since * time.Duration(len(streams)) / lookEvery)
		upTo = p.lastLook.Add(time.Duration(due) * lookEvery / time.Duration(len(streams)))
	}
	p.lastLook = upTo
	for range due {
		if p.looked++; p.looked >= len(streams) {
			p.looked, p.relays, p.relayed = 0, p.relayed, 0
		}
		if s := streams[p.looked]; s != nil {
			p.tell(s, s.look(now, &p.reporter.reports))
			if s.forward != nil {
				p.relayed++
			}
		}
	}
}

// takeAll reads what has come, one packet of each socket in a round.
func (p *pump) takeAll(epoll int, streams []*Stream, now time.Time) {
	p.took = 0
	for range rounds {
		n := ready(epoll, p.events[:])
		p.calls.add(1)
		if n == 0 {
			return
		}
		p.took += n
		t := taking{pump: p, streams: streams, now: now, wall: time.Now().UnixNano()}
		if p.ring != nil {
			t.byRing(p.events[:n])
		} else {
			t.oneByOne(p.events[:n])
		}
		if p.relays > 0 && n < len(p.events) {
			return // the next turn is near
		}
	}
}
