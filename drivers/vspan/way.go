package vspan

import (
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

	on      bool       // the sender's transmitter is switched on
	cut     bool       // the cable is pulled out
	ordered span.Alarm // sent on purpose by the far process
	fault   Fault

	errors   bitErrors
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
	w.on, w.first = on, 0
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

// open makes room for a block and says whether it comes in time for the receiver.
func (w *way) open(stamp uint64) bool {
	if w.first == 0 {
		w.first = stamp
	}
	if stamp <= w.read {
		return false
	}
	w.stamps[stamp%uint64(len(w.stamps))] = stamp
	return true
}

// take fills rx with the block for moment now, faults and all, and says whether there was one: when
// there was none, rx is idle.
func (w *way) take(now uint64, rx *span.Block, receiver, sender *span.Counters) bool {
	n := w.c.block
	stamp := uint64(1)
	if d := uint64(w.fault.DelayBlocks); now > d {
		stamp = now - d
	}
	w.read = max(w.read, stamp)
	if w.alarms().Down() {
		for ts := range rx {
			fill(rx[ts][:n], 0xff)
		}
		return true
	}
	given := w.place(stamp, 0) != nil
	if !given && (w.first == 0 || stamp >= w.first) {
		sender.TxUnderruns++
	}
	w.slip(receiver)
	for ts := range rx {
		w.copy(rx[ts][:n], stamp, ts)
	}
	w.c.spoil(w, rx, receiver, sender)
	return given
}

// copy takes one timeslot, a whole block or, while the receiver is late, from one octet before it.
func (w *way) copy(dst []byte, stamp uint64, ts int) {
	if w.late {
		if before := w.place(stamp-1, ts); before != nil {
			dst[0] = before[len(before)-1]
		} else {
			dst[0] = w.idle(ts)
		}
		dst = dst[1:]
	}
	if copy(dst, w.place(stamp, ts)) == 0 {
		fill(dst, w.idle(ts))
	}
}

// idle is what a transmitter sends in a timeslot for which it has nothing.
func (w *way) idle(ts int) byte {
	if span.Timeslot(ts) == w.c.kind.D() {
		return hdlc.Flag
	}
	return w.c.law.Silence()
}

// slip makes one controlled slip if one is due: an octet of every timeslot twice, or not at all. They
// take turns, since both ends of a cable have one clock.
func (w *way) slip(receiver *span.Counters) {
	w.slipPart += w.fault.SlipsPerS * float64(w.c.block) / 8000
	for w.slipPart >= 1 {
		w.slipPart--
		w.slips++
	}
	if w.slips > 0 {
		w.slips--
		w.late = !w.late
		receiver.Slips++
	}
}

// echo adds to rx, which the sender of this way has received at moment now, what it has sent.
func (w *way) echo(now uint64, rx *span.Block) {
	if w.echoGain == 0 || w.alarms().Down() {
		return
	}
	n := w.c.block
	newest := now + w.c.transit - 1 // the last block the sender has given
	back := uint64(w.fault.EchoDelayOctets / n)
	rest := w.fault.EchoDelayOctets % n
	if newest <= back+1 {
		return
	}
	law, d := w.c.law, int(w.c.kind.D())
	for ts := 1; ts < span.Slots; ts++ {
		if ts == d {
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
