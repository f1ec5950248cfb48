package exchange

import (
	"strconv"
	"time"

	"trunkbox/firmware/journal"
	"trunkbox/firmware/q850"
)

// through says whether the call joins two outside parties, or is about to: nobody of ours is left to hang up, and it takes
// two channels. Emergency calls are no such ones.
func (c *Call) through() bool {
	return c.caller.Phone == "" && c.route != nil && !c.route.emergency
}

// throughRefused refuses one more of such calls than the settings allow.
func (c *Call) throughRefused() bool {
	limit := c.x.settings.Outbound.ThroughCalls
	if limit == 0 || c.caller.Phone != "" {
		return false
	}
	n := 0
	for _, other := range c.x.calls {
		if other != c && other.through() {
			n++
		}
	}
	if n < limit {
		return false
	}
	c.unreachable(ending{cause: q850.NoCircuit, by: "box", reason: journal.ThroughFull, about: strconv.Itoa(limit)}, "line_busy")
	return true
}

// limitThrough ends such a call when it has lasted as long as the settings allow. Both parties are told a minute before,
// and when it ends.
func (c *Call) limitThrough() {
	minutes := c.x.settings.Outbound.ThroughMinutes
	if minutes == 0 || !c.through() {
		return
	}
	after := func(d time.Duration, do func()) { c.timer = c.x.loop.After(d, do) }
	over := ending{cause: q850.NormalClearing, by: "box", reason: journal.ThroughTooLong, about: strconv.Itoa(minutes)}
	words := playingTime(c.x.clips("call_ends_now")) + settling
	lastWords := func() {
		c.tell("call_ends_now", because{over.reason, over.about}, c.sides()...)
		after(words, func() { c.end(over) })
	}
	if minutes == 1 {
		after(time.Minute-words, lastWords)
		return
	}
	after(time.Duration(minutes-1)*time.Minute, func() {
		c.tell("one_minute_left", because{journal.MinuteLeft, over.about}, c.sides()...)
		after(time.Minute-words, lastWords)
	})
}
