package q931

import "fmt"

// MessageType is the type octet of a message.
type MessageType uint8

// Message types (Table 4-2/Q.931, Table 4-1/Q.932).
const (
	MsgAlerting          MessageType = 0x01
	MsgCallProceeding    MessageType = 0x02
	MsgProgress          MessageType = 0x03
	MsgSetup             MessageType = 0x05
	MsgConnect           MessageType = 0x07
	MsgSetupAck          MessageType = 0x0d
	MsgConnectAck        MessageType = 0x0f
	MsgUserInformation   MessageType = 0x20
	MsgSuspendReject     MessageType = 0x21
	MsgResumeReject      MessageType = 0x22
	MsgHold              MessageType = 0x24
	MsgSuspend           MessageType = 0x25
	MsgResume            MessageType = 0x26
	MsgHoldAck           MessageType = 0x28
	MsgSuspendAck        MessageType = 0x2d
	MsgResumeAck         MessageType = 0x2e
	MsgHoldReject        MessageType = 0x30
	MsgRetrieve          MessageType = 0x31
	MsgRetrieveAck       MessageType = 0x33
	MsgRetrieveReject    MessageType = 0x37
	MsgDisconnect        MessageType = 0x45
	MsgRestart           MessageType = 0x46
	MsgRelease           MessageType = 0x4d
	MsgRestartAck        MessageType = 0x4e
	MsgReleaseComplete   MessageType = 0x5a
	MsgSegment           MessageType = 0x60
	MsgFacility          MessageType = 0x62
	MsgRegister          MessageType = 0x64
	MsgNotify            MessageType = 0x6e
	MsgStatusEnquiry     MessageType = 0x75
	MsgCongestionControl MessageType = 0x79
	MsgInformation       MessageType = 0x7b
	MsgStatus            MessageType = 0x7d
)

var messageNames = map[MessageType]string{
	MsgAlerting: "ALERTING", MsgCallProceeding: "CALL PROCEEDING", MsgProgress: "PROGRESS", MsgSetup: "SETUP",
	MsgConnect: "CONNECT", MsgSetupAck: "SETUP ACKNOWLEDGE", MsgConnectAck: "CONNECT ACKNOWLEDGE",
	MsgUserInformation: "USER INFORMATION", MsgSuspendReject: "SUSPEND REJECT", MsgResumeReject: "RESUME REJECT",
	MsgHold: "HOLD", MsgSuspend: "SUSPEND", MsgResume: "RESUME", MsgHoldAck: "HOLD ACKNOWLEDGE",
	MsgSuspendAck: "SUSPEND ACKNOWLEDGE", MsgResumeAck: "RESUME ACKNOWLEDGE", MsgHoldReject: "HOLD REJECT",
	MsgRetrieve: "RETRIEVE", MsgRetrieveAck: "RETRIEVE ACKNOWLEDGE", MsgRetrieveReject: "RETRIEVE REJECT",
	MsgDisconnect: "DISCONNECT", MsgRestart: "RESTART", MsgRelease: "RELEASE", MsgRestartAck: "RESTART ACKNOWLEDGE",
	MsgReleaseComplete: "RELEASE COMPLETE", MsgSegment: "SEGMENT", MsgFacility: "FACILITY", MsgRegister: "REGISTER",
	MsgNotify: "NOTIFY", MsgStatusEnquiry: "STATUS ENQUIRY", MsgCongestionControl: "CONGESTION CONTROL",
	MsgInformation: "INFORMATION", MsgStatus: "STATUS",
}

// Known says whether the Recommendations define the type.
func (t MessageType) Known() bool { return messageNames[t] != "" }

// String returns the name as the Recommendations write it: "CALL PROCEEDING".
func (t MessageType) String() string {
	if name, ok := messageNames[t]; ok {
		return name
	}
	return fmt.Sprintf("message 0x%02x", uint8(t))
}
