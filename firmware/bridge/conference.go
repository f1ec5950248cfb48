package bridge

import (
	"fmt"
	"slices"
	"sync/atomic"

	"trunkbox/dsp"
)

// Conference lets many parties hear each other: each speaker hears all other speakers, never itself; a listener hears all
// speakers and is not heard.
//
// The sum is made once a tick, by the first of them that is spoken to, and shared: what a party costs does not grow with
// their number. Who is in it changes for all at once, between two ticks. Who joins is faded in within one tick and who
// leaves is faded out, so that neither is a click to the others; how far the sum was turned down stays.
//
// The control calls Seat, from one goroutine; it hands the engine a circle, and all else is the engine's.
type Conference struct {
	engine *Engine
	seats  map[*Party]*seat // the control's: who is in it
	talks  []*Party         // and who of them speaks
	next   atomic.Pointer[circle]

	now   *circle
	tick  uint64 // of which said is the sound, counted from 1
	mixer *dsp.Mixer
	said  [dsp.MostMixed][]int16
}

// circle is who sits in a conference at one time: the speakers, and then the listeners.
type circle struct {
	seats    []*seat
	speakers int
	linear   [][maxBlock]int16
	pair     []Source // the only two speakers, who go on without the conference
}

// seat is a place in a conference: what its party hears.
type seat struct {
	of    *Conference
	party *Party

	// The engine's, once it was handed over.
	place int  // in the circle; -1: it has none
	loud  bool // the party was heard in the last tick
}

// Confer makes a conference, for those who hear each other already, if any do.
func (e *Engine) Confer(already ...*Party) (*Conference, error) {
	mixer, err := dsp.NewMixer(dsp.MostMixed)
	if err != nil {
		return nil, err
	}
	c := &Conference{engine: e, mixer: mixer, seats: map[*Party]*seat{}, talks: already}
	c.now = c.circle(already, nil)
	for i, s := range c.now.seats {
		s.place, s.loud = i, true
	}
	c.next.Store(c.now)
	return c, nil
}

// Seat makes these the parties of the conference from the next tick on, and returns what each of them is to Hear. Only two
// speakers hear each other directly, octet for octet, whoever listens. An error tells that there are more parties than a
// conference has room for; then nothing has changed.
func (c *Conference) Seat(speakers, listeners []*Party) (map[*Party]Source, error) {
	if count := len(speakers) + len(listeners); count > dsp.MostMixed {
		return nil, fmt.Errorf("a conference has room for %d parties, not for %d", dsp.MostMixed, count)
	}
	next, hear := c.circle(speakers, listeners), map[*Party]Source{}
	for _, s := range next.seats {
		hear[s.party] = s
	}
	if len(speakers) == 2 {
		next.pair = []Source{speakers[0], speakers[1]}
		if len(c.talks) == 2 && slices.Contains(c.talks, speakers[0]) && slices.Contains(c.talks, speakers[1]) {
			hear[speakers[0]], hear[speakers[1]] = speakers[1], speakers[0] // nobody is to be faded in or out
		}
	}
	c.talks = slices.Clone(speakers)
	c.next.Store(next)
	return hear, nil
}

// circle gives each party its seat: who had one keeps it.
func (c *Conference) circle(speakers, listeners []*Party) *circle {
	next := &circle{speakers: len(speakers)}
	seats := map[*Party]*seat{}
	for _, p := range append(slices.Clone(speakers), listeners...) {
		s := c.seats[p]
		if s == nil {
			s = &seat{of: c, party: p, place: -1}
		}
		seats[p] = s
		next.seats = append(next.seats, s)
	}
	c.seats = seats
	next.linear = make([][maxBlock]int16, len(next.seats))
	return next
}

// Next gives a party the sum of all other speakers.
func (s *seat) Next(block []byte, law dsp.Law) (done bool) {
	c := s.of
	if tick := c.engine.ticks.Load() + 1; c.tick != tick {
		c.mix(tick, c.engine.block)
	}
	if s.place < 0 {
		silence(block, law)
		return false
	}
	said := c.said[s.place]
	law.Compress(block, said[len(said)-len(block):])
	return s.place < len(c.now.pair)
}

// then is what one of only two speakers goes on with: the other.
func (s *seat) then() *Source { return &s.of.now.pair[1-s.place] }

// mix replaces what the speakers have said by what each party hears.
func (c *Conference) mix(tick uint64, length int) {
	c.tick = tick
	before := c.now
	if next := c.next.Load(); next != before {
		for _, s := range before.seats {
			s.place = -1
		}
		for i, s := range next.seats {
			s.place = i
		}
		c.now = next
	}
	for i, s := range c.now.seats {
		c.said[i] = c.now.linear[i][:length]
		s.say(c.said[i], i < c.now.speakers)
	}
	count := len(c.now.seats)
	for i, s := range before.seats {
		if s.place < 0 && s.loud && count < len(c.said) {
			c.said[count] = before.linear[i][:length]
			s.say(c.said[count], false)
			count++
		}
	}
	c.mixer.Mix(c.said[:count])
}

// say fills block with what the party says, if it is heard: faded in when it was not before, and once more faded out when
// it is no longer. Of who is gone nothing has come in this tick, so the last that came is heard once more, from its end.
func (s *seat) say(block []int16, heard bool) {
	gone := s.party.gone.Load()
	heard = heard && !gone
	was := s.loud
	if s.loud = heard; !heard && !was {
		clear(block)
		return
	}
	s.party.port.Law().Expand(block, s.party.said[:len(block)])
	switch n := len(block); {
	case heard && !was:
		for i := range block {
			block[i] = int16(int(block[i]) * i / n)
		}
	case !heard:
		if gone {
			slices.Reverse(block)
		}
		for i := range block {
			block[i] = int16(int(block[i]) * (n - i) / n)
		}
	}
}
