package libpri

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"
)

// How much is called: ten calls a second, each of them up for a second and a half, so that about fifteen are up at any time.
const (
	volumePause = 100 * time.Millisecond
	volumeTalks = 1500 * time.Millisecond
	volumeShort = 30 * time.Second
	volumeLong  = 10 * time.Minute
)

// TestVolume has ten calls a second on a line: on one for half a minute as each side, in the long run ten minutes in every
// variant on both sides. Nothing is left of them: no channel, no call reference at either end, no goroutine, and no timer or
// table of ours that still knows a call.
func TestVolume(t *testing.T) {
	lasts, lines := volumeShort, variants[:1]
	if soaks() {
		lasts, lines = volumeLong, variants
	}
	n := len(lines) * len(others)
	// All lines begin together and are compared together, as goroutines cannot be told apart by line.
	var ready, over meeting
	ready.Add(n)
	over.Add(n)
	for _, v := range lines {
		for side := range others {
			t.Run(v.name+" as "+side, func(t *testing.T) {
				t.Parallel()
				here, gone := sync.OnceFunc(ready.Done), sync.OnceFunc(over.Done)
				defer here()
				defer gone()
				o := setup{side: side, variant: v.name, blind: true}.join(t)
				library := o.peer.memory()
				here()
				before := ready.count(func() int { return runtime.NumGoroutine() })

				f := o.run(load{
					calls: int(lasts / volumePause), every: volumePause, talks: volumeTalks, most: len(o.line.kind.B()) - 1,
					limit: 30 * time.Second,
				})
				for _, wrong := range f.wrong {
					t.Error(wrong)
				}
				o.idle()
				o.empty()
				o.comes(func() bool { runtime.GC(); return f.collected.Load() == int64(f.calls) },
					func() string {
						return fmt.Sprintf("%d of %d calls are still known to somebody", int64(f.calls)-f.collected.Load(), f.calls)
					})
				gone()
				after := over.count(func() int {
					n := runtime.NumGoroutine()
					for limit := time.Now().Add(patience); n > before && time.Now().Before(limit); n = runtime.NumGoroutine() {
						<-time.After(10 * time.Millisecond)
					}
					return n
				})
				if after > before {
					t.Errorf("%d goroutines before the calls, %d after them", before, after)
				}
				slices.Sort(f.answeredIn)
				t.Logf("%d calls, half of them answered within %v, all within %v; %d goroutines before and %d after; libpri has %d kB, had %d",
					f.calls, f.answeredIn[len(f.answeredIn)/2].Round(time.Microsecond),
					f.answeredIn[len(f.answeredIn)-1].Round(time.Microsecond), before, after, o.peer.memory(), library)
			})
		}
	}
}

// meeting is where the lines wait for each other; the first one counts for all.
type meeting struct {
	sync.WaitGroup
	once sync.Once
	n    int
}

func (m *meeting) count(what func() int) int {
	m.Wait()
	m.once.Do(func() { m.n = what() })
	return m.n
}

// memory is the resident memory of the peer's program in kB.
func (p *peer) memory() int {
	p.t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", p.pid))
	if err != nil {
		p.t.Fatal(err)
	}
	var size, resident int
	if _, err := fmt.Sscan(string(text), &size, &resident); err != nil {
		p.t.Fatalf("statm of the peer is %q: %v", text, err)
	}
	return resident * os.Getpagesize() / 1024
}
