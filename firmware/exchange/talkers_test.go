package exchange

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"trunkbox/dsp"
	"trunkbox/firmware/call"
	"trunkbox/firmware/config"
	"trunkbox/firmware/q850"
)

// talkers are the parties of a talk of several, each with a tone of its own at talkersDBm0: the first from outside, the second
// the agent who asks the others in.
type talkers struct {
	*Exchange
	t      *testing.T
	c      *Call
	voices []*voice
	sides  []*call.Side
	tones  []float64
}

const talkersDBm0 = -36.0

func talkOf(t *testing.T, x *Exchange, others int) *talkers {
	t.Helper()
	w := &talkers{Exchange: x, t: t}
	for i := range others + 2 {
		w.tones = append(w.tones, 300+45*float64(i))
		w.voices = append(w.voices, voiced(w.tones[i], talkersDBm0))
	}
	c := x.newCall(call.Incoming{Leg: legOf("line1/ts01", w.voices[0]), Trunk: "line1"}, "in")
	x.loop.Do(func() {
		x.calls[c.id] = c
		c.other = call.NewSide(legOf("phone 201", w.voices[1]), "201", x.engine)
		c.join("201")
	})
	w.c, w.sides = c, []*call.Side{c.caller, c.other}
	return w
}

// comes has the next of the parties answer who was asked to join: an extension, or a line where that is empty.
func (w *talkers) comes(extension string) {
	side := call.NewSide(legOf("party "+extension, w.voices[len(w.sides)]), extension, w.engine)
	w.sides = append(w.sides, side)
	w.loop.Do(func() {
		w.c.inviting = &conferring{target: extension, side: side}
		w.c.fromInvited(w.c.inviting, call.Answered{})
	})
}

// leaves has a party hang up.
func (w *talkers) leaves(n int) {
	w.loop.Do(func() { w.c.fromSide(w.sides[n], call.Cleared{Cause: q850.NormalClearing, Remote: true}) })
}

// hear checks that those who are left hear each other and nobody else, and no one himself.
func (w *talkers) hear(step string, present func(n int) bool) {
	w.t.Helper()
	time.Sleep(450 * time.Millisecond) // behind the tones that tell who comes and goes
	for i := range w.sides {
		if !present(i) {
			continue
		}
		ears := w.voices[i].heard()
		heard := make([]int16, 1600) // whole periods of each tone
		dsp.ALaw.Expand(heard, ears[len(ears)-len(heard):])
		for j, hz := range w.tones[:len(w.sides)] {
			level := dsp.Goertzel(heard, hz)
			if i == j || !present(j) {
				if level > talkersDBm0-12 {
					w.t.Fatalf("%s: party %d hears party %d at %.1f dBm0", step, i, j, level)
				}
			} else if math.Abs(level-talkersDBm0) > 2 {
				w.t.Fatalf("%s: party %d hears party %d at %.1f dBm0, said at %.1f", step, i, j, level, talkersDBm0)
			}
		}
	}
}

func everybody(int) bool { return true }

// TestTalksOfSeveral: three, eight and sixty-four, who are asked in one by one, hear all others and not themselves; when the
// agent who asked them hangs up, the others talk on.
func TestTalksOfSeveral(t *testing.T) {
	for _, n := range []int{3, 8, 64} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			inTalk(t, func(t *testing.T, x *Exchange) {
				w := talkOf(t, x, n-2)
				w.hear("two", everybody)
				for i := 2; i < n; i++ {
					w.comes(fmt.Sprint(300 + i))
				}
				w.hear("all", everybody)
				w.leaves(1)
				w.hear("without who asked", func(i int) bool { return i != 1 })
				for i := n - 1; i > 1; i-- {
					w.leaves(i)
				}
				if !w.c.ended || strings.Count(story(t, x), "party_left") != n-2 {
					t.Errorf("ended %v when one was left; the journal tells\n%s", w.c.ended, story(t, x))
				}
			})
		})
	}
}

// TestATalkOfOutsidePartiesEnds when the last of ours leaves it.
func TestATalkOfOutsidePartiesEnds(t *testing.T) {
	inTalk(t, func(t *testing.T, x *Exchange) {
		w := talkOf(t, x, 2)
		w.comes("")
		w.comes("202")
		w.leaves(1)
		w.hear("one of ours is left", func(i int) bool { return i != 1 })
		w.leaves(3)
		expectStory(t, x, "party_joined", "party_joined 202", "party_left 201", "party_left 202", "call_ended box only_outside")
	})
}

// TestWhoComesAndGoesIsHeard by the others, as two tones upwards or downwards, and not by himself.
func TestWhoComesAndGoesIsHeard(t *testing.T) {
	inTalk(t, func(t *testing.T, x *Exchange) {
		w := talkOf(t, x, 1)
		hears := func(step string, n int, first, second float64, want bool) {
			t.Helper()
			ears := w.voices[n].heard()
			heard := make([]int16, 1600)
			dsp.ALaw.Expand(heard, ears[len(ears)-len(heard):])
			if rises := dsp.Goertzel(heard[:800], first) > -20 && dsp.Goertzel(heard[800:], second) > -20; rises != want {
				t.Errorf("%s: party %d hears it: %v", step, n, rises)
			}
		}
		time.Sleep(time.Second)
		w.comes("202")
		time.Sleep(200 * time.Millisecond)
		hears("joined", 0, 600, 900, true)
		hears("joined", 1, 600, 900, true)
		hears("joined", 2, 600, 900, false)
		time.Sleep(time.Second)
		w.leaves(2)
		time.Sleep(200 * time.Millisecond)
		hears("left", 0, 900, 600, true)
		hears("left", 1, 900, 600, true)
		time.Sleep(time.Second)
		ears := w.voices[0].heard()
		if others := unlike(ears, w.voices[1].says); others[len(others)-1][1] > len(ears)-7000 {
			t.Error("the two who are left do not hear each other octet for octet")
		}
	})
}

// TestATalkIsFull: one more than the settings allow is not asked in; who asks hears a low tone, and the journal tells why.
func TestATalkIsFull(t *testing.T) {
	inTalk(t, func(t *testing.T, x *Exchange) {
		x.settings.Talks.Parties = 3
		w := talkOf(t, x, 1)
		w.comes("202")
		time.Sleep(time.Second)
		x.loop.Do(func() { w.c.invite(w.c.other, "203") })
		time.Sleep(300 * time.Millisecond)
		ears := w.voices[1].heard()
		heard := make([]int16, 1600)
		dsp.ALaw.Expand(heard, ears[len(ears)-len(heard):])
		if level := dsp.Goertzel(heard, 400); level < -20 {
			t.Errorf("who asked hears a tone of 400 Hz at %.1f dBm0", level)
		}
		expectStory(t, x, "party_joined 202", "party_invited 201 203 talk_full 3")
		x.loop.Do(func() {
			x.settings.Talks = config.Talks{}
			w.c.watchers = make([]*watcher, 4)
			if most := w.c.mostTogether(); most != 60 {
				t.Errorf("without a limit %d may talk beside four who listen", most)
			}
			w.c.watchers = nil
		})
	})
}
