package lapd

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"testing"
)

var golden = flag.Bool("golden", false, "write testdata/transitions.golden anew")

// situations are the states with the variables that a figure asks about.
var situations = []struct {
	name  string
	lines []string
}{
	{"4", nil},
	{"5 layer 3 initiated", []string{"establish"}},
	{"5 layer 3 initiated, release saved", []string{"establish", "release"}},
	{"5 anew, V(S)=V(A)", []string{"SABME P1", "FRMR F0"}},
	{"5 anew, V(S)=V(A)+2", []string{"SABME P1", "data", "data", "FRMR F0"}},
	{"5 layer 3 initiated, release saved, RC=N200", []string{"establish", "release", "T200", "T200", "T200"}},
	{"5 layer 3 initiated, RC=N200", []string{"establish", "T200", "T200", "T200"}},
	{"6", []string{"SABME P1", "release"}},
	{"6 establish saved", []string{"SABME P1", "release", "establish"}},
	{"6 RC=N200", []string{"SABME P1", "release", "T200", "T200", "T200"}},
	{"7 V(S)=V(A)", []string{"SABME P1"}},
	{"7 V(S)=V(A)+2", []string{"SABME P1", "data", "data"}},
	{"7 peer busy, one waits", []string{"SABME P1", "RNR F0 nr0", "data"}},
	{"7 peer busy, V(S)=V(A)+2, one waits", []string{"SABME P1", "data", "data", "RNR F0 nr0", "data"}},
	{"7 own busy", []string{"SABME P1", "busy"}},
	{"7 reject exception", []string{"SABME P1", "I P0 ns5 nr0"}},
	{"8 V(S)=V(A), RC=0", []string{"SABME P1", "T203"}},
	{"8 V(S)=V(A)+2", []string{"SABME P1", "data", "data", "T200"}},
	{"8 V(S)=V(A)+2, RC=N200", []string{"SABME P1", "data", "data", "T200", "T200", "T200"}},
	{"8 peer busy, V(S)=V(A)+2, one waits", []string{"SABME P1", "data", "data", "RNR F0 nr0", "data", "T200"}},
	{"8 own busy", []string{"SABME P1", "busy", "T203"}},
	{"8 reject exception", []string{"SABME P1", "T203", "I P0 ns5 nr0"}},
}

// inputs are all that can happen, in the order of the figures.
var inputs = []string{
	"establish", "release", "data", "T200", "T203", "deactivate", "busy", "ready",
	"SABME P0", "SABME P1", "DISC P0", "DISC P1", "UA F0", "UA F1", "DM F0", "DM F1",
	"RR P0 nr0", "RR P1 nr0", "RR F0 nr0", "RR F1 nr0", "RR F0 nr1", "RR F1 nr1", "RR F0 nr2", "RR F1 nr2", "RR F0 nr9",
	"RR F1 nr9", "RR P1 nr9",
	"REJ P0 nr0", "REJ P1 nr0", "REJ F0 nr0", "REJ F1 nr0", "REJ F0 nr1", "REJ F1 nr2", "REJ F0 nr9", "REJ F1 nr9",
	"RNR P0 nr0", "RNR P1 nr0", "RNR F0 nr0", "RNR F1 nr0", "RNR F0 nr1", "RNR F1 nr2", "RNR F0 nr9", "RNR F1 nr9",
	"I P0 ns0 nr0", "I P1 ns0 nr0", "I P0 ns1 nr0", "I P1 ns1 nr0", "I P0 ns0 nr1", "I P0 ns0 nr2", "I P0 ns0 nr9",
	"I P0 ns0 nr0 len261", "I F0 ns0 nr0", "FRMR F0", "UI P0 len4", "UI P0 len261",
	"XID P1", "XID F1 len9", "XID P0 len261",
	"SABME P1 len1", "UA P1", "RR F0 nr0 len1", "FRMR F0 len4",
	"hex 020183", "hex 0201ef", "hex 02010d00", "hex 0201", "hex 020101", "hex 02027f", "hex 03017f", "hex 02037f", "hex 42017f",
}

// TestTransitionsGolden writes the whole matrix of states and inputs and compares it with what was read once against Annex
// B/Q.921.
func TestTransitionsGolden(t *testing.T) {
	var matrix bytes.Buffer
	for _, s := range situations {
		fmt.Fprintf(&matrix, "# state %s\n", s.name)
		for _, in := range inputs {
			l := NewLink(User, PrimaryRate)
			play(t, l, s.lines...)
			did := play(t, l, in)
			fmt.Fprintf(&matrix, "%-20s -> %d  %s\n", in, l.state, did)
		}
		fmt.Fprintln(&matrix)
	}
	const file = "testdata/transitions.golden"
	if *golden {
		if err := os.WriteFile(file, matrix.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	got, was := bytes.Split(matrix.Bytes(), []byte("\n")), bytes.Split(want, []byte("\n"))
	if len(got) != len(was) {
		t.Fatalf("%d lines, %s has %d", len(got), file, len(was))
	}
	for i := range got {
		if !bytes.Equal(got[i], was[i]) {
			t.Errorf("line %d\n is  %s\n was %s", i+1, got[i], was[i])
		}
	}
}
