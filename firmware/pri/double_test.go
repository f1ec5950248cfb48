package pri

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"trunkbox/drivers/span"
	"trunkbox/dsp"
	"trunkbox/firmware/bridge"
	"trunkbox/firmware/call"
	"trunkbox/firmware/config"
	"trunkbox/firmware/q850"
)

// wire is a line of which only the D channel works: a frame sent at one end is received at the other.
type wire struct {
	kind   span.Kind
	noD    bool
	other  *wire
	frames chan []byte
	closed chan struct{}
	once   sync.Once
	alarms atomic.Uint32
	cut    atomic.Bool                                     // frames of this end are lost
	tap    atomic.Pointer[func(frame []byte) (carry bool)] // sees every frame sent, when set
}

func newWire() *wire { return &wire{frames: make(chan []byte, 512), closed: make(chan struct{})} }

func (w *wire) Name() string    { return "wire" }
func (w *wire) Kind() span.Kind { return w.kind }
func (w *wire) Block() int      { return 160 }

func (w *wire) Bearers() []span.Timeslot {
	if w.noD {
		return w.kind.Payload()
	}
	return w.kind.B()
}

func (w *wire) Tick(_, _ *span.Block) error {
	<-w.closed
	return io.EOF
}

func (w *wire) ReceiveFrame(buf []byte) (int, error) {
	select {
	case frame := <-w.frames:
		return copy(buf, frame), nil
	case <-w.closed:
		return 0, io.EOF
	}
}

func (w *wire) SendFrame(frame []byte) error {
	if w.cut.Load() || w.other == nil {
		return nil
	}
	if tap := w.tap.Load(); tap != nil && !(*tap)(frame) {
		return nil
	}
	select {
	case w.other.frames <- append([]byte(nil), frame...):
		return nil
	default:
		return span.ErrBusy
	}
}

func (w *wire) Status() span.Status { return span.Status{Alarms: span.Alarm(w.alarms.Load())} }

func (w *wire) Events() <-chan span.Event { return nil }

func (w *wire) Close() error {
	w.once.Do(func() { close(w.closed) })
	return nil
}

// silence is the port of a timeslot that nobody listens to.
type silence struct{ ts span.Timeslot }

func (silence) Law() dsp.Law      { return dsp.ALaw }
func (silence) Hear(block []byte) { clear(block) }
func (silence) Speak([]byte)      {}

// end is one end of a line: an access and what it told.
type end struct {
	t      testing.TB
	access *Access
	wire   *wire
	stop   context.CancelFunc
	ended  chan error

	mu      sync.Mutex
	open    map[span.Timeslot]bool
	arrived []*party
	told    []string // of the Observer
	refuse  bool     // take no call
	onOffer func(call.Leg)
}

func (e *end) Open(ts span.Timeslot) bridge.Port {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.open[ts] {
		e.t.Errorf("%s: timeslot %d opened twice", e.access.Settings.Name, ts)
	}
	e.open[ts] = true
	return silence{ts}
}

func (e *end) Close(ts span.Timeslot) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.open[ts] {
		e.t.Errorf("%s: timeslot %d closed, was not open", e.access.Settings.Name, ts)
	}
	delete(e.open, ts)
}

func (e *end) isOpen(ts span.Timeslot) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.open[ts]
}

func (e *end) Link(state, reason string) { e.note("link " + state) }

func (e *end) Channel(channel, state, reason string) {
	e.note(strings.TrimSpace(channel + " " + state + " " + reason))
}

func (e *end) Found(where, finding, about string) {
	e.note(strings.TrimSpace("found " + where + " " + finding + " " + about))
}

func (e *end) note(what string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.told = append(e.told, what)
}

// accept takes every call.
func (e *end) accept(in call.Incoming) call.Handler {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.refuse {
		return nil
	}
	p := &party{leg: in.Leg, incoming: in}
	e.arrived = append(e.arrived, p)
	if e.onOffer != nil {
		e.onOffer(in.Leg)
	}
	return p.handle
}

// party is one leg and what it told.
type party struct {
	leg      call.Leg
	incoming call.Incoming
	mu       sync.Mutex
	events   []string
}

func (p *party) handle(event call.Event) {
	var what string
	switch e := event.(type) {
	case call.Proceeding:
		what = "proceeding"
	case call.Alerting:
		what = "alerting"
	case call.Sounding:
		what = "sounding"
		if e.Inband {
			what = "inband"
		}
	case call.Answered:
		what = "answered"
		if e.Connected.Digits != "" {
			what += " by " + e.Connected.Digits
		}
	case call.Digit:
		what = "digit " + string(e.Key)
	case call.Clearing:
		what = fmt.Sprintf("clearing %d", e.Cause)
	case call.Held:
		what = "held"
	case call.Resumed:
		what = "resumed"
	case call.Cleared:
		who := "us"
		if e.Remote {
			who = "them"
		}
		what = fmt.Sprintf("cleared %d by %s", e.Cause, who)
	default:
		what = servicesTold(event)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.events = append(p.events, what)
}

// heard is what the leg told since it was asked last.
func (p *party) heard() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := strings.Join(p.events, ", ")
	p.events = nil
	return all
}

func lineSettings(name, side string) config.Line {
	return config.Line{
		Name: name, Driver: "virtual", Kind: "E1", Side: side, Variant: "euroisdn-e1", Law: "alaw", Hunting: "up",
		Selection: "preferred", BlockMS: 20, Enabled: true,
	}
}

// newEnd makes an end that is not running yet.
func newEnd(t testing.TB, settings config.Line) *end {
	t.Helper()
	e := &end{t: t, wire: newWire(), open: map[span.Timeslot]bool{}, ended: make(chan error, 1)}
	if settings.Kind == "T1" {
		e.wire.kind = span.T1
	}
	access, err := New(Options{
		Line: e.wire, Settings: settings, Channels: e, Accept: e.accept, Observer: e,
		Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	e.access = access
	return e
}

func (e *end) run() {
	ctx, stop := context.WithCancel(context.Background())
	e.stop = stop
	go func() { e.ended <- e.access.Run(ctx) }()
}

// down ends the access and its line.
func (e *end) down() {
	e.stop()
	if err := <-e.ended; err != nil {
		e.t.Errorf("Run: %v", err)
	}
	if err := e.wire.Close(); err != nil {
		e.t.Error(err)
	}
}

// dial places a call that has to be taken.
func (e *end) dial(to call.Outgoing) *party {
	e.t.Helper()
	p := &party{}
	leg, err := e.access.Dial(to, p.handle)
	if err != nil {
		e.t.Fatal(err)
	}
	p.leg = leg
	return p
}

// last is the call that arrived last.
func (e *end) last() *party {
	e.t.Helper()
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.arrived) == 0 {
		e.t.Fatal("no call arrived")
	}
	return e.arrived[len(e.arrived)-1]
}

func (e *end) arrivals() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.arrived)
}

func (e *end) notes() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	all := strings.Join(e.told, "\n")
	e.told = nil
	return all
}

func (e *end) state(ts span.Timeslot) string {
	for _, ch := range e.access.Now().Channels {
		if ch.Timeslot == ts {
			return ch.State
		}
	}
	return ""
}

// free fails the test unless every channel is idle, every timeslot closed and every reference given back.
func (e *end) free() {
	e.t.Helper()
	for _, ch := range e.access.Now().Channels {
		if ch.State != string(Idle) {
			e.t.Errorf("%s: timeslot %d is %s (%s)", e.access.Settings.Name, ch.Timeslot, ch.State, ch.Reason)
		}
	}
	calls := 0
	e.access.loop.Do(func() { calls = len(e.access.calls) })
	e.mu.Lock()
	defer e.mu.Unlock()
	if calls != 0 || len(e.open) != 0 {
		e.t.Errorf("%s: %d calls, timeslots %v are left", e.access.Settings.Name, calls, e.open)
	}
}

// joined runs test with a user's and a network's end joined back to back and their link up.
func joined(t *testing.T, change func(user, network *config.Line), test func(t *testing.T, user, network *end)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		u, n := lineSettings("user", "user"), lineSettings("net", "network")
		n.Hunting = "down"
		if change != nil {
			change(&u, &n)
		}
		user, network := newEnd(t, u), newEnd(t, n)
		user.wire.other, network.wire.other = network.wire, user.wire
		user.run()
		network.run()
		defer func() {
			user.down()
			network.down()
			synctest.Wait()
		}()
		time.Sleep(100 * time.Millisecond) // of the bubble
		synctest.Wait()
		if user.access.Now().Link != LinkUp || network.access.Now().Link != LinkUp {
			t.Fatal("the link did not come up")
		}
		test(t, user, network)
	})
}

// expect compares what a leg told.
func expect(t *testing.T, who string, p *party, want string) {
	t.Helper()
	if got := p.heard(); got != want {
		t.Errorf("%s told %q, want %q", who, got, want)
	}
}

const (
	normal = q850.NormalClearing
	busy   = q850.UserBusy
)
