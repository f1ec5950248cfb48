package q931

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// serviceInputs are the inputs of the service procedure in words, with the octets of received messages.
var serviceInputs = []struct{ name, octets string }{
	{"SERVICE request for channel 7", ""},
	{"SERVICE request without status", ""},
	{"SERVICE for channel 7", "03 02 00 00 0f 01 01 c2 18 03 a9 83 87"},
	{"SERVICE of NI-2 for channel 7", "43 02 00 00 07 01 01 c0 18 03 a9 83 87"},
	{"SERVICE for channel 7 of interface 1", "03 02 00 00 0f 01 01 c1 18 04 e9 81 83 87"},
	{"SERVICE for the D channel", "03 02 00 00 0f 01 01 c2 18 02 ec 80"},
	{"SERVICE without channel", "03 02 00 00 0f 01 01 c2"},
	{"SERVICE without status", "03 02 00 00 0f 18 03 a9 83 87"},
	{"SERVICE with spoilt status", "03 02 00 00 0f 01 01 42 18 03 a9 83 87"},
	{"SERVICE ACKNOWLEDGE for channel 7", "03 02 80 00 07 01 01 c2 18 03 a9 83 87"},
	{"SERVICE ACKNOWLEDGE for channel 8", "03 02 80 00 07 01 01 c2 18 03 a9 83 88"},
	{"SERVICE ACKNOWLEDGE for channel 7 of interface 1", "03 02 80 00 07 01 01 c2 18 04 e9 81 83 87"},
	{"unknown maintenance message", "03 02 00 00 55"},
	{"T321", ""},
	{"DL-RELEASE", ""},
	{"DL-ESTABLISH", ""},
	{"RESTART response", ""},
}

func serviceEvent(tb testing.TB, words string) Event {
	tb.Helper()
	for _, in := range serviceInputs {
		if in.name != words {
			continue
		}
		m := new(Message)
		switch {
		case in.octets != "":
			if err := m.DecodeMaintenance(unhex(tb, in.octets)); err != nil {
				tb.Fatalf("%s: %v", words, err)
			}
			return Received(m)
		case strings.HasPrefix(words, "SERVICE request"):
			m.Channel = B(7, true)
			if !strings.HasSuffix(words, "without status") {
				m.ChangeStatus = Some(OutOfService)
			}
			return Event{Input: ServiceReq, Msg: m}
		}
		return event(tb, Ref{}, words)
	}
	tb.Fatalf("no input is called %q", words)
	return Event{}
}

// TestServiceTransitions writes the matrix of the service procedure.
func TestServiceTransitions(t *testing.T) {
	var b bytes.Buffer
	b.WriteString("# The service procedure: its states and every input. A dot: nothing happens.\n" +
		"# Written by go test -run TestServiceTransitions -golden.\n")
	p, _ := ProfileOf("5ess", User)
	for _, at := range []struct {
		name string
		via  []string
	}{
		{"at rest", nil},
		{"SERVICE sent", []string{"SERVICE request for channel 7"}},
		{"SERVICE sent, T321 expired once", []string{"SERVICE request for channel 7", "T321"}},
	} {
		fmt.Fprintf(&b, "\n== %s\n", at.name)
		for _, in := range serviceInputs {
			s := NewService(p)
			for _, w := range at.via {
				s.Handle(serviceEvent(t, w), nil)
			}
			did := words(s.Handle(serviceEvent(t, in.name), nil))
			if did == "" {
				did = "."
			}
			state := "rest"
			if s.Asking() {
				state = "asking"
			}
			if s.running[T321] != s.Asking() {
				t.Errorf("%s, %s: T321 runs %v", at.name, in.name, s.running[T321])
			}
			fmt.Fprintf(&b, "%-50s %-7s %s\n", in.name, state, did)
		}
	}
	compareGolden(t, "service.golden", b.Bytes())
}

// TestServiceOctets compares what goes out with what libpri 1.6.0 sends for the same request, and sees that an
// acknowledgement has the coding of the SERVICE that it answers.
func TestServiceOctets(t *testing.T) {
	sent := func(s *Service, e Event) (all string) {
		for _, a := range s.Handle(e, nil) {
			if a.Kind == Send {
				all += fmt.Sprintf("% x", s.profile.AppendTo(nil, a.Msg))
			}
		}
		return all
	}
	for variant, want := range map[string]string{
		"ni2": "43 02 00 00 07 01 01 c2 18 03 a9 83 87", "ni1": "03 02 00 00 0f 01 01 c2 18 03 a9 83 87",
		"dms100": "03 02 00 00 0f 01 01 c2 18 03 a9 83 87", "5ess": "03 02 00 00 0f 01 01 c2 18 03 a9 83 87",
		"4ess": "03 02 00 00 0f 01 01 c2 18 03 a9 83 87", "euroisdn-e1": "", "qsig": "",
	} {
		p, _ := ProfileOf(variant, User)
		s := NewService(p)
		if got := sent(s, serviceEvent(t, "SERVICE request for channel 7")); got != want {
			t.Errorf("%s sends %s, want %s", variant, got, want)
		}
		if got := sent(s, serviceEvent(t, "SERVICE of NI-2 for channel 7")); got != "43 02 80 00 0f 01 01 c0 18 03 a9 83 87" {
			t.Errorf("%s acknowledges %s", variant, got)
		}
		if got := sent(s, serviceEvent(t, "SERVICE for channel 7 of interface 1")); got != "03 02 80 00 07 01 01 c1 18 04 e9 81 83 87" {
			t.Errorf("%s acknowledges %s", variant, got)
		}
	}
}

func TestChannelConstructors(t *testing.T) {
	for _, c := range []struct {
		ch     Channel
		octets string
		slots  uint32
	}{
		{BOn(0, 3, true), "18 04 e9 80 83 83", 1 << 3},
		{BOn(2, 24, false), "18 04 e1 82 83 98", 1 << 24},
		{DChannelOn(1), "18 02 ec 81", 0},
		{WholeInterface(5), "18 02 e8 85", 0},
		{SlotMap(24, 1<<1|1<<24, true), "18 05 a9 93 80 00 01", 1<<1 | 1<<24},
		{SlotMap(32, 1<<31|1<<1, true), "18 06 a9 93 80 00 00 02", 1<<31 | 1<<1},
		{Channel{Given: true, Exclusive: true, Selection: Indicated, Type: UnitsB, Number: 1, Further: []byte{2, 0x84}}, "18 05 a9 83 01 02 84", 1<<1 | 1<<2 | 1<<4},
		{Channel{}, "", 0},
	} {
		m := Message{Ref: Ref{Length: 2}, Type: MsgRestart, Channel: c.ch}
		b := m.AppendTo(nil)
		if want := append(unhex(t, "08 02 00 00 46"), unhex(t, c.octets)...); !bytes.Equal(b, want) {
			t.Errorf("%+v\n got % x\nwant % x", c.ch, b, want)
		}
		back, err := Parse(b)
		if err != nil || back.Channel.Timeslots() != c.slots || len(back.Faults) > 0 {
			t.Errorf("% x: %v, timeslots %x, want %x", b, err, back.Channel.Timeslots(), c.slots)
		}
		if id, ok := back.Channel.InterfaceID(); ok != (c.ch.Interface != nil) || ok && id != c.ch.Interface[0]&0x7f {
			t.Errorf("% x: interface %d %v", b, id, ok)
		}
	}
}

func TestServiceStatusNames(t *testing.T) {
	for s, want := range map[ServiceStatus]string{0: "in service", 1: "maintenance", 2: "out of service", 5: "service status 5"} {
		if s.String() != want {
			t.Errorf("%d is %q", s, s)
		}
	}
	for want, m := range map[string]*Message{
		"SERVICE":                  {Protocol: 3, Type: 0x0f},
		"SERVICE ACKNOWLEDGE":      {Protocol: 0x43, Type: 0x0f},
		"maintenance message 0x05": {Protocol: 3, Type: 5},
		"CONNECT":                  {Type: 7},
	} {
		if got := m.Name(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// FuzzDecodeMaintenance: no octets upset the decoder or the procedure, and what is decoded is written the same again.
func FuzzDecodeMaintenance(f *testing.F) {
	for _, in := range serviceInputs {
		f.Add(unhex(f, in.octets))
	}
	p, _ := ProfileOf("ni2", Network)
	f.Fuzz(func(t *testing.T, octets []byte) {
		var m, again Message
		if m.DecodeMaintenance(octets) != nil {
			return
		}
		if err := again.DecodeMaintenance(m.AppendTo(nil)); err != nil {
			t.Fatalf("% x: %v", octets, err)
		}
		sortOther(&m)
		sortOther(&again)
		if !same(m, again) {
			t.Fatalf("% x\n%+v\n%+v", octets, m, again)
		}
		s := NewService(p)
		s.Handle(serviceEvent(t, "SERVICE request for channel 7"), nil)
		for _, a := range s.Handle(Received(&m), nil) {
			if a.Kind == Send {
				p.AppendTo(nil, a.Msg)
			}
		}
	})
}
