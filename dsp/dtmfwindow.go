package dsp

import "math"

// hit is what a window holds: a digit, 0 if none, and what its tones measure (toneDBm0).
type hit struct {
	digit     byte
	low, high float32
}

// toMeanPower makes of the square of a phasor, summed over a window with weights of mean 1, the tone's
// mean power: a sine of amplitude a gives a·n/2 in n samples.
const toMeanPower = 2.0 / (windowSamples * windowSamples)

func toneDBm0(square float32) float64 { return DBm0(float64(square) * toMeanPower) }

var (
	normalTwist  = float32(math.Pow(10, normalTwistDB/10))
	reverseTwist = float32(math.Pow(10, reverseTwistDB/10))

	// mostTurn is what each tone's phase may gain on its nominal frequency's from early to late.
	mostTurn = func() (most [8]float32) {
		for tone := range most {
			most[tone] = float32(2 * math.Pi * toleranceShare * float64(toneHz(tone)) * partShift * hopSamples / SampleRate)
		}
		return most
	}()
)

// look gives the hit in one of the last eight windows.
func (d *DTMF) look(window int64) hit {
	first := int(window*hopsAWindow-windowHops) & (ringHops - 1)
	var energy float32
	for i := range int64(windowHops / hopsAWindow) {
		energy += d.energies[(window-i)&(ringWindows-1)]
	}
	if energy < d.leastEnergy {
		return hit{}
	}
	var halves [8]float32
	squareHalves(&d.phasors, first, &halves)
	low, high := loudest(&halves, 0), loudest(&halves, 4)
	// A sine of amplitude a gives a phasor of a·n/2 and an energy of a²·n/2 in n samples.
	if (halves[low]+halves[high])*4/windowSamples < halfShare*energy {
		return hit{}
	}
	even, tone := d.measure(first, low, high)
	if tone[0] < d.leastTone || tone[1] < d.leastTone || tone[0] > tone[1]*normalTwist || tone[1] > tone[0]*reverseTwist ||
		(even[0]+even[1])*2/windowSamples < leastShare*energy {
		return hit{}
	}
	return hit{dtmfKeys[low*4+high-4], tone[0], tone[1]}
}

// loudest finds the loudest of the four tones from first.
func loudest(halves *[8]float32, first int) int {
	best := first
	for tone := first + 1; tone < first+4; tone++ {
		if halves[tone] > halves[best] {
			best = tone
		}
	}
	return best
}

// partTaper and windowTaper are Hann windows over the hops of a part and of the whole window, the
// latter of mean 1: they keep the stronger tone out of the weaker one's measure.
var partTaper, windowTaper = func() (part *[partHops]twoTones, window *[windowHops]twoTones) {
	part, window = new([partHops]twoTones), new([windowHops]twoTones)
	for i := range part {
		w := float32(hann(i, partHops))
		part[i] = twoTones{w, w, w, w}
	}
	for i := range window {
		w := float32(2 * hann(i, windowHops))
		window[i] = twoTones{w, w, w, w}
	}
	return part, window
}()

// measure gives the squares of two tones' phasors at their true frequencies: even, summed evenly over the
// window, is what each adds to the window's energy; tone, summed with a taper, tells its level. They are 0
// when a true frequency is too far from its nominal one.
func (d *DTMF) measure(first, low, high int) (even, tone [2]float32) {
	var window [windowHops + 2]twoTones
	gatherTones(&d.phasors, first, low, high, partTaper, &window)
	early, late := &window[windowHops], &window[windowHops+1]
	var once, twice [2]twoTones
	for i, tone := range [2]int{low, high} {
		re, im := 2*i, 2*i+1
		turned := phasor{late[re], late[im]}.times(phasor{early[re], -early[im]}).angle()
		if turned > mostTurn[tone] || -turned > mostTurn[tone] {
			return [2]float32{}, [2]float32{}
		}
		back := smallTurn(-turned / partShift)
		once[0][re], once[0][im], once[1][re], once[1][im] = back.re, back.re, -back.im, back.im
		back = back.times(back)
		twice[0][re], twice[0][im], twice[1][re], twice[1][im] = back.re, back.re, -back.im, back.im
	}
	var sums [2]twoTones
	turnTones(&window, windowTaper, &once, &twice, &sums)
	for i := range 2 {
		even[i] = phasor{sums[0][2*i], sums[0][2*i+1]}.power()
		tone[i] = phasor{sums[1][2*i], sums[1][2*i+1]}.power()
	}
	return even, tone
}

// angle is the phasor's angle, -π to π, right to 1e-5: the arc tangent's least polynomial of ninth
// degree below 1 (Abramowitz and Stegun, 4.4.47) and its symmetries beyond.
func (a phasor) angle() float32 {
	x, y := max(a.re, -a.re), max(a.im, -a.im)
	most := max(x, y)
	if most == 0 {
		return 0
	}
	r := min(x, y) / most
	s := r * r
	v := r * (0.9998660 + s*(-0.3302995+s*(0.1801410+s*(-0.0851330+s*0.0208351))))
	if y > x {
		v = math.Pi/2 - v
	}
	if a.re < 0 {
		v = math.Pi - v
	}
	if a.im < 0 {
		v = -v
	}
	return v
}

// smallTurn is e^(j v) for angles up to π/6, right to 1e-7.
func smallTurn(v float32) phasor {
	s := v * v
	return phasor{
		1 + s*(-1.0/2+s*(1.0/24-s*(1.0/720))),
		v * (1 + s*(-1.0/6+s*(1.0/120-s*(1.0/5040)))),
	}
}
