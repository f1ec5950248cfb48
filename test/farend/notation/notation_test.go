package notation

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"
)

var (
	network = Speaker{Far: true, Network: true}
	box     = Speaker{}
)

// TestMessages: words and octets, written out by hand from the figures of the Recommendation.
func TestMessages(t *testing.T) {
	for _, c := range []struct{ words, octets string }{
		{"SETUP F5 complete bc channel=1! called=4001", "08 02 00 05 05 a1 04 03 80 90 a3 18 03 a9 83 81 70 05 81 34 30 30 31"},
		{"CALL PROCEEDING B1 channel=7", "08 02 80 01 02 18 03 a1 83 87"},
		{"DISCONNECT F300 cause=17 progress=8", "08 02 01 2c 45 08 02 82 91 1e 02 82 88"},
		{"RELEASE B1 cause=96/0[18]", "08 02 80 01 4d 08 03 80 e0 18"},
		{"STATUS F5 cause=30 state=10", "08 02 00 05 7d 08 02 82 9e 14 01 0a"},
		{"RESTART G channel=5! restart=channels", "08 02 00 00 46 18 03 a9 83 85 79 01 80"},
		{"RESTART ACKNOWLEDGE G/1 restart=all", "08 02 80 00 4e 79 01 87"},
		{"FACILITY - 1c:9100", "08 00 62 1c 02 91 00"},
		{"SETUP F5:1 bc=data channel=any", "08 01 05 05 04 02 88 90 18 01 a3"},
		{"SETUP F5^ bc", "08 02 80 05 05 04 03 80 90 a3"},
		{"INFORMATION F5 keypad=5# shift=6 01:02", "08 02 00 05 7b 2c 02 35 23 9e 01 01 02"},
		{"NOTIFY F5 notify=0 calling=+49/r connected=12", "08 02 00 05 6e 27 01 80 6c 04 11 a0 34 39 4c 04 01 80 31 32"},
		{"SETUP F5 bc channel=if0.3! a0:", "08 02 00 05 05 04 03 80 90 a3 18 04 e9 80 83 83 a0"},
		{"SERVICE pd=43 G 01:c2 channel=1!", "43 02 00 00 07 01 01 c2 18 03 a9 83 81"},
		{"SERVICE pd=03 G 01:c2 channel=1!", "03 02 00 00 0f 01 01 c2 18 03 a9 83 81"},
		{"0x5f F5", "08 02 00 05 5f"},
	} {
		got, err := Message(c.words, network)
		if err != nil {
			t.Errorf("%s: %v", c.words, err)
			continue
		}
		if want := strings.ReplaceAll(c.octets, " ", ""); hex.EncodeToString(got) != want {
			t.Errorf("%s:\n is   %x\n want %s", c.words, got, want)
		}
		again, err := Message(Words(got, network), network)
		if err != nil || !bytes.Equal(again, got) {
			t.Errorf("%s reads as %s", c.words, Words(got, network))
		}
	}
}

// TestMatch: what a line says of a message of the box.
func TestMatch(t *testing.T) {
	octets, err := hex.DecodeString("08028005" + "4d" + "08028090" + "08028066"[:8])
	if err != nil {
		t.Fatal(err)
	}
	for words, fits := range map[string]bool{
		"RELEASE F5 cause=16 cause=102": true, "RELEASE F5 cause=16 *": true, "RELEASE F5 cause=16": false,
		"RELEASE F5 cause=17 *": false, "RELEASE F5 cause=16/0 *": true, "RELEASE F5 cause=16/2 *": false, "RELEASE F5 *": true,
		"RELEASE F5 !display *": true, "RELEASE F5 !cause *": false, "RELEASE F6 *": false, "RELEASE B5 *": false,
		"RELEASE COMPLETE F5 *": false, "RELEASE F5 cause=16[00] *": false, "octets 08": false,
	} {
		if err := Match(octets, words, box); (err == nil) != fits {
			t.Errorf("%s: %v", words, err)
		}
	}
	disordered, err := Message("INFORMATION F5 keypad=1 display=A", network)
	if err != nil {
		t.Fatal(err)
	}
	if Match(disordered, "INFORMATION F5 keypad=1 display=A", network) == nil {
		t.Error("elements out of order passed")
	}
}

func TestFrames(t *testing.T) {
	user := Speaker{Far: true}
	for _, c := range []struct {
		words  string
		from   Speaker
		octets string
	}{
		{"SABME P1", network, "02017f"},
		{"SABME P1", user, "00017f"},
		{"UA F1", network, "000173"},
		{"UA F1", user, "020173"},
		{"DISC P0", network, "020143"},
		{"DM F1", user, "02011f"},
		{"RR P1 nr5", network, "0201010b"},
		{"REJ F0 nr127", user, "020109fe"},
		{"RNR F1 nr0", user, "02010501"},
		{"I P0 ns1 nr2 info=0102", network, "020102040102"},
		{"FRMR F0 info=0000000000", network, "0001870000000000"},
		{"octets cmd 83", network, "020183"},
		{"octets rsp 83", network, "000183"},
		{"UI P0 sapi=63 tei=127 info=0f", network, "feff030f"},
	} {
		got, err := Frame(c.words, c.from)
		if err != nil || hex.EncodeToString(got) != c.octets {
			t.Errorf("%s: %x, want %s (%v)", c.words, got, c.octets, err)
			continue
		}
		if err := MatchFrame(got, c.words, c.from); err != nil {
			t.Errorf("%s: %v", c.words, err)
		}
		again, err := Frame(FrameWords(got, c.from), c.from)
		if err != nil || !bytes.Equal(again, got) {
			t.Errorf("%s reads as %s", c.words, FrameWords(got, c.from))
		}
	}
	frame, err := Frame("I P0 ns0 nr0 : CONNECT F5 display=A", network)
	if err != nil {
		t.Fatal(err)
	}
	for words, fits := range map[string]bool{
		"I P0 ns0 nr0": true, "I P0 ns1 nr0": false, "I P0 ns0 nr0 : CONNECT F5 display": true, "I P0 ns0 nr0 : CONNECT F5": false,
		"I P1 ns0 nr0": false, "I P0 ns0 nr0 info=00": false,
	} {
		if err := MatchFrame(frame, words, network); (err == nil) != fits {
			t.Errorf("%s: %v", words, err)
		}
	}
}

// TestRefused: a line that says nothing is refused, whatever is in it.
func TestRefused(t *testing.T) {
	for _, words := range []string{"", "SETUP", "F5", "SETTLE F5", "SETUP F5 what=1", "SETUP F5 bc=what", "SETUP F5 cause=x", "SETUP F5 channel=x", "octets 0", "SETUP F99999"} {
		if octets, err := Message(words, network); err == nil {
			t.Errorf("%q was written as % x", words, octets)
		}
	}
	for _, words := range []string{"", "SABME", "SABME X1", "WHAT P1", "I P0 ns200 nr0", "RR P1 x1", "octets 0"} {
		if octets, err := Frame(words, network); err == nil {
			t.Errorf("%q was written as % x", words, octets)
		}
	}
}

// FuzzWords: any octets can be written in words, and messages that can be taken to pieces are read back as the same octets.
func FuzzWords(f *testing.F) {
	f.Add([]byte("\x08\x02\x00\x05\x05\xa1\x04\x03\x80\x90\xa3\x18\x03\xa9\x83\x81\x70\x05\x81\x34\x30\x30\x31"))
	f.Add([]byte("\x08\x02\x80\x01\x7d\x08\x03\x82\xe0\x18\x14\x01\x0a"))
	f.Add([]byte("\x08\x01\x05\x7b\x95\x01\x01\x02\x28\x02AB"))
	f.Add([]byte("\x02\x01\x00\x00\x08\x02\x00\x05\x07"))
	f.Fuzz(func(t *testing.T, octets []byte) {
		for _, from := range []Speaker{network, box} {
			_ = Words(octets, from)
			_ = FrameWords(octets, from)
			_ = Match(octets, "SETUP F5 bc cause=1 called=1 channel *", from)
			_ = MatchFrame(octets, "I P0 ns0 nr0 : SETUP F5 *", from)
		}
	})
}
