package lapd

import (
	"fmt"
	"strings"
	"testing"
)

// Tests speak to a link in one line a step: what happens, then what the link does. Frames are written with P0 or P1 when
// they are commands and F0 or F1 when they are responses: "SABME P1", "RR F1 nr3", "I P0 ns2 nr1".

func write(f Frame) string {
	bit, pf := "F", 0
	if f.Command {
		bit = "P"
	}
	if f.PF {
		pf = 1
	}
	text := fmt.Sprintf("%v %s%d", f.Kind, bit, pf)
	switch f.Kind {
	case I:
		text += fmt.Sprintf(" ns%d nr%d", f.NS, f.NR)
	case RR, RNR, REJ:
		text += fmt.Sprintf(" nr%d", f.NR)
	}
	return text
}

func parseNote(t testing.TB, note string) Frame {
	t.Helper()
	var f Frame
	for i, word := range strings.Fields(note) {
		var n int
		switch {
		case i == 0:
			f.Kind = 255
			for k, name := range kindNames {
				if name == word {
					f.Kind = Kind(k)
				}
			}
			if f.Kind == 255 {
				t.Fatalf("no frame is called %q", word)
			}
			if f.Kind == I {
				f.Info = []byte("message")
			}
			if f.Kind == FRMR {
				f.Info = make([]byte, frmrOctets)
			}
			continue
		case word == "P0" || word == "P1" || word == "F0" || word == "F1":
			f.Command, f.PF = word[0] == 'P', word[1] == '1'
			continue
		}
		switch {
		case scan(word, "ns%d", &n):
			f.NS = Sequence(n)
		case scan(word, "nr%d", &n):
			f.NR = Sequence(n)
		case scan(word, "len%d", &n):
			f.Info = make([]byte, n)
		default:
			t.Fatalf("no field is called %q", word)
		}
	}
	return f
}

func scan(word, format string, n *int) bool {
	got, _ := fmt.Sscanf(word, format, n)
	return got == 1
}

var inputNames = map[string]Input{
	"establish": EstablishRequest, "release": ReleaseRequest, "data": DataRequest,
	"T200": T200Expiry, "T203": T203Expiry, "deactivate": PersistentDeactivation,
	"busy": SetOwnBusy, "ready": ClearOwnBusy,
}

// event makes an Event out of a line: a name of inputNames, a frame, or "hex" with octets as they are.
func event(t testing.TB, side Side, line string) Event {
	t.Helper()
	if in, ok := inputNames[line]; ok {
		return Event{Input: in, Octets: []byte("message")}
	}
	if hex, ok := strings.CutPrefix(line, "hex "); ok {
		var octets []byte
		if _, err := fmt.Sscanf(strings.ReplaceAll(hex, " ", ""), "%x", &octets); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		return Event{Input: FrameReceived, Octets: octets}
	}
	return Event{Input: FrameReceived, Octets: parseNote(t, line).AppendTo(nil, side.Other())}
}

// tell writes what a link does. Every frame sent is read again as the far end reads it.
func tell(t testing.TB, side Side, actions []Action) string {
	t.Helper()
	var words []string
	for _, a := range actions {
		switch a.Verb {
		case Send:
			f, err := Parse(a.Octets, side)
			if err != nil {
				t.Fatalf("sent % x: %v", a.Octets, err)
			}
			words = append(words, write(f))
		case ErrorInd:
			words = append(words, "error "+a.Letter.String())
		case DataInd:
			words = append(words, "deliver")
		default:
			words = append(words, a.Verb.String())
		}
	}
	return strings.Join(words, ", ")
}

// play gives the lines to a link and returns what it did on the last.
func play(t testing.TB, l *Link, lines ...string) string {
	t.Helper()
	did := ""
	for _, line := range lines {
		did = tell(t, l.side, l.Handle(event(t, l.side, line)))
	}
	return did
}
