package exchange

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"trunkbox/drivers/span"
	"trunkbox/firmware/bridge"
	"trunkbox/firmware/call"
	"trunkbox/firmware/config"
	"trunkbox/firmware/journal"
	"trunkbox/firmware/timeslot"
)

// echo is who takes the echo out of the channels of a line: the line's own canceller, where the settings want it and it
// obeys, else the box's. Never both: what is left after one is no echo of what was sent, and would lead the other astray.
//
// A card's canceller costs the box nothing. A module of the kernel works on the processor of the box and is weaker than the
// box's own (an echo at -12 dB is less by 37 dB with mg2, by 47 dB with the box's; drivers/dahdi, TestEchoOfTheKernel), so
// that it is taken only where the settings ask for it.
//
// The signalling opens and closes channels, the bridge asks at each block, the loop looks: any goroutine may call it.
type echo struct {
	line    *steady
	refused func(ts span.Timeslot, c span.Canceller, err error)
	log     *slog.Logger

	serves atomic.Uint32 // a span.Slotset, written under mu: the channels of which the line's own canceller takes the echo

	mu    sync.Mutex
	by    string        // as Line.EchoBy
	tail  time.Duration // 0: no echo is to be cancelled
	open  span.Slotset
	fault error // why the line's own canceller did not obey when it was last asked
}

func (x *Exchange) newEcho(line *steady, settings config.Line) *echo {
	e := &echo{line: line, log: x.Log, refused: func(ts span.Timeslot, c span.Canceller, err error) {
		x.Log.Warn("the echo canceller of a line does not obey, the box cancels instead", "line", line.Name(), "timeslot", ts, "canceller", c.Name, "error", err)
		x.note("", journal.LineFound, "line", line.Name(), "channel", strconv.Itoa(int(ts)), "reason", string(journal.EchoRefused), "about", c.Name)
	}}
	e.apply(settings)
	return e
}

// apply takes what the settings want from the next call on.
func (e *echo) apply(settings config.Line) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.by, e.tail = settings.EchoBy, time.Duration(settings.EchoTailMS)*time.Millisecond
	e.fault = nil
}

// canceller is the line's own; nil while its driver has none, or is not there.
func (e *echo) canceller() span.EchoCanceller {
	if driver := e.line.driver.Load(); driver != nil {
		if c, has := (*driver).(span.EchoCanceller); has && c.Canceller().By != span.ByNobody {
			return c
		}
	}
	return nil
}

// wants says whether the settings want the line's own canceller rather than the box's.
func (e *echo) wants(c span.EchoCanceller) bool {
	if c == nil || e.tail == 0 {
		return false
	}
	return e.by == "board" || e.by != "box" && c.Canceller().By == span.ByHardware
}

// begin is called before a channel is heard.
func (e *echo) begin(ts span.Timeslot) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.open = e.open.With(ts)
	e.take(ts)
}

// take has the line's own canceller serve an open channel, if it is wanted and obeys.
func (e *echo) take(ts span.Timeslot) {
	e.serve(ts, false)
	c := e.canceller()
	if !e.wants(c) {
		return
	}
	err := c.CancelEcho(ts, e.tail)
	if err == nil {
		e.serve(ts, true)
	}
	if err != nil && e.fault == nil && !errors.Is(err, io.EOF) { // a driver that has gone says so by itself
		e.refused(ts, c.Canceller(), err)
	}
	e.fault = err
}

// end is called after a channel was heard.
func (e *echo) end(ts span.Timeslot) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.open = e.open.Without(ts)
	served := e.served(ts)
	if e.serve(ts, false); !served {
		return
	}
	if c := e.canceller(); c != nil {
		if err := c.CancelEcho(ts, 0); err != nil && !errors.Is(err, io.EOF) {
			e.log.Warn("the echo canceller of a channel could not be ended", "line", e.line.Name(), "timeslot", ts, "error", err)
		}
	}
}

// again begins on a new driver with the channels that are open: its cancellers know nothing of them.
func (e *echo) again() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.fault = nil
	for ts := range span.Timeslot(span.Slots) {
		if e.open.Has(ts) {
			e.take(ts)
		}
	}
}

// serve notes whether the line's own canceller serves a channel; e.mu is held.
func (e *echo) serve(ts span.Timeslot, serves bool) {
	all := span.Slotset(e.serves.Load()).Without(ts)
	if serves {
		all = all.With(ts)
	}
	e.serves.Store(uint32(all))
}

func (e *echo) served(ts span.Timeslot) bool { return span.Slotset(e.serves.Load()).Has(ts) }

// now says who cancels on the line, or would if there were calls.
func (e *echo) now() EchoNow {
	e.mu.Lock()
	defer e.mu.Unlock()
	c := e.canceller()
	switch {
	case e.tail == 0:
		return EchoNow{By: span.ByNobody.String()}
	case e.wants(c) && e.fault == nil:
		return EchoNow{By: c.Canceller().By.String(), Name: c.Canceller().Name}
	case e.wants(c):
		return EchoNow{By: "box", Why: "refused"}
	case e.by == "board":
		return EchoNow{By: "box", Why: "none"}
	}
	return EchoNow{By: "box"}
}

// cancelled gives pri the timeslots of a line as ports, with the line's own canceller at work while they are open.
type cancelled struct {
	slots *timeslot.Span
	echo  *echo
}

func (c cancelled) Open(ts span.Timeslot) bridge.Port {
	c.echo.begin(ts)
	return &channelPort{c.slots.Open(ts), c.echo, ts}
}

func (c cancelled) Close(ts span.Timeslot) {
	c.slots.Close(ts)
	c.echo.end(ts)
}

// channelPort is a channel that knows whether the line has taken its echo out.
type channelPort struct {
	*timeslot.Channel
	echo *echo
	ts   span.Timeslot
}

// EchoFree says whether the line's own canceller serves the channel.
func (p *channelPort) EchoFree() bool { return p.echo.served(p.ts) }

// echoes writes down what tones do to the cancellers of the line of that name, until its driver is closed.
func (x *Exchange) echoes(name string, driver span.Line) {
	c, has := driver.(span.EchoCanceller)
	if !has {
		return
	}
	by := c.Canceller().By.String()
	for change := range c.EchoChanges() {
		x.loop.Post(func() {
			if id := x.callsOnChannels()[channel{name, int(change.Timeslot)}]; id != "" {
				x.noteTone(id, fmt.Sprintf("%s/ts%02d", name, change.Timeslot), by, change.Off)
			}
		})
	}
}

// lookForTones writes down what tones have done to the box's own cancellers.
func (x *Exchange) lookForTones() {
	for id, c := range x.calls {
		for _, side := range []*call.Side{c.caller, c.other} {
			if side == nil || side.Party() == nil || side.Party().EchoOff() == side.Toned {
				continue
			}
			side.Toned = !side.Toned
			x.noteTone(id, side.Leg.Name(), "box", side.Toned)
		}
	}
}

func (x *Exchange) noteTone(id, channel, by string, off bool) {
	state := "on"
	if off {
		state = "off"
	}
	x.note(id, journal.EchoTurned, "line", lineIn(channel), "channel", channelOf(channel), "by", by, "state", state)
}
