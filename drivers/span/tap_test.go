package span

import (
	"context"
	"errors"
	"io"
	"testing"
	"testing/synctest"
)

func open() bool { return false }

func TestTap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var tap Tap
		var rx Block
		tap.Offer(&rx, 160) // nobody draws
		blocks := make([]Block, 3)
		drawn := make(chan error, 1)
		go func() { drawn <- tap.Draw(t.Context(), blocks, open) }()
		synctest.Wait()
		if err := tap.Draw(t.Context(), make([]Block, 1), open); !errors.Is(err, ErrSampling) {
			t.Errorf("a second caller: %v", err)
		}
		for i := range 5 {
			rx[7][0], rx[31][99], rx[7][100] = byte(i+1), byte(i+1), 0xee
			tap.Offer(&rx, 100)
		}
		if err := <-drawn; err != nil {
			t.Fatal(err)
		}
		for i := range blocks {
			if b := &blocks[i]; b[7][0] != byte(i+1) || b[31][99] != byte(i+1) || b[7][100] != 0 {
				t.Errorf("block %d: %d %d %d", i, b[7][0], b[31][99], b[7][100])
			}
		}
		if n := testing.AllocsPerRun(100, func() { tap.Offer(&rx, 160) }); n != 0 {
			t.Errorf("%.0f allocations a tick while nobody draws", n)
		}
	})
}

func TestTapEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, test := range []struct {
			name string
			end  func(tap *Tap, cancel func())
			want error
		}{
			{"cancelled", func(_ *Tap, cancel func()) { cancel() }, context.Canceled},
			{"line closed", func(tap *Tap, _ func()) { tap.End(); tap.End() }, io.EOF},
		} {
			var tap Tap
			ctx, cancel := context.WithCancel(t.Context())
			drawn := make(chan error, 1)
			go func() { drawn <- tap.Draw(ctx, make([]Block, 2), open) }()
			synctest.Wait()
			tap.Offer(new(Block), 16)
			test.end(&tap, cancel)
			if err := <-drawn; !errors.Is(err, test.want) {
				t.Errorf("%s: %v, want %v", test.name, err, test.want)
			}
			tap.Offer(new(Block), 16) // must not touch the blocks any more
			cancel()
		}
		var tap Tap
		if err := tap.Draw(t.Context(), make([]Block, 1), func() bool { return true }); !errors.Is(err, io.EOF) {
			t.Errorf("on a closed line: %v", err)
		}
	})
}
