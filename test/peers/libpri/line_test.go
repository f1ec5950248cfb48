package libpri

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"trunkbox/drivers/span"
	"trunkbox/dsp"
	"trunkbox/firmware/bridge"
	"trunkbox/firmware/call"
	"trunkbox/firmware/config"
	"trunkbox/firmware/pri"
)

// socketLine is a line of which only the D channel works: its frames are the messages of a socket.
type socketLine struct {
	kind   span.Kind
	conn   *net.UnixConn
	trace  *trace // nil: none is kept
	closed chan struct{}
	once   sync.Once

	out, in shaper
	cut     atomic.Bool // nothing passes, either way
}

func (l *socketLine) Name() string                { return "span1" }
func (l *socketLine) Kind() span.Kind             { return l.kind }
func (l *socketLine) Block() int                  { return 160 }
func (l *socketLine) Status() span.Status         { return span.Status{} }
func (l *socketLine) Events() <-chan span.Event   { return nil }
func (l *socketLine) Tick(_, _ *span.Block) error { <-l.closed; return io.EOF }

func (l *socketLine) ReceiveFrame(buf []byte) (int, error) {
	for {
		n, err := l.conn.Read(buf)
		if err != nil || n == 0 {
			return 0, io.EOF
		}
		if l.cut.Load() || !l.in.passes(buf[:n]) {
			continue
		}
		if l.trace != nil {
			l.trace.add(buf[:n], false)
		}
		return n, nil
	}
}

func (l *socketLine) SendFrame(frame []byte) error {
	if l.trace != nil {
		l.trace.add(frame, true)
	}
	if l.cut.Load() || !l.out.passes(frame) {
		return nil
	}
	if _, err := l.conn.Write(frame); err != nil {
		return io.EOF
	}
	return nil
}

func (l *socketLine) Close() error {
	l.once.Do(func() { close(l.closed) })
	return l.conn.Close()
}

// quiet is the port of a timeslot on a line without sound.
type quiet struct{}

func (quiet) Law() dsp.Law      { return dsp.ALaw }
func (quiet) Hear(block []byte) { clear(block) }
func (quiet) Speak([]byte)      {}

// office is our access, with the peer at the other end of its line.
type office struct {
	t       *testing.T
	access  *pri.Access
	peer    *peer
	line    *socketLine
	link    chan string
	arrived chan *party

	complete string // what the peer says of the called number of our SETUPs
}

func (*office) Open(span.Timeslot) bridge.Port { return quiet{} }
func (*office) Close(span.Timeslot)            {}
func (o *office) Link(state, _ string)         { o.link <- state }
func (*office) Channel(_, _, _ string)         {}

func (o *office) accept(in call.Incoming) call.Handler {
	p := &party{t: o.t, leg: in.Leg, incoming: in, events: make(chan call.Event, 64)}
	o.arrived <- p
	return p.handle
}

// timer is an option of the peer.
func timer(name string, ms int) string { return fmt.Sprintf("%s=%d", name, ms) }

// party is one leg of ours and what it tells.
type party struct {
	t        *testing.T
	leg      call.Leg
	incoming call.Incoming
	events   chan call.Event
	next     atomic.Pointer[call.Handler] // who is told instead of events
}

func (p *party) handle(event call.Event) {
	if next := p.next.Load(); next != nil {
		(*next)(event)
		return
	}
	p.events <- event
}

// hears waits for an event of the type of want; other events but the last are passed over.
func hears[E call.Event](p *party) E {
	p.t.Helper()
	limit := time.After(patience)
	for {
		select {
		case event := <-p.events:
			if e, ok := event.(E); ok {
				return e
			}
			if cleared, ok := event.(call.Cleared); ok {
				var want E
				p.t.Fatalf("%s was cleared: %+v, want %T", p.leg.Name(), cleared, want)
			}
		case <-limit:
			var want E
			p.t.Fatalf("%s told no %T within %v", p.leg.Name(), want, patience)
		}
	}
}

// setup is how the two ends of a line are to be.
type setup struct {
	side    string             // ours
	variant string             // empty: euroisdn-e1
	change  func(*config.Line) // of our settings
	options []string           // of the peer
	judges  *judges            // who sees the trace; nil: it is judged alone
	blind   bool               // no trace is kept
	repeats int                // N200 of both ends; 0: 3, as Q.921 has it
}

// join starts our access on a side with libpri on the other, EuroISDN on an E1, and waits until both say that the link is up.
func join(t *testing.T, side string, change func(*config.Line)) *office {
	t.Helper()
	return setup{side: side, change: change}.join(t)
}

// settings are those of our line.
func (s setup) settings() config.Line {
	l := config.Line{
		Name: "line1", Driver: "virtual", Kind: "E1", Side: s.side, Variant: s.variant, Law: "alaw", Hunting: "down",
		Selection: "preferred", BlockMS: 20, Enabled: true, Timers: map[string]int{},
	}
	if v, known := variantNamed(s.variant); known && v.kind == span.T1 {
		l.Kind, l.Law = "T1", "mulaw"
	}
	if s.change != nil {
		s.change(&l)
	}
	return l
}

var others = map[string]string{"user": "network", "network": "user"}

func (s setup) join(t *testing.T) *office {
	t.Helper()
	if s.variant == "" {
		s.variant = "euroisdn-e1"
	}
	settings := s.settings()
	v, known := variantNamed(s.variant)
	if !known {
		t.Fatalf("there is no variant %s", s.variant)
	}
	o := &office{t: t, complete: "overlap", link: make(chan string, 16), arrived: make(chan *party, 64)}
	if v.complete && !settings.Overlap {
		o.complete = "complete"
	}
	options := append([]string{"--variant", s.variant}, s.options...)
	if s.repeats > 0 {
		options = append(options, "--timer", fmt.Sprintf("N200=%d", s.repeats))
	}
	o.peer = startPeer(t, others[s.side], options...)
	o.line = &socketLine{conn: o.peer.conn, closed: make(chan struct{})}
	if settings.Kind == "T1" {
		o.line.kind = span.T1
	}
	if !s.blind {
		o.line.trace = newTrace(s.side)
	}
	var logged bytes.Buffer
	var writing sync.Mutex
	access, err := pri.New(pri.Options{
		Line: o.line, Settings: settings, Channels: o, Accept: o.accept, Observer: o, N200: s.repeats,
		Logger: slog.New(slog.NewTextHandler(writer{&writing, &logged}, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	if err != nil {
		t.Fatal(err)
	}
	o.access = access
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- access.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
		_ = o.line.Close()
		if t.Failed() {
			writing.Lock()
			t.Logf("our access logged:\n%s", logged.String())
			writing.Unlock()
		}
		switch {
		case s.blind:
		case s.judges != nil:
			s.judges.add(t.Name(), o.line.trace)
		default:
			o.line.trace.judge(t)
		}
	})
	o.peer.linkIs("up")
	o.linkIs("up")
	return o
}

// linkIs waits until our link is in a state.
func (o *office) linkIs(want string) {
	o.t.Helper()
	limit := time.After(patience)
	for {
		select {
		case state := <-o.link:
			if state == want {
				return
			}
		case <-limit:
			o.t.Fatalf("our link is %s, want %s", o.access.Now().Link, want)
		}
	}
}

// keptLog is how much is kept of our access's log, from its end.
const keptLog = 1 << 20

type writer struct {
	mu *sync.Mutex
	to *bytes.Buffer
}

func (w writer) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.to.Len() > 2*keptLog {
		w.to.Next(w.to.Len() - keptLog)
	}
	return w.to.Write(b)
}

// us is the number that our calls come from.
const us = "02155660000"

// dial places a call and waits until the peer tells of it.
func (o *office) dial(called string) (p *party, number int) {
	o.t.Helper()
	p = o.place(call.Outgoing{Called: called, Calling: call.Number{Digits: us}})
	number, _ = o.rings(called)
	return p, number
}

// place places a call.
func (o *office) place(to call.Outgoing) *party {
	o.t.Helper()
	p := &party{t: o.t, events: make(chan call.Event, 64)}
	leg, err := o.access.Dial(to, p.handle)
	if err != nil {
		o.t.Fatal(err)
	}
	p.leg = leg
	return p
}

// rings waits for a call of ours at the peer, and returns its number there and the name that it shows.
func (o *office) rings(called string) (number int, name string) {
	o.t.Helper()
	var channel, presentation int
	var got, calling, complete string
	o.peer.hears("ring %d %d %s %s %s %d %s", &number, &channel, &got, &calling, &complete, &presentation, &name)
	if got != called || calling != us || complete != o.complete {
		o.t.Errorf("the peer was rung as %s by %s, %s; want %s, %s", got, calling, complete, called, o.complete)
	}
	return number, name
}

// take lets the peer dial and waits for the call.
func (o *office) take(channel int, called, calling string) (p *party, number int) {
	o.t.Helper()
	o.peer.say("dial %d %s %s", channel, called, calling)
	o.peer.hears("dialling %d", &number)
	p = o.arrives()
	var got int
	o.peer.hears(fmt.Sprintf("proceeding %d %%d", number), &got)
	if got != channel || p.leg.Name() != fmt.Sprintf("line1/ts%02d", channel) {
		o.t.Errorf("dialled on channel %d, answered on %d, arrived on %s", channel, got, p.leg.Name())
	}
	if p.incoming.Called != called || p.incoming.Calling.Digits != calling {
		o.t.Errorf("dialled %s from %s, arrived %+v", called, calling, p.incoming)
	}
	return p, number
}

// arrives waits for a call at our side.
func (o *office) arrives() *party {
	o.t.Helper()
	select {
	case p := <-o.arrived:
		return p
	case <-time.After(patience):
		o.t.Fatal("no call arrived")
		return nil
	}
}

// state is the state of the channel that a leg has.
func (o *office) state(p *party) string {
	for _, ch := range o.access.Now().Channels {
		if fmt.Sprintf("line1/ts%02d", ch.Timeslot) == p.leg.Name() {
			return ch.State
		}
	}
	return ""
}

// idle waits until every channel is idle.
func (o *office) idle() {
	o.t.Helper()
	busy := 0
	o.comes(func() bool {
		busy = 0
		for _, ch := range o.access.Now().Channels {
			if ch.State != string(pri.Idle) {
				busy++
			}
		}
		return busy == 0
	}, func() string { return fmt.Sprintf("%d channels are not idle: %+v", busy, o.access.Now()) })
}

// comes waits until something is so.
func (o *office) comes(so func() bool, otherwise func() string) {
	o.t.Helper()
	for limit := time.Now().Add(patience); !so(); <-time.After(5 * time.Millisecond) {
		if time.Now().After(limit) {
			o.t.Fatal(otherwise())
		}
	}
}
