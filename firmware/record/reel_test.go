package record

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"testing"
	"unsafe"

	"trunkbox/dsp"
)

// wound is a reel that has turned so far already that its counts wrap soon.
func wound(at uint32) *reel {
	r := &reel{}
	r.head.Store(at)
	r.tail.Store(at)
	return r
}

// TestAReelBesideItsModel: whatever the order of the three at work, what comes off is what was put on, no more than four
// seconds lie on it, and no piece is in two places.
func TestAReelBesideItsModel(t *testing.T) {
	full := false
	for seed := range uint64(10) {
		random := rand.New(rand.NewPCG(seed, 1))
		s, r := &stock{}, wound(-uint32(random.IntN(3*ringSize)))
		var model, got []byte
		octet := byte(0)
		for step := range 6000 {
			switch random.IntN(12) {
			case 0:
				if seed%3 == 0 && random.IntN(100) > 0 { // the disk stands still for long
					continue
				}
				got = r.pull(got, s)
				if !bytes.Equal(got, model) {
					t.Fatalf("seed %d: %d octets came off, not the %d that were put on", seed, len(got), len(model))
				}
				got, model = got[:0], model[:0]
			case 1, 2, 3:
				s.supply(1)
			default:
				left, right := make([]byte, 1+random.IntN(maxBlock)), []byte(nil)
				if seed%2 == 0 {
					right = make([]byte, len(left))
				}
				var both []byte
				for i := range left {
					left[i], octet = octet, octet+1
					both = append(both, left[i])
					if right != nil {
						right[i], octet = octet, octet+1
						both = append(both, right[i])
					}
				}
				fits := len(model)+len(both) <= ringSize
				full = full || !fits
				there := fits && (r.into != nil && int(r.filled)+len(both) <= pieceSize || s.waiting() > 0)
				if r.push(left, right, s) != there {
					t.Fatalf("seed %d: %d octets there, %d pieces ready for %d more, taken %v", seed, len(model), s.waiting(), len(both), !there)
				}
				if there {
					model = append(model, both...)
				}
			}
			pieces := int(r.pieces.Load())
			if pieces+s.waiting() != s.made || pieces > len(model)/pieceSize+2 {
				t.Fatalf("seed %d: %d pieces on the reel, %d ready, %d made, %d octets", seed, pieces, s.waiting(), s.made, len(model))
			}
			if step%20 > 0 {
				continue
			}
			held := map[*piece]bool{}
			for p := r.from; p != nil; p = p.next {
				held[p] = true
			}
			for at := s.head.Load(); at != s.tail.Load(); at++ {
				if held[s.ready[at%readyPieces]] {
					t.Fatalf("seed %d: a piece is ready and on the reel", seed)
				}
			}
			if len(held) != pieces {
				t.Fatalf("seed %d: %d pieces on the reel, %d counted", seed, len(held), pieces)
			}
		}
		s.end(r)
		if s.made != s.waiting() || s.take(r) != nil {
			t.Fatalf("seed %d: %d pieces made and %d ready after the reel", seed, s.made, s.waiting())
		}
	}
	if !full {
		t.Error("no reel was ever full")
	}
}

// TestAReelAmongThreads: the engine of several reels, supplier and writer at once, with a writer who now and then does nothing.
// Every block is a number; they come in order, and those that are missing were refused.
func TestAReelAmongThreads(t *testing.T) {
	const reels, blocks = 4, 8000
	s := &stock{}
	var all []*reel
	for range reels {
		all = append(all, wound(1<<32-10*ringSize))
	}
	var pushing, serving sync.WaitGroup
	done := make(chan struct{})
	refused := make([]int, reels)
	pushing.Go(func() {
		var left, right [8]byte
		for n := range uint32(blocks) {
			for at := range left { // number and number again, octets in turns
				left[at] = byte(n >> (8 * (at % 4)))
			}
			right = left
			for i, r := range all {
				if !r.push(left[:], right[:], s) {
					refused[i]++
					runtime.Gosched()
				}
			}
		}
	})
	serve := func(round func(last bool)) { // and once more when all is pushed
		serving.Go(func() {
			for over := false; !over; {
				select {
				case <-done:
					over = true
				default:
				}
				round(over)
			}
		})
	}
	serve(func(bool) { s.supply(reels) })
	got := make([][]byte, reels)
	serve(func(last bool) {
		for i, r := range all {
			if last || rand.IntN(4) > 0 {
				got[i] = r.pull(got[i], s)
			}
		}
	})
	pushing.Wait()
	close(done)
	serving.Wait()
	for i, octets := range got {
		if len(octets) != 16*(blocks-refused[i]) {
			t.Fatalf("%d octets of %d blocks, %d refused", len(octets), blocks, refused[i])
		}
		last := int64(-1)
		for block := range slices.Chunk(octets, 16) {
			n := uint32(block[0]) | uint32(block[2])<<8 | uint32(block[4])<<16 | uint32(block[6])<<24
			if int64(n) <= last || !bytes.Equal(block[:8], block[8:]) || binary.LittleEndian.Uint16(block) != uint16(block[0])*0x101 {
				t.Fatalf("block % x after number %d", block, last)
			}
			last = int64(n)
		}
	}
}

// TestADiskThatKeepsUpNeedsLittle: what a recording holds while it is written, and what is kept after all were behind by
// seconds.
func TestADiskThatKeepsUpNeedsLittle(t *testing.T) {
	r, tapes := many(t, t.TempDir(), 40, nil)
	block := bytes.Repeat([]byte{0x55}, 80)
	most := 0
	each := func(pieces int) int { return pieces * int(unsafe.Sizeof(piece{})) / len(tapes) }
	pass := func(write bool, n int) {
		for range 5 {
			for _, tape := range tapes {
				tape.Take(block, block, dsp.ALaw)
			}
		}
		r.supply()
		if write {
			r.writeTurn(n % turns)
		}
		most = max(most, r.stock.made)
	}
	for n := range 100 {
		pass(true, n)
	}
	if each(most) > 5500 {
		t.Errorf("%d octets a recording", each(most))
	}
	for n := range 70 { // three and a half seconds of no disk
		pass(false, n)
	}
	if behind := each(r.stock.made); behind < 50<<10 {
		t.Errorf("only %d octets a recording while the disk stands still", behind)
	}
	r.write()
	if kept := each(r.stock.made); kept > 5500 {
		t.Errorf("%d octets a recording kept", kept)
	}
	for _, tape := range tapes {
		if tape.lost.Load() > 0 {
			t.Errorf("%v lost", tape.lostTime(tape.lost.Load()))
		}
		tape.End()
	}
	settle(r)
	if r.stock.made != r.stock.waiting() {
		t.Errorf("%d pieces made, %d ready", r.stock.made, r.stock.waiting())
	}
}

// TestATapeBeginsWithoutItsSupplier: what is said while the supplier is late by all that he may be is kept, of few recordings
// and of many, and a second of one.
func TestATapeBeginsWithoutItsSupplier(t *testing.T) {
	block := make([]byte, 80)
	for n, blocks := range map[int]int{1: 100, 2: 50, 40: 12, 480: 12} {
		_, tapes := many(t, t.TempDir(), n, nil)
		for range blocks {
			for _, tape := range tapes {
				tape.Take(block, block, dsp.ALaw)
			}
		}
		for i, tape := range tapes {
			if lost := tape.lost.Load(); lost > 0 {
				t.Fatalf("recording %d of %d lost %v of %d ms", i+1, n, tape.lostTime(lost), 10*blocks)
			}
		}
	}
}

// TestWhatATapeIs: what a recording takes beside its pieces.
func TestWhatATapeIs(t *testing.T) {
	if size := unsafe.Sizeof(Tape{}); size > 416 {
		t.Errorf("a tape of %d octets", size)
	}
	if size := unsafe.Sizeof(Agent{}); size > 192 {
		t.Errorf("a tap of %d octets", size)
	}
	if size := unsafe.Sizeof(piece{}); size != 512 {
		t.Errorf("a piece of %d octets", size)
	}
}

// TestVoicesOnTheRight: one voice is kept octet by octet, two are added up, the other law is carried over.
func TestVoicesOnTheRight(t *testing.T) {
	r, reports := opened(t, t.TempDir(), nil)
	tape := started(t, r, "v1")
	caller, one, two := make([]byte, 80), make([]byte, 80), make([]byte, 80)
	for i := range caller {
		caller[i], one[i], two[i] = byte(i), byte(i+100), dsp.MuLaw.Encode(int16(100*i))
	}
	agents := [2]*Agent{tape.Agent(), tape.Agent()}
	agents[0].Take(one, nil, dsp.ALaw)
	tape.Take(caller, caller, dsp.ALaw)
	agents[1].Take(two, nil, dsp.MuLaw)
	agents[0].Take(one, nil, dsp.ALaw)
	tape.Take(caller, caller, dsp.ALaw)
	tape.Take(caller, two, dsp.ALaw)
	tape.End()
	settle(r)
	channels := sound(t, filepath.Join(r.Dir, (*reports)[0].File))
	over := make([]byte, 80)
	dsp.Transcode(over, two, dsp.MuLaw, dsp.ALaw)
	for i := range caller {
		level := func(octet byte) int { return int(dsp.ALaw.Decode(octet)) }
		added := min(max(level(one[i])+level(over[i]), -32768), 32767)
		for block, want := range []int{level(one[i]), added, level(two[i])} {
			near := 0 // a sum is quantized again
			if block == 1 {
				near = max(added/16, -added/16, 64)
			}
			left, right := int(channels[0][80*block+i]), int(channels[1][80*block+i])
			if left != level(caller[i]) || right < want-near || right > want+near {
				t.Fatalf("sample %d of block %d: %d and %d, want %d and %d", i, block, left, right, level(caller[i]), want)
			}
		}
	}
}
