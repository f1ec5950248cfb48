package pri

import (
	"sync/atomic"
	"time"

	"trunkbox/drivers/span"
	"trunkbox/firmware/q850"
	"trunkbox/firmware/q931"
)

// ledgerLength is how many events of each channel are kept.
const ledgerLength = 32

// Record is one thing that happened to a B channel.
type Record struct {
	At     time.Time
	State  State
	Reason Reason     // why, where the state needs one
	Way    string     // "in" or "out": which way the call goes that has the channel, or had it
	Call   string     // that call, as Belongs named it
	Ref    string     // its reference, as q931.Ref writes it in the far side's messages
	Cause  q850.Cause // why it is being cleared, or was; 0: it is not
}

// ledger is the last events of one channel, the oldest overwritten first.
type ledger struct {
	events [ledgerLength]entry
	count  uint64 // events ever
}

// known is what a ledger keeps of a leg, which may be long gone.
type known struct {
	outgoing bool
	id       atomic.Pointer[string] // of its call
	ref      atomic.Uint32          // of its machine: flag and value
	why      atomic.Uint32          // the cause of its clearing
}

// entry is a Record with its call's words not made yet: writing one allocates nothing.
type entry struct {
	at     time.Time
	state  State
	reason Reason
	of     *known
	ref    uint32
	cause  q850.Cause
}

func (b *ledger) write(state State, reason Reason, l *leg) {
	e := entry{at: time.Now(), state: state, reason: reason}
	if l != nil {
		e.of = l.known
		e.ref, e.cause = l.ref.Load(), q850.Cause(l.why.Load())
	}
	b.events[b.count%ledgerLength] = e
	b.count++
}

// read returns the events, the oldest first.
func (b *ledger) read() []Record {
	n := min(b.count, ledgerLength)
	records := make([]Record, 0, n)
	for i := b.count - n; i < b.count; i++ {
		records = append(records, b.events[i%ledgerLength].record())
	}
	return records
}

func (e *entry) record() Record {
	r := Record{At: e.at, State: e.state, Reason: e.reason, Cause: e.cause}
	if e.of == nil {
		return r
	}
	r.Way = "in"
	if e.of.outgoing {
		r.Way = "out"
	}
	if id := e.of.id.Load(); id != nil {
		r.Call = *id
	}
	if e.ref != 0 {
		r.Ref = q931.Ref{Flag: e.ref&flagOfRef != 0, Value: uint16(e.ref), Length: 2}.String()
	}
	return r
}

// flagOfRef is the flag of a reference in leg.ref, above the 15 bits of its value.
const flagOfRef = 1 << 16

// refers writes the reference of the leg's call down for the ledger.
func (l *leg) refers(ref q931.Ref) {
	value := uint32(ref.Value)
	if ref.Flag {
		value |= flagOfRef
	}
	l.ref.Store(value)
}

// Belongs names the call whose leg this is, as the ledger is to show it.
func (l *leg) Belongs(id string) { l.id.Store(&id) }

// Ledger is what happened to a channel lately, the oldest first; at most 32 events. A timeslot that is no B channel of
// the line has none.
func (a *Access) Ledger(ts span.Timeslot) []Record {
	if !a.channels.exists(ts) {
		return nil
	}
	a.channels.mu.Lock()
	defer a.channels.mu.Unlock()
	return a.channels.ledgers[ts].read()
}
