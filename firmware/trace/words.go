package trace

import (
	"fmt"
	"strings"

	"trunkbox/firmware/lapd"
	"trunkbox/firmware/q931"
)

// words is what somebody does, in Chinese and in English: the subject comes before it, and {s} is the ending of the
// English verb. {nr} is N(R).
type words struct{ zh, en string }

// kindWords are the frames of layer 2.
var kindWords = map[lapd.Kind]words{
	lapd.SABME: {"请求建立 D 通道的链路", "ask{s} to set up the link on the D channel"},
	lapd.UA:    {"同意", "agree{s}"},
	lapd.DM:    {"告知 D 通道的链路没有建立", "say{s} that the link on the D channel is not up"},
	lapd.DISC:  {"请求拆除 D 通道的链路", "ask{s} to end the link on the D channel"},
	lapd.UI:    {"送来一帧不需确认的数据", "send{s} a frame that needs no confirmation"},
	lapd.RR:    {"确认收到 {nr} 号以前的帧", "confirm{s} the frames before number {nr}"},
	lapd.RNR:   {"暂时不能再收", "cannot take more frames for now"},
	lapd.REJ:   {"要求从 {nr} 号帧起重发", "want{s} the frames from number {nr} on again"},
	lapd.FRMR:  {"报告收到的帧有错", "report{s} a frame that is against the rules"},
	lapd.XID:   {"商定链路参数", "name{s} parameters of the link"},
}

var (
	// A supervisory command with P asks for the other side's state; the response with F gives it (clause 5.6/Q.921).
	pollWords  = words{"询问链路是否还通", "ask{s} whether the link still works"}
	finalWords = words{"回答链路是通的", "answer{s} that the link works"}
	badFrame   = words{"发来一帧看不懂的数据", "send{s} a frame that makes no sense"}
	badMessage = words{"发来一条看不懂的消息", "send{s} a message that makes no sense"}
)

// layer2Words says what a frame means.
func layer2Words(f lapd.Frame) words {
	w := kindWords[f.Kind]
	if f.Kind == lapd.RR && f.PF {
		w = finalWords
		if f.Command {
			w = pollWords
		}
	}
	fill := strings.NewReplacer("{nr}", fmt.Sprint(f.NR))
	return words{fill.Replace(w.zh), fill.Replace(w.en)}
}

// messageWords are the messages of layer 3.
var messageWords = map[q931.MessageType]words{
	q931.MsgSetup:           {"请求建立呼叫", "offer{s} a call"},
	q931.MsgSetupAck:        {"收到呼叫，要求更多号码", "take{s} the call and ask{s} for more digits"},
	q931.MsgCallProceeding:  {"收到呼叫，正在接续", "take{s} the call and route{s} it"},
	q931.MsgAlerting:        {"告知被叫正在振铃", "say{s} that the called party is being rung"},
	q931.MsgProgress:        {"告知接续的进展", "tell{s} how the call goes on"},
	q931.MsgConnect:         {"告知被叫已应答", "say{s} that the call was answered"},
	q931.MsgConnectAck:      {"确认应答", "confirm{s} the answer"},
	q931.MsgDisconnect:      {"要求拆线", "ask{s} to clear the call"},
	q931.MsgRelease:         {"释放通道", "release{s} the channel"},
	q931.MsgReleaseComplete: {"告知呼叫已结束，通道已释放", "say{s} that the call is over and its channel free"},
	q931.MsgInformation:     {"送来更多信息", "send{s} more of the call's details"},
	q931.MsgNotify:          {"发来通知", "send{s} a notice"},
	q931.MsgFacility:        {"发来补充业务消息", "send{s} a message of a supplementary service"},
	q931.MsgStatus:          {"报告呼叫的状态", "report{s} the state of the call"},
	q931.MsgStatusEnquiry:   {"询问呼叫的状态", "ask{s} for the state of the call"},
	q931.MsgRestart:         {"要求复位通道", "ask{s} to restart channels"},
	q931.MsgRestartAck:      {"确认通道已复位", "confirm{s} that the channels were restarted"},
	q931.MsgHold:            {"请求保持通话", "want{s} to put the call on hold"},
	q931.MsgHoldAck:         {"同意保持通话", "put{s} the call on hold"},
	q931.MsgHoldReject:      {"拒绝保持通话", "refuse{s} to put the call on hold"},
	q931.MsgRetrieve:        {"请求恢复通话", "want{s} the held call back"},
	q931.MsgRetrieveAck:     {"同意恢复通话", "give{s} the held call back"},
	q931.MsgRetrieveReject:  {"拒绝恢复通话", "refuse{s} to give the held call back"},
	q931.MsgSegment:         {"送来一条长消息的一部分", "send{s} a part of a long message"},
	q931.MsgRegister:        {"发起与呼叫无关的补充业务", "begin{s} a service that belongs to no call"},
	q931.MsgUserInformation: {"送来用户间信息", "send{s} information from user to user"},
}

// speaker is whose frame it is.
type speaker struct{ us, network bool }

// say puts the subject before what it does.
func (s speaker) say(w words) (zh, en string) {
	subject, ending := words{"我方", "we "}, ""
	if !s.us {
		subject, ending = words{"对方", "the carrier "}, "s"
		if s.network {
			subject.en = "the far end "
		}
	}
	return subject.zh + w.zh, strings.ReplaceAll(subject.en+w.en, "{s}", ending)
}

// message says what a message means, with numbers, timeslot and cause.
func (s speaker) message(m *q931.Message) (zh, en string) {
	zh, en = s.say(wordsOf(m))
	for _, n := range []struct {
		of     q931.Number
		zh, en string
	}{{m.Calling, "，主叫 ", " from "}, {m.Called, "，被叫 ", " to "}, {m.Connected, "，接听的是 ", ", the one who answered is "}} {
		if n.of.Given && len(n.of.Digits) > 0 {
			zh, en = zh+n.zh+printable(n.of.Digits), en+n.en+printable(n.of.Digits)
		}
	}
	if slot, one := m.Channel.Slot(); one && m.Channel.Selection == q931.Indicated {
		zh, en = fmt.Sprintf("%s，时隙 %d", zh, slot), fmt.Sprintf("%s, timeslot %d", en, slot)
	}
	if m.ChangeStatus.Given {
		status := statusWords[m.ChangeStatus.Value]
		zh, en = zh+status.zh, en+status.en
	}
	if len(m.Keypad) > 0 {
		zh, en = zh+"，按键 "+printable(m.Keypad), en+", keys "+printable(m.Keypad)
	}
	services, servicesEN := facilities(m)
	zh, en = zh+services, en+servicesEN
	if cause := m.Cause[0].Value; cause != 0 {
		zh, en = zh+"。原因："+cause.Plain("zh"), en+". Why: "+cause.Plain("en")
	}
	return zh, en
}
