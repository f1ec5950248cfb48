package main

import (
	"context"
	"sync"
	"time"

	"trunkbox/dsp"
	"trunkbox/test/farend/sound"
)

// The delay between a line and a phone is measured on talks between a caller and an agent who are both quiet: one says a
// tone, and its first loud sample is awaited at the other's ear, again and again. It is counted from when the block with the
// tone's beginning had left until the block with that sample came; this process's own lateness is in it only where a block
// of the line is concerned. The way of the virtual cable, 30 ms, is.
const (
	probes      = 6
	silentDBm0  = -55
	onsetWithin = 2 * time.Second
)

// probe measures on the first talks there are until ctx is done.
func (t *town) probe(ctx context.Context, delays *sound.Spread) {
	pairs := map[*caller]*agent{}
	t.mu.Lock()
	for i := 0; i < len(t.callers) && len(pairs) < probes; i++ {
		for _, a := range t.agents {
			if c := t.callers[i]; c.talks && a.talks.Load() == int64(c.n) && a.call.Load() != nil {
				pairs[c] = a
				a.probed.Store(true)
			}
		}
	}
	for c := range pairs { // neither hung up nor looked at meanwhile
		t.remove(c)
	}
	t.mu.Unlock()
	var running sync.WaitGroup
	for c, a := range pairs {
		running.Go(func() { t.probePair(ctx, c, a, delays) })
	}
	running.Wait()
}

func (t *town) probePair(ctx context.Context, c *caller, a *agent, delays *sound.Spread) {
	if call := a.call.Load(); call != nil {
		line, phone := c.call.Sound(), call.Sound()
		line.PlayNothing()
		phone.PlayNothing()
		for n := 0; ctx.Err() == nil; n++ {
			if n%2 == 0 {
				onset(ctx, line, phone, n, delays)
			} else {
				onset(ctx, phone, line, n, delays)
			}
		}
		line.PlayClip(clip(c.n, dsp.ALaw))
		phone.PlayClip(clip(a.n, dsp.ALaw))
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	a.since.Store(time.Now().UnixNano()) // looked at again when the codes have come
	a.probed.Store(false)
	t.callers = append(t.callers, c)
}

// onset measures one beginning of a tone.
func onset(ctx context.Context, from, to *sound.Sound, n int, delays *sound.Spread) {
	if to.Wait(ctx, func() bool { return to.Level() < silentDBm0 }) != nil {
		return
	}
	<-time.After(time.Duration(n*7%20) * time.Millisecond) // anywhere within a packet
	loud := to.Loud()
	from.PlayTone(1000)
	defer from.PlayNothing()
	select {
	case at := <-loud:
		if began := from.Began(); began != 0 {
			delays.Add(time.Duration(at - began))
		}
	case <-time.After(onsetWithin):
	case <-ctx.Done():
	}
}
