package realtime

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestAStintGivesWay: who waits for the only place gets it, and the thread goes on.
func TestAStintGivesWay(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var s Stint
	var ran atomic.Bool
	now := time.Now()
	go ran.Store(true)
	for turns := 0; !ran.Load(); turns++ {
		if turns == 100 { // the scheduler takes its queues in turn, so not always at the first
			t.Fatal("nobody else ran")
		}
		now = now.Add(longestStint)
		s.Yield(now)
	}
	if began := s.began; !began.Equal(now) {
		t.Errorf("the stint began at %v, want %v", began, now)
	}
	s.Yield(now.Add(longestStint - 1))
	if !s.began.Equal(now) {
		t.Error("given up before its time")
	}
}

// BenchmarkStint tells what two threads that wait in system calls cost beside their own work: percent of a processor of
// all threads, for one that turns every 600 µs and one that does every 10 ms, with and without giving way.
func BenchmarkStint(b *testing.B) {
	for _, yields := range []bool{false, true} {
		b.Run(fmt.Sprintf("yields=%v", yields), func(b *testing.B) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(runtime.NumCPU() + 2))
			var ended atomic.Bool
			var running sync.WaitGroup
			for _, every := range []time.Duration{600 * time.Microsecond, 10 * time.Millisecond} {
				running.Go(func() {
					runtime.LockOSThread() // and ends with the goroutine
					var s Stint
					for !ended.Load() {
						spec := unix.NsecToTimespec(int64(every)) // the kernel writes what is left into it
						_, _ = unix.Ppoll(nil, &spec, nil)
						if yields {
							s.Yield(time.Now())
						}
					}
				})
			}
			const round = 300 * time.Millisecond
			began, before := time.Now(), ranAll(b)
			for b.Loop() {
				time.Sleep(round)
			}
			b.ReportMetric(100*float64(ranAll(b)-before)/float64(time.Since(began)), "%processor")
			b.ReportMetric(0, "ns/op")
			ended.Store(true)
			running.Wait()
		})
	}
}

// ranAll is how long the process's threads ran.
func ranAll(b *testing.B) (sum time.Duration) {
	all, err := filepath.Glob("/proc/self/task/*/schedstat")
	if err != nil {
		b.Fatal(err)
	}
	for _, name := range all {
		text, err := os.ReadFile(name)
		if err != nil {
			continue // the thread has ended
		}
		spent, err := times(string(text))
		if err != nil {
			b.Fatal(err)
		}
		sum += spent.Ran
	}
	return sum
}
