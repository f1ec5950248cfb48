package dsp

import "math"

// What the runs of CallProgress are made of: is there a sound in the band of call progress tones, and
// which of the country's is it?
const (
	progressLowHz = 300
	progressBins  = 9 // of 50 Hz, from progressLowHz
	progressLeast = -43.0
	// progressShare of the energy must lie in those bins.
	progressShare = 0.8
	// The longest stretch whose frequencies are measured, and the shortest for which that is possible.
	progressLongest  = 1600
	progressShortest = 480
	progressThinned  = 4
	// A frequency may be off by offHz where it is alone. What is measured must be this share of the
	// energy at least, and at most: two frequencies must not be found in one.
	progressOffHz = 25.0
	progressFound = 0.7
	progressMost  = 1.25
)

// progressWave holds the bins of the band over a Hann window.
var progressWave, progressHann = func() (w [progressBins][progressWindow]phasor, h [progressWindow]float32) {
	for n := range h {
		h[n] = float32(hann(n, progressWindow))
		for bin := range w {
			p := turnAt((progressLowHz + 50*bin) * n)
			w[bin][n] = phasor{p.re * h[n], p.im * h[n]}
		}
	}
	return w, h
}()

// kind gives the kind of the last 20 ms, and their level.
func (p *CallProgress) kind() (sound int, dBm0 float64) {
	window := p.past[len(p.past)-progressWindow:]
	var all, band float32
	for n, x := range window {
		v := float32(x) * progressHann[n]
		all += v * v
	}
	const hannPower = 0.375 // mean square of a Hann window
	if dBm0 = DBm0(float64(all) / (progressWindow * hannPower)); dBm0 < progressLeast {
		return soundSilence, dBm0
	}
	for bin := range progressWave {
		var sum phasor
		for n, x := range window {
			sum.re += float32(x) * progressWave[bin][n].re
			sum.im += float32(x) * progressWave[bin][n].im
		}
		band += sum.power()
	}
	if band*2/progressWindow < progressShare*all {
		return soundOther, dBm0
	}
	return soundUnknown, dBm0
}

// measure finds out which sound of the country a run of tone is.
func (p *CallProgress) measure(now *run) {
	n := min((now.hops-1)*progressHop, p.stretch)
	if n < progressShortest {
		// Too short to tell: it is what sounded before.
		if before := p.runs[progressRuns-3]; p.count >= 2 && before.sound >= 0 {
			now.sound = before.sound
			return
		}
		if n < progressHop {
			return
		}
	}
	end := len(p.past) - (p.leaving+1)*progressHop
	var points [progressLongest / progressThinned]float64
	count, all := thin(points[:], p.past[end-n:end])
	best, found := soundUnknown, progressFound
	for i, sines := range p.sounds {
		sum, least := 0.0, math.Inf(1)
		for k := range sines {
			power := loudestNear(points[:count], sines, k)
			sum += power
			least = min(least, power)
		}
		if share := sum / all; share > found && share < progressMost && least > sum/float64(len(sines))/10 {
			best, found = i, share
		}
	}
	now.sound = best
}

// thin takes the means of so many samples at a time, which leaves what is below 700 Hz nearly as it
// was, through a Hann window. It gives how many there are and the power of a lone sine that has their
// energy, in the unit of loudestNear.
func thin(points []float64, samples []int16) (count int, power float64) {
	count = len(samples) / progressThinned
	for i := range count {
		sum := 0.0
		for _, x := range samples[i*progressThinned:][:progressThinned] {
			sum += float64(x)
		}
		points[i] = sum * hann(i, count)
		power += points[i] * points[i]
	}
	// A sine of amplitude a has an energy of 3/16 a² n, and a spectrum of (a n / 4)² at its frequency.
	return count, power * float64(count) / 3
}

// loudestNear gives the power at the sine, or as far from it as the others and the measure allow.
func loudestNear(points []float64, sines []Sine, k int) float64 {
	room := progressOffHz
	for i, s := range sines {
		if i != k {
			room = min(room, math.Abs(s.Hz-sines[k].Hz)/4)
		}
	}
	best := 0.0
	const rate = float64(SampleRate) / progressThinned
	step := 0.6 * rate / float64(len(points)) // 0.6 of what the Hann window can tell apart
	for off := -room; off <= room+step/2; off += step {
		coefficient := 2 * math.Cos(2*math.Pi*(sines[k].Hz+off)/rate)
		s1, s2 := 0.0, 0.0
		for _, x := range points {
			s1, s2 = x+coefficient*s1-s2, s1
		}
		best = max(best, s1*s1+s2*s2-coefficient*s1*s2)
	}
	return best
}
