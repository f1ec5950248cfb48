package dsp

import (
	"fmt"
	"testing"
	"time"
)

// boxChannels is how many cancellers the box has at its full size: their memory is walked every 10 ms.
const boxChannels = 480

// BenchmarkEchoBox is a block of 10 ms of one channel of the box at its full size: each canceller has learned
// its path and comes round once in 480 blocks, so that it finds the caches as it does there.
func BenchmarkEchoBox(b *testing.B) {
	for _, far := range []string{"speech", "noise"} {
		for _, ms := range []int{32, 64} {
			b.Run(fmt.Sprintf("far=%s/tail=%dms", far, ms), func(b *testing.B) { benchmarkBox(b, far, ms) })
		}
	}
}

func benchmarkBox(b *testing.B, source string, tailMs int) {
	far, near := roundSound(source)
	channels := make([]*Echo, boxChannels)
	block := func(c, n int) {
		at := (n + 11*c) % (len(far) / echoBlock) * echoBlock
		var said [echoBlock]int16
		copy(said[:], near[at:])
		channels[c].Cancel(far[at:at+echoBlock], said[:])
	}
	for c := range channels {
		e, err := NewEcho(time.Duration(tailMs) * time.Millisecond)
		if err != nil {
			b.Fatal(err)
		}
		channels[c] = e
		for n := range earlyBlocks + 100 + c%12 { // they do not learn in step
			block(c, n)
		}
	}
	c, n := 0, earlyBlocks+100
	best, began := time.Duration(0), time.Now()
	b.ReportAllocs()
	for b.Loop() {
		block(c, n)
		if c++; c < len(channels) {
			continue
		}
		c, n = 0, n+1
		now := time.Now()
		if round := now.Sub(began); best == 0 || round < best {
			best = round
		}
		began = now
	}
	// The best round is the one that nothing else has disturbed.
	b.ReportMetric(float64(best)/boxChannels, "best-ns/block")
}

// roundSound is 700 ms of a far end that can be repeated without a seam, and what the line gives back: its echo
// and noise of -60 dBm0.
func roundSound(source string) (far, near []int16) {
	next := newComposite(-10, 1).next
	if source == "noise" {
		next = noiseSource(-15, 1)
	}
	far, near = make([]int16, 5600), make([]int16, 5600)
	for i := range far {
		far[i] = ALaw.Decode(ALaw.Encode(saturate(float32(next()))))
	}
	path, noise := hybrids[0].response(9, 20), noiseSource(-60, 2)
	for i := range near {
		x := noise()
		for k, h := range path {
			x += h * float64(far[(i+len(far)-k)%len(far)])
		}
		near[i] = ALaw.Decode(ALaw.Encode(saturate(float32(x))))
	}
	return far, near
}
