package q931

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// holdInputs are all inputs of the auxiliary states, and those by which a call leaves them.
var holdInputs = []string{
	"HOLD request", "HOLD response", "HOLD REJECT request", "RETRIEVE request", "RETRIEVE response", "RETRIEVE REJECT request",
	"HOLD", "HOLD ACKNOWLEDGE", "HOLD REJECT", "HOLD REJECT without cause",
	"RETRIEVE", "RETRIEVE ACKNOWLEDGE", "RETRIEVE REJECT", "RETRIEVE REJECT without cause",
	"T-HOLD", "T-RETRIEVE", "STATUS ENQUIRY", "INFO request", "DISCONNECT request", "DISCONNECT", "RELEASE", "RESTART request",
	"DL-RELEASE", "DL-ESTABLISH while up",
}

var holdPaths = []struct {
	state Auxiliary
	note  string
	via   []string
}{
	{HoldIdle, "", nil},
	{HoldRequest, "", []string{"HOLD request"}},
	{HoldIndication, "", []string{"HOLD"}},
	{CallHeld, "by us", []string{"HOLD request", "HOLD ACKNOWLEDGE"}},
	{CallHeld, "by the far side", []string{"HOLD", "HOLD response"}},
	{RetrieveRequest, "", []string{"HOLD request", "HOLD ACKNOWLEDGE", "RETRIEVE request"}},
	{RetrieveIndication, "", []string{"HOLD", "HOLD response", "RETRIEVE"}},
}

// TestHoldTransitions writes what every auxiliary state of an active call does with every input.
func TestHoldTransitions(t *testing.T) {
	active := [2][]string{User: {"SETUP request", "CONNECT"}, Network: {"SETUP", "SETUP response"}}
	var b bytes.Buffer
	b.WriteString("# The auxiliary states of hold and every input of theirs. A dot: nothing happens.\n" +
		"# Written by go test -run TestHoldTransitions -golden; read against Q.932 clause 6.2.\n")
	for _, side := range []Side{User, Network} {
		for _, at := range holdPaths {
			fmt.Fprintf(&b, "\n== %s %s %s\n", StateActive.Label(side), at.state, at.note)
			for _, in := range holdInputs {
				c := callAt(t, side, append(append([]string(nil), active[side]...), at.via...))
				if c.Hold() != at.state || c.State() != StateActive {
					t.Fatalf("%v leads to %s, want %s", at.via, c.Hold(), at.state)
				}
				did := words(c.Handle(event(t, c.Ref(), in), nil))
				if did == "" {
					did = "."
				}
				fmt.Fprintf(&b, "%-30s %-4s %-20s %s\n", in, c.State().Label(side), c.Hold(), did)
				if c.running[THold] != (c.Hold() == HoldRequest) || c.running[TRetrieve] != (c.Hold() == RetrieveRequest) {
					t.Errorf("%s %s, %s: T-HOLD runs %v, T-RETRIEVE %v in %s", side, at.state, in, c.running[THold], c.running[TRetrieve], c.Hold())
				}
				if c.State() != StateActive && c.Hold() != HoldIdle {
					t.Errorf("%s %s, %s: %s outlives the talk", side, at.state, in, c.Hold())
				}
			}
		}
	}
	compareGolden(t, "hold.golden", b.Bytes())
}

// TestHoldUnknown: a variant without hold says of its messages that it does not know them, and has no use for the requests.
func TestHoldUnknown(t *testing.T) {
	p, _ := ProfileOf("ni2", User)
	for in, want := range map[string]string{
		"HOLD":         "send STATUS 97[24] state 10, error: unknown message",
		"RETRIEVE":     "send STATUS 97[31] state 10, error: unknown message",
		"HOLD request": "error: request out of place",
	} {
		c := NewCall(User, p, OwnRef(17, 2))
		for _, w := range []string{"SETUP request", "CONNECT"} {
			c.Handle(event(t, c.Ref(), w), nil)
		}
		if got := words(c.Handle(event(t, c.Ref(), in), nil)); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

// TestHoldBetweenTheSides lets a user and a network talk: held and taken back, refused, and two HOLDs that cross.
func TestHoldBetweenTheSides(t *testing.T) {
	setUp := func() (user, network *Call) {
		user, network = NewCall(User, EuroISDN(User), OwnRef(3, 2)), NewCall(Network, EuroISDN(Network), Ref{Value: 3, Length: 2})
		carry(t, user, network, event(t, user.Ref(), "SETUP request"))
		carry(t, network, user, event(t, network.Ref(), "SETUP response"))
		if user.State() != StateActive || network.State() != StateActive {
			t.Fatalf("%s and %s", user.State(), network.State())
		}
		return user, network
	}
	user, network := setUp()
	for _, c := range []struct {
		by   string
		in   string
		said string
		u, n Auxiliary
	}{
		{"user", "HOLD request", "network HOLD ind", HoldRequest, HoldIndication},
		{"network", "HOLD REJECT request", "user HOLD rejected 50 far", HoldIdle, HoldIdle},
		{"user", "HOLD request", "network HOLD ind", HoldRequest, HoldIndication},
		{"network", "HOLD response", "user HOLD conf", CallHeld, CallHeld},
		{"network", "RETRIEVE request", "network error: request out of place", CallHeld, CallHeld},
		{"user", "RETRIEVE request", "network RETRIEVE ind", RetrieveRequest, RetrieveIndication},
		{"network", "RETRIEVE REJECT request", "user RETRIEVE rejected 29 far", CallHeld, CallHeld},
		{"user", "RETRIEVE request", "network RETRIEVE ind", RetrieveRequest, RetrieveIndication},
		{"network", "RETRIEVE response", "user RETRIEVE conf", HoldIdle, HoldIdle},
		{"network", "HOLD request", "user HOLD ind", HoldIndication, HoldRequest},
		{"user", "HOLD response", "network HOLD conf", CallHeld, CallHeld},
	} {
		from, to := user, network
		if c.by == "network" {
			from, to = network, user
		}
		said := carry(t, from, to, event(t, from.Ref(), c.in))
		if said != c.said || user.Hold() != c.u || network.Hold() != c.n {
			t.Fatalf("%s %s: %q, user %s, network %s; want %q %s %s", c.by, c.in, said, user.Hold(), network.Hold(), c.said, c.u, c.n)
		}
	}

	user, network = setUp()
	ours := user.Handle(event(t, user.Ref(), "HOLD request"), nil)
	theirs := network.Handle(event(t, network.Ref(), "HOLD request"), nil)
	if got := words(network.Handle(received(t, ours[0].Msg), nil)); got != "stop T-HOLD, HOLD rejected 102, HOLD ind" {
		t.Errorf("the network says %s", got)
	}
	if got := words(user.Handle(received(t, theirs[0].Msg), nil)); got != "" {
		t.Errorf("the user says %s", got)
	}
	if said := carry(t, network, user, event(t, network.Ref(), "HOLD response")); said != "user HOLD conf" {
		t.Errorf("%s", said)
	}
}

// received sends a message through its octets.
func received(t *testing.T, m *Message) Event {
	t.Helper()
	back := new(Message)
	if err := back.Decode(m.AppendTo(nil)); err != nil {
		t.Fatal(err)
	}
	return Received(back)
}

// carry gives an event to one side and carries the messages to and fro until there are none. It returns what was told to
// call control, timers left out.
func carry(t *testing.T, from, to *Call, e Event) string {
	t.Helper()
	var said []string
	for _, a := range from.Handle(e, nil) {
		switch a.Kind {
		case Send:
			if more := carry(t, to, from, received(t, a.Msg)); more != "" {
				said = append(said, more)
			}
		case StartTimer, StopTimer:
		default:
			said = append(said, from.Side().String()+" "+words([]Action{a}))
		}
	}
	return strings.Join(said, ", ")
}
