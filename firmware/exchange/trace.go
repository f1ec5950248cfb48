package exchange

import (
	"context"
	"io"
	"log/slog"
	"sync"

	"trunkbox/firmware/trace"
)

// NoLineError is the name of a line that there is no trace of.
type NoLineError string

func (e NoLineError) Error() string { return "there is no trace of a line " + string(e) }

// traces are those of all lines that were opened since the start. A line that is closed and opened again goes on in the
// same trace.
type traces struct {
	dir string
	log *slog.Logger

	mu    sync.Mutex
	lines map[string]*trace.Line // under mu
}

func newTraces(dir string, log *slog.Logger) *traces {
	return &traces{dir: dir, log: log, lines: map[string]*trace.Line{}}
}

// open gives the trace of a line, and begins it when there is none.
func (t *traces) open(name string) *trace.Line {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.lines[name] == nil {
		t.lines[name] = trace.Open(trace.Options{Name: name, Dir: t.dir, Log: t.log})
	}
	return t.lines[name]
}

func (t *traces) find(name string) (*trace.Line, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if line := t.lines[name]; line != nil {
		return line, nil
	}
	return nil, NoLineError(name)
}

// close writes what is not on the disk yet.
func (t *traces) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, line := range t.lines {
		line.Close()
	}
}

// Trace gives the newest frames of a line's D channel that pass the filter, at most limit; NoLineError for a line that
// was never opened.
func (x *Exchange) Trace(line string, filter trace.Filter, limit int) (trace.Page, error) {
	l, err := x.traces.find(line)
	if err != nil {
		return trace.Page{}, err
	}
	return l.Page(filter, limit), nil
}

// WritePcap writes the frames that pass the filter as a capture file. Live, it writes those from now on, until ctx is
// done.
func (x *Exchange) WritePcap(ctx context.Context, w io.Writer, line string, filter trace.Filter, live bool) error {
	l, err := x.traces.find(line)
	if err != nil {
		return err
	}
	if live {
		return l.StreamPcap(ctx, w, filter)
	}
	return l.WritePcap(w, filter)
}
