package dsp

import "slices"

const (
	// startDoubt is the power gain that an echo path may have before anything of it is known.
	startDoubt = 10
	// forgetting is the share of a path that may change from block to block unseen.
	forgetting = 1e-4
	// believing is by how much a step lessens the doubt: 0.5 would be right if the bins did not disturb
	// each other.
	believing = 0.35
	// What the learner misses in one bin shows in its neighbours too, as it only sees half a window:
	// these are the shares of a bin, of those beside it, of those three further, and of all of them.
	leakOwn, leakNext, leakThird, leakAll = 0.5, 0.3, 0.03, 3e-4
	leakFar                               = 3

	// The learner works on every block for the first three seconds after it has had to start anew, and
	// on every other one from then on, but on every fourth while the canceller leaves less than settledShare.
	earlyBlocks  = 300
	settledShare = 0.002
	// noiseKeep smooths the power that the echo does not account for, 100 ms.
	noiseKeep = 0.9
	// energyKeep smooths the energies that the two filters are compared by, 50 ms.
	energyKeep = 0.8

	// A tail of settleParts or more is looked through for empty parts when it has been learned for
	// settleBlocks: those of less than settleRatio times the median's energy.
	settleParts  = 6
	settleBlocks = 60
	settleRatio  = 3
	settleShare  = 0.1

	emptyShare = 3e-5 // of the path's energy: a part with less is not worth its arithmetic

	betterShare  = 0.8  // the learner's error, against the canceller's, that takes it over ...
	betterBlocks = 3    // ... after so many blocks, or
	littleShare  = 0.97 // this one
	littleBlocks = 20   // after so many
	worseShare   = 2.0  // the one that sets it back
	worseBlocks  = 3
	// A learner that leaves more of what is heard than bestRoom times the least that the canceller ever
	// left is not taken over: someone speaks at the near end, and the learner may have followed him.
	bestRoom  = 8
	bestUp    = 1.0003 // a block: the least is forgotten by 0.1 dB a second
	leastBest = 3e-4
	// It is taken over all the same when for longBlocks, with energies smoothed over 0.3 s, it has left
	// less than longShare: nobody can be followed for so long.
	longShare  = 0.4
	longBlocks = 40
	longKeep   = 0.97
	// A canceller that leaves lostRoom times the least it ever left, for lostBlocks, may face another
	// path: the learner is made to doubt.
	lostRoom   = 16
	lostBlocks = 25
	// One that adds to what it hears does face another path. slowStep smooths this over 160 ms.
	wrongShare = 1.25
	slowStep   = 0.06
	// Of tones the little that it adds is seen, if it does so for wrongBlocks: speech at the near end may have the same
	// frequency, and the opposite phase, for less.
	wrongTone   = 1.05
	wrongBlocks = 50
)

// track is how well the canceller and the learner do, in energies of blocks.
type track struct {
	heard, fore, back       float32 // smoothed: heard, left by the canceller, left by the learner
	slowHeard, slowFore     float32
	longFore, longBack      float32
	best                    float32 // least share that the canceller has left
	better, little          int     // blocks in a row
	worse, lost, long       int
	wrong                   int
	learned, turn, shortest int // blocks learned since nothing was known; blocks with echo; part last shortened
}

// nothing makes the canceller and the learner forget the path.
func (e *Echo) nothing() {
	clear(e.paths)
	clear(e.holds[:])
	clear(e.learned)
	e.doubtAtLeast(startDoubt)
	e.track.best, e.track.learned = 1, 0
	e.suppressor.leak, e.suppressor.cancels = startLeak, false
}

func (e *Echo) doubtAtLeast(gain float32) {
	least := gain / float32(len(e.paths))
	for m := range e.learned {
		doubt := e.learned[m].doubt[:echoBins]
		for k := range doubt {
			doubt[k] = max(doubt[k], least)
		}
	}
}

// learn lets the learner work on a block: near is what was heard and left what the canceller has made
// of it, which becomes the learner's where that takes over; heard and after are their energies. It gives
// the energy of left.
func (e *Echo) learn(left, near *block, heard, after float32) float32 {
	if e.watch(heard, after); e.frozen || e.tonal >= tonalBlocks {
		return after
	}
	if e.track.turn++; !e.learns(e.track.turn) {
		return after
	}
	var echo spectrum
	var unsure besideBins // power of the echo that is in doubt
	for m := range e.learned {
		if at := e.farAt(m); e.loud[at] > 0 {
			multiplyAddDoubt(&echo, &unsure, &e.heard[at], &e.learned[m])
		}
	}
	backLeft := *near
	now := echo.takenFrom(&backLeft)
	smooth := func(mean *float32, keep, now float32) { *mean = keep**mean + (1-keep)*now }
	smooth(&e.track.heard, energyKeep, heard)
	smooth(&e.track.fore, energyKeep, after)
	smooth(&e.track.longFore, longKeep, after)
	smooth(&e.track.back, energyKeep, now)
	smooth(&e.track.longBack, longKeep, now)
	e.step(&backLeft, &unsure)
	e.shorten()
	if e.track.learned++; e.track.learned == settleBlocks && len(e.paths) >= settleParts {
		e.settle()
	}
	if e.compare() {
		for i := range left { // over to the learner's without a step
			left[i] += (backLeft[i] - left[i]) * float32(i) / echoBlock
		}
		return energyOf(left)
	}
	return after
}

// learns tells whether a block with echo, of that number, is learned from.
func (e *Echo) learns(turn int) bool {
	t := &e.track
	switch {
	case t.learned < earlyBlocks:
		return true
	case t.slowFore < settledShare*t.slowHeard:
		return turn%4 == 0
	}
	return turn%2 == 0
}

var noBlock block

// step changes the learner's path by the Kalman gain times what it has missed.
func (e *Echo) step(left *block, unsure *besideBins) {
	var missed spectrum
	var share bins
	missed.of(&noBlock, left)
	gainOf(&missed, &share, &e.noise, unsure)
	for m := range e.learned {
		if at := e.farAt(m); e.loud[at] > 0 {
			stepPart(&e.learned[m], &e.heard[at], &missed, &share)
		}
	}
}

// shorten makes one part of the path as long as a block again, each in its turn: what the other half
// of the window has learned is a fault of the circular convolution.
func (e *Echo) shorten() {
	if e.track.shortest++; e.track.shortest >= len(e.learned) {
		e.track.shortest = 0
	}
	back := &e.learned[e.track.shortest].back
	var first, second block
	back.samples(&first, &second)
	back.of(&first, &noBlock)
}

// settle takes the parts of a long tail that have shown no more energy than most of them for empty:
// what is in them has been learned from noise, and there is now so much less left to learn.
func (e *Echo) settle() {
	each, _ := e.energies()
	count, sorted := len(e.paths), each
	slices.Sort(sorted[:count])
	for m := range e.paths {
		if each[m] > settleRatio*sorted[(count-1)/2] {
			continue
		}
		p := &e.learned[m]
		for k := range echoBins {
			p.doubt[k] *= settleShare
			p.back.re[k] *= settleShare
			p.back.im[k] *= settleShare
		}
	}
}

// watch follows how much the canceller leaves of what is heard. Where it adds to it the path has become another, or was
// learned from who spoke at the near end, and all is learned anew. Under tones of the far end nothing is learned, for they
// tell too little of a path; but that a path is wrong shows in them too, if it goes on for wrongBlocks.
func (e *Echo) watch(heard, left float32) {
	t := &e.track
	t.slowHeard += slowStep * (heard - t.slowHeard)
	t.slowFore += slowStep * (left - t.slowFore)
	if e.frozen || t.slowHeard < quietEnergy {
		return
	}
	wrong := false
	switch {
	case e.tonal < tonalBlocks:
		t.best, t.wrong = min(t.best*bestUp, max(t.slowFore/t.slowHeard, leastBest)), 0
		wrong = t.slowFore > wrongShare*t.slowHeard
	case t.slowFore > wrongTone*t.slowHeard:
		t.wrong++
		wrong = t.wrong > wrongBlocks
	default:
		t.wrong = 0
	}
	if wrong {
		e.nothing()
		t.slowFore, t.fore, t.back, t.wrong = t.slowHeard, t.heard, t.heard, 0
	}
}

// take makes the learner's path the canceller's. What is so little that it may be left out is left out.
func (e *Echo) take() {
	each, all := e.energies()
	for m := range e.paths {
		pack(&e.paths[m], &e.learned[m].back)
		e.holds[m] = each[m] > emptyShare*all
	}
	e.suppressor.cancels = true
}

// energies are those of the parts of the learner's path, and of all of it.
func (e *Echo) energies() (each [longestParts]float32, all float32) {
	for m := range e.learned {
		back := &e.learned[m].back
		for k := range echoBins {
			each[m] += back.re[k]*back.re[k] + back.im[k]*back.im[k]
		}
		all += each[m]
	}
	return each, all
}

// compare decides between the learner and the canceller, and tells whether the learner has become the
// canceller.
func (e *Echo) compare() bool {
	t := &e.track
	row := func(blocks *int, on bool) int {
		if *blocks++; !on {
			*blocks = 0
		}
		return *blocks
	}
	room := bestRoom * t.best * t.heard
	better := row(&t.better, t.back < betterShare*t.fore && t.back < room)
	little := row(&t.little, t.back < littleShare*t.fore && t.back < room)
	long := row(&t.long, t.longBack < longShare*t.longFore)
	worse := row(&t.worse, t.back > worseShare*t.fore)
	lost := row(&t.lost, t.fore > lostRoom*t.best*t.heard)
	switch {
	case better >= betterBlocks || little >= littleBlocks || long >= longBlocks:
		if long >= longBlocks { // what was best belongs to another path
			t.best = max(t.best, min(1, t.longBack/(t.slowHeard+1)))
		}
		t.better, t.little, t.long = 0, 0, 0
		e.take()
		t.fore, t.longFore = t.back, t.longBack
		return true
	case worse >= worseBlocks:
		t.worse = 0
		for m := range e.paths {
			unpack(&e.learned[m].back, &e.paths[m])
		}
		t.back, t.longBack = t.fore, t.longFore
	case lost >= lostBlocks:
		t.lost, t.learned = 0, min(t.learned, settleBlocks)
		e.doubtAtLeast(startDoubt / 4)
	}
	return false
}
