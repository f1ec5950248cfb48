package sound

import (
	"bytes"
	"sync/atomic"
	"time"

	"trunkbox/dsp"
)

// clip is a piece of sound that is said round and round, with the times at which its parts were said last. The mouth
// writes the times, everybody who follows reads them.
type clip struct {
	octets []byte
	part   atomic.Int64   // octets of a block, which has one time; 0: nothing was said yet
	said   []atomic.Int64 // for each part: ns since 1970
}

// shortest is the shortest block of a line or packet, 5 ms.
const shortest = 40

// octetTime is what a block takes for each of its octets.
const octetTime = int64(time.Second / dsp.SampleRate)

func newClip(octets []byte) *clip {
	return &clip{octets: bytes.Clone(octets), said: make([]atomic.Int64, (len(octets)+shortest-1)/shortest)}
}

// fill makes a block from the position on and returns the next position.
func (c *clip) fill(block []byte, from int) int {
	for len(block) > 0 {
		n := copy(block, c.octets[from:])
		block, from = block[n:], (from+n)%len(c.octets)
	}
	return from
}

// note takes note that the n octets before the position were said in one block at a moment. Blocks of other lengths than that
// of the first have no times.
func (c *clip) note(end, n int, at int64) {
	if c.part.Load() == 0 && n >= shortest && len(c.octets)%n == 0 {
		c.part.Store(int64(n))
	}
	if from := (end - n + len(c.octets)) % len(c.octets); int64(n) == c.part.Load() && from%n == 0 {
		c.said[from/n].Store(at)
	}
}

// when is when the octet at a position was said last, if its block took as long to be said as to be heard; 0: nobody knows.
func (c *clip) when(position int) int64 {
	part := int(c.part.Load())
	if part == 0 {
		return 0
	}
	said := c.said[position/part].Load()
	if said == 0 {
		return 0
	}
	return said + int64(position%part)*octetTime
}

// has says whether the clip has the block at a position.
func (c *clip) has(block []byte, at int) bool {
	n := min(len(block), len(c.octets)-at)
	return bytes.Equal(block[:n], c.octets[at:at+n]) && bytes.Equal(block[n:], c.octets[:len(block)-n])
}

// place is a position, counted round.
func (c *clip) place(at int) int { return ((at % len(c.octets)) + len(c.octets)) % len(c.octets) }

// find is where in the clip the block is, -1: nowhere. One that begins at the clip's end and ends at its beginning is not found.
func (c *clip) find(block []byte) int { return bytes.Index(c.octets, block) }

// Said tells when the block that was made last has left; at is in ns since 1970.
func (s *Sound) Said(at int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.filledN > 0 && s.clip != nil {
		s.clip.note(s.at, s.filledN, at)
		s.filledN = 0
	}
}

// following is the ear's knowledge of whose clip it should hear. Blocks that are found in the clip are not kept: as long as
// one comes after the other, what was heard stands in the clip already.
type following struct {
	of    *Sound
	clip  *clip
	next  int    // where in the clip the next block should be, or the one after those that were not found
	run   int    // octets before next that were heard and are not kept yet
	tries int    // blocks until the place is looked for again
	exact uint64 // blocks that were found, octet for octet
	other uint64 // those that were not
	last  int64  // when one was found, in ns since 1970
	delay *Spread
}

// lostTries is how many blocks pass between two searches when nothing is found.
const lostTries = 4

// cuts is by how many octets a block may come early or late after one that was not found: a box that has too much sound
// waiting leaves out an octet now and then, or two.
const cuts = 2

// Follow compares what is heard from now on with the clip that another says, octet for octet. How long each block was
// under way goes into delay, which may be nil: from the moment at which the other's block with its first octet had left, plus
// that octet's place within it, until the block came. A relay that passes blocks on as they are and at once thus adds
// nothing, and one that cuts them anew has no advantage of it. A delay of a clip's length or more is taken for less.
func (s *Sound) Follow(other *Sound, delay *Spread) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.follow.deliver(s.keep)
	s.follow = following{of: other, delay: delay}
}

// Followed tells how many blocks were those of the other's clip, how many were not, and when one was last, in ns since 1970.
func (s *Sound) Followed() (exact, not uint64, last int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.follow.exact, s.follow.other, s.follow.last
}

// take looks for the block in the clip and says whether it is there. What it has not kept before is given to keep.
func (f *following) take(block []byte, at int64, keep func([]byte)) bool {
	if c := f.of.saying.Load(); c != f.clip {
		f.deliver(keep)
		f.clip, f.next, f.tries = c, 0, 0
	}
	from, found := f.next, false
	if f.clip != nil && len(block) <= len(f.clip.octets) {
		if from, found = f.near(block); !found {
			from, found = f.search(block)
		}
	}
	if !found || from != f.next {
		f.deliver(keep)
	}
	if !found {
		if f.clip != nil {
			f.next = f.clip.place(f.next + len(block))
		}
		f.other++
		return false
	}
	f.next, f.tries = f.clip.place(from+len(block)), 0
	f.run = min(f.run+len(block), keptSamples)
	f.exact++
	f.last = at
	if said := f.clip.when(from); said != 0 && f.delay != nil {
		f.delay.Add(time.Duration(at - said))
	}
	return true
}

// near looks for the block where it should be, and thereabouts.
func (f *following) near(block []byte) (from int, found bool) {
	for off := 0; off <= cuts; off++ {
		for _, from := range [...]int{f.clip.place(f.next + off), f.clip.place(f.next - off)} {
			if f.clip.has(block, from) {
				return from, true
			}
		}
	}
	return 0, false
}

// search looks for the block everywhere in the clip, now and then.
func (f *following) search(block []byte) (from int, found bool) {
	if f.tries--; f.tries > 0 {
		return 0, false
	}
	f.tries = lostTries
	from = f.clip.find(block)
	return from, from >= 0
}

// deliver gives what was heard and not kept.
func (f *following) deliver(keep func([]byte)) {
	if f.run == 0 {
		return
	}
	octets := f.clip.octets
	for from := f.clip.place(f.next - f.run); f.run > 0; from = 0 {
		n := min(f.run, len(octets)-from)
		keep(octets[from : from+n])
		f.run -= n
	}
}
