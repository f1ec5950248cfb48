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

// Listen gives a recording as WAVE of 16-bit samples, which every player plays, with the file's marks left to others. What
// is read is decoded as it is asked for, so that one may begin anywhere.
func Listen(file io.ReadSeeker) (io.ReadSeeker, error) {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	channels, err := readHeader(file)
	if err != nil {
		return nil, err
	}
	size, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, err
	}
	return &linear{file: file, head: linearHeader(channels, size-headerSize), octets: size - headerSize}, nil
}

// linearHeader is the header of so many samples of all channels: as header's, without the parts for other formats.
func linearHeader(channels int, samples int64) []byte {
	size := uint32(min(2*samples, 0xffffffff-linearHeaderSize))
	h := make([]byte, 0, linearHeaderSize)
	le := binary.LittleEndian
	h = append(h, "RIFF"...)
	h = le.AppendUint32(h, size+linearHeaderSize-8)
	h = append(h, "WAVEfmt "...)
	h = le.AppendUint32(h, 16)
	h = le.AppendUint16(h, tagPCM)
	h = le.AppendUint16(h, uint16(channels))
	h = le.AppendUint32(h, dsp.SampleRate)
	h = le.AppendUint32(h, uint32(2*dsp.SampleRate*channels))
	h = le.AppendUint16(h, uint16(2*channels))
	h = le.AppendUint16(h, 16)
	h = append(h, "data"...)
	return le.AppendUint32(h, size)
}

const (
	linearHeaderSize = 44
	tagPCM           = 1
)

// linear reads a file of ours as 16-bit samples.
type linear struct {
	file   io.ReadSeeker
	head   []byte
	octets int64 // of A-law
	at     int64 // in what is read
}

func (l *linear) size() int64 { return int64(len(l.head)) + 2*l.octets }

func (l *linear) Seek(offset int64, whence int) (int64, error) {
	at := offset
	switch whence {
	case io.SeekCurrent:
		at += l.at
	case io.SeekEnd:
		at += l.size()
	}
	if at < 0 {
		return l.at, fmt.Errorf("%d lies before the beginning of a recording", at)
	}
	l.at = at
	return at, nil
}

func (l *linear) Read(into []byte) (int, error) {
	if l.at >= l.size() {
		return 0, io.EOF
	}
	if head := int64(len(l.head)); l.at < head {
		n := copy(into, l.head[l.at:])
		l.at += int64(n)
		return n, nil
	}
	sound := l.at - int64(len(l.head))
	if _, err := l.file.Seek(headerSize+sound/2, io.SeekStart); err != nil {
		return 0, err
	}
	octets := make([]byte, min(int64(len(into))/2+1, 1<<14, l.octets-sound/2))
	n, err := io.ReadFull(l.file, octets)
	if n == 0 {
		return 0, err
	}
	samples := make([]int16, n)
	dsp.ALaw.Expand(samples, octets[:n])
	pcm := make([]byte, 0, 2*n)
	for _, s := range samples {
		pcm = binary.LittleEndian.AppendUint16(pcm, uint16(s))
	}
	done := copy(into, pcm[sound%2:])
	l.at += int64(done)
	return done, nil
}
