package vspan

import (
	"math"
	"math/rand/v2"

	"trunkbox/drivers/span"
)

// Direction is one of the two ways through a cable.
type Direction uint8

// The two directions.
const (
	AtoB Direction = iota // sent by A, received by B
	BtoA                  // sent by B, received by A
)

// String returns "A to B" or "B to A".
func (d Direction) String() string {
	if d == BtoA {
		return "B to A"
	}
	return "A to B"
}

// Fault is what is wrong with one direction of a cable. The zero value is a good line.
type Fault struct {
	// Alarms are seen by the receiving end: LOS, LFA, LMFA, AIS, RAI in any mixture. Under all of them
	// but LMFA and RAI the receiver gets all ones. The RAI that a framer sends back by itself need not
	// be ordered.
	Alarms        span.Alarm
	AttenuationDB float64 // of the signal; from 30 dB on the receiver sees LOS

	BitErrorRatio float64 // of the bits of all timeslots, 1e-3 for one in a thousand
	Seed          uint64  // which bits: the same seed spoils the same bits
	SlipsPerS     float64 // controlled slips a second, beside those of two clocks

	DSlot       span.Timeslot // the D channel and this timeslot have changed places; 0: they have not
	DInverted   bool          // the octets of the D channel arrive inverted
	DBit8       bool          // bit 8 of the D channel's octets arrives as a one: 56 kbit/s pass
	DelayBlocks int           // more blocks under way, up to MaxDelayOctets

	// What is sent in this direction comes back to its sender, EchoDelayOctets later than the fastest
	// way round and EchoLossDB weaker, in every B timeslot. It is on when EchoLossDB is over 0; a
	// hybrid without balance has about 6 dB.
	EchoLossDB      float64
	EchoDelayOctets int
}

// order takes a new fault.
func (w *way) order(f Fault, block int) {
	f.Alarms &= span.LOS | span.LFA | span.LMFA | span.AIS | span.RAI
	f.BitErrorRatio = min(max(f.BitErrorRatio, 0), 1)
	f.SlipsPerS = max(f.SlipsPerS, 0)
	f.AttenuationDB = max(f.AttenuationDB, 0)
	if _, last := payload(w.c.kind); int(f.DSlot) > last || f.DSlot == w.c.kind.D() {
		f.DSlot = 0
	}
	f.DelayBlocks = min(max(f.DelayBlocks, 0), MaxDelayOctets/block)
	f.EchoDelayOctets = min(max(f.EchoDelayOctets, 0), MaxDelayOctets)
	if f.BitErrorRatio != w.fault.BitErrorRatio || f.Seed != w.fault.Seed {
		w.errors.begin(f.BitErrorRatio, f.Seed)
	}
	w.echoGain = 0
	if f.EchoLossDB > 0 {
		w.echoGain = int32(math.Round(math.Pow(10, -f.EchoLossDB/20) * (1 << echoShift)))
	}
	w.fault = f
}

// Patch is how the plugs of a cable are wired.
type Patch uint8

// The three ways to plug.
const (
	Straight Patch = iota // each transmitter to the other's receiver
	Swapped               // transmitter to transmitter, receiver to receiver: nobody hears anything
	Looped                // each end's transmitter to its own receiver, as with a loop plug
)

// SetPatch changes the wiring.
func (c *Cable) SetPatch(p Patch) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.patch = min(p, Looped)
	c.refresh()
}

// disturb does to a block what is wrong with the way, in the order in which it happens: at the far
// end's multiplexer, at the line codes, on the wire.
func (w *way) disturb(e *End, rx *span.Block) {
	n, d := w.c.block, w.c.kind.D()
	f := &w.fault
	if f.DSlot != 0 {
		rx[d], rx[f.DSlot] = rx[f.DSlot], rx[d]
	}
	if f.DInverted {
		invert(rx[d][:n])
	}
	if f.DBit8 {
		for i := range n {
			rx[d][i] |= 1
		}
	}
	if e.sight.mangled {
		before := e.counters.BPV
		w.pulses.mangle(w.c.kind, e.sight.code, rx, n, &e.counters)
		if e.counters.BPV != before { // the pattern's pulses are wrong bits: every check they fall in fails
			e.badChecks(min(e.counters.BPV-before, uint64(max(1, n/w.c.crcFrames()))))
		}
	}
	w.c.spoil(w, e, rx)
}

// bitErrors spoils bits at random distances, as independent errors of one ratio have them.
type bitErrors struct {
	random *rand.Rand
	ln     float64 // ln(1-ratio)
	good   uint64  // bits that remain until the next bad one
}

func (e *bitErrors) begin(ratio float64, seed uint64) {
	if ratio == 0 {
		e.random = nil
		return
	}
	e.random, e.ln = rand.New(rand.NewPCG(seed, 0)), math.Log1p(-ratio)
	e.good = e.distance()
}

// distance draws from the geometric distribution the good bits before the next bad one.
func (e *bitErrors) distance() uint64 {
	return uint64(min(math.Log(1-e.random.Float64())/e.ln, 1<<62))
}

// frame geometry: a CRC covers 8 frames of an E1 (sub-multiframe, G.704 2.3.3) and 24 of a T1
// (extended superframe, G.704 2.1.3).
func (c *Cable) crcFrames() int {
	if c.kind == span.T1 {
		return 24
	}
	return 8
}

// spoil inverts bits of a block and counts in the receiver what a framer would see of it; the far
// framer counts what is reported back.
//
// Departure: a burst of CRC errors does not lead to a loss of frame alignment by itself (G.706 4.3.2,
// 915 errored blocks a second); it is ordered as an alarm.
func (c *Cable) spoil(w *way, receiver *End, rx *span.Block) {
	e := &w.errors
	if e.random == nil {
		return
	}
	first, places := 0, span.Slots
	if c.kind == span.T1 {
		first, places = 1, 24
	}
	bits := uint64(places * c.block * 8)
	at := uint64(0)
	lastCRC := -1
	for ; e.good < bits-at; e.good = e.distance() {
		at += e.good
		frame, place, bit := int(at)/(places*8), first+int(at)/8%places, at%8
		rx[place][frame] ^= 0x80 >> bit
		receiver.counters.BPV++
		if crc := frame / c.crcFrames(); crc != lastCRC {
			lastCRC = crc
			receiver.badChecks(1)
		}
		if place == 0 && frame%2 == 0 {
			receiver.counters.FAS++
		}
		at++
		if at >= bits {
			e.good = e.distance()
			return
		}
	}
	e.good -= bits - at
}
