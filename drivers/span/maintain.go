package span

import (
	"context"
	"errors"
	"slices"
	"time"
)

// Loop is where a line is looped back.
type Loop uint8

// The loops of a port, and none.
const (
	NoLoop      Loop = iota
	LocalLoop        // what we send comes back to us before the line; the far end gets all ones (AIS)
	LineLoop         // what comes from the line goes back to it as it is, framing and all ("network line loop")
	PayloadLoop      // the timeslots that come from the line go back to it in our own frame
)

var loopNames = [...]string{"none", "local", "line", "payload"}

// String returns "none", "local", "line" or "payload".
func (l Loop) String() string { return word(loopNames[:], int(l)) }

// Defect is an error that can be inserted into what we send.
type Defect uint8

// The defects.
const (
	DefectFAS        Defect = iota // a wrong frame alignment signal
	DefectMultiframe               // a wrong CRC or superframe multiframe alignment signal
	DefectCRC                      // a wrong CRC-4 or CRC-6
	DefectCAS                      // a wrong CAS multiframe alignment signal in timeslot 16
	DefectPRBS                     // a wrong bit in the pseudo-random sequence
	DefectBipolar                  // a bipolar violation
)

var defectNames = [...]string{"fas", "multiframe", "crc", "cas", "prbs", "bipolar"}

// String returns "fas", "multiframe", "crc", "cas", "prbs" or "bipolar".
func (d Defect) String() string { return word(defectNames[:], int(d)) }

// Capabilities say what maintenance a line can do. A driver that learns only by trying lists what it
// would try and answers ErrNotSupported when asked.
type Capabilities struct {
	Loops    []Loop // without NoLoop
	LoopCode bool   // can ask the far end to loop
	PRBS     bool   // can send and check a pseudo-random sequence
	Defects  []Defect
}

// Loop says whether l can be had.
func (c Capabilities) Loop(l Loop) bool { return l == NoLoop || slices.Contains(c.Loops, l) }

// PRBSResult is what the checker of the pseudo-random sequence has counted since it was switched on.
type PRBSResult struct {
	On         bool
	InSync     bool          // the sequence is recognised at this moment
	Bits       uint64        // compared while in sync
	Errors     uint64        // of them wrong
	SyncLosses uint64        // how often a sequence once recognised was lost
	InSyncFor  time.Duration // in all, by the octets of the line
	For        time.Duration // since it was switched on, by the octets of the line
}

// Ratio is the bit error ratio; 0 when nothing was compared.
func (r PRBSResult) Ratio() float64 {
	if r.Bits == 0 {
		return 0
	}
	return float64(r.Errors) / float64(r.Bits)
}

// Maintainer is a Line that can be tested. Not every driver is one: ask by type assertion. All
// methods are safe from anywhere. Loops and the sequence take the line out of service: the owner of
// the D channel and of the calls must have been asked before.
//
// Every error for lack of ability wraps ErrNotSupported and names what is lacking.
type Maintainer interface {
	Maintenance() Capabilities
	// Loop sets the loop of this end, or takes it away with NoLoop. The line then has the alarm
	// Loopback.
	Loop(l Loop) error
	// LoopCode asks the far end to loop (up) or to end its loop: the in-band codes of T1.403, sent for
	// five seconds or more. It returns at once.
	LoopCode(up bool) error
	// PRBS switches generator and checker: 2^15-1 (O.151) on an E1, QRSS 2^20-1 (O.150) on a T1,
	// through timeslots 1 to 31 or 1 to 24 in the order of the line. Switching on sets the result to 0.
	PRBS(on bool) error
	PRBSResult() PRBSResult
	// Insert sends n defects, one a frame or multiframe as the defect has it.
	Insert(d Defect, n int) error
}

// Slotset is a set of timeslots.
type Slotset uint32

// Has says whether ts is in the set.
func (s Slotset) Has(ts Timeslot) bool { return ts < Slots && s&(1<<ts) != 0 }

// With returns the set with ts in it.
func (s Slotset) With(ts Timeslot) Slotset { return s | 1<<ts }

// Without is the set without a timeslot.
func (s Slotset) Without(ts Timeslot) Slotset { return s &^ (1 << ts) }

// Sampler is a Line that gives the raw octets of its timeslots as the line brings them, without
// disturbing service. Not every driver is one: ask by type assertion.
type Sampler interface {
	// Sample waits for the next len(blocks) blocks received and copies them, one after the other
	// without a gap: the first Block() octets of each place. It returns which timeslots are true;
	// that of the D channel is among them if the driver can read it beside the frames. It ends early
	// with ctx's error, and with io.EOF when the line is closed. One caller at a time: a second one
	// gets ErrSampling. It needs somebody who ticks.
	Sample(ctx context.Context, blocks []Block) (Slotset, error)
	// SampleD does the same for the timeslot of the D channel alone, in the place Kind().D(). A driver
	// that cannot read it beside the frames stops the D channel for as long as it takes: frames are
	// lost both ways, and the data link must be expected to fail.
	SampleD(ctx context.Context, blocks []Block) error
}

// ErrSampling says that somebody else is sampling the line.
var ErrSampling = errors.New("the line is being sampled already")
