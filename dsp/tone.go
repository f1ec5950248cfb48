package dsp

import (
	"math"
	"time"
)

// Sine is one frequency and its level.
type Sine struct {
	Hz   float64
	DBm0 float64
}

// Step is one piece of a cadence: its sines sound together, no sine is silence. A step that lasts 0
// goes on for ever.
type Step struct {
	Sines []Sine
	Lasts time.Duration
}

// Cadence is a tone as the network sends it: its steps one after the other, round and round, or
// once.
type Cadence struct {
	Steps []Step
	Once  bool
}

// Duration is how long one turn through the steps takes, 0 for a cadence with an endless step.
func (c Cadence) Duration() time.Duration {
	var sum time.Duration
	for _, s := range c.Steps {
		if s.Lasts == 0 {
			return 0
		}
		sum += s.Lasts
	}
	return sum
}

// maximumSines is how many frequencies a step may have; no tone of the network has more than four.
const maximumSines = 4

// Tone generates the samples of a cadence in blocks of any size. The phase of a sine runs on across
// blocks and starts at zero in each step.
type Tone struct {
	cadence Cadence
	step    int
	left    int // samples left in the step, -1 for ever
	over    bool
	voices  [maximumSines]voice
	count   int
}

// voice is one running oscillator: 2^32 of phase is one turn.
type voice struct {
	phase, advance uint32
	amplitude      float32
}

// Samples is the number of samples that a duration takes, rounded to the nearest.
func Samples(d time.Duration) int {
	return int((d*SampleRate + time.Second/2) / time.Second)
}

// NewTone makes a generator at the beginning of the cadence. Sines after the fourth of a step are
// not heard. A cadence without sound or without length is silence that is over at once.
func NewTone(c Cadence) *Tone {
	t := &Tone{cadence: c, step: -1}
	if d := c.Duration(); len(c.Steps) == 0 || d < 0 || d > 0 && Samples(d) == 0 {
		t.over = true
		return t
	}
	t.next()
	return t
}

func (t *Tone) next() {
	for {
		t.step++
		if t.step == len(t.cadence.Steps) {
			if t.cadence.Once {
				t.over = true
				return
			}
			t.step = 0
		}
		step := t.cadence.Steps[t.step]
		t.left = -1
		if step.Lasts != 0 {
			t.left = Samples(step.Lasts)
		}
		t.count = min(len(step.Sines), maximumSines)
		for i, s := range step.Sines[:t.count] {
			t.voices[i] = voice{
				advance:   uint32(math.Round(s.Hz / SampleRate * (1 << 32))),
				amplitude: float32(Amplitude(s.DBm0)),
			}
		}
		if t.left != 0 {
			return
		}
	}
}

// Done tells that a cadence that sounds once has come to its end.
func (t *Tone) Done() bool { return t.over }

// Fill writes the next samples over all of dst, silence after the end, and gives the number of
// samples that belong to the cadence.
func (t *Tone) Fill(dst []int16) int {
	filled := 0
	for filled < len(dst) && !t.over {
		n := len(dst) - filled
		if t.left >= 0 {
			n = min(n, t.left)
		}
		t.sound(dst[filled : filled+n])
		filled += n
		if t.left > 0 {
			if t.left -= n; t.left == 0 {
				t.next()
			}
		}
	}
	clear(dst[filled:])
	return filled
}

func (t *Tone) sound(dst []int16) {
	clear(dst)
	for i := range t.voices[:t.count] {
		v := &t.voices[i]
		for j, x := range dst {
			dst[j] = saturate(float32(x) + v.amplitude*sine(v.phase))
			v.phase += v.advance
		}
	}
}

// FillOctets is Fill, companded by the law.
func (t *Tone) FillOctets(dst []byte, law Law) int {
	var samples [160]int16
	filled := 0
	for at := 0; at < len(dst); at += len(samples) {
		n := min(len(samples), len(dst)-at)
		filled += t.Fill(samples[:n])
		law.Compress(dst[at:at+n], samples[:n])
	}
	return filled
}

// saturate rounds to the nearest 16-bit sample.
func saturate(x float32) int16 {
	switch {
	case x >= 32767:
		return 32767
	case x <= -32768:
		return -32768
	case x < 0:
		return int16(x - 0.5)
	}
	return int16(x + 0.5)
}

// sineTable holds one turn in 2048 steps and the first value again: with a straight line between
// neighbours the error stays below 2 parts in a million.
var sineTable = func() (t [2049]float32) {
	for i := range t {
		t[i] = float32(math.Sin(2 * math.Pi * float64(i) / 2048))
	}
	return t
}()

func sine(phase uint32) float32 {
	i := phase >> 21
	rest := float32(phase&(1<<21-1)) / (1 << 21)
	return sineTable[i] + rest*(sineTable[i+1]-sineTable[i])
}
