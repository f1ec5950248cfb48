package rtp

import "sync/atomic"

// The inbox carries what arrived from the pump's thread to the engine's.
//
// Ownership of a slot: slot i of the ring belongs to the pump while i is in [tail, head+inboxSlots), and to
// the engine while i is in [head, tail), counted modulo inboxSlots. The pump fills slots from tail on and
// hands them over with the store to tail; the engine reads slots[head] and hands it back with the store to
// head. Each index has one writer, so neither side ever waits for the other.
//
// When the ring is full the newest packet is dropped and Stats.Overflow counts it: an engine that does not
// hear has no use for either, and dropping the oldest would need a second writer of head.
const (
	inboxSlots = 24
	// cell is the sound in one slot; a longer packet takes several.
	cell = 160
	// MaxPayload is the longest payload taken from one packet: 80 ms.
	MaxPayload = 640
)

// arrival is one received packet or a part of it, stripped to what playing it needs.
type arrival struct {
	timestamp uint32
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
	_     [60]byte      // the two indices are written by two cores
	tail  atomic.Uint32 // stored by the pump only
	_     [60]byte
	slots [inboxSlots]arrival
}

// room tells whether n slots are free. Pump only.
func (b *inbox) room(n int) bool {
	return int(b.tail.Load()-b.head.Load())+n <= inboxSlots
}

// slot is the slot i behind the next one to fill; there must be room. Pump only.
func (b *inbox) slot(i int) *arrival { return &b.slots[(b.tail.Load()+uint32(i))%inboxSlots] }

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
