package main

import (
	"math"
	"math/rand/v2"

	"trunkbox/dsp"
	"trunkbox/test/farend/sound"
)

// code is the two tones by which a party is known. Both lie beside the frequencies of keys, and a whole number of their
// periods is a second, so that a second of them can be said over and over.
type code struct{ low, high float64 }

// There are 31 low and 31 high tones for callers, and as many for agents, each halfway between two of a caller's: a talk's two
// codes have no tone in common, for no echo canceller can tell a tone of the far end from the same tone of the near one.
const (
	tonesOfOne = 31             // of callers, or of agents
	tones      = 2 * tonesOfOne // in turn a caller's and an agent's
	agentCodes = 600            // where the codes of agents begin
	codes      = 2 * agentCodes
)

func lowTone(i int) float64  { return 300 + 6*float64(i) }
func highTone(i int) float64 { return 1720 + 25*float64(i) }

// codeOf is the code of party n: a caller's below agentCodes, an agent's from there on.
func codeOf(n int) code {
	agent, n := n/agentCodes, n%agentCodes
	return code{lowTone(2*(n%tonesOfOne) + agent), highTone(2*(n/tonesOfOne) + agent)}
}

// dither is what is added to the tones, as a peak of linear samples: too little to be heard, enough that no two pieces of
// the clip are alike, octet for octet.
const dither = 32

// clip is a second of the code of party n, each tone at -16 dBm0.
func clip(n int, law dsp.Law) []byte {
	c, random := codeOf(n), rand.New(rand.NewPCG(uint64(n), 0))
	linear, octets := make([]int16, dsp.SampleRate), make([]byte, dsp.SampleRate)
	amplitude := dsp.Amplitude(-16)
	for i := range linear {
		at := 2 * math.Pi * float64(i) / dsp.SampleRate
		linear[i] = int16(amplitude*(math.Sin(c.low*at)+math.Sin(c.high*at))) + int16(random.IntN(2*dither)-dither)
	}
	law.Compress(octets, linear)
	return octets
}

// verdict is what one look at an ear says.
type verdict int

const (
	silent  verdict = iota // no code
	right                  // the partner's, and nothing else
	crossed                // somebody else's, alone or with the partner's
)

// nobody is the partner of who should hear no code at all.
const nobody = -1

// The pieces of the last second at which a look looks, in samples.
const (
	piece = dsp.SampleRate / 2
	hop   = dsp.SampleRate / 8
)

// judge looks at what was heard in the last second, the last half second first. It is right when that, or another half second
// of it, is the partner's code and nothing else: a box that shortens its delay or waits for a late packet leaves a seam in one
// or two of them. It is crossed when a half second on the way there has anybody else's. Who should hear nobody is looked at
// for a half second only.
func judge(kept []int16, partner int) verdict {
	for end := len(kept); end >= piece; end -= hop {
		s := newSpectrum(kept[end-piece : end])
		switch {
		case s.all == 0:
		case partner != nobody && codeOf(partner).heard(&s):
			return right
		case s.strange(partner):
			return crossed
		}
		if partner == nobody {
			break
		}
	}
	return silent
}

// heardAgo is for how long an ear that has just had its partner's very octets need not be looked at.
const heardAgo = int64(dsp.SampleRate/4) * 125_000 // ns

// look is judge for an ear that may follow its partner.
func look(s *sound.Sound, partner int, now int64) verdict {
	if _, _, last := s.Followed(); partner != nobody && now-last < heardAgo {
		return right
	}
	return judge(s.Kept(), partner)
}

// The shares of the energy that make a code. Two codes at once have a quarter for each tone.
const (
	oneTone   = 0.25
	bothTones = 0.7
	mixedTone = 0.15
)

// offs are the pitches at which a code may be heard: a box that shortens its delay, or follows a phone's clock, plays up to
// 2,500 ppm off for some seconds. At the highest tone a step is 2 Hz, half of what a tone is wide.
var offs = [...]float64{0, -0.0006, 0.0006, -0.0012, 0.0012, -0.0018, 0.0018, -0.0025, 0.0025}

// heard says whether the piece is this code and nothing else, as it was said or a little slower or faster.
func (c code) heard(s *spectrum) bool {
	low, high := 0.0, 0.0
	for i := 0; i < len(offs); i += 2 {
		next := offs[min(i+1, len(offs)-1)]
		shares := s.shares([4]float64{c.low * (1 + offs[i]), c.high * (1 + offs[i]), c.low * (1 + next), c.high * (1 + next)})
		low, high = max(low, shares[0], shares[2]), max(high, shares[1], shares[3])
		if low > oneTone && high > oneTone && low+high > bothTones {
			return true
		}
	}
	return false
}

// strange is whether another code than the partner's is in the piece, alone or mixed with the partner's.
func (s *spectrum) strange(partner int) bool {
	if !above(s.many(lowTone, 0)) {
		return false
	}
	var lows, highs [tones]float64
	for _, off := range offs {
		for i, share := range s.many(lowTone, off) {
			lows[i] = max(lows[i], share)
		}
		for j, share := range s.many(highTone, off) {
			highs[j] = max(highs[j], share)
		}
	}
	most := 0.0
	for i, low := range lows {
		for j := i % 2; j < tones; j += 2 { // nobody says a caller's tone with an agent's
			high, said := highs[j], code{lowTone(i), highTone(j)}
			if low > mixedTone && high > mixedTone && (partner == nobody || codeOf(partner) != said) {
				most = max(most, low+high)
			}
		}
	}
	return most > 2*mixedTone && sum(lows)+sum(highs) > bothTones
}

func above(shares [tones]float64) bool {
	for _, share := range shares {
		if share > mixedTone {
			return true
		}
	}
	return false
}

// sum adds the shares of tones that stand out; those beside one of them have a part of it.
func sum(shares [tones]float64) (all float64) {
	for _, share := range shares {
		if share > mixedTone {
			all += share
		}
	}
	return all
}
