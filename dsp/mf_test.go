package dsp

import (
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"testing"
)

// signalled is a multi-frequency signal with its faults.
type signalled struct {
	lowHz, highHz     float64
	lowDBm0, highDBm0 float64
	onMs, breakMs     float64 // the break lies in the middle
	noiseDBm0         float64 // 0 for none
	anywhere          bool    // where it is told to begin is not looked at
}

// heard passes the signal over a line with the law both ways and gives what a receiver made of it, and
// the samples at which the signal truly began and ended.
func (s signalled) heard(receiver *MF, law Law, random *rand.Rand) (events []MFEvent, told []int, began, ended int) {
	began = 300 + random.IntN(300)
	ended = began + int(s.onMs*8)
	low := wave(s.lowHz, s.lowDBm0, random.Float64()*2*math.Pi)
	high := wave(s.highHz, s.highDBm0, random.Float64()*2*math.Pi)
	rms := Amplitude(s.noiseDBm0) / math.Sqrt2
	for at := range ended + 800 {
		v := low() + high()
		if at < began || at >= ended || math.Abs(float64(at)-float64(began+ended)/2) < s.breakMs*4 {
			v = 0
		}
		if s.noiseDBm0 != 0 {
			v += rms * random.NormFloat64()
		}
		sample := law.Decode(law.Encode(saturate(float32(v))))
		receiver.Push([]int16{sample}, func(e MFEvent) {
			events, told = append(events, e), append(told, at)
		})
	}
	return events, told, began, ended
}

// mfAlways asks that every trial on both laws gives the one signal, or none when that is 0.
func mfAlways(t *testing.T, what string, make func() *MF, want int, s signalled) {
	t.Helper()
	random := rand.New(rand.NewPCG(441, uint64(len(what))))
	for trial := range trials {
		events, told, began, ended := s.heard(make(), laws[trial%2], random)
		switch {
		case want == 0 && len(events) == 0:
		case want == 0 || len(events) != 2 || events[0].Signal != want || events[0].End || !events[1].End || events[1].Signal != want:
			t.Errorf("%s (%v): heard %+v, want signal %d", what, laws[trial%2], events, want)
			return
		default:
			operate, release := float64(told[0]-began)/8, float64(told[1]-ended)/8
			if operate+release > 80 {
				t.Errorf("%s: operates in %.1f ms and releases in %.1f", what, operate, release)
			}
			if off := math.Abs(float64(events[0].At-int64(began))) / 8; off > 8 && !s.anywhere {
				t.Errorf("%s: begins %.1f ms away from where it is told", what, off)
			}
		}
	}
}

// eachR2 runs the test for the signals of both directions.
func eachR2(test func(what string, make func() *MF, signal int, plain signalled, neighbours bool)) {
	for _, direction := range []R2Direction{R2Forward, R2Backward} {
		make := func() *MF { return NewR2(direction) }
		for signal := 1; signal <= 15; signal++ {
			c, err := R2Signal(direction, signal)
			if err != nil {
				panic(err)
			}
			sines := c.Steps[0].Sines
			test(fmt.Sprintf("direction %d, signal %d", direction, signal), make, signal,
				signalled{lowHz: sines[0].Hz, highHz: sines[1].Hz, lowDBm0: -11.5, highDBm0: -11.5, onMs: 60},
				math.Abs(sines[0].Hz-sines[1].Hz) < 130)
		}
	}
}

// TestR2 repeats the list of Q.455 for the receiver.
func TestR2(t *testing.T) {
	t.Parallel()
	eachR2(func(what string, make func() *MF, signal int, plain signalled, neighbours bool) {
		vary := func(how string, want int, change func(*signalled)) {
			s := plain
			change(&s)
			mfAlways(t, what+", "+how, make, want, s)
		}
		vary("plain", signal, func(*signalled) {})
		for _, dBm0 := range []float64{-5, -35} {
			vary(fmt.Sprintf("%.0f dBm0", dBm0), signal, func(s *signalled) { s.lowDBm0, s.highDBm0 = dBm0, dBm0 })
		}
		vary("-45 dBm0", 0, func(s *signalled) { s.lowDBm0, s.highDBm0 = -45, -45 })
		difference := 7.0
		if neighbours {
			difference = 5
		}
		vary("low one weaker", signal, func(s *signalled) { s.lowDBm0 = s.highDBm0 - difference })
		vary("high one weaker", signal, func(s *signalled) { s.highDBm0 = s.lowDBm0 - difference })
		vary("low one 20 dB weaker", 0, func(s *signalled) { s.lowDBm0, s.highDBm0 = -25, -5 })
		vary("high one 20 dB weaker", 0, func(s *signalled) { s.lowDBm0, s.highDBm0 = -5, -25 })
		vary("10 Hz higher", signal, func(s *signalled) { s.lowHz, s.highHz = s.lowHz+10, s.highHz+10 })
		vary("10 Hz lower", signal, func(s *signalled) { s.lowHz, s.highHz = s.lowHz-10, s.highHz-10 })
		vary("10 Hz apart", signal, func(s *signalled) { s.lowHz, s.highHz = s.lowHz-10, s.highHz+10 })
		vary("20 ms", signal, func(s *signalled) { s.onMs = 20 })
		vary("7 ms", 0, func(s *signalled) { s.onMs, s.lowDBm0, s.highDBm0 = 7, -5, -5 })
		vary("7 ms break", signal, func(s *signalled) { s.onMs, s.breakMs = 100, 7 })
		vary("noise 10 dB below", signal, func(s *signalled) { s.noiseDBm0 = s.lowDBm0 + 3 - 10 })
		vary("one frequency", 0, func(s *signalled) { s.lowDBm0 = -99 })
	})
}

// TestR2Difference: what Q.455 wants taken is taken at any level and length, and nothing is when the one frequency is 10 dB
// weaker than the other, be they 10 Hz off or not.
func TestR2Difference(t *testing.T) {
	t.Parallel()
	eachR2(func(what string, make func() *MF, signal int, plain signalled, neighbours bool) {
		most := 7.0
		if neighbours {
			most = 5
		}
		for _, offHz := range []float64{0, 10, -10} {
			for _, dBm0 := range []float64{-5, -11.5, -28} {
				for _, differs := range []struct {
					dB, ms float64
					want   int
				}{{most, 20, signal}, {10, 60, 0}} {
					s := plain
					s.onMs, s.lowHz, s.highHz = differs.ms, s.lowHz+offHz, s.highHz+offHz
					how := fmt.Sprintf("%s, %.0f dB apart at %.1f dBm0, %.0f ms, %+.0f Hz", what, differs.dB, dBm0, differs.ms, offHz)
					s.lowDBm0, s.highDBm0 = dBm0, dBm0-differs.dB
					mfAlways(t, how+", high one weaker", make, differs.want, s)
					s.lowDBm0, s.highDBm0 = dBm0-differs.dB, dBm0
					mfAlways(t, how+", low one weaker", make, differs.want, s)
				}
			}
		}
	})
}

// TestBellMF repeats the list of Q.323 for the receiver.
func TestBellMF(t *testing.T) {
	for signal := 1; signal <= 15; signal++ {
		c, err := BellMFDigits(string(BellMFKey(signal)))
		if err != nil {
			t.Fatal(err)
		}
		sines := c.Steps[0].Sines
		plain := signalled{lowHz: sines[0].Hz, highHz: sines[1].Hz, lowDBm0: -7, highDBm0: -7, onMs: 68}
		vary := func(how string, want int, change func(*signalled)) {
			s := plain
			change(&s)
			mfAlways(t, fmt.Sprintf("key %c, %s", BellMFKey(signal), how), NewBellMF, want, s)
		}
		vary("plain", signal, func(*signalled) {})
		vary("0 dBm0", signal, func(s *signalled) { s.lowDBm0, s.highDBm0 = 0, 0 })
		vary("-25 dBm0", signal, func(s *signalled) { s.lowDBm0, s.highDBm0 = -25, -25 })
		vary("-40 dBm0", 0, func(s *signalled) { s.lowDBm0, s.highDBm0 = -40, -40 })
		vary("low one 6 dB weaker", signal, func(s *signalled) { s.lowDBm0 -= 6 })
		vary("high one 6 dB weaker", signal, func(s *signalled) { s.highDBm0 -= 6 })
		vary("low one 15 dB weaker", 0, func(s *signalled) { s.lowDBm0 -= 15 })
		vary("frequencies high", signal, func(s *signalled) { s.lowHz, s.highHz = s.lowHz*1.015+5, s.highHz*1.015+5 })
		vary("frequencies low", signal, func(s *signalled) { s.lowHz, s.highHz = s.lowHz*0.985-5, s.highHz*0.985-5 })
		vary("30 ms", signal, func(s *signalled) { s.onMs = 30 })
		vary("10 ms", 0, func(s *signalled) { s.onMs = 10 })
		vary("noise 12 dB below", signal, func(s *signalled) { s.noiseDBm0 = s.lowDBm0 + 3 - 12 })
	}
}

// TestBellMFDialled: numbers as they are sent are heard, on both laws, in blocks of any size.
func TestBellMFDialled(t *testing.T) {
	const number = "*5551234567#*0099887766554433A*12B*3C"
	c, err := BellMFDigits(number)
	if err != nil {
		t.Fatal(err)
	}
	for _, law := range laws {
		for _, size := range []int{1, 37, 160} {
			receiver, got, ends := NewBellMF(), "", 0
			tone, block, octets := NewTone(c), make([]int16, size), make([]byte, size)
			for !tone.Done() {
				tone.FillOctets(octets, law)
				law.Expand(block, octets)
				receiver.Push(block, func(e MFEvent) {
					if e.End {
						ends++
					} else {
						got += string(BellMFKey(e.Signal))
					}
				})
			}
			if got != number || ends != len(number) {
				t.Errorf("%v, blocks of %d: heard %q with %d ends", law, size, got, ends)
			}
		}
	}
	if _, err := BellMFDigits("12x"); err == nil {
		t.Error("x is taken for a key")
	}
	if _, err := R2Signal(R2Forward, 16); err == nil {
		t.Error("R2 has 16 signals")
	}
}

// TestMFInSpeech: nobody speaks on a line that is being signalled on, but a receiver that is left on
// should not be led astray all the time. The backward frequencies lie where vowels do.
func TestMFInSpeech(t *testing.T) {
	for _, c := range []struct {
		what     string
		receiver *MF
		aMinute  float64
	}{{"R2 forward", NewR2(R2Forward), 0.1}, {"R2 backward", NewR2(R2Backward), 4}, {"Bell", NewBellMF(), 1}} {
		signals, samples := 0, 0
		for _, name := range recorded(t, filepath.Join("sounds", speakers[0]), 300) {
			recording := readRecording(t, name)
			samples += len(recording)
			c.receiver.Push(recording, func(e MFEvent) {
				if !e.End {
					signals++
				}
			})
		}
		if minutes := float64(samples) / SampleRate / 60; float64(signals) > c.aMinute*minutes {
			t.Errorf("%s: %d signals in %.0f minutes of speech", c.what, signals, minutes)
		}
	}
}

func BenchmarkR2Of20ms(b *testing.B) {
	receiver, block := NewR2(R2Forward), make([]int16, 160)
	source := noiseSource(-15, 1)
	for i := range block {
		block[i] = int16(source())
	}
	b.ReportAllocs()
	for b.Loop() {
		receiver.Push(block, func(MFEvent) {})
	}
}
