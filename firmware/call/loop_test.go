package call

import (
	"context"
	"slices"
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
