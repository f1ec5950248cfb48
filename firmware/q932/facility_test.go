package q932

import (
	"bytes"
	"encoding/hex"
	"errors"
	"reflect"
	"strings"
	"testing"
)

func TestEveryOperationComesBack(t *testing.T) {
	type known struct {
		family Family
		code   Code
		result bool
	}
	seen := map[known]bool{}
	for i, s := range samples {
		f, err := s.facility(i + 1)
		if err != nil {
			t.Fatalf("%#v: %v", s.op, err)
		}
		octets := f.AppendTo(nil)
		back, err := ParseFacility(octets)
		if err != nil || len(back.Components) != 1 {
			t.Fatalf("%#v: % x: %v, %d components", s.op, octets, err, len(back.Components))
		}
		c := &back.Components[0]
		op, err := c.Operation(s.family)
		if err != nil || !reflect.DeepEqual(op, s.op) {
			t.Errorf("% x: %#v, %v, want %#v", octets, op, err, s.op)
		}
		if c.ID != i+1 || back.Extended != f.Extended || back.Service != f.Service {
			t.Errorf("% x: %+v", octets, back)
		}
		if again := back.AppendTo(nil); !bytes.Equal(again, octets) {
			t.Errorf("% x comes back as % x", octets, again)
		}
		seen[known{s.family, c.Code, s.result}] = true
	}
	for _, row := range operations() {
		if !seen[known{row.family, row.code, false}] {
			t.Errorf("no sample of %s", row.name)
		}
	}
	for _, row := range results {
		if !seen[known{row.family, row.code, true}] {
			t.Errorf("no sample of the result of %s", row.name)
		}
	}
}

// Octets as exchanges send them, written by hand after the Standards and well-known traces.
func TestOctetsOfExchanges(t *testing.T) {
	for _, c := range []struct {
		name, octets string
		family       Family
		want         Operation
	}{
		{"malicious call", "91 a1 06 02 01 05 02 01 03", European, MCIDRequest{}},
		{
			"two units, sub-total", "91 a1 12 02 01 01 02 01 22 30 0a a1 05 30 03 02 01 02 82 01 00", European,
			AOCDUnits{Charge: Charge{Units: []Units{{Count: 2, Known: true}}}},
		},
		{"free in the end", "91 a1 0a 02 01 07 02 01 24 30 02 81 00", European, AOCEUnits{Charge: Charge{Free: true}}},
		{"no charges", "91 a1 08 02 01 07 02 01 24 05 00", European, AOCEUnits{Charge: Charge{NotAvailable: true}}},
		{
			"indefinite lengths", "91 a1 80 02 01 01 02 01 22 30 80 a1 80 30 80 02 01 02 00 00 00 00 82 01 00 00 00 00 00", European,
			AOCDUnits{Charge: Charge{Units: []Units{{Count: 2, Known: true}}}},
		},
		{
			"National ISDN: the name comes later", "9f 8b 01 00 a1 0f 02 01 01 06 07 2a 86 48 ce 15 00 04 0a 01 00", NationalISDN,
			InformationFollowing{},
		},
		{
			"National ISDN: the name", "9f 8b 01 00 a1 0e 02 01 02 02 01 00 80 06 41 4e 4e 20 42 4f", NationalISDN,
			CallingName{Name{Text: "ANN BO"}},
		},
		{
			"QSIG: a name in a sequence", "9f aa 06 80 01 00 82 01 00 8b 01 00 a1 0d 02 01 01 02 01 00 30 05 80 03 42 6f 62", Private,
			CallingName{Name{Text: "Bob"}},
		},
		{"QSIG: a name in two octets a character", "9f a1 11 02 01 01 02 01 02 a1 09 04 04 5f 20 4e 09 02 01 08", Private, ConnectedName{Name{Text: "张三"}}},
		{"QSIG: a name of ISO 8859-1", "9f a1 0b 02 01 01 02 01 02 80 03 4a fc 72", Private, ConnectedName{Name{Text: "Jür"}}},
		{
			"QSIG: a name of UTF-8 where ISO 8859-1 is told", "9f a1 0c 02 01 01 02 01 02 80 04 4a c3 bc 72", Private,
			ConnectedName{Name{Text: "Jür"}},
		},
		{
			"QSIG: diverted, with an extension", "9f a1 1c 02 01 01 02 01 15 30 14 02 01 01 0a 01 02 a1 07 a0 05 80 03 31 32 33 a5 03 06 01 2a", Private,
			PrivateLeg2{Counter: 1, Reason: WhenBusy, Diverting: &Presented{Number: PartyNumber{Digits: "123"}}},
		},
	} {
		octets, err := hex.DecodeString(strings.ReplaceAll(c.octets, " ", ""))
		if err != nil {
			t.Fatal(c.name, err)
		}
		f, err := ParseFacility(octets)
		if err != nil || len(f.Components) != 1 {
			t.Errorf("%s: %v, %+v", c.name, err, f)
			continue
		}
		if op, err := f.Components[0].Operation(c.family); err != nil || !reflect.DeepEqual(op, c.want) {
			t.Errorf("%s: %#v, %v", c.name, op, err)
		}
	}
}

func TestWhatIsOwedForAnUnknownOperation(t *testing.T) {
	invoke := Component{Kind: Invoke, ID: 9, Code: Code{Local: 200}, Argument: []byte{5, 0}}
	for _, c := range []struct {
		name          string
		f             Facility
		c             Component
		answer, clear bool
	}{
		{"nothing said", ETSI(invoke), invoke, true, false},
		{"reject", QSIG(Reject, invoke), invoke, true, false},
		{"discard", QSIG(Discard, invoke), invoke, false, false},
		{"clear", QSIG(ClearCall, invoke), invoke, false, true},
		{"a result", QSIG(Reject), Component{Kind: Result, ID: 9}, false, false},
		{"a reject", ETSI(), RejectOf(9, UnrecognisedOperation), false, false},
	} {
		back, err := ParseFacility(c.f.AppendTo(nil))
		if err != nil {
			t.Fatal(err)
		}
		reject, answer, clear := back.Unrecognised(&c.c)
		if answer != c.answer || clear != c.clear {
			t.Errorf("%s: answer %v clear %v", c.name, answer, clear)
		}
		if answer && !reflect.DeepEqual(reject, Component{Kind: Rejected, ID: 9, Problem: UnrecognisedOperation}) {
			t.Errorf("%s: %+v", c.name, reject)
		}
	}
	if _, err := invoke.Operation(European); !errors.Is(err, ErrUnrecognised) {
		t.Error(err)
	}
	if invoke.Argument == nil || invoke.Name(European) != "operation 200" {
		t.Errorf("%+v is called %s", invoke, invoke.Name(European))
	}
	mistyped := Component{Kind: Invoke, ID: 1, Code: Code{Local: 34}, Argument: []byte{2, 1, 1}}
	if _, err := mistyped.Operation(European); !errors.Is(err, ErrMistyped) {
		t.Error(err)
	}
	// the same value is another operation, or none, elsewhere
	three := Component{Kind: Invoke, Code: Code{Local: 3}, Argument: []byte{0x84, 0}}
	for family, want := range map[Family]Operation{European: MCIDRequest{}, Private: BusyName{}, NationalISDN: nil} {
		if op, _ := three.Operation(family); !reflect.DeepEqual(op, want) {
			t.Errorf("family %d: %#v", family, op)
		}
	}
}

func TestResultsErrorsAndRejects(t *testing.T) {
	list := []Component{
		{Kind: Result, ID: 127},
		{Kind: Result, ID: 128, Given: true, Code: Code{Local: 30}, Argument: []byte{5, 0}},
		{Kind: Error, ID: -1, Code: Code{Local: 7}},
		{Kind: Error, ID: 1, Code: global(ectOID + ".21"), Argument: []byte{4, 1, 'x'}},
		{Kind: Rejected, ID: NoID, Problem: Problem{General, 2}},
		{Kind: Rejected, ID: 300, Problem: Problem{OfReturnError, 4}},
		{Kind: Invoke, ID: 2, Linked: ptr(1), Code: Code{Local: 6}},
	}
	f := ETSI(list...)
	octets := f.AppendTo(nil)
	back, err := ParseFacility(octets)
	if err != nil || !reflect.DeepEqual(back.Components, list) {
		t.Errorf("% x:\n%+v, %v", octets, back.Components, err)
	}
	words := []string{
		"", "", "not possible in this state of the call", "the network did not give that link",
		"rejected, problem 2 of kind 0", "rejected, problem 4 of kind 3", "",
	}
	for i := range list {
		if got := list[i].Words(European); got != words[i] {
			t.Errorf("%+v: %q", list[i], got)
		}
	}
	if got := (&Component{Kind: Error, Code: Code{Local: 0x11}}).Words(DMS); got != "the call was not found" {
		t.Error(got)
	}
	if got := (&Component{Kind: Error, Code: Code{Local: 77}}).Words(European); got != "error 77" {
		t.Error(got)
	}
}

func TestFaultyFacilities(t *testing.T) {
	for _, c := range []struct{ name, octets, fault string }{
		{"empty", "", "empty"},
		{"another protocol", "92 a1 00", "octet 0x92"},
		{"no service identifier", "11", "no service identifier"},
		{"length beyond the end", "91 a1 06 02 01", "ends before its end"},
		{"length of three octets", "91 a1 83 00 00 01 02", "length octet"},
		{"end mark is missing", "91 a1 80 02 01 05", "ends before its end"},
		{"no operation", "91 a1 03 02 01 05", "invoke"},
		{"an operation of another type", "91 a1 06 02 01 05 04 01 03", "tag 0x04"},
		{"a number of five octets", "91 a1 0a 02 05 01 01 01 01 01 02 01 03", "5 octets"},
		{"a number of none", "91 a1 05 02 00 02 01 03", "0 octets"},
		{"another component", "91 a5 03 02 01 05", "component with tag 0xa5"},
		{"an identifier that does not end", "91 a1 07 02 01 05 06 02 2a 86", "ends before its end"},
		{"an identifier too large", "91 a1 0b 02 01 05 06 06 2a ff ff ff ff 7f", "too large"},
		{"another problem", "91 a4 06 02 01 05 84 01 01", "problem with tag 0x84"},
		{"too deep", "91 a1 80" + strings.Repeat(" 30 80", 40), "too deeply"},
	} {
		octets, err := hex.DecodeString(strings.ReplaceAll(c.octets, " ", ""))
		if err != nil {
			t.Fatal(c.name, err)
		}
		if f, err := ParseFacility(octets); err == nil || !strings.Contains(err.Error(), c.fault) || len(f.Components) > 0 {
			t.Errorf("%s: %v, %+v", c.name, err, f.Components)
		}
	}
	// what can be read is read
	octets, _ := hex.DecodeString("91a503020105a106020105020103")
	f, err := ParseFacility(octets)
	if err == nil || len(f.Components) != 1 || f.Components[0].Code.Local != 3 {
		t.Errorf("%+v, %v", f.Components, err)
	}
}

func TestMoneyIsWrittenAsPeopleDo(t *testing.T) {
	for m, want := range map[Money]string{
		{"EUR", 120, 1}: "EUR 1.20", {"EUR", 5, 0}: "EUR 0.005", {"CNY", 22, 2}: "CNY 2.2", {"CNY", 3, 3}: "CNY 3",
		{"JPY", 12, 5}: "JPY 1200", {"", 0, 6}: "0", {"CNY", 7, 6}: "CNY 7000",
	} {
		if m.String() != want {
			t.Errorf("%#v: %s, want %s", m, m, want)
		}
	}
	c := Charge{Units: []Units{{Count: 2, Known: true}, {Type: 2}, {Count: 5, Known: true}}}
	if c.Sum() != 7 {
		t.Error(c.Sum())
	}
}

func TestLongNamesAreCutAtACharacter(t *testing.T) {
	c, err := NewInvoke(Private, 1, CallingName{Name{Text: strings.Repeat("张", 20)}})
	if err != nil {
		t.Fatal(err)
	}
	if op, err := c.Operation(Private); err != nil || op != (CallingName{Name{Text: strings.Repeat("张", 16)}}) {
		t.Errorf("%#v %v", op, err)
	}
	if _, err := NewInvoke(DMS, 1, MCIDRequest{}); !errors.Is(err, ErrUnrecognised) {
		t.Error(err)
	}
	if _, err := NewResult(DMS, 1, LinkID{}); !errors.Is(err, ErrUnrecognised) {
		t.Error(err)
	}
}

// FuzzParseFacility: nothing panics, and what is read and written again reads the same.
func FuzzParseFacility(f *testing.F) {
	for i, s := range samples {
		facility, err := s.facility(i)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(facility.AppendTo(nil))
	}
	f.Fuzz(func(t *testing.T, octets []byte) {
		facility, err := ParseFacility(octets)
		for i := range facility.Components {
			c := &facility.Components[i]
			for family := European; family <= DMS; family++ {
				op, err := c.Operation(family)
				if err != nil {
					continue
				}
				make := NewInvoke
				if c.Kind == Result {
					make = NewResult
				}
				again, err := make(family, c.ID, op)
				if err != nil {
					t.Fatalf("%#v: %v", op, err)
				}
				if _, err := again.Operation(family); err != nil {
					t.Fatalf("%#v: % x: %v", op, again.Argument, err)
				}
			}
			facility.Unrecognised(c)
			_ = c.Words(European) + c.Name(Private)
		}
		if err != nil {
			return
		}
		back, err := ParseFacility(facility.AppendTo(nil))
		if err != nil || len(back.Components) != len(facility.Components) {
			t.Fatalf("% x: %v", octets, err)
		}
	})
}
