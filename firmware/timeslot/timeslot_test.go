package timeslot

import (
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"testing"

	"trunkbox/drivers/span"
	"trunkbox/dsp"
)

// looped is a line that brings back what it was given, one tick later: enough to see what the scheduler
// does with each octet, on no clock at all.
type looped struct {
	last  span.Block
	block int
}

func (l *looped) Name() string    { return "looped" }
func (l *looped) Kind() span.Kind { return span.E1 }
func (l *looped) Block() int      { return l.block }
func (l *looped) Tick(rx, tx *span.Block) error {
	*rx, l.last = l.last, *tx
	return nil
}
func (l *looped) ReceiveFrame([]byte) (int, error) { return 0, io.EOF }
func (l *looped) SendFrame([]byte) error           { return nil }
func (l *looped) Status() span.Status              { return span.Status{} }
func (l *looped) Events() <-chan span.Event        { return nil }
func (l *looped) Close() error                     { return nil }

func newSpan(line span.Line) *Span { return New(line, dsp.ALaw, nil, slog.New(slog.DiscardHandler)) }

func tick(t testing.TB, s *Span) {
	if err := s.Tick(); err != nil {
		t.Fatal(err)
	}
}

func TestEachTimeslotHearsItselfAndIdleOnesAreIdle(t *testing.T) {
	s := newSpan(&looped{block: 80})
	a, b := s.Open(1), s.Open(31)
	block := make([]byte, 80)
	for n := range 50 {
		fill(block, byte(n))
		a.Speak(block)
		fill(block, byte(n)|0x80)
		b.Speak(block)
		tick(t, s)
		a.Hear(block)
		if n >= 2 && (block[0] != byte(n-2) || block[79] != byte(n-2)) {
			t.Fatalf("tick %d: timeslot 1 hears %#x", n, block[0])
		}
		b.Hear(block)
		if n >= 2 && block[0] != byte(n-2)|0x80 {
			t.Fatalf("tick %d: timeslot 31 hears %#x", n, block[0])
		}
	}
	if losses := a.Losses(); losses != (Losses{}) {
		t.Errorf("lost %+v", losses)
	}
	if got := s.tx[7][0]; got != dsp.ALaw.Silence() {
		t.Errorf("an idle timeslot sends %#x", got)
	}
}

func TestAUserWhoDoesNotComeLosesOnlyItsOwn(t *testing.T) {
	s := newSpan(&looped{block: 160})
	dead, live := s.Open(1), s.Open(2)
	block := make([]byte, 160)
	for n := range 100 {
		fill(block, byte(n))
		live.Speak(block)
		tick(t, s)
		live.Hear(block)
	}
	if losses := live.Losses(); losses != (Losses{}) {
		t.Errorf("the live user lost %+v", losses)
	}
	if losses := dead.Losses(); losses != (Losses{}) {
		t.Errorf("a user who never came lost %+v", losses)
	}
}

// TestWhatIsNotFetchedOrGivenIsCountedWhenTheUserComesAgain: and never for one who has left for good.
func TestWhatIsNotFetchedOrGivenIsCountedWhenTheUserComesAgain(t *testing.T) {
	const away = 100
	s := newSpan(&looped{block: 160})
	c := s.Open(1)
	block := make([]byte, 160)
	come := func() {
		c.Speak(block)
		tick(t, s)
		c.Hear(block)
	}
	for range 3 {
		come()
	}
	for range away {
		tick(t, s)
	}
	if losses := c.Losses(); losses != (Losses{}) {
		t.Errorf("a user who may have left lost %+v", losses)
	}
	come()
	come()
	if got, want := c.Losses(), (Losses{Starved: away, Dropped: away - size/160 + 1}); got != want {
		t.Errorf("coming again it has lost %+v, want %+v", got, want)
	}
}

func TestANewCallHearsNothingOfTheLast(t *testing.T) {
	s := newSpan(&looped{block: 80})
	last := s.Open(5)
	block := make([]byte, 80)
	fill(block, 0x11)
	for range 3 {
		last.Speak(block)
	}
	next := s.Open(5)
	for range 6 {
		last.Speak(block) // its user is late in letting go
		tick(t, s)
		next.Hear(block)
		if block[0] == 0x11 {
			t.Fatal("the next call hears the last one's block")
		}
		fill(block, 0x11)
	}
	s.Close(5)
	tick(t, s)
	if s.tx[5][0] != dsp.ALaw.Silence() {
		t.Error("a closed timeslot is not idle")
	}
}

// TestRingInterleavings goes through every order in which a writer and a reader can take their steps (a
// step is one load, copy or store of the ring) and checks that no block is lost unseen, doubled or torn.
func TestRingInterleavings(t *testing.T) {
	// The steps of push and pop, as in ring.go, on a ring with room for two blocks of two octets each; head and tail
	// count blocks.
	type state struct {
		head, tail              uint32
		slots                   [2][2]byte
		writer, reader          int // step within the operation
		wHead, rTail            uint32
		pushed, popped, refused byte
		got                     [2]byte
	}
	seen := map[state]bool{}
	var explore func(state)
	explore = func(s state) {
		if seen[s] {
			return
		}
		seen[s] = true
		if s.pushed+s.refused < 5 {
			w := s
			switch w.writer {
			case 0: // load head and tail
				w.wHead = w.head
				if w.head-w.tail == 2 {
					w.refused++
				} else {
					w.writer = 1
				}
			case 1:
				w.slots[w.wHead&1][0] = w.pushed + 1
				w.writer = 2
			case 2:
				w.slots[w.wHead&1][1] = w.pushed + 1
				w.writer = 3
			case 3: // the store that hands the slot over
				w.head, w.writer = w.wHead+1, 0
				w.pushed++
			}
			explore(w)
		}
		r := s
		switch r.reader {
		case 0:
			r.rTail = r.tail
			if r.head == r.tail {
				return
			}
			r.reader = 1
		case 1:
			r.got[0] = r.slots[r.rTail&1][0]
			r.reader = 2
		case 2:
			r.got[1] = r.slots[r.rTail&1][1]
			r.reader = 3
		case 3: // the store that gives the slot back
			r.tail, r.reader = r.rTail+1, 0
			r.popped++
			if r.got[0] != r.popped || r.got[1] != r.popped {
				t.Fatalf("block %d came out as %v", r.popped, r.got)
			}
		}
		explore(r)
	}
	explore(state{})
	if len(seen) < 200 {
		t.Fatalf("only %d states were seen", len(seen))
	}
}

// TestRingBetweenGoroutines is the ring itself under the race detector.
func TestRingBetweenGoroutines(t *testing.T) {
	const blocks = 20000
	var r ring
	done := make(chan error)
	go func() {
		block := make([]byte, 40)
		for next := 0; next < blocks; {
			if !r.pop(block, nil) {
				runtime.Gosched()
				continue
			}
			if block[0] != byte(next) || block[39] != byte(next) {
				done <- fmt.Errorf("block %d came out as %d…%d", next, block[0], block[39])
				return
			}
			next++
		}
		done <- nil
	}()
	block := make([]byte, 40)
	for n := 0; n < blocks; {
		fill(block, byte(n))
		if r.push(block, nil) {
			n++
		} else {
			runtime.Gosched()
		}
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

func TestATickDoesNotAllocate(t *testing.T) {
	s := newSpan(&looped{block: 80})
	var users []*Channel
	for _, ts := range span.E1.B() {
		users = append(users, s.Open(ts))
	}
	block := make([]byte, 80)
	allocs := testing.AllocsPerRun(100, func() {
		tick(t, s)
		for _, u := range users {
			u.Hear(block)
			u.Speak(block)
		}
	})
	if allocs != 0 {
		t.Errorf("%v allocations a tick", allocs)
	}
}

func BenchmarkTick(b *testing.B) {
	for _, spans := range []int{1, 16} {
		b.Run(fmt.Sprintf("%dE1", spans), func(b *testing.B) {
			var all []*Span
			var users []*Channel
			for range spans {
				s := newSpan(&looped{block: 160})
				for _, ts := range span.E1.B() {
					users = append(users, s.Open(ts))
				}
				all = append(all, s)
			}
			block := make([]byte, 160)
			b.ReportAllocs()
			for b.Loop() {
				for _, s := range all {
					tick(b, s)
				}
				for _, u := range users {
					u.Hear(block)
					u.Speak(block)
				}
			}
		})
	}
}
