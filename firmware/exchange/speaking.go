package exchange

import (
	"slices"

	"trunkbox/firmware/bridge"
	"trunkbox/firmware/call"
)

// link lets the sides of the call hear each other, each from when it has sound, and supervisors hear them.
func (c *Call) link() {
	c.linked = true
	c.wire()
}

// sides are the parties of the call: who began it, who was reached, and who joined them.
func (c *Call) sides() []*call.Side {
	var all []*call.Side
	for _, s := range append([]*call.Side{c.caller, c.other}, c.thirds...) {
		if s != nil {
			all = append(all, s)
		}
	}
	return all
}

// wire decides who hears whom: every side all others, a side that holds the others nothing, who is held the music, an
// agent who is whispered to the supervisor as well, and a supervisor everybody.
func (c *Call) wire() {
	var speakers, listeners []*bridge.Party
	held := false
	for _, s := range c.sides() {
		s.Sound()
		held = held || s.Held
		if s.Party() != nil && !s.Held {
			speakers = append(speakers, s.Party())
		}
	}
	for _, w := range c.watchers {
		w.side.Sound()
		switch {
		case w.side.Party() == nil:
		case w.how == barging:
			speakers = append(speakers, w.side.Party())
		default:
			listeners = append(listeners, w.side.Party())
		}
	}
	switch {
	case !held && c.holdMusic != nil:
		c.comforting.end()
		c.holdMusic = nil
	case held && c.holdMusic == nil:
		c.holdMusic = bridge.Loop(c.x.music(c.x.queueSettings(c.served).Music)...)
		c.comfort(0)
	}
	sources := c.together(speakers, listeners)
	for _, s := range c.sides() {
		source := sources[s.Party()]
		switch whisperer := c.whisperTo(s); {
		case s.Held:
			source = nil
		case len(speakers) == 1 && held:
			source = c.holdMusic
		case whisperer != nil && source != nil:
			source = bridge.Mix(source, whisperer)
		}
		s.Hear(source)
	}
	for _, w := range c.watchers {
		w.side.Hear(sources[w.side.Party()])
	}
	c.tap()
}

// together is what each of the parties hears: directly where two talk and nobody listens, else the conference of all.
func (c *Call) together(speakers, listeners []*bridge.Party) map[*bridge.Party]bridge.Source {
	already, two := c.talking, len(speakers) == 2 && len(listeners) == 0
	c.talking = speakers
	switch {
	case len(speakers)+len(listeners) < 2:
		c.room = nil
		return nil
	case c.room == nil && two:
		return map[*bridge.Party]bridge.Source{speakers[0]: speakers[1], speakers[1]: speakers[0]}
	}
	var err error
	if c.room == nil {
		c.room, err = c.x.engine.Confer(already...)
	}
	var sources map[*bridge.Party]bridge.Source
	if err == nil {
		sources, err = c.room.Seat(speakers, listeners)
	}
	if err != nil {
		c.x.Log.Error("the parties cannot hear each other", "call", c.id, "error", err)
	}
	if two {
		c.room = nil
	}
	return sources
}

// whisperTo is the supervisor who whispers to an agent's side, nil if none does.
func (c *Call) whisperTo(s *call.Side) bridge.Source {
	i := slices.IndexFunc(c.watchers, func(w *watcher) bool {
		return w.how == whispering && w.agent == s.Phone && s.Phone != "" && w.side.Party() != nil
	})
	if i < 0 {
		return nil
	}
	return c.watchers[i].side.Party()
}
