package main

import (
	"context"
	"sync"
	"time"

	"trunkbox/dsp"
	"trunkbox/test/farend/sound"
)

// The delay from mouth to ear is measured on talks between a caller and an agent who are both quiet: one says a tone, and
// the time until the block with its beginning has come to the other's ear is taken, again and again. Blocks and packets of
// both ends, the way of the virtual cable (30 ms) and this process's own lateness are in it.
const (
	probes     = 6
	loudDBm0   = -40 // over the half second that is looked at: a few samples of the tone
	silentDBm0 = -55
)

// probe measures on the first talks there are until ctx is done.
func (t *town) probe(ctx context.Context) []time.Duration {
	var mu sync.Mutex
	var all []time.Duration
	var running sync.WaitGroup
	defer running.Wait()
	t.mu.Lock()
	pairs := map[*caller]*agent{}
	for i := 0; i < len(t.callers) && len(pairs) < probes; i++ {
		for _, a := range t.agents {
			if c := t.callers[i]; c.talks && a.talks.Load() == int64(c.n) && a.call.Load() != nil {
				pairs[c] = a
				a.probed.Store(true)
			}
		}
	}
	for c := range pairs { // neither hung up nor listened to meanwhile
		for i := range t.callers {
			if t.callers[i] == c {
				t.callers = append(t.callers[:i], t.callers[i+1:]...)
				break
			}
		}
	}
	t.mu.Unlock()
	for c, a := range pairs {
		running.Go(func() {
			trunk, phone := c.call.Sound(), a.call.Load().Sound()
			trunk.PlayNothing()
			phone.PlayNothing()
			for n := 0; ctx.Err() == nil; n++ {
				from, to := trunk, phone
				if n%2 == 1 {
					from, to = phone, trunk
				}
				if took, ok := onset(ctx, from, to, n); ok {
					mu.Lock()
					all = append(all, took)
					mu.Unlock()
				}
			}
			trunk.PlayClip(codeOf(c.n).clip(dsp.ALaw))
			phone.PlayClip(codeOf(a.n).clip(dsp.ALaw))
			<-time.After(time.Second) // until the codes have come
			a.probed.Store(false)
			t.mu.Lock()
			c.answers = time.Now() // looked at again when the codes have come
			t.callers = append(t.callers, c)
			t.mu.Unlock()
		})
	}
	running.Wait()
	return all
}

// onset measures one beginning of a tone.
func onset(ctx context.Context, from, to *sound.Sound, n int) (time.Duration, bool) {
	if to.Wait(ctx, func() bool { return to.Level() < silentDBm0 }) != nil {
		return 0, false
	}
	<-time.After(time.Duration(n*7%20) * time.Millisecond) // anywhere within a packet
	began := time.Now()
	from.PlayTone(1000)
	err := to.Wait(ctx, func() bool { return to.Level() > loudDBm0 })
	took := time.Since(began)
	from.PlayNothing()
	return took, err == nil
}
