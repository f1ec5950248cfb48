package dahdi

import "testing"

func TestSpareBlocksAreDroppedAfterASecond(t *testing.T) {
	for _, test := range []struct {
		name   string
		block  int
		blocks func(tick int) int
		want   int // drops in ten seconds
	}{
		{"empty queue", 160, func(int) int { return 0 }, 0},
		{"the block being sent", 160, func(int) int { return 1 }, 0},
		{"and one of the lead", 160, func(int) int { return 2 }, 0},
		{"one to spare", 160, func(int) int { return 3 }, 10},
		{"one to spare, needed now and then", 160, func(tick int) int { return 3 - tick%40/39 }, 0},
		{"late once, then one to spare", 160, func(tick int) int { return min(tick/75, 1) * 3 }, 8},
		{"the lead in small blocks", 16, func(int) int { return 5 }, 0},
		{"more than the lead in small blocks", 16, func(int) int { return 6 }, 10},
	} {
		t.Run(test.name, func(t *testing.T) {
			var s spare
			drops := 0
			for tick := range 10 * rate / test.block {
				if s.drop(test.blocks(tick), test.block) {
					drops++
				}
			}
			if drops != test.want {
				t.Errorf("%d blocks dropped, want %d", drops, test.want)
			}
		})
	}
}

func TestBlockBuffersHold80Milliseconds(t *testing.T) {
	for _, test := range []struct {
		block int
		want  int32
	}{{160, 4}, {80, 8}, {40, 16}, {20, 32}, {16, 32}} {
		if got := blockBuffers(test.block); got != test.want {
			t.Errorf("blocks of %d octets: %d buffers, want %d", test.block, got, test.want)
		}
	}
}

func TestGrowerNeverFalls(t *testing.T) {
	g := grower{last: 10} // what was counted before the line was opened
	want := []uint64{0, 5, 5, 7, 8}
	for i, now := range []int32{10, 15, 15, 2, 3} { // the kernel begins anew after 15
		if g.see(now); g.total != want[i] {
			t.Errorf("after %d: %d, want %d", now, g.total, want[i])
		}
	}
}
