package dsp

import "math"

// The suppressor (non-linear processor of G.168) puts comfort noise in the place of what the
// canceller leaves, as long as that is so far below the far speaker that it can only be echo.
const (
	// startLeak is the power of an echo below that of the far speaker before anything is cancelled:
	// an echo return loss of 5 dB.
	startLeak = 0.316
	leakRoom  = 5 // power by which the residual may exceed the leak that was seen
	leakStep  = 0.08
	leakUp    = 1.001 // a block: 0.4 dB a second
	leastLeak = 1e-5
	// openBlocks is how long the way stays open after a block of near speech.
	openBlocks = 8

	// restBlocks is how long the way stays shut after the last echo, so that a pause of the far speaker
	// does not open it to the first sound after.
	restBlocks = 50
	// rampSamples is how fast the way opens and shuts.
	rampSamples = 16

	noiseNear = 4.0   // a block within this power ratio of the noise belongs to it
	noiseUp   = 1.003 // a block: 1.3 dB a second
	noiseStep = 0.05
	// What is left of a block may be the residual echo if it is less than residualShare of what was heard. The noise is
	// followed residualCare times as slowly then, which is next to nothing: the far speaker's pauses tell it.
	residualShare = 0.1
	residualCare  = 30
	// Nobody speaks for riseBlocks without a gap: the least of them is noise. It may be residual echo too where that is all
	// there was, or where the least of what cannot be is more than riseRoom times as much.
	riseBlocks = 150
	riseRoom   = 2
)

// mostNoise is the energy of a block of -30 dBm0: what is steady and louder is a tone, music or a machine, and is heard as
// it is. Background noise of a call lies well below.
var mostNoise = float32(math.Pow(Amplitude(-30), 2) / 2 * echoBlock)

// leastSpeech is the energy of a block of -60 dBm0: what lies below is not missed.
var leastSpeech = float32(math.Pow(Amplitude(-60), 2) / 2 * echoBlock)

type suppressor struct {
	off      bool
	cancels  bool    // a path is known: what the canceller does not make much less is no echo
	leak     float32 // power of the residual echo over that of the far speaker
	open     int32   // blocks
	rested   int32   // blocks without echo
	shut     float32 // 0 open, 1 shut, at the end of the last block
	listened int32   // blocks that were taken for noise
	noise    float32 // energy of a block of the near end's background noise
	tilt     float32 // correlation of neighbouring samples of it
	since    int32   // blocks of the stretch that least and clear belong to
	least    float32 // energy of its quietest block
	clear    float32 // energy of the quietest that cannot be residual echo
	draws    draws
	drawn    float32
}

// newSuppressor makes one that is on.
func newSuppressor() (s suppressor) {
	for i := range s.draws {
		s.draws[i] = 0x9e3779b9 * uint32(i+1)
	}
	s.least, s.clear = math.MaxFloat32, math.MaxFloat32
	return s
}

// rest is for blocks without echo: the background noise is learned and nothing is changed, but that
// the way opens smoothly. It tells whether anything was changed.
func (s *suppressor) rest(left *block, energy float32) bool {
	s.rested++
	s.listen(left, energy, energy)
	if s.rested > restBlocks || energy > noiseNear*s.noise {
		return s.pass(left, 0)
	}
	return s.pass(left, s.shut)
}

// judge tells whether the way is to be open (0) or shut (1) to a block of which the canceller has left the energy after,
// where it heard near, of the energy heard, while the loudest far block had the energy far.
func (s *suppressor) judge(left, near *block, far, heard, after float32) (shut float32) {
	s.rested = 0
	switch {
	case !s.cancels: // all of it may be echo
	case after < heard:
		s.listen(left, after, heard)
	default: // the canceller adds to it, as it may in the far speaker's pauses
		s.listen(near, heard, heard)
	}
	ratio := max(min(after, heard)/far, leastLeak)
	switch {
	case ratio < leakRoom*s.leak:
		s.leak = min(s.leak+leakStep*(ratio-s.leak), startLeak)
	default:
		s.leak = min(s.leak*leakUp, startLeak)
	}
	if after > max(min(leakRoom*s.leak, startLeak)*far, noiseNear*min(s.noise, mostNoise), leastSpeech) {
		s.open = openBlocks
	} else if s.open > 0 {
		s.open--
	}
	if s.off || s.open > 0 {
		return 0
	}
	return 1
}

// listen follows the background noise in a block x of the given energy, what was left of a block of the energy heard. What
// is steady in it (the idle code of A-law is not zero) is no noise.
func (s *suppressor) listen(x *block, energy, heard float32) {
	sum, beside := colourOf(x)
	steady := sum * sum / echoBlock
	energy, heard = max(0, energy-steady), max(0, heard-steady)
	residual := energy < residualShare*heard
	s.rise(energy, residual)
	step, up := float32(noiseStep), s.noise*(noiseUp-1)+1
	if residual {
		step, up = step/residualCare, up/residualCare
	}
	near := noiseNear * s.noise
	switch {
	case s.listened == 0 && s.rested == 0: // this may be echo; rise begins
		return
	case s.listened == 0:
		step = 1
	case energy < s.noise/noiseNear:
		step = 0.5
	case energy < s.noise || energy < near && heard < near && !residual:
		step = max(step, 1/float32(s.listened+1))
	default:
		s.noise += up
		return
	}
	s.listened++
	s.noise += step * (energy - s.noise)
	if energy > 0 {
		tilt := (beside - steady) / energy
		s.tilt += step * (max(-0.95, min(0.95, tilt)) - s.tilt)
	}
}

// rise lifts the noise that has become louder to where it can be followed again.
func (s *suppressor) rise(energy float32, residual bool) {
	if energy < s.least {
		s.least = energy
	}
	if energy < s.clear && !residual {
		s.clear = energy
	}
	if s.since++; s.since < riseBlocks {
		return
	}
	if to := min(s.clear, mostNoise); to > s.noise && s.clear <= riseRoom*s.least {
		s.noise, s.listened = to, 1
	}
	s.since, s.least, s.clear = 0, math.MaxFloat32, math.MaxFloat32
}

// pass opens (0) or shuts (1) the way over the block, and tells whether that changes it.
func (s *suppressor) pass(left *block, to float32) bool {
	if s.shut == 0 && to == 0 {
		return false
	}
	var instead block
	s.comfort(&instead)
	if s.shut == 1 && to == 1 {
		*left = instead
		return true
	}
	for i := range left {
		shut := s.shut + (to-s.shut)*min(1, float32(i+1)/rampSamples)
		left[i] = (1-shut)*left[i] + shut*instead[i]
	}
	s.shut = to
	return true
}

// comfort fills a silent block with noise like that of the near end.
func (s *suppressor) comfort(instead *block) {
	if s.noise == 0 {
		s.drawn = 0
		return
	}
	var tilt [8]float32
	power := float32(1)
	for i := range tilt {
		power *= s.tilt
		tilt[i] = power
	}
	// The sum of 4 draws from -1..1 has a variance of 4/3.
	gain := float32(math.Sqrt(float64(s.noise / echoBlock * (1 - s.tilt*s.tilt) * 3 / 4)))
	s.drawn = comfort(instead, &s.draws, &tilt, gain, s.drawn)
}
