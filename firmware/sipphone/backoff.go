package sipphone

import (
	"net/netip"
	"sync"
	"time"
)

// backoff slows down who guesses passwords. It counts failures by source address and by extension:
//
//   - the answer to a failure waits longer each time, up to longestWait; only slotLimit answers wait at a
//     time, beyond that a failure gets no answer at all;
//   - an address with blockAfter failures is not listened to any more for blockFor, save for extensions
//     that have proved their password from there: a phone with a wrong password does not take the others
//     behind the same NAT with it.
//
// An extension is never blocked, for that would let anybody lock an agent out.
type backoff struct {
	first   time.Duration // until the answer to the first failure
	mu      sync.Mutex
	sources map[netip.Addr]*failures
	names   map[string]*failures
	proved  map[visitor]time.Time
	waiting int
	told    int // refusals told in the minute that began at
	minute  time.Time
}

type failures struct {
	count int
	last  time.Time
}

type visitor struct {
	from netip.Addr
	name string
}

const (
	longestWait  = 8 * time.Second
	forgetAfter  = 10 * time.Minute
	blockAfter   = 20
	blockFor     = 10 * time.Minute
	provedFor    = 24 * time.Hour
	slotLimit    = 50
	tellLimit    = 60
	backoffLimit = 10_000 // addresses and names remembered
)

func newBackoff(first time.Duration) *backoff {
	return &backoff{first: first, sources: map[netip.Addr]*failures{}, names: map[string]*failures{}, proved: map[visitor]time.Time{}}
}

// blocked tells whether a request of name from this address is not to be answered at all.
func (b *backoff) blocked(from netip.Addr, name string, now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	f := b.sources[from]
	if f == nil || f.count < blockAfter || now.Sub(f.last) > blockFor {
		return false
	}
	return now.Sub(b.proved[visitor{from, name}]) > provedFor
}

// failed counts a failure and tells how long its answer has to wait; false: no answer. After a wait the
// caller gives the slot back with waited.
func (b *backoff) failed(from netip.Addr, name string, now time.Time) (time.Duration, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.forget(now)
	n := max(count(b.sources, from, now), count(b.names, name, now))
	if b.waiting >= slotLimit {
		return 0, false
	}
	b.waiting++
	return min(b.first<<min(n-1, 10), longestWait), true
}

// tell says whether a refusal is to be told to people: so many a minute and no more, for strangers
// decide how many there are.
func (b *backoff) tell(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if now.Sub(b.minute) > time.Minute {
		b.minute, b.told = now, 0
	}
	b.told++
	return b.told <= tellLimit
}

func (b *backoff) waited() {
	b.mu.Lock()
	b.waiting--
	b.mu.Unlock()
}

// succeeded remembers that name proved itself from this address and clears the name.
func (b *backoff) succeeded(from netip.Addr, name string, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.names, name)
	if len(b.proved) < backoffLimit {
		b.proved[visitor{from, name}] = now
	}
}

func count[K comparable](m map[K]*failures, key K, now time.Time) int {
	f := m[key]
	if f == nil {
		if len(m) >= backoffLimit {
			return blockAfter
		}
		f = &failures{}
		m[key] = f
	}
	if now.Sub(f.last) > forgetAfter {
		f.count = 0
	}
	f.count++
	f.last = now
	return f.count
}

// forget drops what is old once the tables are half full.
func (b *backoff) forget(now time.Time) {
	if len(b.sources)+len(b.names)+len(b.proved) < backoffLimit/2 {
		return
	}
	for k, f := range b.sources {
		if now.Sub(f.last) > forgetAfter {
			delete(b.sources, k)
		}
	}
	for k, f := range b.names {
		if now.Sub(f.last) > forgetAfter {
			delete(b.names, k)
		}
	}
	for k, at := range b.proved {
		if now.Sub(at) > provedFor {
			delete(b.proved, k)
		}
	}
}
