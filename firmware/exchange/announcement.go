package exchange

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"trunkbox/dsp"
	"trunkbox/firmware/bridge"
	"trunkbox/firmware/call"
	"trunkbox/firmware/journal"
)

// settling is how much longer than its words an announcement may take: two phones leave their relay first, and the talk
// comes up behind it.
const settling = 300 * time.Millisecond

// tell says a prompt to sides of the call while they talk, and writes down to whom and why. It returns what is heard: nothing
// where there is no sound.
func (c *Call) tell(prompt string, why because, sides ...*call.Side) []*bridge.Announcement {
	said := c.lay(prompt, sides)
	if len(said) == 0 {
		return nil
	}
	to := "all"
	if len(sides) == 1 {
		to = cmp.Or(whoIs(sides[0]), c.whose(sides[0]))
	}
	c.note(journal.Announced, "name", prompt, "to", to, "reason", string(why.reason), "about", why.about)
	return said
}

// lay says a prompt over the talk of sides, which goes on quietly.
func (c *Call) lay(prompt string, sides []*call.Side) (said []*bridge.Announcement) {
	clips := c.x.clips(prompt)
	for _, s := range sides {
		if words := bridge.Announce(bridge.Play(clips...), bridge.Lowered); s.Announce(words) {
			said = append(said, words)
		}
	}
	c.tapWords()
	return said
}

// tapWords has the recording hear what the parties hear, until nothing is announced any more: see tapped.
func (c *Call) tapWords() {
	if c.taping.tape == nil {
		return
	}
	c.tap()
	c.x.loop.After(settling, func() {
		switch {
		case c.ended:
		case slices.ContainsFunc(c.sides(), (*call.Side).Announced):
			c.tapWords()
		default:
			c.tap()
		}
	})
}

// comforting tells who is on hold that he is not forgotten.
type comforting struct {
	timer *call.Timer
	said  []*bridge.Announcement
}

// comfort does so again and again to who hears the music.
func (c *Call) comfort(held time.Duration) {
	every := time.Duration(c.x.settings.Talks.HoldSeconds) * time.Second
	if every == 0 {
		return
	}
	c.comforting.timer = c.x.loop.After(every, func() {
		held += every
		for _, s := range c.sides() {
			if s.Hears(c.holdMusic) {
				c.comforting.said = c.tell("not_forgotten", because{journal.HeldLong, strconv.Itoa(int(held.Seconds()))}, s)
			}
		}
		c.comfort(held)
	})
}

// end: nobody is on hold any more.
func (c *comforting) end() {
	c.timer.Stop()
	for _, words := range c.said {
		words.Stop()
	}
	*c = comforting{}
}

// pip is a short tone.
func pip(hz float64, lasts time.Duration) dsp.Step {
	return dsp.Step{Sines: []dsp.Sine{{Hz: hz, DBm0: -16}}, Lasts: lasts}
}

// The tones that tell an agent what became of his wish, two short ones for yes, a long low one for no; and those that tell
// a talk of several that somebody has joined, upwards, or left, downwards.
var (
	rest      = dsp.Step{Lasts: 100 * time.Millisecond}
	yesTone   = dsp.Cadence{Steps: []dsp.Step{pip(950, 100*time.Millisecond), rest, pip(950, 100*time.Millisecond)}, Once: true}
	noTone    = dsp.Cadence{Steps: []dsp.Step{pip(400, 400*time.Millisecond)}, Once: true}
	joinTones = dsp.Cadence{Steps: []dsp.Step{pip(600, 100*time.Millisecond), pip(900, 100*time.Millisecond)}, Once: true}
	leftTones = dsp.Cadence{Steps: []dsp.Step{pip(900, 100*time.Millisecond), pip(600, 100*time.Millisecond)}, Once: true}
)

// beep lets a side hear what became of its wish.
func (c *Call) beep(side *call.Side, yes bool) {
	tone := noTone
	if yes {
		tone = yesTone
	}
	side.Announce(bridge.Announce(bridge.Tone(tone), bridge.Lowered))
}

// chime lets all but one hear that he has joined or left.
func (c *Call) chime(tones dsp.Cadence, but *call.Side) {
	for _, s := range c.sides() {
		if s != but {
			s.Announce(bridge.Announce(bridge.Tone(tones), bridge.Untouched))
		}
	}
	c.tapWords()
}
