package dsp

import (
	"fmt"
	"math"
	"math/cmplx"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// dialled is one experiment on the receiver: a digit with its faults, as a distant telephone and
// the line would give it.
type dialled struct {
	digit             byte
	lowDBm0, highDBm0 float64
	lowOff, highOff   float64 // share by which the frequencies are wrong
	onMs, offMs       float64
	breakMs           float64 // interruption in the middle of the tone
	noiseDBm0         float64 // white over 0-4 kHz; 0 for none
	under             []Sine  // sounds on below everything
	network           DTMFReception
	more              []dialled // further digits after the pause
}

func plain(digit byte) dialled {
	return dialled{digit: digit, lowDBm0: -7, highDBm0: -7, onMs: 50, offMs: 50}
}

// sound gives the samples of the experiment, with random phases and a random silence ahead.
func (c dialled) sound(random *rand.Rand) []float64 {
	x := make([]float64, 400+random.IntN(400))
	for _, d := range append([]dialled{c}, c.more...) {
		key := 0
		for dtmfKeys[key] != d.digit {
			key++
		}
		on, off := int(d.onMs*8), int(d.offMs*8)
		gap := int(d.breakMs * 8)
		phases := [2]float64{random.Float64() * 2 * math.Pi, random.Float64() * 2 * math.Pi}
		low := float64(dtmfLowHz[key/4]) * (1 + d.lowOff)
		high := float64(dtmfHighHz[key%4]) * (1 + d.highOff)
		lowWave, highWave := wave(low, d.lowDBm0, phases[0]), wave(high, d.highDBm0, phases[1])
		for i := range on {
			v := lowWave() + highWave()
			if i >= (on-gap)/2 && i < (on+gap)/2 {
				v = 0
			}
			x = append(x, v)
		}
		x = append(x, make([]float64, off)...)
	}
	x = append(x, make([]float64, 800)...)
	for _, s := range c.under {
		next := wave(s.Hz, s.DBm0, random.Float64()*2*math.Pi)
		for i := range x {
			x[i] += next()
		}
	}
	if c.noiseDBm0 != 0 {
		rms := Amplitude(c.noiseDBm0) / math.Sqrt2
		for i := range x {
			x[i] += rms * random.NormFloat64()
		}
	}
	return x
}

// wave gives the samples of a sine one after the other.
func wave(hz, dBm0, phase float64) func() float64 {
	point, turn := cmplx.Rect(Amplitude(dBm0), phase), cmplx.Rect(1, 2*math.Pi*hz/SampleRate)
	return func() float64 {
		v := imag(point)
		point *= turn
		return v
	}
}

// heard passes the experiment over a line with the law both ways, in blocks of random size, and
// gives the digits that began. Begin and end must alternate.
func (c dialled) heard(t testing.TB, random *rand.Rand, law Law) (digits string, events []DigitEvent) {
	t.Helper()
	sound := c.sound(random)
	samples := make([]int16, len(sound))
	for i, v := range sound {
		samples[i] = law.Decode(law.Encode(saturate(float32(v))))
	}
	receiver := NewDTMFFor(c.network)
	emit := func(e DigitEvent) {
		if n := len(events); e.End == (n%2 == 0) || e.End && events[n-1].Digit != e.Digit {
			t.Fatalf("event %d is %+v after %+v", n, e, events)
		}
		if events = append(events, e); !e.End {
			digits += string(e.Digit)
		}
	}
	for len(samples) > 0 {
		n := min(len(samples), 1+random.IntN(200))
		receiver.Push(samples[:n], emit)
		samples = samples[n:]
	}
	return digits, events
}

// always asks that every trial of the experiment is heard as want, on both laws.
func always(t *testing.T, what string, trials int, want string, c dialled) {
	t.Helper()
	random := rand.New(rand.NewPCG(24, uint64(len(what))))
	for _, law := range laws {
		wrong := 0
		last := ""
		for range trials {
			if got, _ := c.heard(t, random, law); got != want {
				wrong, last = wrong+1, got
			}
		}
		if wrong > 0 {
			t.Errorf("%s (%v): %d of %d trials are heard wrongly, the last as %q, want %q", what, law, wrong, trials, last, want)
		}
	}
}

// trials a point: 20 is what "always" means in our criteria.
var trials = fewer(20, 4)

// fewer gives the second number under the race detector.
func fewer(trials, slow int) int {
	if slowed {
		return slow
	}
	return trials
}

func TestDTMFKeys(t *testing.T) {
	for _, key := range []byte(dtmfKeys) {
		always(t, fmt.Sprintf("key %c", key), 50, string(key), plain(key))
	}
}

func TestDTMFFrequency(t *testing.T) {
	t.Parallel()
	for _, key := range []byte(dtmfKeys) {
		for _, share := range []float64{-0.015, 0.015} {
			c := plain(key)
			c.onMs = 40
			c.lowOff, c.highOff = share, share
			always(t, fmt.Sprintf("key %c, both %+.1f %%", key, share*100), trials, string(key), c)
			c.highOff = -share
			always(t, fmt.Sprintf("key %c, low %+.1f %%, high opposite", key, share*100), trials, string(key), c)
			c.highOff = 0
			always(t, fmt.Sprintf("key %c, low %+.1f %%", key, share*100), trials, string(key), c)
		}
		for _, share := range []float64{-0.05, -0.035, 0.035, 0.05} {
			c := plain(key)
			c.onMs = 60
			c.lowOff = share
			always(t, fmt.Sprintf("key %c, low %+.1f %%", key, share*100), trials, "", c)
			c.highOff = share
			always(t, fmt.Sprintf("key %c, both %+.1f %%", key, share*100), trials, "", c)
			c.lowOff = 0
			always(t, fmt.Sprintf("key %c, high %+.1f %%", key, share*100), trials, "", c)
			c.lowOff = -share
			always(t, fmt.Sprintf("key %c, high %+.1f %%, low opposite", key, share*100), trials, "", c)
		}
	}
}

func TestDTMFTwist(t *testing.T) {
	for _, key := range []byte(dtmfKeys) {
		for _, p := range []struct {
			normalDB float64
			taken    bool
		}{{8, true}, {-4, true}, {10, false}, {-6.5, false}} {
			c := plain(key)
			c.lowDBm0 = -8 + min(0, p.normalDB)
			c.highDBm0 = -8 - max(0, p.normalDB)
			want := ""
			if p.taken {
				want = string(key)
			}
			always(t, fmt.Sprintf("key %c, twist %+.1f dB", key, p.normalDB), trials, want, c)
		}
	}
}

func TestDTMFLevel(t *testing.T) {
	t.Parallel()
	for _, key := range []byte(dtmfKeys) {
		for _, dBm0 := range []float64{3, 0, -5, -10, -15, -20, -25, -30} {
			c := plain(key)
			c.lowDBm0, c.highDBm0 = dBm0, dBm0
			always(t, fmt.Sprintf("key %c, level %.0f dBm0", key, dBm0), trials, string(key), c)
		}
		for _, dBm0 := range []float64{-42, -55, -60} {
			c := plain(key)
			c.lowDBm0, c.highDBm0 = dBm0, dBm0
			always(t, fmt.Sprintf("key %c, level %.0f dBm0", key, dBm0), trials, "", c)
		}
	}
	// NTT's column of Table A-1/Q.24.
	for _, p := range []struct {
		dBm0 float64
		want string
	}{{-3, "5"}, {-24, "5"}, {-29.5, ""}, {-33, ""}} {
		c := plain('5')
		c.lowDBm0, c.highDBm0 = p.dBm0, p.dBm0
		c.network.LeastDBm0 = -27
		always(t, fmt.Sprintf("level %.1f dBm0, none below -29", p.dBm0), trials, p.want, c)
	}
}

func TestDTMFLength(t *testing.T) {
	for _, key := range []byte(dtmfKeys) {
		for _, p := range []struct {
			ms   float64
			want string
		}{{40, string(key)}, {60, string(key)}, {23, ""}, {15, ""}} {
			c := plain(key)
			c.onMs = p.ms
			always(t, fmt.Sprintf("key %c, tone %.0f ms", key, p.ms), trials, p.want, c)
		}
	}
}

func TestDTMFPauseAndBreak(t *testing.T) {
	t.Parallel()
	for _, key := range []byte(dtmfKeys) {
		for _, ms := range []float64{40, 30} {
			c := plain(key)
			c.offMs, c.more = ms, []dialled{plain(key)}
			always(t, fmt.Sprintf("key %c, pause %.0f ms", key, ms), trials, string([]byte{key, key}), c)
		}
		for _, ms := range []float64{2, 5, 10} {
			c := plain(key)
			c.onMs, c.breakMs = 100, ms
			always(t, fmt.Sprintf("key %c, interruption %.0f ms", key, ms), trials, string(key), c)
		}
	}
}

func TestDTMFRate(t *testing.T) {
	for _, p := range []struct{ onMs, offMs float64 }{{46.5, 46.5}, {40, 53}, {35, 35}} {
		c := plain('1')
		want := ""
		for _, key := range []byte("159D#0864233777*A") {
			d := plain(key)
			d.onMs, d.offMs = p.onMs, p.offMs
			want += string(key)
			c.more = append(c.more, d)
		}
		c.onMs, c.offMs = p.onMs, p.offMs
		always(t, fmt.Sprintf("%.1f ms on, %.1f ms off", p.onMs, p.offMs), trials, "1"+want, c)
	}
}

// TestDTMFNoise: the pair's power against the noise in 0-4 kHz.
func TestDTMFNoise(t *testing.T) {
	for _, key := range []byte(dtmfKeys) {
		for _, snDB := range []float64{15, 12} {
			c := plain(key)
			c.noiseDBm0 = -7 + 3 - snDB
			always(t, fmt.Sprintf("key %c, S/N %.0f dB", key, snDB), trials, string(key), c)
		}
	}
}

// TestDTMFOverDialTone: each frequency of the dial tone may lie up to 10 dB below the digit's, or, when
// the receiver has been told of it, up to 12 dB above. No dial tone is a digit.
func TestDTMFOverDialTone(t *testing.T) {
	t.Parallel()
	for _, key := range []byte(dtmfKeys) {
		c := plain(key)
		c.lowDBm0, c.highDBm0 = -15, -15
		c.under = []Sine{{350, -25}, {440, -25}}
		always(t, fmt.Sprintf("key %c, dial tone 10 dB below", key), trials, string(key), c)
		c.lowDBm0, c.highDBm0 = -18, -18
		for _, hz := range [][]float64{{350, 440}, {425}, {450}, {400, 450}} {
			c.network.DialTone, c.under = hz, nil
			for _, f := range hz {
				c.under = append(c.under, Sine{f * 1.01, -6})
			}
			always(t, fmt.Sprintf("key %c, dial tone of %v Hz 12 dB above", key, hz), trials, string(key), c)
		}
		c.under = nil
		always(t, fmt.Sprintf("key %c, dial tone awaited in vain", key), trials, string(key), c)
	}
	for _, country := range Countries {
		c := plain('1')
		c.lowDBm0, c.highDBm0 = -80, -80
		c.under = country.Dial.Steps[0].Sines
		always(t, "dial tone of "+country.Code, 5, "", c)
	}
}

// TestDTMFNotched repeats what a receiver without notch must do for one that has it.
func TestDTMFNotched(t *testing.T) {
	t.Parallel()
	told := DTMFReception{DialTone: []float64{350, 440}}
	for _, key := range []byte(dtmfKeys) {
		for _, vary := range []func(c *dialled){
			func(c *dialled) { c.onMs, c.lowOff, c.highOff = 40, 0.015, -0.015 },
			func(c *dialled) { c.onMs, c.lowOff, c.highOff = 40, -0.015, 0.015 },
			func(c *dialled) { c.highDBm0 = c.lowDBm0 - 8 },
			func(c *dialled) { c.lowDBm0 = c.highDBm0 - 4 },
			func(c *dialled) { c.noiseDBm0 = -7 + 3 - 15 },
			func(c *dialled) { c.lowDBm0, c.highDBm0 = -25, -25 },
		} {
			c := plain(key)
			c.network = told
			vary(&c)
			always(t, fmt.Sprintf("notched, %+v", c), trials, string(key), c)
		}
		c := plain(key)
		c.network, c.onMs = told, 23
		always(t, fmt.Sprintf("notched, key %c, 23 ms", key), trials, "", c)
	}
}

// TestDTMFEvents: begin and end are told at the right place and at the right level.
func TestDTMFEvents(t *testing.T) {
	for seed := range uint64(20) {
		c := plain('9')
		c.onMs, c.lowDBm0, c.highDBm0 = 100, -9, -7
		sound := c.sound(rand.New(rand.NewPCG(3, seed)))
		began := 0
		for sound[began] == 0 {
			began++
		}
		_, events := c.heard(t, rand.New(rand.NewPCG(3, seed)), ALaw)
		if len(events) != 2 {
			t.Fatalf("events %+v", events)
		}
		length := events[1].Lasted().Seconds() * 1000
		if events[0].Samples != 0 || events[1].Samples != events[1].At-events[0].At {
			t.Errorf("lengths of %d and %d samples in %+v", events[0].Samples, events[1].Samples, events)
		}
		if twist := events[1].TwistDB(); math.Abs(twist-2) > 1 {
			t.Errorf("twist %.1f dB, want 2", twist)
		}
		if off := math.Abs(float64(events[0].At)-float64(began)) / 8; off > 6 || math.Abs(length-100) > 8 {
			t.Errorf("tone began %.1f ms away and lasted %.1f ms, want 100", off, length)
		}
		if math.Abs(events[1].LowDBm0+9) > 1 || math.Abs(events[1].HighDBm0+7) > 1 {
			t.Errorf("levels %.1f and %.1f dBm0, want -9 and -7", events[1].LowDBm0, events[1].HighDBm0)
		}
	}
}

// TestDTMFBlocks: how the stream is cut changes nothing.
func TestDTMFBlocks(t *testing.T) {
	c, err := DTMFDigits("1590*#AD77", 50*time.Millisecond, 50*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	samples := make([]int16, Samples(c.Duration())+800)
	NewTone(c).Fill(samples)
	var whole []DigitEvent
	NewDTMF().Push(samples, func(e DigitEvent) { whole = append(whole, e) })
	if len(whole) != 20 {
		t.Fatalf("%d events, want 20", len(whole))
	}
	for _, size := range []int{1, 7, 80, 160, 1001} {
		var pieces []DigitEvent
		receiver := NewDTMF()
		for at := 0; at < len(samples); at += size {
			receiver.Push(samples[at:min(len(samples), at+size)], func(e DigitEvent) { pieces = append(pieces, e) })
		}
		if !slices.Equal(pieces, whole) {
			t.Errorf("blocks of %d samples: %+v, want %+v", size, pieces, whole)
		}
	}
}

// TestDTMFSkipsNothing: a receiver that looks at every window hears the same.
func TestDTMFSkipsNothing(t *testing.T) {
	random := rand.New(rand.NewPCG(8, 7))
	digits, law := 0, ALaw
	for range fewer(400, 40) {
		c := plain(dtmfKeys[random.IntN(16)])
		for range 20 {
			d := plain(dtmfKeys[random.IntN(16)])
			d.onMs, d.offMs, d.breakMs = 100*random.Float64(), 60*random.Float64(), max(0, 40*random.Float64()-20)
			d.lowDBm0, d.highDBm0 = -4-12*random.Float64(), -4-12*random.Float64()
			d.lowOff, d.highOff = 0.02*random.NormFloat64(), 0.02*random.NormFloat64()
			c.more = append(c.more, d)
		}
		c.noiseDBm0 = -14 - 20*random.Float64() // the highest of more windows is higher
		var every, some []DigitEvent
		looks, skips := NewDTMF(), NewDTMF()
		block := make([]int16, hopsAWindow*hopSamples)
		for sound := c.sound(random); len(sound) >= len(block); sound = sound[len(block):] {
			for i := range block {
				block[i] = law.Decode(law.Encode(saturate(float32(sound[i]))))
			}
			looks.due = 0
			looks.Push(block, func(e DigitEvent) { every = append(every, e) })
			skips.Push(block, func(e DigitEvent) { some = append(some, e) })
			if len(every) != len(some) {
				t.Fatalf("%+v, every window gives %+v", some, every)
			}
		}
		for i, e := range every {
			s := some[i]
			levels := math.Abs(e.LowDBm0-s.LowDBm0) < 2 && math.Abs(e.HighDBm0-s.HighDBm0) < 2
			if e.LowDBm0, e.HighDBm0 = s.LowDBm0, s.HighDBm0; e != s || !levels {
				t.Errorf("%+v, every window gives %+v", s, every[i])
			}
		}
		digits += len(every) / 2
		law ^= MuLaw
	}
	if digits < fewer(2000, 200) {
		t.Errorf("%d digits heard in all", digits)
	}
}

func TestDTMFSendAndHear(t *testing.T) {
	for _, law := range laws {
		c, err := DTMFDigits("0123456789*#ABCD", DTMFOn, DTMFOff)
		if err != nil {
			t.Fatal(err)
		}
		if c.Duration() != 16*200*time.Millisecond {
			t.Errorf("duration %v", c.Duration())
		}
		tone, receiver := NewTone(c), NewDTMF()
		block, got := make([]byte, 160), ""
		for !tone.Done() {
			tone.FillOctets(block, law)
			receiver.PushOctets(block, law, func(e DigitEvent) {
				if !e.End {
					got += string(e.Digit)
				}
			})
		}
		if got != "0123456789*#ABCD" {
			t.Errorf("%v: heard %q", law, got)
		}
	}
	if _, err := DTMFDigits("12x", DTMFOn, DTMFOff); err == nil {
		t.Error("x is taken for a key")
	}
}

// TestDTMFTalkOff: noise, sweeps and vowel-like harmonics are not digits.
func TestDTMFTalkOff(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 8))
	receiver := NewDTMF()
	simulated := 0
	emit := func(e DigitEvent) {
		if !e.End {
			simulated++
		}
	}
	block := make([]int16, 160)
	for range 30 * 50 { // half a minute of noise at changing level
		for i := range block {
			block[i] = ALaw.Decode(ALaw.Encode(saturate(float32(random.NormFloat64() * 4000 * random.Float64()))))
		}
		receiver.Push(block, emit)
	}
	pitch, phase := 100.0, 0.0
	for range 60 * 50 { // a minute of voiced sound whose pitch wanders and whose formants jump
		formants := [2]float64{300 + 700*random.Float64(), 900 + 1600*random.Float64()}
		pitch = min(400, max(70, pitch*(1+0.1*random.NormFloat64())))
		var gains []float64
		for h := 1.0; h*pitch < 3400; h++ {
			gains = append(gains, 1/(1+math.Pow((h*pitch-formants[0])/60, 2))+0.6/(1+math.Pow((h*pitch-formants[1])/80, 2)))
		}
		for i := range block {
			phase += 2 * math.Pi * pitch / SampleRate
			v := 0.0
			for h, gain := range gains {
				v += gain * math.Sin(float64(h+1)*phase)
			}
			block[i] = ALaw.Decode(ALaw.Encode(saturate(float32(5000 * v))))
		}
		receiver.Push(block, emit)
	}
	if simulated > 0 {
		t.Errorf("%d digits heard where none was dialled", simulated)
	}
}

func TestDTMFAllocates(t *testing.T) {
	c, _ := DTMFDigits("5", DTMFOn, DTMFOff)
	tone, receiver := NewTone(Cadence{Steps: c.Steps}), NewDTMF()
	block, begun := make([]byte, 160), 0
	emit := func(e DigitEvent) {
		if !e.End {
			begun++
		}
	}
	n := testing.AllocsPerRun(200, func() {
		tone.FillOctets(block, ALaw)
		receiver.PushOctets(block, ALaw, emit)
	})
	if n != 0 || begun == 0 {
		t.Errorf("%v allocations a block, want 0 (%d digits)", n, begun)
	}
}

func BenchmarkDTMFDigit20ms(b *testing.B) {
	tone := NewTone(Cadence{Steps: []Step{on(0, Sine{770, -9}, Sine{1336, -7})}})
	block := make([]int16, 160)
	tone.Fill(block)
	benchmarkDTMF(b, block)
}

func BenchmarkDTMFNoise20ms(b *testing.B) {
	random := rand.New(rand.NewPCG(1, 1))
	block := make([]int16, 160)
	for i := range block {
		block[i] = int16(random.NormFloat64() * 2000)
	}
	benchmarkDTMF(b, block)
}

func BenchmarkDTMFSilence20ms(b *testing.B) { benchmarkDTMF(b, make([]int16, 160)) }

func benchmarkDTMF(b *testing.B, block []int16) {
	receiver := NewDTMF()
	emit := func(DigitEvent) {}
	b.ReportAllocs()
	for b.Loop() {
		receiver.Push(block, emit)
	}
}
