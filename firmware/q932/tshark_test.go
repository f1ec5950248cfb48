package q932

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestTshark has another decoder read every facility that we write, in a FACILITY message. Of the
// operations that known denies it reads the component only; DMS-100's service octet it does not know.
func TestTshark(t *testing.T) {
	tshark, err := exec.LookPath("tshark")
	if err != nil {
		t.Fatal("tshark is missing: install the package tshark")
	}
	for _, encoding := range []string{"QSIG", "ETSI"} {
		var list []sample
		var packets [][]byte
		for i, s := range samples {
			// A DMS-100 has an octet before the components that tshark does not know.
			if (s.family == Private || s.family == NationalISDN) != (encoding == "QSIG") || s.family == DMS {
				continue
			}
			f, err := s.facility(i + 1)
			if err != nil {
				t.Fatal(err)
			}
			list, packets = append(list, s), append(packets, message(f.AppendTo(nil)))
		}
		frames := dissect(t, tshark, packets, encoding)
		if len(frames) != len(list) {
			t.Fatalf("%d facilities written, tshark read %d", len(list), len(frames))
		}
		for i, frame := range frames {
			compare(t, list[i], frame, packets[i])
		}
	}
}

func compare(t *testing.T, s sample, frame any, octets []byte) {
	got := map[string][]string{}
	collect(frame, got)
	all := fmt.Sprint(got)
	bad := []string{"_ws.malformed", "_ws.expert", "unknown_component"}
	if !known(s.op) {
		bad = bad[:1]
	}
	for _, bad := range bad {
		if strings.Contains(all, bad) {
			t.Errorf("%#v: % x: %s in %s", s.op, octets, bad, all)
		}
	}
	f, err := ParseFacility(octets[7:])
	if err != nil {
		t.Fatal(err)
	}
	c := f.Components[0]
	want := map[string]string{}
	if c.Code.Global == "" {
		want["q932.ros.local"] = c.Code.String()
	} else {
		want["q932.ros.global"] = c.Code.Global
	}
	for name, value := range s.fields {
		want[name] = value
	}
	if strings.Join(append(got["q932.ros.present"], got["q932.ros.InvokeId_present"]...), ",") != fmt.Sprint(c.ID) {
		t.Errorf("%#v: % x: invoke identifier in %s, want %d", s.op, octets, all, c.ID)
	}
	for name, value := range want {
		slices.Sort(got[name])
		if strings.Join(got[name], ",") != value {
			t.Errorf("%#v: % x: %s is %q, want %q in %s", s.op, octets, name, got[name], value, all)
		}
	}
}

// known says whether tshark knows the operation's argument.
func known(op Operation) bool {
	switch op.(type) {
	case InformationFollowing, InitiateTransfer, ECTExecute, LinkIDRequest, LinkID, ExplicitECT, ECTInform, ECTLoopTest:
		return false
	}
	return true
}

// message is a FACILITY message with one facility element.
func message(facility []byte) []byte {
	return append([]byte{8, 2, 0, 1, 0x62, 0x1c, uint8(len(facility))}, facility...)
}

// dissect returns the protocol tree of each packet.
func dissect(t *testing.T, tshark string, packets [][]byte, encoding string) []any {
	le := binary.LittleEndian
	b := le.AppendUint32(nil, 0xa1b2c3d4)
	b = le.AppendUint16(b, 2)
	b = le.AppendUint16(b, 4)
	b = append(b, make([]byte, 8)...)
	b = le.AppendUint32(b, 65535)
	b = le.AppendUint32(b, 147)
	for i, packet := range packets {
		for _, v := range []int{i, 0, len(packet), len(packet)} {
			b = le.AppendUint32(b, uint32(v))
		}
		b = append(b, packet...)
	}
	file := filepath.Join(t.TempDir(), "q932.pcap")
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(tshark, "-r", file, "-o", `uat:user_dlts:"User 0 (DLT=147)","q931","0","","0",""`,
		"-o", "q932.facility_encoding:Facility as "+encoding, "-T", "json", "--no-duplicate-keys")
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir(), "WIRESHARK_RUN_FROM_BUILD_DIRECTORY=")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("tshark: %v\n%s", err, stderr.String())
	}
	var frames []any
	if err := json.Unmarshal(out, &frames); err != nil {
		t.Fatal(err)
	}
	return frames
}

// collect gathers the values of every field in a JSON tree, in its order where a field is repeated.
func collect(node any, into map[string][]string) {
	switch v := node.(type) {
	case map[string]any:
		for key, sub := range v {
			switch leaf := sub.(type) {
			case string:
				into[key] = append(into[key], leaf)
			case []any:
				for _, one := range leaf {
					if s, ok := one.(string); ok {
						into[key] = append(into[key], s)
					} else {
						collect(one, into)
					}
				}
			default:
				into[key] = append(into[key], []string{}...)
				collect(sub, into)
			}
		}
	case []any:
		for _, sub := range v {
			collect(sub, into)
		}
	}
}
