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
	octets []byte         // twice, one behind the other, so that each block of it lies in one piece
	length int            // of the piece
	said   []atomic.Int64 // for each part: ns since 1970
}

// part is what has a time of its own: all the lengths of blocks of lines and packets are multiples of it.
const part = 40

// octetTime is what a block takes for each of its octets.
const octetTime = int64(time.Second / dsp.SampleRate)

func newClip(octets []byte) *clip {
	return &clip{octets: bytes.Repeat(octets, 2), length: len(octets), said: make([]atomic.Int64, (len(octets)+part-1)/part)}
}

// fill makes a block from the position on and returns the next position.
func (c *clip) fill(block []byte, from int) int {
	for len(block) > 0 {
		n := copy(block, c.octets[from:from+c.length])
		block, from = block[n:], (from+n)%c.length
	}
	return from
}

// note takes note that the n octets before the position were said in one block at a moment.
func (c *clip) note(end, n int, at int64) {
	for back := n; back > 0; back -= part {
		c.said[((end-back)%c.length+c.length)%c.length/part].Store(at + int64(n-back)*octetTime)
	}
}

// Said tells when the block that was made last has left; at is in ns since 1970.
func (s *Sound) Said(at int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.filledN > 0 && s.clip != nil {
		s.clip.note(s.at, s.filledN, at)
		s.filledN = 0
	}
	if s.begins {
		s.begins, s.begun = false, at
	}
}

// following is the ear's knowledge of whose clip it should hear.
type following struct {
	of    *Sound
	next  int    // where in the clip the next block should be
	tries int    // blocks until the place is looked for again
	exact uint64 // blocks that were found, octet for octet
	other uint64 // those that were not
	last  int64  // when one was found, in ns since 1970
	delay *Spread
}

// lostTries is how many blocks pass between two searches when nothing is found.
const lostTries = 16

// Follow compares what is heard from now on with the clip that another says, octet for octet. How long each block was
// under way goes into delay, which may be nil: from the moment at which the other's block with its first octet had left, plus
// that octet's place within it, until the block came. A relay that passes blocks on as they are and at once thus adds
// nothing, and one that cuts them anew has no advantage of it. A delay of a clip's length or more is taken for less.
func (s *Sound) Follow(other *Sound, delay *Spread) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.follow = following{of: other, delay: delay}
}

// Followed tells how many blocks were those of the other's clip, how many were not, and when one was last, in ns since 1970.
func (s *Sound) Followed() (exact, not uint64, last int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.follow.exact, s.follow.other, s.follow.last
}

// take looks for the block in the clip.
func (f *following) take(block []byte, at int64) {
	c := f.of.saying.Load()
	if c == nil || len(block) > c.length {
		return
	}
	from := f.next % c.length
	if !bytes.Equal(block, c.octets[from:from+len(block)]) {
		f.other++
		if f.tries--; f.tries > 0 {
			return
		}
		f.tries = lostTries
		if from = bytes.Index(c.octets, block); from < 0 {
			return
		}
		f.other-- // it was found after all
	}
	f.next, f.tries = (from+len(block))%c.length, 0
	f.exact++
	f.last = at
	if said := c.said[from%c.length/part].Load(); said != 0 && f.delay != nil {
		f.delay.Add(time.Duration(at - said - int64(from%part)*octetTime))
	}
}

// loudPeak is a sample that no noise of a quiet call reaches: -35 dBm0.
const loudPeak = 570

// Loud tells once when something loud begins to be heard, in ns since 1970.
func (s *Sound) Loud() <-chan int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.loud = make(chan int64, 1)
	return s.loud
}

// awaitLoud looks for the first loud sample of a block.
func (s *Sound) awaitLoud(block []byte, at int64) {
	for i, octet := range block {
		if x := s.law.Decode(octet); x > loudPeak || x < -loudPeak {
			s.loud <- at + int64(i)*octetTime
			s.loud = nil
			return
		}
	}
}

// Began is when the first block of the tone that is played had left, in ns since 1970; 0: not yet.
func (s *Sound) Began() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.begun
}
