package realtime

import (
	"runtime"
	"time"
)

// Stint is how long a thread of sound has run, and waited in system calls, since Go's scheduler last placed it. The zero
// value is ready; it belongs to its thread.
//
// Such a thread never parks, so that to the scheduler it is one goroutine that keeps its place (P) for ever. After 10 ms the
// runtime's watcher sends it a signal and takes the place away in the midst of its next wait; and as long as it finds places
// to take, it looks again after 20 µs, where else it sleeps for up to 10 ms (Go 1.26, runtime.sysmon). With 240 calls relayed
// the watcher looked 4200 times a second, which took 5 to 7 % of a processor. Of a thread that gives its place up in time it
// sees nothing, and giving it up costs 1 %.
type Stint struct{ began time.Time }

// longestStint leaves room for a short wait in the 10 ms; who turns every 10 ms is in time too, for the watcher looks twice.
const longestStint = 9 * time.Millisecond

// Yield gives the place up and takes it back, when that is due. It is called once a turn, with now, when the turn's work is
// done: the place comes back from a thread of the program that has no priority. A line's thread does not do it, whose time
// is the line's: on a machine with more to do than it can, the place came back up to 50 ms late.
func (s *Stint) Yield(now time.Time) {
	if now.Sub(s.began) < longestStint {
		return
	}
	runtime.Gosched()
	s.began = now
}
