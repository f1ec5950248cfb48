package dsp

import (
	"math"
	"testing"
)

// toneOf is the level of a frequency in what goes through the call in a second, in dBm0.
func (t *trunk) toneOf(hz float64) float64 {
	re, im, n := 0.0, 0.0, 0
	t.left = func(block []int16) {
		for _, x := range block {
			sin, cos := math.Sincos(2 * math.Pi * hz * float64(n) / SampleRate)
			re, im, n = re+float64(x)*cos, im+float64(x)*sin, n+1
		}
	}
	t.run(1000, 0)
	t.left = nil
	return DBm0(2 * (re*re + im*im) / float64(n*n))
}

// TestEchoLearnedFromTheNearEnd: where there is no echo, but tones at the near end while the far end speaks, a path may be
// learned that there is not. When the far end then gives tones, which nothing is learned from, the canceller does not go
// on adding them to the others: two seconds later they are 12 dB below those at least.
func TestEchoLearnedFromTheNearEnd(t *testing.T) {
	t.Parallel()
	lows := []int{4, 6, 10}
	if soaking() {
		lows = []int{0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30}
	}
	for _, far := range lows {
		for near := 0; near < 31; near += 3 {
			learnFromTones(t, 300+12*float64(far), 300+12*float64(near), uint64(31*far+near))
		}
	}
}

func learnFromTones(t *testing.T, low, near float64, seed uint64) {
	if low == near {
		return
	}
	c := cancelling(t, 32, ALaw, make([]float64, 8))
	c.near = sineSource(Sine{near, -16}, Sine{2620, -16})
	c.far = newComposite(-15, seed).next
	c.run(3000, 0)
	c.far = nil
	c.run(1000, 0)
	c.far = sineSource(Sine{low, -16}, Sine{2820, -16})
	c.run(2000, 0)
	if added := c.toneOf(low); added > -28 {
		t.Errorf("%.0f Hz come back with %.1f dBm0 where %.0f Hz are heard", low, added, near)
	}
}

// TestEchoKeptThroughATone: a path that is right outlasts a tone of the far end while the near end speaks.
func TestEchoKeptThroughATone(t *testing.T) {
	t.Parallel()
	for seed, h := range hybrids[:fewer(8, 2)] {
		c := cancelling(t, 32, ALaw, h.response(6, 0))
		c.far = newComposite(-10, uint64(seed)).next
		c.run(4000, 0)
		before := c.run(1000, 0)
		c.far, c.near = sineSource(Sine{350, -13}, Sine{440, -13}), newCompositeNear(-15, uint64(seed)).next
		c.run(5000, 0)
		c.far, c.near = newComposite(-10, uint64(seed)).next, nil
		c.run(50, 0)
		if after := c.run(500, 0); after.lessDB() < before.lessDB()-6 && after.lessDB() < 30 {
			t.Errorf("%s: %.1f dB less echo before the tone, %.1f dB after it", h.name, before.lessDB(), after.lessDB())
		}
	}
}

// TestEchoAddsNothing: where there is no echo, but the near end speaks or sends tones from the start of the call, as loud as
// the far end, what is heard does not become louder.
func TestEchoAddsNothing(t *testing.T) {
	t.Parallel()
	calls := fewer(10, 3)
	if soaking() {
		calls = 100
	}
	const roomDB = 0.5
	loudest, louder, parts := 0.0, 0, 0
	for i := range calls {
		for _, near := range []func() float64{
			speaking(t, speakers[(i+1)%5], -15, 90+7*i),
			speaking(t, speakers[(i+2)%5], -9, 130+7*i),
			sineSource(Sine{425, -13}),
			sineSource(Sine{300 + 12*float64(i%31), -16}, Sine{2620, -16}),
		} {
			c := cancelling(t, []int{32, 128}[i%2], ALaw, make([]float64, 8))
			c.echo.Suppress(false)
			c.far, c.near = speaking(t, speakers[i%5], -15, 40+7*i), near
			for range 50 {
				l := c.run(200, 0)
				moreDB := l.Out - max(l.In, -45)
				if parts++; moreDB > roomDB {
					louder++
				}
				loudest = max(loudest, moreDB)
			}
		}
	}
	if share := float64(louder) / float64(parts); share > 0.01 || loudest > 3 {
		t.Errorf("what is heard is made louder by more than %.1f dB in %d of %d parts of 200 ms, by %.1f dB at the most; want 1 %% and 3 dB",
			roomDB, louder, parts, loudest)
	}
}
