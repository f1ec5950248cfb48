package lapd

// Letter is the code of an MDL-ERROR indication (Table II.1/Q.921).
type Letter uint8

// The letters. The figures treat L to O alike.
const (
	ErrorA  Letter = iota // unsolicited supervisory response F=1
	ErrorB                // unsolicited DM F=1
	ErrorC                // unsolicited UA F=1
	ErrorD                // unsolicited UA F=0
	ErrorE                // unsolicited DM F=0
	ErrorF                // the far end established anew
	ErrorG                // SABME sent N200 times more, no answer
	ErrorH                // DISC sent N200 times more, no answer
	ErrorI                // polled N200 times, no answer
	ErrorJ                // N(R) error
	ErrorK                // FRMR received
	ErrorL                // control field undefined
	ErrorM                // information field not permitted
	ErrorN                // frame of wrong size
	ErrorO                // information field longer than N201
	letters               // how many there are
)

// String returns the letter.
func (e Letter) String() string { return string(rune('A' + e)) }

var letterMeaning = [letters]string{
	"unsolicited supervisory response with F=1",
	"unsolicited DM with F=1",
	"unsolicited UA with F=1",
	"unsolicited UA with F=0",
	"unsolicited DM with F=0",
	"the far end set the link up anew",
	"no answer to SABME",
	"no answer to DISC",
	"no answer to a poll",
	"an acknowledgement for a frame never sent",
	"the far end rejected a frame (FRMR)",
	"a frame with an undefined control field",
	"a frame with an information field that may have none",
	"a frame of wrong size",
	"an information field that is too long",
}

// Meaning says in plain words what happened.
func (e Letter) Meaning() string { return letterMeaning[e] }

func (l *Link) mdlError(letter Letter) {
	l.counters.Errors[letter]++
	l.actions = append(l.actions, Action{Verb: ErrorInd, Letter: letter})
}
