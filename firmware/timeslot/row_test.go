package timeslot

import (
	"errors"
	"io"
	"log/slog"
	"runtime"
	"sync"
	"testing"

	"trunkbox/drivers/span"
	"trunkbox/drivers/vspan"
	"trunkbox/dsp"
)

// stepped is a beat that a test moves.
type stepped struct {
	mu   sync.Mutex
	more sync.Cond
	n    uint64
}

func newStepped() *stepped {
	b := &stepped{}
	b.more.L = &b.mu
	return b
}

func (b *stepped) Count() uint64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.n
}

func (b *stepped) Wait(n uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for b.n < n {
		b.more.Wait()
	}
}

func (b *stepped) step(n uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.n += n
	b.more.Broadcast()
}

// player is a line that is ticked by a beat and tells of it.
type player struct {
	span.Line
	name  string
	open  chan span.Beat // the beats it comes to have, one after the other
	beat  span.Beat
	ticks chan<- heard
	fails map[uint64]error // at the tick of that number
}

type heard struct {
	by string
	n  uint64
}

func (p *player) Name() string             { return p.name }
func (p *player) Kind() span.Kind          { return span.E1 }
func (p *player) Block() int               { return 80 }
func (p *player) Bearers() []span.Timeslot { return span.E1.B() }
func (p *player) Tick(_, _ *span.Block) error {
	p.ticks <- heard{p.name + " alone", 0}
	return io.EOF
}

func (p *player) Beat() (span.Beat, error) {
	beat, more := <-p.open
	if !more {
		return nil, io.EOF
	}
	p.beat = beat
	return beat, nil
}

func (p *player) TickAt(beat span.Beat, n uint64, _, _ *span.Block) error {
	if err := p.fails[n]; err != nil {
		return err
	}
	if beat != p.beat {
		return span.ErrOutOfStep
	}
	p.ticks <- heard{p.name, n}
	return nil
}

// TestLinesOfOneBeat: all are ticked, in order, before anybody is woken; who falls out of step does not keep the others,
// and comes back with a beat.
func TestLinesOfOneBeat(t *testing.T) {
	var rows Rows
	var running sync.WaitGroup
	ticks := make(chan heard, 100)
	beat := newStepped()
	players := map[string]*player{}
	begin := func(name string, fails map[uint64]error, beats ...span.Beat) {
		p := &player{name: name, open: make(chan span.Beat, 3), ticks: ticks, fails: fails}
		for _, b := range beats {
			p.open <- b
		}
		close(p.open)
		players[name] = p
		s := New(p, dsp.ALaw, func() { ticks <- heard{name + " after", 0} }, slog.New(slog.DiscardHandler))
		running.Go(func() { rows.Run(s) })
	}
	begin("a", map[uint64]error{4: io.EOF}, beat)
	begin("b", map[uint64]error{2: errors.New("torn out"), 4: io.EOF}, beat, beat)
	for rows.waiting(beat) != 2 {
		runtime.Gosched()
	}
	beat.step(1)
	got := []heard{<-ticks, <-ticks, <-ticks, <-ticks}
	first := got[0].by
	second := map[string]string{"a": "b", "b": "a"}[first]
	want := []heard{{first, 1}, {second, 1}, {first + " after", 0}, {second + " after", 0}}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("the first tick: %v, want %v", got, want)
		}
	}
	beat.step(1) // b fails and comes back
	if got := []heard{<-ticks, <-ticks}; got[0] != (heard{"a", 2}) || got[1] != (heard{"a after", 0}) {
		t.Fatalf("with b torn out: %v", got)
	}
	for rows.waiting(beat) != 1 {
		runtime.Gosched()
	}
	beat.step(1)
	if got := []heard{<-ticks, <-ticks, <-ticks, <-ticks}; got[0] != (heard{"a", 3}) || got[1] != (heard{"b", 3}) {
		t.Fatalf("with b back: %v", got)
	}
	beat.step(1) // both end
	running.Wait()
	beat.step(1)
	for rows.has(beat) {
		runtime.Gosched()
	}
	if len(ticks) != 0 {
		t.Errorf("after the end of both lines: %v", <-ticks)
	}
}

// waiting is how many lines are on their way into a row.
func (r *Rows) waiting(beat span.Beat) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.rows[beat] == nil {
		return 0
	}
	return len(r.rows[beat].coming)
}

func (r *Rows) has(beat span.Beat) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.rows[beat] != nil
}

// TestALineWithoutABeat has a thread of its own.
func TestALineWithoutABeat(t *testing.T) {
	ticks := make(chan heard, 1)
	p := &player{name: "a", open: make(chan span.Beat, 1), ticks: ticks}
	p.open <- nil
	var rows Rows
	rows.Run(New(p, dsp.ALaw, nil, slog.New(slog.DiscardHandler)))
	if got := <-ticks; got.by != "a alone" {
		t.Errorf("ticked: %v", got)
	}
}

// TestARowDoesNotAllocate, as no tick does.
func TestARowDoesNotAllocate(t *testing.T) {
	clock := vspan.NewKernel()
	in := row{}
	for range 3 {
		cable := vspan.New(vspan.Options{Clock: clock, Block: 80})
		defer func() { _ = cable.A().Close() }()
		s := New(cable.A(), dsp.ALaw, nil, slog.New(slog.DiscardHandler))
		s.Open(1)
		beat, err := cable.A().Beat()
		if err != nil || in.beat != nil && beat != in.beat {
			t.Fatalf("lines of one clock have the beats %v and %v, %v", in.beat, beat, err)
		}
		in.beat = beat
		in.lines = append(in.lines, &member{s, cable.A(), nil})
	}
	n := uint64(10)
	tick := func() { n++; in.tick(n) }
	for range 100 {
		tick()
	}
	if allocs := testing.AllocsPerRun(200, tick); allocs != 0 {
		t.Errorf("%.1f allocations a tick, want none", allocs)
	}
	if len(in.lines) != 3 || in.lines[0].Ticks().Moved < 300 {
		t.Errorf("%d lines, %d ticks", len(in.lines), in.lines[0].Ticks().Moved)
	}
}
