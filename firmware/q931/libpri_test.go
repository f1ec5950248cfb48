package q931

import (
	"bufio"
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// spoken is one message that libpri sent, and the variant it spoke.
type spoken struct {
	variant string
	octets  []byte
}

// spokenByLibpri reads testdata/libpri.hex, which says how it came about.
func spokenByLibpri(tb testing.TB) []spoken {
	tb.Helper()
	file, err := os.Open(filepath.Join("testdata", "libpri.hex"))
	if err != nil {
		tb.Fatal(err)
	}
	defer file.Close()
	var list []spoken
	for lines := bufio.NewScanner(file); lines.Scan(); {
		variant, octets, ok := strings.Cut(lines.Text(), " ")
		if ok && variant != "#" {
			list = append(list, spoken{variant, unhex(tb, octets)})
		}
	}
	if len(list) < 250 {
		tb.Fatalf("%d messages", len(list))
	}
	return list
}

// TestLibpriIsUnderstood reads what libpri sent in each variant: no element is unknown, spoilt or missing, each is in a field
// (but facility, and what other codesets hold), and what we write for the same message says the same.
func TestLibpriIsUnderstood(t *testing.T) {
	types := map[string]bool{}
	for _, s := range spokenByLibpri(t) {
		p, ok := ProfileOf(s.variant, User)
		if !ok {
			t.Fatalf("no variant %s", s.variant)
		}
		p.Display.Send = true
		if s.octets[0] != Discriminator && p.Maintenance.Discriminator == 0 {
			p.Maintenance = maintenance03 // libpri has it everywhere
		}
		var m, again Message
		if err := p.Decode(&m, s.octets); err != nil {
			t.Errorf("%s, % x: %v", s.variant, s.octets, err)
			continue
		}
		types[m.Name()] = true
		for _, f := range m.Faults {
			if f.Kind != OutOfOrder {
				t.Errorf("%s, % x: fault %d of %s", s.variant, s.octets, f.Kind, f.ID)
			}
		}
		for _, e := range m.Other {
			if e.Codeset == 0 && e.ID != IDFacility && e.ID != IDNotification {
				t.Errorf("%s, % x: %s has no field", s.variant, s.octets, e.ID)
			}
		}
		for _, side := range []Side{User, Network} {
			if o := object(&m, side); m.Protocol == 0 && o.cause != 0 {
				t.Errorf("%s, % x: %s", s.variant, s.octets, o.detail())
			}
		}
		complete := m.SendingComplete
		b := p.AppendTo(nil, &m)
		if err := p.Decode(&again, b); err != nil {
			t.Errorf("%s, % x: %v", s.variant, b, err)
		}
		again.SendingComplete = complete
		sortOther(&m)
		sortOther(&again)
		if !same(m, again) {
			t.Errorf("%s, % x\n%+v\n% x\n%+v", s.variant, s.octets, m, b, again)
		}
	}
	for _, name := range []string{
		"SETUP", "SETUP ACKNOWLEDGE", "CALL PROCEEDING", "ALERTING", "PROGRESS", "CONNECT", "CONNECT ACKNOWLEDGE",
		"INFORMATION", "NOTIFY", "FACILITY", "HOLD", "HOLD ACKNOWLEDGE", "HOLD REJECT", "RETRIEVE", "RETRIEVE ACKNOWLEDGE", "DISCONNECT",
		"RELEASE", "RELEASE COMPLETE", "RESTART", "RESTART ACKNOWLEDGE", "SERVICE", "SERVICE ACKNOWLEDGE",
	} {
		if !types[name] {
			t.Errorf("libpri said no %s", name)
		}
	}
}

// TestLibpriReadByBoth compares our reading of what libpri sent with tshark's. Facility elements are taken out: their contents
// are call control's, and tshark gives up on those that libpri sends as a DMS-100.
func TestLibpriReadByBoth(t *testing.T) {
	var octets [][]byte
	for _, s := range spokenByLibpri(t) {
		octets = append(octets, withoutFacility(s.octets))
	}
	for i, frame := range readByTshark(t, octets) {
		var m Message
		decode := m.Decode
		if isMaintenance(octets[i][0]) {
			decode = m.DecodeMaintenance
		}
		if err := decode(octets[i]); err != nil {
			t.Fatalf("% x: %v", octets[i], err)
		}
		agree(t, &m, frame)
	}
}

// withoutFacility takes the facility elements out of a message with a call reference of two octets and no shift.
func withoutFacility(b []byte) []byte {
	kept := bytes.Clone(b[:5])
	for b = b[5:]; len(b) > 0; {
		n := 1
		if b[0]&0x80 == 0 {
			n = 2 + int(b[1])
		}
		if b[0] != byte(IDFacility) {
			kept = append(kept, b[:n]...)
		}
		b = b[n:]
	}
	return kept
}
