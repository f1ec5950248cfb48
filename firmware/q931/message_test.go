package q931

import (
	"bytes"
	"encoding/hex"
	"errors"
	"reflect"
	"strings"
	"testing"
)

func unhex(tb testing.TB, s string) []byte {
	tb.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func unhexT(s string) []byte {
	b, _ := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	return b
}

func TestDecodeAndEncode(t *testing.T) {
	for _, c := range messages {
		b := unhex(t, c.octets)
		m, err := Parse(b)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if len(m.Faults) > 0 {
			t.Errorf("%s: faults %v", c.name, m.Faults)
		}
		if !same(m, c.m) {
			t.Errorf("%s:\n got %+v\nwant %+v", c.name, m, c.m)
		}
		if got := c.m.AppendTo(nil); !bytes.Equal(got, b) {
			t.Errorf("%s:\n got % x\nwant % x", c.name, got, b)
		}
	}
}

// same compares two messages without their faults.
func same(a, b Message) bool {
	a.Faults, b.Faults = nil, nil
	if len(a.Other) == 0 && len(b.Other) == 0 {
		a.Other, b.Other = nil, nil
	}
	return reflect.DeepEqual(a, b)
}

// TestFaults has one case a rule of clauses 5.8.5 to 5.8.7/Q.931, in an INFORMATION.
func TestFaults(t *testing.T) {
	for _, c := range []struct {
		name, elements string
		faults         []Fault
		check          func(*Message) bool
	}{
		{"unknown", "3f 02 01 02", []Fault{{Unknown, 0, 0x3f}}, func(m *Message) bool { return len(m.Other) == 1 }},
		{"unknown, comprehension required", "0e 00", []Fault{{UnknownKey, 0, 0x0e}}, nil},
		{"unknown of one octet", "e5", []Fault{{Unknown, 0, 0xe5}}, nil},
		{
			"spoilt, kept raw", "08 02 00 90",
			[]Fault{{Content, 0, IDCause}},
			func(m *Message) bool { return m.Cause[0].Value == 0 && m.Other[0].ID == IDCause },
		},
		{"too short", "1e 01 80", []Fault{{Content, 0, IDProgress}}, nil},
		{"too long", "14 02 0a 0a", []Fault{{TooLong, 0, IDCallState}}, func(m *Message) bool { return !m.CallState.Given }},
		{"beyond the end", "28 05 41 42", []Fault{{BeyondEnd, 0, IDDisplay}}, func(m *Message) bool { return m.Display == nil }},
		{"no length octet", "28 01 41 70", []Fault{{BeyondEnd, 0, IDCalled}}, func(m *Message) bool { return string(m.Display) == "A" }},
		{
			"repeated: the first counts", "70 02 81 31 70 02 81 32",
			[]Fault{{Repeated, 0, IDCalled}},
			func(m *Message) bool { return string(m.Called.Digits) == "1" },
		},
		{
			"out of order: used all the same", "70 02 81 31 28 01 41",
			[]Fault{{OutOfOrder, 0, IDDisplay}},
			func(m *Message) bool { return string(m.Display) == "A" && string(m.Called.Digits) == "1" },
		},
		{
			"three causes", "08 02 80 90 08 02 80 91 08 02 80 92",
			[]Fault{{Repeated, 0, IDCause}},
			func(m *Message) bool { return m.Cause[0].Value == 16 && m.Cause[1].Value == 17 },
		},
		{"empty is the same as not there", "08 00 28 00 70 00", nil, func(m *Message) bool { return m.Display == nil && len(m.Other) == 0 }},
		{"an interface identifier without end", "18 03 e9 01 02", []Fault{{Content, 0, IDChannel}}, nil},
		{"a channel type without number", "18 02 a9 83", []Fault{{Content, 0, IDChannel}}, nil},
		{"a slot map of two octets", "18 04 a9 93 00 01", []Fault{{Content, 0, IDChannel}}, nil},
		{"the 30th of month 13", "29 03 1a 0d 1e", []Fault{{Content, 0, IDDateTime}}, nil},
		{"shift for one element", "9e 08 01 00 70 02 81 31", nil, func(m *Message) bool {
			return m.Other[0].Codeset == 6 && m.Other[0].ID == 8 && string(m.Called.Digits) == "1"
		}},
		{"locking shift", "28 01 41 96 70 02 81 31 28 01 42", nil, func(m *Message) bool {
			return m.Other[0].Codeset == 6 && m.Other[1].Codeset == 6 && !m.Called.Given && string(m.Display) == "A"
		}},
		{"back to codeset 0 for one element", "95 01 00 98 70 02 81 31 01 00", nil, func(m *Message) bool {
			return string(m.Called.Digits) == "1" && len(m.Other) == 2 && m.Other[1].Codeset == 5
		}},
		{
			"a locking shift does not lead down", "97 95 70 02 81 31",
			[]Fault{{Content, 0, 0x95}},
			func(m *Message) bool { return m.Other[0].Codeset == 7 },
		},
	} {
		m, err := Parse(append(unhex(t, "08 02 00 01 7b"), unhex(t, c.elements)...))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if len(m.Faults) != len(c.faults) || len(c.faults) > 0 && !reflect.DeepEqual(m.Faults, c.faults) {
			t.Errorf("%s: faults %v, want %v", c.name, m.Faults, c.faults)
		}
		if c.check != nil && !c.check(&m) {
			t.Errorf("%s: %+v", c.name, m)
		}
	}
}

func TestIgnoredOctets(t *testing.T) {
	var short ShortError
	var pd DiscriminatorError
	var ref ReferenceError
	for octets, want := range map[string]any{
		"":                  &short,
		"08":                &short,
		"08 02":             &short,
		"08 02 00 01":       &short,
		"08 01 05":          &short,
		"03 02 00 01 0f":    &pd,
		"43 02 00 01 0f":    &pd,
		"4f 02 00 01 05":    &pd,
		"08 03 00 00 01 05": &ref,
		"08 12 00 01 05":    &ref,
	} {
		_, err := Parse(unhex(t, octets))
		if err == nil || !errors.As(err, want) {
			t.Errorf("%q: %v", octets, err)
		}
	}
}

func TestSlot(t *testing.T) {
	for _, c := range []struct {
		ch   Channel
		slot uint8
		ok   bool
	}{
		{B(31, true), 31, true},
		{Channel{Given: true, Selection: Indicated, Type: UnitsB, Map: Slots{4, 1 << 17}}, 17, true},
		{Channel{Given: true, Selection: Indicated, Type: UnitsB, Map: Slots{4, 3}}, 0, false},
		{Channel{Given: true, Selection: AnyChannel}, 0, false},
		{Channel{Given: true, Selection: Indicated, Type: UnitsB, Number: 1, Further: []byte{0x82}}, 0, false},
		{Channel{}, 0, false},
	} {
		if slot, ok := c.ch.Slot(); slot != c.slot || ok != c.ok {
			t.Errorf("%+v: %d %v", c.ch, slot, ok)
		}
	}
}

// TestElementTable holds the order that encoder and lookup rely on.
func TestElementTable(t *testing.T) {
	for i := 1; i < len(elementInfos); i++ {
		if elementInfos[i].id <= elementInfos[i-1].id {
			t.Errorf("%v is behind %v", elementInfos[i].id, elementInfos[i-1].id)
		}
	}
	for _, e := range elementInfos {
		if e.name == "" || e.min > e.max || e.max > 255 {
			t.Errorf("row %#v", e)
		}
	}
}

// TestLongElementIsCut sees that no field can make a message that cannot be read.
func TestLongElementIsCut(t *testing.T) {
	m := Message{
		Ref: Ref{Value: 1, Length: 2}, Type: MsgInformation, Display: bytes.Repeat([]byte("x"), 300),
		Called: Number{Given: true, Digits: bytes.Repeat([]byte("1"), 400)},
	}
	got, err := Parse(m.AppendTo(nil))
	if err != nil || len(got.Faults) > 0 || len(got.Display) != 80 || len(got.Called.Digits) != 254 {
		t.Errorf("%v %v, display %d, digits %d", err, got.Faults, len(got.Display), len(got.Called.Digits))
	}
}

// TestNames holds the words that traces and logs show.
func TestNames(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{Ref{Value: 17, Length: 2}.String(), "ref 17/0"},
		{Ref{Value: 17, Length: 2, Flag: true}.String(), "ref 17/1"},
		{Ref{Length: 2}.String(), "ref global/0"},
		{Ref{}.String(), "ref dummy"},
		{MsgCallProceeding.String(), "CALL PROCEEDING"},
		{MessageType(0x5f).String(), "message 0x5f"},
		{IDBearer.String(), "bearer capability"},
		{ElementID(0xb7).String(), "congestion level"},
		{ElementID(0x3f).String(), "element 0x3f"},
		{StateCallDelivered.String(), "call delivered"},
		{State(5).String(), "state 5"},
		{StateActive.Label(Network), "N10"},
		{T303.String(), "T303"},
		{Timer(99).String(), "timer 99"},
		{Received(&Message{Type: MsgSetup}).Input.String(), "SETUP"},
		{Expired(T322).Input.String(), "T322"},
		{Input(255).String(), "input 255"},
		{DiscriminatorError(0x43).Error(), "protocol discriminator 0x43, not 0x08: not a message of Q.931"},
		{ShortError(2).Error(), "2 octets are too few for discriminator, call reference and message type"},
		{ReferenceError(0x12).Error(), "call reference length octet 0x12, want 0x00 to 0x02"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
	if !MsgHold.Known() || MessageType(0x5f).Known() {
		t.Error("known message types")
	}
	if (Ref{Value: 5, Length: 1}).Key() != (Ref{Value: 5, Length: 2}).Key() || (Ref{Value: 5, Length: 2}).Key() == (Ref{Value: 5, Length: 2, Flag: true}).Key() {
		t.Error("keys of call references")
	}
	for description, want := range map[uint8]bool{0: false, NotEndToEnd: true, DestinationPlain: false, InBand: true} {
		m := Message{Progress: [2]Progress{{}, {Description: description}}}
		if m.InBand() != want {
			t.Errorf("progress %d: in band %v", description, !want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, c := range messages {
		f.Add(unhex(f, c.octets))
	}
	var m, again Message
	var b []byte
	f.Fuzz(func(t *testing.T, octets []byte) {
		if m.Decode(octets) != nil {
			return
		}
		b = m.AppendTo(b[:0])
		if err := again.Decode(b); err != nil {
			t.Fatalf("% x encodes to % x: %v", octets, b, err)
		}
		sortOther(&m)
		sortOther(&again)
		if !same(m, again) {
			t.Fatalf("% x\n%+v\nencodes to % x\n%+v", octets, m, b, again)
		}
		for _, side := range []Side{User, Network} {
			object(&m, side)
		}
		_ = inWords(&m)
	})
}

// sortOther orders the raw elements as the encoder does, keeping namesakes in order.
func sortOther(m *Message) {
	rank := func(e Element) int {
		switch {
		case e.Codeset != 0:
			return 2000
		case e.ID&0x80 != 0:
			return 0
		}
		return 1000 + int(e.ID)
	}
	for i := range m.Other {
		for j := i; j > 0 && rank(m.Other[j]) < rank(m.Other[j-1]); j-- {
			m.Other[j], m.Other[j-1] = m.Other[j-1], m.Other[j]
		}
	}
}
