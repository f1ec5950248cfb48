package dsp

import (
	"fmt"
	"math"
	"time"
)

// The canceller learns how the far end of the line echoes, and takes the echo out of what is heard:
//
//	far  ---->--+----------------------------------->  to the line
//	            |            |
//	       [ learner ]  [ canceller ]                  hybrid
//	            |            |
//	near <--[suppressor]<---(-)<---------------------  from the line
//
// The canceller is a filter that only hears; it is replaced as a whole by the learner's when that has
// left less echo for a while. The learner may so be led astray by a speaker on the line without harm:
// it is then set back to the canceller's state. Both filters work on blocks of 10 ms in the frequency
// domain, the tail being parted into as many blocks; the learner's step is, for each frequency of each
// part, the Kalman gain between what it does not know yet (doubt) and what the line adds (noise).
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

// Echo is a line echo canceller for one call, of the shape of G.168. Make one with NewEcho.
type Echo struct {
	filled    int // samples waiting in far and near
	far, near [echoBlock]float32
	done      [echoWindow]int16 // ring of samples ready to go out
	doneAt    int
	ready     int

	last  [echoBlock]float32 // the far block before
	power float32            // its energy
	heard []farBlock         // ring, newest at head
	head  int
	paths []pathPart // part m belongs to the far block of m blocks ago

	noise [echoBins]float32 // power that the echo does not account for
	track track
	tonal int // blocks of tones in a row

	frozen     bool
	suppressor suppressor
	disabler   Disabler
}

// farBlock is what went to the line in 20 ms, at 50 Hz steps.
type farBlock struct {
	spectrum
	power [echoBins]float32
	sum   float32 // energy of the louder half
	quiet bool
}

// pathPart is 10 ms of the echo path.
type pathPart struct {
	fore, back spectrum
	doubt      [echoBins]float32 // variance of back
}

// NewEcho makes a canceller for echoes that come back within the tail, which counts from when a
// sample is given as far to when its echo is given as near. An error tells the limits.
func NewEcho(tail time.Duration) (*Echo, error) {
	if tail < ShortestTail || tail > LongestTail {
		return nil, fmt.Errorf("an echo tail of %v cannot be cancelled: %v to %v can", tail, ShortestTail, LongestTail)
	}
	parts := (Samples(tail) + echoBlock - 1) / echoBlock
	e := &Echo{heard: make([]farBlock, parts), paths: make([]pathPart, parts)}
	e.Forget()
	return e, nil
}

// Forget returns the canceller to what it knew when it was made: nothing.
func (e *Echo) Forget() {
	for m := range e.heard {
		e.heard[m] = farBlock{quiet: true}
	}
	*e = Echo{heard: e.heard, paths: e.paths, suppressor: suppressor{off: e.suppressor.off, seed: 1}, frozen: e.frozen}
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
	for len(near) > 0 {
		n := min(len(near), echoBlock-e.filled)
		for i := range n {
			e.far[e.filled+i], e.near[e.filled+i] = float32(far[i]), float32(near[i])
		}
		if e.filled += n; e.filled == echoBlock {
			e.filled = 0
			e.block()
		}
		late := max(0, n-e.ready)
		clear(near[:late])
		for i := late; i < n; i++ {
			near[i] = e.done[e.doneAt]
			e.doneAt = (e.doneAt + 1) % len(e.done)
		}
		e.ready -= n - late
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

// block cancels one full block.
func (e *Echo) block() {
	off := false
	for at := 0; at < echoBlock; at += lonePart {
		off = e.disabler.hear((*[lonePart]float32)(e.far[at:]), (*[lonePart]float32)(e.near[at:]))
	}
	e.hear()
	left := e.near
	if !off {
		e.cancel(&left)
	}
	for i, x := range left {
		e.done[(e.doneAt+e.ready+i)%len(e.done)] = saturate(x)
	}
	e.ready += echoBlock
}

// Disabled tells that a modem or a fax machine has turned the canceller off with its tone.
func (e *Echo) Disabled() bool { return e.disabler.disabled }

var quietEnergy = float32(math.Pow(Amplitude(quietDBm0), 2) / 2 * echoBlock)

// hear moves the far block into the ring.
func (e *Echo) hear() {
	e.head = (e.head + len(e.heard) - 1) % len(e.heard)
	h := &e.heard[e.head]
	before := e.power
	e.power = energyOf(&e.far)
	h.sum = max(e.power, before)
	if h.quiet = e.power < quietEnergy && before < quietEnergy; !h.quiet {
		h.spectrum.of(&e.last, &e.far)
		for k := range h.power {
			h.power[k] = h.re[k]*h.re[k] + h.im[k]*h.im[k]
		}
		if e.tonal++; !h.tonal() {
			e.tonal = 0
		}
	}
	e.last = e.far
}

// tonal tells whether no more than two frequencies make up the block.
func (h *farBlock) tonal() bool {
	// A Hann window as it is in the frequency domain; a lone frequency takes five bins of it.
	var power [echoBins + 4]float32
	var all float32
	for k := 1; k < echoBins-1; k++ {
		re := h.re[k] - (h.re[k-1]+h.re[k+1])/2
		im := h.im[k] - (h.im[k-1]+h.im[k+1])/2
		power[k+2] = re*re + im*im
		all += power[k+2]
	}
	rest := all
	for range 2 {
		loudest := 2
		for k := 2; k < len(power)-2; k++ {
			if power[k] > power[loudest] {
				loudest = k
			}
		}
		for k := loudest - 2; k <= loudest+2; k++ {
			rest -= power[k]
			power[k] = 0
		}
	}
	return rest < tonalRest*all
}

func energyOf(x *[echoBlock]float32) float32 {
	var sum float32
	for _, v := range x {
		sum += v * v
	}
	return sum
}

// cancel takes the echo out of left, which holds what was heard.
func (e *Echo) cancel(left *[echoBlock]float32) {
	heard := energyOf(left)
	peak := e.farPeak()
	if peak == 0 {
		e.suppressor.rest(left, heard)
		return
	}
	near := *left
	var echo spectrum
	for m := range e.paths {
		echo.add(e.farAt(m), &e.paths[m].fore)
	}
	echo.takenFrom(left)
	after := e.learn(left, &near)
	e.suppressor.work(left, peak, heard, after)
}

// farAt is the far block of m blocks ago.
func (e *Echo) farAt(m int) *farBlock { return &e.heard[(e.head+m)%len(e.heard)] }

// farPeak is the energy of the loudest far block whose echo may sound now, 0 if all are quiet.
func (e *Echo) farPeak() float32 {
	var peak float32
	for m := range e.heard {
		if h := &e.heard[m]; !h.quiet {
			peak = max(peak, h.sum)
		}
	}
	return peak
}

// add adds what the path's part makes of the far block.
func (s *spectrum) add(far *farBlock, path *spectrum) {
	if far.quiet {
		return
	}
	for k := range echoBins {
		xr, xi, wr, wi := far.re[k], far.im[k], path.re[k], path.im[k]
		s.re[k] += wr*xr - wi*xi
		s.im[k] += wr*xi + wi*xr
	}
}

// takenFrom subtracts the newer half of the window from the block.
func (s *spectrum) takenFrom(block *[echoBlock]float32) {
	var echo [echoBlock]float32
	s.samples(nil, &echo)
	for i, x := range echo {
		block[i] -= x
	}
}
