// Package bridge joins the sound of parties: what one says, others hear; prompts and music are heard
// like parties.
//
// In: Ports, which firmware/timeslot (B channels) and firmware/rtp (telephones) implement. Out: the same
// Ports; each hears one Source. Keys found in a party's sound and the end of a Source leave as Events to
// the control of the call (firmware/exchange).
//
// Octets are G.711 in the law of each port; where two ports have the same law they pass bit-exact. Two ports
// that can relay (two telephones) pass on their sound between themselves, without waiting for a tick, as long as
// one hears the other and nothing else; the engine goes on listening to both.
//
// One thread runs the Engine. Add, Remove and every method of a Party may be called from anywhere: they
// change atomic pointers, and the change takes effect between two ticks. A tick takes no lock and makes
// no allocation. After Remove the engine may use the port for the rest of the tick that is running.
package bridge

import (
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"trunkbox/dsp"
	"trunkbox/firmware/realtime"
)

// Engine moves the sound of all parties once a tick.
type Engine struct {
	block   int
	wake    *realtime.Bell // how many blocks the line has moved since we last looked
	events  chan Event
	parties atomic.Pointer[[]*Party]
	change  sync.Mutex // orders Add and Remove; the tick does not take it
	log     *slog.Logger
	ended   atomic.Bool

	ticks, lost atomic.Uint64
	longest     atomic.Int64
}

// Event is something heard: a key in a party's sound, or the end of what it was listening to.
type Event struct {
	Party *Party
	Key   byte           // 0-9 * # A-D: a key was pressed
	Digit dsp.DigitEvent // its End is set: the key was let go, and this is how it sounded
	Ended Source         // the Source whose last block went out in this tick
}

// eventQueue is how many events may wait for the control; at 480 channels it is seconds of fast keying.
const eventQueue = 4096

// New makes an engine that moves block octets (8 a millisecond, up to 20 ms) in each tick.
func New(block int, log *slog.Logger) (*Engine, error) {
	if block < 16 || block > maxBlock {
		return nil, fmt.Errorf("a block has 16 to %d octets, not %d", maxBlock, block)
	}
	wake, err := realtime.NewBell()
	if err != nil {
		return nil, fmt.Errorf("the bridge: %w", err)
	}
	e := &Engine{block: block, wake: wake, events: make(chan Event, eventQueue), log: log}
	e.parties.Store(&[]*Party{})
	return e, nil
}

// Add makes port a party. It hears silence until Hear is called.
func (e *Engine) Add(name string, port Port) *Party {
	p := &Party{name: name, port: port, block: e.block}
	p.keys = func(d dsp.DigitEvent) {
		if d.End {
			e.tell(Event{Party: p, Digit: d})
			return
		}
		if p.digits.Load() {
			e.tell(Event{Party: p, Key: d.Digit})
		}
	}
	p.relays, _ = port.(Relaying)
	silence(p.said[:], port.Law())
	e.change.Lock()
	defer e.change.Unlock()
	with := append(slices.Clone(*e.parties.Load()), p)
	e.parties.Store(&with)
	return p
}

// Remove takes the party out. Parties that hear it hear silence from then on and Ended is told of them.
func (e *Engine) Remove(p *Party) {
	p.gone.Store(true)
	e.change.Lock()
	defer e.change.Unlock()
	without := slices.DeleteFunc(slices.Clone(*e.parties.Load()), func(q *Party) bool { return q == p })
	e.parties.Store(&without)
}

// Events are the keys and ends heard, in order. When nobody reads them for long the newest are lost and counted.
func (e *Engine) Events() <-chan Event { return e.events }

// Tick moves one block: first every party is listened to, then every party is spoken to.
func (e *Engine) Tick() {
	parties := *e.parties.Load()
	for _, p := range parties {
		p.listen()
	}
	for _, p := range parties {
		if ended := p.speak(); ended != nil {
			e.tell(Event{Party: p, Ended: ended})
		}
	}
	e.ticks.Add(1)
}

func (e *Engine) tell(event Event) {
	select {
	case e.events <- event:
	default:
		e.lost.Add(1)
	}
}

// Now is how the engine is doing.
type Now struct {
	Parties int
	Ticks   uint64
	Lost    uint64        // events nobody fetched
	Longest time.Duration // the longest tick
}

// Now reads the counters.
func (e *Engine) Now() Now {
	return Now{len(*e.parties.Load()), e.ticks.Load(), e.lost.Load(), time.Duration(e.longest.Load())}
}

// Wake tells the engine that the line has moved one block. It is one system call, without allocation,
// for the line's own thread.
func (e *Engine) Wake() { e.wake.Ring() }

// catchUp is the most ticks run in one go after a pause; what is older is lost at the rings, which count it.
const catchUp = 4

// Run ticks with the line until Close: one tick for each Wake. When no line wakes it for two blocks'
// time it goes on by the system's clock, so that telephones can talk to each other without a line.
func (e *Engine) Run() {
	runtime.LockOSThread() // and ends with the goroutine: nobody else inherits its priority
	defer realtime.Thread("bridge", realtime.Bridge, -1)()
	defer close(e.events)
	pacing := newPacing(time.Duration(e.block)*time.Second/8000, time.Now())
	var stint realtime.Stint
	for !e.ended.Load() {
		brought, err := e.wait(time.Until(pacing.next))
		if err != nil {
			e.log.Error("the bridge cannot wait for the line; it goes on by the system's clock", "error", err)
			time.Sleep(time.Until(pacing.next))
		}
		began := time.Now()
		ticks := pacing.ticks(began, brought)
		if ticks == 0 {
			continue
		}
		for range ticks {
			e.Tick()
		}
		done := time.Now()
		if took := int64(done.Sub(began)); took > e.longest.Load() {
			e.longest.Store(took)
		}
		stint.Yield(done)
	}
}

// Close ends Run. The lines that Wake the engine are closed before it.
func (e *Engine) Close() {
	if !e.ended.Swap(true) {
		e.Wake()
	}
}

// wait returns how many blocks the line has moved since the last wait, 0 after timeout.
func (e *Engine) wait(timeout time.Duration) (int, error) {
	fds := [1]unix.PollFd{e.wake.Awaited()}
	n, err := realtime.Wait(fds[:], timeout)
	if err != nil {
		return 0, fmt.Errorf("ppoll: %w", err)
	}
	if n == 0 {
		return 0, nil
	}
	return e.wake.Heard(), nil
}
