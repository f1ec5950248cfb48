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
	tones  atomic.Pointer[tones] // nil: no key was pressed
	tone   *dsp.Tone
	played int // samples
	until  int // samples
}

// tones are those of the keys that were pressed, made by the pump.
type tones [len(eventKeys)]atomic.Pointer[dsp.Tone]

const (
	shortestKey = 400 // 50 ms, above the 40 ms every receiver must take (Q.24 clause 2.4)
	patience    = 960 // 120 ms: six packets of 20 ms lost
)

func (o *overlay) reset(law dsp.Law) {
	o.law, o.tone = law, nil
}

// ready makes the tone of a key, so that the engine thread need not. Pump only.
func (o *overlay) ready(key byte) {
	i := strings.IndexByte(eventKeys, key)
	if o.tones.Load() == nil {
		o.tones.Store(new(tones))
	}
	all := o.tones.Load()
	if i < 0 || all[i].Load() != nil {
		return
	}
	dial, err := dsp.DTMFDigits(eventKeys[i:i+1], dsp.DTMFOn, dsp.DTMFOff)
	if err != nil {
		return // eventKeys holds nothing but keys
	}
	all[i].Store(dsp.NewTone(dsp.Cadence{Steps: []dsp.Step{{Sines: dial.Steps[0].Sines}}}))
}

// press takes one packet of a key: how long it has been down, and whether it is up again.
func (o *overlay) press(p press) {
	if p.first {
		o.tone, o.played = o.tones.Load()[strings.IndexByte(eventKeys, p.key)].Load(), 0
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
