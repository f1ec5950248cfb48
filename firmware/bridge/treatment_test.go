package bridge

import (
	"math"
	"math/rand/v2"
	"testing"

	"trunkbox/dsp"
)

// served is a line whose own canceller is at work or not.
type served struct {
	echoing
	free bool
}

func (s *served) EchoFree() bool { return s.free }

func newServed(free bool) *served {
	s := &served{echoing{line: make([]int16, 80+40), sent: make([]byte, 80)}, free}
	for i := range s.sent {
		s.sent[i] = dsp.ALaw.Silence()
	}
	return s
}

// TestEchoIsCancelledOnce: where the line's own canceller is at work the octets pass as they are; as soon as it is not, the
// echo is taken out here.
func TestEchoIsCancelledOnce(t *testing.T) {
	e := newEngine(t, 80)
	line := newServed(true)
	trunk := e.Add("line1/ts01", line)
	if err := trunk.Treat(Treatment{Echo: 32e6}); err != nil {
		t.Fatal(err)
	}
	agent := &babble{r: rand.New(rand.NewPCG(7, 8))}
	Join(trunk, e.Add("agent", agent))
	lessDB := func() float64 {
		for range 400 {
			e.Tick()
		}
		last := len(agent.heard) - 8000
		return dsp.Level(agent.said[last:]) - dsp.Level(agent.heard[last:])
	}
	if less := lessDB(); math.Abs(less-12) > 1 {
		t.Errorf("with the line's canceller at work, what it leaves is changed: %.1f dB less than said, want 12", less)
	}
	line.free = false
	if less := lessDB(); less < 40 {
		t.Errorf("without it, the echo is %.1f dB less than said, want 40", less)
	}
	line.free = true
	if less := lessDB(); math.Abs(less-12) > 1 {
		t.Errorf("at work again, %.1f dB less than said, want 12", less)
	}
}

// modem says the tone that turns cancellers off: 2,100 Hz, turned round each 450 ms.
type modem struct {
	babble
	n int
}

func (m *modem) Hear(block []byte) {
	for i := range block {
		block[i] = dsp.ALaw.Encode(int16(4000 * math.Sin(2*math.Pi*2100*float64(m.n)/8000+math.Pi*float64(m.n/3600))))
		m.n++
	}
}

// TestATonesWorkIsSeen: a modem's tone turns the canceller off, and who asks is told.
func TestATonesWorkIsSeen(t *testing.T) {
	e := newEngine(t, 80)
	trunk := e.Add("line1/ts01", newServed(false))
	if trunk.EchoOff() {
		t.Error("off without a treatment")
	}
	if err := trunk.Treat(Treatment{Echo: 32e6}); err != nil {
		t.Fatal(err)
	}
	Join(trunk, e.Add("agent", &modem{}))
	for range 400 {
		e.Tick()
	}
	if !trunk.EchoOff() {
		t.Error("not off after 4 s of the tone")
	}
	if err := trunk.Treat(Treatment{Echo: 32e6}); err != nil || trunk.EchoOff() {
		t.Errorf("a new treatment is off, %v", err)
	}
}
