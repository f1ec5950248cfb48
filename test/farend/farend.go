// Package farend is the exchange at the other end of the line: the carrier's switch as a test needs
// it. It places calls to the box, takes the calls of the box and answers, refuses or ignores them by
// the number called, speaks and listens on the B channels, and lets a script say octets by itself.
//
// Signal path: it is the other side of firmware/lapd and firmware/q931, over any span.Line (the end B
// of a drivers/vspan cable, or a real line). Sound path: it speaks and hears companded octets in the
// B timeslots of the same line, with dsp for tones, keys and levels.
//
// Q.921 for the D channel (point to point, TEI 0, modulo 128) and Q.931 basic call, written from the
// Recommendations and on purpose without firmware/lapd, firmware/q931 and firmware/q850: a peer made
// of our own stack would agree with our own mistakes. It is the network side unless told otherwise.
// Left out: FRMR, XID and TEI management, segmentation; services are said in octets (Tell), not understood.
//
// One goroutine owns link and calls, another one the sound; every exported method may be called from
// anywhere while Run runs, and those with a context wait until what they are named for has happened.
package farend

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"trunkbox/drivers/span"
	"trunkbox/dsp"
	"trunkbox/test/farend/sound"
)

// Side says which side of the interface the exchange is.
type Side uint8

// The sides of Q.931. A carrier is the network; the user side is for a box that plays the network
// towards a PBX, and for two far ends that talk to each other in tests.
const (
	Network Side = iota
	User
)

// Options say how the exchange behaves. The zero value is a carrier's exchange with default timers
// that knows DefaultNumbers.
type Options struct {
	Side    Side
	Law     *dsp.Law // nil: A-law on an E1, µ-law on a T1
	Numbers []Number // who answers when the box dials; nil: DefaultNumbers
	Logger  *slog.Logger
	Timers  Timers

	Passive     bool // do not establish the link, only answer
	RestartAll  bool // RESTART of the interface when the link comes up
	HuntDown    bool // take B channels from the last one down; else from the first one up
	Preferred   bool // offer the channel as preferred; else it is exclusive
	Overlap     int  // digits to wait for when the box sends fewer without Sending Complete; 0: never
	RecordS     int  // how much of each call is kept for Recorded; 0: 60 s; negative: nothing, and no keys are heard
	NoProgress  bool // no in-band progress indicator in ALERTING
	TellTheTime bool // date and time in CONNECT
}

// Timers are the times of Q.921 and Q.931 that the exchange keeps; a zero takes the default.
type Timers struct {
	T200, T203, T303, T305, T308, T310 time.Duration
}

func (t Timers) orDefault() Timers {
	for _, d := range []struct {
		timer *time.Duration
		value time.Duration
	}{
		{&t.T200, time.Second},
		{&t.T203, 10 * time.Second},
		{&t.T303, 4 * time.Second},
		{&t.T305, 30 * time.Second},
		{&t.T308, 4 * time.Second},
		{&t.T310, 40 * time.Second},
	} {
		if *d.timer == 0 {
			*d.timer = d.value
		}
	}
	return t
}

// Exchange is the far end of one line.
type Exchange struct {
	line   span.Line
	o      Options
	log    *slog.Logger
	law    dsp.Law
	sounds [span.Slots]atomic.Pointer[sound.Sound] // what each B channel carries; nil: idle

	do    chan func()   // work for the goroutine that owns what follows
	ended chan struct{} // closed when Run returns
	link  *link
	calls map[reference]*Call
	last  uint16 // call reference given last
	raw   *Dialogue

	mu       sync.Mutex
	isUp     bool
	changed  chan struct{} // closed and replaced when isUp changes
	incoming chan *Call
}

// New makes an exchange on the line; Run brings it to life.
func New(line span.Line, o Options) *Exchange {
	o.Timers = o.Timers.orDefault()
	if o.Numbers == nil {
		o.Numbers = DefaultNumbers
	}
	if o.RecordS == 0 {
		o.RecordS = 60
	}
	e := &Exchange{
		line: line, o: o, log: o.Logger, do: make(chan func(), 64), ended: make(chan struct{}),
		calls: map[reference]*Call{}, changed: make(chan struct{}), incoming: make(chan *Call, 256),
	}
	if e.log == nil {
		e.log = slog.New(slog.DiscardHandler)
	}
	switch {
	case o.Law != nil:
		e.law = *o.Law
	case line.Kind() == span.T1:
		e.law = dsp.MuLaw
	}
	e.link = newLink(o, line.SendFrame, e.layer3, e.linkState)
	return e
}

// Run works the line until ctx is done or the line ends; it closes the line. It returns nil after ctx
// and the error of the line otherwise.
func (e *Exchange) Run(ctx context.Context) error {
	defer close(e.ended)
	var helpers sync.WaitGroup
	defer helpers.Wait()
	defer e.line.Close()
	failed := make(chan error, 2)
	helpers.Go(func() { failed <- e.moveSound() })
	frames := make(chan []byte, 64)
	stop := make(chan struct{})
	defer close(stop)
	helpers.Go(func() {
		if err := readFrames(e.line, frames, stop); err != nil {
			failed <- err
		}
	})
	if !e.o.Passive && !e.line.Status().Alarms.Down() {
		e.link.establish(time.Now())
	}
	wake := time.NewTimer(time.Hour)
	events := e.line.Events()
	for {
		wake.Reset(e.link.wait(time.Now()))
		select {
		case <-ctx.Done():
			return nil
		case err := <-failed:
			if errors.Is(err, io.EOF) {
				err = io.EOF
			}
			return fmt.Errorf("farend: line %s: %w", e.line.Name(), err)
		case frame := <-frames:
			e.link.receive(time.Now(), frame)
		case do := <-e.do:
			do()
		case event, open := <-events:
			if !open {
				events = nil
				continue
			}
			e.alarm(event)
		case <-wake.C:
			e.link.expire(time.Now())
		}
	}
}

// alarm takes the link down and up with the line.
func (e *Exchange) alarm(event span.Event) {
	e.log.Info("alarms", "line", e.line.Name(), "now", event.Alarms.Names())
	switch {
	case event.Alarms.Down() && !event.Was.Down():
		e.link.release()
	case !event.Alarms.Down() && event.Was.Down() && !e.o.Passive:
		e.link.establish(time.Now())
	}
}

// readFrames hands on what comes on the D channel.
func readFrames(line span.Line, frames chan<- []byte, stop <-chan struct{}) error {
	buf := make([]byte, span.MaxFrame)
	for {
		n, err := line.ReceiveFrame(buf)
		if err != nil {
			return err
		}
		select {
		case frames <- append([]byte(nil), buf[:n]...):
		case <-stop:
			return nil
		}
	}
}

// post gives work to the owner of link and calls; it says whether Run still runs.
func (e *Exchange) post(do func()) bool {
	select {
	case e.do <- do:
		return true
	case <-e.ended:
		return false
	}
}

// errEnded says that Run has returned.
var errEnded = errors.New("farend: the exchange is switched off")

// linkState is told by the link when it comes up or goes down.
func (e *Exchange) linkState(up bool) {
	e.log.Info("link", "line", e.line.Name(), "up", up)
	if up && e.o.RestartAll {
		e.send(message{typ: msgRestart, ies: []ie{{id: ieRestart, data: []byte{0x86}}}})
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.isUp = up
	close(e.changed)
	e.changed = make(chan struct{})
}

// WaitLink waits until the D channel is up.
func (e *Exchange) WaitLink(ctx context.Context) error { return e.waitLink(ctx, true) }

// WaitLinkDown waits until the D channel is down.
func (e *Exchange) WaitLinkDown(ctx context.Context) error { return e.waitLink(ctx, false) }

func (e *Exchange) waitLink(ctx context.Context, up bool) error {
	for {
		e.mu.Lock()
		is, changed := e.isUp, e.changed
		e.mu.Unlock()
		if is == up {
			return nil
		}
		select {
		case <-changed:
		case <-e.ended:
			return errEnded
		case <-ctx.Done():
			return fmt.Errorf("farend: waiting for the D channel to be up=%v: %w", up, context.Cause(ctx))
		}
	}
}

// Accepted delivers the calls that the box has placed, from their SETUP on, whatever becomes of them.
func (e *Exchange) Accepted() <-chan *Call { return e.incoming }

// WaitCall waits for the next call that the box places.
func (e *Exchange) WaitCall(ctx context.Context) (*Call, error) {
	select {
	case c := <-e.incoming:
		return c, nil
	case <-e.ended:
		return nil, errEnded
	case <-ctx.Done():
		return nil, fmt.Errorf("farend: waiting for a call of the box: %w", context.Cause(ctx))
	}
}

// Busy returns how many calls there are.
func (e *Exchange) Busy() int {
	n := make(chan int, 1)
	if !e.post(func() { n <- len(e.calls) }) {
		return 0
	}
	select {
	case busy := <-n:
		return busy
	case <-e.ended:
		return 0
	}
}
