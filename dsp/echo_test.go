package dsp

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// cancelling makes a canceller of the tail in a call over the path.
func cancelling(t testing.TB, tailMs int, law Law, response []float64) *trunk {
	t.Helper()
	e, err := NewEcho(time.Duration(tailMs) * time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	return newTrunk(e, law, response)
}

// everyPath runs the test over the eight paths at echo return losses of 6 and 12 dB.
func everyPath(t *testing.T, test func(t *testing.T, seed uint64, h hybrid, erlDB float64)) {
	for i, h := range hybrids[:fewer(8, 2)] {
		for _, erlDB := range []float64{6, 12} {
			t.Run(fmt.Sprintf("%s/ERL=%.0fdB", h.name, erlDB), func(t *testing.T) { test(t, uint64(i), h, erlDB) })
		}
	}
}

// TestEchoConverges is tests 2A and 2B of G.168 without the suppressor: 30 dB less echo after a
// second and the canceller's full depth after ten, on all paths, with tails of all lengths in which
// the path lies at the very end, at both laws.
func TestEchoConverges(t *testing.T) {
	t.Parallel()
	everyPath(t, func(t *testing.T, seed uint64, h hybrid, erlDB float64) {
		for _, tailMs := range []int{16, 32, 64, 128} {
			for _, law := range laws {
				if law == MuLaw && tailMs != 32 {
					continue
				}
				line := cancelling(t, tailMs, law, h.response(erlDB, tailMs*8-h.samples))
				line.echo.Suppress(false)
				line.far = newComposite(-10, seed).next
				early := line.run(2000, 1000)
				late := line.run(2000, 1000)
				if early.lessDB() < 30 || late.lessDB() < 34 {
					t.Errorf("tail %d ms, %v: %.1f dB less echo in the second second, %.1f dB in the fourth, want 30 and 34",
						tailMs, law, early.lessDB(), late.lessDB())
				}
			}
		}
	})
}

// TestEchoSuppressed is test 2A of G.168: with the suppressor nothing is left after a second, nor a
// second after the path has become another.
func TestEchoSuppressed(t *testing.T) {
	t.Parallel()
	everyPath(t, func(t *testing.T, seed uint64, h hybrid, erlDB float64) {
		for _, tailMs := range []int{32, 128} {
			for _, law := range laws {
				if law == MuLaw && tailMs != 32 {
					continue
				}
				line := cancelling(t, tailMs, law, h.response(erlDB, 10))
				line.far = newComposite(-10, seed).next
				first := line.run(5000, 1000)
				line.response = hybrids[(seed+3)%8].response(erlDB, tailMs*8-200)
				second := line.run(5000, 1000)
				if first.OutPeak > -65 || second.OutPeak > -65 {
					t.Errorf("tail %d ms, %v: residual echo of %.1f and, after the path has changed, %.1f dBm0, want at most -65",
						tailMs, law, first.OutPeak, second.OutPeak)
				}
			}
		}
	})
}

// TestEchoRelearns: without the suppressor, the full depth is there again a second and a half after
// the path has changed.
func TestEchoRelearns(t *testing.T) {
	everyPath(t, func(t *testing.T, seed uint64, h hybrid, erlDB float64) {
		line := cancelling(t, 32, ALaw, h.response(erlDB, 10))
		line.echo.Suppress(false)
		line.far = newComposite(-10, seed).next
		line.run(3000, 0)
		line.response = hybrids[(seed+3)%8].response(erlDB, 60)
		first := line.run(1000, 500)
		second := line.run(1500, 500)
		if first.lessDB() < 10 || second.lessDB() < 33 {
			t.Errorf("%.1f dB less echo in the second half second after the change, %.1f a second later, want 10 and 33", first.lessDB(), second.lessDB())
		}
	})
}

// TestEchoRelearnsInNoise: another path is learned though noise at the near end keeps the canceller from
// ever doing as well as it once did; a path that only becomes weaker or stronger is followed too.
func TestEchoRelearnsInNoise(t *testing.T) {
	everyPath(t, func(t *testing.T, seed uint64, h hybrid, erlDB float64) {
		for _, next := range [][]float64{hybrids[(seed+3)%8].response(erlDB, 60), h.response(erlDB+4, 10), h.response(erlDB-3, 10)} {
			line := cancelling(t, 32, ALaw, h.response(erlDB, 10))
			line.echo.Suppress(false)
			line.far = newComposite(-10, seed).next
			line.run(3000, 0)
			line.response, line.near = next, noiseSource(-42, seed)
			line.run(4000, 0)
			line.near = nil
			line.echo.Freeze(true)
			if l := line.run(1000, 200); l.lessDB() < 20 {
				t.Errorf("%.1f dB less echo, want 20", l.lessDB())
			}
		}
	})
}

// TestEchoDoubleTalk is tests 3B and 3C of G.168: three seconds in which both ends speak, the near
// one up to 6 dB louder than the far one, cost at most 3 dB of what was cancelled.
func TestEchoDoubleTalk(t *testing.T) {
	t.Parallel()
	everyPath(t, func(t *testing.T, seed uint64, h hybrid, erlDB float64) {
		for i, nearDBm0 := range []float64{-25, -15, -9, -15} {
			tailMs := []int{32, 32, 32, 128}[i]
			line := cancelling(t, tailMs, ALaw, h.response(erlDB, tailMs*8-h.samples))
			line.echo.Suppress(false)
			line.far = newComposite(-15, seed).next
			before := line.run(4000, 2000)
			line.near = newCompositeNear(nearDBm0, seed+9).next
			line.run(3000, 0)
			line.near = nil
			line.echo.Freeze(true)
			after := line.run(2000, 200)
			lost := before.lessDB() - after.lessDB()
			if lost > 3 {
				t.Errorf("tail %d ms, near end at %.0f dBm0: %.1f dB cancelled before double talk, %.1f dB less after",
					tailMs, nearDBm0, before.lessDB(), lost)
			}
		}
	})
}

// TestEchoLearnsInNoise is test 2C(a) of G.168 and 3A.
func TestEchoLearnsInNoise(t *testing.T) {
	t.Parallel()
	everyPath(t, func(t *testing.T, seed uint64, h hybrid, erlDB float64) {
		for _, near := range []struct {
			what   string
			tailMs int
			source func() float64
		}{
			{"noise of -40 dBm0", 32, noiseSource(-40, seed)},
			{"noise of -40 dBm0", 128, noiseSource(-40, seed)},
			{"speech of -30 dBm0", 32, newCompositeNear(-30, seed+9).next},
		} {
			line := cancelling(t, near.tailMs, ALaw, h.response(erlDB, near.tailMs*8-h.samples))
			line.echo.Suppress(false)
			line.far = newComposite(-10, seed).next
			line.near = near.source
			line.run(5000, 0)
			line.near = nil
			line.echo.Freeze(true)
			l := line.run(2000, 200)
			if l.lessDB() < 20 {
				t.Errorf("learned under %s in a tail of %d ms: %.1f dB less echo, want 20", near.what, near.tailMs, l.lessDB())
			}
		}
	})
}

// TestEchoTones is test 6 of G.168: tones of one and two frequencies, five seconds each, neither make
// the echo grow nor spoil what was learned.
func TestEchoTones(t *testing.T) {
	t.Parallel()
	paths := fewer(3, 1)
	if soaking() {
		paths = len(hybrids)
	}
	for _, sines := range [][]Sine{
		{{697, -10}, {1209, -8}},
		{{941, -10}, {1633, -8}},
		{{2100, -12}},
		{{425, -10}},
		{{350, -13}, {440, -13}},
		{{1004, 0}},
		{{1100, -12}},
		{{3400, -10}},
		{{300, -10}},
	} {
		for i, h := range hybrids[:paths] {
			line := cancelling(t, 32, ALaw, h.response(6, 10))
			line.echo.Suppress(false)
			line.far = newComposite(-10, uint64(i)).next
			before := line.run(3000, 1500)
			line.far = sineSource(sines...)
			tone := line.run(5000, 0)
			if tone.OutPeak > tone.In-10 {
				t.Errorf("%v over %q: left up to %.1f dBm0 of %.1f", sines, h.name, tone.OutPeak, tone.In)
			}
			line.echo.Freeze(true)
			line.far = newComposite(-10, uint64(i)).next
			after := line.run(1500, 100)
			if lost := before.lessDB() - after.lessDB(); lost > 3 {
				t.Errorf("%v over %q: %.1f dB cancelled before, %.1f after", sines, h.name, before.lessDB(), after.lessDB())
			}
		}
	}
}

// TestEchoStable is test 7 of G.168: two minutes of a tone, during which the echo does not grow, and
// after which speech is cancelled as before.
func TestEchoStable(t *testing.T) {
	t.Parallel()
	for i, h := range hybrids[:fewer(4, 1)] {
		line := cancelling(t, 32, ALaw, h.response(6, 10))
		line.echo.Suppress(false)
		line.far = newComposite(-10, uint64(i)).next
		before := line.run(3000, 2000)
		line.far = sineSource(Sine{[]float64{1004, 425, 2000, 3000}[i], -10})
		first := line.run(5000, 1000)
		last := line.run(115000, 110000)
		line.far = newComposite(-10, uint64(i)).next
		after := line.run(1000, 200)
		if last.Out > first.Out+1 || after.lessDB() < before.lessDB()-3 {
			t.Errorf("%q: %.1f dBm0 left after 5 s of a tone, %.1f after 2 min; %.1f dB of speech's echo cancelled before, %.1f after",
				h.name, first.Out, last.Out, before.lessDB(), after.lessDB())
		}
	}
}

// TestEchoLeavesOut: in a long tail the part that the path lies in is worked on, and of the others few, wherever it lies.
func TestEchoLeavesOut(t *testing.T) {
	others := 0
	for part := range 6 {
		line := cancelling(t, 64, ALaw, hybrids[0].response(9, part*echoBlock+8))
		line.far = newComposite(-10, 7).next
		line.run(4000, 0)
		for m, holds := range line.echo.holds {
			if m == part && !holds {
				t.Errorf("part %d, which the path lies in, is not worked on", part)
			}
			if m != part && holds {
				others++
			}
		}
	}
	if others > 18 {
		t.Errorf("%d of 36 parts without echo are worked on", others)
	}
}

// TestEchoNearSpeech: with the suppressor on, a speaker on the line is heard at his level, alone and
// while the far end speaks.
func TestEchoNearSpeech(t *testing.T) {
	t.Parallel()
	everyPath(t, func(t *testing.T, seed uint64, h hybrid, erlDB float64) {
		line := cancelling(t, 32, ALaw, h.response(erlDB, 10))
		line.near = newCompositeNear(-20, seed).next
		alone := line.run(3000, 0)
		line.near = nil
		line.far = newComposite(-15, seed).next
		line.run(3000, 0)
		line.near = newCompositeNear(-15, seed).next
		both := line.run(5000, 500)
		if math.Abs(alone.Out-alone.Near) > 0.5 || math.Abs(both.Out-both.Near) > 1 {
			t.Errorf("near speech of %.1f dBm0 alone is heard at %.1f, of %.1f in double talk at %.1f", alone.Near, alone.Out, both.Near, both.Out)
		}
	})
}

// TestEchoDisabled is test 10 of G.168: a modem's answering tone with phase reversals, from either
// end, opens the way for its data as they are; without reversals it does not.
func TestEchoDisabled(t *testing.T) {
	for _, c := range []struct {
		what    string
		far     bool
		everyMs float64
		off     bool
	}{{"far", true, 450, true}, {"near", false, 450, true}, {"far without reversals", true, 0, false}} {
		line := cancelling(t, 32, ALaw, hybrids[0].response(12, 0))
		line.far = newComposite(-10, 1).next
		line.run(2000, 0)
		tone := answering{hz: 2100, dBm0: -12, everyMs: c.everyMs, firstMs: 450, turn: 180, ms: 1000}.sound(rand.New(rand.NewPCG(1, 1)))
		next := func() float64 {
			if len(tone) == 0 {
				return 0
			}
			x := tone[0]
			tone = tone[1:]
			return float64(x)
		}
		line.far, line.near = nil, nil
		if c.far {
			line.far = next
		} else {
			line.near = next
		}
		line.run(1100, 0)
		line.far = noiseSource(-10, 3)
		l := line.run(1000, 0)
		if off := line.echo.Disabled(); off != c.off || off && math.Abs(l.lessDB()) > 0.1 {
			t.Errorf("%s: disabled is %v, want %v; %.1f dBm0 heard, %.1f left", c.what, off, c.off, l.In, l.Out)
		}
		line.far = nil
		line.run(500, 0)
		if line.echo.Disabled() {
			t.Errorf("%s: still disabled half a second after the end", c.what)
		}
	}
}

// TestEchoAfterAnything: full-scale noise and square waves on both sides that have nothing to do with
// each other leave the canceller able to learn.
func TestEchoAfterAnything(t *testing.T) {
	line := cancelling(t, 32, ALaw, hybrids[0].response(9, 10))
	line.echo.Suppress(false)
	random := rand.New(rand.NewPCG(1, 2))
	square := func(hz float64) func() float64 {
		source := sineSource(Sine{hz, 3})
		return func() float64 { return math.Copysign(40000, source()) }
	}
	for _, sources := range [][2]func() float64{
		{func() float64 { return random.NormFloat64() * 40000 }, func() float64 { return random.NormFloat64() * 40000 }},
		{square(370), square(233)},
		{func() float64 { return 32767 }, func() float64 { return -32768 }},
		{func() float64 { return 0 }, square(50)},
		{square(3999), nil},
	} {
		line.far, line.near = sources[0], sources[1]
		line.run(4000, 0)
	}
	line.far, line.near = newComposite(-10, 1).next, nil
	if l := line.run(7000, 6000); !(l.lessDB() > 33) {
		t.Errorf("%.1f dB less echo, want 33", l.lessDB())
	}
}

// TestEchoBlocks: blocks of any length give the same sound, later by what Cancel's comment says.
func TestEchoBlocks(t *testing.T) {
	source := newComposite(-10, 1)
	far, near := make([]int16, 16000), make([]int16, 16000)
	for i := range far {
		far[i] = saturate(float32(source.next()))
		if i >= 20 {
			near[i] = far[i-20] / 3
		}
	}
	through := func(size int) []int16 {
		e, err := NewEcho(32 * time.Millisecond)
		if err != nil {
			t.Fatal(err)
		}
		out := slices.Clone(near)
		for at := 0; at < len(out); at += size {
			end := min(len(out), at+size)
			e.Cancel(far[at:end], out[at:end])
		}
		return out
	}
	whole := through(80)
	for _, c := range []struct{ size, delay int }{{160, 0}, {800, 0}, {40, 40}, {120, 40}, {1, 79}, {64, 64}} {
		if out := through(c.size); !slices.Equal(out[c.delay:], whole[:len(whole)-c.delay]) {
			t.Errorf("blocks of %d samples are not the same %d samples later", c.size, c.delay)
		}
	}
}

func TestEchoOctets(t *testing.T) {
	for _, law := range laws {
		e, err := NewEcho(32 * time.Millisecond)
		if err != nil {
			t.Fatal(err)
		}
		source := newComposite(-10, 1)
		far, near, before := make([]byte, 160), make([]byte, 160), make([]byte, 160)
		left := 0.0
		for n := range 200 {
			for i := range far {
				far[i] = law.Encode(saturate(float32(source.next())))
				near[i] = law.Encode(law.Decode(before[i]) / 4)
			}
			copy(before, far)
			if e.CancelOctets(far, near, law); n >= 100 {
				for _, o := range near {
					left += math.Pow(float64(law.Decode(o)), 2)
				}
			}
		}
		if level := DBm0(left / (100 * 160)); level > -60 {
			t.Errorf("%v: %.1f dBm0 left", law, level)
		}
	}
}

func TestNewEchoRefuses(t *testing.T) {
	for _, tail := range []time.Duration{0, time.Millisecond, time.Second} {
		if _, err := NewEcho(tail); err == nil {
			t.Errorf("a tail of %v is taken", tail)
		}
	}
}

func TestEchoAllocates(t *testing.T) {
	line := cancelling(t, 32, ALaw, hybrids[0].response(6, 0))
	line.far = newComposite(-10, 1).next
	line.run(1000, 0)
	var far, near [160]byte
	if n := testing.AllocsPerRun(100, func() { line.echo.CancelOctets(far[:], near[:], ALaw) }); n != 0 {
		t.Errorf("%v allocations a block, want 0", n)
	}
}

func BenchmarkEcho20ms(b *testing.B) {
	for _, ms := range []int{16, 32, 64, 128} {
		b.Run(fmt.Sprintf("tail=%dms", ms), func(b *testing.B) {
			e, err := NewEcho(time.Duration(ms) * time.Millisecond)
			if err != nil {
				b.Fatal(err)
			}
			tr := newTrunk(e, ALaw, hybrids[0].response(6, 0))
			tr.far = newComposite(-10, 1).next
			tr.run(2000, 0)
			var far, near [160]int16
			source := noiseSource(-10, 3)
			for i := range far {
				far[i] = int16(source())
			}
			b.ReportAllocs()
			for b.Loop() {
				copy(near[:], far[:])
				e.Cancel(far[:], near[:])
			}
		})
	}
}

// TestEchoLeavesSteadyTones: two who send tones to each other for minutes, as for a measurement, hear them; what is steady is
// not taken for background noise that comfort noise may replace.
func TestEchoLeavesSteadyTones(t *testing.T) {
	tones := func(low, high float64) []int16 {
		x := make([]int16, SampleRate) // whole periods, to be said over and over
		for i := range x {
			at := 2 * math.Pi * float64(i) / SampleRate
			x[i] = ALaw.Decode(ALaw.Encode(int16(Amplitude(-16) * (math.Sin(low*at) + math.Sin(high*at)))))
		}
		return x
	}
	near, far := tones(360, 2320), tones(420, 1970)
	e, err := NewEcho(32 * time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	heard := make([]int16, len(near))
	nothing := make([]int16, len(near))
	for second := range 300 {
		copy(heard, near)
		far := far
		if second < 2 { // the near end's are there first
			far = nothing
		}
		for at := 0; at < len(heard); at += 80 {
			e.Cancel(far[at:at+80], heard[at:at+80])
		}
		if low, high := Goertzel(heard, 360), Goertzel(heard, 2320); min(low, high) < -17 {
			t.Fatalf("after %d s the tones are heard at %.1f and %.1f dBm0, were said at -16", second, low, high)
		}
	}
}
