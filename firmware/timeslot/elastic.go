package timeslot

// elastic is the reader's side of a ring between two clocks: the line's and that of whoever joins it with others. It
// keeps as little sound waiting as the two clocks allow, and touches no octet where the clocks are one.
//
// A ring fills and empties by whole blocks. It runs dry for one of two reasons:
//
//   - The writer was kept from writing, and writes at once what it owes when it goes on. Nothing is wrong with the
//     clocks. The blocks of silence said meanwhile are that much sound more in the ring; what is more than a block is
//     brought down again, an octet at a time.
//   - The order of a writing and a reading tick has turned round. Nothing comes at once afterwards: the ring is again
//     as empty as it was, and the block of silence has made room for a whole block's jitter. Where the clocks are one
//     that is enough for ever, or another one is where either may come most of a block late. When it goes on turning
//     they are not one: a margin is made, and from then on single octets are left out or said twice before the ring can
//     overflow or run dry: controlled slips of one frame, as between two exchanges (G.822 counts them so).
//
// A reader that was kept from reading comes several times at once afterwards and so finds the ring as it was. Only what
// still waits for tooLong is dropped, in whole blocks.
type elastic struct {
	began  bool
	dried  bool // the ring ran dry since the last look
	turned int  // how often the order of the ticks turned round
	margin int  // octets that must be left when there are the least: 0 until the order has turned too often
	least  int  // octets left after a read, the least since the window began
	reads  int  // in this window
	over   int  // reads in a row that found more than highWater blocks
	owed   int  // octets to leave out, or if negative to say twice
	late   int  // octets of silence said while the ring was dry: as many may pile up with the clocks being one
}

const (
	// turns is how often the order of the ticks may turn round on one clock.
	turns = 2
	// highWater is how many blocks may wait for as long as tooLong.
	highWater = 4
	// tooLong is how many reads in a row may find more than that: as many as a ring holds blocks of 10 ms, so that a
	// reader which comes for all of them at once loses none.
	tooLong = size / 80
	// window is after how many blocks the least is looked at: a second at 10 ms, long enough for every order in which
	// two clocks' ticks can come.
	window = 100
	// slack is the margin beside a block between clocks that are not one: 4 ms.
	slack = 32
)

// slipped is what a read did to the sound.
type slipped struct {
	octets  int  // left out or said twice
	clocks  int  // of them those that only two clocks explain
	dropped int  // blocks that had waited too long
	dry     bool // there was nothing to read, though there had been before
	empty   bool // there was nothing to read
}

// read fills block from the ring, and beside with what belongs beside it if that is not nil. When the ring is empty,
// neither is touched.
func (e *elastic) read(r *ring, block, beside []byte) (s slipped) {
	n := len(block)
	have := r.len()
	if !e.began && have > n {
		r.skip(uint32(have - n)) // from before anybody listened
		have = n
	}
	if e.over++; have <= highWater*n {
		e.over = 0
	} else if e.over > tooLong {
		s.dropped = (have - n - e.margin) / n
		r.skip(uint32(s.dropped * n))
		have -= s.dropped * n
		e.late = max(0, e.late-s.dropped*n)
		e.over, e.owed, e.reads = 0, 0, 0
	}
	if have < n {
		s.empty, s.dry = true, e.began
		e.dried, e.reads = e.began, 0
		if e.began {
			e.late = min(e.late+n, size)
		}
		return s
	}
	e.began = true
	switch {
	case e.owed > 0 && have > n:
		r.skip(1)
		e.owed--
		s.octets++
		if e.late > 0 {
			e.late--
		} else {
			s.clocks++
		}
	case e.owed < 0:
		r.pop(block[:n-1], head(beside, n-1))
		block[n-1] = block[n-2]
		if beside != nil {
			beside[n-1] = beside[n-2]
		}
		e.owed++
		s.octets++
		s.clocks++
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
	if e.dried && e.least < block {
		if e.turned++; e.turned > turns {
			e.margin, e.late = block+slack, 0
		}
	}
	e.dried = false
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
