package doctor

import (
	"fmt"
	"strconv"
	"strings"

	"trunkbox/firmware/q850"
)

// factWords is how each fact is said; {v} stands for its value.
var factWords = map[string]struct{ zh, en string }{
	"los":             {"信号丢失（LOS），占观察时间的 {v}%", "loss of signal (LOS) for {v} % of the time"},
	"lfa":             {"帧失步（LFA），占观察时间的 {v}%", "loss of frame alignment (LFA) for {v} % of the time"},
	"lmfa":            {"复帧失步（LMFA），占观察时间的 {v}%", "loss of multiframe alignment (LMFA) for {v} % of the time"},
	"ais":             {"全 1 信号（AIS），占观察时间的 {v}%", "all ones (AIS) for {v} % of the time"},
	"rai":             {"远端告警（RAI），占观察时间的 {v}%", "remote alarm indication (RAI) for {v} % of the time"},
	"not_open":        {"驱动程序没有启动这条线路", "the driver has not started the line"},
	"loop_alarm":      {"线路处于环回状态", "the line says that it is looped"},
	"unsteady":        {"告警时有时无：{v}", "alarms that come and go: {v}"},
	"had_signal":      {"这条线路以前收到过信号", "the line had a signal before"},
	"never_signal":    {"这条线路从来没有收到过信号", "the line never had a signal"},
	"framing":         {"试用帧格式 {v} 时线路同步", "with the framing {v} the line is aligned"},
	"line_code":       {"试用线路码 {v} 时线路正常", "with the line code {v} the line is in order"},
	"crc_set":         {"本端设置的帧格式是 {v}", "the framing is set to {v}"},
	"framing_found":   {"接收器认出的帧格式是 {v}", "the receiver finds the framing {v}"},
	"bpv":             {"{v} 次线路码错", "{v} line code violations"},
	"crc":             {"{v} 次 CRC 错误", "{v} CRC errors"},
	"clock_set":       {"本端时钟设置为 {v}", "the clock is set to {v}"},
	"clock":           {"试用时钟 {v} 时没有滑码", "with the clock {v} there is no slip"},
	"slips":           {"{v} 次滑码", "{v} controlled slips"},
	"slips_day":       {"过去 24 小时 {v} 次滑码", "{v} controlled slips in the last 24 hours"},
	"slips_hour":      {"相当于每小时 {v} 次", "which is {v} an hour"},
	"ppm":             {"两端时钟相差约 {v} ppm", "the clocks differ by about {v} ppm"},
	"clock_other":     {"与线路 {v} 相比", "compared with the line {v}"},
	"clock_apart":     {"本机测得两条线路的时钟相差 {v} ppm", "the box measures {v} ppm between the clocks of the two lines"},
	"join_slips":      {"两条线路之间的通话每小时约 {v} 次滑码", "calls between the two slip about {v} times an hour"},
	"clock_lines":     {"比较了 {v} 条线路", "{v} lines were compared"},
	"clock_odd":       {"时钟与众不同的{v}", "the odd one out: {v}"},
	"clock_now":       {"这条线路的时钟设置为 {v}", "the clock of this line is set to {v}"},
	"errors":          {"{v} 次误码（线路码、CRC、帧定位）", "{v} errors (line code, CRC, frame alignment)"},
	"ebit":            {"对端报告 {v} 次 CRC 错误（E 比特）", "the far end reported {v} CRC errors (E-bits)"},
	"seconds":         {"观察了 {v} 秒", "in {v} seconds"},
	"pattern":         {"{v}% 的比特符合伪随机测试序列", "{v} % of the bits continue the pseudo-random test sequence"},
	"returned":        {"{v} 个发出的帧立即原样返回", "{v} frames of ours came back at once as they were"},
	"probe_returned":  {"试探帧原样返回", "the doctor's own frame came back as it was"},
	"timeslot":        {"HDLC 标志和帧出现在时隙 {v}", "flags and frames are found in timeslot {v}"},
	"d_timeslot":      {"D 通道所在的时隙 {v} 里没有", "there are none in timeslot {v}, where the D channel should be"},
	"d_nothing":       {"D 通道时隙里没有任何 HDLC 标志", "there are no flags in the timeslot of the D channel"},
	"d_octet":         {"其中最多的字节是 {v}", "its most frequent octet is {v}"},
	"flags":           {"D 通道时隙 {v}% 的时间是 HDLC 标志", "flags for {v} % of the time in the timeslot of the D channel"},
	"inverted":        {"全部比特取反后才读出标志（{v}%）", "flags only with every bit inverted ({v} %)"},
	"frames_inverted": {"取反后读出 {v} 个正确的帧", "{v} good frames with every bit inverted"},
	"seven":           {"去掉每个字节的第 8 比特后才读出标志（{v}%）", "flags only without bit 8 of each octet ({v} %)"},
	"frames_seven":    {"去掉第 8 比特后读出 {v} 个正确的帧", "{v} good frames without bit 8"},
	"robbed":          {"{v} 个帧全部损坏，每个字节的第 8 比特总是 1", "all {v} frames are damaged, and bit 8 of every octet is a one"},
	"link_down":       {"D 通道没有建立", "the D channel is not up"},
	"link_up":         {"D 通道已建立", "the D channel is up"},
	"sabme_sent":      {"我方发出 {v} 个 SABME", "{v} SABME sent by us"},
	"heard_nothing":   {"没有收到任何帧", "no frame was received"},
	"sabme_received":  {"收到 {v} 个 SABME", "{v} SABME received"},
	"ua_sent":         {"我方回答了 {v} 个 UA", "{v} UA sent by us in answer"},
	"from_same":       {"收到的帧中 {v} 个的地址表明对端与我方同侧", "{v} frames whose address says that the far end is the same side as we are"},
	"from_other":      {"{v} 个帧的地址表明对端是另一侧", "{v} frames whose address says that it is the other side"},
	"probe_taken":     {"以 {v} 侧的身份请求链路时，对端同意（UA）", "asked for the link as {v}, the far end agreed (UA)"},
	"dm":              {"收到 {v} 个 DM", "{v} DM received"},
	"calls":           {"最近向对端发起 {v} 次呼叫", "{v} calls placed lately"},
	"refused":         {"其中 {v} 次被拒绝", "{v} of them refused"},
	"cause":           {"最多的原因值是 {v}", "the most frequent cause is {v}"},
	"location":        {"由“{v}”给出", "given by {v}"},
	"cause_times":     {"这个原因 {v} 次", "{v} times this cause"},
	"ignored":         {"{v} 次呼叫没有任何答复", "{v} calls without any answer"},
	"named_16":        {"对端 {v} 次提到“通道 16”，而时隙 16 是 D 通道", "the far end named channel 16 {v} times, but timeslot 16 is the D channel"},
	"named_0":         {"对端 {v} 次提到“通道 0”", "the far end named channel 0 {v} times"},
	"one_less":        {"我方请求的通道，对端 {v} 次答复小 1 的号码", "{v} times a channel was answered with the number below it"},
	"no_31":           {"对端 {v} 次说通道 31 不存在（原因 82）", "the far end said {v} times that channel 31 does not exist (cause 82)"},
	"shift":           {"{v} 路通话的声音在相邻的下一个时隙里", "the sound of {v} calls is in the timeslot after theirs"},
	"sign":            {"对端使用：{v}", "the far end uses {v}"},
	"variant":         {"这些特征符合 {v}", "which fits {v}"},
	"variant_set":     {"本端设置为 {v}", "the line is set to {v}"},
	"law":             {"对端的声音是 {v}", "the far end speaks {v}"},
	"law_blocks":      {"{v} 段 20 毫秒的声音是这样", "in {v} blocks of 20 ms"},
	"law_against":     {"{v} 段相反", "in {v} the other way round"},
	"law_set":         {"本端设置为 {v}", "the line is set to {v}"},
	"law_bearer":      {"对端 {v} 次呼叫声明使用另一种压扩律", "{v} calls of the far end were for the other law"},
	// These are values only: what to set.
	"side":       {},
	"clock_to":   {},
	"framing_to": {},
}

// hidden says that the fact is a value for sentences and settings only.
func (f Fact) hidden() bool { return factWords[f.ID].en == "" }

// words is how values of the settings are said.
var words = map[string]struct{ zh, en string }{
	"crc4": {"CRC-4", "CRC-4"}, "no-crc4": {"无 CRC-4", "no CRC-4"}, "esf": {"ESF", "ESF"}, "d4": {"D4", "D4"},
	"hdb3": {"HDB3", "HDB3"}, "ami": {"AMI", "AMI"}, "b8zs": {"B8ZS", "B8ZS"},
	"line": {"跟随线路", "the line's"}, "internal": {"本机", "internal"},
	"user": {"用户", "user"}, "network": {"网络", "network"},
	"alaw": {"A 律", "A-law"}, "mulaw": {"μ 律", "µ-law"},
	"euroisdn-e1": {"EuroISDN", "EuroISDN"}, "euroisdn-t1": {"EuroISDN（T1）", "EuroISDN on T1"}, "ni2": {"NI-2", "NI-2"}, "ni1": {"NI-1", "NI-1"},
	"dms100": {"DMS-100", "DMS-100"}, "5ess": {"5ESS", "5ESS"}, "4ess": {"4ESS", "4ESS"}, "qsig": {"QSIG", "QSIG"},
}

// fact makes a fact with a number or a word of the settings.
func fact[T int | uint64 | string](id string, value T) Fact {
	text := fmt.Sprint(value)
	if w, is := words[text]; is {
		return said(id, text, w.zh, w.en)
	}
	return said(id, text, text, text)
}

// said makes a fact whose value is said in another way than it is written.
func said(id, value, zh, en string) Fact {
	w := factWords[id]
	return Fact{
		ID: id, Value: value, ZH: strings.ReplaceAll(w.zh, "{v}", zh), EN: strings.ReplaceAll(w.en, "{v}", en),
		saidZH: zh, saidEN: en,
	}
}

// percent makes a fact with a share.
func percent(id string, share float64) Fact {
	return fact(id, strconv.FormatFloat(100*share, 'f', 0, 64))
}

// number makes a fact with a rate, with one digit behind the point where that matters.
func number(id string, value float64) Fact {
	digits := 0
	if value < 10 {
		digits = 1
	}
	return fact(id, strconv.FormatFloat(value, 'f', digits, 64))
}

// causeFact makes the fact of a cause with its number and what it means.
func causeFact(c q850.Cause) Fact {
	return said("cause", strconv.Itoa(int(c)), fmt.Sprintf("%d %s", c, c.Plain("zh")), c.String())
}
