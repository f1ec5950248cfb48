package sipphone

import (
	"slices"
	"strings"
	"sync"
	"time"
)

// habits remembers which phones cannot bear a challenge with two algorithms. By RFC 8760 a phone passes
// over what it does not know; some give up instead. Such a phone comes back without credentials, and is
// then, and from then on, challenged with MD5 alone.
type habits struct {
	mu sync.Mutex
	of map[visitor]*habit
}

type habit struct {
	asked time.Time // of the last challenge
	open  bool      // that was not answered
	plain bool      // MD5 alone
}

// oldPhones are User-Agents known to give up on any algorithm but MD5; so do most that do not say what
// they are.
var oldPhones = []string{"baresip v0.", "baresip v1.", "SIPp"}

const (
	secondTry  = 2 * time.Second // sooner it is the same try
	habitLimit = 10_000
	habitLife  = 24 * time.Hour
)

// offer chooses the algorithms of a challenge.
func (h *habits) offer(v visitor, agent string, now time.Time) []string {
	if agent == "" || slices.ContainsFunc(oldPhones, func(old string) bool { return strings.HasPrefix(agent, old) }) {
		return algorithms[1:]
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	one := h.of[v]
	if one == nil {
		if len(h.of) >= habitLimit {
			h.forget(now)
		}
		one = &habit{}
		h.of[v] = one
	}
	if one.open && now.Sub(one.asked) >= secondTry {
		one.plain = true
	}
	if !one.open || one.plain {
		one.asked = now
	}
	one.open = true
	if one.plain {
		return algorithms[1:]
	}
	return algorithms
}

// answered is told the algorithm with which a challenge was answered.
func (h *habits) answered(v visitor, algorithm string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if one := h.of[v]; one != nil {
		one.open = false
		one.plain = one.plain && algorithm != algorithms[0]
	}
}

func (h *habits) forget(now time.Time) {
	for v, one := range h.of {
		if now.Sub(one.asked) > habitLife {
			delete(h.of, v)
		}
	}
	if len(h.of) >= habitLimit {
		clear(h.of)
	}
}
