package rtp

import "sync/atomic"

// The inbox carries what arrived from the receive goroutine to the engine thread.
//
// Ownership of a slot: slot i of the ring belongs to the receive goroutine while i is in
// [tail, head+inboxSlots), and to the engine thread while i is in [head, tail), counted modulo
// inboxSlots. The receive goroutine fills slots[tail] and hands it over with the store to tail; the
// engine thread reads slots[head] and hands it back with the store to head. Each index has one
// writer, so neither side ever waits for the other.
//
// When the ring is full the newest packet is dropped and Stats.Overflow counts it: an engine that
// does not hear has no use for either, and dropping the oldest would need a second writer of head.
const (
	inboxSlots = 32
	// MaxPayload is the longest G.711 payload taken from one packet: 80 ms.
	MaxPayload = 640
)

// arrival is one received packet, stripped to what playing it needs.
type arrival struct {
	timestamp uint32
	jitter    uint32 // interarrival jitter in samples, RFC 3550 clause 6.4.1
	restart   bool   // the first packet of a new source: what is buffered is of another stream
	press     press  // key 0: sound
	length    int    // octets of sound
	octets    [MaxPayload]byte
}

type inbox struct {
	head  atomic.Uint32 // stored by the engine thread only
	_     [60]byte      // the two indices are written by two cores
	tail  atomic.Uint32 // stored by the receive goroutine only
	_     [60]byte
	slots [inboxSlots]arrival
}

// slot is the slot to fill next, nil when the ring is full. Receive goroutine only.
func (b *inbox) slot() *arrival {
	tail := b.tail.Load()
	if tail-b.head.Load() == inboxSlots {
		return nil
	}
	return &b.slots[tail%inboxSlots]
}

// push hands the slot over. Receive goroutine only.
func (b *inbox) push() { b.tail.Store(b.tail.Load() + 1) }

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
