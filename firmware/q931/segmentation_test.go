package q931

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

// long returns a SETUP of that many octets or a few more, with numbered facility elements.
func long(octets int) []byte {
	m := Message{Ref: Ref{Value: 0x1234, Length: 2}, Type: MsgSetup, Bearer: SpeechALaw, Channel: B(7, true)}
	for i := 0; len(m.AppendTo(nil)) < octets; i++ {
		size := min(100, max(1, octets-len(m.AppendTo(nil))-2))
		m.Other = append(m.Other, Element{ID: IDFacility, Data: bytes.Repeat([]byte{byte(i + 1)}, size)})
	}
	return m.AppendTo(nil)
}

// TestSplit: how many parts a message takes, what is in them, and what cannot be sent.
func TestSplit(t *testing.T) {
	p := EuroISDN(User)
	s := NewSegmenter(p)
	for _, c := range []struct{ octets, parts int }{{100, 1}, {260, 1}, {261, 2}, {500, 2}, {700, 3}, {5 + 8*251, 8}, {6 + 8*251, 0}} {
		message := long(c.octets)
		if len(message) != c.octets {
			t.Fatalf("%d octets, want %d", len(message), c.octets)
		}
		parts, err := s.Split(message)
		if c.parts == 0 {
			var long LengthError
			if !errors.As(err, &long) || long != (LengthError{6 + 8*251, 5 + 8*251}) || !strings.Contains(err.Error(), "2014 octets") {
				t.Errorf("%d octets: %v", c.octets, err)
			}
			continue
		}
		if err != nil || len(parts) != c.parts {
			t.Fatalf("%d octets: %d parts, %v", c.octets, len(parts), err)
		}
		var joined []byte
		for i, part := range parts {
			if len(part) > p.MaxMessage {
				t.Errorf("%d octets: part %d has %d", c.octets, i, len(part))
			}
			if c.parts == 1 {
				joined = part
				continue
			}
			counter := byte(c.parts - 1 - i)
			if i == 0 {
				counter |= 0x80
				joined = append(append(joined, message[:4]...), part[8])
			}
			if want := []byte{8, 2, 0x12, 0x34, 0x60, 0, 2, counter, 5}; !bytes.Equal(part[:9], want) {
				t.Errorf("%d octets: part %d begins % x, want % x", c.octets, i, part[:9], want)
			}
			joined = append(joined, part[9:]...)
		}
		if !bytes.Equal(joined, message) {
			t.Errorf("%d octets: the parts are not the message", c.octets)
		}
	}
	ni2, _ := ProfileOf("ni2", User)
	var tooLong LengthError
	if _, err := NewSegmenter(ni2).Split(long(261)); !errors.As(err, &tooLong) || tooLong.Longest != 260 {
		t.Errorf("NI-2: %v", err)
	}
}

// parcel is one information field: a part of the message of 700 octets by its number, or words for another one.
var parcels = map[string]func(parts [][]byte) []byte{
	"1": func(p [][]byte) []byte { return p[0] },
	"2": func(p [][]byte) []byte { return p[1] },
	"3": func(p [][]byte) []byte { return p[2] },
	"3 of another call": func(p [][]byte) []byte {
		return append([]byte{8, 2, 0x12, 0x35}, p[2][4:]...)
	},
	"3 of another type": func(p [][]byte) []byte {
		return append(append(bytes.Clone(p[2][:8]), 7), p[2][9:]...)
	},
	"first of 9":   func(p [][]byte) []byte { return append([]byte{8, 2, 0x12, 0x34, 0x60, 0, 2, 0x88, 5}, p[0][9:]...) },
	"first of 128": func(p [][]byte) []byte { return append([]byte{8, 2, 0x12, 0x34, 0x60, 0, 2, 0xff, 5}, p[0][9:]...) },
	"only one":     func([][]byte) []byte { return []byte{8, 2, 0x12, 0x34, 0x60, 0, 2, 0x80, 0x75} },
	"STATUS":       func([][]byte) []byte { return []byte{8, 2, 0x80, 1, 0x7d, 8, 2, 0x80, 0xe4, 0x14, 1, 10} },
	"cut off":      func(p [][]byte) []byte { return p[0][:8] },
	"wrong length": func([][]byte) []byte { return []byte{8, 2, 0x12, 0x34, 0x60, 0, 1, 0x80, 0x75} },
	"empty":        func([][]byte) []byte { return []byte{} },
	"noise":        func([][]byte) []byte { return []byte{8, 0xff, 0x60} },
}

// assemblies has one case a rule of Annex H.3/Q.931. Each line: what comes, the actions, the message that is complete.
var assemblies = map[string]string{
	"all in order": `
			1      | start T314                                        |
			2      | start T314                                        |
			3      | stop T314                                         | whole`,
	"a short message": `
			STATUS |                                                   | itself
			STATUS |                                                   | itself`,
	"one segment alone": `
			only one |                                                 | short`,
	"d) T314": `
			1      | start T314                                        |
			T314   | error: the rest of a message did not come within T314 |
			2      | error: a segment without those before it          |
			3      | error: a segment without those before it          |
			1      | start T314                                        |
			2      | start T314                                        |
			3      | stop T314                                         | whole`,
	"e) more than eight": `
			first of 9   | error: a message in more than 8 segments    |
			first of 128 | error: a message in more than 8 segments    |
			2            | error: a segment without those before it    |`,
	"f) the first is missing": `
			2      | error: a segment without those before it          |
			3      | error: a segment without those before it          |`,
	"g) one in the middle is missing": `
			1      | start T314                                        |
			3      | stop T314, error: a segment is missing            |
			T314   |                                                   |
			3      | error: a segment without those before it          |`,
	"g) one comes twice": `
			1      | start T314                                        |
			2      | start T314                                        |
			2      | stop T314, error: a segment is missing            |
			3      | error: a segment without those before it          |`,
	"another message between": `
			1      | start T314                                        |
			STATUS | stop T314, error: another message came between the segments of one | itself
			2      | error: a segment without those before it          |`,
	"begun again": `
			1      | start T314                                        |
			2      | start T314                                        |
			1      | stop T314, error: a message began before the segments of one were complete, start T314 |
			2      | start T314                                        |
			3      | stop T314                                         | whole`,
	"another call's segment": `
			1      | start T314                                        |
			2      | start T314                                        |
			3 of another call | stop T314, error: a segment of another message |`,
	"another type": `
			1      | start T314                                        |
			2      | start T314                                        |
			3 of another type | stop T314, error: a segment of another message |`,
	"h) the data link goes": `
			1          | start T314                                    |
			DL-RELEASE | stop T314, error: the data link was lost or reset between the segments of a message |
			DL-RELEASE |                                               |
			2          | error: a segment without those before it      |`,
	"h) the data link is reset": `
			1      | start T314                                        |
			DL-ESTABLISH while up | stop T314, error: the data link was lost or reset between the segments of a message |
			3      | error: a segment without those before it          |`,
	"a segment that is none passes through": `
			cut off      |                                             | itself
			wrong length |                                             | itself
			empty        |                                             | itself
			noise        |                                             | itself`,
}

func TestAssembler(t *testing.T) {
	for name, flow := range assemblies {
		t.Run(name, func(t *testing.T) {
			whole := long(700)
			parts, err := NewSegmenter(EuroISDN(Network)).Split(whole)
			if err != nil {
				t.Fatal(err)
			}
			a := NewAssembler(EuroISDN(User))
			for i, line := range strings.Split(strings.TrimSpace(flow), "\n") {
				cells := strings.Split(line, "|")
				in, want, out := strings.TrimSpace(cells[0]), strings.TrimSpace(cells[1]), strings.TrimSpace(cells[2])
				var message, octets []byte
				var actions []Action
				if parcel := parcels[in]; parcel != nil {
					octets = parcel(parts)
					message, actions = a.Take(octets, nil)
				} else {
					actions = a.Handle(event(t, Ref{}, in), nil)
				}
				if got := words(actions); got != want {
					t.Fatalf("line %d: %s, want %s", i+1, got, want)
				}
				expect := map[string][]byte{"": nil, "whole": whole, "itself": octets, "short": {8, 2, 0x12, 0x34, 0x75}}[out]
				if !bytes.Equal(message, expect) || (message == nil) != (out == "") {
					t.Fatalf("line %d: message % x, want % x", i+1, message, expect)
				}
				if a.running[T314] != a.receiving {
					t.Fatalf("line %d: T314 runs %v", i+1, a.running[T314])
				}
			}
		})
	}
}

// TestSegmentsUnknown: a variant without segmentation lets them pass to the call, which says that it does not know them.
func TestSegmentsUnknown(t *testing.T) {
	parts, err := NewSegmenter(EuroISDN(Network)).Split(long(300))
	if err != nil {
		t.Fatal(err)
	}
	p, _ := ProfileOf("dms100", User)
	if message, actions := NewAssembler(p).Take(parts[0], nil); len(actions) > 0 || !bytes.Equal(message, parts[0]) {
		t.Errorf("% x %s", message, words(actions))
	}
	c := NewCall(User, p, OwnRef(17, 2))
	c.Handle(event(t, c.Ref(), "SETUP request"), nil)
	if got := words(c.Handle(event(t, c.Ref(), "SEGMENT"), nil)); got != "send STATUS 97[60] state 1, error: unknown message" {
		t.Error(got)
	}
}

func TestSegmentationNoAllocations(t *testing.T) {
	s, a, message, actions := NewSegmenter(EuroISDN(User)), NewAssembler(EuroISDN(User)), long(700), make([]Action, 0, 8)
	if n := testing.AllocsPerRun(100, func() {
		parts, _ := s.Split(message)
		var back []byte
		for _, part := range parts {
			back, actions = a.Take(part, actions[:0])
		}
		if len(back) != len(message) {
			t.Fatal("not put together")
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// FuzzAssembler gives any information fields to the assembler, and sees that a message in parts still comes through.
func FuzzAssembler(f *testing.F) {
	f.Add([]byte{8, 2, 0x12, 0x34, 0x60, 0, 2, 0x81, 5, 1}, []byte{8, 2, 0x12, 0x34, 0x60, 0, 2, 0, 5, 2}, 300)
	f.Add([]byte{8, 0, 0x60, 0, 2, 0x80, 5}, []byte{}, 2013)
	f.Fuzz(func(t *testing.T, one, two []byte, octets int) {
		a := NewAssembler(EuroISDN(User))
		for _, b := range [][]byte{one, two, two} {
			if m, _ := a.Take(b, nil); len(m) > len(one)+2*len(two) {
				t.Fatalf("%d octets out of less", len(m))
			}
		}
		message := long(20 + (octets&0x7fff)%1990)
		parts, err := NewSegmenter(EuroISDN(User)).Split(message)
		if err != nil {
			t.Fatal(err)
		}
		var back []byte
		for _, part := range parts {
			back, _ = a.Take(part, nil)
		}
		if !bytes.Equal(back, message) {
			t.Fatalf("%d octets in %d parts are not put together", len(message), len(parts))
		}
	})
}
