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
