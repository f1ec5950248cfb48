package rtp

import (
	"testing"
	"time"
)

func TestOneWay(t *testing.T) {
	const spoken = 8000 // samples a second: the other side speaks all the time
	for _, c := range []struct {
		name string
		each func(second uint32) signs
		want map[uint32]Trouble // by second
	}{
		{"both speak", func(n uint32) signs { return signs{hears: true, alive: 50 * n, sounds: 50 * n, spoken: n * spoken} }, nil},
		{"nothing comes", func(n uint32) signs { return signs{hears: true, spoken: n * spoken} }, map[uint32]Trouble{5: NothingComes}},
		{"nobody speaks to the phone", func(uint32) signs { return signs{hears: true} }, nil},
		{"it listens quietly to few words", func(n uint32) signs { return signs{hears: true, spoken: n * spoken / 20} }, map[uint32]Trouble{20: NothingComes}},
		{"silence comes", func(n uint32) signs { return signs{hears: true, sounds: 50 * n, spoken: n * spoken} }, map[uint32]Trouble{5: OnlySilence}},
		{"behind a NAT", func(n uint32) signs { return signs{hears: true, spoken: n * spoken, behind: true} }, map[uint32]Trouble{5: BehindNAT}},
		{"a stranger's packets", func(n uint32) signs { return signs{hears: true, spoken: n * spoken, behind: true, foreign: n} }, map[uint32]Trouble{5: OnlyStranger}},
		{"its port refuses", func(n uint32) signs { return signs{hears: true, spoken: n * spoken, refused: n / 3} }, map[uint32]Trouble{5: PortRefused}},
		{"it speaks and its port refuses", func(n uint32) signs {
			return signs{hears: true, alive: 50 * n, sounds: 50 * n, spoken: n * spoken, refused: 50 * n}
		}, map[uint32]Trouble{5: PortRefused}},
		{"one refusal, then all is well", func(n uint32) signs {
			return signs{hears: true, alive: 50 * n, sounds: 50 * n, spoken: n * spoken, refused: min(n, 1)}
		}, nil},
		{"on hold", func(n uint32) signs { return signs{spoken: n * spoken} }, nil},
		{"it falls silent, comes back, falls silent", func(n uint32) signs {
			alive := min(n, 10)
			if n >= 20 {
				alive = min(n, 30) - 9
			}
			return signs{hears: true, alive: alive, sounds: alive, spoken: n * spoken}
		}, map[uint32]Trouble{15: NothingComes, 35: NothingComes}},
	} {
		var w oneWay
		for second := range uint32(50) {
			if got := w.look(time.Duration(second)*time.Second, c.each(second)); got != c.want[second] {
				t.Errorf("%s: %v after %d s, want %v", c.name, got, second, c.want[second])
			}
		}
	}
}
