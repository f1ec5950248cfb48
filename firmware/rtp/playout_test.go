package rtp

import (
	"bytes"
	"math"
	"math/rand/v2"
	"testing"

	"trunkbox/dsp"
)

const tick = 80 // 10 ms

func newPlayout() *playout {
	p, b := new(playout), new(buffer)
	p.have, p.ring = b.have[:], b.ring[:]
	p.reset(dsp.ALaw, defaultPrefill, defaultCeiling)
	return p
}

// speech is sound in which every place can be told: octet i is a function of i.
func speech(from, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte((from + i) * 7919 >> 3)
	}
	return b
}

// sine is n octets of a tone of the given frequency and level.
func sine(law dsp.Law, hz, dBm0 float64, n int) []byte {
	b := make([]byte, n)
	dsp.NewTone(dsp.Cadence{Steps: []dsp.Step{{Sines: []dsp.Sine{{Hz: hz, DBm0: dBm0}}}}}).FillOctets(b, law)
	return b
}

// dBm0 is the level of one frequency in octets.
func dBm0At(law dsp.Law, octets []byte, hz float64) float64 {
	pcm := make([]int16, len(octets))
	law.Expand(pcm, octets)
	return dsp.Goertzel(pcm, hz)
}

// hear takes n octets a tick at a time.
func (p *playout) hear(n int) []byte {
	b := make([]byte, n)
	for i := 0; i < n; i += tick {
		p.take(b[i : i+tick])
	}
	return b
}

func TestPlayoutPassesBitForBit(t *testing.T) {
	for _, c := range []struct {
		name  string
		first uint32
		order []int
	}{
		{"in order", 1000, []int{0, 1, 2, 3, 4, 5, 6, 7}},
		{"reordered", 1000, []int{1, 0, 3, 2, 4, 7, 6, 5}},
		{"duplicates", 1000, []int{0, 1, 1, 2, 0, 3, 4, 3, 5, 6, 7}},
		{"timestamp wraps", math.MaxUint32 - 700, []int{0, 1, 2, 3, 4, 5, 6, 7}},
		{"wraps, reordered", math.MaxUint32 - 700, []int{0, 2, 1, 4, 3, 6, 5, 7}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newPlayout()
			want := speech(0, 160*8)
			var got []byte
			came := map[int]bool{}
			for _, n := range c.order {
				p.put(c.first+uint32(160*n), want[160*n:160*n+160])
				if came[n] = true; len(came)%2 == 0 && len(got) < 160*len(came) {
					got = append(got, p.hear(320)...)
				}
			}
			got = append(got, p.hear(1600)...)
			at := bytes.Index(got, want)
			if at < 0 {
				t.Fatalf("the sound does not come out as it went in")
			}
			if at > defaultPrefill {
				t.Errorf("first sample after %d samples, want at most %d", at, defaultPrefill)
			}
			if p.skipped.Load() != 0 || p.late.Load() != 0 {
				t.Errorf("skipped %d, late %d", p.skipped.Load(), p.late.Load())
			}
		})
	}
}

func TestPlayoutConcealsLoss(t *testing.T) {
	p := newPlayout()
	tone := sine(dsp.ALaw, 425, -10, 160*40)
	var got []byte
	for n := range 40 {
		if n%10 != 7 {
			p.put(uint32(160*n), tone[160*n:160*n+160])
		}
		got = append(got, p.hear(160)...)
	}
	if c := p.concealed.Load(); c != 4*160 {
		t.Errorf("concealed %d samples, want 640", c)
	}
	// Each lost packet was replaced by sound of the same pitch, not by silence or noise.
	for _, lost := range []int{7, 17, 27} {
		at := defaultPrefill + 160*lost
		hole := got[at : at+160]
		if level := dBm0At(dsp.ALaw, hole, 425); level < -13 || level > -9 {
			t.Errorf("packet %d concealed with %.1f dBm0 at 425 Hz, want about -10", lost, level)
		}
	}
	// The joint makes no click: the rest of the spectrum stays low over the whole.
	pcm := make([]int16, 4096)
	dsp.ALaw.Expand(pcm, got[len(got)-4096:])
	if rest := dsp.Goertzel(pcm, 2000); rest > -40 {
		t.Errorf("%.1f dBm0 at 2000 Hz after concealment", rest)
	}
}

func TestConcealmentFadesToSilence(t *testing.T) {
	p := newPlayout()
	tone := sine(dsp.ALaw, 425, -10, 160*5)
	for n := range 5 {
		p.put(uint32(160*n), tone[160*n:160*n+160])
	}
	p.hear(defaultPrefill + 160*5)
	gap := p.hear(1600)
	begin, end := dBm0At(dsp.ALaw, gap[:80], 425), dBm0At(dsp.ALaw, gap[400:480], 425)
	if begin < -13 || end > begin-10 {
		t.Errorf("concealment begins at %.1f and is at %.1f dBm0 after 50 ms", begin, end)
	}
	for i, octet := range gap[fadeEnds:] {
		if v := dsp.ALaw.Decode(octet); v > 8 || v < -8 {
			t.Fatalf("sample %d after the begin of the gap is %d, want silence", fadeEnds+i, v)
		}
	}
}

// A last packet that is only late makes the delay grow; one that is lost does not.
func TestPlayoutStandsStillWhenEmpty(t *testing.T) {
	p := newPlayout()
	want := speech(0, 160*6)
	for n := range 3 {
		p.put(uint32(160*n), want[160*n:160*n+160])
	}
	p.hear(defaultPrefill + 160*3)
	p.hear(160) // packet 3 is late by 20 ms
	p.put(480, want[480:640])
	p.put(640, want[640:800])
	got := p.hear(320)
	if !bytes.Contains(got, want[480+joint:800]) {
		t.Error("a late packet was not played although nothing came after it")
	}
	p.hear(160) // packet 5 is lost: concealed while play stands
	p.put(960, want[:160])
	if got := p.hear(160); !bytes.Equal(got[joint:], want[joint:160]) {
		t.Error("the packet after a loss waits for the lost one a second time")
	}
}

func TestPlayoutBeginsAnewAfterSilence(t *testing.T) {
	p := newPlayout()
	p.put(0, speech(0, 160))
	p.hear(4000)
	if p.running {
		t.Fatal("still running after 500 ms without a packet")
	}
	want := speech(500, 160)
	p.put(900000, want)
	if got := p.hear(800); bytes.Index(got, want[joint:]) != defaultPrefill+joint {
		t.Error("the first packet of the next talk is not played after the prefill")
	}
}

func TestPlayoutFollowsALeap(t *testing.T) {
	p := newPlayout()
	stamp := uint32(5000)
	for range 10 {
		p.put(stamp, speech(0, 160))
		p.hear(160)
		stamp += 160
	}
	stamp -= 3_000_000 // the sender began anew, same SSRC
	heard := false
	want := speech(77, 160)
	for range 10 {
		p.put(stamp, want)
		heard = heard || bytes.Contains(p.hear(160), want[joint:120])
		stamp += 160
	}
	if !heard {
		t.Error("nothing is heard after the timestamp leapt back")
	}
}

// Delay stays bounded and sound whole when the phone's clock is off, with jitter, for ten minutes.
func TestPlayoutFollowsDriftAndJitter(t *testing.T) {
	for _, c := range []struct {
		name      string
		ppm       float64
		jitterMS  float64
		maxDelay  int     // samples, after settling
		maxHidden float64 // share of samples concealed
	}{
		{"exact, calm", 0, 1, 480, 0.0005},
		{"phone fast 200 ppm", 200, 2, 560, 0.001},
		{"phone slow 200 ppm", -200, 2, 560, 0.002},
		{"jitter 30 ms", 0, 30, 1120, 0.02},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newPlayout()
			random := rand.New(rand.NewPCG(1, 2))
			packet := speech(0, 160)
			const ticks = 60_000
			type coming struct {
				at    float64 // samples
				stamp uint32
			}
			var queue []coming
			sendAt, stamp := 0.0, uint32(0)
			transit := 0.0
			last, worst := 0.0, 0
			block := make([]byte, tick)
			for n := range ticks {
				now := float64(n * tick)
				for sendAt <= now {
					late := random.Float64() * c.jitterMS * 8
					transit = max(sendAt+late, last) // a queue in the network keeps order
					last = transit
					queue = append(queue, coming{transit, stamp})
					stamp += 160
					sendAt += 160 / (1 + c.ppm*1e-6)
				}
				for len(queue) > 0 && queue[0].at <= now {
					p.put(queue[0].stamp, packet)
					queue = queue[1:]
				}
				p.take(block)
				if n > 1000 {
					worst = max(worst, p.depth())
				}
			}
			if worst > c.maxDelay {
				t.Errorf("delay reached %d samples, want at most %d", worst, c.maxDelay)
			}
			if share := float64(p.concealed.Load()) / (ticks * tick); share > c.maxHidden {
				t.Errorf("%.3f %% concealed, want at most %.3f %%", 100*share, 100*c.maxHidden)
			}
			t.Logf("worst delay %d, concealed %d, skipped %d, late %d", worst, p.concealed.Load(), p.skipped.Load(), p.late.Load())
		})
	}
}

func FuzzPlayout(f *testing.F) {
	f.Add([]byte{0, 0, 160, 1, 0, 160, 0, 1, 160})
	f.Fuzz(func(t *testing.T, script []byte) {
		p := newPlayout()
		block := make([]byte, tick)
		stamp := uint32(0)
		for len(script) >= 3 {
			stamp += uint32(int32(int8(script[0]))) * 80 << (script[1] & 15)
			p.put(stamp, speech(int(script[1]), int(script[2])+1))
			for range script[1] >> 6 {
				p.take(block)
			}
			script = script[3:]
			if p.running && (p.depth() < 0 || p.depth() > ringSize) {
				t.Fatalf("depth %d", p.depth())
			}
		}
		p.take(block)
	})
}
