package journal

import "strings"

// Reason is the word that stands in the field "reason": why something happened. What it speaks of, an
// extension or a number, stands in the field "about". The words are kept for ever, like the kinds.
type Reason string

// Reasons of the exchange: what the settings, the owner or the box itself did.
const (
	AskedToStop         Reason = "asked_to_stop"
	ResetButton         Reason = "reset_button"
	PasswordForgotten   Reason = "password_forgotten" // the reset button was held
	BoxStops            Reason = "box_stops"
	BoxRestarted        Reason = "box_restarted" // and did not say so before: power or a fault
	LineSettingsChanged Reason = "line_settings_changed"
	NotSupervisor       Reason = "not_supervisor"    // about: the extension
	NoTalk              Reason = "no_talk"           // about: the extension
	WatchedEnded        Reason = "watched_ended"     // about: the extension
	FeatureCode         Reason = "feature_code"      // about: the code
	NoRoute             Reason = "no_route"          // about: the called number
	NoMenu              Reason = "no_menu"           // about: the menu
	NoExtension         Reason = "no_extension"      // about: the digits
	ExtensionBusy       Reason = "extension_busy"    // about: the extension
	ExtensionRemoved    Reason = "extension_removed" // about: the extension
	PromptPlayed        Reason = "prompt_played"     // about: the prompt
	SetToHangUp         Reason = "set_to_hang_up"
	MayNotDialOut       Reason = "may_not_dial_out" // about: the extension
	NumberBarred        Reason = "number_barred"    // about: the number
	NoLine              Reason = "no_line"
	ThroughFull         Reason = "through_full"     // about: how many there may be
	ThroughTooLong      Reason = "through_too_long" // about: minutes
	MissedCalls         Reason = "missed_call"      // a pause by the box
)

// Reasons of a pressed key: where it leads. About is the name or the digits.
const (
	ToQueue     Reason = "to_queue"
	ToMenu      Reason = "to_menu"
	ToExtension Reason = "to_extension"
	ToPrompt    Reason = "to_prompt"
	ToHangUp    Reason = "to_hangup"
)

// Reasons of a line: its data link, its channels, its calls.
const (
	LinkSetUpHere       Reason = "link_set_up_here"
	LinkSetUpThere      Reason = "link_set_up_there"
	LinkReleasedThere   Reason = "link_released_there"
	LinkReleasedHere    Reason = "link_released_here"
	LineDown            Reason = "line_down"
	LinkDown            Reason = "link_down"
	NoChannel           Reason = "no_channel"
	LineOutOfService    Reason = "line_out_of_service"
	EmergencyFirst      Reason = "emergency_first"
	WrongChannel        Reason = "wrong_channel"
	ChannelInUse        Reason = "channel_in_use"
	NoOtherChannel      Reason = "no_other_channel"
	ChannelRestarted    Reason = "channel_restarted"
	RestartUnanswered   Reason = "restart_unanswered"
	ReleaseUnanswered   Reason = "release_unanswered"
	SetupUnanswered     Reason = "setup_unanswered"
	StatusUnanswered    Reason = "status_unanswered"
	ConnectUnanswered   Reason = "connect_unanswered"
	SetupUnusable       Reason = "setup_unusable"
	NothingAfterDigits  Reason = "nothing_after_digits"
	NothingAfterRouting Reason = "nothing_after_routing"
	RangTooLong         Reason = "rang_too_long"
	LinkLost            Reason = "link_lost"
	LinkLostTooLong     Reason = "link_lost_too_long"
	LinkReset           Reason = "link_reset"
	CallUnknownThere    Reason = "call_unknown_there"
	StatesDiffer        Reason = "states_differ"
	TakenOutHere        Reason = "taken_out_here"
	TakenOutThere       Reason = "taken_out_there"
	ServiceUnanswered   Reason = "service_unanswered"
	ChannelBack         Reason = "channel_back"
	TrialFailed         Reason = "trial_failed" // about: minutes until the next
	BlockedSilently     Reason = "blocked_silently"
	EchoRefused         Reason = "echo_refused" // about: the canceller
	ChannelStuck        Reason = "channel_stuck"
	ReferenceStuck      Reason = "reference_stuck"     // about: the call reference
	StatusNotAnswered   Reason = "status_not_answered" // of calls that go on
	SwitchedOver        Reason = "switched_over"       // about: the D channel in service now
	CallRefused         Reason = "call_refused"        // about: the cause
	DriverGone          Reason = "driver_gone"
	LinkNotBack         Reason = "link_not_back" // about: seconds waited
)

// Reasons of the data link's errors, by their letters in Table II.1/Q.921.
const (
	LinkErrorA Reason = "link_error_a"
	LinkErrorB Reason = "link_error_b"
	LinkErrorC Reason = "link_error_c"
	LinkErrorD Reason = "link_error_d"
	LinkErrorE Reason = "link_error_e"
	LinkErrorF Reason = "link_error_f"
	LinkErrorG Reason = "link_error_g"
	LinkErrorH Reason = "link_error_h"
	LinkErrorI Reason = "link_error_i"
	LinkErrorJ Reason = "link_error_j"
	LinkErrorK Reason = "link_error_k"
	LinkErrorL Reason = "link_error_l"
	LinkErrorM Reason = "link_error_m"
	LinkErrorN Reason = "link_error_n"
	LinkErrorO Reason = "link_error_o"
)

// Reasons of a phone.
const (
	PhoneNotRegistered  Reason = "phone_not_registered"
	PhoneSilent         Reason = "phone_silent"
	PhoneRefusesPackets Reason = "phone_refuses_packets"
	PhoneNoConnection   Reason = "phone_no_connection"
	PhoneConnectionLost Reason = "phone_connection_lost"
	PhoneVanished       Reason = "phone_vanished" // in a call
	PhoneBadAddress     Reason = "phone_bad_address"
	PhoneNoSound        Reason = "phone_no_sound"
	PhoneNotTLS         Reason = "phone_not_tls"
	PhoneAnswered       Reason = "phone_answered" // about: status and phrase of SIP
	PhoneSignedOff      Reason = "phone_signed_off"
	RegistrationRanOut  Reason = "registration_ran_out"
	PasswordChanged     Reason = "password_changed"
	AgentRemoved        Reason = "agent_removed"
	NoSoundPorts        Reason = "no_sound_ports"
)

// Reasons of an IP trunk.
const (
	TrunkNoAddress    Reason = "trunk_no_address"    // about: the name
	TrunkSilent       Reason = "trunk_silent"        // about: the address
	TrunkNoConnection Reason = "trunk_no_connection" // about: the address
	TrunkWrongAccount Reason = "trunk_wrong_account" // about: status and phrase of SIP
	TrunkRefused      Reason = "trunk_refused"       // about: status and phrase of SIP
	TrunkPortClosed   Reason = "trunk_port_closed"   // about: the transport
	TrunkUntrusted    Reason = "trunk_untrusted"     // about: the name of the server
	TrunkRemoved      Reason = "trunk_removed"
	TrunkDown         Reason = "trunk_down"
	TrunkNumber       Reason = "trunk_number"
	TrunkAnswered     Reason = "trunk_answered" // about: status and phrase of SIP
	TrunkNoAnswer     Reason = "trunk_no_answer"
)

// Reasons of services of the network, and of its clock.
const (
	DivertedBusy       Reason = "diverted_busy"
	DivertedNoReply    Reason = "diverted_no_reply"
	DivertedAlways     Reason = "diverted_unconditional"
	DivertedByHand     Reason = "diverted_deflected"
	DivertedUnknown    Reason = "diverted_unknown"
	ServiceUnknown     Reason = "service_unknown"
	ServiceRefused     Reason = "service_refused"
	ServiceNotAnswered Reason = "network_unanswered"
	ChargeFree         Reason = "charge_free"
	ChargeUnknown      Reason = "charge_unknown"
	JoinedByNetwork    Reason = "joined_by_network"
	TakenElsewhere     Reason = "taken_elsewhere" // about: the number
	ToOutside          Reason = "to_outside"      // about: the number
	ClockSet           Reason = "clock_set"
	ClockSynchronised  Reason = "clock_synchronised"
	ClockNotPermitted  Reason = "clock_not_permitted"
	ClockOnlyCompared  Reason = "clock_only_compared"
	ClockZone          Reason = "clock_zone"
)

// Reasons of sound that goes one way only; firmware/rtp finds them.
const (
	SoundPortRefused  Reason = "sound_port_refused"
	SoundFromStranger Reason = "sound_from_stranger"
	SoundIsSilence    Reason = "sound_is_silence"
	SoundBehindNAT    Reason = "sound_behind_nat"
	SoundDoesNotCome  Reason = "sound_does_not_come"
)

// Trouble stands for what no other word says; the field "detail" has it as the signalling said it.
const Trouble Reason = "trouble"

// reasonWords are the reasons in Chinese and English; {} is what they are about. The first group has the
// words of acd, of seats and of menus, which those write themselves.
var reasonWords = map[Reason][2]string{
	"not_waiting":      {"已不在排队", "it does not wait any more"},
	"nobody_logged_in": {"没有坐席签入", "no agent is logged in"},
	"all_unreachable":  {"坐席话机都不可达", "no agent's phone can be reached"},
	"all_paused":       {"坐席都在示忙", "all agents are on break"},
	"all_in_wrap_up":   {"坐席都在话后处理", "all agents are in wrap-up"},
	"all_talking":      {"坐席都在通话", "all agents are talking"},
	"all_ringing":      {"坐席的话机都在振铃", "all agents' phones are ringing"},
	"agent_resting":    {"坐席刚漏接，稍后再试", "an agent just missed a call and is tried again soon"},
	"agent_rings":      {"正在呼叫坐席", "an agent is being rung"},
	"longest_idle":     {"空闲最久", "longest idle"},
	"only_ready":       {"唯一空闲", "the only one ready"},
	"dialled":          {"直接拨打", "dialled directly"},
	"agent_answered":   {"坐席已接听", "the agent answered"},
	"no_answer":        {"无人应答", "no answer"},
	"busy":             {"话机忙", "the phone was busy"},
	"unreachable":      {"话机不可达", "the phone could not be reached"},
	"rejected":         {"坐席拒接", "the agent rejected it"},
	"agent_left":       {"坐席已离开", "the agent left"},
	"caller_left":      {"主叫挂机", "the caller hung up"},
	"call_cleared":     {"通话被线路、班长或系统终止", "the call was ended by the line, the supervisor or the box"},
	"waited_too_long":  {"等待超时", "waited too long"},
	"queue_full":       {"队列已满", "the queue is full"},
	"queue_gone":       {"队列已删除", "the queue was removed"},
	"no_input":         {"未按键", "no key was pressed"},
	"invalid":          {"按键无效", "the key has no meaning"},

	AskedToStop:         {"收到停机命令", "it was asked to stop"},
	ResetButton:         {"按下了复位键", "the reset button was pressed"},
	PasswordForgotten:   {"长按了复位键，管理员密码已清除", "the reset button was held and the administrator's password is forgotten"},
	BoxStops:            {"本机停机", "the box stops"},
	BoxRestarted:        {"本机意外重启", "the box restarted unexpectedly"},
	LineSettingsChanged: {"线路的设置已更改", "the settings of the line changed"},
	NotSupervisor:       {"分机 {} 不是班长，不能监听", "extension {} is no supervisor and may not listen"},
	NoTalk:              {"分机 {} 没有在通话", "extension {} has no call to listen to"},
	WatchedEnded:        {"被监听的通话已结束（分机 {}）", "the call of extension {} that was listened to has ended"},
	FeatureCode:         {"功能码 {} 已执行", "the code {} was carried out"},
	NoRoute:             {"被叫号码 {} 没有设置去处", "the settings have no place for calls to {}"},
	NoMenu:              {"没有菜单“{}”", "there is no menu {}"},
	NoExtension:         {"没有分机 {}", "there is no extension {}"},
	ExtensionBusy:       {"分机 {} 忙", "extension {} is busy"},
	ExtensionRemoved:    {"分机 {} 已删除", "extension {} was removed"},
	PromptPlayed:        {"提示音“{}”已播完", "the prompt {} was played to its end"},
	SetToHangUp:         {"按设置挂机", "the settings say to hang up here"},
	MayNotDialOut:       {"分机 {} 没有外线权限", "extension {} may not dial out"},
	NumberBarred:        {"号码 {} 被限拨", "the number {} is barred"},
	NoLine:              {"没有可用的线路", "no line is in service"},
	ThroughFull:         {"外线转外线的通话已有 {} 路，不能再多", "there are {} calls from outside to outside already, no more are allowed"},
	ThroughTooLong:      {"外线转外线的通话满 {} 分钟，由本机结束", "the box ends calls from outside to outside after {} minutes"},
	MinuteLeft:          {"外线转外线的通话限 {} 分钟，还剩一分钟", "calls from outside to outside may last {} minutes, and one is left"},
	HeldLong:            {"已保持 {} 秒", "on hold for {} s"},
	TalkFull:            {"多方通话最多 {} 方", "a talk may have {} parties, no more"},
	OnlyOutside:         {"留下的都是外线，本机结束通话", "only outside parties were left, and the box ends such a talk"},
	MissedCalls:         {"连续漏接", "several calls in a row were missed"},

	ToQueue:     {"转队列“{}”", "to the queue {}"},
	ToMenu:      {"转菜单“{}”", "to the menu {}"},
	ToExtension: {"转分机 {}", "to extension {}"},
	ToPrompt:    {"播放“{}”后挂机", "to hear {} and be hung up"},
	ToHangUp:    {"挂机", "to be hung up"},

	LinkSetUpHere:       {"由本机建立", "the box set it up"},
	LinkSetUpThere:      {"由对端建立", "the far end set it up"},
	LinkReleasedThere:   {"对端释放", "the far end released it"},
	LinkReleasedHere:    {"由本机释放", "the box released it"},
	LineDown:            {"线路中断", "the line is down"},
	LinkDown:            {"D 通道未通", "the D channel is down"},
	NoChannel:           {"没有空闲时隙", "no channel of the line is free"},
	LineOutOfService:    {"线路已停用", "the line was taken out of service"},
	EmergencyFirst:      {"为紧急呼叫让出时隙", "its channel was needed for an emergency call"},
	WrongChannel:        {"对端指定的时隙不可用", "the far end named a channel that cannot be used"},
	ChannelInUse:        {"对端指定的时隙已占用", "the far end named a channel that is in use"},
	NoOtherChannel:      {"时隙冲突，且没有其他空闲时隙", "another call took the channel and no other was free"},
	ChannelRestarted:    {"对端复位了时隙", "the far end restarted the channel"},
	RestartUnanswered:   {"对端未确认复位（RESTART）", "the far end did not acknowledge RESTART"},
	ReleaseUnanswered:   {"对端未答复释放（RELEASE）", "the far end did not answer RELEASE"},
	SetupUnanswered:     {"对端未答复呼叫（SETUP）", "the far end did not answer SETUP"},
	StatusUnanswered:    {"对端未答复状态询问", "the far end did not answer STATUS ENQUIRY"},
	ConnectUnanswered:   {"对端未确认接通（CONNECT）", "the far end did not acknowledge CONNECT"},
	SetupUnusable:       {"来话消息（SETUP）有误", "the far end's SETUP could not be used"},
	NothingAfterDigits:  {"收号后对端再无消息", "nothing came after the digits"},
	NothingAfterRouting: {"对端接续时间过长", "the far end took too long to route the call"},
	RangTooLong:         {"振铃过久无人接听", "it rang too long"},
	LinkLost:            {"接通前 D 通道中断", "the D channel was lost before the call was answered"},
	LinkLostTooLong:     {"D 通道中断过久", "the D channel was lost for too long"},
	LinkReset:           {"收号时 D 通道复位", "the D channel was reset while digits came"},
	CallUnknownThere:    {"对端已没有这个呼叫", "the far end does not know the call any more"},
	StatesDiffer:        {"与对端的呼叫状态不一致", "the far end has the call in another state"},

	TakenOutHere:      {"由本机停用", "it was taken out of service here"},
	TakenOutThere:     {"由对端停用", "the far end took it out of service"},
	ServiceUnanswered: {"对端未确认服务消息（SERVICE）", "the far end did not acknowledge SERVICE"},
	ChannelBack:       {"自动复位成功，时隙恢复使用", "a RESTART on trial was acknowledged, the channel is used again"},
	TrialFailed:       {"自动复位仍未得到确认，{} 分钟后再试", "a RESTART on trial was not acknowledged, the next comes in {} minutes"},
	BlockedSilently:   {"时隙闭塞却没有原因（软件缺陷）", "the channel is blocked for no known reason (a defect of the software)"},
	EchoRefused:       {"回声消除 {} 不能用，由本机代替", "the echo canceller {} does not work here, the box cancels instead"},
	ChannelStuck:      {"时隙被占用却没有通话，已释放（软件缺陷）", "the channel was held by no call and was freed (a defect of the software)"},
	ReferenceStuck:    {"结束的呼叫没有交还呼叫参考 {}，已收回（软件缺陷）", "a call that had ended kept its reference {}, which was taken back (a defect of the software)"},
	StatusNotAnswered: {"对端不答复状态询问，通话不受影响，不再询问", "the far end does not answer STATUS ENQUIRY; the calls go on and it is not asked any more"},
	CallRefused:       {"拒绝了对端打来的一个呼叫，原因值 {}", "a call of the far end was refused here, cause {}"},
	SwitchedOver:      {"信令改由 {} 承载", "the signalling is carried by {} now"},
	DriverGone:        {"驱动或板卡不可用", "its driver or card is gone"},
	LinkNotBack:       {"新设置下 D 通道 {} 秒内未恢复", "with the new settings the D channel did not come back within {} seconds"},

	LinkErrorA: {"对端发来多余的监控响应（错误 A）", "the far end sent a supervisory response nobody asked for (error A)"},
	LinkErrorB: {"对端发来多余的 DM，F=1（错误 B）", "the far end sent a DM with F=1 nobody asked for (error B)"},
	LinkErrorC: {"对端发来多余的 UA，F=1（错误 C）", "the far end sent a UA with F=1 nobody asked for (error C)"},
	LinkErrorD: {"对端发来多余的 UA，F=0（错误 D）", "the far end sent a UA with F=0 nobody asked for (error D)"},
	LinkErrorE: {"对端说链路已断（DM，错误 E）", "the far end said that the link is down (DM, error E)"},
	LinkErrorF: {"对端重新建立了链路（错误 F）", "the far end set the link up anew (error F)"},
	LinkErrorG: {"对端不答复建链（SABME，错误 G）", "the far end does not answer SABME (error G)"},
	LinkErrorH: {"对端不答复拆链（DISC，错误 H）", "the far end does not answer DISC (error H)"},
	LinkErrorI: {"对端不答复探询（错误 I）", "the far end does not answer polls (error I)"},
	LinkErrorJ: {"对端确认了没有发过的帧（错误 J）", "the far end acknowledged a frame that was never sent (error J)"},
	LinkErrorK: {"对端拒绝了一帧（FRMR，错误 K）", "the far end rejected a frame (FRMR, error K)"},
	LinkErrorL: {"收到控制字段未定义的帧（错误 L）", "a frame with an undefined control field came (error L)"},
	LinkErrorM: {"收到不该带信息字段的帧（错误 M）", "a frame came with information that it may not have (error M)"},
	LinkErrorN: {"收到长度不对的帧（错误 N）", "a frame of wrong length came (error N)"},
	LinkErrorO: {"收到信息字段过长的帧（错误 O）", "a frame with too much information came (error O)"},

	PhoneNotRegistered:  {"没有已注册的话机", "no phone is registered"},
	PhoneSilent:         {"话机没有响应", "the phone does not respond"},
	PhoneRefusesPackets: {"话机的地址拒收（软件未运行？）", "the phone's address refuses packets (is its software running?)"},
	PhoneNoConnection:   {"连接不上话机", "no connection to the phone"},
	PhoneConnectionLost: {"话机的连接断开", "the phone's connection broke"},
	PhoneVanished:       {"通话中话机失去联系", "the phone vanished in the call"},
	PhoneBadAddress:     {"话机登记的地址无法使用", "the phone registered an address that cannot be used"},
	PhoneNotTLS:         {"话音必须加密，而话机没有经 TLS 注册", "its sound must be encrypted, and the phone did not register over TLS"},
	PhoneNoSound:        {"话机不支持 G.711 语音", "the phone offers no G.711 sound"},
	PhoneAnswered:       {"话机答复 {}", "the phone answered {}"},
	PhoneSignedOff:      {"话机注销", "the phone signed off"},
	RegistrationRanOut:  {"注册过期", "its registration ran out"},
	PasswordChanged:     {"话机密码已更改", "its password was changed"},
	AgentRemoved:        {"分机已从设置中删除", "the extension was removed from the settings"},
	NoSoundPorts:        {"没有空闲的语音端口（RTP）", "no port for sound (RTP) is free"},

	TrunkNoAddress:    {"查不到服务器“{}”的地址", "no address was found for the server {}"},
	TrunkSilent:       {"服务器 {} 没有响应", "the server {} does not answer"},
	TrunkNoConnection: {"连接不上服务器 {}", "no connection to the server {}"},
	TrunkWrongAccount: {"服务器不接受用户名或密码（{}）", "the server does not take the user name or the password ({})"},
	TrunkRefused:      {"服务器答复 {}", "the server answered {}"},
	TrunkPortClosed:   {"本机没有打开 {} 端口，请在话机设置中打开", "the box's own {} port is closed: open it in the settings of the phones"},
	TrunkUntrusted:    {"{} 的证书不可信", "the certificate of {} is not trusted"},
	TrunkRemoved:      {"中继停用，或设置已更改", "it was taken out of service, or its settings changed"},
	TrunkDown:         {"IP 中继不可用", "the IP trunk is down"},
	TrunkNumber:       {"号码不能经 IP 中继拨出", "the number cannot be dialled over an IP trunk"},
	TrunkAnswered:     {"对方交换机答复 {}", "the far switch answered {}"},
	TrunkNoAnswer:     {"对方交换机没有响应", "the far switch does not respond"},

	DivertedBusy:       {"遇忙前转", "because that line was busy"},
	DivertedNoReply:    {"无应答前转", "because nobody answered there"},
	DivertedAlways:     {"无条件前转", "as every call there"},
	DivertedByHand:     {"由对方改接", "by hand"},
	DivertedUnknown:    {"原因未说明", "for a reason not told"},
	ServiceUnknown:     {"网络或线路类型不支持", "the network or the line's variant does not know it"},
	ServiceRefused:     {"网络拒绝", "the network refused"},
	ServiceNotAnswered: {"网络未答复", "the network did not answer"},
	ChargeFree:         {"免费", "free of charge"},
	ChargeUnknown:      {"网络不提供费用", "the network does not tell it"},
	JoinedByNetwork:    {"双方由网络接通", "the network has joined both parties"},
	TakenElsewhere:     {"网络已把呼叫改接到 {}", "the network took the call to {}"},
	ToOutside:          {"转外线 {}", "to the outside number {}"},
	ClockSet:           {"已按网络校正", "the box's clock was set"},
	ClockSynchronised:  {"本机时钟已与时间服务器同步，未改动", "the box's clock follows a time server and was left alone"},
	ClockNotPermitted:  {"本机不允许改时钟", "the box may not set its clock"},
	ClockOnlyCompared:  {"按设置只比较", "the settings only have it compared"},
	ClockZone:          {"像是时区或夏令时不同，未改动，请核对时区", "it looks like another time zone, so nothing was changed; please check the zone"},

	SoundPortRefused:  {"话机的语音端口拒收（软件或防火墙）", "the phone's port for sound refuses packets (its software, or a firewall)"},
	SoundFromStranger: {"语音来自别的地址，未被采用（NAT 或多网卡）", "sound comes from another address and is not taken (a NAT, or a phone with two networks)"},
	SoundIsSilence:    {"收到的语音全是静音（话机静音，或话筒未接）", "what comes is silence (muted, or no microphone)"},
	SoundBehindNAT:    {"收不到话机语音：话机在 NAT 之后，登记的是内部地址", "nothing comes: the phone is behind a NAT and gives its inner address"},
	SoundDoesNotCome:  {"收不到话机语音（防火墙、网络或话机故障）", "nothing comes from the phone (a firewall, the network, or the phone)"},

	Trouble: {"通信故障", "a fault of the connection"},
}

// pauseWords are the reasons of a break that the pages offer; any other was typed by somebody.
var pauseWords = map[string][2]string{
	"break":       {"小休", "break"},
	"meal":        {"用餐", "meal"},
	"training":    {"培训", "training"},
	"meeting":     {"会议", "meeting"},
	"coaching":    {"上级辅导", "coaching"},
	"back_office": {"后台处理", "back office"},
	"outbound":    {"外呼", "manual outbound"},
	"system":      {"系统故障", "system fault"},
	"missed_call": {"连续漏接", "several calls in a row were missed"},
}

// WhyWords puts a reason in plain words: "zh" for Chinese, anything else for English. A reason that is no
// known word is its own sentence.
func WhyWords(lang, reason string) string { return why(lang, reason, "") }

// WhyAbout is WhyWords for a reason that speaks of something.
func WhyAbout(lang, reason, about string) string { return why(lang, reason, about) }

// PauseWords puts the reason of a break in plain words.
func PauseWords(lang, reason string) string {
	if words, known := pauseWords[reason]; known {
		return pick(lang, words[0], words[1])
	}
	return reason
}

func why(lang, reason, about string) string {
	words, known := reasonWords[Reason(reason)]
	if !known {
		return reason
	}
	if about == "" {
		about = "?"
	}
	return strings.ReplaceAll(pick(lang, words[0], words[1]), "{}", about)
}
