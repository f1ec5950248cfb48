package timeslot

import (
	"sync/atomic"

	"trunkbox/drivers/span"
	"trunkbox/dsp"
)

// Channel is the sound of one B timeslot for the time of one call. It is a bridge.Port.
//
// Each Open makes a new Channel with rings of its own, so that a user who is late in letting go of the
// last call reads and writes rings that nobody else looks at any more, and never disturbs the next call.
type Channel struct {
	law    dsp.Law
	rx, tx ring    // rx: written by the scheduler, read by the user; tx the other way
	fromRx elastic // the user's
	fromTx elastic // the scheduler's
	past   history // the scheduler's

	clocks           *apart        // the line's
	apartRx, apartTx atomic.Uint64 // octets slipped at its order
	seen             apartOf       // by whoever looks

	heard   atomic.Bool // the user has fetched its first block: what it does not fetch from now on is lost
	refused int         // blocks since it last fetched one; the scheduler's, as the next
	idle    int         // blocks since it last gave one
	all     *losses     // of the span
	losses
}

// losses counts, in blocks but for slips, what went wrong with the sound. What a user did not fetch or give is counted
// when he comes again: one who has not begun, or has left for good, loses nothing.
type losses struct {
	dropped atomic.Uint64 // blocks lost because the reader did not fetch them
	starved atomic.Uint64 // blocks of idle octets sent because the user gave none (scheduler)
	silent  atomic.Uint64 // blocks of silence heard because the line gave none (user)
	slips   atomic.Uint64 // octets left out or said twice by either reader
}

func newChannel(law dsp.Law, delay int, clocks *apart, all *losses) *Channel {
	c := &Channel{law: law, clocks: clocks, all: all, past: history{delay: delay}}
	c.fromRx.law, c.fromTx.law = law, law
	c.rx.beside = new([size]byte)
	fill(c.past.octets[:], law.Silence())
	return c
}

// count adds to a counter of the channel, and to the span's of the same kind.
func (c *Channel) count(of func(*losses) *atomic.Uint64, n int) {
	if n > 0 {
		of(&c.losses).Add(uint64(n))
		of(c.all).Add(uint64(n))
	}
}

func dropped(l *losses) *atomic.Uint64 { return &l.dropped }
func starved(l *losses) *atomic.Uint64 { return &l.starved }
func silent(l *losses) *atomic.Uint64  { return &l.silent }
func slips(l *losses) *atomic.Uint64   { return &l.slips }

// Law is the companding of the timeslot.
func (c *Channel) Law() dsp.Law { return c.law }

// Hear fills block with the next octets from the line, or with silence when there are none.
func (c *Channel) Hear(block []byte) { c.hear(block, nil) }

// HearBoth is Hear, and fills sent with what went to the line in the same instants.
func (c *Channel) HearBoth(block, sent []byte) { c.hear(block, sent) }

func (c *Channel) hear(block, sent []byte) {
	s := c.fromRx.read(&c.rx, block, sent, c.clocks.received())
	c.count(slips, s.octets)
	if s.clocks > 0 {
		c.apartRx.Add(uint64(s.clocks))
	}
	c.count(dropped, s.dropped)
	if s.empty {
		fill(block, c.law.Silence())
		fill(sent, c.law.Silence())
	}
	if s.dry {
		c.count(silent, 1)
	}
	if !c.heard.Load() {
		c.heard.Store(true)
	}
}

// Speak hands over the next block for the line; it is dropped when the line does not take any.
func (c *Channel) Speak(block []byte) { c.tx.push(block, nil) }

// exchange is the scheduler's half: one block from the line, one to the line.
func (c *Channel) exchange(rx, tx []byte, idle byte) {
	var sent [span.MaxBlock]byte
	c.past.heardWith(sent[:len(rx)])
	switch {
	case c.rx.push(rx, sent[:len(rx)]):
		c.count(dropped, c.refused)
		c.refused = 0
	case c.heard.Load():
		c.refused++
	}
	s := c.fromTx.read(&c.tx, tx, nil, c.clocks.sent())
	switch {
	case s.dry:
		c.idle++
	case !s.empty:
		c.count(starved, c.idle)
		c.idle = 0
	}
	if s.empty {
		fill(tx, idle)
	}
	c.count(slips, s.octets)
	if s.clocks > 0 {
		c.apartTx.Add(uint64(s.clocks))
	}
	c.count(dropped, s.dropped)
	c.past.add(tx)
}

// history is what went to the line, so that it can be laid beside what comes from it.
type history struct {
	octets [size]byte
	count  uint32
	delay  int // octets by which the nearest echo comes after the sound, see span.Delayed
}

func (h *history) add(block []byte) {
	copyIn(&h.octets, h.count, block)
	h.count += uint32(len(block))
}

// heardWith fills block with what was on the line when the block now received was. The newest block is the one that was
// handed to the tick that brought it.
func (h *history) heardWith(block []byte) {
	copyOut(block, &h.octets, h.count-uint32(len(block)+h.delay))
}

// Losses is what went wrong with the sound: blocks, and slips in octets.
type Losses struct{ Dropped, Starved, Silent, Slips uint64 }

// Losses reads the counters of the channel.
func (c *Channel) Losses() Losses { return c.losses.read() }

func (l *losses) read() Losses {
	return Losses{l.dropped.Load(), l.starved.Load(), l.silent.Load(), l.slips.Load()}
}

func fill(block []byte, octet byte) {
	for i := range block {
		block[i] = octet
	}
}

// slots are the timeslots of a line, each with its user or none.
type slots [span.Slots]atomic.Pointer[Channel]
