package bridge

import (
	"bytes"
	"math"
	"testing"
	"time"

	"trunkbox/dsp"
)

// announced is the words of the tests: a second of 1 kHz at -16 dBm0, which neither begins nor ends at zero.
func announced(t testing.TB) []byte {
	t.Helper()
	words := make([]byte, 8003)
	dsp.NewTone(dsp.Cadence{Steps: []dsp.Step{{Sines: []dsp.Sine{{Hz: 1000, DBm0: -16}}}}}).FillOctets(words, dsp.ALaw)
	return words[1:]
}

// TestAnAnnouncementIsOverTheTalkAndThenGone: before and after it every octet is what was said, none lost and none twice;
// meanwhile the words are there, and the talk as loud as it is to be. Neither its begin nor its end is told to the
// engine: it is what the party hears that is changed once.
func TestAnAnnouncementIsOverTheTalkAndThenGone(t *testing.T) {
	const talkHz, talkDBm0 = 440, -20
	for _, c := range []struct {
		name       string
		background Background
		talk       float64 // dBm0 under the words
		laws       [2]dsp.Law
		block      int
	}{
		{"over it", Lowered, talkDBm0 - 12, [2]dsp.Law{}, 80},
		{"in place of it", Silenced, -60, [2]dsp.Law{}, 160},
		{"beside it", Untouched, talkDBm0, [2]dsp.Law{}, 16},
		{"over it, in another law", Lowered, talkDBm0 - 12, [2]dsp.Law{dsp.ALaw, dsp.MuLaw}, 80},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := newEngine(t, c.block)
			said := make([]byte, c.block*(16000/c.block))
			dsp.NewTone(dsp.Cadence{Steps: []dsp.Step{{Sines: []dsp.Sine{{Hz: talkHz, DBm0: talkDBm0}}}}}).FillOctets(said, c.laws[0])
			a, b := room(c.laws[0], bytes.Clone(said)), room(c.laws[1], nil)
			b.heard = make([]byte, 0, len(said))
			pa, pb := e.Add("a", a), e.Add("b", b)
			pb.Hear(pa)
			want := make([]byte, len(said))
			dsp.Transcode(want, said, c.laws[0], c.laws[1])
			tick := func(n int) {
				for range n {
					e.Tick()
				}
			}
			before := 20
			tick(before)
			announcement := Announce(Play(announced(t)), c.background)
			pb.Hear(announcement.Over(pa))
			for !announcement.Ended() {
				tick(1)
			}
			from, to := before*c.block, len(b.heard)
			if lasted := to - from; lasted > 8002+160+2*c.block {
				t.Errorf("a second of words takes %d samples", lasted)
			}
			tick((len(said) - to) / c.block)
			if !bytes.Equal(b.heard[:from], want[:from]) || !bytes.Equal(b.heard[to:], want[to:]) {
				t.Error("before or after the announcement the talk is not what was said")
			}
			if source := pb.hears.Load(); source == nil || *source != Source(pa) {
				t.Error("the party hears something between it and the talk still")
			}
			heard := make([]int16, 6400)
			c.laws[1].Expand(heard, b.heard[from+800:from+7200])
			if words, talk := dsp.Goertzel(heard, 1000), dsp.Goertzel(heard, talkHz); math.Abs(words+16) > 0.5 || math.Abs(talk-c.talk) > 1 && (talk > -55 || c.talk > -55) {
				t.Errorf("words at %.1f dBm0, the talk at %.1f, want %.1f", words, talk, c.talk)
			}
		})
	}
}

// TestAnAnnouncementMakesNoClick: where the talk goes down and comes up, the sound bends no more than the codes of the talk
// itself make it.
func TestAnAnnouncementMakesNoClick(t *testing.T) {
	for _, background := range []Background{Lowered, Silenced} {
		e := newEngine(t, 80)
		said := make([]byte, 16000)
		dsp.NewTone(dsp.Cadence{Steps: []dsp.Step{{Sines: []dsp.Sine{{Hz: 300, DBm0: -3}}}}}).FillOctets(said, dsp.ALaw)
		a, b := room(dsp.ALaw, said), room(dsp.ALaw, nil)
		pa, pb := e.Add("a", a), e.Add("b", b)
		pb.Hear(pa)
		for n := range 199 {
			if n == 30 {
				pb.Hear(Announce(Play(bytes.Repeat([]byte{dsp.ALaw.Silence()}, 4000)), background).Over(pa))
			}
			e.Tick()
		}
		if at, step := roughest(b.heard, dsp.ALaw); step > 2*roughestOf(said, dsp.ALaw) {
			t.Errorf("background %v: a step of %.0f at sample %d, in the talk alone at most %.0f", background, step, at, roughestOf(said, dsp.ALaw))
		}
	}
}

// roughest is where a sound bends most sharply: the greatest second difference of its samples.
func roughest(octets []byte, law dsp.Law) (at int, step float64) {
	linear := make([]int16, len(octets))
	law.Expand(linear, octets)
	for i := 2; i < len(linear); i++ {
		if bend := math.Abs(float64(linear[i]) - 2*float64(linear[i-1]) + float64(linear[i-2])); bend > step {
			at, step = i, bend
		}
	}
	return at, step
}

func roughestOf(octets []byte, law dsp.Law) float64 {
	_, step := roughest(octets, law)
	return step
}

// TestAnAnnouncementGoesOnOverAnotherTalk: what the party hears changes while the words last, a second announcement comes
// over the first, the talk's party leaves: each word is heard once.
func TestAnAnnouncementGoesOnOverAnotherTalk(t *testing.T) {
	e := newEngine(t, 80)
	words := noise(80 * 40)
	a, b, c := room(dsp.ALaw, nil), room(dsp.ALaw, noise(80*100)), room(dsp.ALaw, nil)
	pa, pb, pc := e.Add("a", a), e.Add("b", b), e.Add("c", c)
	announcement := Announce(Play(words), Silenced)
	pc.Hear(announcement.Over(nil))
	for range 10 {
		e.Tick()
	}
	pc.Hear(announcement.Over(pa))
	for range 10 {
		e.Tick()
	}
	over := Announce(Play(), Untouched)
	pc.Hear(over.Over(announcement.Over(pb)))
	e.Tick()
	if e.Remove(pa); !over.Ended() {
		e.Tick()
	}
	for !announcement.Ended() {
		e.Tick()
	}
	e.Tick()
	if !bytes.Equal(c.heard[800:1600], words[800:1600]) || !bytes.Equal(c.heard[1760:3200], words[1760:]) {
		t.Error("the words are not whole over silence, a talk and another")
	}
	if source := pc.hears.Load(); source == nil || *source != Source(pb) {
		t.Error("the party does not go on with the last talk")
	}
}

// TestAnAnnouncementOverATalkThatEnds leaves its party in silence.
func TestAnAnnouncementOverATalkThatEnds(t *testing.T) {
	e := newEngine(t, 80)
	a, b := room(dsp.ALaw, noise(8000)), room(dsp.ALaw, nil)
	pa, pb := e.Add("a", a), e.Add("b", b)
	pb.Hear(Announce(Play(noise(800)), Lowered).Over(pa))
	e.Tick()
	e.Remove(pa)
	for range 20 {
		e.Tick()
	}
	if pb.hears.Load() != nil || b.heard[len(b.heard)-1] != dsp.ALaw.Silence() {
		t.Error("the party hears something still")
	}
}

// TestAStoppedAnnouncementFadesOut within 40 ms, words and then talk.
func TestAStoppedAnnouncementFadesOut(t *testing.T) {
	e := newEngine(t, 80)
	b := room(dsp.ALaw, nil)
	announcement := Announce(Loop(announced(t)[:8000]), Lowered)
	p := e.Add("b", b)
	p.Hear(announcement.Over(nil))
	for range 20 {
		e.Tick()
	}
	announcement.Stop()
	ticks := 0
	for ; !announcement.Ended(); ticks++ {
		e.Tick()
	}
	if lasted := time.Duration(ticks) * 10 * time.Millisecond; lasted > 50*time.Millisecond {
		t.Errorf("it takes %v", lasted)
	}
	if _, step := roughest(b.heard, dsp.ALaw); step > 4000 {
		t.Errorf("it is cut off with a step of %.0f", step)
	}
}

// relaying is a port that has its party hear what the other one receives past the tick, and is given the rest of a block
// when the relay ends, as a telephone's is.
type relaying struct {
	handset
	left      int // of the block in which the relay ends, what its party has already
	by        Port
	relayed   int
	relayEnds int
}

func (r *relaying) Relay(from Port, block int) (relayed bool, given int) {
	switch {
	case from != nil:
		r.by, r.relayed = from, r.relayed+1
		return true, 0
	case r.by != nil:
		r.by, r.relayEnds = nil, r.relayEnds+1
		return false, r.left
	}
	return false, 0
}

// TestAnAnnouncementLeavesTheRelayAndGoesBack: it begins where the relay has got to, and behind it the sound is relayed
// again, from the next tick on. A recording has all of it as the party hears it.
func TestAnAnnouncementLeavesTheRelayAndGoesBack(t *testing.T) {
	for _, left := range []int{0, 30, 80} {
		e := newEngine(t, 80)
		said, words := noise(80*60), noise(400)
		a, b := room(dsp.ALaw, bytes.Clone(said)), &relaying{handset: *room(dsp.ALaw, nil), left: left}
		pa, pb := e.Add("a", a), e.Add("b", b)
		recording := &tape{}
		pb.Attach(recording)
		pb.Hear(pa)
		for range 10 {
			e.Tick()
		}
		pb.Hear(Announce(Play(words), Silenced).Over(pa))
		for n := 0; b.by == nil || n < 10; n++ {
			if e.Tick(); n > 40 {
				t.Fatal("the sound is not relayed again")
			}
		}
		if b.relayEnds != 1 || b.relayed < 12 {
			t.Errorf("relayed in %d ticks, ended %d times", b.relayed, b.relayEnds)
		}
		if given := b.heard; len(given) < 400 || len(given) > 400+160+160 || len(given)%80 != (80-left)%80 {
			t.Errorf("%d octets past the relay, for 400 of words", len(given))
		}
		ends := len(recording.heard) - 80*b.relayed + 800
		if !bytes.Equal(recording.heard[:800+left], said[:800+left]) || !bytes.Equal(recording.heard[ends:], said[ends:len(recording.heard)]) {
			t.Error("the recording does not have the talk around the announcement as it was said")
		}
		if !bytes.Equal(recording.heard[800+left:ends], b.heard[:ends-800-left]) {
			t.Error("the recording does not have the announcement as the party heard it")
		}
	}
}

// TestATickWithAnnouncementsDoesNotAllocate.
func TestATickWithAnnouncementsDoesNotAllocate(t *testing.T) {
	e := newEngine(t, 80)
	a, b := e.Add("a", &numbered{}), e.Add("b", &numbered{})
	Join(a, b)
	words := Play(noise(80 * 50))
	a.Hear(Announce(words, Lowered).Over(b))
	b.Hear(Announce(Tone(dsp.Cadence{Steps: []dsp.Step{{Sines: []dsp.Sine{{Hz: 900, DBm0: -16}}, Lasts: time.Second}}}), Untouched).Over(a))
	if n := testing.AllocsPerRun(150, e.Tick); n > 0 {
		t.Errorf("a tick makes %.1f allocations", n)
	}
}
