package dsp

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// boxChannels is how many cancellers the box has at its full size: their memory is walked every 10 ms.
const boxChannels = 480

// foreign is what other work leaves in the caches while the cancellers wait for their next 10 ms: more than any cache holds.
var foreign = make([]uint64, 48<<20/8)

// BenchmarkEcho480InTurn is a block of 10 ms of one channel of the box at its full size: each canceller has learned
// its path and comes round once in 480 blocks. Warm is one round straight after the other, cold with all caches full of
// something else before each round, as when the box and its kernel have worked for 10 ms in between; alone is one canceller
// over and over.
func BenchmarkEcho480InTurn(b *testing.B) {
	for _, far := range []string{"speech", "noise", "tones", "silence"} {
		for _, ms := range []int{32, 64} {
			b.Run(fmt.Sprintf("far=%s/tail=%dms", far, ms), func(b *testing.B) { benchmarkInTurn(b, far, ms) })
		}
	}
}

func benchmarkInTurn(b *testing.B, source string, tailMs int) {
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
	n := earlyBlocks + 100
	of := func(rounds int, before func(), work func(c, n int)) (ns float64) {
		var took time.Duration
		for range rounds {
			before()
			began := onThread()
			for c := range channels {
				work(c, n)
			}
			took += onThread() - began
			n++
		}
		return float64(took) / float64(rounds*boxChannels)
	}
	evict := func() {
		for i := 0; i < len(foreign); i += 8 {
			foreign[i]++
		}
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	rounds := 2 * len(far) / echoBlock // the sound's blocks cost unlike much
	for b.Loop() {
		b.ReportMetric(of(rounds, func() {}, block), "warm-ns/block")
		b.ReportMetric(of(rounds/2, evict, block), "cold-ns/block")
		b.ReportMetric(of(rounds, func() {}, func(c, n int) { block(0, n+c) }), "alone-ns/block")
		b.ReportMetric(0, "ns/op")
	}
}

// onThread is the time that this thread has run.
func onThread() time.Duration {
	var at unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &at)
	return time.Duration(at.Nano())
}

// roundSound is 700 ms of a far end that can be repeated without a seam, and what the line gives back: its echo
// and noise of -60 dBm0.
func roundSound(source string) (far, near []int16) {
	next := newComposite(-10, 1).next
	switch source {
	case "noise":
		next = noiseSource(-15, 1)
	case "tones":
		next = sineSource(Sine{420, -16}, Sine{1970, -16})
	case "silence":
		next = noiseSource(-70, 1)
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
