package bridge

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"trunkbox/dsp"
)

// speaker is a port that says a tone of its own and listens to the spectrum of what it hears.
type speaker struct {
	law   dsp.Law
	hz    float64
	says  int // samples said
	level float64
	heard []int16
}

func (s *speaker) Law() dsp.Law { return s.law }

func (s *speaker) Hear(block []byte) {
	linear := make([]int16, len(block))
	for i := range linear {
		linear[i] = int16(s.level * math.Sin(2*math.Pi*s.hz*float64(s.says)/8000))
		s.says++
	}
	s.law.Compress(block, linear)
}

func (s *speaker) Speak(block []byte) {
	linear := make([]int16, len(block))
	s.law.Expand(linear, block)
	s.heard = append(s.heard, linear...)
}

func laws(i int) dsp.Law {
	if i%2 == 1 {
		return dsp.MuLaw
	}
	return dsp.ALaw
}

// TestConference: each of two to sixty-four parties hears the tones of all others and not its own.
func TestConference(t *testing.T) {
	for _, n := range []int{2, 3, 16, 64} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			e := newEngine(t, 80)
			speakers, parties := make([]*speaker, n), make([]*Party, n)
			for i := range speakers {
				speakers[i] = &speaker{law: laws(i), hz: 300 + 45*float64(i), level: 400}
				parties[i] = e.Add(fmt.Sprint(i), speakers[i])
			}
			confer(t, e, parties, nil)
			for range 100 {
				e.Tick()
			}
			for i, s := range speakers {
				heard := s.heard[1600:8000]
				for j, other := range speakers {
					const said = -35.1 // dBm0 of a tone with a peak of 400
					level := dsp.Goertzel(heard, other.hz)
					if i == j && level > said-12 {
						t.Fatalf("party %d hears itself at %.1f dBm0", i, level)
					}
					if i != j && math.Abs(level-said) > 2 {
						t.Fatalf("party %d hears party %d at %.1f dBm0, said at %.1f", i, j, level, said)
					}
				}
			}
		})
	}
}

// TestALoudConferenceIsNotClipped: sixty-four loud parties are turned down, no sample is at the limit.
func TestALoudConferenceIsNotClipped(t *testing.T) {
	e := newEngine(t, 80)
	speakers, parties := make([]*speaker, dsp.MostMixed), make([]*Party, dsp.MostMixed)
	for i := range speakers {
		speakers[i] = &speaker{law: dsp.ALaw, hz: 310 + 40*float64(i), level: 20000}
		parties[i] = e.Add(fmt.Sprint(i), speakers[i])
	}
	confer(t, e, parties, nil)
	for range 50 {
		e.Tick()
	}
	for i, s := range speakers {
		clipped := 0
		for _, x := range s.heard {
			if x == 32256 || x == -32256 { // the largest sample of A-law
				clipped++
			}
		}
		if clipped > len(s.heard)/100 {
			t.Fatalf("party %d hears %d of %d samples at the limit", i, clipped, len(s.heard))
		}
	}
	conference, err := e.Confer(parties...)
	if err == nil {
		_, err = conference.Seat(append(parties, e.Add("one more", &speaker{law: dsp.ALaw})), nil)
	}
	if err == nil {
		t.Error("a conference has more parties than room")
	}
}

// confer makes a conference and lets everybody hear it.
func confer(t *testing.T, e *Engine, speakers, listeners []*Party) {
	t.Helper()
	conference, err := e.Confer()
	if err != nil {
		t.Fatal(err)
	}
	sit(t, conference, speakers, listeners)
}

// sit makes these the parties of the conference, and lets everybody hear it.
func sit(t *testing.T, conference *Conference, speakers, listeners []*Party) {
	t.Helper()
	hear, err := conference.Seat(speakers, listeners)
	if err != nil {
		t.Fatal(err)
	}
	for party, source := range hear {
		party.Hear(source)
	}
}

// TestWhoLeavesIsHeardNoMore, and hears silence; the others go on. A listener hears all and is not heard.
func TestWhoLeavesIsHeardNoMore(t *testing.T) {
	e := newEngine(t, 80)
	speakers, parties := make([]*speaker, 4), make([]*Party, 4)
	for i := range speakers {
		speakers[i] = &speaker{law: dsp.ALaw, hz: 400 + 300*float64(i), level: 3000}
		parties[i] = e.Add(fmt.Sprint(i), speakers[i])
	}
	hears := func(step string, want [4][]int) {
		t.Helper()
		for _, s := range speakers {
			s.heard = nil
		}
		for range 50 {
			e.Tick()
		}
		for i, s := range speakers {
			for j, other := range speakers {
				level := dsp.Goertzel(s.heard, other.hz)
				if should := slices.Contains(want[i], j); (level > -25) != should {
					t.Errorf("%s: party %d hears party %d at %.1f dBm0", step, i, j, level)
				}
			}
		}
	}
	confer(t, e, parties[:3], parties[3:])
	hears("three and a listener", [4][]int{{1, 2}, {0, 2}, {0, 1}, {0, 1, 2}})
	parties[1].Hear(nil)
	confer(t, e, []*Party{parties[0], parties[2]}, parties[3:])
	hears("one left", [4][]int{{2}, {}, {0}, {0, 2}})
	e.Remove(parties[0])
	speakers[0].heard = nil
	hears("one is gone", [4][]int{{}, {}, {}, {2}})
}

// TestListenWhisperBarge: the supervisor hears both; only the agent hears the whisper; all three talk at a barge.
func TestListenWhisperBarge(t *testing.T) {
	const callerHz, agentHz, supervisorHz = 500, 900, 1300
	e := newEngine(t, 80)
	ports := map[string]*speaker{}
	parties := map[string]*Party{}
	for name, hz := range map[string]float64{"caller": callerHz, "agent": agentHz, "supervisor": supervisorHz} {
		ports[name] = &speaker{law: dsp.ALaw, hz: hz, level: 4000}
		parties[name] = e.Add(name, ports[name])
	}
	caller, agent, supervisor := parties["caller"], parties["agent"], parties["supervisor"]
	Join(caller, agent)
	hears := func(step string, want map[string][]float64) {
		t.Helper()
		for _, port := range ports {
			port.heard = nil
		}
		for range 40 {
			e.Tick()
		}
		for name, tones := range want {
			for _, hz := range []float64{callerHz, agentHz, supervisorHz} {
				should := false
				for _, tone := range tones {
					should = should || tone == hz
				}
				if level := dsp.Goertzel(ports[name].heard, hz); (level > -25) != should {
					t.Errorf("%s: %s hears %.0f Hz at %.1f dBm0", step, name, hz, level)
				}
			}
		}
	}
	supervisor.Hear(Mix(caller, agent))
	hears("listen", map[string][]float64{"caller": {agentHz}, "agent": {callerHz}, "supervisor": {callerHz, agentHz}})
	agent.Hear(Mix(caller, supervisor))
	hears("whisper", map[string][]float64{"caller": {agentHz}, "agent": {callerHz, supervisorHz}, "supervisor": {callerHz, agentHz}})
	caller.Hear(Mix(agent, supervisor))
	hears("barge", map[string][]float64{"caller": {agentHz, supervisorHz}, "agent": {callerHz, supervisorHz}, "supervisor": {callerHz, agentHz}})
	Join(caller, agent)
	e.Remove(supervisor)
	hears("alone again", map[string][]float64{"caller": {agentHz}, "agent": {callerHz}})
}

// TestAMixOfOneIsBitExact: a mix whose announcement has ended is the other party, octet for octet.
func TestAMixOfOneIsBitExact(t *testing.T) {
	e := newEngine(t, 80)
	said := noise(80 * 40)
	a, b := room(dsp.ALaw, said), room(dsp.ALaw, nil)
	e.Add("b", b).Hear(Mix(e.Add("a", a), Play(make([]byte, 800))))
	for range 40 {
		e.Tick()
	}
	if string(b.heard[800:]) != string(said[800:]) {
		t.Error("the octets after the announcement are not those that were said")
	}
}

// TestChangesAreBetweenTwoTicks: whatever is changed while the engine runs, each block heard is one that was said.
func TestChangesAreBetweenTwoTicks(t *testing.T) {
	e := newEngine(t, 80)
	a, b, c := &numbered{}, &numbered{}, &numbered{}
	parties := []*Party{e.Add("a", a), e.Add("b", b), e.Add("c", c)}
	r := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		parties[r.IntN(3)].Hear(parties[r.IntN(3)])
		e.Tick()
	}
	for _, port := range []*numbered{a, b, c} {
		if port.broken > 0 {
			t.Errorf("%d blocks heard were not whole blocks of one tick", port.broken)
		}
	}
}

// numbered says the number of its block in every octet, so that a block heard can be told from a torn one.
type numbered struct {
	said, broken int
}

func (c *numbered) Law() dsp.Law { return dsp.ALaw }
func (c *numbered) Hear(block []byte) {
	c.said++
	for i := range block {
		block[i] = byte(c.said)
	}
}

func (c *numbered) Speak(block []byte) {
	silent := dsp.ALaw.Silence()
	for _, octet := range block {
		if octet != block[0] || octet != byte(c.said) && octet != silent {
			c.broken++
			return
		}
	}
}

func TestATapIsShownBothDirections(t *testing.T) {
	e := newEngine(t, 80)
	said, spoken := noise(80*10), noise(80 * 10)[3:]
	a, b := room(dsp.ALaw, said), room(dsp.ALaw, spoken)
	whatBSaid := b.says
	pa, pb := e.Add("a", a), e.Add("b", b)
	Join(pa, pb)
	tape := &tape{}
	pa.Attach(tape)
	for range 9 {
		e.Tick()
	}
	pa.Detach(tape)
	e.Tick()
	if string(tape.said) != string(said[:720]) || string(tape.heard) != string(whatBSaid[:720]) {
		t.Error("the tap was not shown what was said and heard")
	}
}

// tape keeps what a tap is shown.
type tape struct{ said, heard []byte }

func (k *tape) Take(said, heard []byte, _ dsp.Law) {
	k.said = append(k.said, said...)
	k.heard = append(k.heard, heard...)
}

// echoing is a port whose line brings back what was sent, weaker and later.
type echoing struct {
	line []int16 // what was sent, to come back
	sent []byte
}

func (l *echoing) Law() dsp.Law { return dsp.ALaw }

func (l *echoing) HearBoth(block, sent []byte) {
	copy(sent, l.sent)
	l.Hear(block)
}

func (l *echoing) Hear(block []byte) {
	linear := make([]int16, len(block))
	for i := range linear {
		linear[i] = l.line[i] / 4
	}
	l.line = l.line[len(block):]
	dsp.ALaw.Compress(block, linear)
}

func (l *echoing) Speak(block []byte) {
	l.sent = append(l.sent[:0], block...)
	linear := make([]int16, len(block))
	dsp.ALaw.Expand(linear, block)
	l.line = append(l.line, linear...)
}

// TestTheEchoOfALineIsCancelled where the treatment asks for it.
func TestTheEchoOfALineIsCancelled(t *testing.T) {
	for _, cancel := range []bool{false, true} {
		e := newEngine(t, 80)
		line := &echoing{line: make([]int16, 80+40), sent: make([]byte, 80)}
		for i := range line.sent {
			line.sent[i] = dsp.ALaw.Silence()
		}
		trunk := e.Add("line1/ts01", line)
		if cancel {
			if err := trunk.Treat(Treatment{Echo: 32e6}); err != nil {
				t.Fatal(err)
			}
		}
		agent := &babble{r: rand.New(rand.NewPCG(7, 8))}
		Join(trunk, e.Add("agent", agent))
		for range 400 {
			e.Tick()
		}
		echo := dsp.Level(agent.heard[16000:])
		if said := dsp.Level(agent.said[16000:]); cancel != (echo < said-40) {
			t.Errorf("cancelled %v: said at %.1f dBm0, the echo is %.1f dBm0", cancel, said, echo)
		}
	}
	if err := newEngine(t, 80).Add("x", room(dsp.ALaw, nil)).Treat(Treatment{Echo: 1}); err == nil {
		t.Error("an echo tail of a nanosecond is taken")
	}
}

// babble says noise and keeps what it hears.
type babble struct {
	r           *rand.Rand
	said, heard []int16
}

func (b *babble) Law() dsp.Law { return dsp.ALaw }

func (b *babble) Hear(block []byte) {
	linear := make([]int16, len(block))
	for i := range linear {
		linear[i] = int16(b.r.NormFloat64() * 2500)
	}
	b.said = append(b.said, linear...)
	dsp.ALaw.Compress(block, linear)
}

func (b *babble) Speak(block []byte) {
	linear := make([]int16, len(block))
	dsp.ALaw.Expand(linear, block)
	b.heard = append(b.heard, linear...)
}

// TestATreatedTickDoesNotAllocate, whatever the parties do with each other.
func TestATreatedTickDoesNotAllocate(t *testing.T) {
	e := newEngine(t, 80)
	tape := &deafTape{}
	var first *Party
	var all []*Party
	for i := range 8 {
		p := e.Add(fmt.Sprint(i), &numbered{})
		p.DetectDigits(true)
		p.Attach(tape)
		if err := p.Treat(Treatment{Echo: 32e6, Noise: true, Level: true}); err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = p
		}
		if i < 4 {
			all = append(all, p)
		} else {
			p.Hear(Mix(first, Loop(noise(333))))
		}
	}
	confer(t, e, all, nil)
	if n := testing.AllocsPerRun(100, e.Tick); n > 0 {
		t.Errorf("a tick makes %.1f allocations", n)
	}
}

type deafTape struct{ taken int }

func (d *deafTape) Take(said, _ []byte, _ dsp.Law) { d.taken += len(said) }
