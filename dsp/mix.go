package dsp

import "fmt"

// MostMixed is how many parties a Mixer takes.
const MostMixed = 64

const (
	// mixPeak is the magnitude that the sum may reach before it is turned down; what is above it while
	// that happens is bent, so that it never reaches the limit.
	mixPeak  = 31000
	mixLimit = 32767
	// mixDown is in how many samples the sum is turned down, and mixUp how far the gain comes back in
	// one: to double in 0.5 s.
	mixDown = 32
	mixUp   = 1.0 / 4000
)

// Mixer joins the parties of a conference: each hears the sum of all others. When the sum is too loud
// all are turned down alike, before the loudest sample. Make one with NewMixer.
type Mixer struct {
	parties int
	gain    float32
	sum     [160]int32
	heard   [MostMixed][160]int16
}

// NewMixer makes a mixer for so many parties, 2 to MostMixed. An error tells these limits.
func NewMixer(parties int) (*Mixer, error) {
	if parties < 2 || parties > MostMixed {
		return nil, fmt.Errorf("a conference has 2 to %d parties, not %d", MostMixed, parties)
	}
	return &Mixer{parties: parties, gain: 1}, nil
}

// Mix takes a block that each party has said and replaces it by what that party hears: all others.
// All blocks are of one length, up to 160 samples; nil stands for a party that is silent and deaf. It
// allocates nothing.
func (m *Mixer) Mix(said [][]int16) {
	said = said[:min(len(said), m.parties)]
	length := 0
	for _, block := range said {
		length = max(length, len(block))
	}
	sum := m.sum[:min(length, len(m.sum))]
	clear(sum)
	for _, block := range said {
		for i, x := range block[:min(len(block), len(sum))] {
			sum[i] += int32(x)
		}
	}
	from, ramp := m.gain, len(sum)
	if m.gain = m.next(said, sum); m.gain < from {
		ramp = min(ramp, mixDown)
	}
	step := (m.gain - from) / float32(max(1, ramp))
	for _, block := range said {
		gain := from
		for i, x := range block[:min(len(block), len(sum))] {
			if i < ramp {
				gain += step
			}
			block[i] = bend(gain * float32(sum[i]-int32(x)))
		}
	}
}

// next finds the gain at which nobody hears more than mixPeak.
func (m *Mixer) next(said [][]int16, sum []int32) float32 {
	var peak int32
	for _, block := range said {
		for i, x := range block[:min(len(block), len(sum))] {
			v := sum[i] - int32(x)
			peak = max(peak, v, -v)
		}
	}
	gain := min(1, m.gain+mixUp*float32(len(sum)))
	if float32(peak)*gain > mixPeak {
		gain = mixPeak / float32(peak)
	}
	return gain
}

// bend leaves what is below mixPeak, and brings what is above ever nearer to the limit.
func bend(x float32) int16 {
	const room = mixLimit - mixPeak
	switch over := max(x, -x) - mixPeak; {
	case over <= 0:
	case x > 0:
		x = mixPeak + room*over/(over+room)
	default:
		x = -mixPeak - room*over/(over+room)
	}
	return saturate(x)
}

// MixOctets is Mix for companded sound, each party with its own law.
func (m *Mixer) MixOctets(said [][]byte, laws []Law) {
	var blocks [MostMixed][]int16
	n := min(len(said), len(laws), m.parties)
	for i, octets := range said[:n] {
		octets = octets[:min(len(octets), len(m.sum))]
		blocks[i] = m.heard[i][:len(octets)]
		laws[i].Expand(blocks[i], octets)
	}
	m.Mix(blocks[:n])
	for i, octets := range said[:n] {
		laws[i].Compress(octets[:len(blocks[i])], blocks[i])
	}
}
