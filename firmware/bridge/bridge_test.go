package bridge

import (
	"bytes"
	"log/slog"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"trunkbox/dsp"
)

// handset is a port that says what it is given and keeps what it hears.
type handset struct {
	law   dsp.Law
	says  []byte
	heard []byte
}

func (h *handset) Law() dsp.Law { return h.law }
func (h *handset) Hear(block []byte) {
	n := copy(block, h.says)
	h.says = h.says[n:]
	silence(block[n:], h.law)
}

func (h *handset) Speak(block []byte) {
	if cap(h.heard)-len(h.heard) >= len(block) {
		h.heard = append(h.heard, block...)
	}
}

func newEngine(t testing.TB, block int) *Engine {
	e, err := New(block, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func noise(n int) []byte {
	r := rand.New(rand.NewPCG(1, 2))
	octets := make([]byte, n)
	for i := range octets {
		octets[i] = byte(r.Uint32())
	}
	return octets
}

func room(law dsp.Law, says []byte) *handset {
	return &handset{law: law, says: says, heard: make([]byte, 0, 80*200)}
}

func TestTwoPartiesOfOneLawHearEachOtherBitExact(t *testing.T) {
	e := newEngine(t, 80)
	said := noise(80 * 20)
	a, b := room(dsp.ALaw, said), room(dsp.ALaw, noise(80 * 20)[7:])
	saidB := b.says
	Join(e.Add("a", a), e.Add("b", b))
	for range 20 {
		e.Tick()
	}
	if !bytes.Equal(b.heard, said) {
		t.Error("b does not hear what a said")
	}
	if !bytes.Equal(a.heard[:len(saidB)], saidB) {
		t.Error("a does not hear what b said")
	}
}

func TestLawsAreCrossed(t *testing.T) {
	e := newEngine(t, 160)
	said := noise(160)
	a, b := room(dsp.ALaw, said), room(dsp.MuLaw, nil)
	Join(e.Add("a", a), e.Add("b", b))
	e.Tick()
	want := make([]byte, 160)
	dsp.Transcode(want, said, dsp.ALaw, dsp.MuLaw)
	if !bytes.Equal(b.heard, want) {
		t.Error("the µ-law party does not hear the A-law party")
	}
	if a.heard[0] != dsp.ALaw.Silence() {
		t.Errorf("silence is %#x in A-law", a.heard[0])
	}
}

// TestAChangeLosesNoSample moves a listener from prompt to party and back between ticks: what it hears
// is exactly the blocks of each, none lost, none twice.
func TestAChangeLosesNoSample(t *testing.T) {
	e := newEngine(t, 80)
	speech, prompt := noise(80*30), noise(80 * 40)[80*10:]
	a, b := room(dsp.ALaw, bytes.Clone(speech)), room(dsp.ALaw, nil)
	pa, pb := e.Add("a", a), e.Add("b", b)
	player := Play(prompt)
	var want []byte
	for n := range 30 {
		block := speech[80*n : 80*n+80]
		switch {
		case n%3 == 0:
			pb.Hear(player)
			block = prompt[80*(n/3) : 80*(n/3)+80]
		case n%3 == 1:
			pb.Hear(pa)
		}
		want = append(want, block...)
		e.Tick()
	}
	if !bytes.Equal(b.heard, want) {
		t.Error("the listener lost or doubled sound at a change")
	}
}

func TestAPlayerEndsAndALoopDoesNot(t *testing.T) {
	e := newEngine(t, 80)
	a, b := room(dsp.ALaw, nil), room(dsp.ALaw, nil)
	once := Play(noise(100), nil, noise(110))
	pa := e.Add("a", a)
	pa.Hear(once)
	e.Add("b", b).Hear(Loop(noise(100)))
	for range 3 {
		e.Tick()
	}
	want := append(append(noise(100), noise(110)...), bytes.Repeat([]byte{dsp.ALaw.Silence()}, 30)...)
	if !bytes.Equal(a.heard, want) {
		t.Error("the clips are not heard one after the other")
	}
	if !bytes.Equal(b.heard[:200], append(noise(100), noise(100)...)) {
		t.Error("the loop does not begin again")
	}
	select {
	case event := <-e.Events():
		if event.Party != pa || event.Ended != once {
			t.Errorf("event %+v", event)
		}
	default:
		t.Error("no event tells that the player has ended")
	}
	e.Add("c", a).Hear(Loop())
	e.Tick() // a loop of nothing ends instead of turning for ever
}

func TestARemovedPartyIsSilent(t *testing.T) {
	e := newEngine(t, 80)
	a, b := room(dsp.ALaw, noise(800)), room(dsp.ALaw, nil)
	pa, pb := e.Add("a", a), e.Add("b", b)
	Join(pa, pb)
	e.Tick()
	e.Remove(pa)
	e.Tick()
	if b.heard[80] != dsp.ALaw.Silence() {
		t.Error("the removed party is still heard")
	}
	if now := e.Now(); now.Parties != 1 || now.Ticks != 2 {
		t.Errorf("now %+v", now)
	}
}

func TestKeysInTheSoundAreToldOnce(t *testing.T) {
	e := newEngine(t, 80)
	cadence, err := dsp.DTMFDigits("1#5", 60*time.Millisecond, 60*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	says := make([]byte, 80*60)
	dsp.NewTone(cadence).FillOctets(says, dsp.ALaw)
	p := e.Add("a", room(dsp.ALaw, says))
	p.DetectDigits(true)
	for range 60 {
		e.Tick()
	}
	var keys []byte
	ends := 0
	for len(e.events) > 0 {
		if event := <-e.events; event.Key != 0 {
			keys = append(keys, event.Key)
		} else {
			ends++
			if d := event.Digit; math.Abs(d.LowDBm0-dsp.DTMFLowDBm0) > 1 || math.Abs(d.HighDBm0-dsp.DTMFHighDBm0) > 1 || d.Lasted() < 50*time.Millisecond {
				t.Errorf("the key %c sounded %+v", d.Digit, d)
			}
		}
	}
	if string(keys) != "1#5" || ends != 3 {
		t.Errorf("heard %q and %d ends", keys, ends)
	}
}

func TestATickDoesNotAllocate(t *testing.T) {
	e := newEngine(t, 80)
	for range 30 {
		a, b := room(dsp.ALaw, nil), room(dsp.MuLaw, nil)
		pa, pb := e.Add("a", a), e.Add("b", b)
		Join(pa, pb)
		pa.DetectDigits(true)
	}
	if allocs := testing.AllocsPerRun(300, e.Tick); allocs != 0 {
		t.Errorf("%v allocations a tick", allocs)
	}
}

// counting counts the blocks it was given.
type counting struct{ spoken chan struct{} }

func (counting) Law() dsp.Law      { return dsp.ALaw }
func (counting) Hear(block []byte) { silence(block, dsp.ALaw) }
func (c counting) Speak([]byte)    { c.spoken <- struct{}{} }

func TestTheEngineTicksWithTheLineAndGoesOnWithoutIt(t *testing.T) {
	e := newEngine(t, 160)
	spoken := make(chan struct{})
	e.Add("a", counting{spoken})
	done := make(chan struct{})
	go func() { e.Run(); close(done) }()
	for range 20 {
		e.Wake()
		<-spoken
	}
	for range 5 { // no line: by the system's clock
		<-spoken
	}
	go func() {
		for range spoken {
		}
	}()
	e.Close()
	<-done
	if _, open := <-e.Events(); open {
		t.Error("the events are not closed")
	}
}

func BenchmarkTickOf480Parties(b *testing.B) {
	for _, c := range []struct {
		name   string
		digits bool
	}{{"joined", false}, {"joined with digit detection", true}} {
		b.Run(c.name, func(b *testing.B) {
			e := newEngine(b, 160)
			for range 240 {
				pa, pb := e.Add("a", room(dsp.ALaw, nil)), e.Add("b", room(dsp.ALaw, nil))
				Join(pa, pb)
				pa.DetectDigits(c.digits)
				pb.DetectDigits(c.digits)
			}
			b.ReportAllocs()
			for b.Loop() {
				e.Tick()
			}
		})
	}
}

// A detector is there while keys are asked for, and until a key that was told has ended.
func TestAPartyHasADetectorWhileKeysAreAskedFor(t *testing.T) {
	e := newEngine(t, 80)
	cadence, err := dsp.DTMFDigits("5", 100*time.Millisecond, 100*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	says := make([]byte, 80*60)
	dsp.NewTone(cadence).FillOctets(says, dsp.ALaw)
	p := e.Add("a", room(dsp.ALaw, says))
	e.Tick()
	if p.dtmf.Load() != nil {
		t.Error("a detector, though nobody asked")
	}
	p.DetectDigits(true)
	for p.dtmf.Load().Digit() == 0 {
		e.Tick()
	}
	p.DetectDigits(false)
	e.Tick()
	if p.dtmf.Load() == nil {
		t.Error("the detector went while a key sounds that was told")
	}
	for range 50 {
		e.Tick()
	}
	if p.dtmf.Load() != nil || len(e.events) != 2 {
		t.Errorf("%d events, and a detector still: %v", len(e.events), p.dtmf.Load() != nil)
	}
	p.DetectDigits(true)
	if p.dtmf.Load() == nil {
		t.Error("no detector the second time")
	}
}

// Whoever asks for keys while the engine lets go of the detector has one.
func TestADetectorAskedForWhileItIsLetGo(t *testing.T) {
	e := newEngine(t, 80)
	p := e.Add("a", room(dsp.ALaw, nil))
	for range 500 {
		p.DetectDigits(true)
		p.DetectDigits(false)
		ticked := make(chan struct{})
		go func() { e.Tick(); close(ticked) }()
		p.DetectDigits(true)
		<-ticked
		if p.dtmf.Load() == nil {
			t.Fatal("keys are asked for and there is no detector")
		}
	}
}
