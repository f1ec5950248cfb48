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
	// progressDown, in dB below the tone, is silence: what is left of a tone at its edges, and noise.
	progressDown = 6.0
	// progressWeaker is by how much a tone may be weaker than the one before.
	progressWeaker = 15.0
	// progressHold is how many hops of it end a run of sound: two frequencies 25 Hz apart go down for
	// nearly as long at every beat.
	progressHold = 4
	progressRuns = 16
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
