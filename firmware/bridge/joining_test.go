package bridge

import (
	"fmt"
	"math"
	"testing"

	"trunkbox/dsp"
)

// TestJoiningAndLeavingIsNoClick: while two talk a third joins and a fourth, one of them hangs up in the middle of a word,
// another is put on hold, until the two are left, who hear each other octet for octet again. In what each of them hears
// nothing bends more sharply than in the sound of all of them.
func TestJoiningAndLeavingIsNoClick(t *testing.T) {
	e := newEngine(t, 80)
	hz := []float64{210, 270, 330, 390}
	ports, parties := make([]*speaker, len(hz)), make([]*Party, len(hz))
	for i := range ports {
		ports[i] = &speaker{law: dsp.ALaw, hz: hz[i], level: 5000}
		parties[i] = e.Add(fmt.Sprint(i), ports[i])
	}
	Join(parties[0], parties[1])
	tick := func(n int) {
		for range n {
			e.Tick()
		}
	}
	tick(7)
	conference, err := e.Confer(parties[:2]...)
	if err != nil {
		t.Fatal(err)
	}
	sit(t, conference, parties[:3], nil)
	tick(9)
	sit(t, conference, parties, nil)
	tick(9)
	e.Remove(parties[2])
	tick(1)
	sit(t, conference, []*Party{parties[0], parties[1], parties[3]}, nil)
	tick(9)
	sit(t, conference, parties[:2], nil)
	tick(9)
	for i, p := range parties[:2] {
		if source := p.hears.Load(); source == nil || *source != Source(parties[1-i]) {
			t.Errorf("party %d does not hear the other directly in the end", i)
		}
		const angle = 390 * 2 * math.Pi / 8000
		const most = 3*5000*angle*angle + 4*512 // of three such sounds, and of the steps between their codes
		for n := 2; n < len(ports[i].heard); n++ {
			x := ports[i].heard[n-2 : n+1]
			if d := float64(x[0]) - 2*float64(x[1]) + float64(x[2]); d > most || d < -most {
				t.Errorf("party %d hears a click of %.0f in sample %d, tick %d", i, d, n, n/80)
			}
		}
	}
}

// TestAListenerIsNotNoticed: who listens to two that hear each other directly does not come between them.
func TestAListenerIsNotNoticed(t *testing.T) {
	e := newEngine(t, 80)
	a, b, c := e.Add("a", &numbered{}), e.Add("b", &numbered{}), e.Add("c", &numbered{})
	Join(a, b)
	conference, err := e.Confer(a, b)
	if err != nil {
		t.Fatal(err)
	}
	hear, err := conference.Seat([]*Party{a, b}, []*Party{c})
	if err != nil || hear[a] != Source(b) || hear[b] != Source(a) || hear[c] == nil {
		t.Errorf("who listens changes what they hear: %v, %v", hear, err)
	}
}

// TestAMixGoesOnWithWhatFollows: an agent who is whispered to hears the caller on, when a third leaves and the two are to go on
// directly.
func TestAMixGoesOnWithWhatFollows(t *testing.T) {
	e := newEngine(t, 80)
	said := noise(80 * 40)
	agent := room(dsp.ALaw, nil)
	caller, third := e.Add("caller", room(dsp.ALaw, said)), e.Add("third", room(dsp.ALaw, nil))
	whisperer, listening := e.Add("supervisor", &numbered{}), e.Add("agent", agent)
	conference, err := e.Confer(caller, listening, third)
	if err != nil {
		t.Fatal(err)
	}
	sit(t, conference, []*Party{caller, listening, third}, []*Party{whisperer})
	e.Tick()
	hear, err := conference.Seat([]*Party{caller, listening}, []*Party{whisperer})
	if err != nil {
		t.Fatal(err)
	}
	listening.Hear(Mix(hear[listening], whisperer))
	e.Tick()
	e.Remove(whisperer)
	for range 10 {
		e.Tick()
	}
	if heard := agent.heard; string(heard[80*4:]) != string(said[80*4:80*12]) {
		t.Error("the caller is not heard octet for octet when the whisper is over")
	}
}

// BenchmarkJoin is a party that joins a full conference, and its first tick.
func BenchmarkJoin(b *testing.B) {
	e := newEngine(b, 160)
	var parties []*Party
	for i := range dsp.MostMixed {
		parties = append(parties, e.Add(fmt.Sprint(i), room(laws(i), nil)))
	}
	conference, err := e.Confer()
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		hear, err := conference.Seat(parties[:len(parties)-n%2], nil)
		if err != nil {
			b.Fatal(err)
		}
		for p, source := range hear {
			p.Hear(source)
		}
		e.Tick()
	}
}
