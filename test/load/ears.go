package main

import (
	"context"
	"time"

	"trunkbox/test/farend/sound"
)

// ears are what was heard at looks.
type ears struct {
	Right    int `json:"right"`
	Crossed  int `json:"crossed"`  // somebody else's code
	Silent   int `json:"silent"`   // no code
	Strange  int `json:"strange"`  // codes heard by who waits and should hear none
	Waiting  int `json:"waiting"`  // looks at who waits
	ByOctets int `json:"byOctets"` // of those right: octet for octet
}

func (e *ears) add(partner int, s *sound.Sound) {
	now := time.Now().UnixNano()
	switch look(s, partner, now) {
	case right:
		e.Right++
		if _, _, last := s.Followed(); now-last < heardAgo {
			e.ByOctets++
		}
	case crossed:
		e.Crossed++
	default:
		e.Silent++
	}
}

func (e *ears) addWaiting(s *sound.Sound) {
	e.Waiting++
	if look(s, nobody, time.Now().UnixNano()) == crossed {
		e.Strange++
	}
}

const (
	settled   = 2 * time.Second // after how long a talk is listened to: by then both codes fill what is looked at
	lookEvery = 2 * time.Second // at each ear
	looksAt   = 20 * time.Millisecond
)

// watch looks at every ear, one after the other, evenly over the time, until ctx is done.
func (t *town) watch(ctx context.Context) (all ears) {
	pace := time.NewTicker(looksAt)
	defer pace.Stop()
	for {
		looks := t.looks()
		done := 0
		for step := 1; step <= int(lookEvery/looksAt); step++ {
			for until := len(looks) * step / int(lookEvery/looksAt); done < until; done++ {
				looks[done](&all)
			}
			select {
			case <-ctx.Done():
				return all
			case <-pace.C:
			}
		}
	}
}

// looks are one for each ear. A talk that has ended by the time it is looked at, or is another by then, is passed over.
func (t *town) looks() []func(*ears) {
	t.mu.Lock()
	callers := append([]*caller{}, t.callers...)
	t.mu.Unlock()
	var looks []func(*ears)
	agentOf := map[int]*agent{}
	for _, a := range t.agents {
		n, since := a.talks.Load(), a.since.Load()
		if n < 0 {
			continue
		}
		agentOf[int(n)] = a
		looks = append(looks, func(e *ears) {
			if call := a.call.Load(); call != nil && a.at(n, since) {
				e.add(int(n), call.Sound())
			}
		})
	}
	for _, c := range callers {
		a := agentOf[c.n]
		switch {
		case c.talks && a != nil:
			since := a.since.Load()
			looks = append(looks, func(e *ears) {
				if t.isUp(c) && a.at(int64(c.n), since) {
					e.add(a.n, c.call.Sound())
				}
			})
		case !c.talks && time.Since(c.answers) > settled:
			looks = append(looks, func(e *ears) {
				if t.isUp(c) {
					e.addWaiting(c.call.Sound())
				}
			})
		}
	}
	return looks
}

// at is whether the agent's talk is still that one, for long enough.
func (a *agent) at(caller, since int64) bool {
	return a.talks.Load() == caller && a.since.Load() == since && time.Since(time.Unix(0, since)) > settled
}

func (t *town) isUp(c *caller) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, other := range t.callers {
		if other == c {
			return true
		}
	}
	return false
}
