package vspan

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// round serves the far processes of all cables that have one clock and blocks of one length, all with one thread: twice a
// block it goes round them, to take what they gave shortly before the ends are ticked, and to send shortly after it what
// they are to have. A thread that is woken costs more than what it then does for a line, and one that comes when the
// ticking threads do would meet them at every cable's mutex.
//
// With 16 lines in blocks of 10 ms, a goroutine that sent and one that received for each made 25,000 system calls a
// second, with all that the runtime has to do for those that wait; so it is 3,400.
type round struct {
	clock  Clock
	block  int
	guests atomic.Pointer[[]*guest] // copied to be changed, with mu held

	mu    sync.Mutex
	alone chan struct{} // closed when the last guest has gone; nil without a thread
	ended chan struct{} // closed by the latest thread at its end
}

// beside is by how much it comes before and after the ticks.
const beside = time.Millisecond

func newRound(clock Clock, block int) *round {
	r := &round{clock: clock, block: block}
	r.guests.Store(&[]*guest{})
	return r
}

// join takes a guest in.
func (r *round) join(g *guest) {
	r.mu.Lock()
	defer r.mu.Unlock()
	with := append(slices.Clone(*r.guests.Load()), g)
	r.guests.Store(&with)
	if r.alone == nil {
		before := r.ended
		r.alone, r.ended = make(chan struct{}), make(chan struct{})
		go r.run(before, r.alone, r.ended)
	}
}

// leave lets him go. A round that is under way may still come to him.
func (r *round) leave(g *guest) {
	g.over.Store(true)
	r.mu.Lock()
	defer r.mu.Unlock()
	without := slices.DeleteFunc(slices.Clone(*r.guests.Load()), func(other *guest) bool { return other == g })
	r.guests.Store(&without)
	if len(without) == 0 {
		close(r.alone)
		r.alone = nil
	}
}

// run is the thread. It begins when the one before it has ended.
func (r *round) run(before <-chan struct{}, alone <-chan struct{}, ended chan<- struct{}) {
	defer close(ended)
	if before != nil {
		<-before
	}
	runtime.LockOSThread() // and ends with the goroutine
	thread := uint32(unix.Gettid())
	for {
		next := r.Count() + 1
		r.clock.WaitBeside(next, r.block, -beside, alone)
		for _, g := range *r.guests.Load() {
			g.receive(thread)
		}
		r.clock.WaitBeside(next, r.block, beside, alone)
		select {
		case <-alone:
			return
		default:
		}
		for _, g := range *r.guests.Load() {
			g.send(thread)
		}
		runtime.Gosched() // here, before Go's scheduler takes the thread for one that never gives way, and signals it
	}
}

// Count is how many blocks have passed.
func (r *round) Count() uint64 { return r.clock.Count(r.block) }

// Wait returns when block n has passed.
func (r *round) Wait(n uint64) { r.clock.Wait(n, r.block, nil) }
