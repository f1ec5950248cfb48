package rtp

import (
	"sync"
	"testing"
)

// TestAShelfGivesEachOnce, also while it is filled and others take from it, and never nothing.
func TestAShelfGivesEachOnce(t *testing.T) {
	var shelf shelf[peer]
	const takers, each = 3, 2000
	taken := make([][]*peer, takers)
	var all sync.WaitGroup
	for i := range taken {
		all.Go(func() {
			for range each {
				taken[i] = append(taken[i], shelf.take())
			}
		})
	}
	ended := make(chan struct{})
	go func() { all.Wait(); close(ended) }()
	for filling := true; filling; {
		select {
		case <-ended:
			filling = false
		default:
			shelf.fill(nil)
		}
	}
	seen := map[*peer]bool{}
	for _, some := range taken {
		for _, p := range some {
			if p == nil || seen[p] {
				t.Fatal("nothing, or one that another has")
			}
			seen[p] = true
		}
	}
}

// TestAShelfIsFilledUp: what lies there is not made anew, what is missing is, ready for its use.
func TestAShelfIsFilledUp(t *testing.T) {
	var shelf shelf[apparatus]
	prepared := 0
	prepare := func(a *apparatus) { prepared++; a.outbox.init(cell) }
	shelf.fill(prepare)
	shelf.fill(prepare)
	if prepared != len(shelf) {
		t.Errorf("%d made, want %d", prepared, len(shelf))
	}
	for range shelf {
		if len(shelf.take().outbox.slots) != outboxSlots {
			t.Error("one was not prepared")
		}
	}
	if shelf.take() == nil {
		t.Error("nothing from an empty shelf")
	}
	if shelf.fill(prepare); prepared != 2*len(shelf) {
		t.Errorf("%d made, want %d", prepared, 2*len(shelf))
	}
}

// TestTheReporterFillsTheSpares that streams took.
func TestTheReporterFillsTheSpares(t *testing.T) {
	x := newBox(t, 80)
	peers := &x.ports.pump.reporter.spares.peers
	full := func() (n int) {
		for i := range peers {
			if peers[i].Load() != nil {
				n++
			}
		}
		return n
	}
	for range peers {
		peers.take()
	}
	if n := full(); n != 0 {
		t.Fatalf("%d are left", n)
	}
	x.phone(Options{}, 160, nil) // the reporter turns while there is one
	turnBoth(x.phones[0].stream, x.now)
	if n := full(); n != len(peers) {
		t.Errorf("%d peers, want %d", n, len(peers))
	}
}
