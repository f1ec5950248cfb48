package rtp

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"trunkbox/dsp"
)

// line is a network between a phone and a playout: what the phone sends every 20 ms comes after transit,
// in order, by a clock of samples.
type line struct {
	ppm     float64 // the phone's clock is fast by so much
	transit func() float64
	sendAt  float64
	last    float64
	stamp   uint32
	queue   []coming
}

type coming struct {
	at    float64 // samples
	stamp uint32
}

// arrive gives the playout what has come by now.
func (l *line) arrive(now float64, p *playout, octets func(stamp uint32) []byte) {
	for l.sendAt <= now {
		l.last = max(l.sendAt+l.transit(), l.last)
		l.queue = append(l.queue, coming{l.last, l.stamp})
		l.stamp += 160
		l.sendAt += 160 / (1 + l.ppm*1e-6)
	}
	for len(l.queue) > 0 && l.queue[0].at <= now {
		p.put(l.queue[0].stamp, octets(l.queue[0].stamp))
		l.queue = l.queue[1:]
	}
}

func steadily() float64 { return 0 }

// A day with a phone whose clock is off by 200 ppm: no packet is lost, nothing is made up, and the delay
// stays; each correction is one sample.
func TestADayOfDrift(t *testing.T) {
	hours := 24
	if slowed {
		hours = 1
	}
	for _, ppm := range []float64{200, -200} {
		p := newPlayout()
		l := &line{ppm: ppm, transit: steadily}
		packet := make([]byte, 160)
		for i := range packet {
			packet[i] = dsp.ALaw.Silence()
		}
		block := make([]byte, 160)
		longest, shortest := 0, ringSize
		blocks := hours * 3600 * 50
		for n := range blocks {
			l.arrive(float64(n*160), p, func(uint32) []byte { return packet })
			p.take(block)
			if n > 50*60 {
				longest, shortest = max(longest, p.depth()), min(shortest, p.depth())
			}
		}
		want := float64(hours) * 3600 * 8000 * math.Abs(ppm) * 1e-6
		moved := float64(p.skipped.Load())
		if ppm < 0 {
			moved = float64(p.inserted.Load())
		}
		if math.Abs(moved-want) > 400 {
			t.Errorf("%v ppm: %v samples corrected in %d h, want %.0f", ppm, moved, hours, want)
		}
		if p.concealed.Load() != 0 || p.late.Load() != 0 || longest > 480 || shortest < 0 {
			t.Errorf("%v ppm: concealed %d samples, late %d packets, depth %d to %d", ppm, p.concealed.Load(), p.late.Load(), shortest, longest)
		}
		t.Logf("%v ppm, %d h: %d corrections, skipped %d, inserted %d, depth %d to %d samples",
			ppm, hours, p.corrections.Load(), p.skipped.Load(), p.inserted.Load(), shortest, longest)
	}
}

// Two minutes of a tone with drift: nowhere is there a click, which would fill the spectrum.
func TestCorrectionsAreNotHeard(t *testing.T) {
	type drifting struct {
		ppm   float64
		block int
	}
	cases := []drifting{{200, 80}, {-200, 80}, {200, 160}, {-200, 160}}
	if slowed {
		cases = cases[:1]
	}
	for _, c := range cases {
		p := newPlayout()
		l := &line{ppm: c.ppm, transit: steadily}
		tone := dsp.NewTone(dsp.Cadence{Steps: []dsp.Step{{Sines: []dsp.Sine{{Hz: 1000, DBm0: -10}}}}})
		packet, block := make([]byte, 160), make([]byte, c.block)
		pcm := make([]int16, 0, 120*8000)
		for len(pcm) < cap(pcm) {
			l.arrive(float64(len(pcm)), p, func(uint32) []byte { tone.FillOctets(packet, dsp.ALaw); return packet })
			p.take(block)
			for _, octet := range block {
				pcm = append(pcm, dsp.ALaw.Decode(octet))
			}
		}
		worst := dsp.SilenceDBm0
		for at := 8000; at+256 <= len(pcm); at += 128 {
			for _, hz := range []float64{2200, 2900, 3600} {
				worst = max(worst, windowed(pcm[at:at+256], hz))
			}
		}
		if n := p.corrections.Load(); n < 80 {
			t.Errorf("%v: only %d corrections in two minutes", c, n)
		}
		if worst > -45 {
			t.Errorf("%v: %.1f dBm0 beside the tone of -10 in the worst 32 ms, want -45", c, worst)
		}
		t.Logf("%v: %d corrections, %.1f dBm0 beside the tone in the worst 32 ms", c, p.corrections.Load(), worst)
	}
}

// windowed is the level of one frequency in a piece faded in and out (Hann), so that the piece's edges do
// not count.
func windowed(pcm []int16, hz float64) float64 {
	var re, im, weight float64
	for i, x := range pcm {
		w := 0.5 - 0.5*math.Cos(2*math.Pi*float64(i)/float64(len(pcm)))
		sin, cos := math.Sincos(2 * math.Pi * hz * float64(i) / 8000)
		re, im, weight = re+w*cos*float64(x), im+w*sin*float64(x), weight+w
	}
	return dsp.DBm0(2 * (re*re + im*im) / weight / weight)
}

// The delay is short on a local network and long on a home line, and follows when one becomes the other.
func TestDelayFollowsTheNeed(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	calm := func() float64 { return random.Float64() * 8 }   // 1 ms
	home := func() float64 { return random.Float64() * 480 } // 60 ms
	spike := 0
	wifi := func() float64 { // 4 ms, but 80 ms every ten seconds
		if spike++; spike%500 == 0 {
			return 640
		}
		return random.Float64() * 32
	}
	p := newPlayout()
	l := &line{transit: calm}
	packet, block := speech(0, 160), make([]byte, 80)
	now := 0
	// pass lets a time pass and tells the mean delay of the last part and the share made up in it.
	pass := func(transit func() float64, settle, measured time.Duration) (delay, hidden float64) {
		l.transit = transit
		blocks := func(d time.Duration) int { return int(d / (10 * time.Millisecond)) }
		sum, count := 0, 0
		var before uint64
		for n := range blocks(settle + measured) {
			l.arrive(float64(now), p, func(uint32) []byte { return packet })
			p.take(block)
			now += 80
			if n == blocks(settle) {
				before = p.concealed.Load()
			}
			if n >= blocks(settle) {
				sum += p.depth()
				count++
			}
		}
		return float64(sum) / float64(count) / 8, float64(p.concealed.Load()-before) / float64(80*count)
	}
	for _, c := range []struct {
		name      string
		transit   func() float64
		least, to float64 // ms
		hidden    float64
	}{
		{"a local network", calm, 5, 30, 0.0001},
		{"then a home line", home, 30, 95, 0.003},
		{"then local again", calm, 5, 30, 0.0001},
		{"with a disturbance every ten seconds", wifi, 60, 110, 0.001},
	} {
		delay, hidden := pass(c.transit, 40*time.Second, 60*time.Second)
		if delay < c.least || delay > c.to || hidden > c.hidden {
			t.Errorf("%s: delay %.0f ms, %.3f %% made up; want %v to %v ms, %.3f %%", c.name, delay, 100*hidden, c.least, c.to, 100*c.hidden)
		}
		t.Logf("%s: delay %.0f ms, %.4f %% made up", c.name, delay, 100*hidden)
	}
}

// A line without drift is left alone once it has settled: a modem's octets pass as they are.
func TestCalmLineIsNotTouched(t *testing.T) {
	for _, c := range []struct {
		jitter float64 // samples
		most   uint64  // corrections in ten minutes
	}{{0, 0}, {8, 0}, {24, 0}, {64, 60}} {
		p := newPlayout()
		random := rand.New(rand.NewPCG(9, 10))
		l := &line{transit: func() float64 { return random.Float64() * c.jitter }}
		packet, block := speech(0, 160), make([]byte, 80)
		settled := uint64(0)
		for n := range 66_000 {
			l.arrive(float64(n*80), p, func(uint32) []byte { return packet })
			p.take(block)
			if n == 6000 {
				settled = p.corrections.Load()
			}
		}
		if n := p.corrections.Load() - settled; n > c.most || p.concealed.Load() > 0 {
			t.Errorf("jitter of %v samples: %d corrections in ten minutes, %d samples made up", c.jitter, n, p.concealed.Load())
		}
	}
}

// The longest of delays is a bound, and a stream that is late for good is still heard.
func TestDelayHasACeiling(t *testing.T) {
	p := newPlayout()
	random := rand.New(rand.NewPCG(5, 6))
	l := &line{transit: func() float64 { return random.Float64() * 4000 }} // 500 ms
	packet, block := speech(0, 160), make([]byte, 80)
	for n := range 6000 {
		l.arrive(float64(n*80), p, func(uint32) []byte { return packet })
		p.take(block)
		if p.depth() > defaultCeiling+2*160+80 {
			t.Fatalf("depth %d after %d blocks", p.depth(), n)
		}
	}
	if p.concealed.Load() > 6000*80/2 {
		t.Errorf("%d of %d samples made up", p.concealed.Load(), 6000*80)
	}
}
