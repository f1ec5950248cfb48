package q931

import (
	"bytes"
	"encoding/hex"
	"errors"
	"reflect"
	"strings"
	"testing"

	"trunkbox/firmware/q850"
)

func unhex(tb testing.TB, s string) []byte {
	tb.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// messages are messages with their octets, written by hand after the figures of clause 4.5/Q.931.
var messages = []struct {
	name   string
	octets string
	m      Message
}{
	{
		"SETUP with what a telephone call has",
		"08 02 00 11 05 a1 04 03 80 90 a3 18 03 a9 83 81 28 03 42 6f 62 6c 06 21 83 38 30 30 31 70 04 81 31 31 30 74 06 21 00 82 31 32 33 7d 02 91 81",
		Message{
			Ref: Ref{Value: 17, Length: 2}, Type: MsgSetup, SendingComplete: true, Bearer: SpeechALaw,
			Channel: B(1, true), Display: []byte("Bob"),
			Calling:     Number{Given: true, Type: NationalNumber, Plan: PlanE164, HasOctet3a: true, Screening: 3, Digits: []byte("8001")},
			Called:      Number{Given: true, Plan: PlanE164, Digits: []byte("110")},
			Redirecting: Number{Given: true, Type: NationalNumber, Plan: PlanE164, HasOctet3a: true, HasReason: true, Reason: 2, Digits: []byte("123")},
			HLC:         Telephony,
		},
	},
	{
		"SETUP without a number to show",
		"08 02 00 12 05 04 03 90 90 a3 18 03 a1 83 9f 6c 02 00 a3",
		Message{
			Ref: Ref{Value: 18, Length: 2}, Type: MsgSetup,
			Bearer:  Bearer{Given: true, Capability: Audio3k1, Rate: Rate64k, Layer1: Layer1ALaw},
			Channel: B(31, false),
			Calling: Number{Given: true, HasOctet3a: true, Presentation: Restricted, Screening: 3},
		},
	},
	{
		"a bearer with rate adaption and layers 2 and 3",
		"08 02 00 12 05 04 07 88 90 21 8f c0 e6 80",
		Message{
			Ref: Ref{Value: 18, Length: 2}, Type: MsgSetup,
			Bearer: Bearer{Given: true, Capability: UnrestrictedData, Rate: Rate64k, Layer1: 1, Extended: true, Rest: unhexT("8f c0 e6 80")},
		},
	},
	{
		"a multirate bearer",
		"08 02 00 12 05 04 03 88 98 86",
		Message{
			Ref: Ref{Value: 18, Length: 2}, Type: MsgSetup,
			Bearer: Bearer{Given: true, Capability: UnrestrictedData, Rate: RateMulti, Multiplier: 6},
		},
	},
	{
		"RELEASE with two causes",
		"08 02 80 11 4d 08 02 80 90 08 05 80 e6 33 30 35",
		Message{
			Ref: Ref{Flag: true, Value: 17, Length: 2}, Type: MsgRelease,
			Cause: [2]Cause{{Value: 16}, {Value: q850.RecoveryOnTimerExpiry, Diagnostic: []byte("305")}},
		},
	},
	{
		"a cause with its recommendation and national coding",
		"08 02 80 11 45 08 03 44 81 91",
		Message{
			Ref: Ref{Flag: true, Value: 17, Length: 2}, Type: MsgDisconnect,
			Cause: [2]Cause{{Value: q850.UserBusy, Location: q850.PublicRemote, Coding: 2, Recommendation: 1}},
		},
	},
	{
		"STATUS",
		"08 02 80 11 7d 08 03 80 e1 5f 14 01 0a",
		Message{
			Ref: Ref{Flag: true, Value: 17, Length: 2}, Type: MsgStatus,
			Cause: [2]Cause{{Value: 97, Diagnostic: []byte{0x5f}}}, CallState: Some(StateActive),
		},
	},
	{
		"PROGRESS twice described",
		"08 02 80 11 03 1e 02 82 88 1e 02 84 81",
		Message{
			Ref: Ref{Flag: true, Value: 17, Length: 2}, Type: MsgProgress,
			Progress: [2]Progress{{Description: InBand, Location: q850.PublicLocal}, {Description: NotEndToEnd, Location: q850.PublicRemote}},
		},
	},
	{
		"CONNECT with connected number, date and time",
		"08 02 80 11 07 29 06 1a 0b 16 04 2a 3b 4c 06 21 83 31 30 30 30",
		Message{
			Ref: Ref{Flag: true, Value: 17, Length: 2}, Type: MsgConnect,
			DateTime:  DateTime{Given: true, Year: 26, Month: 11, Day: 22, HasTime: true, Hour: 4, Minute: 42, HasSecond: true, Second: 59},
			Connected: Number{Given: true, Type: NationalNumber, Plan: PlanE164, HasOctet3a: true, Screening: 3, Digits: []byte("1000")},
		},
	},
	{
		"any channel", "08 02 00 01 02 18 01 a3",
		Message{Ref: Ref{Value: 1, Length: 2}, Type: MsgCallProceeding, Channel: Channel{Given: true, Selection: AnyChannel}},
	},
	{
		"the D channel", "08 02 00 01 02 18 01 ac",
		Message{Ref: Ref{Value: 1, Length: 2}, Type: MsgCallProceeding, Channel: Channel{Given: true, Exclusive: true, DChannel: true}},
	},
	{
		"an explicit interface", "08 02 00 01 02 18 05 e9 01 82 83 97",
		Message{
			Ref: Ref{Value: 1, Length: 2}, Type: MsgCallProceeding,
			Channel: Channel{Given: true, Exclusive: true, Selection: Indicated, Interface: []byte{1, 0x82}, Type: UnitsB, Number: 23},
		},
	},
	{
		"two channels by number", "08 02 00 00 46 18 04 a9 83 05 86 79 01 80",
		Message{
			Ref: Ref{Length: 2}, Type: MsgRestart,
			Channel: Channel{Given: true, Exclusive: true, Selection: Indicated, Type: UnitsB, Number: 5, Further: []byte{0x86}},
			Restart: Some(RestartChannels),
		},
	},
	{
		"a slot map of an E1", "08 02 00 00 46 18 06 a9 93 80 00 00 02 79 01 80",
		Message{
			Ref: Ref{Length: 2}, Type: MsgRestart,
			Channel: Channel{Given: true, Exclusive: true, Selection: Indicated, Type: UnitsB, Map: Slots{4, 1<<31 | 1<<1}},
			Restart: Some(RestartChannels),
		},
	},
	{
		"a slot map of a T1", "08 02 00 00 46 18 05 a9 93 80 00 01 79 01 80",
		Message{
			Ref: Ref{Length: 2}, Type: MsgRestart,
			Channel: Channel{Given: true, Exclusive: true, Selection: Indicated, Type: UnitsB, Map: Slots{3, 1<<24 | 1<<1}},
			Restart: Some(RestartChannels),
		},
	},
	{
		"a B channel of a basic access", "08 01 01 05 18 01 8a",
		Message{Ref: Ref{Value: 1, Length: 1}, Type: MsgSetup, Channel: Channel{Given: true, Basic: true, Exclusive: true, Selection: 2}},
	},
	{
		"RESTART ACKNOWLEDGE of all interfaces", "08 02 80 00 4e 79 01 87",
		Message{Ref: Ref{Flag: true, Length: 2}, Type: MsgRestartAck, Restart: Some(RestartInterfaces)},
	},
	{
		"FACILITY with the dummy call reference", "08 00 62 1c 03 91 a1 00",
		Message{Type: MsgFacility, Other: []Element{{ID: IDFacility, Data: []byte{0x91, 0xa1, 0}}}},
	},
	{
		"keypad, signal, user-user", "08 01 85 7b 2c 02 2a 38 34 01 3f 7e 03 04 68 69",
		Message{
			Ref: Ref{Flag: true, Value: 5, Length: 1}, Type: MsgInformation, Keypad: []byte("*8"), Signal: Some(uint8(0x3f)),
			UserUser: []byte("\x04hi"),
		},
	},
	{"NOTIFY", "08 02 00 05 6e 27 01 81", Message{Ref: Ref{Value: 5, Length: 2}, Type: MsgNotify, Notification: Some(uint8(1))}},
	{
		"elements behind locking shifts, one for itself between them", "08 02 00 05 7b 28 01 41 95 01 01 aa 9e 02 01 bb 03 01 cc 96 04 01 dd",
		Message{
			Ref: Ref{Value: 5, Length: 2}, Type: MsgInformation, Display: []byte("A"),
			Other: []Element{
				{5, 1, []byte{0xaa}, true},
				{6, 2, []byte{0xbb}, false},
				{5, 3, []byte{0xcc}, true},
				{6, 4, []byte{0xdd}, true},
			},
		},
	},
	{
		"two calling numbers, subaddresses, facility, carrier, compatibility",
		"08 02 00 12 05 04 03 80 90 a3 18 03 a9 83 81 20 04 00 e7 01 02 6c 03 21 83 31 6c 03 00 a0 32 6d 05 80 50 31 32 33 70 02 81 33 71 03 a8 12 30 " +
			"73 04 21 00 82 34 78 04 a1 32 38 38 7c 03 80 90 a3 7d 03 91 4f 81",
		Message{
			Ref: Ref{Value: 18, Length: 2}, Type: MsgSetup, Bearer: SpeechALaw, Channel: B(1, true),
			NetworkFacilities: NetworkFacilities{Given: true, Specification: []byte{0xe7, 1, 2}},
			Calling:           Number{Given: true, Type: NationalNumber, Plan: PlanE164, HasOctet3a: true, Screening: 3, Digits: []byte("1")},
			SecondCalling:     Number{Given: true, HasOctet3a: true, Presentation: Restricted, Digits: []byte("2")},
			CallingSub:        Subaddress{Given: true, Address: []byte("P123")},
			Called:            Number{Given: true, Plan: PlanE164, Digits: []byte("3")},
			CalledSub:         Subaddress{Given: true, Type: 2, Odd: true, Address: []byte{0x12, 0x30}},
			OriginalCalled:    Number{Given: true, Type: NationalNumber, Plan: PlanE164, HasOctet3a: true, HasReason: true, Reason: 2, Digits: []byte("4")},
			TransitNetwork:    TransitNetwork{Given: true, Type: 2, Plan: 1, Network: []byte("288")},
			LLC:               unhexT("80 90 a3"),
			HLC:               HighLayer{Given: true, Interpretation: 4, Presentation: 1, Characteristics: 0x4f, HasExtended: true, Extended: 1},
		},
	},
	{
		"connected subaddress, redirection number, a named carrier's facility", "08 02 80 12 07 20 06 04 a1 32 38 38 05 4d 02 80 31 76 05 21 80 38 30 30",
		Message{
			Ref: Ref{Flag: true, Value: 18, Length: 2}, Type: MsgConnect,
			NetworkFacilities: NetworkFacilities{
				Given: true, HasNetwork: true, NetworkType: 2, NetworkPlan: 1, Network: []byte("288"), Specification: []byte{5},
			},
			ConnectedSub: Subaddress{Given: true, Address: []byte("1")},
			Redirection:  Number{Given: true, Type: NationalNumber, Plan: PlanE164, HasOctet3a: true, Digits: []byte("800")},
		},
	},
	{
		"CONGESTION CONTROL", "08 02 80 12 79 bf 08 02 82 aa",
		Message{
			Ref: Ref{Flag: true, Value: 18, Length: 2}, Type: MsgCongestionControl, Congestion: Some(uint8(15)),
			Cause: [2]Cause{{Value: 42, Location: q850.PublicLocal}},
		},
	},
	{
		"elements of other codesets", "08 02 00 05 7b 28 01 41 9e 01 02 aa bb 9d 05 01 cc",
		Message{
			Ref: Ref{Value: 5, Length: 2}, Type: MsgInformation, Display: []byte("A"),
			Other: []Element{{Codeset: 6, ID: 1, Data: []byte{0xaa, 0xbb}}, {Codeset: 5, ID: 5, Data: []byte{0xcc}}},
		},
	},
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

func TestNoAllocations(t *testing.T) {
	b := unhex(t, messages[0].octets)
	var m Message
	out := make([]byte, 0, 300)
	if n := testing.AllocsPerRun(100, func() {
		if m.Decode(b) != nil {
			t.Fatal("not decoded")
		}
		out = m.AppendTo(out[:0])
	}); n != 0 {
		t.Errorf("decode and encode allocate %v times", n)
	}
	c := callAt(t, User, []string{"SETUP request", "CONNECT"})
	enquiry, actions := event(t, c.Ref(), "STATUS ENQUIRY"), make([]Action, 0, 8)
	unknown := event(t, c.Ref(), "unknown message 0x5f")
	if n := testing.AllocsPerRun(100, func() {
		actions = c.Handle(enquiry, actions[:0])
		actions = c.Handle(unknown, actions[:0])
		actions = c.Handle(Event{Input: LinkDown}, actions[:0])
		actions = c.Handle(Event{Input: LinkUp}, actions[:0])
	}); n != 0 {
		t.Errorf("Handle allocates %v times", n)
	}
}

func BenchmarkDecode(b *testing.B) {
	octets := unhex(b, messages[0].octets)
	var m Message
	b.ReportAllocs()
	b.SetBytes(int64(len(octets)))
	for b.Loop() {
		if err := m.Decode(octets); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppendTo(b *testing.B) {
	m := messages[0].m
	var out []byte
	b.ReportAllocs()
	for b.Loop() {
		out = m.AppendTo(out[:0])
	}
}

func BenchmarkHandle(b *testing.B) {
	c := callAt(b, User, []string{"SETUP request", "CONNECT"})
	e := event(b, c.Ref(), "STATUS ENQUIRY")
	actions := make([]Action, 0, 8)
	b.ReportAllocs()
	for b.Loop() {
		actions = c.Handle(e, actions[:0])
	}
}

// BenchmarkCall is a whole call of one side, new machine and all.
func BenchmarkCall(b *testing.B) {
	profile, ref := EuroISDN(User), OwnRef(7, 2)
	var flow []Event
	for _, w := range []string{"SETUP request", "CALL PROCEEDING", "ALERTING", "CONNECT", "DISCONNECT request", "RELEASE"} {
		flow = append(flow, event(b, ref, w))
	}
	actions := make([]Action, 0, 8)
	b.ReportAllocs()
	for b.Loop() {
		c := NewCall(User, profile, ref)
		for _, e := range flow {
			actions = c.Handle(e, actions[:0])
		}
	}
}
