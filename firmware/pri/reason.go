package pri

import (
	"strings"

	"trunkbox/firmware/lapd"
)

// Reason is why a link or a channel is in its state, as a word that whoever shows it puts into the
// reader's language.
type Reason string

// The reasons of links, told to the Observer.
const (
	LinkSetUpHere     Reason = "link_set_up_here"
	LinkSetUpThere    Reason = "link_set_up_there"
	LinkReleasedThere Reason = "link_released_there"
	LinkReleasedHere  Reason = "link_released_here"
	LineDown          Reason = "line_down"
	linkError         Reason = "link_error_" // with the letter of Table II.1/Q.921, small: errorReason
)

// The reasons of channels, told to the Observer and in Channel.
const (
	RestartUnanswered Reason = "restart_unanswered"
	ReleaseUnanswered Reason = "release_unanswered"
	TakenOutHere      Reason = "taken_out_here"
	TakenOutThere     Reason = "taken_out_there"
)

// What an access finds wrong by itself, told to a Finder.
const (
	ChannelBack       Reason = "channel_back"        // a trial brought a blocked channel back
	TrialFailed       Reason = "trial_failed"        // a trial did not; about: the minutes until the next
	BlockedSilently   Reason = "blocked_silently"    // a channel has been blocked without a reason: a defect of ours
	ChannelStuck      Reason = "channel_stuck"       // a channel was held by no call and was freed: a defect of ours
	ReferenceStuck    Reason = "reference_stuck"     // a call that had ended kept its reference and gave it up: a defect of ours
	SwitchedOver      Reason = "switched_over"       // a D channel gave the calls over to another; about: that one
	ServiceUnanswered Reason = "service_unanswered"  // the far end did not acknowledge that a channel is out of service, or in again
	CallRefused       Reason = "call_refused"        // a call of the far end got no channel or cannot be carried; about: the cause
	StatusNotAnswered Reason = "status_not_answered" // the far end does not answer STATUS ENQUIRY; the calls go on
)

// errorReason is the reason of a link that an error took down: "link_error_g".
func errorReason(letter lapd.Letter) Reason {
	return linkError + Reason(strings.ToLower(letter.String()))
}

// Reasons are all that an access can tell.
func Reasons() []Reason {
	all := []Reason{
		LinkSetUpHere, LinkSetUpThere, LinkReleasedThere, LinkReleasedHere, LineDown, RestartUnanswered, ReleaseUnanswered,
		TakenOutHere, TakenOutThere, ChannelBack, TrialFailed, BlockedSilently, ChannelStuck, ReferenceStuck, SwitchedOver, ServiceUnanswered, StatusNotAnswered, CallRefused,
	}
	for letter := lapd.ErrorA; letter <= lapd.ErrorO; letter++ {
		all = append(all, errorReason(letter))
	}
	return all
}
