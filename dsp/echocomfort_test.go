package dsp

import (
	"math"
	"testing"
)

// comfortRoomDB is by how much comfort noise may be louder or weaker than what is heard of the near end's (test 9 of G.168).
const comfortRoomDB = 2

// everyComfort runs the test with calls of all tails at both laws, with noise of -65 to -35 dBm0 at the near end and the
// path at the end of the tail.
func everyComfort(t *testing.T, test func(c comfortCall)) {
	levels, paths := fewer(4, 2), 1
	if soaking() && !slowed {
		levels, paths = 13, len(hybrids)
	}
	for _, tailMs := range []int{16, 32, 64, 128} {
		for _, law := range laws {
			for n := range levels {
				for path := range paths {
					h := hybrids[(n+path)%len(hybrids)]
					response := h.response(6, tailMs*8-h.samples)
					c := comfortCall{T: t, tailMs: tailMs, dBm0: -65 + 30*float64(n)/float64(levels-1), seed: uint64(n + path)}
					c.trunk = cancelling(t, tailMs, law, response)
					test(c)
				}
			}
		}
	}
}

// comfortCall is a call with noise at the near end.
type comfortCall struct {
	*testing.T
	*trunk
	tailMs int
	dBm0   float64 // of the noise
	seed   uint64
}

func (c *comfortCall) farSpeech() func() float64 { return newComposite(-10, c.seed).next }

// hears is what is heard of the noise alone, changed by so many dB: companding lifts it, -65 dBm0 by 1 dB in A-law.
func (c *comfortCall) hears(moreDB float64) float64 {
	power, noise, n := 0.0, noiseSource(c.dBm0+moreDB, c.seed), 16000
	for range n {
		power += math.Pow(float64(c.law.Decode(c.law.Encode(saturate(float32(noise()))))), 2)
	}
	return DBm0(power / float64(n))
}

// noise is the near end's, changed by so many dB.
func (c *comfortCall) noise(moreDB float64) func() float64 { return noiseSource(c.dBm0+moreDB, c.seed) }

// noiseAndSpeech is the noise with a speaker.
func (c *comfortCall) noiseAndSpeech(speechDBm0 float64) func() float64 {
	noise, speech := c.noise(0), newCompositeNear(speechDBm0, c.seed+9)
	return func() float64 { return noise() + speech.next() }
}

// holds lets ms milliseconds pass and holds the last 700 of them against the noise.
func (c *comfortCall) holds(what string, ms int, moreDB float64) {
	c.Helper()
	if out, near := c.run(ms, ms-700).Out, c.hears(moreDB); math.Abs(out-near) > comfortRoomDB {
		c.Errorf("tail %d ms, %v, %s: noise of %.1f dBm0 is heard as %.1f", c.tailMs, c.law, what, near, out)
	}
}

// TestEchoComfortNoise is test 9 of G.168: two seconds after the far end has begun, the noise that stands in for the near
// end's is within 2 dB of it, from the first and after it has become 10 dB weaker and louder. The Recommendation gives the
// canceller 30 s of noise alone to begin with and 10 s after each change; here it has 4. As in the Recommendation the far
// end is noise of -10 dBm0, without the pauses in which the near end could be heard alone, and then speech.
func TestEchoComfortNoise(t *testing.T) {
	t.Parallel()
	everyComfort(t, func(c comfortCall) {
		for _, far := range []struct {
			what   string
			source func() float64
		}{{"far noise", noiseSource(-10, c.seed+5)}, {"far speech", c.farSpeech()}} {
			for _, moreDB := range []float64{0, -10, 0} {
				c.far, c.near = nil, c.noise(moreDB)
				c.run(4000, 0)
				c.far = far.source
				c.holds(far.what, 2700, moreDB)
			}
		}
	})
}

// TestEchoComfortNoiseLasts: the comfort noise is not led upwards by what is left of the echo, neither of speech nor of
// noise without a pause.
func TestEchoComfortNoiseLasts(t *testing.T) {
	t.Parallel()
	everyComfort(t, func(c comfortCall) {
		c.near = c.noise(0)
		c.run(1000, 0)
		c.far = c.farSpeech()
		c.holds("4 s of speech", 4000, 0)
		c.holds("15 s of speech", 11000, 0)
		c.far = noiseSource(-10, c.seed+5)
		c.holds("10 s of noise", 10000, 0)
	})
}

// TestEchoComfortNoiseFollows: the noise is found between speech too, which the Recommendation leaves open: from the call's
// start, after digital silence, under a speaker at the near end, and while the far end speaks all the time.
func TestEchoComfortNoiseFollows(t *testing.T) {
	t.Parallel()
	everyComfort(t, func(c comfortCall) {
		c.far, c.near = c.farSpeech(), c.noise(0)
		c.holds("the far end has spoken from the start", 4000, 0)
		c.near = c.noise(10)
		c.holds("10 dB louder under far speech", 4000, 10)
		c.near = c.noise(0)
		c.holds("10 dB weaker under far speech", 4000, 0)
		c.far, c.near = nil, nil
		c.run(2000, 0)
		c.near = c.noise(0)
		c.run(4000, 0)
		c.far = c.farSpeech()
		c.holds("after digital silence", 2700, 0)
		c.far, c.near = nil, c.noiseAndSpeech(-20)
		c.run(3000, 0)
		c.far, c.near = c.farSpeech(), c.noise(0)
		c.holds("after near speech", 2700, 0)
		c.near = c.noiseAndSpeech(-20)
		c.run(3000, 0)
		c.near = c.noise(0)
		c.holds("after double talk", 2700, 0)
	})
}

// TestEchoComfortNoiseKnowsEcho: an echo that cannot be learned, as it is of a tone from the first, is not taken for the
// near end's noise.
func TestEchoComfortNoiseKnowsEcho(t *testing.T) {
	t.Parallel()
	everyComfort(t, func(c comfortCall) {
		c.near = c.noise(0)
		c.run(1000, 0)
		for i := range c.response {
			c.response[i] /= 10 // so weak, also where the path is at its best, that the suppressor shuts
		}
		c.far = sineSource(Sine{350, -13}, Sine{440, -13})
		c.holds("5 s of dial tone", 5000, 0)
	})
}
