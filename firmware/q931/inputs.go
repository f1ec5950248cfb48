package q931

import "fmt"

// Inputs of received messages and expired timers, as the cases of the state functions name them.
const (
	rxAlerting        = inputMessage | Input(MsgAlerting)
	rxCallProceeding  = inputMessage | Input(MsgCallProceeding)
	rxProgress        = inputMessage | Input(MsgProgress)
	rxSetup           = inputMessage | Input(MsgSetup)
	rxConnect         = inputMessage | Input(MsgConnect)
	rxSetupAck        = inputMessage | Input(MsgSetupAck)
	rxConnectAck      = inputMessage | Input(MsgConnectAck)
	rxDisconnect      = inputMessage | Input(MsgDisconnect)
	rxRestart         = inputMessage | Input(MsgRestart)
	rxRelease         = inputMessage | Input(MsgRelease)
	rxRestartAck      = inputMessage | Input(MsgRestartAck)
	rxReleaseComplete = inputMessage | Input(MsgReleaseComplete)
	rxFacility        = inputMessage | Input(MsgFacility)
	rxNotify          = inputMessage | Input(MsgNotify)
	rxStatusEnquiry   = inputMessage | Input(MsgStatusEnquiry)
	rxInformation     = inputMessage | Input(MsgInformation)
	rxStatus          = inputMessage | Input(MsgStatus)

	rxSegment        = inputMessage | Input(MsgSegment)
	rxHold           = inputMessage | Input(MsgHold)
	rxHoldAck        = inputMessage | Input(MsgHoldAck)
	rxHoldReject     = inputMessage | Input(MsgHoldReject)
	rxRetrieve       = inputMessage | Input(MsgRetrieve)
	rxRetrieveAck    = inputMessage | Input(MsgRetrieveAck)
	rxRetrieveReject = inputMessage | Input(MsgRetrieveReject)

	exT301 = inputTimer | Input(T301)
	exT302 = inputTimer | Input(T302)
	exT303 = inputTimer | Input(T303)
	exT304 = inputTimer | Input(T304)
	exT305 = inputTimer | Input(T305)
	exT306 = inputTimer | Input(T306)
	exT308 = inputTimer | Input(T308)
	exT309 = inputTimer | Input(T309)
	exT310 = inputTimer | Input(T310)
	exT313 = inputTimer | Input(T313)
	exT314 = inputTimer | Input(T314)
	exT316 = inputTimer | Input(T316)
	exT317 = inputTimer | Input(T317)
	exT321 = inputTimer | Input(T321)
	exT322 = inputTimer | Input(T322)

	exTHold     = inputTimer | Input(THold)
	exTRetrieve = inputTimer | Input(TRetrieve)
)

var inputNames = map[Input]string{
	SetupReq: "SETUP request", MoreInfoReq: "MORE INFO request", ProceedingReq: "PROCEEDING request",
	AlertingReq: "ALERTING request", ProgressReq: "PROGRESS request", SetupResp: "SETUP response",
	SetupCompleteReq: "SETUP COMPLETE request", DisconnectReq: "DISCONNECT request", ReleaseReq: "RELEASE request",
	RejectReq: "REJECT request", ChannelReq: "CHANNEL request",
	InfoReq: "INFO request", NotifyReq: "NOTIFY request", FacilityReq: "FACILITY request",
	EnquiryReq: "ENQUIRY request", RestartReq: "RESTART request", LinkUp: "DL-ESTABLISH", LinkReset: "DL-ESTABLISH while up",
	LinkDown: "DL-RELEASE", RestartClearReq: "RESTART CLEAR request", RestartResp: "RESTART response",
	ServiceReq: "SERVICE request", HoldReq: "HOLD request", HoldResp: "HOLD response", HoldRejectReq: "HOLD REJECT request",
	RetrieveReq: "RETRIEVE request", RetrieveResp: "RETRIEVE response", RetrieveRejectReq: "RETRIEVE REJECT request",
}

// message returns the type of a received message, false for another input.
func (i Input) message() (MessageType, bool) {
	return MessageType(i & 0xff), i&^0xff == inputMessage
}

// timer returns the timer that expired, false for another input.
func (i Input) timer() (Timer, bool) {
	return Timer(i & 0xff), i&^0xff == inputTimer && i&0xff < Input(timers)
}

// String returns the input as the figures name it: "SETUP request", "ALERTING", "T303".
func (i Input) String() string {
	if t, ok := i.message(); ok {
		return t.String()
	}
	if t, ok := i.timer(); ok {
		return t.String()
	}
	if name, ok := inputNames[i]; ok {
		return name
	}
	return fmt.Sprintf("input %d", uint16(i))
}
