package rtp

import (
	"math"

	"trunkbox/dsp"
)

// noise is comfort noise: what is heard while the phone says that it is silent (RFC 3389). Engine thread
// only.
//
//	 0 1 2 3 4 5 6 7
//	+-+-+-+-+-+-+-+-+-+-…
//	|0|   level     | spectrum: reflection coefficients, an octet each
//	+-+-+-+-+-+-+-+-+-+-…
//
// level is minus dBov. Departure: the spectrum is not followed, the noise is white.
type noise struct {
	on        bool
	amplitude int32 // peak of the uniform distribution, 16-bit steps
	seed      uint32
}

// ovAboveM0 is by how much a level in dBm0 is the greater number: 0 dBov is the power of a square wave of
// full scale, 3.01 dB above the sine that has FullScaleDBm0.
const ovAboveM0 = dsp.FullScaleDBm0 + 3.01

// set begins noise of the level that a comfort noise packet gives, 0 to 127 below overload.
func (n *noise) set(level uint8) {
	n.on = true
	if n.seed == 0 {
		n.seed = 0x9E3779B9
	}
	rms := 32768 * math.Pow(10, -float64(level&0x7F)/20)
	n.amplitude = int32(min(rms*math.Sqrt(3), 16000))
}

func (n *noise) off() { n.on = false }

// fill gives noise, by a xorshift generator.
func (n *noise) fill(block []byte, law dsp.Law) {
	for i := range block {
		n.seed ^= n.seed << 13
		n.seed ^= n.seed >> 17
		n.seed ^= n.seed << 5
		block[i] = law.Encode(int16(int64(int32(n.seed)) * int64(n.amplitude) >> 31))
	}
}
