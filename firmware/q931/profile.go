package q931

import (
	"time"

	"trunkbox/firmware/q850"
)

// Profile is what one side of one interface may choose: the machines, Profile.Decode and Profile.AppendTo look
// nothing up but its fields. It must not change while calls use it.
type Profile struct {
	// Variant is the name of the row of Profiles that the profile was made from, for people.
	Variant string
	// Timers holds the durations; a timer of 0 never runs.
	Timers [NumTimers]time.Duration
	// Location is the location of the causes that this side gives.
	Location q850.Location
	// ProgressLocation is the location of the progress indicators that this side gives.
	ProgressLocation q850.Location
	// ConnectAck: as calling user, answer CONNECT with CONNECT ACKNOWLEDGE (an option of clause 5.1.8/Q.931).
	ConnectAck bool
	// Enquire: the far side answers STATUS ENQUIRY. A call that it gives no answer for when the data link is back is cleared
	// (clause 5.8.9/Q.931); else the question is put as well, and no answer is no reason.
	Enquire bool
	// RefLength is the length of the call references of our own calls, 2 octets on a primary rate.
	RefLength uint8

	// Symmetric: both sides behave as users do, the caller as in U1 to U4 and the called as in U6 to U9 (Annex D/Q.931; the
	// rule between PBXs). A Call of either side is then one of the user's machines, and Call.Side says User.
	Symmetric bool

	// Bearer is the bearer capability of a telephone call.
	Bearer Bearer
	// SendingComplete: the element is known to the variant. False: it is never sent, each SETUP is complete.
	SendingComplete bool
	// Overlap: digits may follow a SETUP in INFORMATION messages (SETUP ACKNOWLEDGE is known).
	Overlap bool
	// ProceedingFirst: a SETUP is answered with CALL PROCEEDING even where ALERTING is asked for at once.
	ProceedingFirst bool
	// Hold: HOLD and RETRIEVE are known (Q.932).
	Hold bool
	// Called and Calling are the types and plans of numbers that were dialled without a prefix.
	Called, Calling NumberHabit
	// Display is how names and texts are shown.
	Display DisplayHabit
	// CallingName is how the name of the caller travels.
	CallingName NameMethod
	// NetworkFacilities goes out with each SETUP that has none of its own; not given: none does.
	NetworkFacilities NetworkFacilities

	// Numbering is how channel numbers and timeslots belong together.
	Numbering Numbering
	// ExplicitInterface: every channel identification names its interface; Interface is the one to name.
	ExplicitInterface bool
	Interface         uint8
	// RestartClass is the class of a RESTART of ours for all that we have; RestartSingle: one channel may be
	// restarted alone (class 0).
	RestartClass  RestartClass
	RestartSingle bool
	// Maintenance is how channels are taken out of service and back; Discriminator 0: not at all.
	Maintenance Maintenance

	// MaxMessage is the longest message in octets, which is N201 of the data link. Segmentation: a longer one is
	// sent in parts (Annex H/Q.931), else not at all.
	MaxMessage   int
	Segmentation bool
}

// NumberHabit is the type and plan of a number that says neither, and whose word for it is taken.
type NumberHabit struct {
	Type      NumberType
	Plan      uint8
	Screening uint8 // of a calling number that this side gives
}

// DisplayHabit is how a side writes the display element.
type DisplayHabit struct {
	Send    bool  // this side may send the element
	Codeset uint8 // codeset of what is sent; codeset 0 is always understood
	Octet3  uint8 // octet before the text that says what kind of text it is; 0: none
	Max     uint8 // characters
	Also    uint8 // bit n: in codeset n the identifier means a display too
}

// NameMethod is how the name of a caller travels.
type NameMethod uint8

// The methods.
const (
	NameInDisplay      NameMethod = iota // display element of the SETUP
	NameInFacilityNI                     // facility element with the calling name of NI-2, or "information following" and FACILITY later
	NameInFacilityQSIG                   // facility element with the calling name of ECMA-164
)

// Numbering is how the channel numbers of messages and the timeslots of the line belong together.
type Numbering uint8

// The numberings.
const (
	TimeslotNumbers Numbering = iota // the channel number is the timeslot: 1 to 31 without 16 (E1), 1 to 24 (T1)
	LogicalNumbers                   // the B channels of an E1 are counted from 1 to 30, number 16 is timeslot 17
)

// Number returns the channel number of a timeslot.
func (n Numbering) Number(timeslot uint8) uint8 {
	if n == LogicalNumbers && timeslot > 16 {
		return timeslot - 1
	}
	return timeslot
}

// Timeslot returns the timeslot of a channel number.
func (n Numbering) Timeslot(number uint8) uint8 {
	if n == LogicalNumbers && number > 15 {
		return number + 1
	}
	return number
}

// Maintenance is the coding of the SERVICE messages of North American variants.
type Maintenance struct {
	Discriminator uint8       // protocol discriminator: 0x03 or 0x43; 0: not known to the variant
	Service       MessageType // type octet of SERVICE
	Acknowledge   MessageType // type octet of SERVICE ACKNOWLEDGE
}

// EuroISDN returns the profile of a European (and Chinese) primary rate for a side.
func EuroISDN(side Side) *Profile {
	p, _ := ProfileOf("euroisdn-e1", side)
	return p
}
