package sound

import (
	"math"
	"math/bits"
	"sync/atomic"
	"time"
)

// Spread counts durations by their size, exact to a sixteenth, from a microsecond to an hour. Anybody may add and read at
// any time. The zero value is empty.
type Spread struct{ counts [spreadClasses]atomic.Uint64 }

const (
	spreadSteps   = 16 // in each doubling
	spreadClasses = 32 * spreadSteps
)

// class is where a duration is counted: those of less than 16 µs by the microsecond, others by sixteenths of their doubling.
func class(d time.Duration) int {
	us := uint64(max(0, d) / time.Microsecond)
	if us < spreadSteps {
		return int(us)
	}
	doubling := bits.Len64(us) - 5 // 16 to 31 µs: 0
	return min((doubling+1)*spreadSteps+int(us>>doubling)-spreadSteps, spreadClasses-1)
}

// bound is the middle of a class.
func bound(class int) time.Duration {
	if class < spreadSteps {
		return time.Duration(class) * time.Microsecond
	}
	doubling := class/spreadSteps - 1
	low := (spreadSteps + class%spreadSteps) << doubling
	return time.Duration(2*low+1<<doubling) * time.Microsecond / 2
}

// Add counts a duration; a negative one as nothing.
func (s *Spread) Add(d time.Duration) { s.counts[class(d)].Add(1) }

// Counts are those of a Spread at one moment.
type Counts [spreadClasses]uint64

// Read reads the counts.
func (s *Spread) Read() (c Counts) {
	for i := range c {
		c[i] = s.counts[i].Load()
	}
	return c
}

// Since is what has been counted since an earlier reading.
func (c Counts) Since(earlier Counts) Counts {
	for i := range c {
		c[i] -= earlier[i]
	}
	return c
}

// Total is how many there are.
func (c *Counts) Total() (n uint64) {
	for _, count := range c {
		n += count
	}
	return n
}

// Quantile is the duration that the share q of all does not exceed, 0 when there are none; q of 1 is the longest.
func (c *Counts) Quantile(q float64) time.Duration {
	rest := uint64(math.Ceil(q * float64(c.Total())))
	if rest == 0 {
		return 0
	}
	for i, count := range c {
		if rest <= count {
			return bound(i)
		}
		rest -= count
	}
	return bound(spreadClasses - 1)
}
