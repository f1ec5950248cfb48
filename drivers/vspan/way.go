package vspan

import (
	"math"

	"trunkbox/drivers/hdlc"
	"trunkbox/drivers/span"
)

// way is one direction of a cable: a ring of blocks, each stamped with the moment of the clock at
// which the receiver is to have it. All of it is guarded by Cable.mu.
//
// The sender at moment n puts its block under stamp n+transit; the receiver at moment m takes stamp
// m-delay. A place is used again after a whole turn of the ring, which is longer than the furthest
// that a receiver may lag; a stamp that does not fit says that nobody gave that block.
type way struct {
	c      *Cable
	ring   []byte   // depth × span.Slots × block
	stamps []uint64 // depth; 0: never used
	first  uint64   // the first stamp given since the transmitter was switched on; 0: none
	read   uint64   // the newest stamp the receiver asked for

	// overdue are the octets of the D timeslot of blocks that a far process gave too late for their places, in order.
	overdue []byte

	on      bool       // the sender's transmitter is switched on
	cut     bool       // the cable is pulled out
	ordered span.Alarm // sent on purpose by the far process
	fault   Fault

	errors   bitErrors
	pulses   pulses
	slips    int     // still to make
	slipPart float64 // of the next slip by Fault.SlipsPerS
	late     bool    // the receiver stands one octet behind: the next slip loses one, else repeats one
	echoGain int32   // of a sample, in 1/2^echoShift; 0: no echo
}

const echoShift = 12

func (w *way) init(c *Cable, depth int) {
	*w = way{c: c, ring: make([]byte, depth*span.Slots*c.block), stamps: make([]uint64, depth), on: true}
}

// switchOn turns the transmitter on or off.
func (w *way) switchOn(on bool) {
	w.on, w.first, w.overdue = on, 0, w.overdue[:0]
	if !on {
		w.ordered = 0
		clear(w.stamps)
	}
}

// place returns the octets of timeslot ts in the block with this stamp, or nil when it is not there.
func (w *way) place(stamp uint64, ts int) []byte {
	i := stamp % uint64(len(w.stamps))
	if w.stamps[i] != stamp || stamp == 0 {
		return nil
	}
	at := (int(i)*span.Slots + ts) * w.c.block
	return w.ring[at : at+w.c.block : at+w.c.block]
}

// owe keeps octets of the D timeslot whose place has been read, a second of them at most.
func (w *way) owe(octets []byte) {
	if len(w.overdue)+len(octets) <= catchUpOctets {
		w.overdue = append(w.overdue, octets...)
	}
}

// open makes room for a block and says whether it comes in time for the receiver.
func (w *way) open(stamp uint64) bool {
	if w.first == 0 {
		w.first = stamp
	}
	if stamp <= w.read {
		return false
	}
	w.stamps[stamp%uint64(len(w.stamps))] = stamp
	frameAlignment(w.place(stamp, 0))
	return true
}

// frameAlignment fills timeslot 0 of an E1: the frame alignment signal and, every other frame, the bit that is
// not it and the spare bits (G.704 table 5A). The bits of CRC-4 and RAI are kept apart, in sight; here they
// are idle.
func frameAlignment(octets []byte) {
	for i := range octets {
		octets[i] = 0x9b
		if i%2 == 1 {
			octets[i] = 0xdf
		}
	}
}

// take fills rx with the block that the receiver e is to have now, faults and all, and says whether
// there was one: when there was none, rx is idle.
func (w *way) take(e *End, rx *span.Block) bool {
	n, now := w.c.block, e.next
	stamp := uint64(1)
	if d := uint64(w.fault.DelayBlocks); now > d {
		stamp = now - d
	}
	w.read = max(w.read, stamp)
	if e.sight.dark {
		for ts := range rx {
			fill(rx[ts][:n], 0xff)
		}
		return true
	}
	from := e.sight.source
	given := from.place(stamp, 0) != nil
	if !given && (from.first == 0 || stamp >= from.first) {
		from.sender().counters.TxUnderruns++
	}
	w.slip(e)
	for ts := range rx {
		w.copy(rx[ts][:n], from, stamp, ts)
	}
	if e.loop != span.LocalLoop {
		w.disturb(e, rx)
	}
	return given
}

// sender is the end that transmits on this way.
func (w *way) sender() *End {
	if w == w.c.ends[0].out {
		return &w.c.ends[0]
	}
	return &w.c.ends[1]
}

// copy takes one timeslot from a way, a whole block or, while the receiver is late, from one octet
// before it.
func (w *way) copy(dst []byte, from *way, stamp uint64, ts int) {
	if w.late {
		if before := from.place(stamp-1, ts); before != nil {
			dst[0] = before[len(before)-1]
		} else {
			dst[0] = w.idle(ts)
		}
		dst = dst[1:]
	}
	if copy(dst, from.place(stamp, ts)) == 0 {
		fill(dst, w.idle(ts))
	}
}

// idle is what a transmitter sends in a timeslot for which it has nothing.
func (w *way) idle(ts int) byte {
	if span.Timeslot(ts) == w.c.kind.D() && !w.c.noD {
		return hdlc.Flag
	}
	return w.c.law.Silence()
}

// slip makes one controlled slip if one is due: an octet of every timeslot twice, or not at all.
//
// Departure: both ends of a cable have one clock, so octets lost and octets twice take turns, whatever
// the difference of rates. SlipsLost and SlipsTwice say what two clocks would do.
func (w *way) slip(e *End) {
	receiver := &e.counters
	perS := w.fault.SlipsPerS + math.Abs(e.sight.slipPPM)*1e-6*8000 // a slip is a frame of 125 µs
	w.slipPart += perS * float64(w.c.block) / 8000
	for w.slipPart >= 1 {
		w.slipPart--
		w.slips++
	}
	if w.slips > 0 {
		w.slips--
		w.late = !w.late
		receiver.Slips++
		switch {
		case e.sight.slipPPM > 0:
			receiver.SlipsLost++
		case e.sight.slipPPM < 0, w.late:
			receiver.SlipsTwice++
		default:
			receiver.SlipsLost++
		}
	}
}

// echo adds to rx, which the sender e of this way has received, what it has sent.
func (w *way) echo(e *End, rx *span.Block) {
	if w.echoGain == 0 || e.other().sight.dark {
		return
	}
	n, now := w.c.block, e.next
	newest := now + w.c.transit - 1 // the last block the sender has given
	back := uint64(w.fault.EchoDelayOctets / n)
	rest := w.fault.EchoDelayOctets % n
	if newest <= back+1 {
		return
	}
	law, d := w.c.law, int(w.c.kind.D())
	for ts := 1; ts < span.Slots; ts++ {
		if ts == d && !w.c.noD {
			continue
		}
		older, old := w.place(newest-back-1, ts), w.place(newest-back, ts)
		for i := range n {
			var sent byte
			switch {
			case i < rest && older != nil:
				sent = older[n-rest+i]
			case i >= rest && old != nil:
				sent = old[i-rest]
			default:
				continue
			}
			sum := int32(law.Decode(rx[ts][i])) + int32(law.Decode(sent))*w.echoGain>>echoShift
			rx[ts][i] = law.Encode(int16(min(max(sum, -32768), 32767)))
		}
	}
}

func fill(octets []byte, octet byte) {
	for i := range octets {
		octets[i] = octet
	}
}
