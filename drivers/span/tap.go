package span

import (
	"context"
	"io"
	"sync"
	"sync/atomic"
)

// Tap is the part of a driver from which samples are drawn. While nobody draws, a tick costs one
// atomic load. Its zero value is ready.
type Tap struct{ drawn atomic.Pointer[drawing] }

// drawing is one caller's wish.
type drawing struct {
	mu     sync.Mutex // held while blocks is written; the caller takes blocks back with it
	blocks []Block
	n      int           // of blocks, filled
	done   chan struct{} // closed when all are, or when the line has ended
	over   bool
	err    error
}

// Offer is called by the owner of the sound with each block received, of size octets.
func (t *Tap) Offer(rx *Block, size int) {
	if d := t.drawn.Load(); d != nil {
		t.fill(d, rx, size)
	}
}

func (t *Tap) fill(d *drawing, rx *Block, size int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.over {
		return
	}
	for ts := range rx {
		copy(d.blocks[d.n][ts][:size], rx[ts][:size])
	}
	if d.n++; d.n == len(d.blocks) {
		t.finish(d, nil)
	}
}

// finish is called with d.mu held.
func (t *Tap) finish(d *drawing, err error) {
	d.over, d.err = true, err
	t.drawn.CompareAndSwap(d, nil)
	close(d.done)
}

// End tells who is drawing that the line is closed.
func (t *Tap) End() {
	if d := t.drawn.Load(); d != nil {
		d.mu.Lock()
		defer d.mu.Unlock()
		if !d.over {
			t.finish(d, io.EOF)
		}
	}
}

// Draw waits until all blocks are filled, as Sampler.Sample says. closed says whether the line has
// ended already; it is asked after the wish is known to End.
func (t *Tap) Draw(ctx context.Context, blocks []Block, closed func() bool) error {
	if len(blocks) == 0 {
		return nil
	}
	d := &drawing{blocks: blocks, done: make(chan struct{})}
	if !t.drawn.CompareAndSwap(nil, d) {
		return ErrSampling
	}
	if closed() {
		t.End()
	}
	select {
	case <-d.done:
	case <-ctx.Done():
		d.mu.Lock()
		if !d.over {
			t.finish(d, ctx.Err())
		}
		d.mu.Unlock()
	}
	return d.err
}
