package exchange

import (
	"context"
	"sync"
)

// watchers are those who want to know when something changed.
type watchers struct {
	mu  sync.Mutex
	all map[chan struct{}]bool
}

// tell gives each watcher a token; one who has not fetched the last one gets no second.
func (w *watchers) tell() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for c := range w.all {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}

// Watch delivers a token after each change until ctx is done, then the channel is closed.
func (x *Exchange) Watch(ctx context.Context) <-chan struct{} {
	c := make(chan struct{}, 1)
	x.watch.mu.Lock()
	if x.watch.all == nil {
		x.watch.all = map[chan struct{}]bool{}
	}
	x.watch.all[c] = true
	x.watch.mu.Unlock()
	context.AfterFunc(ctx, func() {
		x.watch.mu.Lock()
		defer x.watch.mu.Unlock()
		delete(x.watch.all, c)
		close(c)
	})
	return c
}
