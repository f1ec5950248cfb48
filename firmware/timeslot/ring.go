package timeslot

import "sync/atomic"

// A ring hands the octets of one direction of one timeslot from one goroutine (the writer) to one other (the reader)
// without a lock. Beside each octet it may carry another one that belongs to the same instant.
//
// Who owns a place: place i&mask belongs to the writer while i is not yet below head, and to the reader while
// tail <= i < head. The writer fills the places of a block first and then stores head+len(block): that store hands them
// over, and the reader's load of head takes them. The reader copies them out first and then stores the new tail: that
// store gives them back, and the writer's load of tail takes them. head is stored by the writer only, tail by the reader
// only. Both count octets since the ring was made and wrap at 2^32, which the subtraction head-tail survives.
//
// Overflow: when the reader owns too many places, the writer drops the new block and tells its caller, who counts it.
// Nothing waits.
type ring struct {
	head   atomic.Uint32
	_      [60]byte // the writer's and the reader's index live in different cache lines
	tail   atomic.Uint32
	_      [60]byte
	octets [size]byte
	beside *[size]byte // nil where nothing is carried beside
}

// size is the number of octets a ring holds, a power of two: 256 ms bridge the longest pause of a garbage collection or
// of a busy machine by far.
const (
	size = 2048
	mask = size - 1
)

// push copies one block in, and what belongs beside it, which may be nil; false says that there was no room and the
// block was dropped.
func (r *ring) push(block, beside []byte) bool {
	head := r.head.Load()
	if head-r.tail.Load() > size-uint32(len(block)) {
		return false
	}
	copyIn(&r.octets, head, block)
	if r.beside != nil {
		copyIn(r.beside, head, beside)
	}
	r.head.Store(head + uint32(len(block)))
	return true
}

// pop copies the oldest octets out until block is full, and what was beside them if beside is not nil; false says that
// there were not so many, and nothing was touched.
func (r *ring) pop(block, beside []byte) bool {
	tail := r.tail.Load()
	if r.head.Load()-tail < uint32(len(block)) {
		return false
	}
	copyOut(block, &r.octets, tail)
	if r.beside != nil && beside != nil {
		copyOut(beside, r.beside, tail)
	}
	r.tail.Store(tail + uint32(len(block)))
	return true
}

// skip drops the n oldest octets, which must be there. It is the reader's.
func (r *ring) skip(n uint32) { r.tail.Store(r.tail.Load() + n) }

// len is the number of octets waiting. It is the reader's.
func (r *ring) len() int { return int(r.head.Load() - r.tail.Load()) }

func copyIn(ring *[size]byte, at uint32, block []byte) {
	n := copy(ring[at&mask:], block)
	copy(ring[:], block[n:])
}

func copyOut(block []byte, ring *[size]byte, at uint32) {
	n := copy(block, ring[at&mask:])
	copy(block[n:], ring[:])
}
