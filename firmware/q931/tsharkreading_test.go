package q931

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"testing"
)

// tsharkFrame is one message as tshark reads it.
type tsharkFrame struct {
	text     string
	fields   map[string][]string // of the message itself
	elements []tsharkElement     // in their order, codeset 0
}

type tsharkElement struct {
	id     ElementID
	fields map[string][]string
}

// readByTshark has tshark read messages.
func readByTshark(t *testing.T, octets [][]byte) []tsharkFrame {
	t.Helper()
	tshark, err := exec.LookPath("tshark")
	if err != nil {
		t.Fatal("tshark is missing: install the package tshark")
	}
	file := filepath.Join(t.TempDir(), "q931.pcap")
	if err := os.WriteFile(file, pcap(octets), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(tshark, "-r", file, "-o", `uat:user_dlts:"User 0 (DLT=147)","q931","0","","0",""`,
		"-T", "json", "-J", "q931", "--no-duplicate-keys")
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir(), "WIRESHARK_RUN_FROM_BUILD_DIRECTORY=")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("tshark: %v\n%s", err, stderr.String())
	}
	var frames []struct {
		Source struct {
			Layers map[string]json.RawMessage `json:"layers"`
		} `json:"_source"`
	}
	if err := json.Unmarshal(out, &frames); err != nil {
		t.Fatal(err)
	}
	if len(frames) != len(octets) {
		t.Fatalf("%d messages written, tshark read %d", len(octets), len(frames))
	}
	list := make([]tsharkFrame, len(frames))
	for i, f := range frames {
		list[i] = frameOf(t, f.Source.Layers["q931"])
		if f.Source.Layers["_ws.malformed"] != nil {
			t.Errorf("% x is malformed", octets[i])
		}
	}
	return list
}

// frameOf splits what tshark shows of a message into the fields of its own and its elements.
func frameOf(t *testing.T, text json.RawMessage) tsharkFrame {
	t.Helper()
	frame := tsharkFrame{text: string(text), fields: map[string][]string{}}
	keys := json.NewDecoder(bytes.NewReader(text)) // a map would lose their order
	if _, err := keys.Token(); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	for keys.More() {
		token, err := keys.Token()
		var value any
		if err == nil {
			err = keys.Decode(&value)
		}
		if err != nil {
			t.Fatalf("%v in %s", err, text)
		}
		key, _ := token.(string)
		trees, isList := value.([]any)
		if !isList {
			trees = []any{value}
		}
		for _, tree := range trees {
			if s, ok := tree.(string); ok {
				frame.fields[key] = append(frame.fields[key], s)
				continue
			}
			e := tsharkElement{fields: map[string][]string{}}
			collect(tree, e.fields)
			id := e.fields["q931.information_element"] // a cause has more of them in its diagnostics
			if len(id) == 0 {
				id = e.fields["q932.ie.type"]
			}
			if len(id) > 0 {
				n, err := strconv.ParseUint(id[0], 0, 8)
				if err != nil {
					t.Fatal(err)
				}
				e.id = ElementID(n)
				frame.elements = append(frame.elements, e)
			}
		}
	}
	sort.SliceStable(frame.elements, func(i, j int) bool { return frame.elements[i].id < frame.elements[j].id })
	return frame
}

// collect gathers the values of every field in a JSON tree, in its order where a field is repeated.
func collect(node any, into map[string][]string) {
	tree, _ := node.(map[string]any)
	for key, sub := range tree {
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
			collect(sub, into)
		}
	}
}

// agree compares what tshark reads with a message, element by element and field by field.
func agree(t *testing.T, m *Message, frame tsharkFrame) {
	t.Helper()
	where := fmt.Sprintf("%s, % x", m.Name(), m.AppendTo(nil))
	for _, bad := range []string{"_ws.malformed", "_ws.expert", "not fully"} {
		if strings.Contains(frame.text, bad) {
			t.Errorf("%s: %s in\n%s", where, bad, frame.text)
		}
	}
	compare := func(what string, got map[string][]string, want map[string]string) {
		for name, value := range want {
			if strings.Join(got[name], ",") != value {
				t.Errorf("%s: %s %s is %q, want %q", where, what, name, got[name], value)
			}
		}
	}
	compare("message", frame.fields, expectedMessage(m))
	want := expectedElements(m)
	for _, e := range frame.elements {
		if _, is := want[e.id]; !is && !isRaw(m, e.id) {
			t.Errorf("%s: tshark sees an element 0x%02x, we none", where, uint8(e.id))
		}
	}
	for id, list := range want {
		var seen []tsharkElement
		for _, e := range frame.elements {
			if e.id == id {
				seen = append(seen, e)
			}
		}
		if len(seen) != len(list) {
			t.Errorf("%s: tshark sees %d elements 0x%02x, want %d", where, len(seen), uint8(id), len(list))
			continue
		}
		for i := range list {
			compare(id.String(), seen[i].fields, list[i])
		}
	}
}

// isRaw says whether the message has the element as raw contents, in whatever codeset.
func isRaw(m *Message, id ElementID) bool {
	for _, e := range m.Other {
		if e.ID == id {
			return true
		}
	}
	return false
}

// expectedMessage lists tshark's fields of the message itself.
func expectedMessage(m *Message) map[string]string {
	typeField := "q931.message_type"
	if m.Protocol == 0x03 {
		typeField = "q931.maintenance_message_type" // tshark knows this discriminator only
	}
	discriminator := m.Protocol
	if discriminator == 0 {
		discriminator = Discriminator
	}
	want := map[string]string{
		"q931.disc":         hexOf(discriminator),
		typeField:           hexOf(uint8(m.Type)),
		"q931.call_ref_len": fmt.Sprint(m.Ref.Length),
	}
	switch m.Ref.Length {
	case 1:
		want["q931.call_ref"] = fmt.Sprintf("%02x", m.Ref.Value)
	case 2:
		want["q931.call_ref"] = fmt.Sprintf("%02x:%02x", m.Ref.Value>>8, m.Ref.Value&0xff)
	}
	if m.Ref.Length > 0 {
		want["q931.call_ref_flag"] = oneIf(m.Ref.Flag)
	}
	if m.Congestion.Given {
		want["q931.congestion_level"] = hexOf(m.Congestion.Value)
	}
	return want
}

// pcap returns a capture file of link type USER0 with one packet a message.
func pcap(list [][]byte) []byte {
	le := binary.LittleEndian
	b := le.AppendUint32(nil, 0xa1b2c3d4)
	b = le.AppendUint16(b, 2)
	b = le.AppendUint16(b, 4)
	b = append(b, make([]byte, 8)...)
	b = le.AppendUint32(b, 65535)
	b = le.AppendUint32(b, 147)
	for i, octets := range list {
		b = le.AppendUint32(b, uint32(i))
		b = le.AppendUint32(b, 0)
		b = le.AppendUint32(b, uint32(len(octets)))
		b = le.AppendUint32(b, uint32(len(octets)))
		b = append(b, octets...)
	}
	return b
}
