package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"trunkbox/drivers/dahdi"
	"trunkbox/drivers/span"
	"trunkbox/drivers/vspan"
	"trunkbox/firmware/config"
	"trunkbox/firmware/realtime"
)

// drivers opens lines: the only place that knows which drivers there are.
type drivers struct {
	far   string        // socket of the far end of virtual lines
	clock *vspan.Kernel // of the virtual lines
	log   *slog.Logger
}

// beat is the clock of the virtual lines. Where they are ticked is a thread of sound.
func beat() *vspan.Kernel {
	clock := vspan.NewKernel()
	clock.Sleep = func(d time.Duration) { _, _ = realtime.Wait(nil, d) }
	return clock
}

func (d drivers) open(l config.Line) (span.Line, error) {
	format, err := span.ParseFormat(l.Framing, l.LineCode, l.Clock)
	if err != nil {
		return nil, fmt.Errorf("line %s: %w", l.Name, err)
	}
	switch l.Driver {
	case "dahdi":
		return d.card(l, format)
	case "virtual":
		return d.virtual(l, format)
	}
	return nil, fmt.Errorf("line %s: there is no driver %q; choose virtual or dahdi", l.Name, l.Driver)
}

func kind(l config.Line) span.Kind {
	if l.Kind == "T1" {
		return span.T1
	}
	return span.E1
}

// card opens a span of DAHDI; the number of its channels must be that of the line's kind.
func (d drivers) card(l config.Line, format span.Format) (span.Line, error) {
	line, err := dahdi.Open(dahdi.Options{
		Span: l.Span, Block: 8 * l.BlockMS, Name: l.Name, Format: format, NoD: l.DChannel == "none", Logger: d.log, TickWait: realtime.Wait,
	})
	if err != nil {
		return nil, err
	}
	if line.Kind() != kind(l) {
		err := fmt.Errorf("line %s: DAHDI span %d is a %v, the settings say %v: change one of them", l.Name, l.Span, line.Kind(), l.Kind)
		return nil, errors.Join(err, line.Close())
	}
	return line, nil
}

// virtual lays a cable and serves its other end on a socket: the first virtual line's on the socket given,
// any other's beside it with the line's name. The far end is as such ends usually are: a carrier is the
// master of the clock, a PBX behind us follows ours.
func (d drivers) virtual(l config.Line, format span.Format) (span.Line, error) {
	far := span.Format{Clock: span.Internal}
	if l.Side == "network" {
		far.Clock = span.FromLine
	}
	socket := d.far
	if l.Span > 1 {
		socket += "." + l.Name
	}
	listener, err := vspan.Listen(socket)
	if err != nil {
		return nil, fmt.Errorf("line %s: %w", l.Name, err)
	}
	cable := vspan.New(vspan.Options{
		Clock: d.clock, Kind: kind(l), Block: 8 * l.BlockMS, Names: [2]string{l.Name, l.Name + "/far"},
		Formats: [2]span.Format{format, far}, NoD: l.DChannel == "none", Logger: d.log,
	})
	ctx, stop := context.WithCancel(context.Background())
	go func() {
		if err := vspan.Serve(ctx, listener, cable.B()); err != nil {
			d.log.Error("the far end of a virtual line is no longer served", "line", l.Name, "error", err)
		}
	}()
	return &virtualLine{cable.A(), stop}, nil
}

// virtualLine is our end of a cable, which can be tuned, tested and sampled; closing it takes the far
// end's socket away too.
type virtualLine struct {
	*vspan.End
	stop context.CancelFunc
}

func (l *virtualLine) Close() error {
	l.stop()
	return l.End.Close()
}
