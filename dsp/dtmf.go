package dsp

import "math"

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
	normalTwistDB  = 9.2 // high tone weaker: 8 dB must be accepted (Table A-1/Q.24, AT&T)
	reverseTwistDB = 5.2 // low tone weaker: 4 dB must be accepted
	leastToneDBm0  = -36.0
	leastShare     = 0.80 // of the window's energy that the two tones must hold

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
	// LowDBm0 and HighDBm0 are the levels of the two tones.
	LowDBm0, HighDBm0 float64
}

// DTMF is a receiver of dialled digits for one direction of one call, after Q.24. Make one with
// NewDTMF. Its decisions do not depend on how the stream is cut into blocks.
//
// Departure: tones from -36 dBm0 are taken, below the -25 dBm that Table A-1/Q.24 asks for; a dial
// tone under the digits may not be stronger than 10 dB below them.
type DTMF struct {
	filled int // samples in hop
	hop    [hopSamples]int16
	hops   int64 // complete hops seen

	phasors [8][windowHops]phasor // ring by hops modulo windowHops; 0-3 low tones, 4-7 high
	powers  [windowHops]float32   // energy of each hop, the same ring

	candidate byte // digit of the latest hits, 0 none
	hits      int
	firstHit  int64 // hop after which the candidate's first hit was seen

	digit   byte // digit that has begun, 0 none
	misses  int
	lastHit int64
	low     float64
	high    float64
}

type phasor struct{ re, im float32 }

// NewDTMF makes a receiver that has heard silence so far.
func NewDTMF() *DTMF { return &DTMF{} }

// Push lets the receiver hear the next samples. It calls emit for each digit that begins or ends
// before it returns. It allocates nothing.
func (d *DTMF) Push(samples []int16, emit func(DigitEvent)) {
	for len(samples) > 0 {
		n := copy(d.hop[d.filled:], samples)
		samples = samples[n:]
		if d.filled += n; d.filled == hopSamples {
			d.filled = 0
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

// correlate works the full hop into the rings.
func (d *DTMF) correlate() {
	slot := d.hops % windowHops
	var x [hopSamples]float32
	var power float32
	for i, s := range d.hop {
		x[i] = float32(s)
		power += x[i] * x[i]
	}
	d.powers[slot] = power
	start := int(d.hops * hopSamples % SampleRate)
	for tone := range d.phasors {
		var sum phasor
		wave := &hopWave[tone]
		for i, v := range x {
			sum.re += v * wave[i].re
			sum.im += v * wave[i].im
		}
		d.phasors[tone][slot] = sum.times(hopTurn[toneHz(tone)*start%SampleRate])
	}
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
			emit(DigitEvent{d.digit, true, d.lastHit*hopSamples - endLagSamples, d.low, d.high})
			d.digit = 0
		}
	}
	if d.digit == 0 && d.hits >= hitsToBegin {
		d.digit, d.misses, d.lastHit = digit, 0, d.hops
		d.low, d.high = low, high
		emit(DigitEvent{digit, false, d.firstHit*hopSamples - beginLagSamples, low, high})
	}
}

// look gives the digit in the window, 0 if it is none, and the levels of its tones in dBm0.
func (d *DTMF) look() (digit byte, lowDBm0, highDBm0 float64) {
	var energy float32
	for _, p := range d.powers {
		energy += p
	}
	if energy < leastWindowEnergy {
		return 0, 0, 0
	}
	low, high := d.loudest(0), d.loudest(4)
	lowPower, lowDBm0, lowHz := d.measure(low)
	highPower, highDBm0, highHz := d.measure(high)
	// A sine of amplitude a gives a phasor of a·160/2 and an energy of a²·160/2.
	if (lowPower+highPower)*2/windowSamples < leastShare*energy {
		return 0, 0, 0
	}
	if math.Abs(lowHz) > toleranceShare*float64(toneHz(low)) || math.Abs(highHz) > toleranceShare*float64(toneHz(high)) {
		return 0, 0, 0
	}
	if lowDBm0 < leastToneDBm0 || highDBm0 < leastToneDBm0 ||
		lowDBm0-highDBm0 > normalTwistDB || highDBm0-lowDBm0 > reverseTwistDB {
		return 0, 0, 0
	}
	return dtmfKeys[low*4+high-4], lowDBm0, highDBm0
}

// leastWindowEnergy is that of two tones at leastToneDBm0, filling four fifths of a window.
var leastWindowEnergy = float32(math.Pow(Amplitude(leastToneDBm0), 2) * windowSamples * leastShare)

// loudest finds the loudest of the four tones from first.
func (d *DTMF) loudest(first int) int {
	best, most := first, float32(-1)
	for tone := first; tone < first+4; tone++ {
		var power float32
		// Two halves, each by itself: a tone off its frequency loses little.
		for half := 0; half < windowHops; half += windowHops / 2 {
			var sum phasor
			for hop := half; hop < half+windowHops/2; hop++ {
				p := d.phasors[tone][(d.hops+int64(hop))%windowHops]
				sum.re += p.re
				sum.im += p.im
			}
			power += sum.power()
		}
		if power > most {
			best, most = tone, power
		}
	}
	return best
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
	var early, late phasor
	for i, w := range partWeight {
		p := d.phasors[tone][(d.hops+int64(i))%windowHops]
		early.re, early.im = early.re+w*p.re, early.im+w*p.im
		p = d.phasors[tone][(d.hops+int64(i+partShift))%windowHops]
		late.re, late.im = late.re+w*p.re, late.im+w*p.im
	}
	gained := late.times(phasor{early.re, -early.im})
	angle := math.Atan2(float64(gained.im), float64(gained.re)) / partShift // a hop
	sin, cos := math.Sincos(angle)
	back, turn := phasor{float32(cos), float32(-sin)}, phasor{1, 0}
	var even, tapered phasor
	for i, w := range windowWeight {
		p := d.phasors[tone][(d.hops+int64(i))%windowHops].times(turn)
		even.re, even.im = even.re+p.re, even.im+p.im
		tapered.re, tapered.im = tapered.re+w*p.re, tapered.im+w*p.im
		turn = turn.times(back)
	}
	const toMeanPower = 2.0 / (windowSamples * windowSamples)
	offsetHz = angle / (2 * math.Pi) * SampleRate / hopSamples
	return even.power(), DBm0(float64(tapered.power()) * toMeanPower), offsetHz
}
