package rtp

import "time"

// flow is how many packets come to the pump in a second, of late. From it follows how often the pump turns while they come
// one upon the other: what a turn finds says little, for telephones that were started together speak together.
type flow float64

const (
	gathering = 700 * time.Microsecond // from turn to turn at most
	crowd     = 17                     // packets that gather at most where they come faster than that
	quickest  = 300 * time.Microsecond // from turn to turn at least
	breath    = 100 * time.Microsecond // between the end of a turn and the next at least
	calm      = flow(500)              // who comes no faster than that does not wait for others
	late      = 20 * time.Millisecond  // how far back of late is: a telephone speaks once in it
)

// note takes note of a turn that took so many packets, so long after the one before it.
func (f *flow) note(took int, since time.Duration) {
	since = min(max(since, 0), time.Second)
	*f = flow((float64(*f)*late.Seconds() + float64(took)) / (late + since).Seconds())
}

// cycle is how long after the beginning of a turn the next one begins.
func (f flow) cycle() time.Duration {
	if f <= 0 {
		return gathering
	}
	return min(max(time.Duration(crowd/float64(f)*float64(time.Second)), quickest), gathering)
}
