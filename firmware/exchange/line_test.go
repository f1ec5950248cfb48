package exchange

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"trunkbox/drivers/span"
	"trunkbox/dsp"
	"trunkbox/firmware/bridge"
	"trunkbox/firmware/call"
	"trunkbox/firmware/config"
	"trunkbox/firmware/journal"
	"trunkbox/firmware/pri"
	"trunkbox/firmware/q850"
)

// plug is one end of a line of which only the D channel works. Whoever opens it again gets a new end of the same line.
type plug struct {
	kind   span.Kind
	frames chan []byte
	other  *socket
	closed chan struct{}
	once   sync.Once
	events chan span.Event
}

// socket is where plugs go in, one at a time.
type socket struct {
	mu    sync.Mutex
	plug  *plug
	other *socket
	empty bool // nothing can be plugged in
}

var errEmpty = errors.New("no such card")

func (s *socket) open(kind span.Kind) (span.Line, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.empty {
		return nil, errEmpty
	}
	s.plug = &plug{kind: kind, frames: make(chan []byte, 512), other: s.other, closed: make(chan struct{}), events: make(chan span.Event)}
	return s.plug, nil
}

// pull takes the plug out, as a card is pulled or its driver unloaded.
func (s *socket) pull(empty bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.empty = empty
	_ = s.plug.Close()
}

func (p *plug) Name() string    { return "plug" }
func (p *plug) Kind() span.Kind { return p.kind }
func (p *plug) Block() int      { return 80 }

func (p *plug) Tick(_, _ *span.Block) error {
	<-p.closed
	return io.EOF
}

func (p *plug) ReceiveFrame(buf []byte) (int, error) {
	select {
	case frame := <-p.frames:
		return copy(buf, frame), nil
	case <-p.closed:
		return 0, io.EOF
	}
}

func (p *plug) SendFrame(frame []byte) error {
	p.other.mu.Lock()
	defer p.other.mu.Unlock()
	if to := p.other.plug; to != nil && to.kind == p.kind { // a T1 and an E1 do not understand each other
		select {
		case to.frames <- append([]byte(nil), frame...):
		default:
		}
	}
	return nil
}

func (p *plug) Status() span.Status       { return span.Status{} }
func (p *plug) Events() <-chan span.Event { return p.events }

func (p *plug) Close() error {
	p.once.Do(func() { close(p.closed); close(p.events) })
	return nil
}

// farLine is the carrier at the other end of a line.
type farLine struct {
	socket   *socket
	access   *pri.Access
	mu       sync.Mutex
	arrivals int
}

func (f *farLine) Open(span.Timeslot) bridge.Port { return quiet{} }
func (f *farLine) Close(span.Timeslot)            {}
func (f *farLine) Link(string, string)            {}
func (f *farLine) Channel(_, _, _ string)         {}

type quiet struct{}

func (quiet) Law() dsp.Law      { return dsp.ALaw }
func (quiet) Hear(block []byte) { clear(block) }
func (quiet) Speak([]byte)      {}

// several is an exchange of which only lines work, with the far end of each.
type several struct {
	*Exchange
	t     *testing.T
	near  map[string]*socket
	far   map[string]*farLine
	stops []func()
}

func lineOf(name string) config.Line {
	l := config.Default("CN", "en").Lines[0]
	l.Name, l.Span, l.BlockMS, l.ReturnSeconds, l.Restart = name, int(name[len(name)-1]-'0'), 10, 0, false
	return l
}

// withLines runs test in a bubble with lines that are up.
func withLines(t *testing.T, lines []config.Line, test func(t *testing.T, s *several)) {
	synctest.Test(t, func(t *testing.T) {
		log := slog.New(slog.DiscardHandler)
		store, _, err := config.Open(t.TempDir(), log)
		if err != nil {
			t.Fatal(err)
		}
		settings := config.Default("CN", "en")
		settings.Lines = lines
		if err := store.Save(settings, "admin"); err != nil {
			t.Fatal(err)
		}
		events, _, err := journal.Open(t.TempDir(), journal.Options{Logger: log})
		if err != nil {
			t.Fatal(err)
		}
		s := &several{t: t, near: map[string]*socket{}, far: map[string]*farLine{}}
		s.Exchange = &Exchange{
			Options: Options{Store: store, Journal: events, Log: log}, block: 80, loop: call.NewLoop(), disk: call.NewLoop(), ids: call.NewIDs(time.Now()),
			settings: store.Settings(), lines: map[string]*line{}, blocked: map[string]bool{}, calls: map[string]*Call{}, notices: map[string]Notice{},
			traces: newTraces("", log),
		}
		s.OpenLine = s.openLine
		ctx, stop := context.WithCancel(context.Background())
		ended := make(chan struct{})
		go func() { s.loop.Run(ctx); close(ended) }()
		go s.disk.Run(ctx)
		for _, l := range lines {
			s.addFar(l)
		}
		s.loop.Do(s.startLines)
		s.settle()
		test(t, s)
		var units []*unit
		s.loop.Do(func() { units = s.unitsNow() })
		for _, u := range units {
			u.close()
		}
		for _, end := range s.stops {
			end()
		}
		stop()
		<-ended
		s.traces.close()
		_ = events.Close()
		_ = store.Close()
		synctest.Wait()
	})
}

func (s *several) openLine(l config.Line) (span.Line, error) {
	kind := span.E1
	if l.Kind == "T1" {
		kind = span.T1
	}
	return s.near[l.Name].open(kind)
}

// addFar connects the far end of a line, which stays as it is whatever becomes of ours.
func (s *several) addFar(l config.Line) {
	near, there := &socket{}, &socket{}
	near.other, there.other = there, near
	f := &farLine{socket: there}
	kind := span.E1
	if l.Kind == "T1" {
		kind = span.T1
	}
	driver, _ := there.open(kind)
	l.Side = "network"
	l.Name = "far-" + l.Name
	access, err := pri.New(pri.Options{
		Line: driver, Settings: l, Channels: f, Observer: f, Logger: s.Log,
		Accept: func(in call.Incoming) call.Handler {
			f.mu.Lock()
			f.arrivals++
			f.mu.Unlock()
			in.Leg.Answer()
			return func(call.Event) {}
		},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	f.access = access
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { _ = access.Run(ctx); close(done) }()
	s.stops = append(s.stops, func() { stop(); _ = driver.Close(); <-done })
	s.near[strings.TrimPrefix(l.Name, "far-")], s.far[strings.TrimPrefix(l.Name, "far-")] = near, f
}

func (s *several) settle() {
	time.Sleep(5 * time.Second)
	synctest.Wait()
}

// talk places a call over a line that the far end answers, and returns how it is hung up and whether it is over.
func (s *several) talk(line string) (hangUp func(), over func() bool) {
	s.t.Helper()
	var mu sync.Mutex
	ended := false
	leg, err := s.at(line).access.Dial(call.Outgoing{Called: "10086"}, func(e call.Event) {
		if _, cleared := e.(call.Cleared); cleared {
			mu.Lock()
			ended = true
			mu.Unlock()
		}
	})
	if err != nil {
		s.t.Fatalf("%s: %v", line, err)
	}
	synctest.Wait()
	return func() { leg.Hangup(q850.NormalClearing); synctest.Wait() }, func() bool {
		mu.Lock()
		defer mu.Unlock()
		return ended
	}
}

// set puts other settings of lines in force, as Apply does.
func (s *several) set(change func(lines []config.Line) []config.Line) {
	s.t.Helper()
	s.apply.Lock()
	defer s.apply.Unlock()
	to := s.Store.Settings()
	to.Lines = change(append([]config.Line(nil), to.Lines...))
	if err := s.Store.Save(to, "admin"); err != nil {
		s.t.Fatal(err)
	}
	to = s.Store.Settings()
	s.loop.Do(func() { s.settings = to })
	s.applyLines(to.Lines, false)
	synctest.Wait()
}

// at is the line at work under a name.
func (s *several) at(name string) (l *line) {
	s.loop.Do(func() { l = s.lines[name] })
	return l
}

func (s *several) inForce(name string) (settings config.Line) {
	s.loop.Do(func() { settings = s.lines[name].settings })
	return settings
}

func (s *several) link(name string) string {
	link := "closed"
	s.loop.Do(func() {
		if l := s.lines[name]; l != nil && l.access != nil {
			link = l.access.Now().Link
		}
	})
	return link
}

// changes is what the journal has of changes of lines: "line1 draining 1, line1 changed".
func (s *several) changes() string {
	var all []string
	for e, err := range s.Journal.Read(1) {
		if err != nil {
			s.t.Fatal(err)
		}
		if e.Kind == journal.LineChanged {
			all = append(all, strings.TrimSpace(e.Fields["line"]+" "+e.Fields["state"]+" "+e.Fields["about"]))
		}
	}
	return strings.Join(all, ", ")
}
