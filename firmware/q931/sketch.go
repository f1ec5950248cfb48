package q931

import "errors"

// errSketch marks what the next commits fill in; the signatures are settled.
var errSketch = errors.New("q931: not written yet")

// Decode reads one message into m, whose slices it reuses. An error means: ignore the octets (5.8.1, 5.8.2, 5.8.3.1).
func (m *Message) Decode(b []byte) error { return errSketch }

// Parse is Decode into a new Message.
func Parse(b []byte) (Message, error) { return Message{}, errSketch }

// AppendTo appends the octets of the message to dst.
func (m *Message) AppendTo(dst []byte) []byte { return dst }

// Handle takes one event and appends the actions it asks for.
func (c *Call) Handle(e Event, actions []Action) []Action { return actions }

// AnswerUnknown fills answer with the reply to a message whose call reference is not in use (and which
// does not start a call), and says whether there is one.
func AnswerUnknown(m *Message, profile *Profile, answer *Message) bool { return false }

// Restart is the restart procedure of the global call reference.
type Restart struct{}

// NewRestart returns the procedure at rest.
func NewRestart(profile *Profile) *Restart { return &Restart{} }

// Handle takes RestartClearReq, RestartResp, every message with the global call reference, T316, T317, LinkDown.
func (r *Restart) Handle(e Event, actions []Action) []Action { return actions }
