package q931

import (
	"time"

	"trunkbox/firmware/q850"
)

// Event is one input of a machine.
type Event struct {
	Input Input
	// Msg is the received message, or with a request the elements to send along: the machine fills in
	// type and call reference and passes everything else on as it is. It may be nil where nothing is
	// needed. It is read during Handle only.
	Msg *Message
}

// Input is what kind of event it is: a request of call control, a received message, an expired timer or
// a change of the data link.
type Input uint16

// Requests of call control and events of the data link. "Allowed in" names the states in which a request
// does something; elsewhere it is refused with an ErrorInd and nothing else happens.
const (
	// SetupReq starts a call. Msg: Bearer, Channel, Called, Calling, SendingComplete … In 0.
	SetupReq Input = iota + 1
	// MoreInfoReq answers a SETUP whose number is incomplete with SETUP ACKNOWLEDGE. Msg: Channel, and
	// Progress 8 with dial tone. In N1, U6, if
	// the variant knows it (Profile.Overlap).
	MoreInfoReq
	// ProceedingReq answers with CALL PROCEEDING. Msg: Channel in the first answer. In N1, N2, U6, U25.
	ProceedingReq
	// AlertingReq says that the called party is being rung. Msg: Channel in the first answer, Progress 8
	// with ringing tone. In N1, N2, N3, U6, U9, U25.
	AlertingReq
	// ProgressReq tells of in-band sound. Msg: Progress. In N2, N3, N4, U7, U9, U25.
	ProgressReq
	// SetupResp answers the call with CONNECT. Msg: Channel in the first answer, Connected. In N1 to N4,
	// U6, U7, U9, U25.
	SetupResp
	// SetupCompleteReq takes the answer of a called user with CONNECT ACKNOWLEDGE. In N8. With a symmetric
	// profile it was sent already and nothing is left to do.
	SetupCompleteReq
	// DisconnectReq clears the call for Msg.Cause, whatever its state. In every state but 0; what goes out
	// is the message that the state asks for. Network: with Progress 8 tones are played until T306.
	DisconnectReq
	// ReleaseReq answers a DisconnectInd with RELEASE. Msg.Cause may be nil. In U12, N11; elsewhere it is
	// the same as DisconnectReq.
	ReleaseReq
	// RejectReq refuses a call that was just offered with RELEASE COMPLETE for Msg.Cause. In N1, U6.
	RejectReq
	// ChannelReq refuses the channel that the far side's first answer to our SETUP names, with RELEASE for Msg.Cause,
	// which is 6 (clause 5.3.2 d). In U2 to U4, U10, N7 to N9, N25.
	ChannelReq
	// InfoReq sends INFORMATION. Msg: Called or Keypad with digits, Display … In 2 to 4, 7 to 12, 25.
	InfoReq
	// NotifyReq sends NOTIFY. Msg: Notification. In 3, 4, 7 to 10.
	NotifyReq
	// FacilityReq sends FACILITY. Msg.Other: the facility element. In every state but 0.
	FacilityReq
	// EnquiryReq asks for the far side's state with STATUS ENQUIRY. In every state but 0.
	EnquiryReq
	// RestartReq ends the call without a message: its channel was restarted, by either side.
	RestartReq

	// LinkUp: the data link is established again after LinkDown (DL-ESTABLISH confirm or indication).
	LinkUp
	// LinkReset: the data link was re-established while up (DL-ESTABLISH indication); messages may be lost.
	LinkReset
	// LinkDown: the data link is lost (DL-RELEASE indication).
	LinkDown

	// RestartClearReq and RestartResp are for Restart: send a RESTART (Msg.Restart, Msg.Channel); answer
	// the one received, all its calls being gone.
	RestartClearReq
	RestartResp

	// ServiceReq is for Service: tell the far side that a channel is in another status (Msg.Channel, Msg.ChangeStatus).
	ServiceReq

	// HoldReq puts the call on hold at the far side with HOLD. In 10, when no hold is under way.
	HoldReq
	// HoldResp and HoldRejectReq answer a HoldInd, the latter with Msg.Cause.
	HoldResp
	HoldRejectReq
	// RetrieveReq takes the call back from hold with RETRIEVE. Msg: Channel, if one is wished. In 10, when we hold it.
	RetrieveReq
	// RetrieveResp and RetrieveRejectReq answer a RetrieveInd. Msg: Channel; Cause.
	RetrieveResp
	RetrieveRejectReq
)

const (
	inputMessage Input = 0x100 // + message type
	inputTimer   Input = 0x200 // + timer
)

// Received is the event of a message for this machine: Decode filled it in, and its reference is the
// machine's.
func Received(m *Message) Event { return Event{Input: inputMessage | Input(m.Type), Msg: m} }

// Expired is the event of a timer that a StartTimer action started and no StopTimer stopped.
func Expired(t Timer) Event { return Event{Input: inputTimer | Input(t)} }

// Action is one output of a machine. The actions of one Handle are to be done in their order.
type Action struct {
	Kind ActionKind
	// Msg is the message to send, or the received message that an indication stands for; nil when an
	// indication has a local reason. It is valid until the next Handle (or until the received message's
	// octets are reused).
	Msg *Message
	// Timer and After: StartTimer, StopTimer. Starting a running timer starts it anew.
	Timer Timer
	After time.Duration
	// Cause and Location: DisconnectInd, Released, ErrorInd, StatusInd.
	Cause    q850.Cause
	Location q850.Location
	// Remote: DisconnectInd and Released: the far side gave Cause.
	Remote bool
	// Maintenance: Released: RELEASE was not answered twice, the channel is not to be used until it was
	// restarted (clause 5.3.3).
	Maintenance bool
	// Detail says what happened in plain words, for the log: ErrorInd, Released without a message.
	Detail string
}

// ActionKind is what an Action asks for.
type ActionKind uint8

// The actions.
const (
	Send       ActionKind = iota + 1 // encode Msg and give it to the data link (DL-DATA request)
	StartTimer                       // Expired(Timer) comes after After
	StopTimer

	// SetupInd: a new call arrived; Msg has bearer, channel, numbers. Answer with ProceedingReq,
	// AlertingReq, SetupResp, MoreInfoReq or RejectReq.
	SetupInd
	// MoreInfoInd: the far side wants more digits (SETUP ACKNOWLEDGE); answer with InfoReq.
	MoreInfoInd
	ProceedingInd // CALL PROCEEDING; Msg.Channel is the channel chosen
	AlertingInd   // the called party is being rung
	ProgressInd   // in-band sound may be there: Msg.InBand
	// SetupConf: the called party answered. As network answer with SetupCompleteReq; as user the call is
	// active.
	SetupConf
	// SetupCompleteInd: our SetupResp was acknowledged, the call is active (user).
	SetupCompleteInd
	// InfoInd: INFORMATION; in overlap receiving more digits.
	InfoInd
	// TimeoutInd: T302 ran out in overlap receiving: no more digits will come. Go on with what there is,
	// or clear with cause 28.
	TimeoutInd
	NotifyInd   // NOTIFY
	FacilityInd // FACILITY
	// StatusInd: a STATUS with a compatible state; Cause is what the far side complains of, or 30.
	StatusInd
	// DisconnectInd: the far side cleared. Answer with ReleaseReq, at once or after its tones
	// (Msg.InBand).
	DisconnectInd
	// Released: the call is over, its reference and channel are free, the machine is in state 0 and no
	// timer runs. Always the last action of a call.
	Released
	// ErrorInd: something went wrong that does not end the call: a request refused in this state, a
	// message that does not fit.
	ErrorInd

	// RestartInd: a RESTART was received (Msg.Restart, Msg.Channel): clear its calls with RestartReq, then
	// give RestartResp.
	RestartInd
	// RestartConf: our RESTART was acknowledged. Msg is the RESTART ACKNOWLEDGE.
	RestartConf
	// RestartFailed: our RESTART was not acknowledged within T316 twice; the channels stay out of service.
	RestartFailed

	// ServiceInd: the far side has channels in another status (Msg.Channel, Msg.ChangeStatus). It was acknowledged.
	ServiceInd
	// ServiceConf: the far side acknowledged our SERVICE. Msg.ChangeStatus is the status that it has them in.
	ServiceConf
	// ServiceFailed: our SERVICE was not acknowledged within T321 twice. Msg is the SERVICE.
	ServiceFailed

	// HoldInd: the far side puts the call on hold. Answer with HoldResp or HoldRejectReq.
	HoldInd
	HoldConf // our hold was acknowledged
	// HoldRejected: our hold was refused, or not answered within T-HOLD: Cause says which. The call goes on.
	HoldRejected
	// RetrieveInd: the far side takes the call back from its hold; Msg.Channel is the channel it wishes. Answer with
	// RetrieveResp or RetrieveRejectReq.
	RetrieveInd
	RetrieveConf // our hold is over; Msg.Channel is the channel of the call
	// RetrieveRejected: the call stays on our hold, as for HoldRejected.
	RetrieveRejected
)
