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
	// Alarms are seen by the receiving end: LOS, LFA, LMFA, AIS, RAI in any mixture. While one of them
	// is Down, the receiver gets all ones. The RAI that a framer sends back by itself need not be
	// ordered.
	Alarms span.Alarm

	BitErrorRatio float64 // of the bits of all timeslots, 1e-3 for one in a thousand
	Seed          uint64  // which bits: the same seed spoils the same bits
	SlipsPerS     float64 // controlled slips a second
	DelayBlocks   int     // more blocks under way, up to MaxDelayOctets

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

// alarms returns what the receiver of this direction sees, RAI sent back by a framer apart.
func (w *way) alarms() span.Alarm {
	switch a := w.fault.Alarms | w.ordered; {
	case w.cut || !w.on || a&span.LOS != 0:
		return span.LOS
	case a.Down(): // RAI is a bit of the frame: it cannot be read now
		return a &^ span.RAI
	default:
		return a
	}
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

// spoil inverts bits of a block and counts in the receiver what a framer would see of it; the sender
// counts what the far framer reports back.
//
// Departure: a burst of CRC errors does not lead to a loss of frame alignment by itself (G.706 4.3.2,
// 915 errored blocks a second); it is ordered as an alarm.
func (c *Cable) spoil(w *way, rx *span.Block, receiver, sender *span.Counters) {
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
		receiver.BPV++
		if crc := frame / c.crcFrames(); crc != lastCRC {
			lastCRC = crc
			receiver.CRC4++
			sender.EBit++
		}
		if place == 0 && frame%2 == 0 {
			receiver.FAS++
		}
		at++
		if at >= bits {
			e.good = e.distance()
			return
		}
	}
	e.good -= bits - at
}
