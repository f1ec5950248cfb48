// Package q850 holds the cause values and locations with which the telephone network says why a call
// ended and who ended it, their words for people, and their equivalents in SIP.
//
// In: the cause information elements that firmware/q931 decodes, and the status codes and Reason
// headers of firmware/sipphone. Out: firmware/call, firmware/seat and webadmin, which show them or
// carry them to the other signalling. Only the signal path; no sound.
//
// ITU-T Q.850 (values, locations), ANSI T1.607 (52 and 54), RFC 3398 (SIP equivalents), RFC 3326 and
// RFC 6432 (Reason header). Left out: diagnostics, which stay raw octets in firmware/q931, and the
// coding standards other than ITU-T.
//
// A cause nobody listed is a cause all the same: every method answers for all 128 values, an unlisted
// one as the "unspecified" of its class (Q.850 clause 2.2.5). All functions are safe from anywhere.
package q850

import "fmt"

// Cause is a cause value, 1 to 127. The zero Cause means that none was given.
type Cause uint8

// The cause values of Table 1/Q.850; 52 and 54 are those of ANSI T1.607.
const (
	UnallocatedNumber               Cause = 1
	NoRouteToTransitNetwork         Cause = 2
	NoRouteToDestination            Cause = 3
	SendSpecialInformationTone      Cause = 4
	MisdialledTrunkPrefix           Cause = 5
	ChannelUnacceptable             Cause = 6
	CallAwarded                     Cause = 7
	Preemption                      Cause = 8
	PreemptionCircuitReserved       Cause = 9
	QueryOnRelease                  Cause = 14
	NormalClearing                  Cause = 16
	UserBusy                        Cause = 17
	NoUserResponding                Cause = 18
	NoAnswer                        Cause = 19
	SubscriberAbsent                Cause = 20
	CallRejected                    Cause = 21
	NumberChanged                   Cause = 22
	Redirection                     Cause = 23
	RejectedByFeature               Cause = 24
	ExchangeRoutingError            Cause = 25
	NonSelectedUserClearing         Cause = 26
	DestinationOutOfOrder           Cause = 27
	InvalidNumberFormat             Cause = 28
	FacilityRejected                Cause = 29
	ResponseToStatusEnquiry         Cause = 30
	NormalUnspecified               Cause = 31
	NoCircuit                       Cause = 34
	NetworkOutOfOrder               Cause = 38
	FrameModeOutOfService           Cause = 39
	FrameModeOperational            Cause = 40
	TemporaryFailure                Cause = 41
	SwitchCongestion                Cause = 42
	AccessInformationDiscarded      Cause = 43
	RequestedChannelUnavailable     Cause = 44
	PrecedenceBlocked               Cause = 46
	ResourceUnavailable             Cause = 47
	QualityUnavailable              Cause = 49
	FacilityNotSubscribed           Cause = 50
	OutgoingCallsBarred             Cause = 52
	OutgoingCallsBarredInGroup      Cause = 53
	IncomingCallsBarred             Cause = 54
	IncomingCallsBarredInGroup      Cause = 55
	BearerNotAuthorized             Cause = 57
	BearerNotAvailable              Cause = 58
	InconsistentAccessInformation   Cause = 62
	ServiceNotAvailable             Cause = 63
	BearerNotImplemented            Cause = 65
	ChannelTypeNotImplemented       Cause = 66
	FacilityNotImplemented          Cause = 69
	OnlyRestrictedDigital           Cause = 70
	ServiceNotImplemented           Cause = 79
	InvalidCallReference            Cause = 81
	ChannelDoesNotExist             Cause = 82
	SuspendedCallNotThisIdentity    Cause = 83
	CallIdentityInUse               Cause = 84
	NoCallSuspended                 Cause = 85
	SuspendedCallCleared            Cause = 86
	NotMemberOfGroup                Cause = 87
	IncompatibleDestination         Cause = 88
	GroupDoesNotExist               Cause = 90
	InvalidTransitNetwork           Cause = 91
	InvalidMessage                  Cause = 95
	MandatoryElementMissing         Cause = 96
	MessageTypeNotImplemented       Cause = 97
	MessageNotCompatibleWithState   Cause = 98
	ElementNotImplemented           Cause = 99
	InvalidElementContents          Cause = 100
	MessageNotCompatibleUnspecified Cause = 101
	RecoveryOnTimerExpiry           Cause = 102
	ParameterPassedOn               Cause = 103
	MessageDiscardedUnrecognized    Cause = 110
	ProtocolError                   Cause = 111
	Interworking                    Cause = 127
)

// String returns the English term of the cause with its number: "User busy (17)".
func (c Cause) String() string {
	if c == 0 {
		return "no cause"
	}
	if e := entries[c&0x7f]; e.term != "" {
		return fmt.Sprintf("%s (%d)", e.term, uint8(c))
	}
	return fmt.Sprintf("Unlisted cause, class of %q (%d)", entries[c.unspecified()].term, uint8(c))
}

// Listed says whether the table has the cause as such, not only its class.
func (c Cause) Listed() bool { return c < 128 && entries[c].term != "" }

// Plain returns one sentence for an agent or owner: "zh" for Chinese, anything else for English.
func (c Cause) Plain(lang string) string {
	if c == 0 {
		return pick(lang, "对方没有说明原因", "No reason was given.")
	}
	e := c.entry()
	return pick(lang, e.zh, e.en)
}

// SIP returns the status code that refuses a SIP call for the cause (RFC 3398 clause 7.2.4.1). Normal
// clearing has none there; before answer 480 stands for it. A cause that RFC 3398 does not name gets 500,
// those of its family that have an evident neighbour get the neighbour's.
func (c Cause) SIP() int { return c.entry().sip }

// Retry says whether and how the same call is worth another attempt.
func (c Cause) Retry() Retry { return c.entry().retry }

// Alarming says that the cause points at a fault of configuration or protocol somebody should look into.
func (c Cause) Alarming() bool { return c.entry().look }

// entry returns the row of the cause, or that of its class.
func (c Cause) entry() *entry {
	if e := &entries[c&0x7f]; e.term != "" {
		return e
	}
	return &entries[c.unspecified()]
}

// unspecified returns the last value of the cause's class; classes 0 and 1 share one.
func (c Cause) unspecified() Cause {
	if c&0x7f < 32 {
		return NormalUnspecified
	}
	return c&0x70 | 15
}

func pick(lang, zh, en string) string {
	if lang == "zh" {
		return zh
	}
	return en
}

// Retry is a class of another attempt.
type Retry uint8

// The classes of another attempt.
const (
	Never        Retry = iota // the same call will end the same way
	Later                     // after a while, for instance from a campaign list
	OtherChannel              // at once and once, on another channel of this trunk or the next one
	OtherTrunk                // at once, on another trunk
)

var retryNames = [...]string{"never", "later", "other channel", "other trunk"}

// String returns the class in words.
func (r Retry) String() string {
	if int(r) < len(retryNames) {
		return retryNames[r]
	}
	return fmt.Sprintf("retry class %d", uint8(r))
}
