package dsp

import (
	"math"
	"time"
)

// The receiver cuts the sound into hops of 1.25 ms. For every hop it correlates with the eight
// frequencies of Q.23; the last sixteen hops make a window of 20 ms, judged anew after every second
// hop:
//
//	hop        | 1 | 2 | 3 | 4 | 5 | 6 |  ...  | 15| 16|
//	window     |<-----------  160 samples  ----------->|   energy, levels of the two tones
//	early      |<------  100  ----->|                      phase of each tone ...
//	late                      |<------  100  --------->|   ... and what it gains in 7.5 ms: the
//	                                                       true frequency
//
// A window is a hit for a digit when both tones are near enough to their nominal frequencies, in
// the right proportion, and hold nearly all the energy there is. A window that the tone fills to
// about 80 % is a hit, so a tone of T ms gives about (T-12)/2.5 hits in a row.
const (
	hopSamples    = 10
	windowHops    = 16
	partHops      = 10
	partShift     = windowHops - partHops
	windowSamples = hopSamples * windowHops
	hopsAJudgment = 2

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
	leastDBm0   float64
	leastEnergy float32 // of a window of two tones at leastDBm0
	notch       notch

	filled int // samples in hop
	hop    [hopSamples]float32
	hops   int64 // complete hops seen

	phasors [8][2 * windowHops]phasor  // 0-3 low tones, 4-7 high: each hop stands at two places
	powers  [2 * windowHops]float32    // energy of each hop, likewise
	turned  [8]int32                   // by how much a hop is set back, index of hopTurn
	halves  [8][windowHops / 2]float32 // power of the sum over half a window that ended with a hop

	candidate byte // digit of the latest hits, 0 none
	hits      int
	firstHit  int64 // hop after which the candidate's first hit was seen

	digit   byte // digit that has begun, 0 none
	began   int64
	misses  int
	lastHit int64
	low     float64
	high    float64
}

type phasor struct{ re, im float32 }

// NewDTMF makes a receiver for any network that has heard silence so far.
func NewDTMF() *DTMF { return NewDTMFFor(DTMFReception{}) }

// NewDTMFFor makes a receiver for the network that is told of.
func NewDTMFFor(r DTMFReception) *DTMF {
	d := &DTMF{leastDBm0: r.LeastDBm0, notch: notchAt(r.DialTone)}
	if d.leastDBm0 == 0 {
		d.leastDBm0 = -36
	}
	// A window that the tones fill to four fifths.
	d.leastEnergy = float32(math.Pow(Amplitude(d.leastDBm0), 2) * windowSamples * leastShare)
	return d
}

// Push lets the receiver hear the next samples. It calls emit for each digit that begins or ends
// before it returns. It allocates nothing.
func (d *DTMF) Push(samples []int16, emit func(DigitEvent)) {
	for _, x := range samples {
		d.hop[d.filled] = float32(x)
		if d.filled++; d.filled == hopSamples {
			d.filled = 0
			d.notch.filter(d.hop[:])
			d.correlate()
			if d.hops++; d.hops%hopsAJudgment == 0 {
				d.judge(emit)
			}
		}
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

// hopWave holds the eight reference waves of one hop, hopTurn the turns by which a hop that starts
// at sample n (modulo 8000) is set back: all frequencies are whole numbers of Hz.
var (
	hopWave = func() (w [8][hopSamples]phasor) {
		for tone := range w {
			for n := range w[tone] {
				w[tone][n] = turnAt(toneHz(tone) * n)
			}
		}
		return w
	}()
	hopTurn = func() (t [SampleRate]phasor) {
		for n := range t {
			t[n] = turnAt(n)
		}
		return t
	}()
)

func toneHz(tone int) int {
	if tone < 4 {
		return dtmfLowHz[tone]
	}
	return dtmfHighHz[tone-4]
}

// turnAt is e^(-j 2π n/8000).
func turnAt(n int) phasor {
	sin, cos := math.Sincos(2 * math.Pi * float64(n%SampleRate) / SampleRate)
	return phasor{float32(cos), float32(-sin)}
}

func (a phasor) times(b phasor) phasor {
	return phasor{a.re*b.re - a.im*b.im, a.re*b.im + a.im*b.re}
}

func (a phasor) power() float32 { return a.re*a.re + a.im*a.im }

// quietHop is the energy of a hop of -60 dBm0: what lies below is silence.
var quietHop = float32(math.Pow(Amplitude(-60), 2) / 2 * hopSamples)

// correlate works the full hop into the rings.
func (d *DTMF) correlate() {
	slot := int(d.hops % windowHops)
	x := &d.hop
	var power float32
	for _, v := range x {
		power += v * v
	}
	if power < quietHop {
		power = 0
	}
	d.powers[slot], d.powers[slot+windowHops] = power, power
	for tone := range d.phasors {
		var sum phasor
		if power > 0 {
			wave := &hopWave[tone]
			for i, v := range x {
				sum.re += v * wave[i].re
				sum.im += v * wave[i].im
			}
			sum = sum.times(hopTurn[d.turned[tone]])
		}
		d.phasors[tone][slot], d.phasors[tone][slot+windowHops] = sum, sum
		if d.turned[tone] += hopTurns[tone]; d.turned[tone] >= SampleRate {
			d.turned[tone] -= SampleRate
		}
	}
}

// hopTurns are the turns, in parts of hopTurn, that each tone makes in a hop.
var hopTurns = func() (t [8]int32) {
	for tone := range t {
		t[tone] = int32(toneHz(tone) * hopSamples % SampleRate)
	}
	return t
}()

// window gives the hops of the window, oldest first.
func (d *DTMF) window(tone int) *[windowHops]phasor {
	return (*[windowHops]phasor)(d.phasors[tone][d.hops%windowHops:])
}

// judge decides whether the window is a hit and moves the digit on.
func (d *DTMF) judge(emit func(DigitEvent)) {
	digit, low, high := d.look()
	if digit == 0 || digit != d.candidate {
		d.candidate, d.hits, d.firstHit = digit, 0, d.hops
	}
	if digit != 0 {
		d.hits++
	}
	switch {
	case d.digit != 0 && digit == d.digit:
		d.misses, d.lastHit = 0, d.hops
		d.low, d.high = max(d.low, low), max(d.high, high)
	case d.digit != 0:
		if d.misses++; d.misses >= missesToEnd || d.hits >= hitsToBegin {
			ended := d.lastHit*hopSamples - endLagSamples
			emit(DigitEvent{d.digit, true, ended, d.low, d.high, ended - d.began})
			d.digit = 0
		}
	}
	if d.digit == 0 && d.hits >= hitsToBegin {
		d.digit, d.misses, d.lastHit = digit, 0, d.hops
		d.low, d.high = low, high
		d.began = d.firstHit*hopSamples - beginLagSamples
		emit(DigitEvent{digit, false, d.began, low, high, 0})
	}
}

// look gives the digit in the window, 0 if it is none, and the levels of its tones in dBm0.
func (d *DTMF) look() (digit byte, lowDBm0, highDBm0 float64) {
	var energy float32
	for _, p := range d.powers[:windowHops] {
		energy += p
	}
	low, lowHalves := d.loudest(0)
	high, highHalves := d.loudest(4)
	// A sine of amplitude a gives a phasor of a·n/2 and an energy of a²·n/2 in n samples.
	if energy < d.leastEnergy || (lowHalves+highHalves)*4/windowSamples < halfShare*energy {
		return 0, 0, 0
	}
	lowPower, lowDBm0, lowHz := d.measure(low)
	highPower, highDBm0, highHz := d.measure(high)
	if (lowPower+highPower)*2/windowSamples < leastShare*energy {
		return 0, 0, 0
	}
	if math.Abs(lowHz) > toleranceShare*float64(toneHz(low)) || math.Abs(highHz) > toleranceShare*float64(toneHz(high)) {
		return 0, 0, 0
	}
	if lowDBm0 < d.leastDBm0 || highDBm0 < d.leastDBm0 ||
		lowDBm0-highDBm0 > normalTwistDB || highDBm0-lowDBm0 > reverseTwistDB {
		return 0, 0, 0
	}
	return dtmfKeys[low*4+high-4], lowDBm0, highDBm0
}

// loudest finds the loudest of the four tones from first, and its power in the two halves of the
// window, each taken by itself: a tone off its frequency loses little.
func (d *DTMF) loudest(first int) (tone int, power float32) {
	const half = windowHops / 2
	now := d.hops % half
	best, most := first, float32(-1)
	for tone := first; tone < first+4; tone++ {
		var sum phasor
		for _, p := range d.window(tone)[half:] {
			sum.re += p.re
			sum.im += p.im
		}
		older := d.halves[tone][now]
		d.halves[tone][now] = sum.power()
		if both := older + sum.power(); both > most {
			best, most = tone, both
		}
	}
	return best, most
}

// partWeight and windowWeight are Hann windows over the hops of a part and of the whole window, the
// latter of mean 1: they keep the stronger tone out of the weaker one's measure.
var partWeight, windowWeight = func() (part [partHops]float32, window [windowHops]float32) {
	for i := range part {
		part[i] = float32(hann(i, partHops))
	}
	for i := range window {
		window[i] = float32(2 * hann(i, windowHops))
	}
	return part, window
}()

// measure gives the power of a tone's phasor summed evenly over the window, which is what it adds
// to the window's energy; its level; and by how many Hz its true frequency lies above the nominal
// one. Power and level are those at the true frequency.
func (d *DTMF) measure(tone int) (power float32, dBm0, offsetHz float64) {
	window := d.window(tone)
	var early, late phasor
	for i, w := range partWeight {
		p := window[i]
		early.re, early.im = early.re+w*p.re, early.im+w*p.im
		p = window[i+partShift]
		late.re, late.im = late.re+w*p.re, late.im+w*p.im
	}
	gained := late.times(phasor{early.re, -early.im})
	angle := math.Atan2(float64(gained.im), float64(gained.re)) / partShift // a hop
	sin, cos := math.Sincos(angle)
	back, turn := phasor{float32(cos), float32(-sin)}, phasor{1, 0}
	var even, tapered phasor
	for i, w := range windowWeight {
		p := window[i].times(turn)
		even.re, even.im = even.re+p.re, even.im+p.im
		tapered.re, tapered.im = tapered.re+w*p.re, tapered.im+w*p.im
		turn = turn.times(back)
	}
	const toMeanPower = 2.0 / (windowSamples * windowSamples)
	offsetHz = angle / (2 * math.Pi) * SampleRate / hopSamples
	return even.power(), DBm0(float64(tapered.power()) * toMeanPower), offsetHz
}
