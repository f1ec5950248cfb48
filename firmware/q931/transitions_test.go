package q931

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var golden = flag.Bool("golden", false, "rewrite the golden files")

// paths tells how a call gets into each state, so that the machine is there as it would be in service.
var paths = [2][]struct {
	state State
	note  string
	via   []string
}{
	User: {
		{StateNull, "", nil},
		{StateCallInitiated, "", []string{"SETUP request"}},
		{StateCallInitiated, "T303 expired once", []string{"SETUP request", "T303"}},
		{StateOverlapSending, "", []string{"SETUP request", "SETUP ACKNOWLEDGE"}},
		{StateOutgoingProceeding, "", []string{"SETUP request", "CALL PROCEEDING"}},
		{StateCallDelivered, "", []string{"SETUP request", "CALL PROCEEDING", "ALERTING"}},
		{StateCallPresent, "", []string{"SETUP"}},
		{StateCallReceived, "", []string{"SETUP", "ALERTING request"}},
		{StateConnectRequest, "", []string{"SETUP", "SETUP response"}},
		{StateIncomingProceeding, "", []string{"SETUP", "PROCEEDING request"}},
		{StateActive, "", []string{"SETUP request", "CONNECT"}},
		{StateActive, "data link lost", []string{"SETUP request", "CONNECT", "DL-RELEASE"}},
		{StateActive, "STATUS ENQUIRY sent", []string{"SETUP request", "CONNECT", "ENQUIRY request"}},
		{StateActive, "STATUS ENQUIRY sent twice", []string{"SETUP request", "CONNECT", "ENQUIRY request", "T322"}},
		{StateDisconnectRequest, "", []string{"SETUP request", "CONNECT", "DISCONNECT request"}},
		{StateDisconnectIndication, "", []string{"SETUP request", "CONNECT", "DISCONNECT"}},
		{StateReleaseRequest, "", []string{"SETUP request", "CONNECT", "DISCONNECT", "RELEASE request"}},
		{StateReleaseRequest, "T308 expired once", []string{"SETUP request", "CONNECT", "DISCONNECT", "RELEASE request", "T308"}},
		{StateOverlapReceiving, "", []string{"SETUP", "MORE INFO request"}},
	},
	Network: {
		{StateNull, "", nil},
		{StateCallInitiated, "", []string{"SETUP"}},
		{StateOverlapSending, "", []string{"SETUP", "MORE INFO request"}},
		{StateOutgoingProceeding, "", []string{"SETUP", "PROCEEDING request"}},
		{StateCallDelivered, "", []string{"SETUP", "ALERTING request"}},
		{StateCallPresent, "", []string{"SETUP request"}},
		{StateCallPresent, "T303 expired once", []string{"SETUP request", "T303"}},
		{StateCallReceived, "", []string{"SETUP request", "ALERTING"}},
		{StateConnectRequest, "", []string{"SETUP request", "CONNECT"}},
		{StateIncomingProceeding, "", []string{"SETUP request", "CALL PROCEEDING"}},
		{StateActive, "", []string{"SETUP", "SETUP response"}},
		{StateActive, "data link lost", []string{"SETUP", "SETUP response", "DL-RELEASE"}},
		{StateActive, "STATUS ENQUIRY sent", []string{"SETUP", "SETUP response", "ENQUIRY request"}},
		{StateActive, "STATUS ENQUIRY sent twice", []string{"SETUP", "SETUP response", "ENQUIRY request", "T322"}},
		{StateDisconnectRequest, "", []string{"SETUP", "SETUP response", "DISCONNECT"}},
		{StateDisconnectIndication, "", []string{"SETUP", "SETUP response", "DISCONNECT request"}},
		{StateDisconnectIndication, "with tones", []string{"SETUP", "SETUP response", "DISCONNECT request with tones"}},
		{StateReleaseRequest, "", []string{"SETUP", "SETUP response", "DISCONNECT", "RELEASE request"}},
		{StateReleaseRequest, "T308 expired once", []string{"SETUP", "SETUP response", "DISCONNECT", "RELEASE request", "T308"}},
		{StateOverlapReceiving, "", []string{"SETUP request", "SETUP ACKNOWLEDGE"}},
	},
}

// notEntered are the states of the Recommendation that no call of ours is ever in.
var notEntered = [2][]string{
	User: {
		"U15 suspend request: not handled: calls are suspended on a basic access only",
		"U17 resume request: not handled: calls are resumed on a basic access only",
	},
	Network: {
		"N15 suspend request: not handled: calls are suspended on a basic access only",
		"N17 resume request: not handled: calls are resumed on a basic access only",
		"N22 call abort: not handled: it belongs to SETUP on the broadcast data link of a basic access",
	},
}

// callAt returns a call that went the given way.
func callAt(tb testing.TB, side Side, via []string) *Call {
	tb.Helper()
	ref := Ref{Value: 17, Length: 2}
	if len(via) == 0 || via[0] == "SETUP request" {
		ref = OwnRef(17, 2)
	}
	c := NewCall(side, EuroISDN(side), ref)
	for _, w := range via {
		c.Handle(event(tb, ref, w), nil)
	}
	return c
}

// TestTransitions writes what every state does with every input and compares it with the golden file,
// which a person has read against Annex A/Q.931.
func TestTransitions(t *testing.T) {
	var b bytes.Buffer
	b.WriteString("# Every state of a call and every input: the next state and the actions. A dot: nothing happens.\n" +
		"# A state with a remark shows only what differs from the state itself.\n" +
		"# Written by go test -run TestTransitions -golden; read against Annex A/Q.931.\n")
	for _, side := range []Side{User, Network} {
		rows := map[State]map[string]string{}
		for _, p := range paths[side] {
			label := p.state.Label(side)
			fmt.Fprintf(&b, "\n== %s %s", label, p.state)
			if p.note != "" {
				fmt.Fprintf(&b, ", %s", p.note)
			}
			if len(p.via) > 0 {
				fmt.Fprintf(&b, " (after %s)", strings.Join(p.via, ", "))
			}
			b.WriteString("\n")
			if p.note == "" {
				rows[p.state] = map[string]string{}
			}
			for _, in := range allInputs() {
				row := transition(t, side, p.state, p.via, in)
				if p.note == "" {
					rows[p.state][in] = row
				} else if rows[p.state][in] == row {
					continue
				}
				fmt.Fprintf(&b, "%-36s %s\n", in, row)
			}
		}
		b.WriteString("\n")
		for _, line := range notEntered[side] {
			fmt.Fprintf(&b, "== %s\n", line)
		}
	}
	compareGolden(t, "transitions.golden", b.Bytes())
}

// transition gives one input to a fresh call in the state and returns the next state and the actions.
func transition(t *testing.T, side Side, state State, via []string, in string) string {
	t.Helper()
	c := callAt(t, side, via)
	if c.State() != state {
		t.Fatalf("%v leads to %s, want %s", via, c.State().Label(side), state.Label(side))
	}
	ref := c.Ref()
	if state == StateNull && strings.HasPrefix(in, "SETUP") {
		ref.Flag = false
		c = NewCall(side, c.profile, ref)
	}
	did := words(c.Handle(event(t, ref, in), nil))
	if did == "" {
		did = "."
	}
	wellFormed(t, c, state.Label(side)+" "+in, did)
	return fmt.Sprintf("%-4s %s", c.State().Label(side), did)
}

func allInputs() []string {
	var list []string
	for _, i := range requests {
		list = append(list, i.String())
	}
	list = append(list, heardOrder...)
	for tm := range timers {
		list = append(list, tm.String())
	}
	for _, i := range linkEvents {
		list = append(list, i.String())
	}
	return list
}

// wellFormed holds the rules that every transition keeps.
func wellFormed(t *testing.T, c *Call, where, did string) {
	t.Helper()
	if strings.Contains(did, "action 0") {
		t.Errorf("%s: Released without a reason: %s", where, did)
	}
	released := strings.Contains(did, "RELEASED")
	if released && (c.State() != StateNull || !strings.Contains(did[strings.LastIndex(did, ",")+1:], "RELEASED")) {
		t.Errorf("%s: Released is not the last: %s, state %d", where, did, c.State())
	}
	for tm, on := range c.running {
		if on && c.State() == StateNull {
			t.Errorf("%s: %s runs in state 0", where, Timer(tm))
		}
	}
}

func compareGolden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *golden {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; go test -golden writes it", err)
	}
	gotLines, wantLines := strings.Split(string(got), "\n"), strings.Split(string(want), "\n")
	for i := range max(len(gotLines), len(wantLines)) {
		g, w := "", ""
		if i < len(gotLines) {
			g = gotLines[i]
		}
		if i < len(wantLines) {
			w = wantLines[i]
		}
		if g != w {
			t.Fatalf("%s:%d\n got %q\nwant %q\ngo test -golden accepts the change", path, i+1, g, w)
		}
	}
}

// TestHeardOrderIsComplete keeps the matrix complete when a message is added to the tests.
func TestHeardOrderIsComplete(t *testing.T) {
	if len(heardOrder) != len(heard) {
		t.Errorf("%d messages in the matrix, %d known to the tests", len(heardOrder), len(heard))
	}
	for i := range inputNames {
		if i.String() == "" {
			t.Errorf("input %d has no name", i)
		}
	}
}
