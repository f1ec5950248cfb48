package sipphone

import "time"

// way is how a key came from a phone.
type way uint8

const (
	byEvent  way = iota // telephone-event, RFC 4733
	byInfo              // SIP INFO
	bySignal            // heard in its sound, of a phone that offers no telephone-event
)

func (w way) String() string { return [...]string{"telephone-event", "INFO", "in-band"}[w%3] }

// presses lets each key through once, though the phone may tell it in several ways. A key that came one way
// is expected for a while in every other; the same key in the same way is another press.
type presses struct{ recent []pressed }

type pressed struct {
	key  byte
	seen [3]bool // by way
	at   time.Time
}

// sameWithin is how far apart the ways may tell one press: some phones send INFO when the key is let go.
const sameWithin = 2 * time.Second

// take tells whether a key that comes now is a new press.
func (p *presses) take(key byte, by way, now time.Time) bool {
	kept := p.recent[:0]
	for _, r := range p.recent {
		if now.Sub(r.at) < sameWithin {
			kept = append(kept, r)
		}
	}
	p.recent = kept
	for i := range p.recent {
		if r := &p.recent[i]; r.key == key && !r.seen[by] {
			r.seen[by] = true
			return false
		}
	}
	one := pressed{key: key, at: now}
	one.seen[by] = true
	p.recent = append(p.recent, one)
	return true
}
