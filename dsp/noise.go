package dsp

import "math"

// Background noise is brought down in the frequency domain: 20 ms are looked at every 10 ms, for each of the 81 bins the
// noise is followed by how probable speech is in it (Gerkmann and Hendriks, IEEE TASL 20/4, 2012), and a Wiener filter with
// the decision-directed estimate of speech above noise (Ephraim and Malah, IEEE ASSP 32/6, 1984) turns the bin down, by the root of
// its gain: gentler, so that what is weak in speech stays.
//
// A block of 10 ms costs 0.5 µs where the processor has AVX2.
//
//	samples --> window --> transform --> gain of each bin --> back --> window --> overlap and add -->
//	                           |            ^
//	                           +--> noise --+
const (
	// noiseFloor is the least gain, -14 dB: noise that is turned down further sounds like water.
	noiseFloor = 0.2
	// noisePrior is how far above the noise speech is taken to be where it is present, 15 dB.
	noisePrior = 31.6
	noiseSteep = noisePrior / (1 + noisePrior)
	// noiseLeast is the least noise that a bin is taken to hold, a power.
	noiseLeast = 1e-3
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
	frames int
	before block // the last 10 ms
	tail   block // of the last frame, to be added to
	bins   noisyBins
	broken brokenNoise
}

// noisyBins is what is known of each bin. What fills up the rows is of no meaning.
type noisyBins struct {
	noise    bins
	presence bins
	speech   bins // power of speech in the last frame
}

// brokenNoise is the sound that blocks of other lengths than 10 ms leave between two calls.
type brokenNoise struct {
	filled int
	now    [echoBlock]int16
	done   [echoWindow]int16 // ring of samples ready to go out
	doneAt int
	ready  int
}

// noiseWindow is the root of a Hann window: applied twice, two frames that overlap by half add up to one.
var noiseWindow = func() (w [2]block) {
	for i := range echoWindow {
		w[i/echoBlock][i%echoBlock] = float32(math.Sin(math.Pi * (float64(i) + 0.5) / echoWindow))
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
	if r.broken.filled == 0 && r.broken.ready == 0 {
		for len(samples) >= echoBlock {
			r.frame((*[echoBlock]int16)(samples))
			samples = samples[echoBlock:]
		}
	}
	if len(samples) > 0 {
		r.pushBroken(samples)
	}
}

// pushBroken takes what does not come in whole blocks: it keeps what is missing to one until it comes.
func (r *NoiseReduction) pushBroken(samples []int16) {
	b := &r.broken
	for len(samples) > 0 {
		n := min(len(samples), echoBlock-b.filled)
		copy(b.now[b.filled:], samples[:n])
		if b.filled += n; b.filled == echoBlock {
			b.filled = 0
			r.frame(&b.now)
			for i, x := range b.now {
				b.done[(b.doneAt+b.ready+i)%len(b.done)] = x
			}
			b.ready += echoBlock
		}
		late := max(0, n-b.ready)
		clear(samples[:late])
		for i := late; i < n; i++ {
			samples[i] = b.done[b.doneAt]
			b.doneAt = (b.doneAt + 1) % len(b.done)
		}
		b.ready -= n - late
		samples = samples[n:]
	}
}

// frame works on the last 10 ms and these, and gives those of before in their place.
func (r *NoiseReduction) frame(sound *[echoBlock]int16) {
	var now, first, second block
	floats(&now, sound)
	multiply(&first, &r.before, &noiseWindow[0])
	multiply(&second, &now, &noiseWindow[1])
	var s spectrum
	s.of(&first, &second)
	if r.frames < noiseLearn {
		r.frames++
		for k := range echoBins {
			r.bins.noise[k] += (s.re[k]*s.re[k] + s.im[k]*s.im[k] - r.bins.noise[k]) / float32(r.frames)
		}
	} else {
		turnDown(&s, &r.bins)
	}
	s.samples(&first, &second)
	multiply(&first, &first, &noiseWindow[0])
	for i, x := range first {
		first[i] = r.tail[i] + x
	}
	multiply(&r.tail, &second, &noiseWindow[1])
	samples16(sound, &first)
	r.before = now
}
