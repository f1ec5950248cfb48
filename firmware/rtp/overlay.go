package rtp

import (
	"strings"
	"sync/atomic"

	"trunkbox/dsp"
)

// overlay plays the DTMF of a telephone-event over the sound, so that whoever listens in-band (the
// line, a recording) hears the key too. Engine thread only.
//
// The tone lasts as long as the key is down by its packets, 50 ms at least; when packets stop
// without one that says end, 120 ms beyond the last.
type overlay struct {
	law    dsp.Law
	room   atomic.Pointer[dsp.Tone] // for the tone of a key, from the pump; nil: none was pressed
	tone   *dsp.Tone                // which is there; nil: none sounds
	played int                      // samples
	until  int                      // samples
}

// keySound is how a key sounds, and a tone of it at its beginning.
type keySound struct {
	sines []dsp.Sine
	tone  dsp.Tone
}

// keySounds are those of eventKeys.
var keySounds = func() (all [len(eventKeys)]keySound) {
	for i := range all {
		dial, err := dsp.DTMFDigits(eventKeys[i:i+1], dsp.DTMFOn, dsp.DTMFOff)
		if err != nil {
			panic(err) // eventKeys holds nothing but keys
		}
		sines := dial.Steps[0].Sines
		all[i] = keySound{sines, *dsp.NewTone(dsp.Cadence{Steps: []dsp.Step{{Sines: sines}}})}
	}
	return all
}()

// soundOf is that of one of eventKeys.
func soundOf(key byte) *keySound { return &keySounds[strings.IndexByte(eventKeys, key)] }

const (
	shortestKey = 400 // 50 ms, above the 40 ms every receiver must take (Q.24 clause 2.4)
	patience    = 960 // 120 ms: six packets of 20 ms lost
)

func (o *overlay) reset(law dsp.Law) {
	o.law, o.tone = law, nil
}

// press takes one packet of a key: how long it has been down, and whether it is up again.
func (o *overlay) press(p press) {
	if p.first {
		o.tone, o.played = o.room.Load(), 0
		*o.tone = soundOf(p.key).tone
	}
	if o.tone == nil {
		return
	}
	o.until = int(p.length) + patience
	if p.end {
		o.until = max(int(p.length), shortestKey)
	}
}

// cover puts the tone over block for as long as it lasts.
func (o *overlay) cover(block []byte) {
	if o.tone == nil {
		return
	}
	n := min(len(block), max(0, o.until-o.played))
	o.tone.FillOctets(block[:n], o.law)
	o.played += n
	if o.played >= o.until {
		o.tone = nil
	}
}
