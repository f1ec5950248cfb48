package main

import (
	"context"
	"math/rand/v2"
	"time"
)

// between is a time between two.
type between struct{ least, most time.Duration }

func (b between) pick() time.Duration {
	if b.most <= b.least {
		return b.least
	}
	return b.least + rand.N(b.most-b.least)
}

// pace is how fast people are.
type pace struct {
	calls    between // from one call to the next
	think    between // from the menu's first word to the key
	patience between // of a caller, from the key on
	hasty    between // the same of one who gives up early
	pickUp   between // an agent lets it ring
	talk     between // an agent, until hanging up
	pause    between // an agent's break
	keySent  time.Duration
}

// human is the pace of `make run`.
var human = pace{
	calls:    between{8 * time.Second, 20 * time.Second},
	think:    between{3 * time.Second, 8 * time.Second},
	patience: between{50 * time.Second, 150 * time.Second},
	hasty:    between{6 * time.Second, 15 * time.Second},
	pickUp:   between{2 * time.Second, 4 * time.Second},
	talk:     between{15 * time.Second, 40 * time.Second},
	pause:    between{30 * time.Second, 60 * time.Second},
	keySent:  10 * time.Second,
}

// sleep waits, and says false when ctx is done first.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// chance says yes once in n.
func chance(n int) bool { return rand.IntN(n) == 0 }
