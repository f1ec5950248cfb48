package prompt

import (
	"encoding/binary"
	"math"

	"trunkbox/dsp"
)

// A RIFF WAVE file, all numbers little-endian; chunks start at even offsets:
//
//	offset
//	 0   "RIFF"   size of the rest (4)   "WAVE"
//	12   chunk name (4)   chunk size (4)   content ...
//
//	"fmt "  0 coding (2)      1 PCM, 3 floating point, 6 A-law, 7 µ-law, 0xFFFE see below
//	        2 channels (2)
//	        4 samples a second (4)
//	        8 octets a second (4)
//	       12 octets a frame, all channels (2)
//	       14 bits a sample (2)
//	       24 coding (2), first octets of a GUID, where the coding above is 0xFFFE
//	"data"  the frames; 8-bit PCM is unsigned, wider PCM signed
const (
	riffHeader  = 12
	chunkHeader = 8

	codingPCM        = 1
	codingFloat      = 3
	codingALaw       = 6
	codingMuLaw      = 7
	codingExtensible = 0xFFFE

	// sizeUnknown and above is what programs write that do not know the length beforehand.
	sizeUnknown = 0x7FFF_0000
)

// wave is the sound of a WAVE file, not yet decoded.
type wave struct {
	coding   int
	channels int
	rate     int // samples a second
	octets   int // a sample
	frames   []byte
}

// parseWave finds the format and the sound in a file. Errors are *RefusedError.
func parseWave(file []byte) (wave, error) {
	var w wave
	if err := recognize(file); err != nil {
		return w, err
	}
	formatted := false
	for at := riffHeader; at+chunkHeader <= len(file); {
		name, size := string(file[at:at+4]), int64(binary.LittleEndian.Uint32(file[at+4:]))
		content := file[at+chunkHeader:]
		switch name {
		case "fmt ":
			if size > int64(len(content)) || size < 16 {
				return w, refuseFormatChunk(size)
			}
			if err := w.format(content[:size]); err != nil {
				return w, err
			}
			formatted = true
		case "data":
			if !formatted {
				return w, refuseNoFormat()
			}
			if size >= sizeUnknown || size == 0 {
				size = int64(len(content))
			}
			if size > int64(len(content)) {
				return w, refuseCut(int64(len(content)), size)
			}
			w.frames = content[:size]
			return w, nil
		}
		if size > int64(len(content)) {
			break
		}
		at += chunkHeader + int(size+size&1)
	}
	return w, refuseNoData()
}

// format reads the content of the chunk "fmt ", 16 octets or more.
func (w *wave) format(content []byte) error {
	w.coding = int(binary.LittleEndian.Uint16(content))
	if w.coding == codingExtensible && len(content) >= 26 {
		w.coding = int(binary.LittleEndian.Uint16(content[24:]))
	}
	w.channels = int(binary.LittleEndian.Uint16(content[2:]))
	rate := binary.LittleEndian.Uint32(content[4:])
	frame, bits := int(binary.LittleEndian.Uint16(content[12:])), int(binary.LittleEndian.Uint16(content[14:]))
	if w.channels != 1 && w.channels != 2 {
		return refuseChannels(w.channels)
	}
	if rate < dsp.LowestRate || rate > dsp.HighestRate {
		return refuseRate(rate)
	}
	w.rate = int(rate)
	w.octets = frame / w.channels
	fits := frame == w.octets*w.channels && (bits+7)/8 == w.octets
	switch w.coding {
	case codingPCM:
		fits = fits && w.octets >= 1 && w.octets <= 4
	case codingFloat:
		fits = fits && (w.octets == 4 || w.octets == 8)
	case codingALaw, codingMuLaw:
		fits = fits && w.octets == 1
	default:
		return refuseCoding(w.coding)
	}
	if !fits {
		return refuseWidth(bits, frame)
	}
	return nil
}

// length is the number of frames.
func (w *wave) length() int { return len(w.frames) / (w.octets * w.channels) }

// value decodes the sample at an offset of frames to ±1.
func (w *wave) value(at int) float64 {
	x := w.frames[at : at+w.octets]
	switch w.coding {
	case codingALaw:
		return float64(dsp.ALaw.Decode(x[0])) / 32768
	case codingMuLaw:
		return float64(dsp.MuLaw.Decode(x[0])) / 32768
	case codingFloat:
		v := 0.0
		if w.octets == 4 {
			v = float64(math.Float32frombits(binary.LittleEndian.Uint32(x)))
		} else {
			v = math.Float64frombits(binary.LittleEndian.Uint64(x))
		}
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return 0
		}
		return v
	}
	switch w.octets {
	case 1:
		return (float64(x[0]) - 128) / 128
	case 2:
		return float64(int16(binary.LittleEndian.Uint16(x))) / (1 << 15)
	case 3:
		return float64(int32(uint32(x[0])<<8|uint32(x[1])<<16|uint32(x[2])<<24)) / (1 << 31)
	}
	return float64(int32(binary.LittleEndian.Uint32(x))) / (1 << 31)
}

// mono is the mean of the channels of one frame.
func (w *wave) mono(frame int) float64 {
	at := frame * w.octets * w.channels
	sum := 0.0
	for range w.channels {
		sum += w.value(at)
		at += w.octets
	}
	return sum / float64(w.channels)
}

// samples gives the whole sound as 16-bit samples, 8000 a second. Floating point beyond ±1 is
// scaled down rather than clipped.
func (w *wave) samples() ([]int16, error) {
	scale := 32767.0
	if w.coding == codingFloat {
		peak := 1.0
		for i := range w.length() {
			peak = max(peak, math.Abs(w.mono(i)))
		}
		scale /= peak
	}
	length := w.length()
	result := make([]int16, 0, int(int64(length)*dsp.SampleRate/int64(w.rate))+2)
	if w.rate == dsp.SampleRate {
		for i := range length {
			result = append(result, int16(math.Round(w.mono(i)*scale)))
		}
		return result, nil
	}
	resampler, err := dsp.NewResampler(w.rate, dsp.SampleRate)
	if err != nil {
		return nil, err
	}
	var block [4096]int16
	for start := 0; start < length; start += len(block) {
		n := min(len(block), length-start)
		for i := range n {
			block[i] = int16(math.Round(w.mono(start+i) * scale))
		}
		result = resampler.Push(result, block[:n])
	}
	return resampler.Flush(result), nil
}

// WAV gives a clip as a file for a browser or another player: 16-bit PCM, mono, 8000 samples a
// second (browsers do not play A-law).
func WAV(clip Clip) []byte {
	const width = 2
	file := make([]byte, 0, 44+width*len(clip))
	file = append(file, "RIFF"...)
	file = binary.LittleEndian.AppendUint32(file, uint32(36+width*len(clip)))
	file = append(file, "WAVEfmt "...)
	file = binary.LittleEndian.AppendUint32(file, 16)
	file = binary.LittleEndian.AppendUint16(file, codingPCM)
	file = binary.LittleEndian.AppendUint16(file, 1)
	file = binary.LittleEndian.AppendUint32(file, dsp.SampleRate)
	file = binary.LittleEndian.AppendUint32(file, dsp.SampleRate*width)
	file = binary.LittleEndian.AppendUint16(file, width)
	file = binary.LittleEndian.AppendUint16(file, 8*width)
	file = append(file, "data"...)
	file = binary.LittleEndian.AppendUint32(file, uint32(width*len(clip)))
	for _, octet := range clip {
		file = binary.LittleEndian.AppendUint16(file, uint16(dsp.ALaw.Decode(octet)))
	}
	return file
}
