package rtp

// bursts tells how losses lie together (RFC 3611 clause 4.7.2 and appendix A.2). A burst begins and ends
// with a loss and has no burstEnds packets in a row between that came; a loss alone belongs to the gap.
//
//	gap ......x.........................  burst x..x.xx.....x  gap ...........
type bursts struct {
	came   uint32 // packets in a row since the last loss
	span   uint32 // packets of the burst that may be going on, losses and what came between them
	lost   uint32 // losses among them
	runs   uint32 // losses in a row count as one
	losing bool   // the last packet was lost

	burstCount, burstPackets, burstLost uint32
	gapPackets, gapLost                 uint32
}

// burstEnds is Gmin: so many packets in a row that came end a burst.
const burstEnds = 16

// packet takes the next packet in the order of sequence numbers.
func (b *bursts) packet(came bool) {
	if came {
		b.losing = false
		if b.came++; b.came == burstEnds {
			b.close()
		}
		return
	}
	if !b.losing {
		b.runs++
	}
	b.losing = true
	if b.lost == 0 {
		b.gapPackets += b.came
		b.span = 0
	} else {
		b.span += b.came
	}
	b.came = 0
	b.span++
	b.lost++
}

// close puts the burst that may be going on where it belongs.
func (b *bursts) close() {
	switch {
	case b.lost == 1:
		b.gapPackets++
		b.gapLost++
	case b.lost > 1:
		b.burstCount++
		b.burstPackets += b.span
		b.burstLost += b.lost
	}
	b.span, b.lost = 0, 0
}

// total is how it stands with what is going on counted in.
func (b bursts) total() bursts {
	b.close()
	b.gapPackets += b.came
	b.came = 0
	return b
}

// share is part of all, 0 of nothing.
func share[N uint32 | uint64](part, all N) float64 {
	if all == 0 {
		return 0
	}
	return float64(part) / float64(all)
}

// clumping is BurstR of clause 7.2/G.107: the mean length of the losses in a row over the length it would
// have if they fell at random. 1 is random, more is in clumps.
func (b bursts) clumping() float64 {
	t := b.total()
	lost, all := t.burstLost+t.gapLost, t.burstPackets+t.gapPackets
	if t.runs == 0 || all == 0 || lost == all {
		return 1
	}
	return max(1, share(lost, t.runs)*(1-share(lost, all)))
}
