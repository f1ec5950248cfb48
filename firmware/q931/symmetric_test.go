package q931

import "testing"

// TestSymmetric lets the two sides of a QSIG line talk: each goes through the user's states, whoever calls.
func TestSymmetric(t *testing.T) {
	a, _ := ProfileOf("qsig", User)
	b, _ := ProfileOf("qsig", Network)
	for name, sides := range map[string][2]*Profile{"A calls": {a, b}, "B calls": {b, a}} {
		caller := NewCall(Network, sides[0], OwnRef(5, 2))
		called := NewCall(Network, sides[1], Ref{Value: 5, Length: 2})
		for _, step := range []struct {
			by   *Call
			in   string
			said string
			one  State
			two  State
		}{
			{caller, "SETUP request", "user SETUP ind", StateCallInitiated, StateCallPresent},
			{caller, "ENQUIRY request", "user STATUS ind", StateCallInitiated, StateCallPresent},
			{called, "PROCEEDING request", "user PROCEEDING ind", StateOutgoingProceeding, StateIncomingProceeding},
			{called, "ENQUIRY request", "user STATUS ind", StateOutgoingProceeding, StateIncomingProceeding},
			{called, "ALERTING request", "user ALERTING ind", StateCallDelivered, StateCallReceived},
			{called, "SETUP response", "user SETUP COMPLETE ind, user SETUP conf", StateActive, StateActive},
			{caller, "SETUP COMPLETE request", "", StateActive, StateActive},
			{caller, "ENQUIRY request", "user STATUS ind", StateActive, StateActive},
			{called, "DISCONNECT request", "user DISCONNECT ind 17 far", StateDisconnectIndication, StateDisconnectRequest},
			{caller, "RELEASE request", "user RELEASED 17 far, user RELEASED 17", StateNull, StateNull},
		} {
			other := caller
			if step.by == caller {
				other = called
			}
			said := carry(t, step.by, other, event(t, step.by.Ref(), step.in))
			if said != step.said || caller.State() != step.one || called.State() != step.two {
				t.Fatalf("%s, %s: %q, states %d and %d; want %q, %d and %d", name, step.in, said, caller.State(), called.State(), step.said, step.one, step.two)
			}
		}
	}
}

// TestSymmetricStatus: a state that only the other numbering could have clears the call.
func TestSymmetricStatus(t *testing.T) {
	p, _ := ProfileOf("qsig", Network)
	for in, want := range map[string]string{
		"STATUS 98 state 9":  "STATUS ind",
		"STATUS 98 state 3":  "error: the far side is in another state, stop T303, send DISCONNECT 101, start T305",
		"STATUS 99 state 19": "STATUS ind",
	} {
		c := NewCall(Network, p, OwnRef(17, 2))
		c.Handle(event(t, c.Ref(), "SETUP request"), nil)
		if got := words(c.Handle(event(t, c.Ref(), in), nil)); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}
