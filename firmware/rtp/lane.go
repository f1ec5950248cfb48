package rtp

import "sync/atomic"

// lane is how sound reaches the engine from the pump while it is relayed and there is no apparatus: the pump fills
// slots from tail on, the engine empties them from head on, as in the inbox. It has room for a few packets, since
// the engine comes by every tick. Nothing but sound goes by it.
type lane struct {
	head       atomic.Uint32 // stored by the engine thread only
	tail       atomic.Uint32 // stored by the pump only
	timestamps [laneSlots]uint32
	lengths    [laneSlots]uint8
	hold       *hold // nil before the first time
}

// hold is the room of a lane, and the buffer that sound is played from meanwhile.
type hold struct {
	cells [laneSlots][cell]byte
	have  [laneRing / 64]uint64
	ring  [laneRing]byte
}

const (
	laneSlots = 4    // 80 ms; a power of two, for indices wrap
	laneRing  = 1024 // 128 ms
)

// room is the octets of the next slot, nil when there is none. Pump only.
func (l *lane) room() *[cell]byte {
	tail := l.tail.Load()
	if l.hold == nil || tail-l.head.Load() == laneSlots {
		return nil
	}
	return &l.hold.cells[tail%laneSlots]
}

// push hands the slot over, filled with n octets. Pump only.
func (l *lane) push(timestamp uint32, n int) {
	tail := l.tail.Load()
	l.timestamps[tail%laneSlots], l.lengths[tail%laneSlots] = timestamp, uint8(n)
	l.tail.Store(tail + 1)
}

// last is the sound that was the i-th last to come, heard or not; nil when it is not there any more. Pump only.
func (l *lane) last(i uint32) []byte {
	if l.hold == nil || i > laneSlots {
		return nil
	}
	slot := (l.tail.Load() - i) % laneSlots
	return l.hold.cells[slot][:l.lengths[slot]]
}

// peek is the oldest packet; nil when there is none. Engine thread only.
func (l *lane) peek() (timestamp uint32, octets []byte) {
	head := l.head.Load()
	if head == l.tail.Load() {
		return 0, nil
	}
	slot := head % laneSlots
	return l.timestamps[slot], l.hold.cells[slot][:l.lengths[slot]]
}

// pop hands the slot back. Engine thread only.
func (l *lane) pop() { l.head.Store(l.head.Load() + 1) }
