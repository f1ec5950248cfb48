package record

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"trunkbox/dsp"
)

// The file is RIFF WAVE. All numbers are little-endian.
//
//	 0        4        8        12       16       20    22       24       28        32    34     36    38
//	+--------+--------+--------+--------+--------+-----+--------+--------+---------+-----+------+-----+
//	| "RIFF" | size-8 | "WAVE" | "fmt " | 18     | 6   | chans  | 8000   | octets/s| ch. | 8    | 0   |
//	+--------+--------+--------+--------+--------+-----+--------+--------+---------+-----+------+-----+
//	 38       42       46       50       54       58
//	+--------+--------+--------+--------+--------+---------------------------------+
//	| "fact" | 4      | samples| "data" | size   | left, right, left, right …      |
//	+--------+--------+--------+--------+--------+---------------------------------+
const (
	headerSize    = 58
	tagALaw       = 6
	unknownLength = -1 // the file is being written: players take what there is
)

// header is the header of a file with so many octets of sound.
func header(channels int, octets int64) []byte {
	size := uint32(octets)
	riff := size + headerSize - 8
	if octets == unknownLength || octets > 0xffffffff-headerSize {
		size, riff = 0xffffffff-headerSize, 0xffffffff-8
	}
	h := make([]byte, 0, headerSize)
	le := binary.LittleEndian
	h = append(h, "RIFF"...)
	h = le.AppendUint32(h, riff)
	h = append(h, "WAVEfmt "...)
	h = le.AppendUint32(h, 18)
	h = le.AppendUint16(h, tagALaw)
	h = le.AppendUint16(h, uint16(channels))
	h = le.AppendUint32(h, dsp.SampleRate)
	h = le.AppendUint32(h, uint32(dsp.SampleRate*channels))
	h = le.AppendUint16(h, uint16(channels))
	h = le.AppendUint16(h, 8)
	h = le.AppendUint16(h, 0)
	h = append(h, "fact"...)
	h = le.AppendUint32(h, 4)
	h = le.AppendUint32(h, size/uint32(channels))
	h = append(h, "data"...)
	return le.AppendUint32(h, size)
}

var errNotOurs = errors.New("this is no recording of ours")

// readHeader reads the header of a file of ours.
func readHeader(r io.Reader) (channels int, err error) {
	h := make([]byte, headerSize)
	if _, err := io.ReadFull(r, h); err != nil {
		return 0, fmt.Errorf("%w: %w", errNotOurs, err)
	}
	channels = int(binary.LittleEndian.Uint16(h[22:]))
	if string(h[:4]) != "RIFF" || string(h[8:16]) != "WAVEfmt " || string(h[50:54]) != "data" ||
		binary.LittleEndian.Uint16(h[20:]) != tagALaw || channels < 1 || channels > 2 {
		return 0, errNotOurs
	}
	return channels, nil
}
