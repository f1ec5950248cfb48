// Package prbs makes and checks the pseudo-random bit sequences with which a line is measured.
//
// In: for the Generator, nothing; for the Checker, the octets of the timeslots under test in the order
// of the line. Out: octets, and how many bits were compared and were wrong. Lines whose framer
// measures by itself do not pass here; drivers/vspan does.
//
// O.150 5.5 (2^20-1 with zeros suppressed, "QRSS"), O.151 2.1 (2^15-1, sent inverted). Left out: the
// other lengths, and the measurement of jitter.
//
// A Generator and a Checker belong to one goroutine each. A Checker finds the beginning of the sequence
// by itself and finds it again after a slip.
package prbs

// Sequence is a maximal sequence: bit t is the sum of bits t-stages and t-tap.
type Sequence struct {
	name     string
	stages   uint
	tap      uint
	inverted bool
	zeros    uint // the bit before so many zeros is sent as a one; 0: never
}

// The sequences of the two rates.
var (
	O151 = Sequence{name: "2^15-1", stages: 15, tap: 14, inverted: true}
	QRSS = Sequence{name: "QRSS 2^20-1", stages: 20, tap: 17, zeros: 14}
)

// String is the name on a tester.
func (s Sequence) String() string { return s.name }

// register holds the next bits of a sequence, the very next at its top.
type register uint32

// next takes one bit out, as the line has it.
func (s Sequence) next(r register) (bit byte, after register) {
	first := r >> (s.stages - 1) & 1
	after = r<<1&(1<<s.stages-1) | (first ^ r>>(s.tap-1)&1)
	bit = byte(first)
	if s.zeros > 0 && r>>(s.stages-1-s.zeros)&(1<<s.zeros-1) == 0 {
		bit = 1
	}
	if s.inverted {
		bit ^= 1
	}
	return bit, after
}

// Generator makes a sequence.
type Generator struct {
	s     Sequence
	r     register
	wrong int // bits still to send wrong, one an octet
}

// NewGenerator returns a Generator at the beginning of a sequence: all ones.
func NewGenerator(s Sequence) *Generator { return &Generator{s: s, r: 1<<s.stages - 1} }

// Spoil sends n bits wrong from now on, one an octet.
func (g *Generator) Spoil(n int) { g.wrong += max(n, 0) }

// Octet returns the next eight bits, the first as the most significant.
func (g *Generator) Octet() byte {
	var octet, bit byte
	for range 8 {
		bit, g.r = g.s.next(g.r)
		octet = octet<<1 | bit
	}
	if g.wrong > 0 {
		g.wrong--
		octet ^= 1
	}
	return octet
}

// When the sequence counts as found and as lost: a clean run of verify bits after the register was filled
// from the line; a fifth of a window wrong (0.2 is the ratio of O.151 2.7 in other words: nearer to chance
// than to errors).
const (
	verify = 64
	window = 1000
	most   = window / 5
)

// Checker compares octets with a sequence.
type Checker struct {
	s      Sequence
	r      register
	taken  uint // bits taken into r while the sequence is searched
	right  int  // bits that have come as expected since
	inSync bool

	seen, wrong int // in this window
	result      Result
}

// Result is what a Checker has counted since it was made.
type Result struct {
	InSync     bool
	Bits       uint64 // compared
	Errors     uint64 // of them wrong
	SyncLosses uint64
}

// NewChecker returns a Checker that searches for its sequence.
func NewChecker(s Sequence) *Checker { return &Checker{s: s} }

// Result reads what was counted.
func (c *Checker) Result() Result {
	r := c.result
	r.InSync = c.inSync
	return r
}

// Octet takes the next eight bits.
func (c *Checker) Octet(octet byte) {
	for i := 7; i >= 0; i-- {
		if bit := octet >> i & 1; c.inSync {
			c.compare(bit)
		} else {
			c.search(bit)
		}
	}
}

func (c *Checker) compare(bit byte) {
	var want byte
	want, c.r = c.s.next(c.r)
	c.seen++
	c.result.Bits++
	if bit != want {
		c.wrong++
		c.result.Errors++
	}
	switch {
	case c.wrong >= most: // what this window says is not about bit errors
		c.result.Bits -= uint64(c.seen)
		c.result.Errors -= uint64(c.wrong)
		c.result.SyncLosses++
		c.inSync = false
		c.restart()
	case c.seen == window:
		c.seen, c.wrong = 0, 0
	}
}

func (c *Checker) restart() { c.r, c.taken, c.right, c.seen, c.wrong = 0, 0, 0, 0, 0 }

// search fills the register from the line, then looks whether the line goes on as the register says.
func (c *Checker) search(bit byte) {
	if c.taken < c.s.stages {
		if c.s.inverted {
			bit ^= 1
		}
		c.r = c.r<<1 | register(bit)
		c.taken++
		if c.taken < c.s.stages {
			return
		}
		if c.r == 0 { // the sequence never is: it would stay there
			c.restart()
			return
		}
		for range c.s.stages { // from the bits that have come to those that come next
			_, c.r = c.s.next(c.r)
		}
		return
	}
	var want byte
	want, c.r = c.s.next(c.r)
	if bit != want {
		c.restart()
		return
	}
	if c.right++; c.right == verify {
		c.inSync = true
	}
}
