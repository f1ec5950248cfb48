// Package timeslot is the 30B+D (23B+D) scheduler: on every tick of a line it moves one block of each
// B timeslot between the line and the timeslot's user.
//
// In: a span.Line (drivers/dahdi or drivers/vspan). Out: a Channel for each timeslot in use, which the
// bridge hears and speaks to as a Port. The D channel passes by here untouched; firmware/pri owns it.
//
// G.704 frame structure as seen after the framer; the law is applied by the users. Echo cancelling and
// digit detection happen behind the Port, not here.
//
// One thread-locked goroutine a span runs Run and is the only caller of the line's Tick, or one for all
// spans whose lines are in step (Rows). Open and Close may be called from anywhere. A tick makes no
// allocation, takes no lock, writes no log, uses no map and no channel, and reads the clock once; what
// is lost is counted at the ring that lost it. The line is the clock: as many blocks go out as came in.
package timeslot

import (
	"errors"
	"io"
	"log/slog"
	"runtime"
	"sync/atomic"
	"time"

	"trunkbox/drivers/span"
	"trunkbox/dsp"
	"trunkbox/firmware/realtime"
)

// Span is the scheduler of one line.
type Span struct {
	line  span.Line
	law   dsp.Law
	block int
	b     []span.Timeslot
	after func()
	log   *slog.Logger

	thread atomic.Value // string: the name of the one that ticks
	inRow  atomic.Bool

	slots  slots
	rx, tx span.Block

	ticks, failed atomic.Uint64
	late          lateness
	phase         phase
	all           losses // of every channel there was
	apart         apart
}

// New makes the scheduler of line. after is called at the end of each tick on the line's thread (it
// wakes the bridge) and keeps the rules of a tick; it may be nil.
func New(line span.Line, law dsp.Law, after func(), log *slog.Logger) *Span {
	if after == nil {
		after = func() {}
	}
	s := &Span{line: line, law: law, block: line.Block(), b: span.Bearers(line), after: after, log: log}
	s.idle()
	return s
}

// Open gives the timeslot a new Channel. A Channel that was open on it is cut off.
func (s *Span) Open(ts span.Timeslot) *Channel {
	delay := s.block
	if line, ok := s.line.(span.Delayed); ok {
		delay = min(max(line.Delay(), 0), size-2*span.MaxBlock)
	}
	c := newChannel(s.law, delay, &s.apart, &s.all)
	s.slots[ts].Store(c)
	return c
}

// Close returns the timeslot to idle.
func (s *Span) Close(ts span.Timeslot) { s.slots[ts].Store(nil) }

// Run moves blocks until the line is closed, on a thread of its own. A driver's failure is logged and tried again after a
// block's time, so that a board that comes back is used again.
func (s *Span) Run() {
	runtime.LockOSThread() // and ends with the goroutine: nobody else inherits its priority
	defer realtime.Thread(s.line.Name(), realtime.Line, -1)()
	s.thread.Store(s.line.Name())
	s.inRow.Store(false)
	for !errors.Is(s.failure(s.Tick()), io.EOF) {
	}
}

// failure returns err. A driver's failure is logged, and its line not ticked again before a block's time is over.
func (s *Span) failure(err error) error {
	if err == nil || errors.Is(err, io.EOF) || errors.Is(err, span.ErrOutOfStep) {
		return err
	}
	s.failed.Add(1)
	s.log.Warn("the line gave no block", "line", s.line.Name(), "error", err)
	time.Sleep(s.blockTime())
	return err
}

// Thread is the name of the thread that ticks the line (realtime.Tasks), empty before the first tick.
func (s *Span) Thread() string {
	name, _ := s.thread.Load().(string)
	return name
}

// InRow says whether the line is ticked with others, by a clock: no driver can be late then.
func (s *Span) InRow() bool { return s.inRow.Load() }

// Tick moves one block in each timeslot. Only the goroutine that runs the span may call it.
//
// What is heard by the line's tick T1 is given to the bridge there, joined at its tick B1 and taken by T2, when the driver
// writes it at once behind its lead:
//
//	line    ─────T0─────────T1─────────T2─────────T3───
//	             └ arrives ─┘└┐       ┌┘└ lead ┘└ leaves ┘
//	bridge  ───────B0─────────B1──────────B2───────────
//
// From an octet's arrival to its leaving it is so two blocks and the lead; from a telephone one block less on average. The
// rest of the block between B1 and T2 could be had by taking the sound when the bridge is done instead. The line's thread
// would have to wait for the bridge, out of the lead: the 8 ms for which a thread may be late without a gap on the line.
// With 480 calls a tick of the bridge takes that long now and then, so that the gain would be paid for with gaps.
func (s *Span) Tick() error {
	if err := s.line.Tick(&s.rx, &s.tx); err != nil {
		return err
	}
	s.move()
	s.after()
	return nil
}

// move exchanges the block that has come.
func (s *Span) move() {
	s.ticks.Add(1)
	now, block := time.Now(), s.blockTime()
	s.late.measure(now, block)
	s.phase.tick(now, block)
	idle := s.law.Silence()
	for _, ts := range s.b {
		tx := s.tx[ts][:s.block]
		if c := s.slots[ts].Load(); c != nil {
			c.exchange(s.rx[ts][:s.block], tx, idle)
		} else {
			fill(tx, idle)
		}
	}
}

func (s *Span) blockTime() time.Duration { return time.Duration(s.block) * time.Second / 8000 }

func (s *Span) idle() {
	for _, ts := range s.b {
		fill(s.tx[ts][:s.block], s.law.Silence())
	}
}

// Ticks is how the ticks went since the start.
type Ticks struct {
	Moved   uint64        // ticks
	Late    uint64        // ticks that came more than one block's time late
	Failed  uint64        // ticks the driver refused
	Longest time.Duration // the largest lateness
	When    time.Time     // of the longest; zero before the second tick
	Classes []LateClass   // how many ticks were how late
	Losses  Losses        // of all channels there were
}

// Latest returns by how much the latest tick since the last call of Latest was late, and when it came; zero when none was.
// It is for one caller.
func (s *Span) Latest() (late time.Duration, when time.Time) { return s.late.look() }

// Ticks reads the counters.
func (s *Span) Ticks() Ticks {
	t := Ticks{
		Moved: s.ticks.Load(), Late: s.late.missed.Load(), Failed: s.failed.Load(), Longest: time.Duration(s.late.longest.Load()),
		Classes: s.late.read(), Losses: s.all.read(),
	}
	if when := s.late.when.Load(); when != 0 {
		t.When = time.Unix(0, when)
	}
	return t
}
