package call

import (
	"context"
	"runtime/debug"
	"sync"
	"time"
)

// Loop is the one goroutine in which all call control happens, so that no call, agent or queue needs a
// lock and every journal has one order. Work is done in the order it was posted.
type Loop struct {
	// Panicked is told of work that panicked, with its stack; the loop goes on, so that one call's defect
	// does not end all others. Nil lets the panic end the process. It is set before Run.
	Panicked func(value any, stack []byte)

	mu    sync.Mutex
	queue []func()
	ready chan struct{} // holds a token while the queue is not empty
	ended bool
}

// NewLoop makes a loop; Run starts it.
func NewLoop() *Loop { return &Loop{ready: make(chan struct{}, 1)} }

// Post has work done by the loop. It never waits. After the end of Run it does nothing and returns false.
func (l *Loop) Post(work func()) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended {
		return false
	}
	l.queue = append(l.queue, work)
	select {
	case l.ready <- struct{}{}:
	default:
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
	for {
		select {
		case <-l.ready:
			l.drain()
		case <-ctx.Done():
			l.mu.Lock()
			l.ended = true
			l.mu.Unlock()
			l.drain()
			return
		}
	}
}

func (l *Loop) drain() {
	l.mu.Lock()
	work := l.queue
	l.queue = nil
	l.mu.Unlock()
	for _, do := range work {
		l.do(do)
	}
}

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

// Stop cancels the work. Stopping nil or twice does nothing.
func (t *Timer) Stop() {
	if t != nil {
		t.stopped = true
		t.timer.Stop()
	}
}
