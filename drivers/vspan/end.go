package vspan

import (
	"io"
	"time"

	"trunkbox/drivers/span"
)

// End is one end of a cable: a span.Line.
type End struct {
	c        *Cable
	name     string
	out, in  *way
	d        dchannel
	closed   chan struct{}
	events   chan span.Event
	next     uint64 // moment of the last tick; 0 before the first. Tick's own
	overdue  []byte // what the D channel receives beside the block of this tick. Tick's own
	tap      span.Tap
	counters span.Counters // guarded by Cable.mu, as the rest
	alarms   span.Alarm
	over     bool
	usual    span.Format // of New
	format   span.Format
	byOrder  bool // something was ordered over the socket
	sight    sight

	looping
	measure   measuring
	insert    inserted
	burst     span.Alarm // raised by inserted defects
	burstEnds uint64     // the moment at which burst is over
}

// eventQueue is how many changes of alarms wait for a reader.
const eventQueue = 16

func (e *End) init(c *Cable, name string, out, in *way, f span.Format) {
	e.c, e.name, e.out, e.in, e.usual, e.format = c, name, out, in, f, f
	e.d.init()
	e.d.tune(f)
	e.closed, e.events = make(chan struct{}), make(chan span.Event, eventQueue)
}

// other is the end at the other side of the cable.
func (e *End) other() *End {
	if e == &e.c.ends[0] {
		return &e.c.ends[1]
	}
	return &e.c.ends[0]
}

// Name is the name given in Options.
func (e *End) Name() string { return e.name }

// Kind is the rate of the cable.
func (e *End) Kind() span.Kind { return e.c.kind }

// Bearers are the B timeslots: with that of the D channel where the cable has none.
func (e *End) Bearers() []span.Timeslot {
	if e.c.noD {
		return e.c.kind.Payload()
	}
	return e.c.kind.B()
}

// Block is the number of octets per timeslot and tick.
func (e *End) Block() int { return e.c.block }

// Tick waits for the clock and exchanges one block with the cable.
func (e *End) Tick(rx, tx *span.Block) error {
	if !e.await() {
		return io.EOF
	}
	e.exchange(rx, tx)
	return nil
}

// exchange takes and gives the block of this moment.
func (e *End) exchange(rx, tx *span.Block) {
	d, n := e.c.kind.D(), e.c.block
	e.c.mu.Lock()
	given := e.take(rx)
	e.takeOverdue()
	if stamp := e.next + e.c.transit; !e.overrides(stamp, rx) && e.out.open(stamp) {
		for ts := 1; ts < span.Slots; ts++ {
			copy(e.out.place(stamp, ts), tx[ts][:n])
		}
		if !e.c.noD {
			e.d.fill(e.out.place(stamp, int(d)))
		}
	}
	e.c.mu.Unlock()
	for rest := e.overdue; len(rest) > 0; rest = rest[n:] {
		e.d.push(rest[:n])
	}
	if given && !e.c.noD {
		e.d.push(rx[d][:n])
	}
	e.tap.Offer(rx, n)
}

// takeOverdue takes what the other end owes the D channel, which is lost while its signal does not arrive here. The
// caller holds Cable.mu.
func (e *End) takeOverdue() {
	e.overdue, e.in.overdue = e.in.overdue, e.overdue[:0]
	if e.sight.dark || e.sight.source != e.in {
		e.overdue = e.overdue[:0]
	}
}

// Beat is that of the Kernel clock, which the ends of all cables have in common that have it and blocks of the same length.
func (e *End) Beat() (span.Beat, error) {
	switch _, shared := e.c.clock.(*Kernel); {
	case e.ended():
		return nil, io.EOF
	case shared:
		return e.c.round, nil
	}
	return nil, nil
}

// TickAt exchanges the block of moment n with the cable.
func (e *End) TickAt(beat span.Beat, n uint64, rx, tx *span.Block) error {
	switch {
	case e.ended():
		return io.EOF
	case beat != span.Beat(e.c.round):
		return span.ErrOutOfStep
	}
	if e.next != 0 && n > e.next+1 {
		e.leaveOut(n - e.next - 1)
	}
	e.next = n
	e.exchange(rx, tx)
	return nil
}

// take receives the block of this moment into rx; it says whether there was one. The caller holds
// Cable.mu.
func (e *End) take(rx *span.Block) bool {
	e.counters.Ticks++
	if e.burst != 0 && e.next >= e.burstEnds {
		e.burst = 0
		e.c.refresh()
	}
	given := e.in.take(e, rx)
	if !e.sight.dark {
		e.out.echo(e, rx)
		e.suffer(e.c.block)
	}
	e.obey(rx)
	e.check(rx)
	return given
}

// await waits for the next moment; it says false when the end is closed. An end that has fallen too
// far behind leaves out what it missed.
func (e *End) await() bool {
	c := e.c
	if e.next == 0 {
		e.next = c.began
		if _, stepped := c.clock.(*Manual); !stepped {
			e.next = c.clock.Count(c.block)
		}
	}
	e.next++
	c.clock.Wait(e.next, c.block, e.closed)
	select {
	case <-e.closed:
		return false
	default:
	}
	if now := c.clock.Count(c.block); now > e.next+c.catchUp {
		e.leaveOut(now - e.next)
		e.next = now
	}
	return true
}

// leaveOut counts blocks that came and were not taken.
func (e *End) leaveOut(blocks uint64) {
	e.c.mu.Lock()
	defer e.c.mu.Unlock()
	e.counters.RxOverruns += blocks
}

// ReceiveFrame waits for a D channel frame.
func (e *End) ReceiveFrame(buf []byte) (int, error) { return e.d.receive(buf) }

// SendFrame queues a D channel frame.
func (e *End) SendFrame(frame []byte) error { return e.d.send(frame) }

// Status reads alarms and counters.
func (e *End) Status() span.Status {
	e.c.mu.Lock()
	defer e.c.mu.Unlock()
	v := &e.sight
	s := span.Status{Alarms: e.alarms, Counters: e.counters, Signal: span.Signal{
		Framing: v.framing, Clock: v.clock, LevelKnown: v.hasLevel, LevelDB: v.levelDB, OffsetPPM: v.offset,
	}}
	e.d.count(&s.Counters)
	return s
}

// Events delivers the changes of alarms.
func (e *End) Events() <-chan span.Event { return e.events }

// Close switches the end off: the other one sees LOS.
func (e *End) Close() error {
	e.c.mu.Lock()
	defer e.c.mu.Unlock()
	if e.over {
		return nil
	}
	e.over = true
	close(e.closed)
	e.tap.End()
	e.d.close()
	e.out.switchOn(false)
	e.c.refresh()
	close(e.events)
	return nil
}

// setAlarms notes new alarms and tells of them. The caller holds Cable.mu.
func (e *End) setAlarms(now span.Alarm, at time.Time) {
	if now == e.alarms || e.over {
		return
	}
	event := span.Event{At: at, Alarms: now, Was: e.alarms}
	e.alarms = now
	e.c.log.Info("alarms", "line", e.name, "now", now.Names(), "were", event.Was.Names())
	tell(e.events, event)
}

// tell puts an event in its queue and drops the oldest when there is no room. There may be only one
// sender at a time.
func tell(events chan span.Event, event span.Event) {
	for {
		select {
		case events <- event:
			return
		default:
		}
		select {
		case <-events:
		default:
		}
	}
}
