package sipphone

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// Registration is one phone that is registered, for pages and the console.
type Registration struct {
	Extension string    `json:"extension"`
	Address   string    `json:"address"`   // host:port its packets come from
	Transport string    `json:"transport"` // UDP, TCP, TLS
	UserAgent string    `json:"user_agent"`
	Since     time.Time `json:"since"`
	Expires   time.Time `json:"expires"`
	Reachable bool      `json:"reachable"` // answers OPTIONS
}

// binding is one contact of an extension.
type binding struct {
	Contact   string         `json:"contact"` // the URI as the phone gave it
	Transport string         `json:"transport"`
	Source    netip.AddrPort `json:"source"` // where its REGISTER came from; requests go there
	UserAgent string         `json:"user_agent"`
	CallID    string         `json:"call_id"`
	CSeq      uint32         `json:"cseq"`
	Since     time.Time      `json:"since"`
	Expires   time.Time      `json:"expires"`

	reachable bool
	misses    int // OPTIONS unanswered in a row
	probing   bool
	refreshed time.Time
	asked     time.Time // last, by OPTIONS; zero: never
}

// place is where requests to the phone go.
func (b *binding) place() place { return place{transport: b.Transport, addr: b.Source} }

// bindings are the contacts of all extensions, newest first. Its methods are safe from any goroutine;
// changes of reachability are told after the lock is released.
type bindings struct {
	mu       sync.Mutex
	of       map[string][]*binding
	up       map[string]bool
	keeper   Keeper
	observer Observer
	trouble  func(extension string, err error)
}

const (
	contactLimit = 5               // contacts of one extension
	keptLife     = 24 * time.Hour  // older kept contacts are not believed
	keptGrace    = 5 * time.Minute // how long a kept contact may wait for its phone's next REGISTER
	missLimit    = 2               // OPTIONS without an answer until a phone counts as unreachable
)

// kept is the form in which an extension's contacts survive a restart.
type kept struct {
	At       time.Time  `json:"at"`
	Bindings []*binding `json:"bindings"`
}

// restore takes what was kept. A restored contact is unreachable until it answers.
func (b *bindings) restore(known func(extension string) bool, now time.Time) {
	if b.keeper == nil {
		return
	}
	for extension, value := range b.keeper.Kept() {
		var k kept
		if err := json.Unmarshal(value, &k); err != nil {
			b.trouble(extension, fmt.Errorf("kept registrations unreadable, %d octets: %w", len(value), err))
			continue
		}
		if !known(extension) || now.Sub(k.At) > keptLife {
			b.keep(extension, nil, now)
			continue
		}
		for _, one := range k.Bindings {
			one.Expires = latest(one.Expires, now.Add(keptGrace))
			one.refreshed = now
			b.of[extension] = append(b.of[extension], one)
		}
	}
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// keep writes the contacts down. The disk is not touched for a mere refresh: what is kept is which
// contacts there are, not until when.
func (b *bindings) keep(extension string, list []*binding, now time.Time) {
	if b.keeper == nil {
		return
	}
	var value []byte
	if len(list) > 0 {
		var err error
		if value, err = json.Marshal(kept{now, list}); err != nil {
			b.trouble(extension, err)
			return
		}
	}
	if err := b.keeper.Keep(extension, value); err != nil {
		b.trouble(extension, fmt.Errorf("registration not kept: %w", err))
	}
}

// bind adds or refreshes one contact; a contact with the same URI, or from the same address with
// another URI, is replaced. Reports false for a request older than the one before (RFC 3261 clause 10.3).
func (b *bindings) bind(extension string, one *binding, now time.Time) bool {
	b.mu.Lock()
	list := b.of[extension]
	at := slices.IndexFunc(list, func(o *binding) bool { return o.Contact == one.Contact || o.place() == one.place() })
	changed := true
	if at >= 0 {
		old := list[at]
		if old.CallID == one.CallID && one.CSeq <= old.CSeq {
			b.mu.Unlock()
			return false
		}
		changed = old.Contact != one.Contact || old.place() != one.place() || now.Sub(old.refreshed) > keptLife/2
		if old.place() == one.place() {
			one.Since, one.asked = old.Since, old.asked
		}
		list = slices.Delete(list, at, at+1)
	}
	one.reachable, one.refreshed = true, now
	list = slices.Insert(list, 0, one)
	if len(list) > contactLimit {
		list = list[:contactLimit]
	}
	b.of[extension] = list
	told := b.judge(extension, "")
	if changed {
		b.keep(extension, slices.Clone(list), now)
	}
	b.mu.Unlock()
	told()
	return true
}

// unbind removes the contacts that gone says and tells why.
func (b *bindings) unbind(extension, reason string, gone func(*binding) bool, now time.Time) {
	b.mu.Lock()
	before := len(b.of[extension])
	b.of[extension] = slices.DeleteFunc(b.of[extension], gone)
	list := b.of[extension]
	if len(list) == before {
		b.mu.Unlock()
		return
	}
	if len(list) == 0 {
		delete(b.of, extension)
	}
	told := b.judge(extension, reason)
	b.keep(extension, slices.Clone(list), now)
	b.mu.Unlock()
	told()
}

// judge compares whether the extension can be reached with what was told last; called with mu held, it
// gives the telling to be done without.
func (b *bindings) judge(extension, reason string) func() {
	at := slices.IndexFunc(b.of[extension], func(o *binding) bool { return o.reachable })
	up := at >= 0
	if up == b.up[extension] {
		return func() {}
	}
	if !up {
		delete(b.up, extension)
		return func() { b.observer.PhoneDown(extension, reason) }
	}
	b.up[extension] = true
	address := b.of[extension][at].Source.String()
	return func() { b.observer.PhoneUp(extension, address) }
}

// expire removes what has run out.
func (b *bindings) expire(now time.Time) {
	over := func(o *binding) bool { return !o.Expires.After(now) }
	for _, extension := range b.extensions(over) {
		b.unbind(extension, "its registration ran out", over, now)
	}
}

// extensions are those with such a contact.
func (b *bindings) extensions(with func(*binding) bool) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var list []string
	for extension, bound := range b.of {
		if slices.ContainsFunc(bound, with) {
			list = append(list, extension)
		}
	}
	return list
}

// target is one contact to send to, copied out of the lock.
type target struct {
	extension string
	contact   string
	place     place
	reachable bool
}

// targets are the contacts of an extension, newest first.
func (b *bindings) targets(extension string, now time.Time) []target {
	b.mu.Lock()
	defer b.mu.Unlock()
	var list []target
	for _, o := range b.of[extension] {
		if o.Expires.After(now) {
			list = append(list, target{extension, o.Contact, o.place(), o.reachable})
		}
	}
	return list
}

// at says whether some contact is at p.
func (b *bindings) at(p place) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, bound := range b.of {
		if slices.ContainsFunc(bound, func(o *binding) bool { return o.place() == p }) {
			return true
		}
	}
	return false
}

// share is how many contacts have to be asked in each sweep if every one is to be asked that often.
func (b *bindings) share(every time.Duration) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	contacts := 0
	for _, bound := range b.of {
		contacts += len(bound)
	}
	return 1 + int(time.Duration(contacts)*sweepEvery/every)
}

// toProbe are the contacts to be asked now, or as many of them as may be, those whom it is longest ago first; each is given once
// until heard is called for it.
func (b *bindings) toProbe(now time.Time, most int, which func(*binding) bool) []target {
	b.mu.Lock()
	defer b.mu.Unlock()
	type due struct {
		*binding
		extension string
	}
	var all []due
	for extension, bound := range b.of {
		for _, o := range bound {
			if !o.probing && which(o) {
				all = append(all, due{o, extension})
			}
		}
	}
	slices.SortFunc(all, func(x, y due) int { return x.asked.Compare(y.asked) })
	var list []target
	for _, o := range all[:min(most, len(all))] {
		o.probing, o.asked = true, now
		list = append(list, target{o.extension, o.Contact, o.place(), o.reachable})
	}
	return list
}

// heard takes the outcome of a question to a contact: an answer, none, or (sure) a refusal.
func (b *bindings) heard(t target, answered, sure bool, reason string) {
	b.mu.Lock()
	told := func() {}
	for _, o := range b.of[t.extension] {
		if o.Contact != t.contact || o.place() != t.place {
			continue
		}
		o.probing = false
		if answered {
			o.misses, o.reachable = 0, true
		} else if o.misses++; sure || o.misses >= missLimit {
			o.reachable = false
		}
		told = b.judge(t.extension, reason)
	}
	b.mu.Unlock()
	told()
}

// list is for people: by extension, newest first.
func (b *bindings) list() []Registration {
	b.mu.Lock()
	defer b.mu.Unlock()
	var all []Registration
	for extension, bound := range b.of {
		for _, o := range bound {
			all = append(all, Registration{extension, o.Source.String(), o.Transport, o.UserAgent, o.Since, o.Expires, o.reachable})
		}
	}
	slices.SortStableFunc(all, func(x, y Registration) int { return cmp.Compare(x.Extension, y.Extension) })
	return all
}
