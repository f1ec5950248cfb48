package q931

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"trunkbox/firmware/q850"
)

// The inputs of the tests in words, and the actions in words. Received messages are written as octets by
// hand, so that they do not depend on the encoder.

const (
	bearer  = "04 03 80 90 a3 "                               // speech, A-law
	channel = "18 03 a9 83 85 "                               // channel 5, exclusive
	calling = "6c 0d 21 83 31 33 39 30 30 31 31 32 32 33 33 " // 13900112233
	called  = "70 05 c1 38 30 30 31 "                         // 8001
	cause16 = "08 02 80 90 "
)

var heard = map[string]struct {
	t        MessageType
	elements string
}{
	"SETUP":                             {MsgSetup, "a1 " + bearer + channel + calling + called},
	"SETUP without bearer":              {MsgSetup, "a1 " + channel + calling + called},
	"SETUP without channel":             {MsgSetup, "a1 " + bearer + calling + called},
	"SETUP with spoilt bearer":          {MsgSetup, "04 03 00 10 a3 " + channel + called},
	"SETUP with unknown key element":    {MsgSetup, bearer + "0e 01 00 " + channel + called},
	"SETUP with unknown element":        {MsgSetup, bearer + channel + "3f 01 00 " + called},
	"SETUP with spoilt calling":         {MsgSetup, bearer + channel + "6c 01 21 " + called},
	"SETUP with long user-user":         {MsgSetup, bearer + channel + called + "7e 84 04 " + strings.Repeat("41 ", 131)},
	"SETUP ACKNOWLEDGE":                 {MsgSetupAck, channel},
	"CALL PROCEEDING":                   {MsgCallProceeding, channel},
	"ALERTING":                          {MsgAlerting, "1e 02 82 88 "},
	"ALERTING with unknown element":     {MsgAlerting, "3f 01 00 "},
	"ALERTING with unknown key element": {MsgAlerting, "0e 01 00 "},
	"PROGRESS":                          {MsgProgress, "1e 02 82 88 "},
	"PROGRESS without indicator":        {MsgProgress, ""},
	"PROGRESS with spoilt indicator":    {MsgProgress, "1e 02 02 88 "},
	"CONNECT":                           {MsgConnect, "4c 06 21 83 31 30 30 30 "},
	"CONNECT with element cut off":      {MsgConnect, "4c 40 21 83 "},
	"CONNECT ACKNOWLEDGE":               {MsgConnectAck, ""},
	"DISCONNECT":                        {MsgDisconnect, cause16},
	"DISCONNECT with tones":             {MsgDisconnect, "08 02 82 91 1e 02 82 88 "},
	"DISCONNECT without cause":          {MsgDisconnect, ""},
	"DISCONNECT with spoilt cause":      {MsgDisconnect, "08 01 80 "},
	"DISCONNECT with unknown element":   {MsgDisconnect, cause16 + "3f 01 00 "},
	"RELEASE":                           {MsgRelease, cause16},
	"RELEASE without cause":             {MsgRelease, ""},
	"RELEASE with spoilt cause":         {MsgRelease, "08 01 80 "},
	"RELEASE with unknown element":      {MsgRelease, cause16 + "3f 01 00 "},
	"RELEASE COMPLETE":                  {MsgReleaseComplete, "08 02 80 95 "},
	"RELEASE COMPLETE without cause":    {MsgReleaseComplete, ""},
	"INFORMATION":                       {MsgInformation, called},
	"INFORMATION with sending complete": {MsgInformation, "a1 " + called},
	"NOTIFY":                            {MsgNotify, "27 01 80 "},
	"NOTIFY with unknown element":       {MsgNotify, "27 01 80 3f 01 00 "},
	"NOTIFY without indicator":          {MsgNotify, ""},
	"FACILITY":                          {MsgFacility, "1c 03 91 a1 00 "},
	"FACILITY without element":          {MsgFacility, ""},
	"STATUS ENQUIRY":                    {MsgStatusEnquiry, ""},
	"STATUS 30 state 0":                 {MsgStatus, "08 02 80 9e 14 01 00 "},
	"STATUS 98 state 3":                 {MsgStatus, "08 02 80 e2 14 01 03 "},
	"STATUS 98 state 9":                 {MsgStatus, "08 02 80 e2 14 01 09 "},
	"STATUS 30 state 10":                {MsgStatus, "08 02 80 9e 14 01 0a "},
	"STATUS 99 state 19":                {MsgStatus, "08 02 80 e3 14 01 13 "},
	"STATUS without cause":              {MsgStatus, "14 01 0a "},
	"STATUS without state":              {MsgStatus, "08 02 80 9e "},
	"RESTART on the call":               {MsgRestart, "18 03 a9 83 85 79 01 80 "},
	"RESTART ACKNOWLEDGE on the call":   {MsgRestartAck, "18 03 a9 83 85 79 01 80 "},
	"USER INFORMATION":                  {MsgUserInformation, "7e 02 04 41 "},
	"HOLD":                              {MsgHold, ""},
	"HOLD ACKNOWLEDGE":                  {MsgHoldAck, ""},
	"HOLD REJECT":                       {MsgHoldReject, "08 02 82 9d "},
	"HOLD REJECT without cause":         {MsgHoldReject, ""},
	"RETRIEVE":                          {MsgRetrieve, channel},
	"RETRIEVE ACKNOWLEDGE":              {MsgRetrieveAck, channel},
	"RETRIEVE REJECT":                   {MsgRetrieveReject, "08 02 82 a2 "},
	"RETRIEVE REJECT without cause":     {MsgRetrieveReject, ""},
	"SUSPEND":                           {MsgSuspend, ""},
	"RESUME":                            {MsgResume, ""},
	"SEGMENT":                           {MsgSegment, "00 02 80 05 "},
	"SEGMENT without its element":       {MsgSegment, "28 01 41 "},
	"CONGESTION CONTROL":                {MsgCongestionControl, "bf "},
	"unknown message 0x5f":              {0x5f, ""},
}

// heardOrder is the order of the received messages in the matrix, that of Table 4-2/Q.931.
var heardOrder = []string{
	"SETUP", "SETUP without bearer", "SETUP without channel", "SETUP with spoilt bearer", "SETUP with unknown key element",
	"SETUP with unknown element", "SETUP with spoilt calling", "SETUP with long user-user", "SETUP ACKNOWLEDGE",
	"CALL PROCEEDING", "ALERTING", "ALERTING with unknown element", "ALERTING with unknown key element", "PROGRESS",
	"PROGRESS without indicator", "PROGRESS with spoilt indicator", "CONNECT", "CONNECT with element cut off",
	"CONNECT ACKNOWLEDGE", "DISCONNECT", "DISCONNECT with tones", "DISCONNECT without cause", "DISCONNECT with spoilt cause",
	"DISCONNECT with unknown element", "RELEASE", "RELEASE without cause", "RELEASE with spoilt cause",
	"RELEASE with unknown element",
	"RELEASE COMPLETE", "RELEASE COMPLETE without cause", "INFORMATION",
	"INFORMATION with sending complete", "NOTIFY", "NOTIFY with unknown element", "NOTIFY without indicator", "FACILITY",
	"FACILITY without element", "STATUS ENQUIRY", "STATUS 30 state 0", "STATUS 98 state 3", "STATUS 98 state 9",
	"STATUS 30 state 10", "STATUS 99 state 19", "STATUS without cause", "STATUS without state", "RESTART on the call",
	"RESTART ACKNOWLEDGE on the call", "USER INFORMATION", "HOLD", "HOLD ACKNOWLEDGE", "HOLD REJECT",
	"HOLD REJECT without cause", "RETRIEVE", "RETRIEVE ACKNOWLEDGE", "RETRIEVE REJECT", "RETRIEVE REJECT without cause", "SUSPEND", "RESUME", "SEGMENT", "SEGMENT without its element", "CONGESTION CONTROL",
	"unknown message 0x5f",
}

var requests = []Input{
	SetupReq, MoreInfoReq, ProceedingReq, AlertingReq, ProgressReq, SetupResp, SetupCompleteReq,
	DisconnectReq, ReleaseReq, RejectReq, ChannelReq, InfoReq, NotifyReq, FacilityReq, EnquiryReq, RestartReq,
}

var holdRequests = []Input{HoldReq, HoldResp, HoldRejectReq, RetrieveReq, RetrieveResp, RetrieveRejectReq}

var linkEvents = []Input{LinkUp, LinkReset, LinkDown}

// wish returns the elements that call control would give with a request.
func wish(i Input) *Message {
	switch i {
	case SetupReq:
		return &Message{
			SendingComplete: true, Bearer: SpeechALaw, Channel: B(5, true),
			Called:  Number{Given: true, Type: NationalNumber, Plan: PlanE164, Digits: []byte("13800138000")},
			Calling: Number{Given: true, Plan: PlanE164, HasOctet3a: true, Digits: []byte("8001")},
		}
	case MoreInfoReq, ProceedingReq, AlertingReq:
		return &Message{Channel: B(5, true)}
	case ProgressReq:
		return &Message{Progress: [2]Progress{{Description: InBand, Location: q850.PrivateLocal}}}
	case DisconnectReq, ReleaseReq, RejectReq:
		return &Message{Cause: [2]Cause{{Value: q850.UserBusy, Location: q850.User}}}
	case ChannelReq:
		return &Message{Cause: [2]Cause{{Value: q850.ChannelUnacceptable, Location: q850.User}}}
	case RetrieveReq, RetrieveResp:
		return &Message{Channel: B(5, false)}
	case HoldRejectReq:
		return &Message{Cause: [2]Cause{{Value: q850.FacilityNotSubscribed, Location: q850.User}}}
	case InfoReq:
		return &Message{Called: Number{Given: true, Digits: []byte("9")}}
	case NotifyReq:
		return &Message{Notification: Some(uint8(0))}
	case FacilityReq:
		return &Message{Other: []Element{{ID: IDFacility, Data: []byte{0x91, 0xa1, 0}}}}
	}
	return nil
}

// octets returns a message with the reference as the far side of ref would send it.
func octets(tb testing.TB, ref Ref, t MessageType, elements string) []byte {
	tb.Helper()
	head := (&Message{Ref: ref, Type: t}).AppendTo(nil)
	body, err := hex.DecodeString(strings.ReplaceAll(elements, " ", ""))
	if err != nil {
		tb.Fatalf("elements %q: %v", elements, err)
	}
	return append(head, body...)
}

// event turns words into the event for a machine whose far side uses ref.
func event(tb testing.TB, ref Ref, words string) Event {
	tb.Helper()
	if h, ok := heard[words]; ok {
		m := new(Message)
		if err := m.Decode(octets(tb, ref, h.t, h.elements)); err != nil {
			tb.Fatalf("%s: %v", words, err)
		}
		return Received(m)
	}
	for t := range timers {
		if t.String() == words {
			return Expired(t)
		}
	}
	if words == "DISCONNECT request with tones" {
		m := wish(DisconnectReq)
		m.Progress[0] = Progress{Description: InBand, Location: q850.PublicLocal}
		return Event{Input: DisconnectReq, Msg: m}
	}
	for i := range inputNames {
		if i.String() == words {
			return Event{Input: i, Msg: wish(i)}
		}
	}
	tb.Fatalf("no input is called %q", words)
	return Event{}
}

var indications = map[ActionKind]string{
	SetupInd: "SETUP ind", MoreInfoInd: "MORE INFO ind", ProceedingInd: "PROCEEDING ind",
	AlertingInd: "ALERTING ind", ProgressInd: "PROGRESS ind", SetupConf: "SETUP conf", SetupCompleteInd: "SETUP COMPLETE ind",
	InfoInd: "INFO ind", TimeoutInd: "TIMEOUT ind", NotifyInd: "NOTIFY ind", FacilityInd: "FACILITY ind", StatusInd: "STATUS ind",
	DisconnectInd: "DISCONNECT ind", Released: "RELEASED", ErrorInd: "error", RestartInd: "RESTART ind",
	RestartConf: "RESTART conf", RestartFailed: "RESTART failed", ServiceInd: "SERVICE ind", ServiceConf: "SERVICE conf",
	ServiceFailed: "SERVICE failed", HoldInd: "HOLD ind", HoldConf: "HOLD conf", HoldRejected: "HOLD rejected", RetrieveInd: "RETRIEVE ind",
	RetrieveConf: "RETRIEVE conf", RetrieveRejected: "RETRIEVE rejected",
}

// words puts actions into words: "send SETUP, start T303".
func words(actions []Action) string {
	var parts []string
	for _, a := range actions {
		switch a.Kind {
		case Send:
			parts = append(parts, "send "+inWords(a.Msg))
		case StartTimer:
			parts = append(parts, "start "+a.Timer.String())
		case StopTimer:
			parts = append(parts, "stop "+a.Timer.String())
		case Released, DisconnectInd, HoldRejected, RetrieveRejected:
			s := fmt.Sprintf("%s %d", indications[a.Kind], a.Cause)
			if a.Remote {
				s += " far"
			}
			if a.Maintenance {
				s += " maintenance"
			}
			parts = append(parts, s)
		case ErrorInd:
			parts = append(parts, "error: "+a.Detail)
		default:
			name := indications[a.Kind]
			if name == "" {
				name = fmt.Sprintf("action %d", a.Kind)
			}
			parts = append(parts, name)
		}
	}
	return strings.Join(parts, ", ")
}

// inWords names a message with its causes, diagnostics and state.
func inWords(m *Message) string {
	s := m.Name()
	for i, c := range m.Cause {
		if c.Value == 0 {
			continue
		}
		if i > 0 {
			s += " and"
		}
		s += fmt.Sprintf(" %d", c.Value)
		if len(c.Diagnostic) > 0 {
			s += fmt.Sprintf("[% x]", c.Diagnostic)
		}
	}
	if m.CallState.Given {
		s += fmt.Sprintf(" state %d", m.CallState.Value)
	}
	if m.ChangeStatus.Given {
		s += " " + m.ChangeStatus.Value.String()
	}
	if m.Progress[0].Description != 0 {
		s += fmt.Sprintf(" progress %d", m.Progress[0].Description)
	}
	if ts, ok := m.Channel.Slot(); ok {
		s += fmt.Sprintf(" ch %d", ts)
	}
	return s
}
