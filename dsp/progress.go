package dsp

import (
	"math"
	"time"
)

// CallTone is one of the tones by which a network tells a caller how his call goes.
type CallTone uint8

// The tones of a Country that are told apart. Where two of them are the same sound, the first is told.
const (
	DialTone CallTone = iota + 1
	RingbackTone
	BusyTone
	CongestionTone
	VacantTone
)

// CallToneEvent tells that a tone has been made out, or that it is no longer there.
type CallToneEvent struct {
	Tone CallTone
	End  bool
	At   int64 // sample, counted from the detector's first, at which this was sure
}

// Every 10 ms the last 20 ms are judged: silence, something between 300 and 700 Hz and nothing else, or
// other sound. Stretches of one kind are runs; when a run of sound is over its frequencies are
// measured. The last runs are then held against the steps of each of the country's cadences.
//
//	sound   |‾‾‾‾‾‾‾‾|___________|‾‾‾‾‾‾‾‾|__ ...
//	runs     450 Hz     silence    450 Hz           -> on 350, off 350, on 350: BusyTone of CN
//	         350 ms     350 ms     350 ms
const (
	progressHop    = 80
	progressWindow = 2 * progressHop
	progressLowHz  = 300
	progressBins   = 9 // of 50 Hz, from progressLowHz
	progressLeast  = -43.0
	// progressShare of the energy must lie in those bins.
	progressShare = 0.8
	// progressDown, in dB below the tone, is silence: what is left of a tone at its edges, and noise.
	progressDown = 6.0
	// progressWeaker is by how much a tone may be weaker than the one before.
	progressWeaker = 15.0
	// progressHold is how many hops of it end a run of sound: two frequencies 25 Hz apart go down for
	// nearly as long at every beat.
	progressHold = 4
	// The longest stretch whose frequencies are measured, and the shortest for which that is possible.
	progressLongest  = 1600
	progressShortest = 480
	progressThinned  = 4
	// A frequency may be off by offHz where it is alone. What is measured must be this share of the
	// energy at least, and at most: two frequencies must not be found in one.
	progressOffHz = 25.0
	progressFound = 0.7
	progressMost  = 1.25
	progressRuns  = 16
	// slackShare and slackHops are by how much a run may be longer or shorter than its step.
	slackShare = 0.15
	slackHops  = 3.0
	// An endless tone is told after so many hops, but after the longest of the same sound in any case.
	steadyHops = 70
)

// run is a stretch of one kind; sound is an index into the detector's sounds, or one of those below.
type run struct{ sound, hops int }

const (
	soundSilence = -1
	soundOther   = -2
	soundUnknown = -3 // within the band, not measured yet
)

// cadenceRuns is a cadence as runs. An endless one is one run of 0 hops.
type cadenceRuns struct {
	tone  CallTone
	steps []run
	need  int // runs that must fit before the tone is sure
}

// CallProgress hears a country's call progress tones in one direction of a call. Make one with
// NewCallProgress.
type CallProgress struct {
	sounds   [][]Sine
	stretch  int // samples that a sound is measured over
	cadences []cadenceRuns

	filled int
	hop    [progressHop]int16
	past   [progressLongest + (progressHold+1)*progressHop]int16
	hops   int64

	runs    [progressRuns]run // the last is the current one
	count   int
	level   float64 // of the current or the last run of sound
	leaving int     // hops for which the current run of sound has not been heard

	told CallTone
}

// NewCallProgress makes a detector for the tones of the country that has heard silence so far. Tones
// outside of 300 to 700 Hz are not heard; SIT hears the one before announcements.
func NewCallProgress(c Country) *CallProgress {
	p := &CallProgress{level: progressLeast, stretch: progressLongest / 2}
	p.runs[progressRuns-1] = run{sound: soundSilence}
	for _, t := range []struct {
		tone    CallTone
		cadence Cadence
	}{{DialTone, c.Dial}, {RingbackTone, c.Ringback}, {BusyTone, c.Busy}, {CongestionTone, c.Congestion}, {VacantTone, c.Vacant}} {
		if steps := p.steps(t.cadence); steps != nil {
			p.cadences = append(p.cadences, cadenceRuns{tone: t.tone, steps: steps})
		}
	}
	for i := range p.cadences {
		p.cadences[i].need = p.needed(i)
	}
	return p
}

// steps turns a cadence into runs, nil if it has a frequency that is not heard.
func (p *CallProgress) steps(c Cadence) (steps []run) {
	for _, s := range c.Steps {
		for _, sine := range s.Sines {
			if sine.Hz < progressLowHz+25 || sine.Hz > progressLowHz+50*progressBins-75 {
				return nil
			}
		}
		steps = append(steps, run{p.soundOf(s.Sines), int(s.Lasts / (10 * time.Millisecond))})
	}
	return steps
}

// soundOf finds the index of a sound, which is new if it has not been there.
func (p *CallProgress) soundOf(sines []Sine) int {
	if len(sines) == 0 {
		return soundSilence
	}
	for i, known := range p.sounds {
		same := len(known) == len(sines)
		for k := 0; same && k < len(sines); k++ {
			same = known[k].Hz == sines[k].Hz
		}
		if same {
			return i
		}
	}
	for i, s := range sines[1:] {
		if math.Abs(s.Hz-sines[i].Hz) < 40 {
			p.stretch = progressLongest // 25 Hz apart can be told
		}
	}
	p.sounds = append(p.sounds, sines)
	return len(p.sounds) - 1
}

// needed is how many runs of a cadence tell it apart from all others that are not the same, wherever
// it is joined.
func (p *CallProgress) needed(i int) int {
	steps := p.cadences[i].steps
	least := 3
	if p.cadences[i].tone == RingbackTone && len(steps) == 2 {
		least = 1 // the first ring: the next comes seconds later
	}
	if len(steps) > 4 {
		least = 5
	}
	for need := least; need < progressRuns-2; need++ {
		clear := true
		for j, other := range p.cadences {
			for from := 0; clear && j != i && from < len(steps); from++ {
				var past []run
				for k := range need {
					past = append(past, steps[(from+k)%len(steps)])
				}
				clear = past[need-1].sound == soundSilence || !other.fit(past)
			}
		}
		if clear {
			return need
		}
	}
	return least // the same sound as another one
}

// fit tells whether the runs, all of them over, are steps of the cadence one after the other.
func (c *cadenceRuns) fit(past []run) bool {
	for from := range c.steps {
		fits := true
		for k, r := range past {
			if s := c.steps[(from+k)%len(c.steps)]; !s.like(r) {
				fits = false
				break
			}
		}
		if fits {
			return true
		}
	}
	return false
}

// like tells whether a run that is over is this step.
func (s run) like(r run) bool {
	return s.sound == r.sound && math.Abs(float64(s.hops-r.hops)) <= slackShare*float64(s.hops)+slackHops
}

// Push lets the detector hear the next samples; it calls emit for each tone that is made out or has
// ended. It allocates nothing.
func (p *CallProgress) Push(samples []int16, emit func(CallToneEvent)) {
	for len(samples) > 0 {
		n := copy(p.hop[p.filled:], samples)
		samples = samples[n:]
		if p.filled += n; p.filled == progressHop {
			p.filled = 0
			copy(p.past[:], p.past[progressHop:])
			copy(p.past[len(p.past)-progressHop:], p.hop[:])
			p.hops++
			p.judge(emit)
		}
	}
}

// progressWave holds the bins of the band over a Hann window.
var progressWave, progressHann = func() (w [progressBins][progressWindow]phasor, h [progressWindow]float32) {
	for n := range h {
		h[n] = float32(hann(n, progressWindow))
		for bin := range w {
			p := turnAt((progressLowHz + 50*bin) * n)
			w[bin][n] = phasor{p.re * h[n], p.im * h[n]}
		}
	}
	return w, h
}()

// kind gives the kind of the last 20 ms, and their level.
func (p *CallProgress) kind() (sound int, dBm0 float64) {
	window := p.past[len(p.past)-progressWindow:]
	var all, band float32
	for n, x := range window {
		v := float32(x) * progressHann[n]
		all += v * v
	}
	const hannPower = 0.375 // mean square of a Hann window
	if dBm0 = DBm0(float64(all) / (progressWindow * hannPower)); dBm0 < progressLeast {
		return soundSilence, dBm0
	}
	for bin := range progressWave {
		var sum phasor
		for n, x := range window {
			sum.re += float32(x) * progressWave[bin][n].re
			sum.im += float32(x) * progressWave[bin][n].im
		}
		band += sum.power()
	}
	if band*2/progressWindow < progressShare*all {
		return soundOther, dBm0
	}
	return soundUnknown, dBm0
}

// judge moves the runs on by one hop.
func (p *CallProgress) judge(emit func(CallToneEvent)) {
	now := &p.runs[progressRuns-1]
	sound, dBm0 := p.kind()
	sounding := now.sound != soundSilence && now.sound != soundOther
	switch {
	case sound == soundUnknown && !sounding && dBm0 > p.level-progressWeaker:
	case sound != soundSilence && dBm0 < p.level-progressDown:
		sound = soundSilence // the window is leaving the tone, or it is only the line's noise
	case sounding && sound == soundUnknown:
		p.level = max(p.level, dBm0)
		sound = now.sound
	}
	if sound == now.sound {
		now.hops += 1 + p.leaving
		p.leaving = 0
		p.during(now, emit)
		return
	}
	if sounding {
		if p.leaving++; p.leaving < progressHold {
			return
		}
		p.measure(now)
	}
	if now.sound == soundOther || now.sound == soundUnknown {
		p.count = 0 // what came before has nothing to do with what comes
	} else {
		p.count = min(p.count+1, progressRuns-1)
	}
	p.over(emit)
	copy(p.runs[:], p.runs[1:])
	p.runs[progressRuns-1] = run{sound, max(1, p.leaving)}
	p.leaving = 0
	if sound != soundSilence {
		p.level = dBm0
	}
}

// during judges a run that goes on.
func (p *CallProgress) during(now *run, emit func(CallToneEvent)) {
	if now.sound == soundUnknown && now.hops*progressHop >= p.stretch+2*progressHop {
		p.measure(now)
	}
	if now.sound == soundUnknown {
		return
	}
	late := now.hops > p.longest(now.sound)
	for _, c := range p.cadences {
		if c.steps[0].hops == 0 && c.steps[0].sound == now.sound && late && now.hops >= steadyHops {
			p.tell(c.tone, emit)
			return
		}
	}
	switch {
	case now.sound == soundSilence && now.hops == 30:
		p.rings(emit)
	case p.told != 0 && (late || now.sound == soundOther):
		p.tell(0, emit)
	}
}

// longest is for how many hops a run of the sound may last in any cadence.
func (p *CallProgress) longest(sound int) int {
	hops := 0
	for _, c := range p.cadences {
		for _, s := range c.steps {
			if s.sound == sound {
				hops = max(hops, s.hops)
			}
		}
	}
	return int(float64(hops)*(1+slackShare) + slackHops)
}

// rings tells of a first ring, when silence has followed it for 300 ms.
func (p *CallProgress) rings(emit func(CallToneEvent)) {
	for _, c := range p.cadences {
		if c.tone == RingbackTone && c.need == 1 && p.count >= 1 && c.fit(p.runs[progressRuns-2:progressRuns-1]) {
			p.tell(RingbackTone, emit)
		}
	}
}

// over judges the runs when the last one is over. Tones are made out when they sound.
func (p *CallProgress) over(emit func(CallToneEvent)) {
	past := p.runs[progressRuns-p.count:]
	if p.count == 0 || past[len(past)-1].sound == soundSilence {
		return
	}
	for _, c := range p.cadences {
		if c.tone == RingbackTone && c.need == 1 && p.told != RingbackTone {
			continue // see rings
		}
		if n := min(c.need, len(past)); n == c.need && c.fit(past[len(past)-n:]) {
			p.tell(c.tone, emit)
			return
		}
	}
	for _, c := range p.cadences {
		if c.tone == p.told && c.fit(past[len(past)-1:]) {
			return
		}
	}
	p.tell(0, emit)
}

// tell changes what has been told.
func (p *CallProgress) tell(tone CallTone, emit func(CallToneEvent)) {
	if tone == p.told {
		return
	}
	if p.told != 0 {
		emit(CallToneEvent{p.told, true, p.hops * progressHop})
	}
	if p.told = tone; tone != 0 {
		emit(CallToneEvent{tone, false, p.hops * progressHop})
	}
}

// measure finds out which sound of the country a run of tone is.
func (p *CallProgress) measure(now *run) {
	n := min((now.hops-1)*progressHop, p.stretch)
	if n < progressShortest {
		// Too short to tell: it is what sounded before.
		if before := p.runs[progressRuns-3]; p.count >= 2 && before.sound >= 0 {
			now.sound = before.sound
			return
		}
		if n < progressHop {
			return
		}
	}
	end := len(p.past) - (p.leaving+1)*progressHop
	var points [progressLongest / progressThinned]float64
	count, all := thin(points[:], p.past[end-n:end])
	best, found := soundUnknown, progressFound
	for i, sines := range p.sounds {
		sum, least := 0.0, math.Inf(1)
		for k := range sines {
			power := loudestNear(points[:count], sines, k)
			sum += power
			least = min(least, power)
		}
		if share := sum / all; share > found && share < progressMost && least > sum/float64(len(sines))/10 {
			best, found = i, share
		}
	}
	now.sound = best
}

// thin takes the means of so many samples at a time, which leaves what is below 700 Hz nearly as it
// was, through a Hann window. It gives how many there are and the power of a lone sine that has their
// energy, in the unit of loudestNear.
func thin(points []float64, samples []int16) (count int, power float64) {
	count = len(samples) / progressThinned
	for i := range count {
		sum := 0.0
		for _, x := range samples[i*progressThinned:][:progressThinned] {
			sum += float64(x)
		}
		points[i] = sum * hann(i, count)
		power += points[i] * points[i]
	}
	// A sine of amplitude a has an energy of 3/16 a² n, and a spectrum of (a n / 4)² at its frequency.
	return count, power * float64(count) / 3
}

// loudestNear gives the power at the sine, or as far from it as the others and the measure allow.
func loudestNear(points []float64, sines []Sine, k int) float64 {
	room := progressOffHz
	for i, s := range sines {
		if i != k {
			room = min(room, math.Abs(s.Hz-sines[k].Hz)/4)
		}
	}
	best := 0.0
	const rate = float64(SampleRate) / progressThinned
	step := 0.6 * rate / float64(len(points)) // 0.6 of what the Hann window can tell apart
	for off := -room; off <= room+step/2; off += step {
		coefficient := 2 * math.Cos(2*math.Pi*(sines[k].Hz+off)/rate)
		s1, s2 := 0.0, 0.0
		for _, x := range points {
			s1, s2 = x+coefficient*s1-s2, s1
		}
		best = max(best, s1*s1+s2*s2-coefficient*s1*s2)
	}
	return best
}
