package q931

import (
	"bytes"
	"testing"
	"time"

	"trunkbox/firmware/q850"
)

// setupOf is the call that libpri 1.6.0 was asked to place on timeslot 5 for every variant; setups is what it sent.
func setupOf(p *Profile) *Message {
	digits := func(habit NumberHabit, number string) Number {
		return Number{Given: true, Type: habit.Type, Plan: habit.Plan, Digits: []byte(number)}
	}
	m := &Message{
		Ref: Ref{Value: 1, Length: 2}, Type: MsgSetup, SendingComplete: true, Bearer: p.Bearer, Channel: B(5, true), Display: []byte("Bob"),
		Calling: digits(NumberHabit{Type: NationalNumber, Plan: PlanE164}, "3015550000"),
		Called:  digits(NumberHabit{Type: NationalNumber, Plan: PlanE164}, "2025551212"),
	}
	m.Calling.HasOctet3a, m.Calling.Screening = true, p.Calling.Screening
	return m
}

const (
	northAmericanSetup = "08 02 00 01 05 04 03 80 90 a2 18 03 a9 83 85 28 04 b1 42 6f 62 "
	unscreened         = "6c 0c 21 80 33 30 31 35 35 35 30 30 30 30 "
	screened           = "6c 0c 21 83 33 30 31 35 35 35 30 30 30 30 "
	calledNumber       = "70 0b a1 32 30 32 35 35 35 31 32 31 32"
)

// TestSetupsOfLibpri compares the SETUP of each variant with what libpri sends for the same call. Ours puts sending complete
// first, where libpri has it last: an element of one octet has no place of its own.
func TestSetupsOfLibpri(t *testing.T) {
	for _, c := range []struct {
		variant string
		side    Side
		octets  string
	}{
		{"ni2", User, northAmericanSetup + unscreened + calledNumber},
		{"ni1", User, northAmericanSetup + unscreened + calledNumber},
		{"dms100", User, northAmericanSetup + screened + calledNumber},
		{"5ess", User, northAmericanSetup + unscreened + calledNumber},
		{"4ess", User, northAmericanSetup + screened + calledNumber},
		{"ni2", Network, northAmericanSetup + unscreened + calledNumber},
		{"euroisdn-e1", User, "08 02 00 01 05 a1 04 03 80 90 a3 18 03 a9 83 85 " + unscreened + calledNumber},
		{"euroisdn-t1", User, "08 02 00 01 05 a1 04 03 80 90 a2 18 03 a9 83 85 " + unscreened + calledNumber},
		{"euroisdn-e1", Network, "08 02 00 01 05 a1 04 03 80 90 a3 18 03 a9 83 85 28 03 42 6f 62 " + unscreened + calledNumber},
		{"qsig", User, "08 02 00 01 05 04 03 80 90 a3 18 03 a9 83 85 " + unscreened + calledNumber},
		{"qsig", Network, "08 02 00 01 05 04 03 80 90 a3 18 03 a9 83 85 " + unscreened + calledNumber},
	} {
		p, ok := ProfileOf(c.variant, c.side)
		if !ok {
			t.Fatalf("no variant %s", c.variant)
		}
		if got := p.AppendTo(nil, setupOf(p)); !bytes.Equal(got, unhex(t, c.octets)) {
			t.Errorf("%s %s:\n got % x\nwant % x", c.variant, c.side, got, unhex(t, c.octets))
		}
	}
	if _, ok := ProfileOf("ni3", User); ok {
		t.Error("there is a variant ni3")
	}
}

// TestProfilesAreWhole holds what every row must say, and what the rows are known for.
func TestProfilesAreWhole(t *testing.T) {
	for _, v := range Profiles {
		for _, side := range []Side{User, Network} {
			p, ok := ProfileOf(v.Name, side)
			if !ok || p.Variant != v.Name || v.Document == "" {
				t.Fatalf("row %q", v.Name)
			}
			for timer := range timers {
				never := timer == T306 && (side == User || p.Symmetric) || timer == T313 && side == Network && !p.Symmetric
				if d := p.Timers[timer]; never != (d == 0) || d > 3*time.Minute {
					t.Errorf("%s %s: %s is %v", v.Name, side, timer, d)
				}
			}
			switch {
			case p.MaxMessage != 260 || p.RefLength != 2 || !p.ConnectAck || !p.RestartSingle || !p.Bearer.Given:
				t.Errorf("%s %s: %+v", v.Name, side, p)
			case (p.Bearer.Layer1 == Layer1ALaw) != (v.Name == "euroisdn-e1" || v.Name == "qsig"):
				t.Errorf("%s: law %d", v.Name, p.Bearer.Layer1)
			case p.Display.Max == 0:
				t.Errorf("%s: no room in a display", v.Name)
			}
			p.Timers[T303] = 1
			if again, _ := ProfileOf(v.Name, side); again.Timers[T303] == 1 {
				t.Errorf("%s: the table was changed through a profile", v.Name)
			}
		}
	}
	if p := EuroISDN(Network); p.Location != q850.PublicLocal || p.Timers[T310] != 30*time.Second || !p.Hold {
		t.Errorf("EuroISDN %+v", p)
	}
}

// TestLogicalNumbers: 30 channels, 30 timeslots without 0 and 16, there and back.
func TestLogicalNumbers(t *testing.T) {
	seen := map[uint8]bool{}
	for number := uint8(1); number <= 30; number++ {
		ts := LogicalNumbers.Timeslot(number)
		if ts == 0 || ts == 16 || ts > 31 || seen[ts] || LogicalNumbers.Number(ts) != number {
			t.Errorf("number %d is timeslot %d, which is number %d", number, ts, LogicalNumbers.Number(ts))
		}
		seen[ts] = true
		if TimeslotNumbers.Timeslot(number) != number || TimeslotNumbers.Number(number) != number {
			t.Errorf("timeslot %d", number)
		}
	}
	p, _ := ProfileOf("qsig", User)
	for _, c := range []struct {
		ch     Channel
		octets string
	}{
		{B(15, true), "18 03 a9 83 8f"},
		{B(17, true), "18 03 a9 83 90"},
		{B(31, false), "18 03 a1 83 9e"},
		{SlotMap(32, 1<<15|1<<17|1<<31, true), "18 06 a9 93 40 01 80 00"},
		{Channel{Given: true, Selection: Indicated, Type: UnitsB, Number: 1, Further: []byte{17, 0x80 | 31}}, "18 05 a1 83 01 10 9e"},
		{Channel{Given: true, Selection: AnyChannel}, "18 01 a3"},
	} {
		m := &Message{Ref: Ref{Value: 1, Length: 2}, Type: MsgCallProceeding, Channel: c.ch}
		want := append(unhex(t, "08 02 00 01 02"), unhex(t, c.octets)...)
		got := p.AppendTo(nil, m)
		if !bytes.Equal(got, want) {
			t.Errorf("%+v:\n got % x\nwant % x", c.ch, got, want)
		}
		var back Message
		if err := p.Decode(&back, got); err != nil || back.Channel.Timeslots() != c.ch.Timeslots() || !bytes.Equal(got, want) {
			t.Errorf("% x: %v, timeslots %x, want %x", want, err, back.Channel.Timeslots(), c.ch.Timeslots())
		}
	}
}

// TestHabits: what is understood whatever the variant, and what a profile adds of its own.
func TestHabits(t *testing.T) {
	ni2, _ := ProfileOf("ni2", User)
	var m Message
	for octets, text := range map[string]string{
		"08 02 00 01 7b 28 04 b1 42 6f 62":    "Bob", // with the octet before the text
		"08 02 00 01 7b 28 03 42 6f 62":       "Bob",
		"08 02 00 01 7b 96 28 04 b1 42 6f 62": "Bob", // in codeset 6
		"08 02 00 01 7b 9d 28 03 42 6f 62":    "Bob", // in codeset 5
		"08 02 00 01 7b 28 01 b1":             "",
		"08 02 00 01 7b 96 01 01 41":          "",
		"08 02 00 01 7b 9f 28 03 42 6f 62":    "", // codeset 7 is the users'
		"08 02 00 01 7b 97 28 03 42 6f 62":    "",
		"08 02 00 01 7b 94 28 03 42 6f 62":    "", // codeset 4 is ISO's
	} {
		if err := ni2.Decode(&m, unhex(t, octets)); err != nil || string(m.Display) != text {
			t.Errorf("%s: %v %q, want %q", octets, err, m.Display, text)
		}
	}
	if err := EuroISDN(User).Decode(&m, unhex(t, "08 02 00 01 7b 9e 28 03 42 6f 62")); err != nil || m.Display != nil {
		t.Errorf("EuroISDN has a display in codeset 6: %v %q", err, m.Display)
	}
	if err := ni2.Decode(&m, unhex(t, "4f 02 00 01 05")); err == nil {
		t.Error("GR-303 was read")
	}
	if err := EuroISDN(User).Decode(&m, unhex(t, "03 02 00 00 0f")); err == nil {
		t.Error("EuroISDN read a maintenance message")
	}

	p, _ := ProfileOf("4ess", User)
	p.NetworkFacilities = FacilityOf4ESS(0xe7)
	p.ExplicitInterface, p.Interface = true, 3
	p.Display.Codeset = 6
	setup := &Message{Ref: Ref{Value: 1, Length: 2}, Type: MsgSetup, Bearer: SpeechMuLaw, Channel: B(23, true), Display: []byte("Bob")}
	want := unhex(t, "08 02 00 01 05 04 03 80 90 a2 18 04 e9 83 83 97 20 02 00 e7 9e 28 04 b1 42 6f 62")
	if got := p.AppendTo(nil, setup); !bytes.Equal(got, want) {
		t.Errorf("4ESS with everything:\n got % x\nwant % x", got, want)
	}
	if err := p.Decode(&m, want); err != nil || string(m.Display) != "Bob" || len(m.Faults) > 0 {
		t.Errorf("%v %q %v", err, m.Display, m.Faults)
	}
	if id, ok := m.Channel.InterfaceID(); !ok || id != 3 {
		t.Errorf("interface %d %v", id, ok)
	}
	setup.Type = MsgConnect
	setup.Channel = BOn(1, 2, true)
	if got := p.AppendTo(nil, setup); !bytes.Contains(got, unhex(t, "18 04 e9 81 83 82")) || bytes.Contains(got, []byte{0x20, 2, 0, 0xe7}) {
		t.Errorf("CONNECT % x", got)
	}
	setup.Display = bytes.Repeat([]byte("x"), 300)
	p.Display.Codeset = 0
	if err := p.Decode(&m, p.AppendTo(nil, setup)); err != nil || len(m.Display) != 79 {
		t.Errorf("%v, %d characters", err, len(m.Display))
	}
}

// TestWireNoAllocations: reading and writing in a variant allocates nothing.
func TestWireNoAllocations(t *testing.T) {
	for _, v := range Profiles {
		p, _ := ProfileOf(v.Name, Network)
		setup := setupOf(p)
		setup.Channel = B(31, true)
		b, m := make([]byte, 0, 300), Message{}
		if n := testing.AllocsPerRun(100, func() {
			b = p.AppendTo(b[:0], setup)
			if p.Decode(&m, b) != nil || m.Channel.Number != 31 {
				t.Fatal("not decoded")
			}
		}); n != 0 {
			t.Errorf("%s: %v allocations", v.Name, n)
		}
	}
}

func TestParseTimer(t *testing.T) {
	for timer := range timers {
		if got, ok := ParseTimer(timer.String()); !ok || got != timer {
			t.Errorf("%s: %v %v", timer, got, ok)
		}
	}
	if _, ok := ParseTimer("T399"); ok {
		t.Error("T399")
	}
}

// TestProceedingFirst: where the variant wants it, ALERTING as first answer becomes two messages, and the channel is in the
// first one.
func TestProceedingFirst(t *testing.T) {
	for variant, want := range map[string]string{
		"ni2":         "send CALL PROCEEDING ch 5, send ALERTING",
		"euroisdn-e1": "send ALERTING ch 5",
	} {
		for _, side := range []Side{User, Network} {
			p, _ := ProfileOf(variant, side)
			c := NewCall(side, p, Ref{Value: 17, Length: 2})
			c.Handle(event(t, c.Ref(), "SETUP"), nil)
			if got := words(c.Handle(event(t, c.Ref(), "ALERTING request"), nil)); got != want {
				t.Errorf("%s %s: %s, want %s", variant, side, got, want)
			}
			if c.State() != StateCallReceived && c.State() != StateCallDelivered {
				t.Errorf("%s %s: state %s", variant, side, c.State())
			}
		}
	}
}

// TestNoOverlap: a variant without overlap cannot ask for more digits, and the call waits for another answer.
func TestNoOverlap(t *testing.T) {
	p, _ := ProfileOf("4ess", Network)
	c := NewCall(Network, p, Ref{Value: 17, Length: 2})
	c.Handle(event(t, c.Ref(), "SETUP"), nil)
	if got := words(c.Handle(event(t, c.Ref(), "MORE INFO request"), nil)); got != "error: request out of place" || c.State() != StateCallInitiated {
		t.Errorf("%s, state %s", got, c.State())
	}
}
