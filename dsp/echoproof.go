package dsp

import "math"

// proof judges the canceller's path before it is sure that there is such a path. Who speaks at the near end from the start
// of a call, or sends tones, may be followed by the learner where there is no echo at all, and what is then taken over
// would add to what is heard. So the path is believed at first, that nothing is lost of an echo that is learned at once; it
// is doubted as soon as it adds more than it takes, and then does its work unheard until it has taken enough of the blocks
// that came after it was learned. When it has taken much more than that it is sure for the rest of the call: that the line
// may still become another is for watch to see. The zero proof believes.
//
// What a block proves is by how much the canceller makes it weaker, as the natural logarithm of the power, where a block counts
// twice as much against the path as for it; the sums are those of Page (Biometrika 41, 1954).
type proof struct {
	sum           float32 // since it was believed or doubted
	doubted, sure bool
	unheard       float32 // 0 heard, 1 unheard, at the end of the last block
}

const (
	proofPatience = 2  // against a path that is believed, and it is doubted
	proofEnough   = 8  // for one that is doubted, and it is believed: 4 blocks at the least
	proofSure     = 60 // for one that is believed, and it is sure
	// One block proves no more than this for and against a path, and nothing if it is less than proofLeast: a tone at both
	// ends is followed for long, but makes no great difference.
	proofMostFor, proofMostAgainst = 2.5, 2
	proofLeast                     = 0.1
	proofAgainst                   = 2 // so many times does a block count against a path
)

// hear judges a block of the energy heard, of which the canceller leaves the energy left.
func (p *proof) hear(heard, left float32) {
	if p.sure || max(heard, left) < quietEnergy {
		return
	}
	room := quietEnergy / 4 // what is said of digital silence is limited
	taken := float32(math.Log(float64((heard + room) / (left + room))))
	switch {
	case taken > proofLeast:
		p.sum += min(taken, proofMostFor)
	case taken < -proofLeast:
		p.sum -= proofAgainst * min(-taken, proofMostAgainst)
	}
	switch {
	case p.doubted:
		if p.sum = max(0, p.sum); p.sum > proofEnough {
			p.doubted, p.sum = false, 0
		}
	case p.sum < -proofPatience:
		p.doubted, p.sum = true, 0
	case p.sum > proofSure:
		p.sure = true
	}
}

// pass puts what was heard in the place of left, the canceller's, while the path is doubted; it goes over from the one to the
// other without a step.
func (p *proof) pass(left, near *block) {
	switch {
	case !p.doubted && p.unheard == 0:
		return
	case p.doubted && p.unheard == 1:
		*left = *near
		return
	}
	to := 1 - p.unheard
	for i := range left {
		unheard := p.unheard + (to-p.unheard)*float32(i)/echoBlock
		left[i] += unheard * (near[i] - left[i])
	}
	p.unheard = to
}
