package call

import (
	"time"

	"trunkbox/firmware/bridge"
	"trunkbox/firmware/q850"
)

// Number is a directory number with what the signalling says of it.
type Number struct {
	Digits     string `json:"digits"`               // 0-9 * # +, as dialled; empty when unknown
	Name       string `json:"name,omitempty"`       // display name, UTF-8
	Restricted bool   `json:"restricted,omitempty"` // CLIR: for the box's own use, not to be shown further
}

// Leg is one party joined to the box, whatever its signalling: an ISDN call (pri) or a SIP dialog
// (sipphone). The Switch drives it with the methods below; the leg tells what happens by Events.
// Every method is safe from any goroutine, never waits, and does nothing once the leg is cleared.
type Leg interface {
	// Name is the entity's name in traces and on pages: "span1/ts07", "phone 201".
	Name() string
	// Remote is the party at the other end: the caller on an incoming leg, the called on an outgoing one.
	Remote() Number
	// Sound is the leg's port, nil as long as there is no channel for it (see Sounding).
	Sound() bridge.Port

	// Alert tells an incoming caller that the called party is being rung.
	Alert()
	// Progress opens the sound towards an incoming caller before answer: in-band tones and announcements.
	Progress()
	// Answer answers an incoming leg.
	Answer()
	// Hangup clears the leg for cause. Cleared follows once the far side has let go.
	Hangup(cause q850.Cause)
}

// Handler takes the events of one leg, in order. A leg calls it from its own goroutine; it must not wait.
type Handler func(Event)

// Event is something a Leg tells.
type Event interface{ event() }

// The events of a leg. Cleared is always the last, and comes exactly once.
type (
	// Proceeding: the far side has all it needs and is routing.
	Proceeding struct{}
	// Alerting: the called party is being rung.
	Alerting struct{}
	// Sounding: the leg's Sound is there from now on. Inband says that tones or announcements of the
	// far side can be heard before answer.
	Sounding struct{ Inband bool }
	// Answered: the called party answered. Connected is who really did (COLP), if told.
	Answered struct{ Connected Number }
	// Digit: one key, 0-9 * # A-D, is pressed: from signalling or RFC 4733 (in-band digits come from the bridge).
	Digit struct {
		Key byte
		By  KeyWay
	}
	// KeyUp: the key that a Digit told of was let go, or was told of as a whole. It follows each Digit but those
	// ByLine.
	KeyUp struct {
		Key    byte
		By     KeyWay        // of its Digit
		Lasted time.Duration // 0: not told
		// Levels, dBm0, of the two tones of a key BySound, the low one first; of one ByEvent the one that the far
		// side tells; nil: not told.
		Levels []float64
	}
	// Clearing: the far side has refused the call for Cause, and says so in an announcement that can still
	// be heard. Cleared follows with the same cause, at the latest when our side hangs up.
	Clearing struct {
		Cause    q850.Cause
		Location q850.Location
	}
	// Held and Resumed: the party put us on hold, or took us back (re-INVITE).
	Held    struct{}
	Resumed struct{}
	// Transfer: the party asks to join the other party to Target and to leave (REFER, blind).
	Transfer struct{ Target string }
	// OneWay: one side of the leg does not hear the other; Why is the word of journal.OneWay… for the likely
	// reason. It comes once for each time.
	OneWay struct{ Why string }
	// Cleared: the leg is over. Cause and Location are the far side's when Remote is true, else ours.
	Cleared struct {
		Cause    q850.Cause
		Location q850.Location
		Remote   bool
		Detail   string // what happened in plain words for the log, where the cause does not say it
	}
)

func (Proceeding) event() {}
func (Alerting) event()   {}
func (Sounding) event()   {}
func (Answered) event()   {}
func (Digit) event()      {}
func (KeyUp) event()      {}
func (Clearing) event()   {}
func (Held) event()       {}
func (Resumed) event()    {}
func (Transfer) event()   {}
func (OneWay) event()     {}
func (Cleared) event()    {}

// KeyWay is how a key came.
type KeyWay string

// The ways of keys.
const (
	ByLine  KeyWay = ""      // in the signalling of a line, which tells no length
	BySound KeyWay = "sound" // in-band
	ByEvent KeyWay = "rtp"   // telephone-event, RFC 4733
	ByInfo  KeyWay = "info"  // SIP INFO
)

// Incoming is how a trunk or a phone offers a new call to the Switch: who calls, what was dialled.
// The function it is given to returns the handler for the leg's events.
type Incoming struct {
	Leg     Leg
	Called  string // the digits dialled: the DDI of a trunk call, what the agent keyed on a phone
	Trunk   string // the line's name for a trunk call; empty from a phone
	Phone   string // the extension for a call from a phone; empty from a trunk
	Calling Number // what the far side says of itself

	Diverted *Diversion // nil: it was sent here directly, as far as is told
	Text     string     // the caller's text (user-to-user information)
}

// Accept takes a new incoming call. It must not wait; nil refuses the call at once with cause 21.
type Accept func(Incoming) Handler

// Outgoing is a request to place a leg.
type Outgoing struct {
	Called  string
	Calling Number
	// Emergency: this call may take the last channel and may not be refused for any rule of ours.
	Emergency bool
	// Diverted is told to the called party: who sent this call on.
	Diverted *Diversion
	// Label is a short line for the phone's display or a distinctive header ("queue Sales").
	Label string
}
