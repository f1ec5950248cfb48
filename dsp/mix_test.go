package dsp

import (
	"fmt"
	"math"
	"testing"
)

// talkers are so many parties, each with a tone of its own.
type talkers struct {
	sources []func() float64
	blocks  [][]int16
	said    [][]int16
	hz      []float64
}

func newTalkers(parties int, dBm0 float64) *talkers {
	t := &talkers{}
	for i := range parties {
		hz := 300 + 50*float64(i)
		t.hz = append(t.hz, hz)
		t.sources = append(t.sources, sineSource(Sine{hz, dBm0}))
		t.blocks = append(t.blocks, make([]int16, 160))
		t.said = append(t.said, make([]int16, 160))
	}
	return t
}

// next lets all parties say the next block.
func (t *talkers) next() [][]int16 {
	for i, source := range t.sources {
		for n := range t.blocks[i] {
			t.blocks[i][n] = saturate(float32(source()))
		}
		copy(t.said[i], t.blocks[i])
	}
	return t.blocks
}

// TestMixWithoutSelf: each of 2 to 64 parties hears every other at his level, and nothing of itself.
func TestMixWithoutSelf(t *testing.T) {
	for _, parties := range []int{2, 3, 8, MostMixed} {
		m, err := NewMixer(parties)
		if err != nil {
			t.Fatal(err)
		}
		all := newTalkers(parties, -40)
		var heard [MostMixed][]int16
		for range 20 {
			for i, block := range m.mixed(all.next()) {
				heard[i] = append(heard[i], block...)
			}
		}
		for i := range parties {
			for k, hz := range all.hz {
				level := Goertzel(heard[i], hz)
				if k == i && level > -75 {
					t.Errorf("party %d of %d hears itself at %.1f dBm0", i, parties, level)
				}
				if k != i && math.Abs(level+40) > 0.3 {
					t.Errorf("party %d of %d hears party %d at %.1f dBm0, want -40", i, parties, k, level)
				}
			}
		}
	}
}

func (m *Mixer) mixed(blocks [][]int16) [][]int16 {
	m.Mix(blocks)
	return blocks
}

// TestMixExact: below the limit each hears the sum of the others to the bit.
func TestMixExact(t *testing.T) {
	m, err := NewMixer(5)
	if err != nil {
		t.Fatal(err)
	}
	all := newTalkers(5, -12)
	for range 50 {
		blocks := m.mixed(all.next())
		for i, block := range blocks {
			for n, x := range block {
				sum := 0
				for k := range blocks {
					if k != i {
						sum += int(all.said[k][n])
					}
				}
				if sum != int(x) {
					t.Fatalf("party %d hears %d, the others have said %d", i, x, sum)
				}
			}
		}
	}
}

// TestMixLoud: 64 parties at full level are turned down, not clipped; one that starts shouting does
// not click; and the gain comes back.
func TestMixLoud(t *testing.T) {
	m, err := NewMixer(MostMixed)
	if err != nil {
		t.Fatal(err)
	}
	all := newTalkers(MostMixed, 3)
	blocks := m.mixed(all.next())
	for range 50 {
		blocks = m.mixed(all.next())
		for i, block := range blocks {
			if peak := Peak(block); peak >= mixLimit {
				t.Fatalf("party %d hears a peak of %d", i, peak)
			}
		}
	}
	for i, block := range blocks[:3] {
		if Level(block) < -16 || Level(block) > 3 {
			t.Errorf("party %d hears %.1f dBm0 of 63 shouting ones", i, Level(block))
		}
	}
	quiet := newTalkers(2, -20)
	for range 150 { // 3 s
		blocks = m.mixed(quiet.next())
	}
	if level := Level(blocks[0]); math.Abs(level+20) > 0.2 {
		t.Errorf("after 3 s a party of -20 dBm0 is heard at %.1f", level)
	}
}

// TestMixDistortion: two loud parties over the limit stay two tones: what is neither is 30 dB below.
func TestMixDistortion(t *testing.T) {
	m, err := NewMixer(3)
	if err != nil {
		t.Fatal(err)
	}
	a, b := sineSource(Sine{500, 3}), sineSource(Sine{1300, 3})
	var heard []int16
	for range 50 {
		blocks := [][]int16{make([]int16, 160), make([]int16, 160), make([]int16, 160)}
		for i := range 160 {
			blocks[1][i], blocks[2][i] = saturate(float32(a())), saturate(float32(b()))
		}
		m.Mix(blocks)
		heard = append(heard, blocks[0]...)
	}
	heard = heard[1600:]
	power := func(dBm0 float64) float64 { return math.Pow(10, dBm0/10) }
	tones := power(Goertzel(heard, 500)) + power(Goertzel(heard, 1300))
	if rest := power(Level(heard)) - tones; rest > tones/1000 {
		t.Errorf("%.1f dB of the sound is neither tone", 10*math.Log10(rest/tones))
	}
}

// TestMixOctets: laws may differ, and a party that says nothing is left out.
func TestMixOctets(t *testing.T) {
	m, err := NewMixer(3)
	if err != nil {
		t.Fatal(err)
	}
	tone := NewTone(steady(Sine{1004, -10}))
	said := [][]byte{make([]byte, 160), make([]byte, 160), nil}
	tone.FillOctets(said[0], ALaw)
	for i := range said[1] {
		said[1][i] = MuLaw.Encode(0)
	}
	m.MixOctets(said, []Law{ALaw, MuLaw, ALaw})
	var heard [2][160]int16
	ALaw.Expand(heard[0][:], said[0])
	MuLaw.Expand(heard[1][:], said[1])
	if Level(heard[0][:]) > -60 || math.Abs(Goertzel(heard[1][:], 1004)+10) > 0.3 {
		t.Errorf("the speaker hears %.1f dBm0, the listener %.1f", Level(heard[0][:]), Goertzel(heard[1][:], 1004))
	}
}

func TestNewMixerRefuses(t *testing.T) {
	for _, parties := range []int{-1, 0, 1, MostMixed + 1} {
		if _, err := NewMixer(parties); err == nil {
			t.Errorf("a conference of %d is taken", parties)
		}
	}
}

func TestMixAllocates(t *testing.T) {
	m, err := NewMixer(MostMixed)
	if err != nil {
		t.Fatal(err)
	}
	said, laws := make([][]byte, MostMixed), make([]Law, MostMixed)
	for i := range said {
		said[i] = make([]byte, 160)
	}
	if n := testing.AllocsPerRun(20, func() { m.MixOctets(said, laws) }); n != 0 {
		t.Errorf("%v allocations a block, want 0", n)
	}
}

func BenchmarkMix20ms(b *testing.B) {
	for _, parties := range []int{3, 8, MostMixed} {
		b.Run(fmt.Sprintf("parties=%d", parties), func(b *testing.B) {
			m, err := NewMixer(parties)
			if err != nil {
				b.Fatal(err)
			}
			all := newTalkers(parties, -30)
			blocks := all.next()
			b.ReportAllocs()
			for b.Loop() {
				for i := range blocks {
					copy(blocks[i], all.said[i])
				}
				m.Mix(blocks)
			}
		})
	}
}
