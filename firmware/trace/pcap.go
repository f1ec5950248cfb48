package trace

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
)

// A capture file has one head and a record a frame, in the byte order of the writer; ours is little-endian. Link type
// 177, LINUX_LAPD, puts a pseudo header in network order before each frame without its FCS:
//
//	head    | 0xa1b2c3d4 4 | major 2 = 2 | minor 2 = 4 | 0 4 | 0 4 | snap length 4 | link type 4 |
//	record  | s 4 | µs 4 | octets captured 4 | octets 4 | pseudo header and frame                |
//	pseudo  | type 2, 4: sent by us | hatype 2 | halen 2 | address 8, octet 1: 1 = by the network | protocol 2 = 0x0030 |
const (
	pcapMagic    = 0xa1b2c3d4
	linuxLAPD    = 177
	pseudoOctets = 16
	sentByUs     = 4
	protocolLAPD = 0x0030
)

// pcapHead is the head of a capture file.
func pcapHead() []byte {
	var octets []byte
	for _, word := range []uint32{pcapMagic, 4<<16 | 2, 0, 0, pseudoOctets + longest, linuxLAPD} {
		octets = binary.LittleEndian.AppendUint32(octets, word)
	}
	return octets
}

// appendPcap appends a frame as a record of a capture file.
func appendPcap(octets []byte, f Frame) []byte {
	length := uint32(pseudoOctets + len(f.Octets))
	for _, word := range []uint32{uint32(f.At.Unix()), uint32(f.At.Nanosecond() / 1000), length, length} {
		octets = binary.LittleEndian.AppendUint32(octets, word)
	}
	var pseudo [pseudoOctets]byte
	if f.Sent {
		pseudo[1] = sentByUs
	}
	if f.Sent == f.Network {
		pseudo[6] = 1
	}
	binary.BigEndian.PutUint16(pseudo[14:], protocolLAPD)
	return append(append(octets, pseudo[:]...), f.Octets...)
}

// pcapChunk is how many octets of a capture file are written at once.
const pcapChunk = 32 << 10

// WritePcap writes the frames that pass the filter as a capture file.
func (l *Line) WritePcap(w io.Writer, filter Filter) error {
	filter = l.resolve(filter)
	octets := pcapHead()
	for f := range l.Frames(filter.From, filter.To) {
		if !filter.passes(f) {
			continue
		}
		if octets = appendPcap(octets, f); len(octets) > pcapChunk {
			if _, err := w.Write(octets); err != nil {
				return fmt.Errorf("capture of %s: %w", l.Name, err)
			}
			octets = octets[:0]
		}
	}
	if _, err := w.Write(octets); err != nil {
		return fmt.Errorf("capture of %s: %w", l.Name, err)
	}
	return nil
}

// StreamPcap writes a capture file of the frames from now on that pass the filter, each as soon as it is there, until
// ctx is done (which is no error) or w takes no more. A w that is slower than the line misses frames.
func (l *Line) StreamPcap(ctx context.Context, w io.Writer, filter Filter) error {
	added, end := l.watch()
	defer end()
	next := l.ring.end()
	octets := pcapHead()
	for {
		if len(octets) > 0 {
			if _, err := w.Write(octets); err != nil {
				return fmt.Errorf("live capture of %s: %w", l.Name, err)
			}
		}
		octets = octets[:0]
		select {
		case <-ctx.Done():
			return nil
		case <-added:
		}
		for f := range l.ring.since(next) {
			next = f.Seq + 1
			if filter.passes(f) {
				octets = appendPcap(octets, f)
			}
		}
	}
}

// end is the number of the frame that will be added next.
func (r *ring) end() Seq {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.next
}
