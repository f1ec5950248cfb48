package dsp

import "math"

// The answering tone of V.25 is 2100 Hz; a modem that wants the echo cancellers out of the way turns
// its phase over every 450 ms (clause 8.2/G.168 and clause 3/V.25):
//
//	phase  0°           180°          0°            180°
//	     |-- 450 ms ---|-- 450 ms ---|-- 450 ms ---| ...      2100 Hz, 3.3 s
//
// The sound is cut into parts of 5 ms, each is correlated with 2100 Hz (which turns 10.5 times in a
// part), and the sum over four parts is held against that over four parts before, two parts lying
// between:
//
//	part   | n-9 | n-8 | n-7 | n-6 | n-5 | n-4 | n-3 | n-2 | n-1 |  n  |
//	       |<------- before ------>|           |<------- after ------->|
const (
	answerHz        = 2100
	answerShare     = 0.55                                      // of the energy that the tone must hold
	answerLeastDBm0 = -36.0                                     // clause 8.3/G.168 asks for -31
	answerOffHz     = 40.0                                      // 21 must be accepted, 200 refused
	answerPresent   = 20                                        // parts before the tone is told: 100 ms
	answerAbsent    = 6                                         // parts before its end is told
	reversalCos     = -0.66                                     // 131°: 155° is a reversal, 110° is none
	reversalLeast   = (450 - 60) * SampleRate / 1000 / lonePart // parts between two of them
	reversalMost    = (450 + 60) * SampleRate / 1000 / lonePart
)

// AnswerTone hears the answering tone and its phase reversals in one direction of a call. The zero
// AnswerTone has heard silence so far.
type AnswerTone struct {
	partition
	answer
}

// answer is what is known of the answering tone after whole parts.
type answer struct {
	lone

	present, absent int
	sounds          bool
	since           int  // parts since the last reversal or the beginning
	jumped          bool // the last part was within a reversal
	reversals       int  // in a row at the right distance
}

// AnswerEvent is what was heard.
type AnswerEvent uint8

// Events of an answering tone, in the order in which they can come.
const (
	AnswerBegins   AnswerEvent = iota + 1 // 2100 Hz has sounded for about 100 ms
	AnswerReverses                        // its phase has turned over a second time, at the right distance
	AnswerEnds
)

// Push lets the detector hear the next samples; it calls emit for what they tell. It allocates nothing.
func (a *AnswerTone) Push(samples []int16, emit func(AnswerEvent)) {
	a.cut(samples, func(part *[lonePart]float32) {
		if event := a.hearPart(part); event != 0 {
			emit(event)
		}
	})
}

// Sounds tells that the tone is there now; Reversing that its phase has been turned over twice.
func (a *AnswerTone) Sounds() bool    { return a.sounds }
func (a *AnswerTone) Reversing() bool { return a.reversals >= 2 }

var (
	answerWave  = loneWaveOf(answerHz)
	answerLeast = loneLeast(answerLeastDBm0)
)

// hearPart moves the detector on by one part.
func (a *answer) hearPart(x *[lonePart]float32) AnswerEvent {
	a.hear(x, answerWave)
	there, offHz := a.is(answerLeast, answerShare)
	if !there || math.Abs(offHz) > answerOffHz {
		return a.miss()
	}
	a.absent = 0
	a.since++
	if a.present++; a.present < answerPresent {
		return 0
	}
	if !a.sounds {
		a.sounds, a.since, a.reversals = true, a.present, 0
		return AnswerBegins
	}
	jump := a.jumps(offHz)
	defer func() { a.jumped = jump }()
	if !jump || a.jumped {
		return 0
	}
	// The first reversal may come at any time, as the beginning was not heard.
	if a.reversals > 0 && (a.since < reversalLeast || a.since > reversalMost) {
		a.reversals = 0
	}
	a.since = 0
	if a.reversals++; a.reversals == 2 {
		return AnswerReverses
	}
	return 0
}

func (a *answer) miss() AnswerEvent {
	if a.absent++; a.absent < answerAbsent {
		a.since++
		return 0
	}
	ended := a.sounds
	a.sounds, a.present, a.reversals, a.jumped = false, 0, 0, false
	if ended {
		return AnswerEnds
	}
	return 0
}

// jumps tells whether the phase has turned over between before and after.
func (a *answer) jumps(offHz float64) bool {
	sin, cos := math.Sincos(2 * math.Pi * offHz * lonePart / SampleRate)
	turn, back := phasor{1, 0}, phasor{float32(cos), float32(-sin)}
	var after, before phasor
	var magnitude float32
	for n := uint32(loneParts); n >= 1; n-- {
		p := a.back(n).times(turn)
		turn = turn.times(back)
		switch {
		case n <= loneSum:
			after.re, after.im = after.re+p.re, after.im+p.im
		case n > loneParts-loneSum:
			before.re, before.im = before.re+p.re, before.im+p.im
		default:
			continue
		}
		magnitude += p.power()
	}
	size := float32(math.Sqrt(float64(before.power() * after.power())))
	// Both sums must hold together: their powers are loneSum times the parts' powers.
	return size > 0.7*loneSum*magnitude/2 && before.re*after.re+before.im*after.im < reversalCos*size
}

// disabler tells from both directions of a call when an echo canceller has to let everything pass
// (clause 8/G.168): an answering tone with phase reversals in either direction turns it off, a quarter
// of a second without signal in both turns it on again. The zero disabler lets the canceller work.
type disabler struct {
	tones    [2]answer
	disabled bool
	quiet    int // parts
}

const (
	holdDBm0     = -36.0
	releaseParts = 250 * SampleRate / 1000 / lonePart // 250 ms, ±150 ms allowed; 100 ms are held through
)

var holdEnergy = float32(math.Pow(Amplitude(holdDBm0), 2) / 2 * lonePart)

// energies are those of the last 10 ms.
func (d *disabler) energies() (far, near float32) {
	return d.tones[0].powerBack(2) + d.tones[0].powerBack(1), d.tones[1].powerBack(2) + d.tones[1].powerBack(1)
}

// hear takes the next 5 ms of both directions and tells whether the canceller is off.
func (d *disabler) hear(far, near *[lonePart]float32) bool {
	loud := false
	for i, x := range [2]*[lonePart]float32{far, near} {
		t := &d.tones[i]
		if t.hearPart(x) == AnswerReverses {
			d.disabled, d.quiet = true, 0
		}
		loud = loud || t.powerBack(1) > holdEnergy
	}
	if d.quiet++; loud {
		d.quiet = 0
	}
	d.disabled = d.disabled && d.quiet < releaseParts
	return d.disabled
}
