package bridge

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"trunkbox/dsp"
)

// Conference lets many parties hear each other: each hears all others, never itself. Join and Leave may be called from
// anywhere; they take effect between two ticks.
//
// The sum is made once a tick, by the first member that is spoken to, and shared: the cost of a member does not grow with
// their number.
type Conference struct {
	engine *Engine
	mixer  *dsp.Mixer
	change sync.Mutex
	seats  atomic.Pointer[[]*seat]

	mixed  uint64 // the engine's: the tick of which said holds the sound, counted from 1
	said   [dsp.MostMixed][]int16
	linear [dsp.MostMixed][maxBlock]int16
}

// seat is a member's place: what its party hears.
type seat struct {
	of    *Conference
	party *Party
	place int // in said; the engine's, set when the tick is mixed
	heard uint64
}

// Conference makes a conference without members.
func (e *Engine) Conference() *Conference {
	mixer, err := dsp.NewMixer(dsp.MostMixed)
	if err != nil {
		panic(err) // the number is dsp's own
	}
	c := &Conference{engine: e, mixer: mixer}
	c.seats.Store(&[]*seat{})
	return c
}

// Join makes the party a member, and what it hears the conference. An error tells that the conference is full.
func (c *Conference) Join(p *Party) error {
	c.change.Lock()
	defer c.change.Unlock()
	seats := *c.seats.Load()
	if len(seats) == dsp.MostMixed {
		return fmt.Errorf("a conference has room for %d parties", dsp.MostMixed)
	}
	s := &seat{of: c, party: p}
	with := append(slices.Clone(seats), s)
	c.seats.Store(&with)
	p.Hear(s)
	return nil
}

// Leave takes the party out; what it hears is silence if it was the conference.
func (c *Conference) Leave(p *Party) {
	c.change.Lock()
	defer c.change.Unlock()
	seats := slices.Clone(*c.seats.Load())
	for i, s := range seats {
		if s.party == p {
			seats = slices.Delete(seats, i, i+1)
			c.seats.Store(&seats)
			p.hears.CompareAndSwap(p.hears.Load(), nil)
			return
		}
	}
}

// Members is how many parties there are.
func (c *Conference) Members() int { return len(*c.seats.Load()) }

// Next gives a member the sum of all others.
func (s *seat) Next(block []byte, law dsp.Law) (done bool) {
	c := s.of
	if tick := c.engine.ticks.Load() + 1; c.mixed != tick {
		c.mix(tick, len(block))
	}
	if s.heard != c.mixed { // joined after this tick was mixed
		silence(block, law)
		return false
	}
	law.Compress(block, c.said[s.place])
	return false
}

// mix replaces what the members have said by what each of them hears.
func (c *Conference) mix(tick uint64, length int) {
	seats := *c.seats.Load()
	for i, s := range seats {
		s.place, s.heard = i, tick
		c.said[i] = c.linear[i][:length]
		if s.party.gone.Load() {
			clear(c.said[i])
			continue
		}
		s.party.port.Law().Expand(c.said[i], s.party.said[:length])
	}
	c.mixed = tick
	c.mixer.Mix(c.said[:len(seats)])
}
