package rtp

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// burstsByHand divides a whole sequence at once, by the definition in clause 4.7.2 of RFC 3611: losses with
// fewer than Gmin packets between them belong together, and two or more of them are a burst.
func burstsByHand(fates string) (t bursts) {
	var at []int
	for i, f := range fates {
		if f == 'x' {
			at = append(at, i)
		}
	}
	inBurst := 0
	for i := 0; i < len(at); {
		j := i
		for j+1 < len(at) && at[j+1]-at[j]-1 < burstEnds {
			j++
		}
		if j > i {
			t.burstCount++
			t.burstPackets += uint32(at[j] - at[i] + 1)
			t.burstLost += uint32(j - i + 1)
			inBurst += at[j] - at[i] + 1
		} else {
			t.gapLost++
		}
		i = j + 1
	}
	t.gapPackets = uint32(len(fates) - inBurst)
	return t
}

func TestBursts(t *testing.T) {
	good := strings.Repeat(".", 20)
	cases := []string{"", "x", good, good + "x" + good, good + "xx" + good, "x" + strings.Repeat(".", 15) + "x", "x" + strings.Repeat(".", 16) + "x", good + "x..x.xxx" + good + "x" + good}
	random := rand.New(rand.NewPCG(7, 8))
	for range 200 {
		b := make([]byte, 300)
		for i := range b {
			b[i] = '.'
			if random.IntN(20) == 0 {
				b[i] = 'x'
			}
		}
		cases = append(cases, string(b))
	}
	for _, c := range cases {
		var b bursts
		for _, f := range c {
			b.packet(f == '.')
		}
		got, want := b.total(), burstsByHand(c)
		if got.burstCount != want.burstCount || got.burstPackets != want.burstPackets || got.burstLost != want.burstLost ||
			got.gapPackets != want.gapPackets || got.gapLost != want.gapLost {
			t.Errorf("%q: %d bursts of %d packets, %d lost; gaps of %d, %d lost; want %d %d %d %d %d", c, got.burstCount, got.burstPackets, got.burstLost,
				got.gapPackets, got.gapLost, want.burstCount, want.burstPackets, want.burstLost, want.gapPackets, want.gapLost)
		}
	}
}

// The fates that reach the bursts are those of the sequence numbers, whatever their order of coming.
func TestSourceTellsBursts(t *testing.T) {
	var s source
	lost := map[int]bool{100: true, 101: true, 105: true, 400: true}
	for n := range 600 {
		switch {
		case lost[n]:
			continue
		case n%50 == 10: // overtaken by its successor
			s.packet(1, uint16(65500+n+1), uint32((n+1)*160), 0)
			s.packet(1, uint16(65500+n), uint32(n*160), 0)
		case n%50 != 11:
			s.packet(1, uint16(65500+n), uint32(n*160), 0)
		}
	}
	b := s.bursts.total()
	if b.burstCount != 1 || b.burstLost != 3 || b.burstPackets != 6 || b.gapLost != 1 || b.burstPackets+b.gapPackets != 600-seqSettle {
		t.Errorf("%+v", b)
	}
	if s.lost() != 4 {
		t.Errorf("%d lost, want 4", s.lost())
	}
	if r := b.clumping(); math.Abs(r-4.0/3*(1-4.0/568)) > 0.01 {
		t.Errorf("BurstR %.3f", r)
	}
}
