package trace

import (
	"bytes"
	"iter"
	"sync"
	"time"
)

const (
	kept    = 10_000 // frames of a line in memory
	paged   = 250    // frames of a page
	usual   = 48     // octets that nearly every frame has room in
	longest = 264    // octets of a frame: address 2, control 2, information 260 (N201, clause 5.9.3/Q.921)
	copied  = 64     // frames that a reader copies while the writer may have to wait
)

// ring is the newest frames of a line. The memory of their usual length is taken once, a page at a time as the first frames
// come, and such a frame costs a copy; what a longer one has beyond it stands beside.
type ring struct {
	mu     sync.Mutex
	pages  [kept / paged]*page
	beyond map[int][]byte // what is longer, by slot
	first  Seq            // of the first frame added
	next   Seq            // of the frame that will be added
}

// page is the room of some frames.
type page struct {
	slots  [paged]slot
	octets [paged][usual]byte
}

// slot is a frame without its octets.
type slot struct {
	at     int64 // Unix time in ns
	length uint16
	flags  flags
}

// flags say whose frame it is, in memory and on the disk.
type flags byte

const (
	flagSent    flags = 1 << iota // by us
	flagNetwork                   // we were the network side
)

func (r *ring) init(next Seq) {
	r.beyond = map[int][]byte{}
	r.first, r.next = next, next
}

// add puts a frame in the place of the oldest. Octets beyond the longest frame are cut off.
func (r *ring) add(at int64, sent, network bool, frame []byte) {
	var f flags
	if sent {
		f |= flagSent
	}
	if network {
		f |= flagNetwork
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	i := int(r.next % kept)
	frame = frame[:min(len(frame), longest)]
	if r.pages[i/paged] == nil {
		r.pages[i/paged] = &page{}
	}
	p, row := r.pages[i/paged], i%paged
	n := copy(p.octets[row][:], frame)
	delete(r.beyond, i)
	if n < len(frame) {
		r.beyond[i] = bytes.Clone(frame[n:])
	}
	p.slots[row] = slot{at, uint16(len(frame)), f}
	r.next++
}

// oldest is the number of the oldest frame in memory, or of the next frame when there is none.
func (r *ring) oldest() Seq {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.lowest()
}

func (r *ring) lowest() Seq {
	if r.next-r.first > kept {
		return r.next - kept
	}
	return r.first
}

// since gives the frames from seq on, those that are added meanwhile included. Frames that were overwritten before the
// reader came to them are passed over.
func (r *ring) since(seq Seq) iter.Seq[Frame] {
	return func(yield func(Frame) bool) {
		var frames [copied]Frame
		octets := make([]byte, copied*longest)
		for {
			n := r.copy(seq, &frames, octets)
			if n == 0 {
				return
			}
			for _, f := range frames[:n] {
				if !yield(f) {
					return
				}
			}
			seq = frames[n-1].Seq + 1
		}
	}
}

// copy fills frames from seq on and returns how many there were.
func (r *ring) copy(seq Seq, frames *[copied]Frame, octets []byte) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for seq = max(seq, r.lowest()); seq < r.next && n < copied; seq++ {
		i := int(seq % kept)
		p := r.pages[i/paged]
		s := p.slots[i%paged]
		own := octets[n*longest : n*longest+int(s.length)]
		copy(own[copy(own, p.octets[i%paged][:]):], r.beyond[i])
		frames[n] = Frame{Seq: seq, At: time.Unix(0, s.at).UTC(), Sent: s.flags&flagSent != 0, Network: s.flags&flagNetwork != 0, Octets: own}
		n++
	}
	return n
}
