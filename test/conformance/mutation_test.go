package conformance

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"trunkbox/firmware/lapd"
	"trunkbox/firmware/pri"
)

// mutator changes frames on their way by the dice of a seed.
type mutator struct {
	dice *rand.Rand
	last []byte
}

// bend makes of one frame what arrives: itself two times of three, else something else or nothing.
func (m *mutator) bend(frame []byte) [][]byte {
	changed := append([]byte(nil), frame...)
	defer func() { m.last = append(m.last[:0], frame...) }()
	switch m.dice.IntN(24) {
	case 0: // lost
		return nil
	case 1: // twice
		return [][]byte{frame, changed}
	case 2: // the one before again, behind it
		return [][]byte{frame, m.last}
	case 3: // cut short
		return [][]byte{changed[:m.dice.IntN(len(changed)+1)]}
	case 4: // longer
		return [][]byte{append(changed, byte(m.dice.IntN(256)))}
	case 5: // any octets
		for i := range changed {
			changed[i] = byte(m.dice.IntN(256))
		}
	case 6, 7: // bits turned over in address or control field
		changed[m.dice.IntN(min(4, len(changed)))] ^= 1 << m.dice.IntN(8)
	}
	return [][]byte{changed}
}

// The longest that a broken link may take: T203 until somebody looks, N200 polls after the first, a SABME and N200 more, the
// box's pause before it asks again, and all of the last two once more where the far end was in the middle of its own.
const (
	recoversIn = 10*time.Second + 4*time.Second + 2*(4*time.Second+time.Second)
	// downFor is the longest that the box may show the link as not up once frames arrive whole: one set of SABMEs and the
	// pause.
	downFor = 5 * time.Second
)

// TestMutations changes frames at random for half a minute, then lets them pass. Whatever has come of it, the link is up again
// in time and carries messages, and the far end can restart the interface.
func TestMutations(t *testing.T) {
	if lapd.PrimaryRate.T203 != 10*time.Second || lapd.PrimaryRate.T200 != time.Second || lapd.PrimaryRate.N200 != 3 {
		t.Fatal("the times above are those of another profile")
	}
	seen := map[string]bool{}
	for _, side := range []string{"user", "network"} {
		for seed := range uint64(60) {
			t.Run(fmt.Sprintf("%s/%d", side, seed), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { mutate(t, side, seed, seen) })
			})
		}
	}
	if len(seen) < 6 {
		t.Errorf("the link told of errors %v only: too little was changed", seen)
	}
}

func mutate(t *testing.T, side string, seed uint64, seen map[string]bool) {
	s, err := newAccess(t, 3, side, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.down()
	p := &player{layer: 3, side: side, subject: s, access: s, ref: "F77"}
	p.far, p.box = speakers(side)
	for i, w := range []*wire{s.wire, s.far} {
		m := &mutator{dice: rand.New(rand.NewPCG(seed, uint64(i)))}
		w.bend.Store(new(m.bend))
	}
	for range 60 {
		if err := p.farSays("STATUS ENQUIRY F77"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(500 * time.Millisecond)
	}
	for _, w := range []*wire{s.wire, s.far} {
		w.bend.Store(nil)
	}
	const look = 50 * time.Millisecond
	down := time.Duration(0)
	for range int(recoversIn / look) {
		time.Sleep(look)
		synctest.Wait()
		if s.access.Now().Link == pri.LinkUp {
			down = 0
		} else if down += look; down > downFor {
			t.Fatalf("the link is %s for %v", s.access.Now().Link, down)
		}
	}
	for _, letter := range strings.Fields(s.letters()) {
		seen[letter] = true
	}
	for more := true; more; {
		_, more = s.next()
	}
	if s.access.Now().Link != pri.LinkUp {
		t.Fatalf("the link is %s after %v", s.access.Now().Link, recoversIn)
	}
	if err := p.stateIs("0"); err != nil {
		t.Fatalf("STATUS ENQUIRY: %v", err)
	}
	if err := p.finish(); err != nil {
		t.Error(err)
	}
}
