package q931

// states is a set of call states 0 to 31.
type states uint32

func setOf(list ...State) states {
	var s states
	for _, st := range list {
		s |= 1 << st
	}
	return s
}

var (
	fromUser    = setOf(StateCallInitiated, StateOverlapSending, StateOutgoingProceeding, StateCallDelivered)
	fromNetwork = setOf(StateCallPresent, StateOverlapReceiving, StateIncomingProceeding, StateCallReceived, StateConnectRequest)
	clearing    = setOf(StateDisconnectRequest, StateDisconnectIndication, StateReleaseRequest)
	any32       = ^states(0)
)

// farStates tells for each of our states which states the far side may be in when its STATUS arrives.
// Messages arrive in order, so the far side cannot be ahead of us by a message; it can be behind by what is
// still on its way to it, and it may be clearing. Clause 5.8.11/Q.931 leaves the choice to us: a state of
// the same direction of call passes, one of the other direction, or active against not active, does not.
var farStates = [2][26]states{
	User: {
		StateCallInitiated:        fromUser | clearing,
		StateOverlapSending:       fromUser | clearing,
		StateOutgoingProceeding:   fromUser | clearing,
		StateCallDelivered:        fromUser | clearing,
		StateCallPresent:          fromNetwork | clearing,
		StateOverlapReceiving:     fromNetwork | clearing,
		StateIncomingProceeding:   fromNetwork | clearing,
		StateCallReceived:         fromNetwork | clearing,
		StateConnectRequest:       fromNetwork | clearing,
		StateActive:               setOf(StateActive) | clearing,
		StateDisconnectRequest:    any32,
		StateDisconnectIndication: any32,
		StateReleaseRequest:       any32,
	},
	Network: {
		StateCallInitiated:        fromUser | clearing,
		StateOverlapSending:       fromUser | clearing,
		StateOutgoingProceeding:   fromUser | clearing,
		StateCallDelivered:        fromUser | clearing,
		StateCallPresent:          fromNetwork | clearing,
		StateOverlapReceiving:     fromNetwork | clearing,
		StateIncomingProceeding:   fromNetwork | clearing,
		StateCallReceived:         fromNetwork | clearing,
		StateConnectRequest:       fromNetwork | clearing,
		StateActive:               setOf(StateActive, StateConnectRequest) | fromUser | clearing,
		StateDisconnectRequest:    any32,
		StateDisconnectIndication: any32,
		StateReleaseRequest:       any32,
	},
}

// symmetricStates is the same where both sides go through the user's states.
var symmetricStates = [26]states{
	StateCallInitiated:        fromNetwork | clearing,
	StateOverlapSending:       fromNetwork | clearing,
	StateOutgoingProceeding:   fromNetwork | clearing,
	StateCallDelivered:        fromNetwork | clearing,
	StateCallPresent:          fromUser | clearing,
	StateOverlapReceiving:     fromUser | clearing,
	StateIncomingProceeding:   fromUser | clearing,
	StateCallReceived:         fromUser | clearing,
	StateConnectRequest:       fromUser | clearing,
	StateActive:               setOf(StateActive, StateConnectRequest) | clearing,
	StateDisconnectRequest:    any32,
	StateDisconnectIndication: any32,
	StateReleaseRequest:       any32,
}

// compatible says whether the far side may be in a state.
func (c *Call) compatible(far State) bool {
	expected := farStates[c.side][c.state]
	if c.profile.Symmetric {
		expected = symmetricStates[c.state]
	}
	return far < 32 && expected&(1<<far) != 0
}
