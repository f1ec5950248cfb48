package rtp

import "sync/atomic"

// The outbox carries what is to be sent from the engine's thread to the pump's. Slots change hands as in
// the inbox, the other way round: the engine fills slots[tail] and stores tail, the pump reads slots[head]
// and stores head. When it is full the packet is dropped and Stats.SendErrors counts it.
const outboxSlots = 8

// departure is one packet to be sent, in the port's law.
type departure struct {
	sequence  uint16
	marker    bool
	codec     Codec
	typ       uint8 // payload type
	comfort   bool  // octets go as they are: comfort noise, or a telephone-event
	timestamp uint32
	octets    []byte
}

type outbox struct {
	head  atomic.Uint32 // stored by the pump only
	_     [60]byte
	tail  atomic.Uint32 // stored by the engine thread only
	_     [60]byte
	slots [outboxSlots]departure
}

// init gives each slot room for size octets.
func (b *outbox) init(size int) {
	all := make([]byte, outboxSlots*size)
	for i := range b.slots {
		b.slots[i].octets = all[i*size : i*size : (i+1)*size]
	}
}

// slot is the slot to fill next, nil when there is none. Engine thread only.
func (b *outbox) slot() *departure {
	tail := b.tail.Load()
	if tail-b.head.Load() == outboxSlots {
		return nil
	}
	return &b.slots[tail%outboxSlots]
}

// push hands the slot over. Engine thread only.
func (b *outbox) push() { b.tail.Store(b.tail.Load() + 1) }

// peek is the oldest departure, nil when there is none. Pump only.
func (b *outbox) peek() *departure {
	head := b.head.Load()
	if head == b.tail.Load() {
		return nil
	}
	return &b.slots[head%outboxSlots]
}

// pop hands the slot back. Pump only.
func (b *outbox) pop() { b.head.Store(b.head.Load() + 1) }
