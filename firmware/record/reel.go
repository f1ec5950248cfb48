package record

import (
	"sync"
	"sync/atomic"

	"trunkbox/dsp"
)

// A reel is the queue between the bridge's thread and the writer: pieces, each with a link to the next, of which there are
// no more than sound lies on. A disk that keeps up needs a quarter of a second of them, and one that stands still may have
// ringSize.
//
// Every piece belongs to one of three at a time, and one store hands it over:
//
//	whose          what is done with it                                     handed over by
//	the stock's    it is empty, and fits any reel                           stock.tail, stored by who fills the stock
//	the engine's   octets are put on it; a full one is given its link       head, stored by the engine after octets and link
//	the writer's   the octets are copied off, an empty piece goes back      the stock's lock
//
//	   from ──► next ──► next ──► into
//	  ░░░░▓▓▓▓ ▓▓▓▓▓▓▓▓ ▓▓▓▓▓▓▓▓ ▓▓▓     head - tail octets, ringSize at most
//	      tail                      head
//
// Head and tail count octets, and wrap. The writer follows a link only when there are octets behind it. A reel that has ended
// keeps its last pieces, as the engine may still be at work on one; they go with it.
type reel struct {
	into   *piece // the engine's: what it fills
	filled uint32 // octets of it
	from   *piece // the writer's, but for the first, which the engine stores before head: what it takes from
	taken  uint32 // octets of it

	head, tail atomic.Uint32
	pieces     atomic.Int32 // on the reel; below zero: no more come
}

// piece is the unit of room: 32 ms of two channels. With its link it is 512 octets, which is a size that memory comes in.
type piece struct {
	next   *piece
	octets [pieceSize]byte
}

const (
	pieceSize = 504
	ringSize  = 1 << 16 // four seconds of two channels: so long may the disk take for one pass of writing
	// ahead is how many pieces a tape finds in the stock, at least: 126 ms of two channels, so late may the supplier come.
	ahead = 4
)

// push puts octets on the reel, the two channels in turns, or one where right is nil. It says whether there was room.
func (r *reel) push(left, right []byte, from *stock) bool {
	head, n := r.head.Load(), uint32(len(left)+len(right))
	if head-r.tail.Load()+n > ringSize {
		return false
	}
	into, filled := r.into, r.filled
	if into == nil || pieceSize-filled < n {
		p := from.take(r)
		if p == nil {
			return false
		}
		if into == nil {
			r.into, r.from, into = p, p, p
		} else {
			into.next = p
		}
	}
	for len(left) > 0 {
		if filled == pieceSize {
			into, filled = into.next, 0
		}
		part := into.octets[filled:]
		var took int
		if right == nil {
			took = copy(part, left)
			filled += uint32(took)
		} else {
			took = interleave(part, left, right)
			right = right[took:]
			filled += 2 * uint32(took)
		}
		left = left[took:]
	}
	r.into, r.filled = into, filled
	r.head.Store(head + n)
	return true
}

// interleave puts as many octets of both channels as there is room for, and says how many of each.
func interleave(into, left, right []byte) int {
	n := min(len(into)/2, len(left))
	left, right, into = left[:n], right[:n], into[:2*n]
	for i, octet := range left {
		into[2*i] = octet
		into[2*i+1] = right[i]
	}
	return n
}

// pull copies what is to be written behind what is in into, and gives the pieces that are empty then back.
func (r *reel) pull(into []byte, to *stock) []byte {
	tail, head := r.tail.Load(), r.head.Load()
	var empty *piece
	n := int32(0)
	for tail != head {
		if r.taken == pieceSize {
			p := r.from
			r.from, r.taken = p.next, 0
			p.next, empty = empty, p
			n++
		}
		part := r.from.octets[r.taken:]
		part = part[:min(uint32(len(part)), head-tail)]
		into = append(into, part...)
		tail += uint32(len(part))
		r.taken += uint32(len(part))
	}
	r.tail.Store(tail)
	r.pieces.Add(-n)
	to.back(empty, int(n))
	return into
}

// stock is where pieces come from and go to. The engine takes from a ring without waiting for anybody; who fills it holds the
// lock, which is never the engine's to take.
type stock struct {
	head  atomic.Uint32 // stored by the engine
	tail  atomic.Uint32 // stored with mu held
	ready [readyPieces]*piece

	mu     sync.Mutex
	made   int // there are, on reels and ready
	wanted int // ready, at least
}

const (
	// stockPieces are all there may ever be, four seconds of 480 recordings and what is ready: 33 MiB, when the disk stands
	// still.
	stockPieces = 480*(ringSize/pieceSize+1) + readyPieces
	// readyPieces are the most that wait for the engine; a power of two.
	readyPieces = 4096
	// leastReady wait however few tapes there are: a second of one, so that few recordings bear a supplier who comes much later.
	leastReady = 32
	// comeBack is how many more may wait for each tape that is recorded: what a pass of the writer brings, as the next tapes need it.
	comeBack = 3
)

// take gives a reel one more piece; nil: there is none, or the reel has ended. Engine thread only.
func (s *stock) take(r *reel) *piece {
	head := s.head.Load()
	if head == s.tail.Load() || r.pieces.Add(1) < 0 {
		return nil
	}
	slot := &s.ready[head%readyPieces]
	p := *slot
	*slot = nil
	s.head.Store(head + 1)
	return p
}

// waiting is how many pieces are ready. With mu held it can only be less a moment later.
func (s *stock) waiting() int { return int(s.tail.Load() - s.head.Load()) }

// supply has enough ready for so many tapes, unless the disk is behind by all that it may be. A new piece is touched, so that
// it is not the engine who waits for the kernel's memory.
func (s *stock) supply(tapes int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wanted = min(max(ahead*tapes, leastReady), readyPieces)
	for s.waiting() < s.wanted && s.made < stockPieces {
		p := new(piece)
		p.octets[0] = dsp.ALaw.Silence()
		s.made++
		s.put(p)
	}
}

// put makes a piece ready. With mu held.
func (s *stock) put(p *piece) {
	tail := s.tail.Load()
	s.ready[tail%readyPieces] = p
	s.tail.Store(tail + 1)
}

// back takes n empty pieces, linked, back. What is above what the next pass needs goes to the collector.
func (s *stock) back(p *piece, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	most := min(s.wanted+s.wanted*comeBack/ahead, readyPieces)
	for ; p != nil && s.waiting() < most; n-- {
		next := p.next
		p.next = nil
		s.put(p)
		p = next
	}
	s.made -= n
}

// end ends a reel: what it still has is its own.
func (s *stock) end(r *reel) {
	const noMore = -1 << 30
	s.mu.Lock()
	defer s.mu.Unlock()
	s.made -= int(r.pieces.Swap(noMore))
}
