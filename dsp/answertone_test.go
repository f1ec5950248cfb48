package dsp

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// answering is an answering tone with its faults.
type answering struct {
	hz, dBm0   float64
	everyMs    float64 // between reversals, 0 for none
	turn       float64 // of a reversal, degrees
	wobble     float64 // share of the amplitude modulated at 15 Hz (V.8)
	noiseDBm0  float64 // 0 for none
	ms         float64
	firstMs    float64 // from the beginning to the first reversal
	gapMs, gap float64 // an interruption of gap ms after gapMs
}

func (a answering) sound(random *rand.Rand) []int16 {
	phase := random.Float64() * 2 * math.Pi
	samples := make([]int16, int(a.ms*8)+800)
	amplitude, rms := Amplitude(a.dBm0), Amplitude(a.noiseDBm0)/math.Sqrt2
	lead := random.IntN(400)
	for i := range samples {
		v, ms := 0.0, float64(i-lead)/8
		if ms >= 0 && ms < a.ms && (ms < a.gapMs || ms >= a.gapMs+a.gap) {
			turns := 0.0
			if a.everyMs > 0 && ms >= a.firstMs {
				turns = math.Floor((ms-a.firstMs)/a.everyMs) + 1
			}
			level := amplitude * (1 + a.wobble*math.Sin(2*math.Pi*15*ms/1000))
			// A phase that turns to and fro, as a modem's does.
			v = level * math.Sin(2*math.Pi*a.hz*ms/1000+phase+math.Mod(turns, 2)*a.turn*math.Pi/180)
		}
		if a.noiseDBm0 != 0 {
			v += rms * random.NormFloat64()
		}
		samples[i] = ALaw.Decode(ALaw.Encode(saturate(float32(v))))
	}
	return samples
}

// TestAnswerTone repeats the list of clause 8/G.168 for the tone disabler's detector: what must
// disable, and what must not.
func TestAnswerTone(t *testing.T) {
	t.Parallel()
	good := answering{hz: 2100, dBm0: -12, everyMs: 450, firstMs: 450, turn: 180, ms: 1100}
	vary := func(change func(*answering)) answering { a := good; change(&a); return a }
	for _, c := range []struct {
		what           string
		tone           answering
		begin, reverse bool
	}{
		{"plain", good, true, true},
		{"2079 Hz", vary(func(a *answering) { a.hz = 2079 }), true, true},
		{"2121 Hz", vary(func(a *answering) { a.hz = 2121 }), true, true},
		{"0 dBm0", vary(func(a *answering) { a.dBm0 = 0 }), true, true},
		{"-31 dBm0", vary(func(a *answering) { a.dBm0 = -31 }), true, true},
		{"-40 dBm0", vary(func(a *answering) { a.dBm0 = -40 }), false, false},
		{"425 ms", vary(func(a *answering) { a.everyMs = 425 }), true, true},
		{"475 ms", vary(func(a *answering) { a.everyMs = 475 }), true, true},
		{"first reversal early", vary(func(a *answering) { a.firstMs = 120 }), true, true},
		{"turn by 155°", vary(func(a *answering) { a.turn = 155 }), true, true},
		{"turn by 205°", vary(func(a *answering) { a.turn = 205 }), true, true},
		{"turn by 110°", vary(func(a *answering) { a.turn = 110 }), true, false},
		{"turn by 250°", vary(func(a *answering) { a.turn = 250 }), true, false},
		{"no reversal", vary(func(a *answering) { a.everyMs = 0 }), true, false},
		{"reversals every 250 ms", vary(func(a *answering) { a.everyMs, a.firstMs = 250, 250 }), true, false},
		{"ANSam of V.8", vary(func(a *answering) { a.wobble = 0.2 }), true, true},
		{"noise 11 dB below", vary(func(a *answering) { a.noiseDBm0 = -23 }), true, true},
		{"1900 Hz", vary(func(a *answering) { a.hz = 1900 }), false, false},
		{"2000 Hz", vary(func(a *answering) { a.hz = 2000 }), false, false},
		{"2350 Hz", vary(func(a *answering) { a.hz = 2350 }), false, false},
		{"noise alone", vary(func(a *answering) { a.dBm0, a.noiseDBm0 = -80, -10 }), false, false},
	} {
		random := rand.New(rand.NewPCG(2100, 450))
		for range trials {
			var begun, reversed, ended int
			detector := new(AnswerTone)
			detector.Push(c.tone.sound(random), func(e AnswerEvent) {
				switch e {
				case AnswerBegins:
					begun++
				case AnswerReverses:
					reversed++
				case AnswerEnds:
					ended++
				}
			})
			want := func(on bool) int {
				if on {
					return 1
				}
				return 0
			}
			if begun != want(c.begin) || reversed != want(c.reverse) || ended > begun {
				t.Errorf("%s: begun %d times, reversed %d, ended %d", c.what, begun, reversed, ended)
				break
			}
		}
	}
}

// TestDisablerHolds: the canceller stays off while data flows in either direction, through gaps of
// 100 ms, and comes back after 400 ms without (clause 8.5/G.168).
func TestDisablerHolds(t *testing.T) {
	for _, direction := range []int{0, 1} {
		t.Run(fmt.Sprint(direction), func(t *testing.T) {
			var d disabler
			var silence [lonePart]float32
			hear := func(samples []int16) (off bool) {
				for at := 0; at+lonePart <= len(samples); at += lonePart {
					var x [lonePart]float32
					for i := range x {
						x[i] = float32(samples[at+i])
					}
					if direction == 0 {
						off = d.hear(&x, &silence)
					} else {
						off = d.hear(&silence, &x)
					}
				}
				return off
			}
			a := answering{hz: 2100, dBm0: -20, everyMs: 450, firstMs: 450, turn: 180, ms: 1500}
			tone := a.sound(rand.New(rand.NewPCG(1, 2)))
			if !hear(tone[:12000]) {
				t.Fatal("not disabled")
			}
			data := make([]int16, 800)
			NewTone(steady(Sine{1800, -25})).Fill(data)
			for _, ms := range []int{100, 100} {
				if !hear(make([]int16, ms*8)) || !hear(data) {
					t.Fatalf("a gap of %d ms ends it", ms)
				}
			}
			if hear(make([]int16, 400*8)) {
				t.Fatal("still disabled after 400 ms of silence")
			}
			if hear(data) {
				t.Fatal("disabled by data alone")
			}
		})
	}
}
