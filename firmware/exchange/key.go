package exchange

import (
	"fmt"
	"slices"
	"strconv"

	"trunkbox/firmware/call"
	"trunkbox/firmware/journal"
)

// Each key that a side presses toward the call does what it does when it is pressed, and is written down once, when it
// is let go: the way it came, how long it lasted, how loud it was. Which key it was is not written while the recording is
// paused, for what is keyed then may be a card's number; nor is the level of each of its tones, which tells it too.

// down is a key that is pressed.
type down struct {
	from *call.Side
	key  byte
	by   call.KeyWay
	kept bool // it was pressed while the recording was paused
}

// keyDown is a key that a side presses.
func (c *Call) keyDown(from *call.Side, d call.Digit) {
	pressed := down{from, d.Key, d.By, c.paused()}
	if d.By == call.ByLine {
		c.noteKey(pressed, call.KeyUp{})
	} else {
		c.down = append(c.down, pressed)
	}
	c.key(from, d.Key)
}

// keyUp is a key that a side lets go.
func (c *Call) keyUp(from *call.Side, up call.KeyUp) {
	i := slices.IndexFunc(c.down, func(d down) bool { return d.from == from && d.key == up.Key && d.by == up.By })
	if i < 0 {
		return
	}
	pressed := c.down[i]
	c.down = slices.Delete(c.down, i, i+1)
	c.noteKey(pressed, up)
}

// keysLeft writes down the keys that are pressed at the end of the call.
func (c *Call) keysLeft() {
	for _, pressed := range c.down {
		c.noteKey(pressed, call.KeyUp{})
	}
	c.down = nil
}

// paused says whether the recording is paused.
func (c *Call) paused() bool { return c.taping.tape != nil && c.taping.tape.Paused() }

func (c *Call) noteKey(pressed down, up call.KeyUp) {
	dB := func(level float64) string { return fmt.Sprintf("%.1f", level) }
	fields := []string{"agent", pressed.from.Phone, "way", string(pressed.by)}
	if up.Lasted > 0 {
		fields = append(fields, "ms", strconv.FormatInt(up.Lasted.Milliseconds(), 10))
	}
	switch {
	case pressed.kept:
		fields = append(fields, "hidden", "yes")
	case len(up.Levels) == 2:
		low, high := up.Levels[0], up.Levels[1]
		fields = append(fields, "key", string(pressed.key), "low", dB(low), "high", dB(high), "twist", dB(high-low))
	case len(up.Levels) == 1:
		fields = append(fields, "key", string(pressed.key), "level", dB(up.Levels[0]))
	default:
		fields = append(fields, "key", string(pressed.key))
	}
	c.note(journal.KeyHeard, fields...)
}
