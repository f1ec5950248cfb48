package span

import "time"

// CancelledBy is where a line's own echo canceller works. The zero value is: there is none.
type CancelledBy uint8

// The places of an echo canceller that is not the box's own.
const (
	ByNobody   CancelledBy = iota
	ByKernel               // in the driver, on the processor of the box
	ByHardware             // on the card
)

var cancelledNames = [...]string{"none", "kernel", "hardware"}

// String returns "none", "kernel" or "hardware".
func (b CancelledBy) String() string { return word(cancelledNames[:], int(b)) }

// Canceller is the echo canceller that a line has for its B timeslots.
type Canceller struct {
	By      CancelledBy
	Name    string        // as its driver calls it: "VPMOCT128", "MG2"; empty where there is none
	Longest time.Duration // the longest echo that can be asked for; 0 where there is none
}

// EchoCanceller is a Line that can take the echo of what it sends out of what it receives, before Tick brings it (G.168:
// the receive-in port is tx, the send-in port the line, the send-out port rx). Not every driver is one: ask by type
// assertion. All methods are safe from anywhere and none waits for the line.
type EchoCanceller interface {
	// Canceller says what there is. It does not change while the line is open.
	Canceller() Canceller
	// CancelEcho has the echo of a B timeslot cancelled that comes back within tail, beginning with a canceller that has
	// learned nothing; a driver that has steps takes the next longer one. Zero ends it. The error wraps ErrNotSupported
	// where there is no canceller or the tail is longer than Longest; any error leaves the timeslot without one.
	CancelEcho(ts Timeslot, tail time.Duration) error
	// EchoChanges delivers what cancellers do by themselves. It is closed by Close. A reader that falls behind loses the
	// older changes, never the newest.
	EchoChanges() <-chan EchoChange
}

// EchoChange is a canceller that was turned off, or back on, by a tone on the line: the 2,100 Hz with phase reversals of a
// modem or a fax machine (clause 7/G.168). Some keep cancelling and leave off their suppressor only.
type EchoChange struct {
	At       time.Time
	Timeslot Timeslot
	Off      bool
}
