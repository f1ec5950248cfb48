package q931

import (
	"fmt"
	"time"

	"trunkbox/firmware/q850"
)

// Timer is a timer of layer 3 (Tables 9-1 and 9-2/Q.931).
type Timer uint8

// The timers.
const (
	T301 Timer = iota // alerting, waiting for the answer
	T302              // overlap receiving, waiting for more digits
	T303              // SETUP sent
	T304              // overlap sending, waiting for the network
	T305              // DISCONNECT sent
	T306              // DISCONNECT sent with in-band tones (network)
	T308              // RELEASE sent
	T309              // data link lost in state active
	T310              // CALL PROCEEDING received
	T313              // CONNECT sent (user)
	T316              // RESTART sent
	T317              // RESTART received
	T322              // STATUS ENQUIRY sent
	timers
)

// NumTimers is the number of timers, for an array indexed by Timer.
const NumTimers = int(timers)

var timerNames = [timers]string{"T301", "T302", "T303", "T304", "T305", "T306", "T308", "T309", "T310", "T313", "T316", "T317", "T322"}

// String returns the Recommendation's name: "T303".
func (t Timer) String() string {
	if t < timers {
		return timerNames[t]
	}
	return fmt.Sprintf("timer %d", uint8(t))
}

// Profile is what one side of one interface may choose. It must not change while calls use it.
type Profile struct {
	// Timers holds the durations; a timer of 0 never runs.
	Timers [NumTimers]time.Duration
	// Location is the location of the causes that this side gives.
	Location q850.Location
	// ConnectAck: as calling user, answer CONNECT with CONNECT ACKNOWLEDGE (an option of clause 5.1.8).
	ConnectAck bool
	// Enquire: ask with STATUS ENQUIRY for the far side's state when the data link is back (clause 5.8.9).
	Enquire bool
	// RefLength is the length of the call references of our own calls, 2 octets on a primary rate.
	RefLength uint8
}

// EuroISDN returns the profile of a European (and Chinese) primary rate for a side: the timers of Tables
// 9-1 (network) and 9-2 (user) of Q.931 where they give one value, and within their range where they give
// a range: T309 90 s, user T310 110 s, network T310 30 s. T309 is at the end of its range (6 to 90 s) so that a talk
// lives as long as the exchange lets it; who hears nothing can hang up, which clears at once. T301 at the user's side
// is ours (Table 9-2 asks for it with Annex D only): a call that nobody answers ends.
//
// Departure: network T310 is 10 s in Table 9-1; 30 s leaves a PBX behind us the time to route a call on.
func EuroISDN(side Side) *Profile {
	p := &Profile{ConnectAck: true, Enquire: true, RefLength: 2}
	p.Timers = [NumTimers]time.Duration{
		T301: 180 * time.Second,
		T302: 15 * time.Second,
		T303: 4 * time.Second,
		T304: 30 * time.Second,
		T305: 30 * time.Second,
		T308: 4 * time.Second,
		T309: 90 * time.Second,
		T310: 110 * time.Second,
		T313: 4 * time.Second,
		T316: 120 * time.Second,
		T317: 110 * time.Second,
		T322: 4 * time.Second,
	}
	if side == Network {
		p.Location = q850.PublicLocal
		p.Timers[T304] = 20 * time.Second
		p.Timers[T306] = 30 * time.Second
		p.Timers[T310] = 30 * time.Second
		p.Timers[T313] = 0
	}
	return p
}
