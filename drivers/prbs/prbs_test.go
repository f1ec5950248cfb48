package prbs

import (
	"math/bits"
	"math/rand/v2"
	"testing"
)

var both = []Sequence{O151, QRSS}

func TestLengthAndBalance(t *testing.T) {
	for _, s := range both {
		t.Run(s.String(), func(t *testing.T) {
			g := NewGenerator(s)
			began, length, ones, zeros, longest := g.r, 0, 0, 0, 0
			for {
				var bit byte
				bit, g.r = s.next(g.r)
				length++
				ones += int(bit)
				if zeros++; bit == 1 {
					zeros = 0
				}
				longest = max(longest, zeros)
				if g.r == began {
					break
				}
			}
			if want := 1<<s.stages - 1; length != want {
				t.Errorf("the sequence begins anew after %d bits, want %d", length, want)
			}
			// O.151 2.1: the longest run of zeros of the inverted sequence is 15. O.150 5.5: 14 at most for QRSS.
			wantZeros := map[string]int{O151.name: 15, QRSS.name: 14}[s.name]
			if longest != wantZeros {
				t.Errorf("the longest run of zeros has %d bits, want %d", longest, wantZeros)
			}
			if ratio := float64(ones) / float64(length); ratio < 0.499 || ratio > 0.501 {
				t.Errorf("%d of %d bits are ones", ones, length)
			}
		})
	}
}

// The first bits of 2^15-1, worked out by hand: fifteen ones in the register go out inverted as zeros; the sum of the
// two oldest of them is zero fourteen times, sent as ones; then comes the first one, sent as zero.
func TestFirstBits(t *testing.T) {
	g := NewGenerator(O151)
	var got uint32
	for range 4 {
		got = got<<8 | uint32(g.Octet())
	}
	if want := uint32(0b000000000000000_11111111111111_0_11); got != want {
		t.Errorf("begins with %032b, want %032b", got, want)
	}
}

func TestErrorsAreCounted(t *testing.T) {
	for _, s := range both {
		g, c := NewGenerator(s), NewChecker(s)
		for range 37 {
			g.Octet() // the checker comes in the middle
		}
		for range 20 {
			c.Octet(g.Octet())
		}
		if !c.Result().InSync {
			t.Fatalf("%v: not found in 160 bits", s)
		}
		before := c.Result().Bits
		g.Spoil(7)
		for range 10000 {
			c.Octet(g.Octet())
		}
		if r := c.Result(); r.Errors != 7 || r.Bits-before != 80000 || r.SyncLosses != 0 {
			t.Errorf("%v: %+v after 7 wrong bits in 80,000", s, r)
		}
	}
}

func TestRatioOfRandomErrors(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, s := range both {
		for _, ratio := range []float64{1e-3, 1e-2, 5e-2} {
			g, c := NewGenerator(s), NewChecker(s)
			for range 100 {
				c.Octet(g.Octet())
			}
			made := 0
			for range 50000 {
				var spoil byte
				for bit := range 8 {
					if random.Float64() < ratio {
						spoil |= 1 << bit
					}
				}
				made += bits.OnesCount8(spoil)
				c.Octet(g.Octet() ^ spoil)
			}
			if r := c.Result(); !r.InSync || r.SyncLosses != 0 || int(r.Errors) != made {
				t.Errorf("%v: %+v with %d errors made", s, r, made)
			}
		}
	}
}

func TestSlipIsASyncLoss(t *testing.T) {
	for _, s := range both {
		g, c := NewGenerator(s), NewChecker(s)
		for i := range 5000 {
			o := g.Octet()
			if i == 2500 {
				continue // an octet is lost
			}
			c.Octet(o)
		}
		if r := c.Result(); !r.InSync || r.SyncLosses != 1 || r.Errors > window {
			t.Errorf("%v: %+v after one slip", s, r)
		}
	}
}

// Nothing that is not the sequence may be taken for it.
func TestOtherPatternsAreNotTheSequence(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for _, s := range both {
		other := NewGenerator(O151)
		if s == O151 {
			other = NewGenerator(QRSS)
		}
		for name, octet := range map[string]func() byte{
			"all ones":  func() byte { return 0xff },
			"all zeros": func() byte { return 0 },
			"flags":     func() byte { return 0x7e },
			"idle":      func() byte { return 0xd5 },
			"random":    func() byte { return byte(random.Uint32()) },
			"the other": other.Octet,
		} {
			c := NewChecker(s)
			for range 20000 {
				c.Octet(octet())
			}
			if r := c.Result(); r.InSync || r.Bits != 0 {
				t.Errorf("%v: %s is taken for it: %+v", s, name, r)
			}
		}
	}
}

func BenchmarkChecker(b *testing.B) {
	g, c := NewGenerator(O151), NewChecker(O151)
	b.ReportAllocs()
	b.SetBytes(1)
	for b.Loop() {
		c.Octet(g.Octet())
	}
}
