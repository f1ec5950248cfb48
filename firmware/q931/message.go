package q931

import (
	"fmt"

	"trunkbox/firmware/q850"
)

// Message is one message of Q.931 with its information elements. An element whose field is the zero
// value is not there. Byte slices refer to the octets the message was decoded from and are valid as
// long as those are left alone; who keeps a message longer copies them.
type Message struct {
	// Protocol is the protocol discriminator of a message that is not of call control: 0x03 or 0x43, maintenance
	// (Profile.Maintenance tells the types). 0 stands for Discriminator.
	Protocol uint8
	Ref      Ref
	Type     MessageType

	SendingComplete bool
	Bearer          Bearer
	Cause           [2]Cause // a RELEASE after T305 has two (clause 5.3.3)
	CallState       Optional[State]
	Channel         Channel
	Progress        [2]Progress
	Notification    Optional[uint8] // notification description: 0 user suspended, 1 user resumed
	Display         []byte          // IA5 or what the network sends
	DateTime        DateTime
	Keypad          []byte // IA5
	Signal          Optional[uint8]
	Connected       Number
	Calling         Number
	Called          Number
	Redirecting     Number
	Restart         Optional[RestartClass]
	UserUser        []byte // protocol discriminator, then the user's octets

	SecondCalling     Number // a network may give two: its own and the user's (clause 4.5.10/Q.931, Q.951.3)
	CallingSub        Subaddress
	CalledSub         Subaddress
	ConnectedSub      Subaddress
	OriginalCalled    Number // North American variants
	Redirection       Number // where a call was sent to
	NetworkFacilities NetworkFacilities
	TransitNetwork    TransitNetwork
	HLC               HighLayer
	LLC               []byte // contents of low layer compatibility, raw
	Congestion        Optional[uint8]
	ChangeStatus      Optional[ServiceStatus] // maintenance messages only

	// Other holds every element without a field above, whatever its codeset, and every faulty one, as
	// raw contents in the order of arrival. Facility is here.
	Other []Element
	// Faults says what was wrong with the elements as received.
	Faults []Fault
}

// Optional is a value for which zero is not the same as absent.
type Optional[T any] struct {
	Given bool
	Value T
}

// Some returns a given value.
func Some[T any](v T) Optional[T] { return Optional[T]{Given: true, Value: v} }

// Ref is a call reference as one message carries it (clause 4.3/Q.931). Flag false: the sender of the
// message assigned the value; true: the receiver did. On a primary rate it has two octets.
type Ref struct {
	Flag   bool
	Value  uint16 // 15 bits, or 7 with one octet
	Length uint8  // octets: 0 dummy, 1 or 2
}

// Dummy says that the reference is the dummy call reference, of no octets.
func (r Ref) Dummy() bool { return r.Length == 0 }

// Global says that the reference is the global one: the message is for a Restart, not for a Call.
func (r Ref) Global() bool { return r.Length > 0 && r.Value == 0 }

// Answer returns the reference of a message the other way.
func (r Ref) Answer() Ref {
	r.Flag = !r.Flag
	return r
}

// Key returns the reference for use as a map key: one octet and two octets of the same value are the
// same reference (clause 4.3/Q.931).
func (r Ref) Key() Ref {
	r.Length = 0
	return r
}

// String returns the reference with its flag: "ref 17/0".
func (r Ref) String() string {
	flag := 0
	if r.Flag {
		flag = 1
	}
	switch {
	case r.Dummy():
		return "ref dummy"
	case r.Global():
		return fmt.Sprintf("ref global/%d", flag)
	}
	return fmt.Sprintf("ref %d/%d", r.Value, flag)
}

// Cause is a cause element (clause 4.5.12/Q.931, coded after Q.850). Value 0: not there.
type Cause struct {
	Value          q850.Cause
	Location       q850.Location
	Coding         uint8 // 0 ITU-T, 2 national
	Recommendation uint8 // octet 3a, 0 when absent (which means Q.931)
	Diagnostic     []byte
}

// Capability is the information transfer capability of a bearer.
type Capability uint8

// Information transfer capabilities (Table 4-6/Q.931).
const (
	Speech            Capability = 0x00
	UnrestrictedData  Capability = 0x08
	RestrictedData    Capability = 0x09
	Audio3k1          Capability = 0x10
	UnrestrictedTones Capability = 0x11
	Video             Capability = 0x18
)

// Values of the bearer's further fields (Table 4-6/Q.931).
const (
	CircuitMode uint8 = 0    // transfer mode
	Rate64k     uint8 = 0x10 // transfer rate, 64 kbit/s
	RateMulti   uint8 = 0x18 // multirate, Multiplier says how many times 64 kbit/s
	Layer1MuLaw uint8 = 2    // user information layer 1 protocol G.711 µ-law
	Layer1ALaw  uint8 = 3    // G.711 A-law
)

// Bearer is a bearer capability element (clause 4.5.5/Q.931).
type Bearer struct {
	Given      bool
	Coding     uint8
	Capability Capability
	Mode       uint8
	Rate       uint8
	Multiplier uint8  // only with RateMulti
	Layer1     uint8  // octet 5, 0 when absent
	Extended   bool   // Rest begins with octet 5a
	Rest       []byte // octets 5a to 7, raw
}

// SpeechALaw and SpeechMuLaw are the bearers of telephony on an E1 and a T1.
var (
	SpeechALaw  = Bearer{Given: true, Rate: Rate64k, Layer1: Layer1ALaw}
	SpeechMuLaw = Bearer{Given: true, Rate: Rate64k, Layer1: Layer1MuLaw}
)

// Selection is the information channel selection of a channel identification.
type Selection uint8

// Channel selections of a primary rate (clause 4.5.13/Q.931). On a basic access 1 and 2 are B1 and B2.
const (
	NoChannel  Selection = 0
	Indicated  Selection = 1
	AnyChannel Selection = 3
)

// UnitsB is the channel type of a B channel in octet 3.2.
const UnitsB uint8 = 3

// Channel is a channel identification element (clause 4.5.13/Q.931).
type Channel struct {
	Given     bool
	Exclusive bool // only this channel is acceptable; false: preferred
	DChannel  bool // the D channel is meant
	Basic     bool // basic rate interface
	Selection Selection
	Interface []byte // explicit interface identifier; the last octet has bit 8 set; nil: implicit

	Coding  uint8
	Type    uint8  // UnitsB for B channels; 0: octets 3.2 and 3.3 are not there
	Number  uint8  // channel number, on an E1 the timeslot; 0 with a map
	Further []byte // more channel numbers, raw
	Map     Slots  // slot map instead of numbers
}

// Slots is a slot map of 24 (T1) or 32 (E1) places: bit n of Bits is timeslot n.
type Slots struct {
	Octets uint8 // 3 or 4; 0: no map
	Bits   uint32
}

// B returns the channel identification of one B channel of a primary rate, implicit interface.
func B(timeslot uint8, exclusive bool) Channel {
	return Channel{Given: true, Exclusive: exclusive, Selection: Indicated, Type: UnitsB, Number: timeslot}
}

// Slot returns the one timeslot that the element names, by number or map, and whether it names just one.
func (ch Channel) Slot() (uint8, bool) {
	if !ch.Given || ch.Basic || ch.DChannel || ch.Selection != Indicated || ch.Type != UnitsB || len(ch.Further) > 0 {
		return 0, false
	}
	if ch.Map.Octets == 0 {
		return ch.Number, true
	}
	for n := range uint8(32) {
		if ch.Map.Bits == 1<<n {
			return n, true
		}
	}
	return 0, false
}

// Progress is a progress indicator element (clause 4.5.23/Q.931). Description 0: not there.
type Progress struct {
	Description uint8
	Location    q850.Location
	Coding      uint8
}

// Progress descriptions (Table 4-20/Q.931).
const (
	NotEndToEnd      uint8 = 1 // the call is not end-to-end ISDN; further progress may come in band
	DestinationPlain uint8 = 2 // the destination is not ISDN
	OriginPlain      uint8 = 3 // the origination is not ISDN
	BackInISDN       uint8 = 4
	Interworked      uint8 = 5
	InBand           uint8 = 8 // in-band information or an appropriate pattern is now available
)

// InBand says whether the far side may be heard before the answer: description 1 or 8.
func (m *Message) InBand() bool {
	for _, p := range m.Progress {
		if p.Description == InBand || p.Description == NotEndToEnd {
			return true
		}
	}
	return false
}

// Number is a calling, called, connected or redirecting number element (clauses 4.5.8 and 4.5.10/Q.931,
// Q.951 for the connected and Q.952 for the redirecting number).
type Number struct {
	Given  bool
	Type   NumberType
	Plan   uint8 // 1 E.164, 0 unknown, 9 private
	Digits []byte

	HasOctet3a   bool // presentation and screening are there (never in a called number)
	Presentation Presentation
	Screening    uint8 // 0 user provided, 1 verified and passed, 2 verified and failed, 3 network provided
	HasReason    bool  // octet 3b, redirecting number only
	Reason       uint8 // 1 busy, 2 no reply, 4 deflection, 15 unconditional
}

// NumberType is the type of number (TON).
type NumberType uint8

// Types of number (Table 4-9/Q.931).
const (
	UnknownNumber       NumberType = 0
	InternationalNumber NumberType = 1
	NationalNumber      NumberType = 2
	NetworkNumber       NumberType = 3
	SubscriberNumber    NumberType = 4
	AbbreviatedNumber   NumberType = 6
)

// PlanE164 is the numbering plan of public numbers.
const PlanE164 uint8 = 1

// Presentation says whether a number may be shown.
type Presentation uint8

// Presentations (Table 4-11/Q.931).
const (
	Allowed     Presentation = 0
	Restricted  Presentation = 1
	Unavailable Presentation = 2
)

// RestartClass is the class of a restart indicator (clause 4.5.25/Q.931).
type RestartClass uint8

// Restart classes.
const (
	RestartChannels   RestartClass = 0 // the channels of the channel identification
	RestartInterface  RestartClass = 6 // the interface of the D channel or the one identified
	RestartInterfaces RestartClass = 7 // all interfaces
)

// DateTime is a date/time element (clause 4.5.15/Q.931). Year counts from 2000.
type DateTime struct {
	Given            bool
	Year, Month, Day uint8
	HasTime          bool
	Hour, Minute     uint8
	HasSecond        bool
	Second           uint8
}

// Element is an information element as raw contents.
type Element struct {
	Codeset uint8
	ID      ElementID
	Data    []byte // contents without identifier and length; nil for an element of one octet
	Locked  bool   // the codeset was chosen by a locking shift, not for this element alone
}

// Fault is something wrong with one received information element.
type Fault struct {
	Kind    FaultKind
	Codeset uint8
	ID      ElementID
}

// FaultKind is what is wrong with an information element.
type FaultKind uint8

// The faults of clauses 5.8.5 to 5.8.7/Q.931.
const (
	Unknown    FaultKind = iota + 1 // not known here, comprehension not required: cause 99
	UnknownKey                      // not known, comprehension required (identifier 0000 xxxx): cause 96
	Content                         // contents not understood: cause 100
	TooLong                         // longer than its maximum: taken as Content
	BeyondEnd                       // its length points beyond the message: taken as Content
	Repeated                        // more often than allowed: the first is used, no answer
	OutOfOrder                      // lower identifier than the one before: used all the same, no answer
)
