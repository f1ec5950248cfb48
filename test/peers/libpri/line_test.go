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
	conn   *net.UnixConn
	trace  *trace
	closed chan struct{}
	once   sync.Once

	sent, received atomic.Int64
	lossy          *atomic.Bool // every ninth frame sent and every eleventh received is lost
}

func (l *socketLine) Name() string                { return "span1" }
func (l *socketLine) Kind() span.Kind             { return span.E1 }
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
		l.trace.add(buf[:n], false)
		if l.received.Add(1)%11 != 0 || !l.lossy.Load() {
			return n, nil
		}
	}
}

func (l *socketLine) SendFrame(frame []byte) error {
	l.trace.add(frame, true)
	if l.sent.Add(1)%9 == 0 && l.lossy.Load() {
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
	trace   *trace
	lossy   atomic.Bool
	link    chan string
	arrived chan *party
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

// party is one leg of ours and what it tells.
type party struct {
	t        *testing.T
	leg      call.Leg
	incoming call.Incoming
	events   chan call.Event
}

func (p *party) handle(event call.Event) { p.events <- event }

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

// join starts our access on a side with libpri on the other, and waits until both say that the link is up.
func join(t *testing.T, side string, change func(*config.Line)) *office {
	t.Helper()
	settings := config.Line{
		Name: "line1", Driver: "virtual", Kind: "E1", Side: side, Variant: "euroisdn-e1", Law: "alaw", Hunting: "down",
		Selection: "preferred", BlockMS: 20, Enabled: true,
	}
	if change != nil {
		change(&settings)
	}
	other := map[string]string{"user": "network", "network": "user"}[side]
	o := &office{t: t, trace: newTrace(side), link: make(chan string, 16), arrived: make(chan *party, 64)}
	o.peer = startPeer(t, other)
	line := &socketLine{conn: o.peer.conn, trace: o.trace, closed: make(chan struct{}), lossy: &o.lossy}
	var logged bytes.Buffer
	var writing sync.Mutex
	access, err := pri.New(pri.Options{
		Line: line, Settings: settings, Channels: o, Accept: o.accept, Observer: o,
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
		_ = line.Close()
		if t.Failed() {
			writing.Lock()
			t.Logf("our access logged:\n%s", logged.String())
			writing.Unlock()
		}
		o.trace.judge(t)
	})
	o.peer.hears("up")
	select {
	case state := <-o.link:
		if state != "up" {
			t.Fatalf("our link is %s", state)
		}
	case <-time.After(patience):
		t.Fatal("our link did not come up")
	}
	return o
}

type writer struct {
	mu *sync.Mutex
	to io.Writer
}

func (w writer) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.to.Write(b)
}

// dial places a call and waits until the peer tells of it.
func (o *office) dial(called string) (p *party, number int) {
	o.t.Helper()
	p = &party{t: o.t, events: make(chan call.Event, 64)}
	leg, err := o.access.Dial(call.Outgoing{Called: called, Calling: call.Number{Digits: "02155660000"}}, p.handle)
	if err != nil {
		o.t.Fatal(err)
	}
	p.leg = leg
	return p, o.rings(called)
}

// rings waits for a call of ours at the peer.
func (o *office) rings(called string) (number int) {
	o.t.Helper()
	var channel, presentation int
	var got, calling, complete string
	o.peer.hears("ring %d %d %s %s %s %d", &number, &channel, &got, &calling, &complete, &presentation)
	if got != called || calling != "02155660000" || complete != "complete" {
		o.t.Errorf("the peer was rung as %s by %s, %s; want %s", got, calling, complete, called)
	}
	return number
}

// take lets the peer dial and waits for the call.
func (o *office) take(channel int, called, calling string) (p *party, number int) {
	o.t.Helper()
	o.peer.say("dial %d %s %s", channel, called, calling)
	o.peer.hears("dialling %d", &number)
	select {
	case p = <-o.arrived:
	case <-time.After(patience):
		o.t.Fatal("no call arrived")
	}
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

// idle waits until every channel is idle.
func (o *office) idle() {
	o.t.Helper()
	for limit := time.Now().Add(patience); ; <-time.After(5 * time.Millisecond) {
		busy := 0
		for _, ch := range o.access.Now().Channels {
			if ch.State != string(pri.Idle) {
				busy++
			}
		}
		if busy == 0 {
			return
		}
		if time.Now().After(limit) {
			o.t.Fatalf("%d channels are not idle: %+v", busy, o.access.Now())
		}
	}
}
