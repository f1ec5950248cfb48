// Package lapd is the data link of an ISDN D channel: it carries layer 3 messages over the line in order and
// without loss, or says that it cannot.
//
// In: events, namely the frames that drivers/span received, the requests of layer 3 and the expiry of timers. Out:
// actions, namely frames to send, timers to start and stop, messages and primitives for layer 3. firmware/pri
// joins both to the line, the clock and firmware/q931.
//
// ITU-T Q.921 (09/97), point-to-point on a primary rate access: SAPI 0, TEI 0, modulo 128, states 4 to 8 of Annex
// B. Left out: TEI management and states 1 to 3 (the TEI of a primary rate access is fixed, clause 5.3.1 and Annex
// A), SAPI 16 and 63, unacknowledged transfer (UI frames are ignored), XID parameter negotiation (clause 5.4 and
// Appendix IV leave it to choice: Table 5 names XID, so its control field is not an undefined one and the frame is no
// frame error of clause 5.8.5; it is ignored, and the far end goes on with its defaults), FRMR is received and never
// sent (clause 3.6.11).
//
// A Link has no goroutine, no clock and no socket and belongs to one goroutine. What Handle returns is valid until
// the next Handle. It does not allocate in steady state.
package lapd

import "time"

// Side is the end of the line that speaks.
type Side uint8

// The two sides of an access. They differ in the command/response bit only.
const (
	User Side = iota
	Network
)

// String returns "user" or "network".
func (s Side) String() string {
	if s == Network {
		return "network"
	}
	return "user"
}

// Other is the side at the other end.
func (s Side) Other() Side { return s ^ 1 }

// Profile holds the system parameters of Q.921 clause 5.9.
type Profile struct {
	T200 time.Duration // 5.9.1: wait for an acknowledgement
	T203 time.Duration // 5.9.8: longest time without a frame before the far end is asked
	N200 int           // 5.9.2: repetitions
	N201 int           // 5.9.3: octets of an information field
	K    uint8         // 5.9.5: I frames not acknowledged, 1 to 127
	// Queue is how many messages may wait or be unacknowledged; one more is refused. Not of Q.921.
	Queue int
}

// PrimaryRate is the profile of a 2,048 or 1,544 kbit/s access (Q.921 5.9: K is 7 for SAPI 0 at 64 kbit/s).
var PrimaryRate = Profile{
	T200:  time.Second,
	T203:  10 * time.Second,
	N200:  3,
	N201:  260,
	K:     7,
	Queue: 256,
}
