package evidence

import "fmt"

// words is everything a report says, in Chinese and English; values are put in by fmt.
var words = map[string][2]string{
	"title":    {"线路举证报告：%s", "Line evidence: %s"},
	"box":      {"设备", "Box"},
	"version":  {"软件版本", "Firmware"},
	"period":   {"统计时段", "Period"},
	"made":     {"生成时间", "Made"},
	"numbers":  {"号码", "Numbers"},
	"masked":   {"已隐去中间各位", "their middle digits are hidden"},
	"findings": {"结论", "Findings"},

	"now_fine":    {"现在线路没有告警，D 通道%s。", "The line has no alarm now; its D channel is %s."},
	"now_alarms":  {"现在线路有告警 %s，D 通道%s。", "The line has the alarms %s now; its D channel is %s."},
	"seconds":     {"误码秒 %d，严重误码秒 %d，不可用 %d 秒（共测量 %s）。", "Errored seconds %d, severely errored seconds %d, unavailable %d s (%s were measured)."},
	"alarm_times": {"线路告警出现 %d 次。", "Times that the line went into alarm: %d."},
	"clock.far":   {"线路时钟由对端提供，本机跟随，因此滑码不是本机时钟引起的。", "The far end is the master of the line's clock and the box follows it, so slips do not come from a clock of the box."},
	"clock.box":   {"本机是线路时钟的主用源，对端应当跟随。", "The box is the master of the line's clock; the far end should follow it."},
	"clock.box_user": {
		"本机是线路时钟的主用源，而对端是运营商：通常应由运营商提供时钟，否则会有滑码。请把线路的时钟设为“线路”。",
		"The box is the master of the line's clock though the far end is a carrier, who usually gives it; slips are then to be expected. Set the clock of the line to \"line\".",
	},
	"clock.far_user": {
		"线路时钟由对端提供，而本机是网络侧：通常应由本机提供时钟。",
		"The far end is the master of the line's clock though the box is the network side, which usually gives it.",
	},
	"slips":           {"滑码 %d 次（%s，平均每小时 %s 次）。两端时钟同步时不应有滑码。", "Controlled slips: %d in %s, %s an hour. With both ends on one clock there are none."},
	"clocks":          {"本机测得这条线路的时钟与其他线路相比：%s。同一网络的线路应当相同。", "Measured by the box, the clock of this line is, against its other lines: %s. Lines of one network agree."},
	"minutes":         {"%d 分钟", "%d min"},
	"hours":           {"%.1f 小时", "%.1f h"},
	"no_calls":        {"该时段线路上没有呼叫结束。", "No call on the line has ended in this period."},
	"calls":           {"共有 %d 通呼叫结束，其中因故障失败 %d 通。", "Of %d calls that have ended %d failed by a fault."},
	"cleared_far":     {"%d 通（共 %d 通失败）由%[3]s（位置 %[4]d）拆线，原因值 %[5]d %[6]s：%[7]s。", "%d of %d failures were cleared by the %s (location %d) with cause %d, %s: %s."},
	"cleared_box":     {"%d 通（共 %d 通失败）由本机放弃，原因值 %[5]d %[6]s：%[7]s。", "%d of %d failures were given up by the box itself with cause %[5]d, %[6]s: %[7]s."},
	"cleared_far_one": {"%d 通（共 %d 通失败）由%[3]s（位置 %[4]d）拆线，原因值 %[5]d %[6]s：%[7]s。", "%d of %d failures was cleared by the %s (location %d) with cause %d, %s: %s."},
	"cleared_box_one": {"%d 通（共 %d 通失败）由本机放弃，原因值 %[5]d %[6]s：%[7]s。", "%d of %d failures was given up by the box itself with cause %[5]d, %[6]s: %[7]s."},

	"causes":  {"失败原因", "Causes of the failures"},
	"n_calls": {"通数", "Calls"},
	"cause":   {"原因值", "Cause"},
	"meaning": {"含义", "Meaning (Q.850)"},
	"said_by": {"由谁发出（位置）", "Said by (location)"},
	"by_box":  {"本机", "the box"},

	"quality":        {"线路质量", "Quality of the line"},
	"no_quality":     {"该时段没有质量数据。", "There are no quality figures of this period."},
	"bars":           {"从 %s 起每格 15 分钟：. 正常，e 误码秒，s 严重误码秒，U 不可用", "A quarter hour each from %s: . fine, e errored, s severely errored, U unavailable"},
	"worst":          {"最差的 15 分钟：", "The worst quarter hours:"},
	"all_bad":        {"所有有误码的 15 分钟：", "All quarter hours with errors:"},
	"no_bad_quarter": {"没有任何 15 分钟出现误码。", "No quarter hour had an errored second."},
	"days":           {"按天：", "By days:"},
	"from":           {"开始", "From"},
	"counted":        {"计数", "Counted"},

	"events":    {"告警与 D 通道事件", "Alarms, and events of the D channel"},
	"no_events": {"该时段没有告警，D 通道没有变化。", "There was no alarm in this period, and the D channel did not change."},
	"time":      {"时间", "Time"},
	"event":     {"事件", "Event"},

	"failures":      {"失败的呼叫", "Failed calls"},
	"no_failures":   {"没有因故障失败的呼叫。", "No call failed by a fault."},
	"more_failures": {"另有 %d 通较早的失败呼叫只计入统计。", "%d earlier failed calls are only counted."},
	"call":          {"%s %s %s → %s 时隙 %s，原因值 %d，位置 %d（%s）", "%s %s %s → %s channel %s, cause %d, location %d (%s)"},
	"direction.in":  {"呼入", "in"},
	"direction.out": {"呼出", "out"},

	"settings": {"线路设置", "Settings of the line"},
	"terms":    {"说明", "Terms"},
	"terms_text": {
		"ES 误码秒；SES 严重误码秒；UAS 不可用秒（连续 10 个严重误码秒起算，连续 10 秒恢复止）；BES 突发误码秒；CSS 滑码秒（RFC 4805、ITU-T G.826）。LCV 线路码错，CRC 校验错，E-bit 对端报告的 CRC 错，FAS 帧定位错，FCS 信令帧校验错，LAPD-字母 为 Q.921 附录 II 的差错。原因值与位置见 ITU-T Q.850；位置 4 为对端公用网，0 为用户。",
		"ES errored, SES severely errored, UAS unavailable (from ten severe seconds in a row to ten others), BES bursty errored, CSS controlled slip seconds (RFC 4805, ITU-T G.826). LCV line code violations, CRC check errors, E-bit errors the far end reports, FAS errored frame words, FCS damaged signalling frames, LAPD-letter errors of Q.921 Appendix II. Causes and locations are those of ITU-T Q.850.",
	},

	"link.up":           {"已建立", "up"},
	"link.down":         {"中断", "down"},
	"link.establishing": {"正在建立", "being set up"},
}

// say gives a sentence in "zh", or in English.
func say(lang, key string, values ...any) string {
	pair, known := words[key]
	if !known {
		return key
	}
	form := pair[1]
	if lang == "zh" {
		form = pair[0]
	}
	if len(values) == 0 {
		return form
	}
	return fmt.Sprintf(form, values...)
}
