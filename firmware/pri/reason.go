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
	LineDown          Reason = "line_down"
	linkError         Reason = "link_error_" // with the letter of Table II.1/Q.921, small: errorReason
)

// The reasons of channels, told to the Observer and in Channel.
const (
	RestartUnanswered Reason = "restart_unanswered"
	ReleaseUnanswered Reason = "release_unanswered"
)

// errorReason is the reason of a link that an error took down: "link_error_g".
func errorReason(letter lapd.Letter) Reason {
	return linkError + Reason(strings.ToLower(letter.String()))
}

// Reasons are all that an access can tell.
func Reasons() []Reason {
	all := []Reason{LinkSetUpHere, LinkSetUpThere, LinkReleasedThere, LineDown, RestartUnanswered, ReleaseUnanswered}
	for letter := lapd.ErrorA; letter <= lapd.ErrorO; letter++ {
		all = append(all, errorReason(letter))
	}
	return all
}
