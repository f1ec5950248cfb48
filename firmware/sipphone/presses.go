package sipphone

import (
	"slices"
	"time"

	"trunkbox/firmware/call"
)

// presses lets each key through once, though the phone may tell it in several ways. A key that came one way
// is expected for a while in every other; the same key in the same way is another press. What is told of a key
// that is up is let through once too: of the way in which it came first.
type presses struct{ recent []pressed }

type pressed struct {
	key  byte
	by   call.KeyWay   // in which it came first
	seen []call.KeyWay // all in which it came
	up   bool
	at   time.Time // when it came first, or when it was let go
}

// sameWithin is how far apart the ways may tell one press: some phones send INFO when the key is let go.
const sameWithin = 2 * time.Second

// heldMost is how long a key may be down; what says that it is up was lost then.
const heldMost = time.Minute

// over says whether nothing more is expected of the press.
func (p *pressed) over(now time.Time) bool {
	since := now.Sub(p.at)
	return since >= heldMost || p.up && since >= sameWithin
}

// take tells whether a key that comes now is a new press.
func (p *presses) take(key byte, by call.KeyWay, now time.Time) bool {
	p.recent = slices.DeleteFunc(p.recent, func(r pressed) bool { return r.over(now) })
	for i := range p.recent {
		if r := &p.recent[i]; r.key == key && !slices.Contains(r.seen, by) {
			r.seen = append(r.seen, by)
			return false
		}
	}
	p.recent = append(p.recent, pressed{key: key, by: by, seen: []call.KeyWay{by}, at: now})
	return true
}

// letGo tells whether a key that is up now in that way is one that was told by it.
func (p *presses) letGo(key byte, by call.KeyWay, now time.Time) bool {
	for i := range p.recent {
		if r := &p.recent[i]; r.key == key && r.by == by && !r.up {
			r.up, r.at = true, now
			return true
		}
	}
	return false
}
