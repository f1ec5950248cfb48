package rtp

import "sync/atomic"

// The inbox carries what arrived from the pump's thread to the engine's.
//
// Ownership of a slot: slot i of the ring belongs to the pump while i is in [tail, head+inboxSlots), and to
// the engine while i is in [head, tail), counted modulo inboxSlots. The pump fills slots from tail on and
// hands them over with the store to tail; the engine reads slots[head] and hands it back with the store to
// head. Each index has one writer, so neither side ever waits for the other.
//
// What the pump wrote it may read until it writes there again, also while the engine has it: the engine only
// reads. So it finds the last packets there, heard or not; a relay begins with them.
//
// When the ring is full the newest packet is dropped and Stats.Overflow counts it: an engine that does not
// hear has no use for either, and dropping the oldest would need a second writer of head.
const (
	inboxSlots = 16 // 320 ms of 20 ms packets, more than the playout keeps; a power of two, for indices wrap
	// cell is the sound in one slot; a longer packet takes several.
	cell = 160
	// MaxPayload is the longest payload taken from one packet: 80 ms.
	MaxPayload = 640
)

// arrival is one received packet or a part of it, stripped to what playing it needs.
type arrival struct {
	timestamp uint32
	sequence  uint16
	kind      arrivalKind
	restart   bool  // the first packet of a new source: what is buffered is of another stream
	level     uint8 // of comfort noise, as it came
	length    uint8 // octets of sound
	press     press
	octets    [cell]byte
}

type arrivalKind uint8

const (
	soundArrived arrivalKind = iota
	keyArrived
	noiseArrived
)

type inbox struct {
	head  atomic.Uint32 // stored by the engine thread only
	slots [inboxSlots]arrival
	tail  atomic.Uint32 // stored by the pump only, on another core: the slots keep them apart
}

// end is the timestamp after the last octet of sound.
func (a *arrival) end() uint32 { return a.timestamp + uint32(a.length) }

// written is the slot that was, or is to be, filled as the place-th. Pump only.
func (b *inbox) written(place uint32) *arrival { return &b.slots[place%inboxSlots] }

// packet is how many slots from place on, before tail, hold one packet. Pump only.
func (b *inbox) packet(place, tail uint32) uint32 {
	n := uint32(1)
	for place+n != tail && b.written(place+n).sequence == b.written(place).sequence {
		n++
	}
	return n
}

// room tells whether n slots are free. Pump only.
func (b *inbox) room(n int) bool {
	return int(b.tail.Load()-b.head.Load())+n <= inboxSlots
}

// slot is the slot i behind the next one to fill; there must be room. Pump only.
func (b *inbox) slot(i int) *arrival { return b.written(b.tail.Load() + uint32(i)) }

// push hands n slots over. Pump only.
func (b *inbox) push(n int) { b.tail.Store(b.tail.Load() + uint32(n)) }

// peek is the oldest arrival, nil when there is none. Engine thread only.
func (b *inbox) peek() *arrival {
	head := b.head.Load()
	if head == b.tail.Load() {
		return nil
	}
	return &b.slots[head%inboxSlots]
}

// pop hands the slot back. Engine thread only.
func (b *inbox) pop() { b.head.Store(b.head.Load() + 1) }
