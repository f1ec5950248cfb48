package dsp

import "math"

// Background noise is brought down in the frequency domain: 20 ms are looked at every 10 ms, for each of the 81 bins the
// noise is followed by how probable speech is in it (Gerkmann and Hendriks, IEEE TASL 20/4, 2012), and a Wiener filter with
// the decision-directed estimate of speech above noise (Ephraim and Malah, IEEE ASSP 32/6, 1984) turns the bin down, by the root of
// its gain: gentler, so that what is weak in speech stays.
//
//	samples --> window --> transform --> gain of each bin --> back --> window --> overlap and add -->
//	                           |            ^
//	                           +--> noise --+
const (
	// noiseFloor is the least gain, -14 dB: noise that is turned down further sounds like water.
	noiseFloor = 0.2
	// noisePrior is how far above the noise speech is taken to be where it is present, 15 dB.
	noisePrior = 31.6
	// noiseTrust smooths the noise, noisePresence the probability of speech.
	noiseTrust    = 0.92
	noisePresence = 0.9
	// noiseStuck is the smoothed probability from which on it is held down, so that a step in the noise is followed.
	noiseStuck = 0.99
	// noiseDecision weighs the speech found in the frame before against what stands above the noise now.
	noiseDecision = 0.98
	// noiseLearn is how many frames at the beginning are taken for noise.
	noiseLearn = 8
)

// NoiseReduction brings steady background noise down by 6 to 9 dB and leaves speech as it is. Make one with
// NewNoiseReduction.
type NoiseReduction struct {
	filled int
	now    [echoBlock]float32 // being filled
	before [echoBlock]float32
	tail   [echoBlock]float32 // of the last frame, to be added to
	done   [echoWindow]int16  // ring of samples ready to go out
	doneAt int
	ready  int

	frames   int
	noise    [echoBins]float32
	presence [echoBins]float32
	speech   [echoBins]float32 // power of speech in the last frame
}

// noiseWindow is the root of a Hann window: applied twice, two frames that overlap by half add up to one.
var noiseWindow = func() (w [echoWindow]float32) {
	for i := range w {
		w[i] = float32(math.Sin(math.Pi * (float64(i) + 0.5) / echoWindow))
	}
	return w
}()

// NewNoiseReduction makes one that knows nothing of the noise yet.
func NewNoiseReduction() *NoiseReduction { return &NoiseReduction{} }

// NoiseDelay is by how many samples the sound comes out later.
const NoiseDelay = echoBlock

// Push brings the noise in the next samples down, in place. What comes out is NoiseDelay samples late where blocks are
// multiples of 80, else up to 80 more; it begins with silence. It allocates nothing.
func (r *NoiseReduction) Push(samples []int16) {
	for len(samples) > 0 {
		n := min(len(samples), echoBlock-r.filled)
		for i := range n {
			r.now[r.filled+i] = float32(samples[i])
		}
		if r.filled += n; r.filled == echoBlock {
			r.filled = 0
			r.frame()
		}
		late := max(0, n-r.ready)
		clear(samples[:late])
		for i := late; i < n; i++ {
			samples[i] = r.done[r.doneAt]
			r.doneAt = (r.doneAt + 1) % len(r.done)
		}
		r.ready -= n - late
		samples = samples[n:]
	}
}

// frame works on the last 20 ms and has 10 ms more ready.
func (r *NoiseReduction) frame() {
	first, second := r.before, r.now
	for i := range first {
		first[i] *= noiseWindow[i]
		second[i] *= noiseWindow[echoBlock+i]
	}
	var s spectrum
	s.of(&first, &second)
	for k := range echoBins {
		gain := r.gain(k, s.re[k]*s.re[k]+s.im[k]*s.im[k])
		s.re[k] *= gain
		s.im[k] *= gain
	}
	if r.frames < noiseLearn {
		r.frames++
	}
	s.samples(&first, &second)
	at := (r.doneAt + r.ready) % len(r.done)
	for i := range first {
		x := r.tail[i] + first[i]*noiseWindow[i]
		r.done[(at+i)%len(r.done)] = saturate(x)
		r.tail[i] = second[i] * noiseWindow[echoBlock+i]
	}
	r.ready += echoBlock
	r.before = r.now
}

// gain follows the noise of bin k with the power of this frame, and says how the bin is turned down.
func (r *NoiseReduction) gain(k int, power float32) float32 {
	noise := r.noise[k]
	if r.frames < noiseLearn {
		r.noise[k] = noise + (power-noise)/float32(r.frames+1)
		return 1
	}
	noise = max(noise, 1e-3)
	above := power / noise
	present := 1 / (1 + (1+noisePrior)*float32(math.Exp(-min(float64(above), 200)*noisePrior/(1+noisePrior))))
	r.presence[k] = noisePresence*r.presence[k] + (1-noisePresence)*present
	if r.presence[k] > noiseStuck {
		present = min(present, noiseStuck)
	}
	r.noise[k] = noiseTrust*noise + (1-noiseTrust)*((1-present)*power+present*noise)

	speech := noiseDecision*r.speech[k]/noise + (1-noiseDecision)*max(above-1, 0)
	gain := max(float32(math.Sqrt(float64(speech/(1+speech)))), noiseFloor)
	r.speech[k] = gain * gain * power
	return gain
}
