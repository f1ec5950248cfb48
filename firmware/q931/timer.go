package q931

import "fmt"

// Timer is a timer of layer 3 (Tables 9-1 and 9-2/Q.931; T321 ANSI T1.607; T-HOLD and T-RETRIEVE Q.932).
type Timer uint8

// The timers.
const (
	T301      Timer = iota // alerting, waiting for the answer
	T302                   // overlap receiving, waiting for more digits
	T303                   // SETUP sent
	T304                   // overlap sending, waiting for the network
	T305                   // DISCONNECT sent
	T306                   // DISCONNECT sent with in-band tones (network)
	T308                   // RELEASE sent
	T309                   // data link lost in state active
	T310                   // CALL PROCEEDING received
	T313                   // CONNECT sent (user)
	T314                   // part of a segmented message received (Assembler)
	T316                   // RESTART sent
	T317                   // RESTART received
	T321                   // SERVICE sent (Service)
	T322                   // STATUS ENQUIRY sent
	THold                  // HOLD sent
	TRetrieve              // RETRIEVE sent
	timers
)

// NumTimers is the number of timers, for an array indexed by Timer.
const NumTimers = int(timers)

var timerNames = [timers]string{
	"T301", "T302", "T303", "T304", "T305", "T306", "T308", "T309", "T310", "T313", "T314", "T316", "T317", "T321", "T322",
	"T-HOLD", "T-RETRIEVE",
}

// String returns the Recommendation's name: "T303".
func (t Timer) String() string {
	if t < timers {
		return timerNames[t]
	}
	return fmt.Sprintf("timer %d", uint8(t))
}

// ParseTimer returns the timer of a name as String gives it.
func ParseTimer(name string) (Timer, bool) {
	for t, known := range timerNames {
		if known == name {
			return Timer(t), true
		}
	}
	return 0, false
}
