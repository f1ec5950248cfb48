package farend

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"trunkbox/drivers/span"
	"trunkbox/dsp"
	"trunkbox/test/farend/sound"
)

// reference names a call: the call reference and who gave it.
type reference struct {
	value uint16
	ours  bool
}

// Setup is what a call begins with.
type Setup struct {
	Called  string // the number called, as a carrier delivers it: all of it or the last digits
	Calling string // the caller's number; empty: none
	Name    string // Display; octets as they are
	Hidden  bool   // presentation restricted
	Channel int    // B channel; 0: hunt for one
	Overlap bool   // send Called digit by digit after an empty SETUP
	Extra   []byte // more information elements, put at the end as they are
}

// Call is one call, in either direction.
type Call struct {
	e     *Exchange
	ref   reference
	sound *sound.Sound

	// Owned by the goroutine of Run.
	state   state
	timer   *time.Timer
	armed   int // which setting of timer is the valid one
	retried bool
	setup   message
	rest    string // digits still to send in overlap
	number  Number

	mu         sync.Mutex
	changed    chan struct{} // closed and replaced with every change below
	channel    int
	called     string
	calling    string
	display    string
	reached    map[milestone]bool
	cleared    bool
	cause      int
	location   int
	inband     bool
	seen       []byte   // types of the messages received, in order
	facilities []string // contents of facility elements received, in hex
}

// state is the call state of Q.931 2.1.1 and 2.1.2; the numbers are those of the call state element.
type state byte

const (
	stNull          state = 0
	stInitiated     state = 1  // the box has sent SETUP
	stOverlapSend   state = 2  // the box still sends digits
	stOutProceeding state = 3  // we have sent CALL PROCEEDING
	stDelivered     state = 4  // we have sent ALERTING
	stPresent       state = 6  // we have sent SETUP
	stReceived      state = 7  // the box has sent ALERTING
	stInProceeding  state = 9  // the box has sent CALL PROCEEDING
	stActive        state = 10 //
	stDisconnect    state = 12 // DISCONNECT is sent
	stRelease       state = 19 // RELEASE is sent
	stOverlapRecv   state = 25 // the box wants more digits
)

type milestone uint8

const (
	proceeding milestone = iota
	alerting
	answered
	connectAcked
)

func (m milestone) String() string {
	return [...]string{"CALL PROCEEDING", "ALERTING", "CONNECT", "CONNECT ACKNOWLEDGE"}[m]
}

// ClearedError says that a call was cleared while something else was waited for.
type ClearedError struct{ Cause, Location int }

func (e ClearedError) Error() string {
	return fmt.Sprintf("the call was cleared with cause %d, location %d", e.Cause, e.Location)
}

// Call places a call with a number and a caller's number and returns when SETUP is on its way. It
// waits for the D channel to be up.
func (e *Exchange) Call(ctx context.Context, called, calling string) (*Call, error) {
	return e.Place(ctx, Setup{Called: called, Calling: calling})
}

// ErrNoChannel says that every B channel is in use.
var ErrNoChannel = errors.New("farend: every B channel is in use")

// Place is Call with everything that can be said.
func (e *Exchange) Place(ctx context.Context, s Setup) (*Call, error) {
	if err := e.WaitLink(ctx); err != nil {
		return nil, err
	}
	type result struct {
		call *Call
		err  error
	}
	done := make(chan result, 1)
	if !e.post(func() {
		c, err := e.place(s)
		done <- result{c, err}
	}) {
		return nil, errEnded
	}
	select {
	case r := <-done:
		return r.call, r.err
	case <-e.ended:
		return nil, errEnded
	}
}

func (e *Exchange) newCall(ref reference) *Call {
	c := &Call{e: e, ref: ref, sound: sound.New(e.law, e.o.RecordS), changed: make(chan struct{}), reached: map[milestone]bool{}}
	e.calls[ref] = c
	return c
}

// change changes what others see of the call.
func (c *Call) change(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f()
	close(c.changed)
	c.changed = make(chan struct{})
}

// wait waits until ready, which is called with mu held, says so.
func (c *Call) wait(ctx context.Context, what string, ready func() (bool, error)) error {
	for {
		c.mu.Lock()
		ok, err := ready()
		changed := c.changed
		c.mu.Unlock()
		if ok || err != nil {
			return err
		}
		select {
		case <-changed:
		case <-c.e.ended:
			return errEnded
		case <-ctx.Done():
			return fmt.Errorf("farend: waiting for %s of the call to %s: %w", what, c.Called(), context.Cause(ctx))
		}
	}
}

func (c *Call) waitReached(ctx context.Context, m milestone) error {
	return c.wait(ctx, m.String(), func() (bool, error) {
		if !c.reached[m] && c.cleared {
			return false, ClearedError{c.cause, c.location}
		}
		return c.reached[m], nil
	})
}

// WaitProceeding waits for CALL PROCEEDING, or what comes after it; ClearedError when the call ended.
func (c *Call) WaitProceeding(ctx context.Context) error { return c.waitReached(ctx, proceeding) }

// WaitAlerting waits for ALERTING; ClearedError when the call ended.
func (c *Call) WaitAlerting(ctx context.Context) error { return c.waitReached(ctx, alerting) }

// WaitAnswer waits until the call is answered: CONNECT from the box, or our own on its calls.
func (c *Call) WaitAnswer(ctx context.Context) error { return c.waitReached(ctx, answered) }

// WaitConnectAck waits until the box has acknowledged our CONNECT.
func (c *Call) WaitConnectAck(ctx context.Context) error { return c.waitReached(ctx, connectAcked) }

// WaitCleared waits until the call is cleared, by whom ever, and returns the cause and location of the
// box's first clearing message; those of our own when we cleared.
func (c *Call) WaitCleared(ctx context.Context) (cause, location int, err error) {
	err = c.wait(ctx, "the clearing", func() (bool, error) { return c.cleared, nil })
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cause, c.location, err
}

// WaitGone waits until the call reference is free again.
func (c *Call) WaitGone(ctx context.Context) error {
	for {
		gone := make(chan bool, 1)
		c.mu.Lock()
		changed := c.changed
		c.mu.Unlock()
		if !c.e.post(func() { gone <- c.e.calls[c.ref] != c }) {
			return nil
		}
		select {
		case is := <-gone:
			if is {
				return nil
			}
		case <-c.e.ended:
			return nil
		}
		select {
		case <-changed:
		case <-c.e.ended:
			return nil
		case <-ctx.Done():
			return fmt.Errorf("farend: waiting for the end of the call to %s: %w", c.Called(), context.Cause(ctx))
		}
	}
}

// Hangup clears the call with a cause (16 is normal clearing). A call that is cleared stays as it is.
func (c *Call) Hangup(cause int) {
	c.e.post(func() { c.clear(cause, 0) })
}

// Answer answers a call of the box before the table of numbers would.
func (c *Call) Answer() { c.e.post(c.answer) }

// Channel is the B channel, 0 while there is none.
func (c *Call) Channel() span.Timeslot {
	c.mu.Lock()
	defer c.mu.Unlock()
	return span.Timeslot(c.channel)
}

// Called is the number called, as far as it is known.
func (c *Call) Called() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.called
}

// Calling is the caller's number.
func (c *Call) Calling() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.calling
}

// Display is what the box has sent as Display in SETUP or CONNECT.
func (c *Call) Display() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.display
}

// Inband says whether the box has told of sound before the answer (progress indicator 1 or 8).
func (c *Call) Inband() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.inband
}

// Messages are the types of the messages received on this call, in order.
func (c *Call) Messages() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]byte(nil), c.seen...)
}

// Sound is the mouth and the ear of the call.
func (c *Call) Sound() *sound.Sound { return c.sound }

// SendKeys plays the keys (0-9, *, #, A-D), 200 ms each, after those that still wait.
func (c *Call) SendKeys(keys string) error { return c.sound.SendKeys(keys) }

// WaitKeysSent waits until every key has been played, or the call has left its B channel.
func (c *Call) WaitKeysSent(ctx context.Context) error {
	return c.heard(ctx, "the keys to be sent", c.sound.WaitKeysSent)
}

// PlayTone sounds a tone at -10 dBm0 until something else is played.
func (c *Call) PlayTone(hz float64) { c.sound.PlayTone(hz) }

// PlayClip plays companded octets of the line's law over and over.
func (c *Call) PlayClip(octets []byte) { c.sound.PlayClip(octets) }

// PlayCadence plays tones and pauses.
func (c *Call) PlayCadence(cadence dsp.Cadence) { c.sound.PlayCadence(cadence) }

// PlayEcho sends back what is heard, a block later.
func (c *Call) PlayEcho() { c.sound.PlayEcho() }

// PlayNothing ends what is played.
func (c *Call) PlayNothing() { c.sound.PlayNothing() }

// Hears says whether the share of one frequency in the last half second of what is heard is at least
// least (0 to 1).
func (c *Call) Hears(hz, least float64) bool { return c.sound.Hears(hz, least) }

// WaitTone waits until a tone makes up the greater part of what is heard.
func (c *Call) WaitTone(ctx context.Context, hz float64) error {
	return c.WaitHears(ctx, hz, sound.Enough)
}

// WaitHears waits until Hears says so.
func (c *Call) WaitHears(ctx context.Context, hz, least float64) error {
	return c.heard(ctx, fmt.Sprintf("a tone of %.0f Hz", hz), func(ctx context.Context) error {
		return c.sound.Wait(ctx, func() bool { return c.Hears(hz, least) })
	})
}

// WaitKeys waits until the keys heard end with keys.
func (c *Call) WaitKeys(ctx context.Context, keys string) error {
	return c.heard(ctx, "the keys "+keys, func(ctx context.Context) error {
		return c.sound.Wait(ctx, func() bool { return strings.HasSuffix(c.Keys(), keys) })
	})
}

// heard waits for something of the sound, or for the end of the exchange.
func (c *Call) heard(ctx context.Context, what string, wait func(context.Context) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	done := make(chan struct{})
	defer close(done)
	go func() {
		select {
		case <-c.e.ended:
			cancel(errEnded)
		case <-done:
		}
	}()
	if err := wait(ctx); err != nil {
		return fmt.Errorf("farend: waiting for %s on B channel %d: %w", what, c.Channel(), err)
	}
	return nil
}

// Keys are the DTMF keys heard so far.
func (c *Call) Keys() string { return c.sound.Keys() }

// Recorded is what was heard from the seizure of the B channel on, as companded octets, up to
// Options.RecordS.
func (c *Call) Recorded() []byte { return c.sound.Recorded() }
