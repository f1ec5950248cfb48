package bridge

import "trunkbox/dsp"

// tone is a cadence of the telephone network as a Source, for one party.
type tone struct{ generator *dsp.Tone }

// Tone makes a source that sounds as the cadence does; it ends when the cadence does.
func Tone(cadence dsp.Cadence) Source { return tone{dsp.NewTone(cadence)} }

// Next fills block with the next of the tone.
func (t tone) Next(block []byte, law dsp.Law) (done bool) {
	t.generator.FillOctets(block, law)
	return t.generator.Done()
}
