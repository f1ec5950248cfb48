package timeslot

// elastic is the reader's side of a ring between two clocks: the line's and that of whoever joins it with others. It
// keeps as little sound waiting as the two clocks allow.
//
// When the clocks differ, the ring slowly fills or empties, a block at a time: the order of a writing and a reading tick
// turns round. The first time this leaves the ring dry, a margin of a block is made; from then on single octets are left
// out or said twice before it can overflow or run dry: controlled slips of one frame, as between two exchanges (G.822
// counts them so). What waits after a stall is brought down in the same way, unless it is more than highWater blocks,
// which are dropped at once. Where the clocks are one, nothing is ever touched.
type elastic struct {
	began  bool
	margin int // octets that must be left when there are the least: 0 until the ring ran dry once
	least  int // octets left after a read, the least since the window began
	reads  int // in this window
	owed   int // octets to leave out, or if negative to say twice
}

const (
	// highWater is how many blocks may wait before all but one and the margin are dropped.
	highWater = 4
	// window is after how many blocks the least is looked at: a second at 10 ms, long enough for every order in which
	// two clocks' ticks can come.
	window = 100
	// slack is the margin beside a block between clocks that are not one: 4 ms.
	slack = 32
)

// slipped is what a read did to the sound.
type slipped struct {
	octets int // left out or said twice
	dry    bool
}

// read fills block from the ring, and beside with what belongs beside it if that is not nil. When the ring is dry,
// neither is touched.
func (e *elastic) read(r *ring, block, beside []byte) (s slipped) {
	n := len(block)
	have := r.len()
	if keep := n + e.margin; have > highWater*n {
		s.octets = have - keep
		r.skip(uint32(have - keep))
		have, e.owed = keep, 0
	}
	if have < n {
		if e.began {
			e.margin, e.reads = n+slack, 0
		}
		s.dry = true
		return s
	}
	e.began = true
	switch {
	case e.owed > 0 && have > n:
		r.skip(1)
		e.owed--
		s.octets++
	case e.owed < 0:
		r.pop(block[:n-1], head(beside, n-1))
		block[n-1] = block[n-2]
		if beside != nil {
			beside[n-1] = beside[n-2]
		}
		e.owed++
		s.octets++
		e.look(r.len(), n)
		return s
	}
	r.pop(block, beside)
	e.look(r.len(), n)
	return s
}

// look takes note of how much is left, and says at the end of a window what is owed.
func (e *elastic) look(left, block int) {
	if e.reads == 0 || left < e.least {
		e.least = left
	}
	if e.reads++; e.reads < window {
		return
	}
	e.reads = 0
	switch high := e.margin + block; {
	case e.least > high:
		e.owed = min(e.least-e.margin, window)
	case e.least < e.margin:
		e.owed = e.least - e.margin
	default:
		e.owed = 0
	}
}

func head(block []byte, n int) []byte {
	if block == nil {
		return nil
	}
	return block[:n]
}
