package dsp

import (
	"math"
	"math/rand/v2"
)

// hybrid is an echo path of our own making: what a two-wire end returns. The eight models D.2 to D.9
// of G.168 are tables of 64 to 128 samples; the rows here have the same lengths and cover the same
// shapes (a sharp reflection, slow ringing in the low band, ringing in the high band, two hybrids one
// behind the other), but are no copies of them.
//
// A path is a sum of damped oscillations, each starting at a delay, seen through the telephone band.
type hybrid struct {
	name    string
	samples int
	modes   []mode
}

type mode struct {
	delay  int     // samples
	hz     float64 // of the ringing
	decay  float64 // samples until it is down to 1/e
	weight float64
	turn   float64 // its phase at the start, in turns
}

var hybrids = []hybrid{
	{"short and sharp", 64, []mode{{4, 1100, 4, 1, 0.1}, {7, 2300, 3, -0.5, 0.3}, {9, 420, 14, 0.25, 0.6}}},
	{"low band", 64, []mode{{3, 480, 12, 1, 0}, {8, 720, 10, -0.6, 0.2}, {5, 1500, 5, 0.2, 0.4}}},
	{"high band", 64, []mode{{5, 2700, 9, 1, 0.25}, {8, 1900, 7, -0.7, 0.1}, {6, 600, 10, 0.3, 0.7}}},
	{"two hybrids", 96, []mode{{4, 900, 6, 1, 0}, {6, 2000, 4, -0.6, 0.5}, {48, 1300, 6, 0.55, 0.2}, {50, 500, 9, -0.3, 0.9}}},
	{"low and long", 96, []mode{{3, 380, 26, 1, 0.1}, {9, 560, 20, -0.8, 0.35}, {5, 1800, 5, 0.25, 0}}},
	{"loaded loop", 112, []mode{{6, 1000, 8, 0.8, 0.15}, {10, 3000, 18, 0.7, 0.3}, {14, 2400, 14, -0.5, 0.6}}},
	{"three reflections", 128, []mode{{2, 1400, 4, 1, 0}, {37, 800, 8, -0.6, 0.4}, {80, 1900, 7, 0.4, 0.2}, {83, 500, 10, 0.3, 0.75}}},
	{"flat and dispersed", 128, []mode{{4, 500, 18, 0.5, 0}, {8, 1000, 16, 0.5, 0.25}, {12, 1600, 16, 0.5, 0.5}, {16, 2200, 18, 0.5, 0.75}, {20, 2900, 20, 0.5, 0.1}}},
}

// response is the path's impulse response, later by delay samples, with a flat echo return loss of
// erlDB: its energy is 10^(-erlDB/10).
func (h hybrid) response(erlDB float64, delay int) []float64 {
	raw := make([]float64, h.samples)
	for _, m := range h.modes {
		for i := m.delay; i < h.samples; i++ {
			t := float64(i - m.delay)
			raw[i] += m.weight * math.Exp(-t/m.decay) * math.Cos(2*math.Pi*(m.hz/SampleRate*t+m.turn))
		}
	}
	// Telephone band: nothing at 0 Hz, less above 3400 Hz.
	x := make([]float64, h.samples)
	low, high, before := 0.0, 0.0, 0.0
	for i, v := range raw {
		high = 0.85*high + 0.85*(v-before)
		before = v
		low += 0.85 * (high - low)
		x[i] = low * min(1, float64(h.samples-i)/12)
	}
	energy := 0.0
	for _, v := range x {
		energy += v * v
	}
	gain := math.Pow(10, -erlDB/20) / math.Sqrt(energy)
	response := make([]float64, delay, delay+len(x))
	for _, v := range x {
		response = append(response, gain*v)
	}
	return response
}

// composite is a source of the composite source signal of P.501 as G.168 uses it: a voiced sound, a
// noise of speech's spectrum and a pause, the whole turned over every other time. The voiced sound
// and the noise are of our own making (harmonics and noise, falling 6 dB an octave above 700 Hz).
type composite struct {
	voiced, noise, pause int // samples
	pitchHz              float64
	dBm0                 float64 // mean level while it sounds

	voice  []float64
	random *rand.Rand
	at     int
	sign   float64
	shape  [2]float64
	scale  float64
}

func newComposite(dBm0 float64, seed uint64) *composite {
	return (&composite{voiced: 389, noise: 1600, pause: 811, pitchHz: 153, dBm0: dBm0}).start(seed)
}

// newCompositeNear is the one for the near end in double talk.
func newCompositeNear(dBm0 float64, seed uint64) *composite {
	return (&composite{voiced: 582, noise: 1600, pause: 1018, pitchHz: 219, dBm0: dBm0}).start(seed)
}

func (c *composite) start(seed uint64) *composite {
	c.sign, c.scale = 1, 1
	c.voice = make([]float64, c.voiced)
	for at := range c.voice {
		for h := 1.0; h*c.pitchHz < 3600; h++ {
			c.voice[at] += 0.35 * math.Cos(2*math.Pi*h*c.pitchHz*float64(at)/SampleRate+h*h)
		}
	}
	c.random = rand.New(rand.NewPCG(seed, 168))
	power := 0.0
	for range 4 * c.period() {
		power += math.Pow(c.next(), 2)
	}
	power /= float64(4 * (c.voiced + c.noise))
	c.scale = Amplitude(c.dBm0) / math.Sqrt2 / math.Sqrt(power)
	c.at = 0
	return c
}

func (c *composite) period() int { return c.voiced + c.noise + c.pause }

func (c *composite) next() float64 {
	v := 0.0
	switch {
	case c.at < c.voiced:
		v = c.voice[c.at]
	case c.at < c.voiced+c.noise:
		v = c.random.NormFloat64()
	}
	c.shape[0] += 0.42 * (v - c.shape[0]) // low-pass, 700 Hz
	c.shape[1] += 0.15 * (c.shape[0] - c.shape[1])
	v = c.sign * c.scale * (c.shape[0] - c.shape[1])
	if c.at++; c.at == c.period() {
		c.at, c.sign = 0, -c.sign
	}
	return v
}

// trunk is one call over a line that echoes: far goes out companded, comes back through the path,
// meets the near end's own sound, and is companded again before the canceller hears it.
type trunk struct {
	law      Law
	echo     *Echo
	response []float64
	past     [longestPath + 160]float64 // what went out, oldest first

	far, near func() float64  // nil is silence
	left      func(x []int16) // is told what the canceller has left of each block; may be nil
}

const longestPath = 1024

func newTrunk(echo *Echo, law Law, response []float64) *trunk {
	return &trunk{law: law, echo: echo, response: response}
}

// heardLevels are what the measured part of a run gave, in dBm0: out to the line, the near end alone,
// the echo alone, all that was heard, and what the canceller left of it; of that also the highest
// level of 35 ms.
type heardLevels struct{ Far, Near, Echo, In, Out, OutPeak float64 }

// lessDB is by how much the echo has been made smaller.
func (l heardLevels) lessDB() float64 { return l.In - l.Out }

// run lets ms milliseconds pass and measures those from the given one on.
func (t *trunk) run(ms, from int) heardLevels {
	var far, near [160]int16
	var sums [5]float64
	meter := NewMeter(280)
	peak := SilenceDBm0
	n := 0
	for at := 0; at < ms*8; at += len(far) {
		var nearOnly, echoOnly [160]float64
		copy(t.past[:longestPath], t.past[len(far):])
		for i := range far {
			x := 0.0
			if t.far != nil {
				x = t.far()
			}
			far[i] = t.law.Decode(t.law.Encode(saturate(float32(x))))
			t.past[longestPath+i] = float64(far[i])
			if t.near != nil {
				nearOnly[i] = t.near()
			}
		}
		for k, h := range t.response {
			if h == 0 {
				continue
			}
			for i, x := range t.past[longestPath-k : longestPath-k+len(far)] {
				echoOnly[i] += h * x
			}
		}
		for i := range near {
			near[i] = t.law.Decode(t.law.Encode(saturate(float32(nearOnly[i] + echoOnly[i]))))
		}
		in := near
		t.echo.Cancel(far[:], near[:])
		if t.left != nil {
			t.left(near[:])
		}
		if at < from*8 {
			meter.Push(near[:])
			continue
		}
		n += len(far)
		for i := range far {
			for k, v := range [5]float64{float64(far[i]), nearOnly[i], echoOnly[i], float64(in[i]), float64(near[i])} {
				sums[k] += v * v
			}
		}
		for i := 0; i < len(near); i += 20 {
			peak = max(peak, meter.Push(near[i:i+20]))
		}
	}
	level := func(k int) float64 { return DBm0(sums[k] / float64(max(1, n))) }
	return heardLevels{level(0), level(1), level(2), level(3), level(4), peak}
}

func noiseSource(dBm0 float64, seed uint64) func() float64 {
	random := rand.New(rand.NewPCG(seed, 40))
	rms := Amplitude(dBm0) / math.Sqrt2
	return func() float64 { return rms * random.NormFloat64() }
}

func sineSource(sines ...Sine) func() float64 {
	n := 0.0
	return func() float64 {
		v := 0.0
		for _, s := range sines {
			v += Amplitude(s.DBm0) * math.Sin(2*math.Pi*s.Hz*n/SampleRate)
		}
		n++
		return v
	}
}
