package call

// Diversion is how a call was sent on before it came here.
type Diversion struct {
	By     Number `json:"by"`              // who sent it here
	First  Number `json:"first,omitempty"` // whom it was for in the beginning, where that is somebody else
	Reason string `json:"reason"`          // busy, no_reply, unconditional, deflected or unknown
	Count  int    `json:"count"`           // how often it was sent on, as far as is told
}

// Charge is what the network says that a call costs: rates at its begin, what it has cost up to now, and in the end.
type Charge struct {
	Phase string // rates, so_far or final
	Free  bool   // free of charge
	None  bool   // the network does not know it
	Units int    // charging units, where Money is empty
	Money string // "EUR 1.20"
}

// Service is something the network is asked to do with a call.
type Service string

// The services.
const (
	Report  Service = "report"  // note the caller down as malicious
	Merge   Service = "merge"   // join two of our calls and free their channels
	Deflect Service = "deflect" // send an unanswered call elsewhere
)

// Networked is a Leg whose network does more than carrying the call. Each request but ConnectAs is answered by one
// Serviced event of this leg, unless the leg is cleared before. Like all of a Leg it may be called from anywhere.
type Networked interface {
	Leg
	// Report asks to have the caller of this call noted down.
	Report()
	// Merge asks to have this call joined with other, which is another call of ours on the same D channel.
	Merge(other Leg)
	// Deflect asks to have this unanswered call sent to the number.
	Deflect(to string)
	// ConnectAs makes the number the one that the caller is told when this incoming call is answered; restricted, it is
	// not shown to him. No digits stand for the number that was called. The name is told where the line's variant has names.
	ConnectAs(number Number)
}

// The events of services.
type (
	// Named: the party's number or name, told only now, or another party's that has taken its place.
	Named struct{ Party Number }
	// Texted: the party's text (user-to-user information).
	Texted struct{ Text string }
	// Charged: the network tells the charge.
	Charged struct{ Charge Charge }
	// Forwarded: the party that was called sends the call on.
	Forwarded struct {
		To     Number
		Reason string // of Diversion
	}
	// Serviced: the network's answer to a Service. Reason says in a word why not: service_unknown (to the network or to
	// the line's variant), service_refused, network_unanswered; Detail is what the network said.
	Serviced struct {
		Service Service
		Done    bool
		Reason  string
		Detail  string
	}
)

func (Named) event()     {}
func (Texted) event()    {}
func (Charged) event()   {}
func (Forwarded) event() {}
func (Serviced) event()  {}
