package pri

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"trunkbox/drivers/span"
	"trunkbox/firmware/call"
)

func newTable() *table {
	t := &table{}
	t.init(span.E1.B(), func(span.Timeslot, State, Reason) {})
	return t
}

func TestHunting(t *testing.T) {
	l := &leg{known: &known{}}
	for _, c := range []struct {
		order string
		want  []span.Timeslot // after 2 was taken, and 1, then 5 freed
	}{
		{"up", []span.Timeslot{3, 4, 1, 5, 6}},
		{"down", []span.Timeslot{31, 30, 31, 29, 28}},
		{"round-robin", []span.Timeslot{1, 3, 4, 5, 6}},
		{"least-recent", []span.Timeslot{3, 4, 5, 6, 7}},
	} {
		table := newTable()
		table.take(2, l)
		if c.order == "up" || c.order == "least-recent" {
			table.take(1, l)
		}
		var got []span.Timeslot
		for i := range c.want {
			if i == 2 {
				switch c.order {
				case "down":
					table.release(31)
				default:
					if table.is(1, Seized) {
						table.release(1)
					}
				}
			}
			ts, ok := table.hunt(c.order, l)
			if !ok {
				t.Fatalf("%s: no channel", c.order)
			}
			got = append(got, ts)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.order, got, c.want)
		}
	}
}

// TestRoundRobinComesRound: after the last channel comes the first.
func TestRoundRobinComesRound(t *testing.T) {
	table, l := newTable(), &leg{known: &known{}}
	for round := range 3 {
		for _, want := range span.E1.B() {
			ts, _ := table.hunt("round-robin", l)
			if ts != want {
				t.Fatalf("round %d: %d, want %d", round, ts, want)
			}
			table.release(ts)
		}
	}
}

// TestHuntingFromEverywhere: many goroutines never get the same channel, and none is lost.
func TestHuntingFromEverywhere(t *testing.T) {
	table := newTable()
	var held [span.Slots]sync.Mutex
	var all sync.WaitGroup
	for order := range huntings {
		for range 4 {
			all.Go(func() {
				l := &leg{known: &known{}}
				for range 500 {
					ts, ok := table.hunt(order, l)
					if !ok {
						continue
					}
					if !held[ts].TryLock() {
						t.Errorf("timeslot %d was given twice", ts)
						return
					}
					held[ts].Unlock()
					table.release(ts)
				}
			})
		}
	}
	all.Wait()
	if got := table.idle.Load(); got != table.mask {
		t.Errorf("idle %032b, want %032b", got, table.mask)
	}
}

func TestHuntingAllocatesNothing(t *testing.T) {
	table, l := newTable(), &leg{known: &known{}}
	for order := range huntings {
		if n := testing.AllocsPerRun(100, func() {
			ts, _ := table.hunt(order, l)
			table.release(ts)
		}); n != 0 {
			t.Errorf("%s: %v allocations", order, n)
		}
	}
}

// TestVolume places ten calls a second for three minutes; nothing is left.
func TestVolume(t *testing.T) {
	both(t, nil, func(t *testing.T, x, y *end) {
		y.onOffer = func(l call.Leg) { l.Alert(); l.Answer() }
		var standing []*party
		calls := 0
		for range 1800 {
			p := x.dial(call.Outgoing{Called: "4001"})
			standing = append(standing, p)
			time.Sleep(100 * time.Millisecond)
			if len(standing) == 25 {
				old := standing[0]
				standing = slices.Delete(standing, 0, 1)
				old.leg.Hangup(normal)
				synctest.Wait()
				expect(t, "caller", old, "proceeding, alerting, sounding, answered, cleared 16 by us")
				calls++
			}
		}
		for _, p := range standing {
			p.leg.Hangup(normal)
		}
		synctest.Wait()
		if calls < 1700 {
			t.Errorf("%d calls", calls)
		}
		x.free()
		y.free()
	})
}

func BenchmarkHunt(b *testing.B) {
	b.ReportAllocs()
	table, l := newTable(), &leg{known: &known{}}
	for b.Loop() {
		ts, _ := table.hunt("least-recent", l)
		table.release(ts)
	}
}
