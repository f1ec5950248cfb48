package rtp

import "sync/atomic"

// queue carries what the pump has for the reporter, as the inbox carries sound: the pump fills slots[tail] and stores tail,
// the reporter reads slots[head] and stores head; neither waits. What finds it full the pump keeps for later.
type queue[T any] struct {
	head  atomic.Uint32 // stored by the reporter only
	_     [60]byte      // the two indices are written by two cores
	tail  atomic.Uint32 // stored by the pump only
	slots [queueSlots]T
}

// queueSlots are several times the reports of 480 calls that become due while the reporter rests; a power of two, for
// indices wrap.
const queueSlots = 64

// slot is the slot to fill next, nil when there is none. Pump only.
func (q *queue[T]) slot() *T {
	tail := q.tail.Load()
	if tail-q.head.Load() == queueSlots {
		return nil
	}
	return &q.slots[tail%queueSlots]
}

// push hands the slot over. Pump only.
func (q *queue[T]) push() { q.tail.Store(q.tail.Load() + 1) }

// peek is the oldest entry, nil when there is none. Reporter only.
func (q *queue[T]) peek() *T {
	head := q.head.Load()
	if head == q.tail.Load() {
		return nil
	}
	return &q.slots[head%queueSlots]
}

// pop hands the slot back, without a trace of the stream. Reporter only.
func (q *queue[T]) pop() {
	var none T
	head := q.head.Load()
	q.slots[head%queueSlots] = none
	q.head.Store(head + 1)
}
