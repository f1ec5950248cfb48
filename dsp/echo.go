package dsp

import (
	"fmt"
	"math"
	"time"
	"unsafe"
)

// The canceller learns how the far end of the line echoes, and takes the echo out of what is heard:
//
//	far  ---->--+---------------------+---------------->  to the line
//	            |                     |
//	       [ learner ]          [ canceller ]             hybrid
//	            |                     |
//	near <--[suppressor]<--[proof]<--(-)<---------------  from the line
//
// The canceller is a filter that only hears; it is replaced as a whole by the learner's when that has
// left less echo for a while. The learner may so be led astray by a speaker on the line without harm:
// it is then set back to the canceller's state. Until the canceller has proved that there is an echo at
// all, what it makes of the sound is heard only while it does more good than harm (proof).
//
// Both filters work on blocks of 10 ms in the frequency domain, the tail being parted into as many
// blocks; the learner's step is, for each frequency of each
// part, the Kalman gain between what it does not know yet (doubt) and what the line adds (noise). That is
// a partitioned-block frequency-domain Kalman filter after Enzner and Vary (Signal Processing 86, 2006)
// beside the foreground filter of Ochiai, Araseki and Ogihara (IEEE Trans. COM-25/6, 1977), by overlap and
// save: of a window of 20 ms the newer half counts.
//
// What a channel costs is decided by memory rather than by arithmetic: the box comes back to it after 10 ms of other
// work, and finds little of it in the caches. So what lasts is kept short (shortSpectrum), asked for at once (fetch), and
// left alone where it is of no use: parts of the path without echo, every learner's block but the fourth while next to
// nothing is left of the echo. A block of 10 ms of a channel of 32 ms takes 0.7 to 0.8 µs of a 2.6 GHz core where all is in the
// caches, 1.6 µs where nothing is (BenchmarkEcho480InTurn), of which 480 are 8 % of the core; silence takes 0.15 and 0.5 µs. A
// channel of 32 ms has 9 kB, one of 64 ms 15 kB and costs a third more. Without AVX2 the arithmetic is 4 to 5 µs.
const (
	// quietDBm0 is the level of a far block that leaves no echo worth cancelling.
	quietDBm0 = -58.0
	// A far end that gives tones only, with no more than tonalRest of the power beside them, teaches
	// nothing after tonalBlocks: what the companding adds to the echo then comes back in step with them,
	// and would be learned.
	tonalRest   = 0.005
	tonalBlocks = 3
)

// LongestTail and ShortestTail are the echo tails that a canceller can be made for.
const (
	ShortestTail = 10 * time.Millisecond
	LongestTail  = 130 * time.Millisecond
)

// longestParts is how many blocks the longest tail takes.
const longestParts = int(LongestTail / (10 * time.Millisecond))

// Echo is a line echo canceller for one call, of the shape of G.168. Make one with NewEcho.
type Echo struct {
	heard   []shortSpectrum // ring of what went to the line in 20 ms, newest at head
	paths   []shortSpectrum // the canceller's path; part m belongs to the far block of m blocks ago
	learned []learnedPart
	holds   [longestParts]bool // whether a part of the path has any echo

	power float32 // energy of the last far block
	head  int
	loud  [longestParts]float32 // of each heard block the energy of its louder half, 0 where that leaves no echo
	tonal int                   // blocks of tones in a row

	frozen     bool
	track      track
	proof      proof
	suppressor suppressor
	disabler   disabler
	last       [echoBlock]int16 // the far block before

	noise  bins // power that the echo does not account for
	broken broken
}

// learnedPart is 10 ms of the learner's path.
type learnedPart struct {
	back  spectrum
	doubt bins // variance of back
}

// broken is the sound that blocks of other lengths than 10 ms leave between two calls.
type broken struct {
	filled    int // samples waiting in far and near
	far, near [echoBlock]int16
	done      [echoWindow]int16 // ring of samples ready to go out
	doneAt    int
	ready     int
}

// NewEcho makes a canceller for echoes that come back within the tail, which counts from when a
// sample is given as far to when its echo is given as near. An error tells the limits.
func NewEcho(tail time.Duration) (*Echo, error) {
	if tail < ShortestTail || tail > LongestTail {
		return nil, fmt.Errorf("an echo tail of %v cannot be cancelled: %v to %v can", tail, ShortestTail, LongestTail)
	}
	parts := (Samples(tail) + echoBlock - 1) / echoBlock
	spectra := make([]shortSpectrum, 2*parts) // in one piece
	e := &Echo{
		heard: spectra[:parts], paths: spectra[parts:], learned: make([]learnedPart, parts),
		suppressor: newSuppressor(),
	}
	e.nothing()
	return e, nil
}

// Forget returns the canceller to what it knew when it was made: nothing.
func (e *Echo) Forget() {
	off := e.suppressor.off
	*e = Echo{heard: e.heard, paths: e.paths, learned: e.learned, suppressor: newSuppressor(), frozen: e.frozen}
	e.suppressor.off = off
	e.nothing()
}

// Freeze stops the learning, or lets it go on. The echo that is known stays cancelled.
func (e *Echo) Freeze(frozen bool) { e.frozen = frozen }

// Suppress turns the suppressor of the residual echo (the non-linear processor of G.168) on or off.
// It is on in a new canceller.
func (e *Echo) Suppress(on bool) { e.suppressor.off = !on }

// Cancel takes the echo of far out of near, in place. Both are the same instants' samples and of the
// same length. Blocks of a multiple of 80 samples come back undelayed; others are delayed, by as
// little as their length allows, with silence first. It allocates nothing.
func (e *Echo) Cancel(far, near []int16) {
	if e.broken.filled == 0 && e.broken.ready == 0 {
		for len(near) >= echoBlock {
			e.block((*[echoBlock]int16)(far), (*[echoBlock]int16)(near))
			far, near = far[echoBlock:], near[echoBlock:]
		}
	}
	if len(near) > 0 {
		e.cancelBroken(far, near)
	}
}

// cancelBroken cancels what does not come in whole blocks: it keeps what is missing to one until it comes.
func (e *Echo) cancelBroken(far, near []int16) {
	b := &e.broken
	for len(near) > 0 {
		n := min(len(near), echoBlock-b.filled)
		copy(b.far[b.filled:], far[:n])
		copy(b.near[b.filled:], near[:n])
		if b.filled += n; b.filled == echoBlock {
			b.filled = 0
			e.block(&b.far, &b.near)
			for i, x := range b.near {
				b.done[(b.doneAt+b.ready+i)%len(b.done)] = x
			}
			b.ready += echoBlock
		}
		late := max(0, n-b.ready)
		clear(near[:late])
		for i := late; i < n; i++ {
			near[i] = b.done[b.doneAt]
			b.doneAt = (b.doneAt + 1) % len(b.done)
		}
		b.ready -= n - late
		far, near = far[n:], near[n:]
	}
}

// CancelOctets is Cancel for companded sound.
func (e *Echo) CancelOctets(far, near []byte, law Law) {
	var f, n [160]int16
	for len(near) > 0 {
		count := min(len(near), len(n))
		law.Expand(f[:count], far[:count])
		law.Expand(n[:count], near[:count])
		e.Cancel(f[:count], n[:count])
		law.Compress(near[:count], n[:count])
		far, near = far[count:], near[count:]
	}
}

// block cancels one full block, in place.
func (e *Echo) block(far, near *[echoBlock]int16) {
	e.fetch()
	var said, left block
	floats(&said, far)
	floats(&left, near)
	off := false
	for at := 0; at < echoBlock; at += lonePart {
		off = e.disabler.hear((*[lonePart]float32)(said[at:]), (*[lonePart]float32)(left[at:]))
	}
	power, heard := e.disabler.energies()
	e.hear(far, &said, power)
	if off {
		return
	}
	if e.cancel(&left, heard) {
		samples16(near, &left)
	}
}

// fetch asks for what the block will need, all at once: after 10 ms of other work little of it is in the caches, and to
// wait for one line after the other takes longer than all the arithmetic.
func (e *Echo) fetch() {
	fetch(unsafe.Pointer(e), unsafe.Offsetof(e.noise))
	if e.farPeak() == 0 {
		return
	}
	learns := e.learns(e.track.turn + 1)
	if learns {
		fetch(unsafe.Pointer(&e.learned[0]), uintptr(len(e.learned))*unsafe.Sizeof(e.learned[0]))
		fetch(unsafe.Pointer(&e.noise), unsafe.Sizeof(e.noise))
	}
	for m, holds := range e.holds[:len(e.paths)] {
		if holds || learns {
			fetch(unsafe.Pointer(&e.heard[e.farAt(m)]), unsafe.Sizeof(e.heard[0]))
		}
		if holds {
			fetch(unsafe.Pointer(&e.paths[m]), unsafe.Sizeof(e.paths[0]))
		}
	}
}

// Disabled tells that a modem or a fax machine has turned the canceller off with its tone.
func (e *Echo) Disabled() bool { return e.disabler.disabled }

var quietEnergy = float32(math.Pow(Amplitude(quietDBm0), 2) / 2 * echoBlock)

// hear moves the far block far, which is said, of the energy power, into the ring.
func (e *Echo) hear(far *[echoBlock]int16, said *block, power float32) {
	if e.head--; e.head < 0 {
		e.head = len(e.heard) - 1
	}
	before := e.power
	e.power = power
	if power < quietEnergy && before < quietEnergy {
		e.loud[e.head] = 0
	} else {
		e.loud[e.head] = max(power, before)
		var last block
		var both spectrum
		floats(&last, &e.last)
		both.of(&last, said)
		if e.tonal++; !both.tonal() {
			e.tonal = 0
		}
		pack(&e.heard[e.head], &both)
	}
	e.last = *far
}

// tonal tells whether no more than two frequencies make up the sound.
func (s *spectrum) tonal() bool {
	const tones, beside = 2, 2 // a lone frequency takes five bins of a Hann window
	var power besideBins
	all, most := hannPower(&power, s)
	if tones*(2*beside+1)*most < (1-tonalRest)*all {
		return false // the bins of two tones hold no more than this
	}
	rest := all
	for range tones {
		loudest := besideEdge
		for k := besideEdge + 1; k < besideEdge+echoBins; k++ {
			if power[k] > power[loudest] {
				loudest = k
			}
		}
		for k := loudest - beside; k <= loudest+beside; k++ {
			rest -= power[k]
			power[k] = 0
		}
	}
	return rest < tonalRest*all
}

// cancel takes the echo out of left, which holds what was heard, of the energy heard. It tells whether it has
// changed anything.
func (e *Echo) cancel(left *block, heard float32) bool {
	peak := e.farPeak()
	if peak == 0 {
		return e.suppressor.rest(left, heard)
	}
	near := *left
	var echo spectrum
	for m := range e.paths {
		if at := e.farAt(m); e.holds[m] && e.loud[at] > 0 {
			multiplyAdd(&echo, &e.heard[at], &e.paths[m])
		}
	}
	after := echo.takenFrom(left)
	if !e.frozen {
		e.proof.hear(heard, after)
	}
	after = e.learn(left, &near, heard, after)
	shut := e.suppressor.judge(left, &near, peak, heard, after)
	e.proof.pass(left, &near)
	e.suppressor.pass(left, shut)
	return true
}

// farAt is where in the ring the far block of m blocks ago is.
func (e *Echo) farAt(m int) int {
	if m += e.head; m >= len(e.heard) {
		m -= len(e.heard)
	}
	return m
}

// farPeak is the energy of the loudest far block whose echo may sound now, 0 if all are quiet.
func (e *Echo) farPeak() (peak float32) {
	for _, loud := range e.loud[:len(e.heard)] {
		peak = max(peak, loud)
	}
	return peak
}

// takenFrom subtracts the newer half of the window from the block, and gives the energy of what is left.
func (s *spectrum) takenFrom(from *block) float32 {
	var older, echo block
	s.samples(&older, &echo)
	return subtract(from, &echo)
}
