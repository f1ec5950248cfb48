package trace

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

const (
	files      = 8         // of a line
	fileOctets = 512 << 10 // of one file
)

// disk is the files of one line. Apart from frames and lost it belongs to one goroutine.
type disk struct {
	dir, name string
	next      Seq // the first frame that is not written
	lost      atomic.Uint64

	file   *os.File
	number int
	size   int // octets of file
	octets []byte
}

// openDisk goes on behind the last whole record of the last file; what a power cut tore off behind it is cut away.
func openDisk(dir, name string) *disk {
	d := &disk{dir: dir, name: name, next: 1}
	names := d.files()
	for f := range d.frames() {
		d.next = max(d.next, f.Seq+1)
	}
	if len(names) == 0 {
		return d
	}
	last := names[len(names)-1]
	d.number = d.numberOf(last)
	content, err := os.ReadFile(last)
	whole := wholeOctets(content)
	if err != nil || whole < len(magic) {
		return d
	}
	file, err := os.OpenFile(last, os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return d
	}
	if file.Truncate(int64(whole)) != nil {
		_ = file.Close()
		return d
	}
	d.file, d.size = file, whole
	return d
}

// A file is its name and then records without gaps, in network order:
//
//	+-----------+
//	| "TBD1"  4 |
//	+-----------+--------+-----------+------------------+-------------+---------------+
//	| length  2 | flags 1| seq     8 | Unix time, ns  8 | frame length| CRC-32 (IEEE) |
//	|           | 1 sent | of frame  |                  | octets      | of all before |
//	|           | 2 net  |           |                  |             | it: 4         |
//	+-----------+--------+-----------+------------------+-------------+---------------+
const (
	magic      = "TBD1"
	headOctets = 2 + 1 + 8 + 8
	sumOctets  = 4
)

// appendRecord appends a frame as it stands in a file.
func appendRecord(octets []byte, f Frame) []byte {
	begin := len(octets)
	var fl flags
	if f.Sent {
		fl |= flagSent
	}
	if f.Network {
		fl |= flagNetwork
	}
	octets = binary.BigEndian.AppendUint16(octets, uint16(len(f.Octets)))
	octets = append(octets, byte(fl))
	octets = binary.BigEndian.AppendUint64(octets, uint64(f.Seq))
	octets = binary.BigEndian.AppendUint64(octets, uint64(f.At.UnixNano()))
	octets = append(octets, f.Octets...)
	return binary.BigEndian.AppendUint32(octets, crc32.ChecksumIEEE(octets[begin:]))
}

// parseRecord reads one record and returns how many octets it takes; 0 when it is torn or no record at all.
func parseRecord(octets []byte) (Frame, int) {
	if len(octets) < headOctets+sumOctets {
		return Frame{}, 0
	}
	length := int(binary.BigEndian.Uint16(octets))
	end := headOctets + length
	if length == 0 || length > longest || len(octets) < end+sumOctets ||
		crc32.ChecksumIEEE(octets[:end]) != binary.BigEndian.Uint32(octets[end:]) {
		return Frame{}, 0
	}
	fl := flags(octets[2])
	return Frame{
		Seq: Seq(binary.BigEndian.Uint64(octets[3:])), At: time.Unix(0, int64(binary.BigEndian.Uint64(octets[11:]))).UTC(),
		Sent: fl&flagSent != 0, Network: fl&flagNetwork != 0, Octets: octets[headOctets:end],
	}, end + sumOctets
}

// records gives the frames of a file's content up to the first record that does not hold.
func records(content []byte) iter.Seq[Frame] {
	return func(yield func(Frame) bool) {
		if !strings.HasPrefix(string(content[:min(len(magic), len(content))]), magic) {
			return
		}
		content = content[len(magic):]
		for {
			f, n := parseRecord(content)
			if n == 0 || !yield(f) {
				return
			}
			content = content[n:]
		}
	}
}

// wholeOctets is how much of a file's content holds; 0 when not even its name does.
func wholeOctets(content []byte) int {
	if len(content) < len(magic) || string(content[:len(magic)]) != magic {
		return 0
	}
	whole := len(magic)
	for f := range records(content) {
		whole += headOctets + len(f.Octets) + sumOctets
	}
	return whole
}

// frames gives the frames of all files, oldest first. A file that is removed or torn meanwhile gives fewer.
func (d *disk) frames() iter.Seq[Frame] {
	return func(yield func(Frame) bool) {
		for _, name := range d.files() {
			content, err := os.ReadFile(name)
			if err != nil {
				continue
			}
			for f := range records(content) {
				if !yield(f) {
					return
				}
			}
		}
	}
}

// write appends frames to the files. Those that the disk does not take are lost to it.
func (d *disk) write(frames iter.Seq[Frame]) error {
	var failed error
	waiting := uint64(0) // frames in d.octets
	flush := func() {
		if err := d.flush(); err != nil {
			failed = errors.Join(failed, err)
			d.lost.Add(waiting)
		}
		waiting = 0
	}
	for f := range frames {
		if d.size+len(d.octets)+headOctets+len(f.Octets)+sumOctets > fileOctets {
			flush()
			d.close()
		}
		d.lost.Add(uint64(f.Seq - d.next)) // overwritten before they could be written
		d.next = f.Seq + 1
		d.octets = appendRecord(d.octets, f)
		waiting++
	}
	flush()
	return failed
}

// flush writes the records gathered. A part that a full disk took is taken back; a file that does not even allow that is
// given up.
func (d *disk) flush() error {
	octets := d.octets
	d.octets = d.octets[:0]
	if len(octets) == 0 {
		return nil
	}
	if d.file == nil {
		if err := d.turn(); err != nil {
			return err
		}
	}
	n, err := d.file.Write(octets)
	if err == nil {
		d.size += n
		return nil
	}
	if cut := d.file.Truncate(int64(d.size)); cut != nil {
		d.close()
		err = errors.Join(err, cut)
	}
	return fmt.Errorf("%d octets, %d of them written: %w", len(octets), n, err)
}

// turn begins the next file and removes the oldest.
func (d *disk) turn() error {
	if err := os.MkdirAll(d.dir, 0o700); err != nil {
		return err
	}
	path := filepath.Join(d.dir, fmt.Sprintf("%s-%06d.bin", d.name, d.number+1))
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	d.number++
	names := d.files()
	for len(names) > files {
		_ = os.Remove(names[0])
		names = names[1:]
	}
	if _, err := file.WriteString(magic); err != nil {
		return errors.Join(err, file.Close(), os.Remove(path))
	}
	d.file, d.size = file, len(magic)
	return nil
}

func (d *disk) close() {
	if d.file != nil {
		_ = d.file.Close()
	}
	d.file, d.size = nil, 0
}

// files lists the paths of the line's files, oldest first.
func (d *disk) files() []string {
	names, _ := filepath.Glob(filepath.Join(d.dir, d.name+"-*.bin"))
	names = slices.DeleteFunc(names, func(name string) bool { return d.numberOf(name) == 0 })
	slices.SortFunc(names, func(a, b string) int { return d.numberOf(a) - d.numberOf(b) })
	return names
}

// numberOf is the number of a file, 0 when it is not one of this line: "line1-2-000001.bin" is line1-2's.
func (d *disk) numberOf(path string) int {
	n, err := strconv.ParseUint(strings.TrimSuffix(strings.TrimPrefix(filepath.Base(path), d.name+"-"), ".bin"), 10, 31)
	if err != nil {
		return 0
	}
	return int(n)
}
