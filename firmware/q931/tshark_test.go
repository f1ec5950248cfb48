package q931

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"trunkbox/firmware/q850"
)

// TestTshark has another decoder read what the encoder writes: every implemented message type with every
// element that has a field, and every message that the machines sent in the matrix of transitions.
func TestTshark(t *testing.T) {
	tshark, err := exec.LookPath("tshark")
	if err != nil {
		t.Fatal("tshark is missing: install the package tshark")
	}
	list := append(everything(), sentInMatrix(t)...)
	file := filepath.Join(t.TempDir(), "q931.pcap")
	if err := os.WriteFile(file, pcap(list), 0o600); err != nil {
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
	if len(frames) != len(list) {
		t.Fatalf("%d messages written, tshark read %d", len(list), len(frames))
	}
	types := map[MessageType]bool{}
	for i, f := range frames {
		m := &list[i]
		types[m.Type] = true
		text := string(f.Source.Layers["q931"])
		for _, bad := range []string{"_ws.malformed", "_ws.expert", "Unknown", "not fully"} {
			if strings.Contains(text, bad) || f.Source.Layers[bad] != nil {
				t.Errorf("%s, % x: %s in\n%s", m.Type, m.AppendTo(nil), bad, text)
			}
		}
		var fields any
		if err := json.Unmarshal(f.Source.Layers["q931"], &fields); err != nil {
			t.Fatal(err)
		}
		got := map[string][]string{}
		collect(fields, got)
		for name, want := range expected(m) {
			if strings.Join(got[name], ",") != want {
				t.Errorf("%s, % x: %s is %q, want %q", m.Type, m.AppendTo(nil), name, got[name], want)
			}
		}
	}
	for _, name := range heardOrder {
		if mt := heard[name].t; EuroISDN(User).implements(mt) && !types[mt] {
			t.Errorf("no %s was shown to tshark", mt)
		}
	}
}

// expected lists tshark's fields with the values that the message must show.
func expected(m *Message) map[string]string {
	want := map[string]string{
		"q931.message_type": fmt.Sprintf("0x%02x", uint8(m.Type)),
		"q931.call_ref":     fmt.Sprintf("%02x:%02x", m.Ref.Value>>8, m.Ref.Value&0xff),
	}
	list := func(name string, values ...string) {
		if len(values) > 0 {
			want[name] = strings.Join(values, ",")
		}
	}
	var causes, locations []string
	for _, c := range m.Cause {
		if c.Value != 0 {
			causes = append(causes, fmt.Sprint(uint8(c.Value)))
			locations = append(locations, fmt.Sprint(uint8(c.Location)))
		}
	}
	list("q931.cause_value", causes...)
	list("q931.cause_location", locations...)
	if m.CallState.Given {
		list("q931.call_state", fmt.Sprintf("0x%02x", uint8(m.CallState.Value)))
	}
	if slot, ok := m.Channel.Slot(); ok && m.Channel.Map.Octets == 0 {
		list("q931.channel.number", fmt.Sprint(slot))
		list("q931.channel.exclusive", map[bool]string{true: "1", false: "0"}[m.Channel.Exclusive])
	}
	if m.Bearer.Given && m.LLC == nil { // tshark shows both under the same names
		list("q931.information_transfer_capability", fmt.Sprintf("0x%02x", uint8(m.Bearer.Capability)))
		list("q931.uil1", fmt.Sprintf("0x%02x", m.Bearer.Layer1))
	}
	var progress []string
	for _, p := range m.Progress {
		if p.Description != 0 {
			progress = append(progress, fmt.Sprintf("0x%02x", p.Description))
		}
	}
	list("q931.progress_indicator.description", progress...)
	for name, n := range map[string]Number{"calling_party": m.Calling, "called_party": m.Called, "connected": m.Connected, "redirecting": m.Redirecting} {
		if len(n.Digits) > 0 {
			list("q931."+name+"_number.digits", string(n.Digits))
		}
	}
	if m.Display != nil {
		list("q931.display_information", string(m.Display))
	}
	if m.Keypad != nil {
		list("q931.keypad_facility", string(m.Keypad))
	}
	if m.Notification.Given {
		list("q932.nd", fmt.Sprintf("0x%02x", m.Notification.Value))
	}
	if m.Restart.Given {
		list("q931.restart_indicator", fmt.Sprintf("0x%02x", uint8(m.Restart.Value)))
	}
	if m.Signal.Given {
		list("q931.signal", fmt.Sprintf("0x%02x", m.Signal.Value))
	}
	return want
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
				collect(sub, into)
			}
		}
	case []any:
		for _, sub := range v {
			collect(sub, into)
		}
	}
}

// everything returns one message of every implemented type with all the elements that fit it.
func everything() []Message {
	ref := Ref{Value: 0x1234, Length: 2}
	num := func(digits string) Number {
		return Number{Given: true, Type: NationalNumber, Plan: PlanE164, Digits: []byte(digits)}
	}
	with3a := func(n Number) Number {
		n.HasOctet3a, n.Screening = true, 3
		return n
	}
	redirecting := with3a(num("4000"))
	redirecting.HasReason, redirecting.Reason = true, 1
	inBand := [2]Progress{{Description: InBand, Location: q850.PublicLocal}, {Description: NotEndToEnd, Location: q850.PublicRemote}}
	cause := [2]Cause{{Value: q850.UserBusy, Location: q850.PublicRemote}}
	both := [2]Cause{{Value: q850.NormalClearing}, {Value: q850.RecoveryOnTimerExpiry, Location: q850.PublicLocal}}
	list := []Message{
		{
			Type: MsgSetup, SendingComplete: true, Bearer: SpeechALaw, Channel: B(31, true), Progress: inBand, Display: []byte("Bob"),
			Keypad: []byte("*21#"), Signal: Some(uint8(1)), Calling: with3a(num("13900112233")), Called: num("8001"), Redirecting: redirecting,
			LLC: []byte{0x80, 0x90, 0xa3}, HLC: Telephony, UserUser: []byte("\x04hello"),
		},
		{Type: MsgSetup, Bearer: SpeechMuLaw, Channel: B(1, false), Called: num("1")},
		{Type: MsgSetupAck, Channel: B(2, true), Progress: inBand},
		{Type: MsgCallProceeding, Channel: B(3, true)},
		{Type: MsgAlerting, Channel: B(4, true), Progress: inBand},
		{Type: MsgProgress, Progress: inBand, Cause: cause},
		{
			Type: MsgConnect, Channel: B(5, true), Connected: with3a(num("8002")), Display: []byte("Ann"),
			DateTime: DateTime{Given: true, Year: 26, Month: 11, Day: 22, HasTime: true, Hour: 5, Minute: 20},
		},
		{Type: MsgConnectAck},
		{Type: MsgDisconnect, Cause: cause, Progress: inBand},
		{Type: MsgRelease, Cause: both},
		{Type: MsgReleaseComplete, Cause: cause},
		{Type: MsgInformation, Called: num("55")},
		{Type: MsgNotify, Notification: Some(uint8(0))},
		{Type: MsgFacility, Other: []Element{{ID: IDFacility, Data: []byte{0x91, 0xa2, 3, 2, 1, 1}}}},
		{Type: MsgHold},
		{Type: MsgHoldAck},
		{Type: MsgHoldReject, Cause: cause},
		{Type: MsgRetrieve, Channel: B(6, false)},
		{Type: MsgRetrieveAck, Channel: B(6, true)},
		{Type: MsgRetrieveReject, Cause: cause},
		{Type: MsgStatusEnquiry},
		{Type: MsgStatus, Cause: cause, CallState: Some(StateActive)},
	}
	for i := range list {
		list[i].Ref = ref
	}
	global := Ref{Length: 2}
	return append(list,
		Message{Ref: global, Type: MsgRestart, Channel: B(17, true), Restart: Some(RestartChannels)},
		Message{Ref: global, Type: MsgRestart, Restart: Some(RestartInterfaces)},
		Message{Ref: global.Answer(), Type: MsgRestartAck, Channel: B(17, true), Restart: Some(RestartChannels)},
		Message{
			Ref: global.Answer(), Type: MsgRestartAck, Restart: Some(RestartInterface),
			Channel: Channel{Given: true, Exclusive: true, Selection: Indicated, Type: UnitsB, Map: Slots{4, 0xfffefffe}},
		})
}

// sentInMatrix returns every different message that the machines send in the matrix of transitions, as
// decoded from its octets. A FACILITY is left out: its contents are call control's.
func sentInMatrix(t *testing.T) []Message {
	seen := map[string]bool{}
	var list []Message
	for _, side := range []Side{User, Network} {
		for _, p := range paths[side] {
			for _, in := range allInputs() {
				c := callAt(t, side, p.via)
				for _, a := range c.Handle(event(t, c.Ref(), in), nil) {
					if a.Kind != Send {
						continue
					}
					b := a.Msg.AppendTo(nil)
					if seen[string(b)] || a.Msg.Type == MsgFacility {
						continue
					}
					seen[string(b)] = true
					m, err := Parse(b)
					if err != nil {
						t.Fatal(err)
					}
					list = append(list, m)
				}
			}
		}
	}
	return list
}

// pcap returns a capture file of link type USER0 with one packet a message.
func pcap(list []Message) []byte {
	le := binary.LittleEndian
	b := le.AppendUint32(nil, 0xa1b2c3d4)
	b = le.AppendUint16(b, 2)
	b = le.AppendUint16(b, 4)
	b = append(b, make([]byte, 8)...)
	b = le.AppendUint32(b, 65535)
	b = le.AppendUint32(b, 147)
	for i := range list {
		octets := list[i].AppendTo(nil)
		b = le.AppendUint32(b, uint32(i))
		b = le.AppendUint32(b, 0)
		b = le.AppendUint32(b, uint32(len(octets)))
		b = le.AppendUint32(b, uint32(len(octets)))
		b = append(b, octets...)
	}
	return b
}
