// Package vspan is a cable: two E1 or T1 lines joined back to back without any card. Each end is a
// span.Line; faults can be ordered on the cable while calls are up, which is what `make run` shows
// and what an installer trains on.
//
// Sound path and signal path begin here when the box has no card: firmware/timeslot ticks one end,
// firmware/pri sends and receives D channel frames on it. The other end belongs to the far exchange,
// in this process (Cable.B) or in another one (Serve and Dial, a unixpacket socket).
//
// G.704 for the timeslots, Q.921 2 for the D channel, which crosses as real HDLC octets in timeslot
// 16 (E1) or 24 (T1) so that bit errors and slips hurt it as they do on a line; G.775 and G.706 for
// which alarms there are. Each end has a framing, a line code and a clock of its own, and sees of the
// other's what a framer sees; both can be looped and measured. Left out: the bits of the multiframe
// in timeslot 0 (its state is kept beside the octets), the time an alarm takes to rise and to clear
// (they change at once), CAS.
//
// Every octet that is given in time arrives Options.Transit blocks later. An end that ticks late
// finds what it missed (up to a second), but what it gives late is lost, as on a line; the D
// channel's octets are then not sent rather than lost, or arrive late where the end belongs to a far
// process, so that a stalled machine does not look like a bad line. Tick of either end may wait for
// the mutex of the cable, for as long as one block takes to copy, and lends the one that copies its
// priority meanwhile; it does not allocate.
package vspan

import (
	"log/slog"

	"trunkbox/drivers/span"
	"trunkbox/dsp"
)

// Options say what cable is wanted. The zero value is an E1 in blocks of 160 octets on a real clock.
type Options struct {
	Kind  span.Kind
	Block int       // octets per timeslot and tick; 0 means 160, else the nearest of 16 to 160
	Names [2]string // of end A and end B; empty: "virtual/A", "virtual/B"
	Clock Clock     // nil means a new Real one

	// Transit is how many blocks an octet is under way: 0 means the 30 ms or more that let two ends
	// keep step on a loaded machine, or one block on a Manual clock.
	Transit int
	Logger  *slog.Logger // nil: silent

	// Formats of end A and end B; what is zero is as Kind.Format has it, but that B is the master: its
	// clock is Internal.
	Formats [2]span.Format
	NoD     bool    // the cable has no D channel: its timeslot is a B channel like the others
	PPM     float64 // by how much the oscillator of A is faster than that of B; 0: DefaultPPM
}

// transitOctets is the sound under way on a cable with a real clock: 30 ms.
const transitOctets = 240

// catchUpOctets is how far behind its clock an end may fall before it gives up what it missed: 1 s.
const catchUpOctets = 8000

// MaxDelayOctets bounds Fault.DelayBlocks: 1 s.
const MaxDelayOctets = 8000

// Cable is two lines joined back to back.
type Cable struct {
	kind    span.Kind
	block   int
	transit uint64
	catchUp uint64
	began   uint64 // on a Manual clock, the moment of New: an end misses no step from then on
	clock   Clock
	law     dsp.Law
	log     *slog.Logger
	ppm     float64
	noD     bool
	round   *round // serves its far processes; of all cables with the same Kernel clock

	mu    mutex // guards patch, ways and what the ends say it guards
	patch Patch
	ways  [2]way // indexed by Direction
	ends  [2]End // A, B
}

// New makes a cable with both ends switched on.
func New(o Options) *Cable {
	c := &Cable{kind: o.Kind, clock: o.Clock, log: o.Logger, law: dsp.ALaw, ppm: o.PPM, noD: o.NoD}
	if c.ppm == 0 {
		c.ppm = DefaultPPM
	}
	if c.kind == span.T1 {
		c.law = dsp.MuLaw
	}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	if c.clock == nil {
		c.clock = NewReal()
	}
	c.block = span.MaxBlock
	if o.Block != 0 {
		c.block = min(max(o.Block, 16), span.MaxBlock)
	}
	c.transit = uint64(max(o.Transit, 0))
	if kernel, shared := c.clock.(*Kernel); shared {
		c.round = kernel.round(c.block)
	} else {
		c.round = newRound(c.clock, c.block)
	}
	manual, stepped := c.clock.(*Manual)
	switch {
	case stepped:
		c.began = manual.Count(c.block)
		c.transit = max(c.transit, 1)
	case c.transit == 0:
		c.transit = blocks(transitOctets, c.block)
	}
	c.catchUp = blocks(catchUpOctets, c.block)
	for d := range c.ways {
		c.ways[d].init(c, int(c.catchUp+blocks(MaxDelayOctets, c.block)+2*c.transit)+2)
	}
	names := [2]string{"virtual/A", "virtual/B"}
	for i := range c.ends {
		if o.Names[i] != "" {
			names[i] = o.Names[i]
		}
		c.ends[i].init(c, names[i], &c.ways[i], &c.ways[1-i], c.usual(i, o.Formats[i]))
	}
	c.refresh()
	return c
}

// usual fills a format for end i, or takes the usual one when it is none of this kind's.
func (c *Cable) usual(i int, f span.Format) span.Format {
	usual := c.kind.Format()
	if i == 1 {
		usual.Clock = span.Internal
	}
	if f = f.Fill(usual); c.kind.Choices().Allow(f) != nil {
		return usual
	}
	return f
}

// blocks is how many blocks hold so many octets.
func blocks(octets, block int) uint64 { return uint64((octets + block - 1) / block) }

// A is the end that sends in direction AtoB.
func (c *Cable) A() *End { return &c.ends[0] }

// B is the other end.
func (c *Cable) B() *End { return &c.ends[1] }

// SetFault orders what is wrong with one direction from now on; Fault{} mends it.
func (c *Cable) SetFault(d Direction, f Fault) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ways[d].order(f, c.block)
	c.refresh()
}

// Fault returns what was ordered for one direction.
func (c *Cable) Fault(d Direction) Fault {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ways[d].fault
}

// Slip orders n controlled slips in one direction, one in each of the next n blocks.
func (c *Cable) Slip(d Direction, n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ways[d].slips += max(n, 0)
}

// Cut pulls the cable out (both ends see LOS) or puts it back.
func (c *Cable) Cut(cut bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for d := range c.ways {
		c.ways[d].cut = cut
	}
	c.refresh()
}
