package conformance

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"trunkbox/test/farend/notation"
)

// TestLoss has 10,000 questions go to the box, and its answers come back, while every tenth frame of either end is lost. The
// other end's data link is not ours. No answer may come twice or out of order, and none may be missing as long as the link was
// not set up anew.
func TestLoss(t *testing.T) {
	for _, side := range sidesOf["both"] {
		t.Run(side, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { lose(t, side) })
		})
	}
}

// lostAtATime is what a link set up anew may take with it at the most: a burst of questions under way and two of answers that
// wait.
const lostAtATime = 30

func lose(t *testing.T, side string) {
	const questions = 10_000
	s, err := newAccess(t, 3, side, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.down()
	far, box := speakers(side)
	for i, w := range []*wire{s.wire, s.far} {
		dice := rand.New(rand.NewPCG(7, uint64(i)))
		bend := func(frame []byte) [][]byte {
			if dice.IntN(10) == 0 {
				return nil
			}
			return [][]byte{frame}
		}
		w.bend.Store(&bend)
	}
	answered := 0 // the last
	missing := 0
	hear := func() {
		synctest.Wait()
		for octets, came := s.next(); came; octets, came = s.next() {
			n := 0
			if _, err := fmt.Sscanf(notation.Words(octets, box), "STATUS F%d", &n); err != nil || n <= answered {
				t.Fatalf("after the answer to %d came %s", answered, notation.Words(octets, box))
			}
			missing += n - answered - 1
			answered = n
		}
	}
	for n := 1; n <= questions; n++ {
		octets, err := notation.Message(fmt.Sprintf("STATUS ENQUIRY F%d", n), far)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.say(octets); err != nil {
			t.Fatal(err)
		}
		if n%10 == 0 { // bursts, so that the window fills; pauses, so that the box's queue does not
			time.Sleep(3 * time.Second)
			hear()
		}
	}
	for _, w := range []*wire{s.wire, s.far} {
		w.bend.Store(nil)
	}
	time.Sleep(10 * time.Minute)
	hear()
	missing += questions - answered
	letters := s.letters()
	t.Logf("%d of %d answers are missing; errors: %s", missing, questions, letters)
	if again := len(strings.Fields(letters)); missing > lostAtATime*again {
		t.Errorf("%d answers are missing, and the link was set up anew %d times", missing, again)
	}
}
