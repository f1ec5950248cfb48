package baresip

import (
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"time"

	"trunkbox/dsp"
)

// heldDBm0 is what a piece of a recording must have of a tone that was sent with -10 dBm0.
const heldDBm0 = -12

// piece is how much of a recording is looked at in one go, in samples: 400 ms.
const piece = dsp.SampleRate * 2 / 5

// Heard is what the phone has recorded in its last call, in samples of 8 kHz; nil before the first.
func (p *Phone) Heard() []int16 {
	p.t.Helper()
	files, err := filepath.Glob(filepath.Join(p.dir, "heard", "*dec.wav"))
	if err != nil || len(files) == 0 {
		return nil
	}
	octets, err := os.ReadFile(files[len(files)-1])
	if err != nil || len(octets) < headSize {
		return nil
	}
	pcm := make([]int16, (len(octets)-headSize)/2)
	for i := range pcm {
		pcm[i] = int16(binary.LittleEndian.Uint16(octets[headSize+2*i:]))
	}
	if rate := binary.LittleEndian.Uint32(octets[rateAt:]); rate == 2*dsp.SampleRate {
		for i := range pcm[:len(pcm)/2] {
			pcm[i] = pcm[2*i] // what is sent to it has nothing above 4 kHz
		}
		pcm = pcm[:len(pcm)/2]
	}
	return pcm
}

// WaitTone waits until 400 ms of the recording hold a tone that was sent with -10 dBm0, and returns the
// samples of them.
func (p *Phone) WaitTone(hz float64) []int16 {
	p.t.Helper()
	var held []int16
	p.await(fmt.Sprintf("baresip's recording to hold %.0f Hz", hz), func() bool {
		for pcm := p.Heard(); len(pcm) >= piece; pcm = pcm[piece:] {
			if dsp.Goertzel(pcm[:piece], hz) > heldDBm0 {
				held = pcm[:piece]
				return true
			}
		}
		return false
	})
	return held
}

// headSize is the length of the head of a plain WAV file.
const headSize = 44

// rateAt is where it says how many samples a second has.
const rateAt = 24

// toneWAV is a mono file of some rate and 16 bits with a tone of -10 dBm0:
//
//	"RIFF" size-8 | "WAVE" | "fmt " 16 PCM=1 channels=1 rate octets/s octets/sample bits | "data" size-44 | samples
func toneWAV(hz float64, length time.Duration, rate int) []byte {
	pcm := make([]int16, int(length.Seconds()*float64(rate)))
	for i := range pcm {
		pcm[i] = int16(math.Round(dsp.Amplitude(-10) * math.Sin(2*math.Pi*hz*float64(i)/float64(rate))))
	}
	size := uint32(2 * len(pcm))
	little := binary.LittleEndian
	b := append([]byte("RIFF"), little.AppendUint32(nil, headSize-8+size)...)
	b = append(b, "WAVEfmt "...)
	b = little.AppendUint32(b, 16)
	b = little.AppendUint16(b, 1)
	b = little.AppendUint16(b, 1)
	b = little.AppendUint32(b, uint32(rate))
	b = little.AppendUint32(b, uint32(2*rate))
	b = little.AppendUint16(b, 2)
	b = little.AppendUint16(b, 16)
	b = append(b, "data"...)
	b = little.AppendUint32(b, size)
	for _, v := range pcm {
		b = little.AppendUint16(b, uint16(v))
	}
	return b
}
