package vspan

import (
	"context"
	"fmt"

	"trunkbox/drivers/span"
)

// Format is what is in force at this end.
func (e *End) Format() span.Format {
	e.c.mu.Lock()
	defer e.c.mu.Unlock()
	return e.format
}

// Formats are all that the kind can have.
func (e *End) Formats() span.Choices { return e.c.kind.Choices() }

// Tune changes the format of this end; the other end sees what comes of it.
func (e *End) Tune(f span.Format) error {
	e.c.mu.Lock()
	defer e.c.mu.Unlock()
	f = f.Fill(e.format)
	if err := e.c.kind.Choices().Allow(f); err != nil {
		return fmt.Errorf("%s: %w", e.name, err)
	}
	e.format = f
	e.d.tune(f)
	e.c.refresh()
	return nil
}

// Sample copies what is received, the D channel among it. Timeslot 0 of an E1 is not there: the cable
// keeps its framing apart.
func (e *End) Sample(ctx context.Context, blocks []span.Block) (span.Slotset, error) {
	return sampled(e.c.kind), e.tap.Draw(ctx, blocks, e.ended)
}

// SampleD copies the D channel's timeslot (and the others); no frame is lost.
func (e *End) SampleD(ctx context.Context, blocks []span.Block) error {
	return e.tap.Draw(ctx, blocks, e.ended)
}

// ended says whether the end is closed.
func (e *End) ended() bool {
	select {
	case <-e.closed:
		return true
	default:
		return false
	}
}

// sampled are the timeslots a sample has.
func sampled(k span.Kind) span.Slotset {
	first, last := payload(k)
	var s span.Slotset
	for ts := first; ts <= last; ts++ {
		s = s.With(span.Timeslot(ts))
	}
	return s
}
