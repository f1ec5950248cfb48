package dsp

import (
	"math"
	"time"
)

// Answerer is who has answered a call, as far as can be heard.
type Answerer uint8

// The verdicts of an AnswererDetector.
const (
	NotSure Answerer = iota // listen on
	Person                  // a few words, then a pause: somebody waits for an answer
	Machine                 // a greeting that goes on, or a tone to speak after
	Nobody                  // nothing is said
)

var answererNames = [...]string{"not_sure", "person", "machine", "nobody"}

// String returns "not_sure", "person", "machine" or "nobody".
func (a Answerer) String() string { return answererNames[a] }

// The times by which persons and machines are told apart; the field's usual ones.
const (
	answererLimit   = 5 * time.Second         // then it is whoever is more likely
	answererSilence = 2500 * time.Millisecond // before anything is said
	answererWaits   = 800 * time.Millisecond  // a pause after which somebody is waiting
	answererGreets  = 1500 * time.Millisecond // of speech: more is a greeting read out
	answererWord    = 120 * time.Millisecond  // less is no word
	answererGap     = 60 * time.Millisecond   // between two words
	answererWords   = 4                       // more are a greeting read out
	answererBeep    = 250 * time.Millisecond  // of one tone
)

// The tone after a greeting: its least level, how much may be beside it, and how far 2 cos w may move in 10 ms.
const (
	answererBeepDBm0 = -35
	answererTonal    = 0.02
	answererSteady   = 0.02
)

// AnswererDetector tells a person from an answering machine by how much is said before the first pause. Speech alone
// decides, not what it says: a person with a long greeting is taken for a machine, a machine with a short one for a person.
// The zero value is ready to hear the first samples after the answer.
type AnswererDetector struct {
	voice   VAD
	filled  int
	frame   [vadFrame]int16
	verdict Answerer

	at      time.Duration // since the answer
	speech  time.Duration // of all words
	word    time.Duration // of this one
	silence time.Duration // since the last
	words   int
	beep    time.Duration
	turn    float64 // 2 cos w of the tone
}

// Push lets the detector hear the next samples and returns its verdict, which does not change any more once it is not
// NotSure. It allocates nothing.
func (d *AnswererDetector) Push(samples []int16) Answerer {
	for len(samples) > 0 && d.verdict == NotSure {
		n := copy(d.frame[d.filled:], samples)
		samples = samples[n:]
		if d.filled += n; d.filled == vadFrame {
			d.filled = 0
			d.hear()
		}
	}
	return d.verdict
}

// hear takes 10 ms.
func (d *AnswererDetector) hear() {
	const step = vadFrame * time.Second / SampleRate
	d.voice.Push(d.frame[:])
	speaks := d.voice.loud > 0 // without the detector's hold, which would fill the gaps between words
	d.at += step
	d.tone(step)
	switch {
	case speaks:
		if d.silence > answererGap && d.word == 0 {
			d.words++
		}
		if d.words == 0 {
			d.words = 1
		}
		d.word += step
		d.speech += step
		d.silence = 0
	default:
		if d.silence += step; d.silence > answererGap {
			if 0 < d.word && d.word < answererWord { // a click, a breath
				d.words--
				d.speech -= d.word
			}
			d.word = 0
		}
	}
	switch {
	case d.beep >= answererBeep, d.speech > answererGreets, d.words > answererWords:
		d.verdict = Machine
	case d.words == 0 && d.at >= answererSilence:
		d.verdict = Nobody
	case d.words > 0 && d.silence >= answererWaits:
		d.verdict = Person
	case d.at >= answererLimit:
		d.verdict = Machine
	}
}

// tone looks for one steady tone: every sample of one is a fixed multiple of the one before it less the one before that,
//
//	x[n] = 2 cos(w) x[n-1] - x[n-2]
//
// and what is left of the frame where the best multiple is taken away tells how far it is from one.
func (d *AnswererDetector) tone(step time.Duration) {
	var across, square, pair float64
	for n := 2; n < vadFrame; n++ {
		before, both := float64(d.frame[n-1]), float64(d.frame[n])+float64(d.frame[n-2])
		across += before * both
		square += before * before
		pair += both * both
	}
	least := math.Pow(Amplitude(answererBeepDBm0), 2) / 2 * vadFrame
	if square < least || pair-across*across/square > answererTonal*square {
		d.beep, d.turn = 0, 0
		return
	}
	if turn := across / square; d.beep == 0 || math.Abs(turn-d.turn) < answererSteady {
		d.beep, d.turn = d.beep+step, turn
		return
	}
	d.beep = 0
}
