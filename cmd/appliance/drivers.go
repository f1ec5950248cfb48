package main

import (
	"context"
	"fmt"
	"log/slog"

	"trunkbox/drivers/dahdi"
	"trunkbox/drivers/span"
	"trunkbox/drivers/vspan"
	"trunkbox/firmware/config"
)

// drivers opens lines: the only place that knows which drivers there are.
type drivers struct {
	far string // socket of the far end of virtual lines
	log *slog.Logger
}

func (d drivers) open(l config.Line) (span.Line, error) {
	switch l.Driver {
	case "dahdi":
		return dahdi.Open(dahdi.Options{Span: l.Span, Block: 8 * l.BlockMS, Name: l.Name})
	case "virtual":
		return d.virtual(l)
	}
	return nil, fmt.Errorf("line %s: there is no driver %q; choose virtual or dahdi", l.Name, l.Driver)
}

// virtual lays a cable and serves its other end on a socket: the first virtual line's on the socket given,
// any other's beside it with the line's name.
func (d drivers) virtual(l config.Line) (span.Line, error) {
	kind := span.E1
	if l.Kind == "T1" {
		kind = span.T1
	}
	socket := d.far
	if l.Span > 1 {
		socket += "." + l.Name
	}
	listener, err := vspan.Listen(socket)
	if err != nil {
		return nil, fmt.Errorf("line %s: %w", l.Name, err)
	}
	cable := vspan.New(vspan.Options{Kind: kind, Block: 8 * l.BlockMS, Names: [2]string{l.Name, l.Name + "/far"}, Logger: d.log})
	ctx, stop := context.WithCancel(context.Background())
	go func() {
		if err := vspan.Serve(ctx, listener, cable.B()); err != nil {
			d.log.Error("the far end of a virtual line is no longer served", "line", l.Name, "error", err)
		}
	}()
	return virtualLine{cable.A(), stop}, nil
}

// virtualLine is our end of a cable; closing it takes the far end's socket away too.
type virtualLine struct {
	span.Line
	stop context.CancelFunc
}

func (l virtualLine) Close() error {
	l.stop()
	return l.Line.Close()
}
