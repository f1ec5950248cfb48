package dsp

import "math"

const (
	// agcKeep smooths the level of what is spoken, over 0.6 s of speech.
	agcKeep = 0.984
	// agcUpDB and agcDownDB are by how much the gain may change in 10 ms.
	agcUpDB, agcDownDB = 0.06, 0.3
	// agcDeadDB is how far from the target the speech may be without a change.
	agcDeadDB = 0.5
	// agcPeak is the magnitude that nothing may exceed: 1 dB below the limit.
	agcPeak = 29204
)

// AGC brings speech to one level, whoever speaks and whatever his line loses. The gain moves only
// while somebody speaks, so that pauses are not filled with noise; peaks are held down. Make one with
// NewAGC.
type AGC struct {
	target, mostDB float64
	voice          VAD
	filled         int
	level          float32 // smoothed energy of a frame of speech
	spoken         int     // frames
	gainDB         float64
	gain           float32 // at the last sample
	energy         float32 // of the frame so far
}

// NewAGC makes a control that brings the mean level of speech to targetDBm0, by raising or lowering it
// by no more than mostDB.
func NewAGC(targetDBm0, mostDB float64) *AGC {
	return &AGC{target: targetDBm0, mostDB: math.Abs(mostDB), gain: 1}
}

// GainDB is by how much the sound is raised now.
func (a *AGC) GainDB() float64 { return a.gainDB }

// Push brings the next samples to the level, in place. It allocates nothing.
func (a *AGC) Push(samples []int16) {
	for len(samples) > 0 {
		n := min(len(samples), vadFrame-a.filled)
		block := samples[:n]
		samples = samples[n:]
		voice := a.voice.Push(block)
		for _, x := range block {
			a.energy += float32(x) * float32(x)
		}
		if a.filled += n; a.filled == vadFrame {
			a.frame(voice)
			a.filled, a.energy = 0, 0
		}
		a.apply(block)
	}
}

// frame moves the gain after 10 ms.
func (a *AGC) frame(voice bool) {
	if !voice || a.energy < vadLeast || a.energy < vadLow*a.voice.noise() {
		return
	}
	// The first half second counts fully, so that the first words do not wait.
	keep := min(float32(agcKeep), float32(a.spoken)/float32(a.spoken+1))
	a.spoken++
	a.level = keep*a.level + (1-keep)*a.energy
	if a.spoken < 10 {
		return
	}
	wanted := max(-a.mostDB, min(a.mostDB, a.target-DBm0(float64(a.level)/vadFrame)))
	switch off := wanted - a.gainDB; {
	case off > agcDeadDB:
		a.gainDB += min(agcUpDB, off)
	case off < -agcDeadDB:
		a.gainDB -= min(agcDownDB, -off)
	}
}

// apply goes over to the gain, or to less where the peak of the block would be too high.
func (a *AGC) apply(block []int16) {
	to := float32(math.Pow(10, a.gainDB/20))
	if peak := float32(Peak(block)); peak*to > agcPeak {
		to = agcPeak / peak
	}
	step := (to - a.gain) / float32(len(block))
	for i, x := range block {
		a.gain += step
		block[i] = saturate(max(-agcPeak, min(agcPeak, float32(x)*a.gain)))
	}
	a.gain = to
}
