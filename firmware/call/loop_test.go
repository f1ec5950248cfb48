package call

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestTheLoopKeepsTheOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		loop := NewLoop()
		ctx, stop := context.WithCancel(t.Context())
		go loop.Run(ctx)
		var got []int
		for i := range 100 {
			loop.Post(func() { got = append(got, i) })
		}
		loop.After(time.Second, func() { got = append(got, 1000) })
		cancelled := loop.After(time.Second, func() { got = append(got, 2000) })
		loop.Do(func() { cancelled.Stop() })
		time.Sleep(2 * time.Second)
		synctest.Wait()
		want := append(slices.Collect(count(100)), 1000)
		if !slices.Equal(got, want) {
			t.Errorf("done: %v", got)
		}
		stop()
		synctest.Wait()
		if loop.Post(func() {}) || loop.Do(func() {}) {
			t.Error("an ended loop takes work")
		}
	})
}

func TestAStoppedTimerDoesNothingEvenWhenItsTimeHadCome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		loop := NewLoop()
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		done := false
		timer := loop.After(time.Second, func() { done = true })
		time.Sleep(2 * time.Second)
		synctest.Wait() // posted, but nobody runs the loop yet
		timer.Stop()
		go loop.Run(ctx)
		loop.Do(func() {})
		if done {
			t.Error("the stopped timer did its work")
		}
		var none *Timer
		none.Stop()
	})
}

func TestALoopThatHasNoWorkHasNoGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		loop := NewLoop()
		var got []int
		loop.Post(func() { got = append(got, 1) })
		synctest.Wait()
		if len(got) > 0 {
			t.Fatal("it works before it has begun")
		}
		before := runtime.NumGoroutine()
		loop.Begin()
		synctest.Wait()
		for i := range 3 {
			loop.Post(func() {
				got = append(got, 10*i)
				loop.Post(func() { got = append(got, 10*i+1) })
			})
			synctest.Wait()
		}
		loop.After(time.Minute, func() { got = append(got, 100) })
		time.Sleep(time.Minute)
		synctest.Wait()
		if n := runtime.NumGoroutine(); n > before {
			t.Errorf("%d goroutines, %d before", n, before)
		}
		loop.Do(func() {
			loop.Post(func() { got = append(got, 200) })
			loop.End()
		})
		synctest.Wait()
		if loop.Post(func() {}) || loop.Do(func() {}) {
			t.Error("an ended loop takes work")
		}
		if want := []int{1, 0, 1, 10, 11, 20, 21, 100, 200}; !slices.Equal(got, want) {
			t.Errorf("done %v, want %v", got, want)
		}
	})
}

func TestPostersFromEverywhere(t *testing.T) {
	for _, begun := range []bool{false, true} {
		loop, sum, last := NewLoop(), 0, [8]int{}
		if begun {
			loop.Begin()
		} else {
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			go loop.Run(ctx)
		}
		var posting sync.WaitGroup
		for p := range last {
			posting.Go(func() {
				for n := range 2000 {
					loop.Post(func() {
						if last[p] != n {
							t.Errorf("poster %d: work %d after %d", p, n, last[p])
						}
						last[p], sum = n+1, sum+1
					})
				}
			})
		}
		posting.Wait()
		loop.Do(func() {})
		if sum != 16000 {
			t.Errorf("begun %v: %d pieces of work", begun, sum)
		}
	}
}

// BenchmarkPost is one piece of work, as a leg and as the exchange has it done.
func BenchmarkPost(b *testing.B) {
	b.Run("begun", func(b *testing.B) {
		loop := NewLoop()
		loop.Begin()
		b.ReportAllocs()
		for b.Loop() {
			loop.Do(func() {})
		}
	})
	b.Run("run", func(b *testing.B) {
		loop := NewLoop()
		go loop.Run(b.Context())
		b.ReportAllocs()
		for b.Loop() {
			loop.Do(func() {})
		}
	})
}

func TestWorkThatPanicsDoesNotEndTheLoop(t *testing.T) {
	loop := NewLoop()
	var told any
	loop.Panicked = func(value any, stack []byte) { told = value }
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	go loop.Run(ctx)
	loop.Do(func() { panic("a defect") })
	if !loop.Do(func() {}) || told != "a defect" {
		t.Errorf("told %v", told)
	}
}

func count(n int) func(func(int) bool) {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

func TestNamesOfCallsSortByTimeAndDiffer(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	ids := NewIDs(now)
	a, b, c := ids.Next(now), ids.Next(now), ids.Next(now.Add(time.Second))
	if a == b || !slices.IsSorted([]string{a[:15], b[:15], c[:15]}) || a[:15] != "20260301-120000" {
		t.Errorf("%s %s %s", a, b, c)
	}
}
