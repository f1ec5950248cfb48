package timeslot

import (
	"sync/atomic"

	"trunkbox/drivers/span"
)

// A ring hands blocks of one direction of one timeslot from one goroutine (the writer) to one other
// (the reader) without a lock.
//
// Who owns a slot: slot i&mask belongs to the writer while i is not yet below head, and to the reader
// while tail <= i < head. The writer fills its slot first and then stores head+1: that store hands the
// slot over, and the reader's load of head takes it. The reader copies the slot out first and then
// stores tail+1: that store gives the slot back, and the writer's load of tail takes it. head is
// stored by the writer only, tail by the reader only. Both count blocks since the ring was made and
// wrap at 2^32, which the subtraction head-tail survives.
//
// Overflow: when all slots are the reader's, the writer drops the new block and tells its caller, who
// counts it. Nothing waits.
type ring struct {
	head  atomic.Uint32
	_     [60]byte // the writer's and the reader's index live in different cache lines
	tail  atomic.Uint32
	_     [60]byte
	slots [depth][span.MaxBlock]byte
}

// depth is the number of blocks a ring holds, a power of two: 8 blocks of 10 ms bridge the longest
// pause of a garbage collection or of a busy machine by far.
const (
	depth = 8
	mask  = depth - 1
)

// push copies one block in; false says that the ring was full and the block was dropped.
func (r *ring) push(block []byte) bool {
	head := r.head.Load()
	if head-r.tail.Load() == depth {
		return false
	}
	copy(r.slots[head&mask][:], block)
	r.head.Store(head + 1)
	return true
}

// pop copies the oldest block out; false says that the ring was empty and block is untouched.
func (r *ring) pop(block []byte) bool {
	tail := r.tail.Load()
	if r.head.Load() == tail {
		return false
	}
	copy(block, r.slots[tail&mask][:])
	r.tail.Store(tail + 1)
	return true
}

// trim drops the oldest blocks until at most keep are left, and returns how many it dropped. It is the
// reader's.
func (r *ring) trim(keep uint32) uint32 {
	tail := r.tail.Load()
	n := r.head.Load() - tail
	if n <= keep {
		return 0
	}
	r.tail.Store(tail + n - keep)
	return n - keep
}

// len is the number of blocks waiting. It is the reader's.
func (r *ring) len() uint32 { return r.head.Load() - r.tail.Load() }
