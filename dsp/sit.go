package dsp

import (
	"math"
	"time"
)

// The special information tone before an announcement (clause 9/E.180): three rising tones with no
// more than 30 ms between them, then a pause. North America tells by the length of each and by the
// frequency of the first two what happened.
//
//	                1800 Hz
//	        1400 Hz ▄▄▄▄▄▄▄
//	950 Hz  ▄▄▄▄▄▄▄                330 ms ±70 each, ±50 Hz
//	▄▄▄▄▄▄▄
const (
	sitShare      = 0.6
	sitLeastDBm0  = -40.0
	sitOffHz      = 65.0 // the first tone of North America may be 36 Hz off, and 50 more are allowed
	sitGapParts   = 4
	sitLeastParts = (260 - 30) * SampleRate / 1000 / lonePart
	sitMostParts  = (400 + 40) * SampleRate / 1000 / lonePart
	sitShared     = 4 // parts in which the middle tone shares the window with the others
	sitApart      = (30 + 30) * SampleRate / 1000 / lonePart
)

var (
	sitWave  = [3]*loneWave{loneWaveOf(950), loneWaveOf(1400), loneWaveOf(1800)}
	sitHz    = [3]float64{950, 1400, 1800}
	sitLeast = loneLeast(sitLeastDBm0)
)

// SITTone is one of the three tones as it was heard.
type SITTone struct {
	Hz    float64       // right to 5 Hz
	Lasts time.Duration // right to 40 ms
}

// SIT hears special information tones. The zero SIT has heard silence so far.
type SIT struct {
	partition
	tones [3]lone
	runs  [3]loneRun
	offHz [3]float64

	heard [3]SITTone
	next  int   // the tone that must come
	until int64 // the part by which it must have begun
	parts int64
}

// Push lets the detector hear the next samples. It calls emit with the three tones when the third is
// over. It allocates nothing.
func (s *SIT) Push(samples []int16, emit func([3]SITTone)) {
	s.cut(samples, func(part *[lonePart]float32) {
		s.parts++
		for i := range s.tones {
			s.tones[i].hear(part, sitWave[i])
			there, off := s.tones[i].is(sitLeast, sitShare)
			there = there && math.Abs(off) < sitOffHz
			if there && s.runs[i].on > 3*loneSum { // its beginning and the tone before are forgotten
				s.offHz[i] += 0.1 * (off - s.offHz[i])
			} else if there {
				s.offHz[i] = off
			}
			if lasted := s.runs[i].next(there, sitGapParts); lasted > 0 && s.over(i, lasted) {
				emit(s.heard)
			}
		}
	})
}

// over takes the end of a tone, and tells whether it was the third.
func (s *SIT) over(i, lasted int) bool {
	began := s.parts - int64(lasted) - sitGapParts
	fits := lasted >= sitLeastParts && lasted <= sitMostParts
	switch {
	case fits && i == 0:
		s.next = 0
	case !fits || i != s.next || began > s.until:
		s.next = 0
		return false
	}
	if i == 1 {
		lasted += sitShared
	}
	s.heard[i] = SITTone{sitHz[i] + s.offHz[i], time.Duration(lasted) * lonePart * time.Second / SampleRate}
	s.next, s.until = i+1, s.parts-sitGapParts+sitApart
	if s.next == 3 {
		s.next = 0
		return true
	}
	return false
}
