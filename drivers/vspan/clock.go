package vspan

import (
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// Clock is what the blocks of a cable are counted by. Several cables may share one.
type Clock interface {
	// Count returns how many blocks of so many octets have passed since the clock began.
	Count(block int) uint64
	// Wait returns when Count is n or more, or when done is closed. It must not allocate.
	Wait(n uint64, block int, done <-chan struct{})
	// WaitBeside returns so long after block n has passed, or before it if shift is negative, or when done is closed. A
	// clock that is not of real time has no moments between blocks. It is for threads that no tick waits for.
	WaitBeside(n uint64, block int, shift time.Duration, done <-chan struct{})
}

// octetTime is the time of one octet of a timeslot: 125 µs.
const octetTime = time.Second / 8000

// Real counts by the machine's monotonic clock. Its blocks end at fixed moments counted from the
// beginning, so that a late wake-up does not shift the next one.
type Real struct{ began time.Time }

// NewReal returns a clock that begins now.
func NewReal() *Real { return &Real{began: time.Now()} }

// Count returns how many blocks have passed.
func (r *Real) Count(block int) uint64 {
	return uint64(time.Since(r.began) / (time.Duration(block) * octetTime))
}

// Wait sleeps until block n has passed. It looks at done before and after, not in between: a block
// is 20 ms at most.
func (r *Real) Wait(n uint64, block int, done <-chan struct{}) { r.wait(n, block, 0, done, time.Sleep) }

func (r *Real) WaitBeside(n uint64, block int, shift time.Duration, done <-chan struct{}) {
	r.wait(n, block, shift, done, time.Sleep)
}

// Kernel counts as Real does, and lets the kernel wake the waiting thread itself: one with a priority of its own is not
// kept waiting by the runtime's timers, which any thread may serve. It knows no simulated time.
//
// The far processes of all cables that share one are served by one thread.
type Kernel struct {
	Real

	// Sleep, unless it is nil, is how the threads that tick the lines sleep; it may return too early. It is set before the
	// first cable is made.
	Sleep func(time.Duration)

	mu     sync.Mutex
	rounds map[int]*round // by block
}

// NewKernel returns a clock that begins now.
func NewKernel() *Kernel { return &Kernel{Real: *NewReal(), rounds: map[int]*round{}} }

// Wait sleeps until block n has passed, as Real's does.
func (k *Kernel) Wait(n uint64, block int, done <-chan struct{}) {
	sleep := k.Sleep
	if sleep == nil {
		sleep = kernelSleep
	}
	k.wait(n, block, 0, done, sleep)
}

func (k *Kernel) WaitBeside(n uint64, block int, shift time.Duration, done <-chan struct{}) {
	k.wait(n, block, shift, done, kernelSleep)
}

func kernelSleep(d time.Duration) {
	spec := unix.NsecToTimespec(int64(d))
	_ = unix.ClockNanosleep(unix.CLOCK_MONOTONIC, 0, &spec, nil) // interrupted: the rest is slept in the next round
}

// round is the one for blocks of that length.
func (k *Kernel) round(block int) *round {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.rounds[block] == nil {
		k.rounds[block] = newRound(k, block)
	}
	return k.rounds[block]
}

// wait sleeps until so long after block n has passed, or before it if shift is negative.
func (r *Real) wait(n uint64, block int, shift time.Duration, done <-chan struct{}, sleep func(time.Duration)) {
	due := time.Duration(n)*time.Duration(block)*octetTime + shift
	for {
		select {
		case <-done:
			return
		default:
		}
		left := due - time.Since(r.began)
		if left <= 0 {
			return
		}
		sleep(min(left, 20*time.Millisecond))
	}
}

// Manual is a clock that moves when it is told to.
type Manual struct {
	mu      sync.Mutex
	count   uint64
	stepped chan struct{} // closed and replaced by each step
}

func (m *Manual) WaitBeside(n uint64, block int, shift time.Duration, done <-chan struct{}) {
	if shift >= 0 {
		m.Wait(n, block, done)
	}
}

// NewManual returns a clock that stands at 0.
func NewManual() *Manual { return &Manual{stepped: make(chan struct{})} }

// Step moves one block, whatever its length. It does not wait for the ends: an end that comes later
// finds its block passed.
func (m *Manual) Step() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.count++
	close(m.stepped)
	m.stepped = make(chan struct{})
}

// Count returns the number of steps.
func (m *Manual) Count(int) uint64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.count
}

// Wait returns after step n.
func (m *Manual) Wait(n uint64, _ int, done <-chan struct{}) {
	for {
		m.mu.Lock()
		count, stepped := m.count, m.stepped
		m.mu.Unlock()
		if count >= n {
			return
		}
		select {
		case <-stepped:
		case <-done:
			return
		}
	}
}
