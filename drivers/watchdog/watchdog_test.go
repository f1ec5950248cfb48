package watchdog

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// A file takes what the timer is given; it answers no ioctl, like a driver that cannot set its time.
func TestFeedAndMagicClose(t *testing.T) {
	path := filepath.Join(t.TempDir(), "watchdog")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	timer, err := Open(path, 30*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if timer.Timeout() != 30*time.Second {
		t.Errorf("timeout %v", timer.Timeout())
	}
	for range 3 {
		if err := timer.Feed(); err != nil {
			t.Fatal(err)
		}
	}
	if err := timer.Close(); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, []byte{0, 0, 0, 'V'}) {
		t.Errorf("the timer got %q, %v", got, err)
	}
	if err := timer.Feed(); err == nil {
		t.Error("a closed timer can be fed")
	}
}

func TestOpenRefuses(t *testing.T) {
	if _, err := Open(filepath.Join(t.TempDir(), "none"), time.Minute); err == nil {
		t.Error("a timer that is not there")
	}
	if _, err := Open("/dev/null", time.Millisecond); err == nil {
		t.Error("a timeout below a second")
	}
}

// feeds counts.
type feeds struct{ n atomic.Int64 }

func (f *feeds) Feed() error { f.n.Add(1); return nil }

func TestFedByProgressOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		fed := &feeds{}
		keeper := NewKeeper(fed, slog.New(slog.NewTextHandler(&log, nil)))
		tick, line := keeper.Expect("tick", 10*time.Second), keeper.Expect("line1", time.Minute)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); keeper.Run(ctx, 5*time.Second) }()
		busy := func(seconds int, marks ...*Mark) int64 {
			before := fed.n.Load()
			for range seconds {
				for _, m := range marks {
					m.Progress()
				}
				time.Sleep(time.Second)
			}
			synctest.Wait()
			return fed.n.Load() - before
		}
		if n := busy(100, tick, line); n < 20 {
			t.Errorf("fed %d times in 100 s of progress", n)
		}
		if n := busy(60, line); n > 3 {
			t.Errorf("fed %d times while the tick stood still", n)
		}
		if !strings.Contains(log.String(), "part=tick") || strings.Contains(log.String(), "part=line1") {
			t.Errorf("the log says %s", log.String())
		}
		if n := busy(20, tick, line); n < 3 {
			t.Errorf("fed %d times after the tick came back", n)
		}
		keeper.Drop(line)
		if n := busy(300, tick); n < 59 {
			t.Errorf("fed %d times after the line was taken out", n)
		}
		cancel()
		<-done
	})
}
