package doctor

import (
	"bytes"
	"math"
	"math/bits"
	"sync"

	"trunkbox/drivers/hdlc"
	"trunkbox/drivers/span"
	"trunkbox/dsp"
)

// Sound is what the octets of the timeslots tell.
type Sound struct {
	Slots   [span.Slots]Slot
	Pattern float64 // part of the bits, 0 to 1, that continue the pseudo-random test sequence of the line's kind
}

// Slot is what the octets of one timeslot tell. The zero value was not listened to.
type Slot struct {
	Octets  int
	Entropy float64 // bits an octet, 0 to 8
	Idle    float64 // part of the octets that are the most frequent one
	Octet   byte    // that one
	Plain   HDLC    // read as it is
	Turned  HDLC    // read with every bit inverted
	Seven   HDLC    // read without bit 8 of each octet, as at 56 kbit/s
	Bit8    float64 // part of the octets in which bit 8, the least significant, is one
	ALaw    int     // blocks of 20 ms that sound right in A-law and wrong in µ-law
	MuLaw   int     // the other way round
}

// HDLC is what a reader of flags and frames finds.
type HDLC struct {
	Flags   float64 // part of the bits that belong to flags
	Frames  int     // with a good check sequence
	Damaged int     // frames that are none, or broken off
}

// found says that there is HDLC: frames, or that most of the time is flags.
func (h HDLC) found() bool { return h.Frames >= 2 || h.Flags > 0.5 }

// Listener works out a Sound from blocks.
type Listener struct {
	kind     span.Kind
	slots    [span.Slots]ear
	sequence sequence
}

// NewListener begins.
func NewListener(kind span.Kind) *Listener {
	l := &Listener{kind: kind, sequence: sequence{kind: kind}}
	for i := range l.slots {
		l.slots[i].init()
	}
	return l
}

// Push takes the first octets of the places of a block that are in the set.
func (l *Listener) Push(block *span.Block, octets int, set span.Slotset) {
	for ts := range l.slots {
		if set.Has(span.Timeslot(ts)) {
			l.slots[ts].push(block[ts][:octets])
		}
	}
	first, last := 1, 31
	if l.kind == span.T1 {
		last = 24
	}
	for i := range octets {
		for ts := first; ts <= last; ts++ {
			l.sequence.push(block[ts][i], set.Has(span.Timeslot(ts)))
		}
	}
}

// Sound is what was heard so far.
func (l *Listener) Sound() Sound {
	s := Sound{Pattern: l.sequence.share()}
	for i := range l.slots {
		s.Slots[i] = l.slots[i].slot()
	}
	return s
}

// flagsAt says how many flags end in the second of two octets of a stream, whatever their alignment.
var flagsAt = sync.OnceValue(func() *[1 << 16]uint8 {
	var table [1 << 16]uint8
	for two := range table {
		for shift := range 8 {
			if two>>shift&0xff == hdlc.Flag {
				table[two]++
			}
		}
	}
	return &table
})

// reader finds flags and frames in a stream of octets.
type reader struct {
	decoder *hdlc.Decoder
	table   *[1 << 16]uint8
	last    byte
	octets  int
	flags   int
	since   int // octets since the last flag
	frames  int
	one     [1]byte
}

func (r *reader) init() {
	r.decoder, r.table, r.since = hdlc.NewDecoder(span.MaxFrame), flagsAt(), frameOctets
}

// frameOctets is how far behind a flag a frame may reach: address to FCS, stuffed.
const frameOctets = (span.MaxFrame + 2) * 6 / 5

func (r *reader) push(octet byte) {
	n := int(r.table[uint16(r.last)<<8|uint16(octet)])
	r.octets++
	r.flags += n
	switch {
	case n > 0:
		if r.since >= frameOctets { // the flag may have begun in the octet before
			r.feed(r.last)
		}
		r.since = 0
	default:
		r.since++
	}
	r.last = octet
	if r.since < frameOctets {
		r.feed(octet)
	}
}

func (r *reader) feed(octet byte) {
	r.one[0] = octet
	r.decoder.Push(r.one[:], func([]byte) { r.frames++ })
}

func (r *reader) result() HDLC {
	if r.octets == 0 {
		return HDLC{}
	}
	c := r.decoder.Counters()
	return HDLC{Flags: min(1, float64(r.flags)/float64(r.octets)), Frames: r.frames, Damaged: int(c.BadFCS + c.Aborts + c.BadFrames)}
}

// ear listens to one timeslot.
type ear struct {
	counts               [256]int
	octets, ones         int
	plain, turned, seven reader
	packed               uint32 // bits 1 to 7 of octets, for seven
	have                 int    // of them
	gathered             []byte // less than a block for the laws
	alaw, mulaw          int
}

func (e *ear) init() {
	e.plain.init()
	e.turned.init()
	e.seven.init()
}

func (e *ear) push(octets []byte) {
	for _, octet := range octets {
		e.counts[octet]++
		e.ones += int(octet & 1)
		e.plain.push(octet)
		e.turned.push(^octet)
		e.packed, e.have = e.packed<<7|uint32(octet>>1), e.have+7
		if e.have >= 8 {
			e.have -= 8
			e.seven.push(byte(e.packed >> e.have))
		}
	}
	e.octets += len(octets)
	e.gathered = append(e.gathered, octets...)
	for len(e.gathered) >= lawOctets {
		switch law, heard := lawOf(e.gathered[:lawOctets]); {
		case heard && law == dsp.ALaw:
			e.alaw++
		case heard:
			e.mulaw++
		}
		e.gathered = e.gathered[:copy(e.gathered, e.gathered[lawOctets:])]
	}
}

func (e *ear) slot() Slot {
	s := Slot{Octets: e.octets, ALaw: e.alaw, MuLaw: e.mulaw}
	if e.octets == 0 {
		return s
	}
	most := 0
	for octet, n := range e.counts {
		if n == 0 {
			continue
		}
		if n > most {
			most, s.Octet = n, byte(octet)
		}
		p := float64(n) / float64(e.octets)
		s.Entropy -= p * math.Log2(p)
	}
	s.Idle, s.Bit8 = float64(most)/float64(e.octets), float64(e.ones)/float64(e.octets)
	s.Plain, s.Turned, s.Seven = e.plain.result(), e.turned.result(), e.seven.result()
	return s
}

// Comparing the laws.
const (
	lawOctets  = 160   // 20 ms
	lawLouder  = -38.0 // dBm0 of speech that is compared, read in the quieter law
	lawClearer = 1.6   // how much rougher the wrong law has to be
)

// lawOf says in which law a block sounds right; false when it does not show. Speech and tones change little from sample
// to sample. Read in the other law they do not: segments 0 and 2, 1 and 3, 4 and 6, 5 and 7 change places (Tables 1a and
// 2a/G.711, inversions 0x55 and 0x7f), so that loud and soft samples are thrown together.
func lawOf(octets []byte) (dsp.Law, bool) {
	if idle := bytes.Count(octets, octets[:1]) == len(octets); idle {
		return 0, false
	}
	var rough [2]float64
	level := math.Inf(1)
	for _, law := range []dsp.Law{dsp.ALaw, dsp.MuLaw} {
		var samples [lawOctets]int16
		law.Expand(samples[:], octets)
		level = min(level, dsp.Level(samples[:]))
		rough[law] = roughness(samples[:])
	}
	switch {
	case level < lawLouder:
		return 0, false
	case rough[dsp.ALaw]*lawClearer < rough[dsp.MuLaw]:
		return dsp.ALaw, true
	case rough[dsp.MuLaw]*lawClearer < rough[dsp.ALaw]:
		return dsp.MuLaw, true
	}
	return 0, false
}

// roughness is the power of the differences between neighbours by that of the samples, without their mean: 0 to 4.
func roughness(samples []int16) float64 {
	var mean, power, difference float64
	for _, s := range samples {
		mean += float64(s)
	}
	mean /= float64(len(samples))
	for i, s := range samples {
		x := float64(s) - mean
		power += x * x
		if i > 0 {
			d := float64(s) - float64(samples[i-1])
			difference += d * d
		}
	}
	if power == 0 {
		return 0
	}
	return difference / power
}

// sequence checks bits against the pseudo-random sequence of a kind of line, which fills all its timeslots: 2^15-1 of
// O.151 on an E1, each bit the sum of those 14 and 15 before it, or its inverse; QRSS of O.150 on a T1, 17 and 20.
type sequence struct {
	kind                  span.Kind
	last                  uint32
	known                 int // bits since the last gap
	compared, fit, varied int
}

func (s *sequence) push(octet byte, there bool) {
	if !there {
		s.known = 0
		return
	}
	a, b := 14, 15
	if s.kind == span.T1 {
		a, b = 17, 20
	}
	if s.known >= b { // eight bits at once: both taps are further back
		sum := octet ^ byte(s.last>>(a-8)) ^ byte(s.last>>(b-8))
		s.compared += 8
		s.fit += 8 - bits.OnesCount8(sum)
		s.varied += bits.OnesCount8(octet ^ (octet>>1 | byte(s.last)<<7))
	}
	s.last = s.last<<8 | uint32(octet)
	s.known += 8
}

// share is the part of the bits that fit the sequence, or its inverse; 0 when the bits hardly change, as all ones fit too.
func (s *sequence) share() float64 {
	if s.compared < 1000 || s.varied*4 < s.compared {
		return 0
	}
	fit := float64(s.fit) / float64(s.compared)
	return max(fit, 1-fit)
}
