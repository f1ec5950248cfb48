package q931

import (
	"strings"
	"testing"
)

// sequences are whole calls. Each line: the input, the actions, the state afterwards. The first word names
// the side; "own" or "far" who placed the call.
type sequence struct {
	name string // group and case, or figure
	side Side
	flow string
}

var sequences = []sequence{
	{"2 en bloc with every answer", User, `
		SETUP request      | send SETUP ch 5, start T303                       | U1
		CALL PROCEEDING    | stop T303, start T310, PROCEEDING ind             | U3
		ALERTING           | stop T310, start T301, ALERTING ind               | U4
		CONNECT            | stop T301, send CONNECT ACKNOWLEDGE, SETUP conf   | U10
		DISCONNECT request | send DISCONNECT 17, start T305                    | U11
		RELEASE            | stop T305, send RELEASE COMPLETE, RELEASED 17     | U0`},
	{"2 in-band progress stops T310", User, `
		SETUP request      | send SETUP ch 5, start T303                       | U1
		CALL PROCEEDING    | stop T303, start T310, PROCEEDING ind             | U3
		PROGRESS           | stop T310, PROGRESS ind                           | U3
		T310               |                                                   | U3
		CONNECT            | send CONNECT ACKNOWLEDGE, SETUP conf              | U10`},
	{"2 CONNECT directly", User, `
		SETUP request      | send SETUP ch 5, start T303                       | U1
		CONNECT            | stop T303, send CONNECT ACKNOWLEDGE, SETUP conf   | U10`},
	{"2 ALERTING without CALL PROCEEDING", User, `
		SETUP request      | send SETUP ch 5, start T303                       | U1
		ALERTING           | stop T303, start T301, ALERTING ind               | U4`},
	{"2 overlap sending", User, `
		SETUP request      | send SETUP ch 5, start T303                       | U1
		SETUP ACKNOWLEDGE  | stop T303, start T304, MORE INFO ind              | U2
		INFO request       | send INFORMATION, start T304                      | U2
		INFO request       | send INFORMATION, start T304                      | U2
		CALL PROCEEDING    | stop T304, start T310, PROCEEDING ind             | U3`},
	{"2 T303 resends the SETUP once", User, `
		SETUP request      | send SETUP ch 5, start T303                       | U1
		T303               | send SETUP ch 5, start T303                       | U1
		T303               | send RELEASE COMPLETE 102, RELEASED 102           | U0`},
	{"2 an answer after the second SETUP", User, `
		SETUP request      | send SETUP ch 5, start T303                       | U1
		T303               | send SETUP ch 5, start T303                       | U1
		CALL PROCEEDING    | stop T303, start T310, PROCEEDING ind             | U3`},
	{"2 T304", User, `
		SETUP request      | send SETUP ch 5, start T303                       | U1
		SETUP ACKNOWLEDGE  | stop T303, start T304, MORE INFO ind              | U2
		T304               | send DISCONNECT 102, start T305                   | U11`},
	{"2 T310", User, `
		SETUP request      | send SETUP ch 5, start T303                       | U1
		CALL PROCEEDING    | stop T303, start T310, PROCEEDING ind             | U3
		T310               | send DISCONNECT 102, start T305                   | U11
		RELEASE            | stop T305, send RELEASE COMPLETE, RELEASED 102    | U0`},
	{"2 T301 tells 19 to call control and 102 to the line", User, `
		SETUP request      | send SETUP ch 5, start T303                       | U1
		ALERTING           | stop T303, start T301, ALERTING ind               | U4
		T301               | send DISCONNECT 102, start T305                   | U11
		RELEASE COMPLETE   | stop T305, RELEASED 19                            | U0`},
	{"2 rejected with RELEASE COMPLETE", User, `
		SETUP request      | send SETUP ch 5, start T303                       | U1
		RELEASE COMPLETE   | stop T303, RELEASED 21 far                        | U0`},
	{"2 rejected with DISCONNECT and tones", User, `
		SETUP request       | send SETUP ch 5, start T303                      | U1
		CALL PROCEEDING     | stop T303, start T310, PROCEEDING ind            | U3
		DISCONNECT with tones | stop T310, DISCONNECT ind 17 far               | U12
		RELEASE request     | send RELEASE 17, start T308                      | U19
		RELEASE COMPLETE    | stop T308, RELEASED 17 far                       | U0`},

	{"3 CALL PROCEEDING, ALERTING, CONNECT", User, `
		SETUP              | SETUP ind                                         | U6
		PROCEEDING request | send CALL PROCEEDING ch 5                         | U9
		ALERTING request   | send ALERTING ch 5                                | U7
		SETUP response     | send CONNECT, start T313                          | U8
		CONNECT ACKNOWLEDGE| stop T313, SETUP COMPLETE ind                     | U10
		DISCONNECT         | DISCONNECT ind 16 far                             | U12
		RELEASE request    | send RELEASE 17, start T308                       | U19
		RELEASE COMPLETE   | stop T308, RELEASED 16 far                        | U0`},
	{"3 overlap receiving", User, `
		SETUP              | SETUP ind                                         | U6
		MORE INFO request  | send SETUP ACKNOWLEDGE ch 5, start T302           | U25
		INFORMATION        | start T302, INFO ind                              | U25
		T302               | TIMEOUT ind                                       | U25
		PROCEEDING request | send CALL PROCEEDING ch 5                         | U9`},
	{"3 overlap receiving given up", User, `
		SETUP              | SETUP ind                                         | U6
		MORE INFO request  | send SETUP ACKNOWLEDGE ch 5, start T302           | U25
		T302               | TIMEOUT ind                                       | U25
		DISCONNECT request | send DISCONNECT 17, start T305                    | U11`},
	{"3 busy at once", User, `
		SETUP              | SETUP ind                                         | U6
		REJECT request     | send RELEASE COMPLETE 17, RELEASED 17             | U0`},
	{"3 CONNECT not acknowledged: T313", User, `
		SETUP              | SETUP ind                                         | U6
		SETUP response     | send CONNECT, start T313                          | U8
		T313               | send DISCONNECT 102, start T305                   | U11`},
	{"3 a repeated SETUP is ignored", User, `
		SETUP              | SETUP ind                                         | U6
		SETUP              |                                                   | U6
		PROCEEDING request | send CALL PROCEEDING ch 5                         | U9
		SETUP              |                                                   | U9`},

	{"4 T305, both causes, T308 twice, maintenance", User, `
		SETUP request      | send SETUP ch 5, start T303                       | U1
		CONNECT            | stop T303, send CONNECT ACKNOWLEDGE, SETUP conf   | U10
		DISCONNECT request | send DISCONNECT 17, start T305                    | U11
		T305               | send RELEASE 17 and 102, start T308               | U19
		T308               | send RELEASE 17 and 102, start T308               | U19
		T308               | RELEASED 17 maintenance                           | U0`},
	{"4 DISCONNECT collision", User, `
		SETUP              | SETUP ind                                         | U6
		ALERTING request   | send ALERTING ch 5                                | U7
		DISCONNECT request | send DISCONNECT 17, start T305                    | U11
		DISCONNECT         | stop T305, send RELEASE 17, start T308            | U19
		RELEASE            | stop T308, RELEASED 17                            | U0`},
	{"4 RELEASE collision", Network, `
		SETUP              | SETUP ind                                         | N1
		SETUP response     | send CONNECT                                      | N10
		DISCONNECT         | DISCONNECT ind 16 far                             | N11
		RELEASE request    | send RELEASE 17, start T308                       | N19
		RELEASE            | stop T308, RELEASED 16 far                        | N0`},
	{"4 the first RELEASE COMPLETE lost", User, `
		SETUP request      | send SETUP ch 5, start T303                       | U1
		CONNECT            | stop T303, send CONNECT ACKNOWLEDGE, SETUP conf   | U10
		DISCONNECT         | DISCONNECT ind 16 far                             | U12
		RELEASE request    | send RELEASE 17, start T308                       | U19
		T308               | send RELEASE 17, start T308                       | U19
		RELEASE COMPLETE   | stop T308, RELEASED 16 far                        | U0
		RELEASE            | send RELEASE COMPLETE 81                          | U0`},
	{"4 tones until T306", Network, `
		SETUP              | SETUP ind                                         | N1
		PROCEEDING request | send CALL PROCEEDING ch 5                         | N3
		DISCONNECT request with tones | send DISCONNECT 17 progress 8, start T306 | N12
		T306               | send RELEASE 17, start T308                       | N19
		RELEASE COMPLETE   | stop T308, RELEASED 17                            | N0`},
	{"4 RELEASE in the middle of a call", Network, `
		SETUP              | SETUP ind                                         | N1
		SETUP response     | send CONNECT                                      | N10
		RELEASE            | send RELEASE COMPLETE, RELEASED 16 far            | N0`},

	{"network: a call from the user", Network, `
		SETUP              | SETUP ind                                         | N1
		PROCEEDING request | send CALL PROCEEDING ch 5                         | N3
		PROGRESS request   | send PROGRESS progress 8                          | N3
		ALERTING request   | send ALERTING ch 5                                | N4
		SETUP response     | send CONNECT                                      | N10
		CONNECT ACKNOWLEDGE|                                                   | N10
		DISCONNECT         | DISCONNECT ind 16 far                             | N11
		RELEASE request    | send RELEASE 17, start T308                       | N19
		RELEASE COMPLETE   | stop T308, RELEASED 16 far                        | N0`},
	{"network: a call to the user", Network, `
		SETUP request      | send SETUP ch 5, start T303                       | N6
		CALL PROCEEDING    | stop T303, start T310, PROCEEDING ind             | N9
		ALERTING           | stop T310, start T301, ALERTING ind               | N7
		CONNECT            | stop T301, SETUP conf                             | N8
		SETUP COMPLETE request | send CONNECT ACKNOWLEDGE                      | N10
		DISCONNECT request | send DISCONNECT 17, start T305                    | N12
		RELEASE            | stop T305, send RELEASE COMPLETE, RELEASED 17     | N0`},
	{"network: overlap sending", Network, `
		SETUP              | SETUP ind                                         | N1
		MORE INFO request  | send SETUP ACKNOWLEDGE ch 5, start T302           | N2
		INFORMATION        | start T302, INFO ind                              | N2
		PROCEEDING request | stop T302, send CALL PROCEEDING ch 5              | N3`},
	{"network: nobody there", Network, `
		SETUP request      | send SETUP ch 5, start T303                       | N6
		T303               | send SETUP ch 5, start T303                       | N6
		T303               | send DISCONNECT 102, start T305                   | N12
		T305               | send RELEASE 102, start T308                      | N19
		T308               | send RELEASE 102, start T308                      | N19
		T308               | RELEASED 18 maintenance                           | N0`},
	{"network: T310 and T301", Network, `
		SETUP request      | send SETUP ch 5, start T303                       | N6
		CALL PROCEEDING    | stop T303, start T310, PROCEEDING ind             | N9
		T310               | send DISCONNECT 102, start T305                   | N12
		RELEASE            | stop T305, send RELEASE COMPLETE, RELEASED 18     | N0`},

	{"7 the call survives the loss of the data link", User, `
		SETUP request      | send SETUP ch 5, start T303                       | U1
		CONNECT            | stop T303, send CONNECT ACKNOWLEDGE, SETUP conf   | U10
		DL-RELEASE         | start T309                                        | U10
		DL-RELEASE         |                                                   | U10
		DL-ESTABLISH       | stop T309, send STATUS ENQUIRY, start T322        | U10
		T309               |                                                   | U10
		STATUS 30 state 10 | stop T322, STATUS ind                             | U10
		T322               |                                                   | U10`},
	{"7 the far side lost the call meanwhile", User, `
		SETUP request      | send SETUP ch 5, start T303                       | U1
		CONNECT            | stop T303, send CONNECT ACKNOWLEDGE, SETUP conf   | U10
		DL-RELEASE         | start T309                                        | U10
		DL-ESTABLISH       | stop T309, send STATUS ENQUIRY, start T322        | U10
		STATUS 30 state 0  | stop T322, RELEASED 41                            | U0`},
	{"7 T309", Network, `
		SETUP              | SETUP ind                                         | N1
		SETUP response     | send CONNECT                                      | N10
		DL-RELEASE         | start T309                                        | N10
		T309               | RELEASED 27                                       | N0`},
	{"7 a call not yet active is cleared", User, `
		SETUP request      | send SETUP ch 5, start T303                       | U1
		ALERTING           | stop T303, start T301, ALERTING ind               | U4
		DL-RELEASE         | stop T301, RELEASED 27                            | U0`},

	{"8 an unknown element is told of once, in the new state", User, `
		SETUP request      | send SETUP ch 5, start T303                       | U1
		ALERTING with unknown element | stop T303, start T301, ALERTING ind, send STATUS 99[3f] state 4, error: not understood: element 0x3f | U4`},
	{"8 DISCONNECT without cause is answered with 96", User, `
		SETUP request      | send SETUP ch 5, start T303                       | U1
		CONNECT            | stop T303, send CONNECT ACKNOWLEDGE, SETUP conf   | U10
		DISCONNECT without cause | error: missing or spoilt: cause, DISCONNECT ind 31 far | U12
		RELEASE request    | send RELEASE 96[08], start T308                   | U19
		RELEASE COMPLETE   | stop T308, RELEASED 31 far                        | U0`},
	{"8 DISCONNECT with a spoilt cause is answered with 100", Network, `
		SETUP              | SETUP ind                                         | N1
		SETUP response     | send CONNECT                                      | N10
		DISCONNECT with spoilt cause | error: missing or spoilt: cause, DISCONNECT ind 31 far | N11
		RELEASE request    | send RELEASE 100[08], start T308                  | N19`},
	{"8 DISCONNECT with an unknown element is answered with 99", User, `
		SETUP              | SETUP ind                                         | U6
		PROCEEDING request | send CALL PROCEEDING ch 5                         | U9
		DISCONNECT with unknown element | error: not understood: element 0x3f, DISCONNECT ind 16 far | U12
		RELEASE request    | send RELEASE 99[3f], start T308                   | U19`},
	{"8 RELEASE without cause", User, `
		SETUP              | SETUP ind                                         | U6
		RELEASE without cause | error: missing or spoilt: cause, send RELEASE COMPLETE 96[08], RELEASED 31 far | U0`},
	{"8 SETUP without bearer", Network, `
		SETUP without bearer | send RELEASE COMPLETE 96[04], RELEASED 96       | N0`},
	{"8 SETUP without channel is well for the network", Network, `
		SETUP without channel | SETUP ind                                      | N1`},
	{"8 SETUP without channel is not for the user", User, `
		SETUP without channel | send RELEASE COMPLETE 96[18], RELEASED 96      | U0`},
	{"8 unknown message and message out of place", User, `
		SETUP request      | send SETUP ch 5, start T303                       | U1
		CONNECT            | stop T303, send CONNECT ACKNOWLEDGE, SETUP conf   | U10
		unknown message 0x5f | send STATUS 97[5f] state 10, error: unknown message | U10
		ALERTING           | send STATUS 101[01] state 10, error: message out of place | U10
		SEGMENT            | send STATUS 97[60] state 10, error: unknown message | U10`},

	{"9 T322 twice", User, `
		SETUP request      | send SETUP ch 5, start T303                       | U1
		CONNECT            | stop T303, send CONNECT ACKNOWLEDGE, SETUP conf   | U10
		ENQUIRY request    | send STATUS ENQUIRY, start T322                   | U10
		ENQUIRY request    |                                                   | U10
		T322               | send STATUS ENQUIRY, start T322                   | U10
		T322               | send DISCONNECT 41, start T305                    | U11
		RELEASE            | stop T305, send RELEASE COMPLETE, RELEASED 41     | U0`},
	{"9 STATUS with a compatible and an incompatible state", User, `
		SETUP request      | send SETUP ch 5, start T303                       | U1
		CALL PROCEEDING    | stop T303, start T310, PROCEEDING ind             | U3
		STATUS 98 state 3  | STATUS ind                                        | U3
		STATUS 98 state 9  | error: the far side is in another state, stop T310, send DISCONNECT 101, start T305 | U11
		RELEASE            | stop T305, send RELEASE COMPLETE, RELEASED 101    | U0`},
	{"9 STATUS of the null state", Network, `
		SETUP request      | send SETUP ch 5, start T303                       | N6
		ALERTING           | stop T303, start T301, ALERTING ind               | N7
		STATUS 30 state 0  | stop T301, RELEASED 41                            | N0`},
}

func TestSequences(t *testing.T) {
	for _, s := range append(sequences, readings...) {
		t.Run(s.side.String()+"/"+s.name, func(t *testing.T) {
			lines := strings.Split(strings.TrimSpace(s.flow), "\n")
			ref := Ref{Value: 300, Length: 2}
			if strings.HasPrefix(strings.TrimSpace(lines[0]), "SETUP request") {
				ref = OwnRef(300, 2)
			}
			c := NewCall(s.side, EuroISDN(s.side), ref)
			for i, line := range lines {
				cols := strings.Split(line, "|")
				if len(cols) != 3 {
					t.Fatalf("line %d has %d columns", i+1, len(cols))
				}
				in, want, state := strings.TrimSpace(cols[0]), strings.TrimSpace(cols[1]), strings.TrimSpace(cols[2])
				actions := c.Handle(event(t, ref, in), nil)
				if got := words(actions); got != want {
					t.Fatalf("line %d, %s:\n got %s\nwant %s", i+1, in, got, want)
				}
				if got := c.State().Label(s.side); got != state {
					t.Fatalf("line %d, %s: state %s, want %s", i+1, in, got, state)
				}
				for _, a := range actions {
					if a.Kind == Send && a.Msg.Ref != ref.Answer() {
						t.Fatalf("line %d: sent with %v, want %v", i+1, a.Msg.Ref, ref.Answer())
					}
				}
			}
		})
	}
}

// TestNoTimersIsNoTrouble runs a call with a profile whose optional timers are 0.
func TestNoTimersIsNoTrouble(t *testing.T) {
	p := EuroISDN(User)
	p.Timers[T309], p.Timers[T310], p.Timers[T301], p.ConnectAck = 0, 0, 0, false
	c := NewCall(User, p, OwnRef(1, 2))
	for _, step := range [][2]string{
		{"SETUP request", "send SETUP ch 5, start T303"},
		{"CALL PROCEEDING", "stop T303, PROCEEDING ind"},
		{"ALERTING", "ALERTING ind"},
		{"CONNECT", "SETUP conf"},
		{"DL-RELEASE", "RELEASED 27"},
	} {
		if got := words(c.Handle(event(t, c.Ref(), step[0]), nil)); got != step[1] {
			t.Fatalf("%s: %s, want %s", step[0], got, step[1])
		}
	}
}

// TestAnswerUnknown goes through clause 5.8.3.2/Q.931 for references that belong to no call.
func TestAnswerUnknown(t *testing.T) {
	theirs := Ref{Value: 9, Length: 2}
	p := EuroISDN(Network)
	for _, c := range []struct {
		ref      Ref
		in, want string
	}{
		{theirs, "ALERTING", "RELEASE COMPLETE 81"},
		{theirs, "DISCONNECT", "RELEASE COMPLETE 81"},
		{theirs, "unknown message 0x5f", "RELEASE COMPLETE 81"},
		{theirs, "RELEASE", "RELEASE COMPLETE 81"},
		{theirs, "RELEASE COMPLETE", ""},
		{theirs, "STATUS 30 state 0", ""},
		{theirs, "STATUS 30 state 10", "RELEASE COMPLETE 101"},
		{theirs, "STATUS ENQUIRY", "STATUS 30 state 0"},
		{theirs.Answer(), "SETUP", ""},
		{theirs.Answer(), "CONNECT", "RELEASE COMPLETE 81"},
		{Ref{}, "FACILITY", ""},
		{Ref{Length: 2}, "RELEASE", ""},
		{Ref{Value: 5, Length: 1}, "RELEASE", "RELEASE COMPLETE 81"},
	} {
		e := event(t, c.ref, c.in)
		var answer Message
		got := ""
		if AnswerUnknown(e.Msg, p, &answer) {
			got = inWords(&answer)
			if answer.Ref != c.ref.Answer() {
				t.Errorf("%s: answered with %v", c.in, answer.Ref)
			}
		}
		if got != c.want {
			t.Errorf("%v %s: %q, want %q", c.ref, c.in, got, c.want)
		}
	}
	// d: a SETUP with flag 1 starts nothing.
	call := NewCall(Network, p, theirs.Answer())
	if got := call.Handle(event(t, theirs.Answer(), "SETUP"), nil); len(got) != 0 || call.State() != StateNull {
		t.Errorf("SETUP with flag 1: %s", words(got))
	}
}
