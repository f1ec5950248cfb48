package dsp

import (
	"math"
	"time"
)

// The receiver cuts the sound into hops of 1.25 ms. For every hop it correlates with the eight
// frequencies of Q.23 (hop.go); the last sixteen hops make a window of 20 ms:
//
//	hop        | 1 | 2 | 3 | 4 | 5 | 6 |  ...  | 15| 16|
//	window     |<-----------  160 samples  ----------->|   energy, levels of the two tones
//	early      |<------  100  ----->|                      phase of each tone ...
//	late                      |<------  100  --------->|   ... and what it gains in 7.5 ms: the
//	                                                       true frequency
//
// A window is a hit for a digit when both tones are near enough to their nominal frequencies, in
// the right proportion, and hold nearly all the energy there is. A window that the tone fills to
// about 80 % is a hit, so a tone of T ms gives about (T-12)/2.5 hits in a row, as a window stands after
// every second hop.
//
// Nothing begins without hitsToBegin hits in a row and nothing ends without as many windows that are
// something else, so while every eighth window says what stands already (nothing, or the digit that
// sounds) the seven between are not looked at. When one says otherwise the seven before it are looked at
// too, back to the one that says what stands, and each window after it until one does so again:
//
//	window     1         8         16        24  ...       stands: nothing
//	looked at            ·       ····        ·
//	                              5555555...              a hit at 16 calls 15, 14, 13; 8 in a row at 20
const (
	hopSamples    = 10
	windowHops    = 16
	partHops      = 10
	partShift     = windowHops - partHops
	windowSamples = hopSamples * windowHops
	hopsAWindow   = 2 // from one window to the next

	// hitsToBegin lies between the 4 or 5 hits of a tone of 23 ms, which must be refused, and the 10
	// or 11 of one of 40 ms, which must be accepted (Table A-1/Q.24, AT&T).
	hitsToBegin = 8
	// missesToEnd is reached by pauses from about 18 ms; interruptions of 10 ms are bridged (Table
	// A-1/Q.24).
	missesToEnd = 11

	// toleranceShare lies between the 1.5 % that must be accepted and the 3.5 % that must be refused
	// (Table A-1/Q.24).
	toleranceShare = 0.025
	normalTwistDB  = 9.2  // high tone weaker: 8 dB must be accepted (Table A-1/Q.24, AT&T)
	reverseTwistDB = 5.2  // low tone weaker: 4 dB must be accepted
	leastShare     = 0.80 // of the window's energy that the two tones must hold
	// halfShare is what the two loudest tones of the window's halves hold at least of a hit: 1633 Hz off
	// by toleranceShare loses a quarter in 10 ms.
	halfShare = 0.55

	// A window is at its first hit when the tone has filled it to about leastShare, and at its last
	// when as much of it is left.
	beginLagSamples = windowSamples * 8 / 10
	endLagSamples   = windowSamples * 2 / 10
)

// DigitEvent tells of the beginning or the end of a digit.
type DigitEvent struct {
	Digit byte // '0'-'9', '*', '#', 'A'-'D'
	End   bool
	// At is the sample, counted from the detector's first, where the tone began or ended, right to
	// about 5 ms. It lies before the sample at which the event is given: by about 35 ms at the
	// beginning, 30 ms at the end.
	At int64
	// LowDBm0 and HighDBm0 are the levels of the two tones: of the first at the beginning, the highest
	// there were at the end.
	LowDBm0, HighDBm0 float64
	// Samples is how long the tone has sounded, 0 at the beginning.
	Samples int64
}

// TwistDB is by how much the high tone is the stronger one. Lines lose more of it: it is negative for
// what Q.24 calls normal twist.
func (e DigitEvent) TwistDB() float64 { return e.HighDBm0 - e.LowDBm0 }

// Lasted is how long the tone has sounded, 0 at the beginning.
func (e DigitEvent) Lasted() time.Duration {
	return time.Duration(e.Samples) * time.Second / SampleRate
}

// DTMFReception is what a receiver may be told of its network. The zero value suits any.
type DTMFReception struct {
	// LeastDBm0 is the level below which no tone is taken, 0 for -36. NTT asks for none below -29.
	LeastDBm0 float64
	// DialTone are the one or two frequencies, 300 to 500 Hz, of a tone that may sound under the digits
	// and be stronger than they are by 12 dB; none where the tone ends with the first digit.
	DialTone []float64
}

// DTMF is a receiver of dialled digits for one direction of one call, after Q.24. Make one with
// NewDTMF. Its decisions do not depend on how the stream is cut into blocks.
//
// Departure: tones from -36 dBm0 are taken, below the -25 dBm that Table A-1/Q.24 asks for; a dial
// tone under the digits may not be stronger than 10 dB below them if it was not told of.
type DTMF struct {
	leastTone   float32 // what a tone must measure
	leastEnergy float32 // of a window of two such tones
	notch       notch

	filled int // samples in hop
	hop    [hopSamples]int16
	hops   int64 // complete hops seen
	turn   int   // by how much the next hop is set back, index of hopTurns

	phasors  [ringHops]eightTones
	energies [ringWindows]float32 // of the two hops by which each window is further than the one before

	looked int64 // the last window looked at
	due    int64 // the next one

	candidate byte // digit of the latest hits, 0 none
	hits      int
	firstHit  int64 // window of the candidate's first hit

	digit   byte // digit that has begun, 0 none
	began   int64
	misses  int
	lastHit int64
	low     float32
	high    float32
}

// NewDTMF makes a receiver for any network that has heard silence so far.
func NewDTMF() *DTMF { return NewDTMFFor(DTMFReception{}) }

// NewDTMFFor makes a receiver for the network that is told of.
func NewDTMFFor(r DTMFReception) *DTMF {
	least := r.LeastDBm0
	if least == 0 {
		least = -36
	}
	power := math.Pow(Amplitude(least), 2) / 2
	return &DTMF{
		leastTone: float32(power / toMeanPower),
		// A window that the tones fill to four fifths.
		leastEnergy: float32(2 * power * windowSamples * leastShare),
		notch:       notchAt(r.DialTone),
		due:         hitsToBegin,
	}
}

// Push lets the receiver hear the next samples. It calls emit for each digit that begins or ends
// before it returns. It allocates nothing.
func (d *DTMF) Push(samples []int16, emit func(DigitEvent)) {
	for len(samples) > 0 {
		if d.filled == 0 && len(samples) >= hopSamples {
			d.next((*[hopSamples]int16)(samples), emit)
			samples = samples[hopSamples:]
			continue
		}
		n := copy(d.hop[d.filled:], samples)
		samples = samples[n:]
		if d.filled += n; d.filled == hopSamples {
			d.filled = 0
			d.next(&d.hop, emit)
		}
	}
}

// next hears a hop.
func (d *DTMF) next(samples *[hopSamples]int16, emit func(DigitEvent)) {
	d.correlate(samples)
	if window := d.hops / hopsAWindow; d.hops%hopsAWindow == 0 && window >= d.due {
		d.judge(window, emit)
	}
}

// PushOctets is Push for companded sound.
func (d *DTMF) PushOctets(octets []byte, law Law, emit func(DigitEvent)) {
	var samples [160]int16
	for len(octets) > 0 {
		n := min(len(octets), len(samples))
		law.Expand(samples[:n], octets[:n])
		d.Push(samples[:n], emit)
		octets = octets[n:]
	}
}

// Digit is the digit that sounds now, 0 if none.
func (d *DTMF) Digit() byte { return d.digit }

// judge looks at the window, and at those before it that have not been looked at as far back as they say
// something else than what stands.
func (d *DTMF) judge(window int64, emit func(DigitEvent)) {
	var hits [hitsToBegin]hit
	n := 0
	hits[0] = d.look(window)
	for hits[n].digit != d.digit && window-int64(n)-1 > d.looked {
		n++
		hits[n] = d.look(window - int64(n))
	}
	for ; n >= 0; n-- {
		d.step(window-int64(n), hits[n], emit)
	}
	d.looked, d.due = window, window+1
	if hits[0].digit == d.digit {
		d.due = window + hitsToBegin
	}
}

// step moves the digit on by one window.
func (d *DTMF) step(window int64, h hit, emit func(DigitEvent)) {
	if h.digit == 0 || h.digit != d.candidate {
		d.candidate, d.hits, d.firstHit = h.digit, 0, window
	}
	if h.digit != 0 {
		d.hits++
	}
	const samples = hopsAWindow * hopSamples
	switch {
	case d.digit != 0 && h.digit == d.digit:
		d.misses, d.lastHit = 0, window
		d.low, d.high = max(d.low, h.low), max(d.high, h.high)
	case d.digit != 0:
		if d.misses++; d.misses >= missesToEnd || d.hits >= hitsToBegin {
			ended := d.lastHit*samples - endLagSamples
			emit(DigitEvent{d.digit, true, ended, toneDBm0(d.low), toneDBm0(d.high), ended - d.began})
			d.digit = 0
		}
	}
	if d.digit == 0 && d.hits >= hitsToBegin {
		d.digit, d.misses, d.lastHit = h.digit, 0, window
		d.low, d.high = h.low, h.high
		d.began = d.firstHit*samples - beginLagSamples
		emit(DigitEvent{h.digit, false, d.began, toneDBm0(h.low), toneDBm0(h.high), 0})
	}
}
