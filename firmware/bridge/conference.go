package bridge

import (
	"fmt"

	"trunkbox/dsp"
)

// conference lets many parties hear each other: each speaker hears all other speakers, never itself; a listener hears all
// speakers and is not heard.
//
// The sum is made once a tick, by the first of them that is spoken to, and shared: what a party costs does not grow with
// their number. It belongs to the engine.
type conference struct {
	engine *Engine
	mixer  *dsp.Mixer
	seats  []*seat

	tick   uint64 // of which said holds the sound, counted from 1
	said   [dsp.MostMixed][]int16
	linear [dsp.MostMixed][maxBlock]int16
}

// seat is a place in a conference: what its party hears.
type seat struct {
	of    *conference
	party *Party
	place int  // in said
	deaf  bool // to us: a listener
}

// Confer makes a conference and returns what each of the parties is to Hear. Those who join or leave make a new
// conference with the others; the change falls between two ticks for each of them. An error tells that there are more
// parties than a conference has room for.
func (e *Engine) Confer(speakers, listeners []*Party) (map[*Party]Source, error) {
	count := len(speakers) + len(listeners)
	if count > dsp.MostMixed {
		return nil, fmt.Errorf("a conference has room for %d parties, not for %d", dsp.MostMixed, count)
	}
	mixer, err := dsp.NewMixer(max(count, 2))
	if err != nil {
		return nil, err
	}
	c := &conference{engine: e, mixer: mixer}
	hear := map[*Party]Source{}
	for i, p := range append(append([]*Party{}, speakers...), listeners...) {
		s := &seat{of: c, party: p, place: i, deaf: i >= len(speakers)}
		c.seats = append(c.seats, s)
		hear[p] = s
	}
	return hear, nil
}

// Next gives a party the sum of all other speakers.
func (s *seat) Next(block []byte, law dsp.Law) (done bool) {
	c := s.of
	if tick := c.engine.ticks.Load() + 1; c.tick != tick {
		c.mix(tick, c.engine.block)
	}
	said := c.said[s.place]
	law.Compress(block, said[len(said)-len(block):])
	return false
}

// mix replaces what the speakers have said by what each party hears.
func (c *conference) mix(tick uint64, length int) {
	c.tick = tick
	for i, s := range c.seats {
		c.said[i] = c.linear[i][:length]
		if s.deaf || s.party.gone.Load() {
			clear(c.said[i])
		} else {
			s.party.port.Law().Expand(c.said[i], s.party.said[:length])
		}
	}
	c.mixer.Mix(c.said[:len(c.seats)])
}
