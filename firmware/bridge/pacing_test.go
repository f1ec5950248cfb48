package bridge

import (
	"testing"
	"time"
)

// TestALateLineIsNotTickedForTwice: a line of 10 ms is silent for a while and then brings what it owes, at once or in
// pieces. The ticks are as many as blocks of time have passed, and none of the pauses in them is longer than two.
func TestALateLineIsNotTickedForTwice(t *testing.T) {
	const block = 10 * time.Millisecond
	for _, late := range []time.Duration{5, 12, 25, 35, 65, 240} {
		for _, pieces := range []int{1, 3} {
			began := time.Unix(1000, 0)
			p := newPacing(block, began)
			made, owed, ahead := 0, 0, 0
			for now := began.Add(block); now.Before(began.Add(time.Second)); now = now.Add(time.Millisecond) {
				passed := now.Sub(began)
				if passed%block == 0 {
					owed++
				}
				from, to := 500*time.Millisecond, 500*time.Millisecond+late*time.Millisecond
				if passed >= from && passed < to {
					made += p.ticks(now, 0)
					continue
				}
				for piece := 0; owed > 0; piece++ { // a burst comes within microseconds
					n := owed
					if piece < pieces-1 {
						n = 1
					}
					made += p.ticks(now.Add(time.Duration(piece)*100*time.Microsecond), n)
					owed -= n
				}
				made += p.ticks(now, 0)
				ahead = made - int(passed/block)
				if ahead > 1 || ahead < -2 {
					t.Fatalf("late by %d ms, in %d pieces: %d ticks after %v", late, pieces, made, passed)
				}
			}
			if ahead != 0 && late > 5 {
				t.Errorf("late by %d ms, in %d pieces: %+d ticks at the end", late, pieces, ahead)
			}
		}
	}
}

// TestALineThatComesBack paces the engine from its first blocks on, however long it was away.
func TestALineThatComesBack(t *testing.T) {
	const block = 10 * time.Millisecond
	now := time.Unix(1000, 0)
	p := newPacing(block, now)
	for range 10_000 {
		now = now.Add(block)
		p.ticks(now, 0)
	}
	now = now.Add(3 * time.Millisecond)
	made := 0
	for range 10 {
		made += p.ticks(now, 1)
		now = now.Add(block)
	}
	if made < 8 {
		t.Errorf("of the first 10 blocks of a line %d are ticked for", made)
	}
}
