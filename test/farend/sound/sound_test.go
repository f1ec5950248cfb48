package sound

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"trunkbox/dsp"
)

func TestShare(t *testing.T) {
	samples := make([]int16, hearSamples)
	dsp.NewTone(dsp.Cadence{Steps: []dsp.Step{{Sines: []dsp.Sine{{Hz: 1000, DBm0: -20}}}}}).Fill(samples)
	if s := Share(samples, 1000); math.Abs(s-1) > 0.02 {
		t.Errorf("a lone tone has a share of %.3f", s)
	}
	other := make([]int16, hearSamples)
	dsp.NewTone(dsp.Cadence{Steps: []dsp.Step{{Sines: []dsp.Sine{{Hz: 1000, DBm0: -20}, {Hz: 1400, DBm0: -20}}}}}).Fill(other)
	if s := Share(other, 1000); math.Abs(s-0.5) > 0.02 {
		t.Errorf("one of two like tones has a share of %.3f", s)
	}
	if s := Share(make([]int16, hearSamples), 1000); s != 0 {
		t.Errorf("silence has a share of %.3f", s)
	}
}

// pass carries blocks from a mouth to an ear.
func pass(from, to *Sound, blocks int) {
	block := make([]byte, 80)
	for range blocks {
		from.Fill(block)
		to.Hear(block)
	}
}

func TestMouthToEar(t *testing.T) {
	for _, law := range []dsp.Law{dsp.ALaw, dsp.MuLaw} {
		mouth, ear := New(law, 1), New(law, 1)
		mouth.PlayTone(620)
		pass(mouth, ear, 50)
		if !ear.Hears(620, 0.95) || ear.Hears(700, 0.05) {
			t.Errorf("%v: 620 Hz is heard with a share of %.2f, 700 Hz with %.2f", law, ear.share(620), ear.share(700))
		}
		if err := mouth.SendKeys("159#"); err != nil {
			t.Fatal(err)
		}
		pass(mouth, ear, 150)
		if err := mouth.WaitKeysSent(context.Background()); err != nil || ear.Keys() != "159#" {
			t.Errorf("%v: the keys heard are %q, %v", law, ear.Keys(), err)
		}
		if n := len(ear.Recorded()); n != dsp.SampleRate {
			t.Errorf("%v: %d octets are recorded, want a second", law, n)
		}
		mouth.PlayNothing()
		pass(mouth, ear, 50)
		if ear.Hears(620, 0.01) {
			t.Errorf("%v: 620 Hz is heard in silence", law)
		}
	}
	if err := New(dsp.ALaw, 1).SendKeys("x"); err == nil {
		t.Error("x is no key")
	}
}

// noise is a clip of which no two blocks are alike.
func noise(seed uint64, n int) []byte {
	octets, random := make([]byte, n), rand.New(rand.NewPCG(seed, 1))
	for i := range octets {
		octets[i] = byte(random.Uint32())
	}
	return octets
}

// TestFollow: blocks are known again however they are cut, and their time under way is told to the part of an octet.
func TestFollow(t *testing.T) {
	for _, test := range []struct {
		name     string
		cut, off int // length of the blocks heard, octets held back
		spoil    int // every so manyth octet is another
		exact    bool
		want     time.Duration
	}{
		{name: "as it was said", cut: 160, exact: true, want: 5 * time.Millisecond},
		{name: "cut anew", cut: 80, off: 40, exact: true, want: 5 * time.Millisecond},
		{name: "another's octets", cut: 160, spoil: 100},
	} {
		mouth, ear, delay := New(dsp.ALaw, -1), New(dsp.ALaw, -1), &Spread{}
		mouth.PlayClip(noise(1, 8000))
		ear.Follow(mouth, delay)
		var under []byte
		heard := -test.off
		block := make([]byte, 160)
		for n := range 200 {
			mouth.Fill(block)
			left := int64(1e18) + int64(n*20)*int64(time.Millisecond)
			mouth.Said(left)
			under = append(under, block...)
			for ; len(under) >= test.cut+test.off; heard += test.cut {
				at := int64(1e18) + int64(heard+test.off)*octetTime + int64(5*time.Millisecond)
				piece := append([]byte(nil), under[:test.cut]...)
				for i := range piece {
					if test.spoil > 0 && i%test.spoil == 7 {
						piece[i] ^= 0x55
					}
				}
				ear.HearAt(piece, at)
				under = under[test.cut:]
			}
		}
		exact, not, last := ear.Followed()
		if test.exact != (not == 0 && exact > 190 && last != 0) || test.exact == (exact == 0) {
			t.Errorf("%s: %d blocks are known, %d are not", test.name, exact, not)
		}
		counts := delay.Read()
		if most := counts.Quantile(1); test.exact && (most < test.want*15/16 || most > test.want*17/16 || counts.Total() != exact) {
			t.Errorf("%s: %d were under way for %v at most, want %v", test.name, counts.Total(), most, test.want)
		}
	}
}

// TestFollowThroughCuts: who leaves out an octet in 50 ms, or says one twice, is followed from block to block, and found
// again soon after a gap; another who says the like is not.
func TestFollowThroughCuts(t *testing.T) {
	for _, test := range []struct {
		name  string
		twice bool
		gap   bool
		other bool
		want  int // blocks of 20 ms in a row that are not known, at most
	}{
		{name: "left out", want: 1},
		{name: "said twice", twice: true, want: 1},
		{name: "left out, and a gap", gap: true, want: 3 + lostTries},
		{name: "another", other: true, want: 1000},
	} {
		mouth, ear := New(dsp.ALaw, -1), New(dsp.ALaw, -1)
		mouth.PlayClip(noise(1, 8000))
		says := mouth
		if test.other {
			says = New(dsp.ALaw, -1)
			says.PlayClip(noise(2, 8000))
		}
		ear.Follow(mouth, nil)
		said := make([]byte, 80_000)
		says.Fill(said)
		if test.gap {
			clear(said[40_000:40_400])
		}
		var heard []byte
		for piece := range slices.Chunk(said, 400) {
			if test.twice {
				heard = append(heard, piece[0])
			} else {
				piece = piece[1:]
			}
			heard = append(heard, piece...)
		}
		missed, most, known := 0, 0, uint64(0)
		for block := range slices.Chunk(heard, 160) {
			ear.Hear(block)
			missed++
			if exact, _, _ := ear.Followed(); exact > known {
				known, missed = exact, 0
			}
			most = max(most, missed)
		}
		if most > test.want || test.other != (known == 0) {
			t.Errorf("%s: %d blocks are known, and %d in a row are not", test.name, known, most)
		}
	}
}

// TestKeptWhileFollowing: what is heard is the same whether the ear follows or not, wherever one looks.
func TestKeptWhileFollowing(t *testing.T) {
	mouth, other := New(dsp.ALaw, -1), New(dsp.ALaw, -1)
	mouth.PlayClip(noise(3, 1200))
	other.PlayTone(700)
	plain, follows := New(dsp.ALaw, -1), New(dsp.ALaw, -1)
	follows.Follow(mouth, nil)
	block, spare := make([]byte, 160), make([]byte, 160)
	for n := range 300 {
		from := mouth
		switch {
		case n%97 > 80:
			from = other
		case n == 150:
			mouth.PlayClip(noise(4, 2000)) // another clip meanwhile
		case n%41 == 0:
			mouth.Fill(spare) // a block is lost
		}
		from.Fill(block)
		plain.Hear(block)
		follows.Hear(block)
		if (n%7 == 0 && n > 150 || n == 70 || n == 140) && !slices.Equal(plain.Kept(), follows.Kept()) {
			t.Fatalf("after %d blocks the ears differ", n+1)
		}
	}
	if exact, not, _ := follows.Followed(); exact < 150 || not < 40 {
		t.Errorf("%d blocks are known and %d are not", exact, not)
	}
}

func TestSpread(t *testing.T) {
	var s Spread
	if c := s.Read(); c.Quantile(0.5) != 0 || c.Quantile(1) != 0 {
		t.Error("nothing has a quantile")
	}
	for us := 1; us <= 100_000; us++ {
		s.Add(time.Duration(us) * time.Microsecond)
	}
	before := s.Read()
	for _, q := range []float64{0.01, 0.5, 0.99, 0.999, 1} {
		want := time.Duration(q*100_000) * time.Microsecond
		if got := before.Quantile(q); math.Abs(float64(got-want)) > float64(want)/16 {
			t.Errorf("quantile %v is %v, want %v", q, got, want)
		}
	}
	s.Add(-time.Second)
	s.Add(100 * time.Hour)
	after := s.Read()
	if rest := after.Since(before); rest.Total() != 2 || rest.Quantile(0.5) != 0 || rest.Quantile(1) < time.Hour/2 {
		t.Errorf("since the first reading there are %d, from %v to %v", rest.Total(), rest.Quantile(0.5), rest.Quantile(1))
	}
}

func BenchmarkBlock(b *testing.B) {
	mouth, ear := New(dsp.ALaw, -1), New(dsp.ALaw, -1)
	mouth.PlayClip(noise(1, 8000))
	ear.Follow(mouth, &Spread{})
	block := make([]byte, 160)
	b.ReportAllocs()
	for b.Loop() {
		mouth.Fill(block)
		mouth.Said(1)
		ear.HearAt(block, 2)
	}
}
