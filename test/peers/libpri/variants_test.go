package libpri

import "trunkbox/drivers/span"

// variant is what a cell of the matrix expects of a variant, beside what all of them have.
type variant struct {
	name      string
	kind      span.Kind
	complete  bool // a SETUP with the whole number says so
	overlap   bool // digits may come one by one
	hold      bool
	connected bool // the number that answered has an element
	service   bool // channels are taken out of service by message
	// By our side: the peer is shown the name of our SETUP, and we that of the peer's.
	oursShown, theirsShown [2]bool
}

// The sides, as indexes of variant.
const (
	asUser = iota
	asNetwork
)

var (
	always     = [2]bool{true, true}
	byNetwork  = [2]bool{asNetwork: true}
	byTheirNet = [2]bool{asUser: true}
)

// variants are the rows of the matrix. A user has no element for his name in EuroISDN (EN 300 403-1: display is the
// network's).
var variants = []variant{
	{"euroisdn-e1", span.E1, true, true, true, true, false, byNetwork, byTheirNet},
	{"euroisdn-t1", span.T1, true, true, true, true, false, byNetwork, byTheirNet},
	{"ni2", span.T1, false, false, false, false, true, always, always},
	{"ni1", span.T1, false, false, false, false, true, always, always},
	{"dms100", span.T1, false, false, false, false, true, always, always},
	{"5ess", span.T1, false, false, false, false, true, always, always},
	{"4ess", span.T1, false, false, false, false, true, always, always},
	{"qsig", span.E1, false, true, false, true, false, always, always},
}

func variantNamed(name string) (variant, bool) {
	for _, v := range variants {
		if v.name == name {
			return v, true
		}
	}
	return variant{}, false
}

// leftOut is what libpri 1.6 is no judge of, with the reason. A test that would need it asks judged.
type leftOut struct {
	variant string // empty: all
	what    string
	why     string
}

const (
	changeStatus      = "the status in a SERVICE of ours"
	interfaceRestart  = "RESTART of a whole interface by the peer"
	timersOfLayer3    = "expiry of T301, T302, T304, T310, T314 and T322 at the peer"
	statusEnquiry     = "STATUS ENQUIRY by the peer"
	segments          = "messages in parts"
	holdByUs          = "HOLD and RETRIEVE by us"
	sendingComplete   = "the end of a number that the peer dials digit by digit"
	refusalBeforeCall = "a first answer of the peer that clears for causes other than 1, 6, 7, 26, 34, 44, 81, 82, 88"
)

var leftOuts = []leftOut{
	{"ni1", changeStatus, "libpri takes the element for missing on this variant and tells status 15, whatever was sent"},
	{"", interfaceRestart, "pri_reset restarts one channel; there is no call for the classes 6 and 7. Scripts: test/conformance"},
	{"", timersOfLayer3, "libpri does not run them. Scripts: test/conformance"},
	{"", statusEnquiry, "libpri never sends it. Scripts: test/conformance"},
	{"", segments, "libpri has no segmentation and answers SEGMENT with STATUS 97. Scripts: firmware/pri, test/conformance"},
	{"", holdByUs, "a leg has no request for it: an agent's hold is music from the box. Both halves of the procedure: firmware/q931"},
	{"", sendingComplete, "pri_information sends a digit and never sending complete; our side counts digits or waits for T302"},
	{"", refusalBeforeCall, "pri_hangup sends nothing for them on a fresh SETUP: the peer says CALL PROCEEDING first"},
}

// judged says whether libpri is a judge of what for a variant.
func judged(variant, what string) bool {
	for _, l := range leftOuts {
		if l.what == what && (l.variant == "" || l.variant == variant) {
			return false
		}
	}
	return true
}
