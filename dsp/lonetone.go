package dsp

import "math"

// A lone tone is looked for in parts of 5 ms: each is correlated with the tone's frequency, and the
// phase that one part gains on the part before tells by how much the true frequency is off, up to
// 100 Hz. What is told of the frequency is told of the parts before the last six, so that a sudden
// turn of the phase (a reversal of the answering tone) does not falsify it.
const (
	lonePart  = 40 // samples, 5 ms
	loneSum   = 4  // parts whose energy is judged
	loneParts = 10 // parts that are looked back on
	loneRing  = 16 // parts that are kept, a power of two
	loneKeep  = 0.93
)

// loneWave is a frequency of a whole number of 50 Hz: it has turned whole times after four parts.
type (
	loneWave     [4]lonePartWave
	lonePartWave struct{ re, im [lonePart]float32 }
)

func loneWaveOf(hz int) *loneWave {
	w := new(loneWave)
	for n := range len(w) * lonePart {
		turn := turnAt(hz * n)
		w[n/lonePart].re[n%lonePart], w[n/lonePart].im[n%lonePart] = turn.re, turn.im
	}
	return w
}

// loneLeast is the energy of loneSum parts of a sine of the level.
func loneLeast(dBm0 float64) float32 {
	return float32(math.Pow(Amplitude(dBm0), 2) / 2 * lonePart * loneSum)
}

// lone follows one tone. The zero lone has heard silence.
type lone struct {
	parts   uint32
	turning phasor             // sum of what each part's phase has gained on the one before, decaying
	ring    [loneRing]lonePast // by parts: few lines of a cache, of which the newest four are one
}

// lonePast is a part that was heard: its correlation with the tone, the power of that, its energy.
type lonePast struct {
	sum         phasor
	tone, power float32
}

// hear takes the next part.
func (l *lone) hear(x *[lonePart]float32, wave *loneWave) {
	sum, power := correlate(x, &wave[l.parts%4])
	at := l.parts % loneRing
	l.parts++
	l.ring[at] = lonePast{sum, sum.power(), power}
	now, before := l.back(loneParts-loneSum), l.back(loneParts-loneSum+1)
	gained := now.times(phasor{before.re, -before.im})
	l.turning = phasor{loneKeep*l.turning.re + gained.re, loneKeep*l.turning.im + gained.im}
}

// back is the sum of the part that is n before the one that comes next, toneBack its power, powerBack the part's energy.
func (l *lone) back(n uint32) phasor       { return l.ring[(l.parts-n)%loneRing].sum }
func (l *lone) toneBack(n uint32) float32  { return l.ring[(l.parts-n)%loneRing].tone }
func (l *lone) powerBack(n uint32) float32 { return l.ring[(l.parts-n)%loneRing].power }

// is tells whether the tone holds the share of the last parts' energy and that is at least the least,
// and by how much its frequency is off.
func (l *lone) is(least, share float32) (there bool, offHz float64) {
	var tone, all float32
	for n := uint32(1); n <= loneSum; n++ {
		tone += l.toneBack(n)
		all += l.powerBack(n)
	}
	if all < least || tone*2/lonePart < share*all {
		return false, 0
	}
	// Before the tone has come as far as the parts that tell of its frequency, nothing is known of it.
	if known := l.turning.power() * loneSum * loneSum; known < 0.6*tone*tone {
		return true, 0
	}
	turns := math.Atan2(float64(l.turning.im), float64(l.turning.re)) / (2 * math.Pi)
	return true, turns * SampleRate / lonePart
}

// partition cuts a stream into parts.
type partition struct {
	filled int
	part   [lonePart]float32
}

func (p *partition) cut(samples []int16, take func(*[lonePart]float32)) {
	for _, x := range samples {
		p.part[p.filled] = float32(x)
		if p.filled++; p.filled == lonePart {
			p.filled = 0
			take(&p.part)
		}
	}
}
