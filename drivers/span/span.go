// Package span says what an E1 or a T1 is: the timeslots of a line, its D channel, its alarms
// and its counters. It holds the interface and no driver.
//
// In: nothing; this package is the vocabulary. Out: drivers/dahdi and drivers/vspan implement Line;
// firmware/timeslot owns the B timeslots of a Line (sound path) and firmware/pri its D channel
// (signal path).
//
// ITU-T G.704 (frame structure), G.703 (rates), G.775/G.706 (when LOS, AIS, LFA are declared), G.168 (the echo
// canceller that a line may have). Line codes, impedance and the framer itself belong to the hardware and are left out.
//
// Tick may be called from one goroutine only (the owner of the sound), ReceiveFrame from one other
// (the owner of the D channel); every other method is safe from anywhere. The Blocks given to Tick
// stay the caller's.
package span

import (
	"errors"
	"fmt"
	"time"
)

// Kind is the rate of a line.
type Kind uint8

// The two rates of the primary rate access.
const (
	E1 Kind = iota // 2,048 kbit/s, 32 timeslots of 64 kbit/s; timeslot 0 is framing
	T1             // 1,544 kbit/s, 24 timeslots of 64 kbit/s, numbered 1 to 24
)

// String returns "E1" or "T1".
func (k Kind) String() string {
	if k == T1 {
		return "T1"
	}
	return "E1"
}

// Slots is the number of timeslot places in a Block of either kind; place n is timeslot n.
const Slots = 32

// Timeslot is the number of a timeslot as the line counts it: 0 to 31 on an E1, 1 to 24 on a T1.
type Timeslot uint8

// D returns the timeslot of the D channel: 16 on an E1, 24 on a T1.
func (k Kind) D() Timeslot {
	if k == T1 {
		return 24
	}
	return 16
}

// B returns the timeslots of the B channels in rising order: 30 on an E1, 23 on a T1.
func (k Kind) B() []Timeslot {
	last := Timeslot(31)
	if k == T1 {
		last = 24
	}
	var b []Timeslot
	for ts := Timeslot(1); ts <= last; ts++ {
		if ts != k.D() {
			b = append(b, ts)
		}
	}
	return b
}

// MaxBlock is the largest block: 160 octets, 20 ms of a timeslot.
const MaxBlock = 160

// Block holds the octets of every timeslot for one tick, 8,000 octets a second each. The order is
// that of the line: octet 0 came first, bit 1 (sent first) is the most significant.
type Block [Slots][MaxBlock]byte

// Alarm is a set of alarms.
type Alarm uint16

// The alarms of a line, in the field's words.
const (
	LOS      Alarm = 1 << iota // loss of signal: nothing is received
	LFA                        // loss of frame alignment
	LMFA                       // loss of multiframe alignment (CRC-4 or CAS)
	AIS                        // alarm indication signal: all ones from upstream
	RAI                        // remote alarm indication: the far end cannot hear us
	Loopback                   // the line is looped
	NotOpen                    // the driver has not started the line
)

var alarmNames = [...]string{"LOS", "LFA", "LMFA", "AIS", "RAI", "LOOPBACK", "NOTOPEN"}

// Names returns the alarms of the set in the order of the constants; empty when there is none.
func (a Alarm) Names() []string {
	var names []string
	for i, name := range alarmNames {
		if a&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return names
}

// Down says whether signalling and sound cannot pass: any alarm but RAI and Loopback.
func (a Alarm) Down() bool { return a&(LOS|LFA|LMFA|AIS|NotOpen) != 0 }

// Counters counts what went wrong since the line was opened. They only grow.
type Counters struct {
	Ticks       uint64 // blocks moved
	Slips       uint64 // controlled slips: a frame or a block lost or repeated
	SlipsLost   uint64 // of them known to be lost: what comes is faster than our clock
	SlipsTwice  uint64 // of them known to be repeated: what comes is slower than our clock
	BPV         uint64 // bipolar or line code violations
	CRC4        uint64 // CRC-4 (T1: CRC-6) errors
	EBit        uint64 // the far end's report of CRC errors
	FAS         uint64 // errored frame alignment signals
	Aborts      uint64 // HDLC aborts on the D channel
	BadFCS      uint64 // D channel frames dropped for a wrong check sequence
	BadFrames   uint64 // D channel frames dropped for length (shorter than 3 or longer than MaxFrame)
	RxOverruns  uint64 // octets or frames lost because nobody fetched them in time
	TxUnderruns uint64 // blocks filled with idle octets because nobody gave any in time

	// What only some framers count; 0 elsewhere.
	FramingErrors  uint64
	CodeViolations uint64 // line code violations beyond BPV, too many zeros among them
	BitErrors      uint64 // of a test sequence that the framer generates by itself
	PRBSErrors     uint64
	ErroredSeconds uint64
}

// Status is what a line says about itself at one moment.
type Status struct {
	Alarms   Alarm
	Counters Counters
	Signal   Signal
}

// Signal is what a framer tells of the received signal beside alarms and counters, and what our
// transmitter is timed by. A driver that cannot tell leaves the value at zero.
type Signal struct {
	Framing    Framing // found in what is received; FramingUnknown also while there is none
	Clock      Clock   // in use now: Internal while the line that should give the clock is down
	LevelKnown bool
	LevelDB    float64 // of the received signal against the nominal pulse: 0 or less
	OffsetPPM  float64 // rate of what is received against our transmitter's clock; 0: none or not known
}

// Event is a change of alarms.
type Event struct {
	At     time.Time
	Alarms Alarm // the set from now on
	Was    Alarm // the set before
}

// MaxFrame is the longest D channel frame in octets without its FCS: address 2, control 2, N201 260
// (Q.921 5.9.3).
const MaxFrame = 264

// Line is one E1 or T1 as a driver gives it.
type Line interface {
	// Name is the entity's name in traces: "span1".
	Name() string
	// Kind is the rate.
	Kind() Kind
	// Block is the number of octets per timeslot that one Tick moves: 16 to MaxBlock.
	Block() int

	// Tick waits until the line's clock has brought one block, puts it in rx, and hands the B
	// timeslots of tx to the line. Only the first Block() octets of each place count; the place of
	// the D channel is ignored in tx and undefined in rx. It returns io.EOF after Close and another
	// error when the driver failed; the caller may try again after an error that is not io.EOF.
	Tick(rx, tx *Block) error

	// ReceiveFrame waits for a D channel frame (address, control, information; no flags, no FCS) and
	// copies it to buf, which has room for MaxFrame octets. It returns its length, or io.EOF after Close.
	ReceiveFrame(buf []byte) (int, error)
	// SendFrame queues one D channel frame without FCS; the frame is copied. It returns ErrBusy when
	// the queue is full and io.EOF after Close. It never waits.
	SendFrame(frame []byte) error

	// Status reads alarms and counters.
	Status() Status
	// Events delivers each change of alarms; it is closed by Close. A reader that falls behind loses
	// the older changes, never the newest.
	Events() <-chan Event
	// Close ends the line and every waiting call. A second Close does nothing.
	Close() error
}

// ErrBusy says that the transmit queue of the D channel is full.
var ErrBusy = errors.New("the transmit queue of the D channel is full")

// FrameLengthError says that a frame is too short or too long to send.
type FrameLengthError int

func (e FrameLengthError) Error() string {
	return fmt.Sprintf("a D channel frame has 3 to %d octets, this one has %d", MaxFrame, int(e))
}
