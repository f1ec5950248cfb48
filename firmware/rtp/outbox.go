package rtp

import "sync/atomic"

// The outbox carries what is to be sent from the engine's thread to the pump's. Slots change hands as in
// the inbox, the other way round: the engine fills slots[tail] and stores tail, the pump reads slots[head]
// and stores head. When it is full the packet is dropped and Stats.SendErrors counts it. A departure is also where
// a relay begins: what was spoken before goes before.
const (
	outboxSlots = 4 // or, of packets of 10 ms, twice as many: 80 ms at least
	outboxMost  = 2 * outboxSlots
)

// departure is one packet to be sent, in the port's law; from is not nil: no packet, but a relay that begins at the
// place in from, with the engine's numbers.
type departure struct {
	from      *Stream
	position  uint32
	turn      uint16
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
	_     [60]byte      // the two indices are written by two cores
	tail  atomic.Uint32 // stored by the engine thread only
	slots []departure   // a power of two
	short [640]byte     // the octets of packets up to 20 ms
}

// init makes the slots empty, each with room for size octets. It allocates nothing where there are slots of 20 ms and those
// are asked for.
func (b *outbox) init(size int) {
	n := outboxSlots
	if size*outboxSlots < len(b.short) {
		n = outboxMost
	}
	if len(b.slots) != n {
		b.slots = make([]departure, n)
	}
	all := b.short[:]
	if n*size > len(all) {
		all = make([]byte, n*size)
	}
	for i := range b.slots {
		b.slots[i].octets = all[i*size : i*size : (i+1)*size]
	}
}

// slot is the slot to fill next, nil when there is none. Engine thread only.
func (b *outbox) slot() *departure {
	tail := b.tail.Load()
	if int(tail-b.head.Load()) == len(b.slots) {
		return nil
	}
	return &b.slots[tail&uint32(len(b.slots)-1)]
}

// push hands the slot over. Engine thread only.
func (b *outbox) push() { b.tail.Store(b.tail.Load() + 1) }

// peek is the oldest departure, nil when there is none. Pump only.
func (b *outbox) peek() *departure {
	head := b.head.Load()
	if head == b.tail.Load() {
		return nil
	}
	return &b.slots[head&uint32(len(b.slots)-1)]
}

// pop hands the slot back. Pump only.
func (b *outbox) pop() { b.head.Store(b.head.Load() + 1) }
