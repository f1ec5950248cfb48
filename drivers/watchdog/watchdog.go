// Package watchdog keeps the hardware timer fed that restarts the box when its software is stuck.
//
// In: signs of progress from the parts of the box. Out: octets to /dev/watchdog. It is beside both paths.
//
// The interface is that of the Linux watchdog drivers: any octet feeds, a V before closing disarms
// ("magic close"), WDIOC_SETTIMEOUT sets the time. Pre-timeouts and the temperature are left out.
//
// The timer is fed only while every part has made progress: an idle loop that feeds would keep a box
// alive in which nothing moves. A process that ends without Close leaves the timer armed, so the box
// restarts. Mark is safe from any goroutine and neither waits nor allocates.
package watchdog

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// Timer is an armed watchdog timer.
type Timer struct {
	file    *os.File
	timeout time.Duration
}

// Open arms the timer at path and asks for timeout, in whole seconds. A driver that cannot change its
// time keeps its own; Timeout tells which holds.
func Open(path string, timeout time.Duration) (*Timer, error) {
	if timeout < time.Second {
		return nil, fmt.Errorf("watchdog %s: timeout %v, at least 1s", path, timeout)
	}
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return nil, fmt.Errorf("watchdog: %w", err)
	}
	t := &Timer{file: file, timeout: timeout.Truncate(time.Second)}
	seconds := int(t.timeout / time.Second)
	if err := unix.IoctlSetPointerInt(int(file.Fd()), unix.WDIOC_SETTIMEOUT, seconds); err == nil {
		if actual, err := unix.IoctlGetInt(int(file.Fd()), unix.WDIOC_GETTIMEOUT); err == nil && actual > 0 {
			t.timeout = time.Duration(actual) * time.Second
		}
	} else if actual, err := unix.IoctlGetInt(int(file.Fd()), unix.WDIOC_GETTIMEOUT); err == nil && actual > 0 {
		t.timeout = time.Duration(actual) * time.Second
	}
	return t, nil
}

// Timeout is how long the box may go unfed.
func (t *Timer) Timeout() time.Duration { return t.timeout }

// Feed gives the box another Timeout.
func (t *Timer) Feed() error {
	if _, err := t.file.Write([]byte{0}); err != nil {
		return fmt.Errorf("feed the watchdog: %w", err)
	}
	return nil
}

// Close disarms the timer. A driver built with NOWAYOUT stays armed all the same.
func (t *Timer) Close() error {
	_, err := t.file.Write([]byte{'V'})
	return errors.Join(err, t.file.Close())
}

// Mark counts the progress of one part.
type Mark struct {
	name  string
	quiet time.Duration
	count atomic.Uint64

	seen   uint64 // by the keeper
	moved  time.Time
	silent bool
}

// Progress says that the part got on.
func (m *Mark) Progress() { m.count.Add(1) }

// Feeder is what a Keeper feeds; *Timer is one.
type Feeder interface{ Feed() error }

// Keeper feeds a timer as long as every part makes progress.
type Keeper struct {
	feeder Feeder
	log    *slog.Logger

	mu    sync.Mutex
	marks []*Mark
}

// NewKeeper makes a keeper for a timer.
func NewKeeper(feeder Feeder, log *slog.Logger) *Keeper { return &Keeper{feeder: feeder, log: log} }

// Expect adds a part, which must call Progress at least once in every quiet, beginning now.
func (k *Keeper) Expect(name string, quiet time.Duration) *Mark {
	m := &Mark{name: name, quiet: quiet, moved: time.Now()}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.marks = append(k.marks, m)
	return m
}

// Drop takes a part out again, when it ends in an orderly way.
func (k *Keeper) Drop(m *Mark) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for i, other := range k.marks {
		if other == m {
			k.marks = append(k.marks[:i], k.marks[i+1:]...)
			return
		}
	}
}

// Run looks at the parts every interval, a fourth of the timer's timeout or less, and feeds the timer
// while none is silent for longer than it may. It ends with ctx.
func (k *Keeper) Run(ctx context.Context, interval time.Duration) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		if k.alive(time.Now()) {
			if err := k.feeder.Feed(); err != nil {
				k.log.Error("watchdog not fed", "err", err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// alive says whether every part made progress in time, and logs each that falls silent or comes back.
func (k *Keeper) alive(now time.Time) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	all := true
	for _, m := range k.marks {
		if count := m.count.Load(); count != m.seen {
			m.seen, m.moved = count, now
		}
		silent := now.Sub(m.moved) > m.quiet
		if silent != m.silent {
			m.silent = silent
			if silent {
				k.log.Error("no progress: the watchdog is not fed", "part", m.name, "for", now.Sub(m.moved))
			} else {
				k.log.Warn("progress again: the watchdog is fed", "part", m.name)
			}
		}
		all = all && !silent
	}
	return all
}
