package timeslot

import "trunkbox/dsp"

// elastic is the reader's side of a ring between two clocks: the line's and that of whoever joins it with others. It
// keeps as little sound waiting as the two clocks allow, and touches no octet where the clocks are one.
//
// A ring fills and empties by whole blocks. Three things move it:
//
//   - The clocks are not one. The line knows by how much (apart), and orders every timeslot to leave out an octet or to say
//     one twice whenever a frame has come together: controlled slips, as of the elastic store between two exchanges (G.822
//     counts them so). The ring then keeps a block and slack more, so that neither the block by which its filling jumps
//     when the order of a writing and a reading tick turns round, nor one that comes late, empties it.
//   - The writer was kept from writing, and writes at once what it owes when it goes on. Blocks of silence were said
//     meanwhile; as much sound more waits afterwards. None of it is dropped: what is over the level from before is brought
//     down an octet at a time, slowly in sound and fast in silence. These are not the clocks' slips.
//   - The order of the two ticks has turned round. Nothing comes at once afterwards: the ring is as empty as it was, and the
//     block of silence has made room for a whole block's jitter. Where the clocks are one that is enough for ever.
//
// A reader that was kept from reading comes several times at once afterwards and so finds the ring as it was. Only what
// is more than highWater for tooLong is dropped, in whole blocks.
type elastic struct {
	law   dsp.Law
	began bool
	apart bool  // there is room for two clocks
	dried bool  // the ring ran dry since the window began
	done  int64 // frames of the order that were carried out
	level int   // octets left after a read, the least of a window in which nothing was wrong
	last  int   // the same of the last window, whatever it was
	least int   // the same of this window
	reads int   // in this window
	over  int   // reads in a row that found more than highWater
	owed  int   // octets to leave out, or if negative to say twice, to come back to the level
	ago   int   // octets read since the last of those
}

const (
	// highWater is how many octets may wait for as long as tooLong: 160 ms, which come down in seconds where there are pauses.
	highWater = 1280
	// tooLong is how many reads in a row may find more than that: as many as a ring holds blocks of 10 ms, so that a
	// reader which comes for all of them at once loses none.
	tooLong = size / 80
	// window is after how many blocks the least is looked at: half a second at 10 ms, longer than a reader is kept from
	// reading.
	window = 50
	// slack is the margin beside a block between clocks that are not one: 4 ms.
	slack = 32
)

// order is what a line's clock asks of every timeslot: how many frames to have left out since the start, in the reader's
// direction, and whether room for that is to be kept.
type order struct {
	frames int64
	apart  bool
}

// slipped is what a read did to the sound.
type slipped struct {
	octets  int  // left out or said twice
	clocks  int  // of them those that were ordered
	dropped int  // blocks that had waited too long
	dry     bool // there was nothing to read, though there had been before
	empty   bool // there was nothing to read
}

// read fills block from the ring, and beside with what belongs beside it if that is not nil. When the ring is empty,
// neither is touched.
func (e *elastic) read(r *ring, block, beside []byte, o order) (s slipped) {
	n, have := len(block), r.len()
	if !e.began {
		have = e.begin(r, n, have, o)
	}
	if e.over++; have <= highWater {
		e.over = 0
	} else if e.over > tooLong {
		s.dropped = (have - highWater + n - 1) / n
		r.skip(uint32(s.dropped * n))
		have -= s.dropped * n
		e.over, e.owed, e.reads = 0, 0, 0
	}
	if have < n {
		s.empty, s.dry = true, e.began
		e.dried, e.reads = e.began, 0
		return s
	}
	if o.frames == e.done && e.owed == 0 {
		r.pop(block, beside)
	} else {
		s.octets, s.clocks = e.cut(r, block, beside, have-n, o)
	}
	e.look(r.len(), n, o)
	return s
}

// cut fills block with an octet left out or said twice, or several, when so many are over a block; ordered are those of
// them that are for the clocks.
func (e *elastic) cut(r *ring, block, beside []byte, spare int, o order) (octets, ordered int) {
	n := len(block)
	cut := e.step(spare, n, o)
	e.ago += n
	switch {
	case cut != 0:
		ordered = 1
	case e.owed > 0:
		cut = min(haste(r, e.law, n, e.ago), e.owed, spare)
		e.owed -= cut
	case e.owed < 0:
		cut = max(-haste(r, e.law, n, e.ago), e.owed)
		e.owed -= cut
	}
	if cut != 0 {
		e.ago = 0
	}
	switch {
	case cut > 0:
		leaveOut(r, e.law, block, beside, cut)
	case cut < 0:
		sayTwice(r, e.law, block, beside, -cut)
	default:
		r.pop(block, beside)
	}
	return max(cut, -cut), ordered
}

// begin drops what is from before anybody listened, and returns what is left: a block, between two clocks with its margin.
func (e *elastic) begin(r *ring, n, have int, o order) int {
	keep := n
	if o.apart {
		keep += n + slack
	}
	if have < keep {
		return 0
	}
	r.skip(uint32(have - keep))
	e.began, e.apart, e.done = true, o.apart, o.frames
	e.level, e.last = keep-n, keep-n
	return keep
}

// step says whether an octet is to be left out for the clocks, 1, or said twice, -1, when so many are over a block of n. An
// order that the ring needs no more is done by not being carried out: it has the room.
func (e *elastic) step(spare, n int, o order) int {
	switch ask := o.frames - e.done; {
	case ask > 0 && e.last < slack, ask < 0 && e.last > 2*n+slack:
		e.done = o.frames
	case ask > 0 && spare > 0:
		e.done++
		return 1
	case ask < 0:
		e.done--
		return -1
	}
	return 0
}

// look takes note of how much is left, and says at the end of a window what is owed.
func (e *elastic) look(left, n int, o order) {
	if e.reads == 0 || left < e.least {
		e.least = left
	}
	if e.reads++; e.reads < window {
		return
	}
	calm := !e.dried && e.owed == 0
	e.reads, e.dried, e.owed, e.last = 0, false, 0, e.least
	low, usual, high := 0, 0, n
	if o.apart {
		low, usual, high = slack/2, n+slack, 2*n+slack
		if !e.apart {
			low = usual
		}
	}
	switch {
	case e.least > high:
		e.owed = e.least - max(usual, min(e.level, high))
	case e.least < low:
		e.owed = e.least - usual
		e.apart = false
	default:
		e.apart = o.apart
		if calm {
			e.level = e.least
		}
	}
}
