package q931

import "trunkbox/firmware/q850"

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
