package bridge

import "trunkbox/dsp"

// Port is anything one can hear and speak to: a B timeslot, a telephone on RTP.
//
// Only the Engine calls Hear and Speak, from its one thread, once a tick each, Hear first. Neither
// may wait, lock, allocate in steady state or call back into the Engine.
type Port interface {
	// Law is the companding of the octets that Hear gives and Speak takes.
	Law() dsp.Law
	// Hear fills block (one tick: 8 octets a millisecond) with what the party says. It always fills
	// all of it; when nothing has arrived it fills in silence or its own concealment.
	Hear(block []byte)
	// Speak hands over one block for the party to hear. The block is only valid during the call.
	Speak(block []byte)
}

// Echoing is a Port whose line may bring back what was sent on it.
type Echoing interface {
	Port
	// HearBoth is Hear, and fills sent with what went to the line in the same instants, so that its echo lies as long
	// after it as the line takes, whatever waits in queues on our side.
	HearBoth(block, sent []byte)
}

// Relaying is a Port that can give its party what another port of its kind receives in the instant it comes, past the
// tick. What the Engine hears of that other port is then later than what the party got, by the delay of its buffer.
type Relaying interface {
	Port
	// Relay takes the place of Speak's first word in every tick: from is the port whose party this one hears with nothing
	// in between, nil when there is none or something is. block is the length of the tick in octets.
	//
	// relayed: the party has, or will get past the Engine, all that from says; Speak is not called in this tick. Otherwise
	// the first given octets of this tick's block, 0 to block, are octets of the port relayed until now that the party
	// has already; Speak is called with the others only, and with none of them not at all.
	Relay(from Port, block int) (relayed bool, given int)
}

// EchoFree is a Port whose line may have taken the echo out by itself.
type EchoFree interface {
	Port
	// EchoFree says whether the line's own canceller is at work at this moment; then a Treatment takes no echo out.
	EchoFree() bool
}
