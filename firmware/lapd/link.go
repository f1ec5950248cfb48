package lapd

import "fmt"

// State is a state of Annex B/Q.921, with its number.
type State uint8

// The states of a link whose TEI is fixed.
const (
	TEIAssigned           State = 4
	AwaitingEstablishment State = 5
	AwaitingRelease       State = 6
	Established           State = 7 // multiple frame established
	TimerRecovery         State = 8
)

var stateNames = map[State]string{
	TEIAssigned:           "TEI assigned",
	AwaitingEstablishment: "awaiting establishment",
	AwaitingRelease:       "awaiting release",
	Established:           "multiple frame established",
	TimerRecovery:         "timer recovery",
}

// String returns number and name: "7 multiple frame established".
func (s State) String() string { return fmt.Sprintf("%d %s", uint8(s), stateNames[s]) }

// Input is what can happen to a link.
type Input uint8

// The inputs an owner gives to Handle.
const (
	EstablishRequest Input = iota // DL-ESTABLISH request
	ReleaseRequest                // DL-RELEASE request
	DataRequest                   // DL-DATA request; Octets is the message
	FrameReceived                 // PH-DATA indication; Octets is the frame without FCS
	T200Expiry
	T203Expiry
	PersistentDeactivation // layer 1 is gone for good (an alarm that lasts)
	SetOwnBusy             // layer 3 can take no more for the moment
	ClearOwnBusy
)

// The inputs a link makes for itself: frames by their kind, frame errors, and what waits inside.
const (
	receivedSABME Input = iota + 16
	receivedDISC
	receivedUA
	receivedDM
	receivedFRMR
	receivedI
	receivedRR
	receivedREJ
	receivedRNR
	receivedUI
	receivedXID
	frameError
	notForUs // invalid, or another SAPI or TEI
	iQueueUp
	acknowledgePending
)

var inputOf = [...]Input{
	I: receivedI, RR: receivedRR, RNR: receivedRNR, REJ: receivedREJ, SABME: receivedSABME,
	DM: receivedDM, UI: receivedUI, DISC: receivedDISC, UA: receivedUA, FRMR: receivedFRMR,
	XID: receivedXID,
}

// Event is one input with its octets, which Handle copies where it keeps them.
type Event struct {
	Input  Input
	Octets []byte
}

// Verb says what the owner of a link has to do.
type Verb uint8

// The actions. Start of a timer that runs starts it anew.
const (
	Send           Verb = iota // Octets is a frame without FCS
	StartT200                  // for Profile.T200
	StopT200                   //
	StartT203                  // for Profile.T203
	StopT203                   //
	EstablishInd               // DL-ESTABLISH indication: the far end established, or what was unacknowledged is lost
	EstablishConf              // DL-ESTABLISH confirm
	ReleaseInd                 // DL-RELEASE indication
	ReleaseConf                // DL-RELEASE confirm
	DataInd                    // DL-DATA indication; Octets is the message
	ErrorInd                   // MDL-ERROR indication; Letter says which
	MessageRefused             // the DL-DATA request found the queue full, or no link to carry it
)

var verbNames = [...]string{
	"send", "start T200", "stop T200", "start T203", "stop T203",
	"DL-ESTABLISH indication", "DL-ESTABLISH confirm", "DL-RELEASE indication", "DL-RELEASE confirm",
	"DL-DATA indication", "MDL-ERROR indication", "message refused",
}

func (v Verb) String() string { return verbNames[v] }

// Action is one thing to do, in the order of the slice.
type Action struct {
	Verb   Verb
	Octets []byte // of Send and DataInd; valid until the next Handle
	Letter Letter // of ErrorInd
}

// Link is one data link connection. Its variables have the names of Q.921 3.5.2 and Annex B.
type Link struct {
	side    Side
	profile Profile
	state   State

	vs, va, vr Sequence // V(S), V(A), V(R)
	rc         int      // RC, the retransmission counter
	iQueue     queue    // messages from V(A) on: first those sent, then those that wait

	layer3Initiated   bool
	peerBusy, ownBusy bool
	rejectException   bool
	ackPending        bool
	t200              bool // T200 runs
	saved             bool // a request that states 5 and 6 keep for the state that follows (the save symbol)

	frame   Frame  // the frame received
	letter  Letter // of the frame error
	message []byte // of the DL-DATA request

	actions  []Action
	octets   []byte // of the frames in actions
	counters Counters
}

// Counters counts since the link was made.
type Counters struct {
	Sent, Received uint64 // frames
	Resent         uint64 // I frames sent more than once
	Ignored        uint64 // frames not for this link, or not of a kind the state knows
	Errors         [letters]uint64
}

// NewLink returns a link of the side in state 4.
func NewLink(side Side, profile Profile) *Link {
	return &Link{
		side:    side,
		profile: profile,
		state:   TEIAssigned,
		iQueue:  newQueue(profile.Queue),
		actions: make([]Action, 0, 32),
		octets:  make([]byte, 0, (int(profile.K)+1)*(profile.N201+addressOctets+2)),
	}
}

// State is the state of the link.
func (l *Link) State() State { return l.state }

// Counters reads the counters.
func (l *Link) Counters() Counters { return l.counters }

// Handle takes one event and returns what is to be done. A timer expiry is given only for a timer that was
// started, not stopped since, and not expired since.
func (l *Link) Handle(e Event) []Action {
	l.actions, l.octets = l.actions[:0], l.octets[:0]
	l.enter(l.input(e))
	l.enter(iQueueUp)
	l.enter(acknowledgePending)
	return l.actions
}

// input reads the frame, if there is one, and says which input it is.
func (l *Link) input(e Event) Input {
	switch e.Input {
	case DataRequest:
		l.message = e.Octets
	case FrameReceived:
		l.counters.Received++
		return l.read(e.Octets)
	}
	return e.Input
}

func (l *Link) read(octets []byte) Input {
	var err error
	l.frame, err = Parse(octets, l.side.Other())
	switch {
	case err == ErrInvalid, l.frame.SAPI != 0, l.frame.TEI != 0:
		return notForUs
	case err == ErrUndefined:
		l.letter = ErrorL
	case err == ErrInformed:
		l.letter = ErrorM
	case err == ErrWrongSize:
		l.letter = ErrorN
	case len(l.frame.Info) > l.profile.N201:
		l.letter = ErrorO
	default:
		return inputOf[l.frame.Kind]
	}
	return frameError
}

// enter gives one input to the state.
func (l *Link) enter(in Input) {
	switch l.state {
	case TEIAssigned:
		l.teiAssigned(in)
	case AwaitingEstablishment:
		l.awaitingEstablishment(in)
	case AwaitingRelease:
		l.awaitingRelease(in)
	case Established:
		l.established(in)
	case TimerRecovery:
		l.timerRecovery(in)
	}
}

func (l *Link) do(verb Verb) { l.actions = append(l.actions, Action{Verb: verb}) }

func (l *Link) startT200() { l.t200 = true; l.do(StartT200) }
func (l *Link) stopT200()  { l.t200 = false; l.do(StopT200) }
func (l *Link) startT203() { l.do(StartT203) }
func (l *Link) stopT203()  { l.do(StopT203) }

// send sends a frame of this link.
func (l *Link) send(f Frame) {
	first := len(l.octets)
	l.octets = f.AppendTo(l.octets, l.side)
	l.actions = append(l.actions, Action{Verb: Send, Octets: l.octets[first:]})
	l.counters.Sent++
}

func (l *Link) command(kind Kind, p bool) {
	l.send(Frame{Kind: kind, Command: true, PF: p, NR: l.vr})
}

func (l *Link) response(kind Kind, f bool) {
	l.send(Frame{Kind: kind, PF: f, NR: l.vr})
}
