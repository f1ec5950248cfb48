package call

import (
	"context"
	"runtime/debug"
	"sync"
	"time"
)

// Loop does work in the order it was posted, one piece at a time, so that what belongs to it needs no lock. That of the
// exchange has all call control, and runs in a goroutine of its own: Run. That of a leg, of which there are hundreds who have
// little to do, has a goroutine only while there is work: Begin.
type Loop struct {
	// Panicked is told of work that panicked, with its stack; the loop goes on, so that one call's defect
	// does not end all others. Nil lets the panic end the process. It is set before Run or Begin.
	Panicked func(value any, stack []byte)

	mu      sync.Mutex
	queue   []func()
	ready   chan struct{} // of Run: holds a token while the queue is not empty
	begun   bool
	working bool // of Begin: the goroutine is there
	ended   bool
	spare   []func() // the queue before, empty; it belongs to who works
}

// NewLoop makes a loop; Run or Begin starts it.
func NewLoop() *Loop { return &Loop{} }

// Post has work done by the loop. It never waits. After the end of the loop it does nothing and returns false.
func (l *Loop) Post(work func()) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended {
		return false
	}
	l.queue = append(l.queue, work)
	switch {
	case l.begun:
		l.wake()
	case l.ready != nil:
		select {
		case l.ready <- struct{}{}:
		default:
		}
	}
	return true
}

// Do has work done by the loop and waits for it; false says that the loop has ended. The loop itself
// must not call it.
func (l *Loop) Do(work func()) bool {
	done := make(chan struct{})
	if !l.Post(func() { defer close(done); work() }) {
		return false
	}
	<-done
	return true
}

// Run does the posted work until ctx is done, and then what had been posted before that.
func (l *Loop) Run(ctx context.Context) {
	l.mu.Lock()
	l.ready = make(chan struct{}, 1)
	l.mu.Unlock()
	for l.drain() {
	}
	for {
		select {
		case <-l.ready:
			l.drain()
		case <-ctx.Done():
			l.End()
			l.drain()
			return
		}
	}
}

// Begin has the posted work done from now on, until End.
func (l *Loop) Begin() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.begun = true
	if len(l.queue) > 0 {
		l.wake()
	}
}

// End ends the loop: what had been posted before is still done.
func (l *Loop) End() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ended = true
}

// wake has somebody at work. The loop is locked.
func (l *Loop) wake() {
	if l.working {
		return
	}
	l.working = true
	go func() {
		for l.drain() {
		}
	}()
}

// drain does what is in the queue, and says whether there was anything; whoever is told no is not at work any more.
func (l *Loop) drain() bool {
	l.mu.Lock()
	work := l.queue
	if len(work) == 0 {
		l.working = false
		if l.begun { // it may be long until there is any again, and there are hundreds of these
			l.queue, l.spare = nil, nil
		}
		l.mu.Unlock()
		return false
	}
	l.queue = l.spare
	l.mu.Unlock()
	for _, do := range work {
		l.do(do)
	}
	clear(work)
	l.spare = nil
	if cap(work) <= spareQueue {
		l.spare = work[:0]
	}
	return true
}

// spareQueue is how long a queue may be that is kept.
const spareQueue = 256

func (l *Loop) do(work func()) {
	if l.Panicked != nil {
		defer func() {
			if value := recover(); value != nil {
				l.Panicked(value, debug.Stack())
			}
		}()
	}
	work()
}

// Timer is work to be done later. Only the loop's own goroutine may stop it; once stopped, the work is
// not done, even when its time had come and it was waiting in the queue.
type Timer struct {
	timer   *time.Timer
	stopped bool
}

// After has work done by the loop once d has passed.
func (l *Loop) After(d time.Duration, work func()) *Timer {
	t := &Timer{}
	t.timer = time.AfterFunc(d, func() {
		l.Post(func() {
			if !t.stopped {
				t.stopped = true
				work()
			}
		})
	})
	return t
}

// Stop cancels the work, and lets go of it: who keeps the timer does not keep what the work is about. Stopping nil or
// twice does nothing.
func (t *Timer) Stop() {
	if t == nil || t.timer == nil {
		return
	}
	t.stopped = true
	t.timer.Stop()
	t.timer = nil
}
