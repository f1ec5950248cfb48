package timeslot

import (
	"io"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"trunkbox/drivers/span"
	"trunkbox/firmware/realtime"
)

// Rows are the threads of lines: one for all lines that are in step (span.InStep), and one for each of the others.
//
// A thread that is woken costs more than a tick of its line, and needs a place in the runtime each time (see package
// realtime). Lines that are ticked one after the other are all done when whoever joins them is woken, so that he is not
// interrupted by them, and none of them comes now before and now after him.
type Rows struct {
	mu   sync.Mutex
	rows map[span.Beat]*row
}

// Run moves the line's blocks until it is closed, in a row if it is in step with others.
func (r *Rows) Run(s *Span) {
	line, is := s.line.(lineInStep)
	if !is {
		s.Run()
		return
	}
	for {
		beat, err := line.Beat()
		switch {
		case err != nil: // it is closed
			return
		case beat == nil:
			s.Run()
			return
		}
		left := make(chan error, 1)
		r.join(beat, &member{s, line, left})
		if s.failure(<-left) == io.EOF {
			return
		}
	}
}

// lineInStep is a line that may be in a row.
type lineInStep interface {
	span.Line
	span.InStep
}

// member is a line in a row.
type member struct {
	*Span
	line lineInStep
	left chan<- error // why it is in the row no longer, once
}

// row is a thread that ticks the lines of one beat.
type row struct {
	beat   span.Beat
	lines  []*member // the thread's
	came   atomic.Bool
	coming []*member // guarded by Rows.mu
}

// join lets a row take the line in.
func (r *Rows) join(beat span.Beat, m *member) {
	r.mu.Lock()
	defer r.mu.Unlock()
	in := r.rows[beat]
	if in == nil {
		in = &row{beat: beat}
		if r.rows == nil {
			r.rows = map[span.Beat]*row{}
		}
		r.rows[beat] = in
		go r.run(in, beat.Count()+1, m.line.Name()+" and others")
	}
	in.coming = append(in.coming, m)
	in.came.Store(true)
}

// take returns those who have come.
func (r *Rows) take(in *row) []*member {
	r.mu.Lock()
	defer r.mu.Unlock()
	coming := in.coming
	in.coming = nil
	in.came.Store(false)
	return coming
}

// end ends the row, unless somebody has come.
func (r *Rows) end(in *row) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(in.coming) > 0 {
		return false
	}
	delete(r.rows, in.beat)
	return true
}

// mostBehind is how far a row catches up after a pause; what is older is left out.
const mostBehind = time.Second

// run is the thread of a row, from tick n on.
func (r *Rows) run(in *row, n uint64, name string) {
	runtime.LockOSThread() // and ends with the goroutine: nobody else inherits its priority
	defer realtime.Thread(name, realtime.Line, -1)()
	for ; len(in.lines) > 0 || in.came.Load() || !r.end(in); n++ {
		in.beat.Wait(n)
		if in.came.Load() {
			for _, m := range r.take(in) {
				m.thread.Store(name)
				m.inRow.Store(true)
				in.lines = append(in.lines, m)
			}
		}
		if len(in.lines) > 0 {
			if now := in.beat.Count(); now > n+uint64(mostBehind/in.lines[0].blockTime()) {
				n = now
			}
		}
		in.tick(n)
	}
}

// tick makes a tick of every line, and then wakes whoever waits for that. A line that cannot be ticked leaves.
func (in *row) tick(n uint64) {
	in.lines = slices.DeleteFunc(in.lines, func(m *member) bool {
		if err := m.line.TickAt(in.beat, n, &m.rx, &m.tx); err != nil {
			m.left <- err
			return true
		}
		m.move()
		return false
	})
	for _, m := range in.lines {
		m.after()
	}
}
