package bridge

import (
	"slices"

	"trunkbox/dsp"
)

// Tap is shown the sound of a party: a recording, a detector.
type Tap interface {
	// Take is given what the party has said and what it hears in this tick, both of one length and in law. The Engine
	// calls it from its thread, once a tick; it may not wait, lock, allocate, or keep the octets.
	Take(said, heard []byte, law dsp.Law)
}

// Attach shows the party's sound to tap from the next tick on.
func (p *Party) Attach(tap Tap) {
	p.change.Lock()
	defer p.change.Unlock()
	taps := append(slices.Clone(p.tapped()), tap)
	p.taps.Store(&taps)
}

// Detach ends that. The tap may be called once more by a tick that is running.
func (p *Party) Detach(tap Tap) {
	p.change.Lock()
	defer p.change.Unlock()
	taps := slices.DeleteFunc(slices.Clone(p.tapped()), func(t Tap) bool { return t == tap })
	p.taps.Store(&taps)
}

func (p *Party) tapped() []Tap {
	if taps := p.taps.Load(); taps != nil {
		return *taps
	}
	return nil
}
