package dsp

import "math"

// A fax machine that calls sends CNG, one that is called sends CED (clauses 4.3.3.3 and 4.3.3.2/T.30):
//
//	CNG  1100 Hz ±38   ▄▄▄▄▄ 0.5 s              ▄▄▄▄▄            each ±15 %
//	                         ─────── 3 s ───────
//	CED  2100 Hz ±15   ▄▄▄▄▄▄▄▄▄▄▄▄▄▄ 2.6 to 4.0 s
const (
	faxShare    = 0.7
	faxLeast    = -45.0 // dBm0
	cngOffHz    = 55.0
	cedOffHz    = 35.0
	faxGapParts = 4 // 20 ms: a tone is not over before

	cngLeastParts  = 425 * SampleRate / 1000 / lonePart // less 15 %
	cngMostParts   = 575 * SampleRate / 1000 / lonePart
	faxSlackParts  = 4
	cedLeastParts  = 400 * SampleRate / 1000 / lonePart // until CED is told
	faxWindowParts = loneSum - 1                        // by which a tone seems longer
)

// FaxEvent is what a fax machine was heard to send.
type FaxEvent uint8

// Events of a FaxTone.
const (
	FaxCalls   FaxEvent = iota + 1 // one CNG is over
	FaxAnswers                     // CED, or a modem's answering tone, has sounded for 0.4 s
)

// FaxTone hears the tones by which fax machines make themselves known, in one direction of a call.
// The zero FaxTone has heard silence so far.
type FaxTone struct {
	partition
	cng, ced       lone
	cngFor, cedFor loneRun
}

var (
	cngWave   = loneWaveOf(1100)
	cedWave   = loneWaveOf(2100)
	faxEnergy = loneLeast(faxLeast)
)

// Push lets the detector hear the next samples; it calls emit for what they tell. It allocates nothing.
func (f *FaxTone) Push(samples []int16, emit func(FaxEvent)) {
	f.cut(samples, func(part *[lonePart]float32) {
		f.cng.hear(part, cngWave)
		f.ced.hear(part, cedWave)
		there, off := f.cng.is(faxEnergy, faxShare)
		if lasted := f.cngFor.next(there && math.Abs(off) < cngOffHz, faxGapParts) - faxWindowParts; lasted >= cngLeastParts-faxSlackParts && lasted <= cngMostParts+faxSlackParts {
			emit(FaxCalls)
		}
		there, off = f.ced.is(faxEnergy, faxShare)
		f.cedFor.next(there && math.Abs(off) < cedOffHz, faxGapParts)
		if f.cedFor.on == cedLeastParts && there {
			emit(FaxAnswers)
		}
	})
}

// loneRun counts for how many parts a tone has sounded.
type loneRun struct{ on, off int }

// next takes whether the tone is there in this part. When it has been away for gap parts, it gives for
// how many parts it was there; otherwise 0.
func (r *loneRun) next(there bool, gap int) (ended int) {
	switch {
	case there:
		if r.on > 0 {
			r.on += r.off
		}
		r.on, r.off = r.on+1, 0
	case r.on > 0:
		if r.off++; r.off >= gap {
			ended, r.on, r.off = r.on, 0, 0
		}
	}
	return ended
}
