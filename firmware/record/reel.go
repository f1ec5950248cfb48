package record

import (
	"sync"
	"sync/atomic"

	"trunkbox/dsp"
)

// A reel is the ring between the bridge's thread and the writer. It is cut into pieces, which are there only while sound
// lies on them: a disk that keeps up needs half a second of them, and one that stands still may have ringSize.
//
// Every piece belongs to one of four at a time, and one store hands it over (all three count octets, and wrap):
//
//	whose          what is done with it                                     handed over by
//	the stock's    it is empty, and fits any reel                           room, stored by the supplier after the slot
//	the engine's   octets are put on it                                     head, stored by the engine after the octets
//	the writer's   the octets are copied off, the empty piece taken out     tail, stored by the writer after the slot
//	               of its slot and given back to the stock
//
//	      tail            head                          room
//	   ────┼───────────────┼─────────────────────────────┼────   tail ≤ head ≤ room ≤ (tail's piece) + ringSize
//	       │ to be written │ pieces that wait for sound  │
//
// The supplier is not the writer, because the writer is the one who waits when the disk stands still. A reel that has ended
// keeps its last pieces, as the engine may still be at work on one; they go with it.
type reel struct {
	slots            [ringSize / pieceSize]*piece
	room, head, tail atomic.Uint32
	turned           bool // no more pieces come; under the stock's lock
}

// piece is the unit of room: 64 ms of two channels.
type piece [pieceSize]byte

const (
	pieceSize = 1 << 10
	ringSize  = 1 << 16 // four seconds of two channels: so long may the disk take for one pass of writing
	// ahead is the room that a tape finds in front of it, at least: 256 ms of two channels, so late may the supplier come.
	ahead = 4 * pieceSize
)

// push puts octets on the reel, the two channels in turns, or one where right is nil. It says whether there was room.
func (r *reel) push(left, right []byte) bool {
	head, n := r.head.Load(), uint32(len(left)+len(right))
	if r.room.Load()-head < n {
		return false
	}
	for len(left) > 0 {
		part := r.slots[head/pieceSize%uint32(len(r.slots))][head%pieceSize:]
		var took int
		if right == nil {
			took = copy(part, left)
			head += uint32(took)
		} else {
			took = interleave(part, left, right)
			right = right[took:]
			head += 2 * uint32(took)
		}
		left = left[took:]
	}
	r.head.Store(head)
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
func (r *reel) pull(into []byte, from *stock) []byte {
	tail, head := r.tail.Load(), r.head.Load()
	var empty [len(r.slots)]*piece
	n := 0
	for tail != head {
		slot := tail / pieceSize % uint32(len(r.slots))
		part := r.slots[slot][tail%pieceSize:]
		part = part[:min(uint32(len(part)), head-tail)]
		into = append(into, part...)
		tail += uint32(len(part))
		if tail%pieceSize == 0 {
			empty[n], r.slots[slot] = r.slots[slot], nil
			n++
		}
	}
	r.tail.Store(tail)
	from.back(empty[:n])
	return into
}

// stock is where pieces come from and go to. Its lock is never the engine's to take.
type stock struct {
	mu    sync.Mutex
	empty []*piece
	lent  int
}

const (
	// stockPieces are all there may ever be, four seconds of 480 recordings: 30 MiB, when the disk stands still.
	stockPieces = 480 * ringSize / pieceSize
	// idlePieces are kept for the next who needs them; what is above goes back to the collector.
	idlePieces = 1024
)

// supply gives a reel pieces up to ahead of its head, unless the disk is behind by all that it may be.
func (s *stock) supply(r *reel) {
	room := r.room.Load()
	if room-r.head.Load() >= ahead {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	first := r.tail.Load() &^ (pieceSize - 1)
	for !r.turned && room-r.head.Load() < ahead && room-first < ringSize && s.lent < stockPieces {
		r.slots[room/pieceSize%uint32(len(r.slots))] = s.one()
		room += pieceSize
		r.room.Store(room)
	}
}

// one is an empty piece. A new one is touched, so that it is the supplier who waits for the kernel's memory.
func (s *stock) one() *piece {
	s.lent++
	if n := len(s.empty); n > 0 {
		p := s.empty[n-1]
		s.empty = s.empty[:n-1]
		return p
	}
	p := new(piece)
	p[0] = dsp.ALaw.Silence()
	return p
}

// back takes empty pieces back.
func (s *stock) back(pieces []*piece) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lent -= len(pieces)
	s.empty = append(s.empty, pieces[:min(len(pieces), max(0, idlePieces-len(s.empty)))]...)
}

// turn ends a reel: what it still has is its own.
func (s *stock) turn(r *reel) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r.turned = true
	s.lent -= int((r.room.Load() - r.tail.Load()&^(pieceSize-1)) / pieceSize)
}
