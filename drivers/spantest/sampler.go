package spantest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/bits"
	"testing"

	"trunkbox/drivers/span"
)

// sampled is how much a sample has in this test: 0.2 s.
const sampled = octets / 5

// sampler checks, on lines that can be sampled, that a sample has the octets that Tick has brought, in
// their timeslots, that the D channel's timeslot has flags, and that frames pass afterwards.
func sampler(t *testing.T, a, b span.Line) {
	s, is := a.(span.Sampler)
	if !is {
		t.Logf("%s cannot be sampled", a.Name())
		return
	}
	ma, mb := newMover(a), newMover(b)
	ma.keep = true
	for _, ts := range b.Kind().B() {
		for range 8 {
			mb.say[ts] = append(mb.say[ts], pattern(1, ts)...)
		}
	}
	ma.start()
	mb.start()
	ma.wait(t, 5)
	blocks := make([]span.Block, sampled/a.Block())
	slots, err := s.Sample(t.Context(), blocks)
	if err != nil {
		t.Fatalf("%s: Sample: %v", a.Name(), err)
	}
	ma.wait(t, ma.ticks.Load()+2)
	ma.stop(t)
	mb.stop(t)
	for _, ts := range a.Kind().B() {
		if !slots.Has(ts) {
			t.Errorf("%s: the sample has no timeslot %d", a.Name(), ts)
			continue
		}
		if got := inOrder(blocks, ts, a.Block()); !bytes.Contains(ma.heard[ts], got) {
			t.Errorf("%s: the sample of timeslot %d, % x…, is not what Tick has brought", a.Name(), ts, got[:16])
		}
	}
	sampleD(t, s, a, b)
}

func inOrder(blocks []span.Block, ts span.Timeslot, block int) (got []byte) {
	for i := range blocks {
		got = append(got, blocks[i][ts][:block]...)
	}
	return got
}

// sampleD samples the D channel while flags are on it.
func sampleD(t *testing.T, s span.Sampler, a, b span.Line) {
	moving(t, a, b)
	k := newTicker(a)
	for range 10 {
		k.next(t)
	}
	blocks := make([]span.Block, sampled/a.Block())
	if err := s.SampleD(t.Context(), blocks); err != nil {
		t.Fatalf("%s: SampleD: %v", a.Name(), err)
	}
	flags := 0
	got := inOrder(blocks, a.Kind().D(), a.Block())
	for _, o := range got {
		for turn := range 8 {
			if bits.RotateLeft8(o, turn) == 0x7e {
				flags++
			}
		}
	}
	if flags < len(got)*9/10 {
		t.Errorf("%s: %d of %d octets of the D channel are flags: % x…", a.Name(), flags, len(got), got[:16])
	}
	oneFrame(t, a, b)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Sample(cancelled, make([]span.Block, 1000)); !errors.Is(err, context.Canceled) {
		t.Errorf("%s: Sample cancelled: %v", a.Name(), err)
	}
	if err := a.Close(); err != nil {
		t.Errorf("%s: Close: %v", a.Name(), err)
	}
	if _, err := s.Sample(t.Context(), blocks); !errors.Is(err, io.EOF) {
		t.Errorf("%s: Sample after Close: %v, want io.EOF", a.Name(), err)
	}
	if err := s.SampleD(t.Context(), blocks); !errors.Is(err, io.EOF) {
		t.Errorf("%s: SampleD after Close: %v, want io.EOF", a.Name(), err)
	}
}
