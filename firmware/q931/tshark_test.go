package q931

import (
	"testing"

	"trunkbox/firmware/q850"
)

// TestTshark has another decoder read what the encoder writes: every implemented message type with every
// element that has a field, and every message that the machines sent in the matrix of transitions.
func TestTshark(t *testing.T) {
	list := append(everything(), sentInMatrix(t)...)
	octets := make([][]byte, len(list))
	types := map[MessageType]bool{}
	for i := range list {
		octets[i] = list[i].AppendTo(nil)
		types[list[i].Type] = true
	}
	for i, frame := range readByTshark(t, octets) {
		agree(t, &list[i], frame)
	}
	for _, name := range heardOrder {
		if mt := heard[name].t; EuroISDN(User).implements(mt) && !types[mt] {
			t.Errorf("no %s was shown to tshark", mt)
		}
	}
}

// TestTsharkVariants shows tshark the same messages in the habits of every variant, and compares with what our decoder reads
// from the same octets.
func TestTsharkVariants(t *testing.T) {
	var octets [][]byte
	var list []Message
	for _, v := range Profiles {
		p, _ := ProfileOf(v.Name, Network)
		for _, m := range everything() {
			b := p.AppendTo(nil, &m)
			raw, err := Parse(b)
			if err != nil {
				t.Fatal(err)
			}
			octets, list = append(octets, b), append(list, raw)
		}
	}
	for i, frame := range readByTshark(t, octets) {
		agree(t, &list[i], frame)
	}
}

// TestTsharkService shows tshark the maintenance messages.
func TestTsharkService(t *testing.T) {
	var list []Message
	var octets [][]byte
	for _, v := range Profiles {
		p, _ := ProfileOf(v.Name, Network)
		if p.Maintenance.Discriminator == 0 {
			continue
		}
		for _, ch := range []Channel{B(7, true), BOn(2, 23, true), DChannelOn(1)} {
			for status := InService; status <= OutOfService; status++ {
				s := NewService(p)
				actions := s.Handle(Event{Input: ServiceReq, Msg: &Message{Channel: ch, ChangeStatus: Some(status)}}, nil)
				actions = NewService(p).Handle(Received(actions[0].Msg), actions)
				for _, a := range actions {
					if a.Kind == Send {
						b := a.Msg.AppendTo(nil)
						var m Message
						if err := m.DecodeMaintenance(b); err != nil {
							t.Fatal(err)
						}
						list, octets = append(list, m), append(octets, b)
					}
				}
			}
		}
	}
	if len(list) != 5*3*3*2 {
		t.Fatalf("%d messages", len(list))
	}
	for i, frame := range readByTshark(t, octets) {
		agree(t, &list[i], frame)
	}
}

// TestTsharkSegments has tshark put a message together that we sent in parts: it sees each element of ours.
func TestTsharkSegments(t *testing.T) {
	m := everything()[0]
	for i := range 5 {
		facility := []byte{0x91, 0xa2, 3, 2, 1, byte(i)}
		m.Other = append(m.Other, Element{ID: IDFacility, Data: facility})
	}
	m.Keypad, m.UserUser = []byte("01234567890123456789012345678901"), append([]byte{4}, make([]byte, 127)...)
	for i := range m.UserUser[1:] {
		m.UserUser[1+i] = 'a'
	}
	parts, err := NewSegmenter(EuroISDN(User)).Split(m.AppendTo(nil))
	if err != nil || len(parts) < 2 {
		t.Fatalf("%d parts, %v", len(parts), err)
	}
	frames := readByTshark(t, parts)
	for i, frame := range frames[:len(parts)-1] {
		if got := frame.fields["q931.message_type"]; len(got) != 1 || got[0] != "0x60" {
			t.Errorf("part %d: message type %q", i, got)
		}
	}
	last := frames[len(parts)-1]
	last.fields["q931.message_type"] = []string{"0x05"} // it is a SEGMENT by its type
	last.elements = last.elements[1:]
	agree(t, &m, last)
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
	restricted := with3a(num("13900112233"))
	restricted.Presentation, restricted.Screening = Restricted, 1
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
		{
			Type: MsgSetup, Bearer: Bearer{Given: true, Capability: UnrestrictedData, Rate: RateMulti, Multiplier: 6}, Channel: BOn(3, 31, false),
			NetworkFacilities: FacilityOf4ESS(0xe7), Calling: with3a(num("1")), SecondCalling: restricted,
			CallingSub: Subaddress{Given: true, Address: []byte("P123")}, Called: num("3"),
			CalledSub: Subaddress{Given: true, Type: 2, Odd: true, Address: []byte{0x12, 0x30}}, OriginalCalled: redirecting,
			TransitNetwork: TransitNetwork{Given: true, Type: 2, Plan: 1, Network: []byte("288")}, HLC: Telephony,
		},
		{
			Type: MsgConnect, Connected: restricted, ConnectedSub: Subaddress{Given: true, Address: []byte("P9")}, Redirection: with3a(num("7")),
			DateTime: DateTime{Given: true, Year: 26, Month: 11, Day: 22, HasTime: true, Hour: 5, Minute: 20, HasSecond: true, Second: 59},
		},
		{Type: MsgInformation, SendingComplete: true, Keypad: []byte("5"), Signal: Some(uint8(0x3f)), Display: []byte("more")},
		{Type: MsgInformation, Other: []Element{{5, 1, []byte{1}, true}, {6, 2, []byte{2}, false}, {6, 3, []byte{3}, true}}},
		{Type: MsgCallProceeding, Channel: Channel{Given: true, Selection: AnyChannel}},
		{Type: MsgCongestionControl, Congestion: Some(uint8(15)), Cause: cause},
		{Type: MsgUserInformation, UserUser: []byte("\x04more")},
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
		Message{Ref: global, Type: MsgRestart, Channel: WholeInterface(2), Restart: Some(RestartInterface)},
		Message{Ref: global, Type: MsgRestart, Channel: SlotMap(24, 1<<1|1<<24, true), Restart: Some(RestartChannels)},
		Message{
			Ref: global, Type: MsgRestart, Restart: Some(RestartChannels),
			Channel: Channel{Given: true, Exclusive: true, Selection: Indicated, Type: UnitsB, Number: 1, Further: []byte{2, 0x83}},
		},
		Message{Type: MsgFacility, Other: []Element{{ID: IDFacility, Data: []byte{0x91, 0xa2, 3, 2, 1, 1}}}},
		Message{Ref: Ref{Value: 5, Length: 1, Flag: true}, Type: MsgStatusEnquiry},
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
