package vspan

import (
	"slices"
	"testing"

	"trunkbox/drivers/span"
)

// TestWithoutD: on a cable without a D channel its timeslot carries octets like any other.
func TestWithoutD(t *testing.T) {
	for _, kind := range []span.Kind{span.E1, span.T1} {
		for _, noD := range []bool{false, true} {
			p := newPair(t, Options{Kind: kind, NoD: noD})
			p.step(20, nil)
			d, same := kind.D(), 0
			for i := range p.rx { // both heard what was said one block before; at 7 an octet, any place can be known again
				first := p.rx[i][d][0]
				for n := range p.block {
					if p.rx[i][d][n] == first+byte(7*n) {
						same++
					}
				}
			}
			if whole := same == 2*p.block; whole != noD {
				t.Errorf("%v, no D channel %v: %d of %d octets of timeslot %d came through", kind, noD, same, 2*p.block, d)
			}
			if has := slices.Contains(span.Bearers(p.A()), d); has != noD {
				t.Errorf("%v, no D channel %v: the bearers are %v", kind, noD, span.Bearers(p.A()))
			}
		}
	}
}
