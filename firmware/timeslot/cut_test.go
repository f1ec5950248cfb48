package timeslot

import (
	"math"
	"testing"

	"trunkbox/dsp"
)

// TestACutIsWhereTheSoundIsFlattest: in a tone of 400 Hz one octet less or more, or two, leave no jump larger than the
// tone's own steps, and the octets beside are cut at the same place.
func TestACutIsWhereTheSoundIsFlattest(t *testing.T) {
	for _, law := range []dsp.Law{dsp.ALaw, dsp.MuLaw} {
		for cut := range mostCut {
			var sound, beside [200]byte
			steepest := 0
			for i := range sound {
				sound[i] = law.Encode(int16(8000 * math.Sin(2*math.Pi*400/8000*float64(i))))
				beside[i] = byte(i)
				if i > 0 {
					steepest = max(steepest, jump(law, sound[i-1], sound[i]))
				}
			}
			for name, do := range map[string]func(*ring, dsp.Law, []byte, []byte, int){"left out": leaveOut, "said twice": sayTwice} {
				r := ring{beside: new([size]byte)}
				r.push(sound[:], beside[:])
				block, with := make([]byte, 160), make([]byte, 160)
				do(&r, law, block, with, cut+1)
				missing := 40 - r.len()
				if want := map[string]int{"left out": cut + 1, "said twice": -cut - 1}[name]; missing != want {
					t.Errorf("%v: %d octets %s, expected %d", law, missing, name, want)
				}
				for i := range block {
					if block[i] != sound[with[i]] {
						t.Fatalf("%v, %d %s: beside octet %d lies what was beside %d", law, cut+1, name, i, with[i])
					}
					if i > 0 && cut < 2 && jump(law, block[i-1], block[i]) > steepest {
						t.Errorf("%v, %d %s: the sound jumps by %d at %d, the tone by %d", law, cut+1, name, jump(law, block[i-1], block[i]), i, steepest)
					}
				}
			}
		}
	}
}

func jump(law dsp.Law, a, b byte) int {
	d := int(law.Decode(a)) - int(law.Decode(b))
	return max(d, -d)
}

// TestSilenceIsCutFaster: an eighth of it at once, of sound an octet in 50 milliseconds.
func TestSilenceIsCutFaster(t *testing.T) {
	for _, c := range []struct {
		peak          int16
		n, ago, haste int
	}{{0, 80, 80, 10}, {100, 80, 80, 10}, {1000, 80, 320, 0}, {1000, 80, 400, 1}, {1000, 160, 1600, 1}, {1000, 16, 400, 1}, {0, 160, 160, 20}} {
		var r ring
		octets := make([]byte, c.n)
		fill(octets, dsp.MuLaw.Silence())
		octets[3] = dsp.MuLaw.Encode(c.peak)
		r.push(octets, nil)
		if got := haste(&r, dsp.MuLaw, c.n, c.ago); got != c.haste {
			t.Errorf("%d octets at once of %d with a peak of %d, the last %d ago, expected %d", got, c.n, c.peak, c.ago, c.haste)
		}
	}
}
