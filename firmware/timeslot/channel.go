package timeslot

import (
	"sync/atomic"

	"trunkbox/drivers/span"
	"trunkbox/dsp"
)

// highWater is how many blocks may wait in a ring before the reader drops back to one: the elastic
// buffer between the line's clock and its user's. A drop is a controlled slip and is counted.
const highWater = 4

// Channel is the sound of one B timeslot for the time of one call. It is a bridge.Port.
//
// Each Open makes a new Channel with rings of its own, so that a user who is late in letting go of the
// last call reads and writes rings that nobody else looks at any more, and never disturbs the next call.
type Channel struct {
	law dsp.Law
	rx  ring // written by the scheduler, read by the user
	tx  ring // written by the user, read by the scheduler

	spoken  atomic.Bool // the user has given its first block: an empty tx ring is an underrun from now on
	dropped counter     // blocks lost because the user did not fetch them (scheduler)
	starved counter     // blocks of idle octets sent because the user gave none (scheduler)
	silent  counter     // blocks of silence heard because the line gave none (user)
	slips   counter     // blocks dropped by either reader to come back to one block of delay
}

// counter has one writer; anybody may read it.
type counter struct{ atomic.Uint64 }

// Law is the companding of the timeslot.
func (c *Channel) Law() dsp.Law { return c.law }

// Hear fills block with the next octets from the line, or with silence when there are none.
func (c *Channel) Hear(block []byte) {
	if c.rx.len() > highWater {
		c.slips.Add(uint64(c.rx.trim(1)))
	}
	if !c.rx.pop(block) {
		c.silent.Add(1)
		fill(block, c.law.Silence())
	}
}

// Speak hands over the next block for the line; it is dropped when the line does not take any.
func (c *Channel) Speak(block []byte) {
	c.tx.push(block)
	if !c.spoken.Load() {
		c.spoken.Store(true)
	}
}

// exchange is the scheduler's half: one block from the line, one to the line.
func (c *Channel) exchange(rx, tx []byte, idle byte) {
	if !c.rx.push(rx) {
		c.dropped.Add(1)
	}
	if c.tx.len() > highWater {
		c.slips.Add(uint64(c.tx.trim(1)))
	}
	if c.tx.pop(tx) {
		return
	}
	fill(tx, idle)
	if c.spoken.Load() {
		c.starved.Add(1)
	}
}

// Losses is what went wrong with the sound of one channel, in blocks.
type Losses struct{ Dropped, Starved, Silent, Slips uint64 }

// Losses reads the counters of the channel.
func (c *Channel) Losses() Losses {
	return Losses{c.dropped.Load(), c.starved.Load(), c.silent.Load(), c.slips.Load()}
}

func fill(block []byte, octet byte) {
	for i := range block {
		block[i] = octet
	}
}

// slots are the timeslots of a line, each with its user or none.
type slots [span.Slots]atomic.Pointer[Channel]
