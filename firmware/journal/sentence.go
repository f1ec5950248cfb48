package journal

import (
	"cmp"
	"strings"
)

// sentences tell each kind of event in Chinese and in English.
var sentences = map[Kind]func(w words) (zh, en string){
	BoxStarted: func(w words) (string, string) {
		return "本机启动" + w.after("，版本 ", "version") + w.why(), "The box started" + w.after(", version ", "version") + w.why()
	},
	BoxStopped: func(w words) (string, string) { return "本机停机" + w.why(), "The box stopped" + w.why() },
	SettingsMade: func(w words) (string, string) {
		return "新的设置生效" + w.by() + w.why(), "New settings took effect" + w.by() + w.why()
	},
	LineAlarm: func(w words) (string, string) {
		if w.fields["alarms"] == "" {
			return "线路 " + w.f("line") + " 告警消除", "Line " + w.f("line") + ": no alarms any more"
		}
		told := alarms(w.lang, w.fields["alarms"])
		return "线路 " + w.f("line") + " 告警：" + told, "Line " + w.f("line") + " has alarms: " + told
	},
	LinkState: func(w words) (string, string) {
		state := said(w.lang, linkWords, w.f("state"))
		return "线路 " + w.f("line") + " 的 D 通道" + state + w.why(), "Line " + w.f("line") + ": the D channel is " + state + w.why()
	},
	TrunkState: func(w words) (string, string) {
		if w.f("state") == "up" {
			return "IP 中继 " + w.f("line") + " 可用", "The IP trunk " + w.f("line") + " is up"
		}
		return "IP 中继 " + w.f("line") + " 不可用" + w.why(), "The IP trunk " + w.f("line") + " is down" + w.why()
	},
	ChannelState: func(w words) (string, string) {
		state := said(w.lang, channelWords, w.f("state"))
		return "线路 " + w.f("line") + " 时隙 " + w.f("channel") + " 变为“" + state + "”" + w.why(),
			"Line " + w.f("line") + ", channel " + w.f("channel") + " is now " + state + w.why()
	},
	LineFound: func(w words) (string, string) {
		zh, en := "线路 "+w.f("line"), "Line "+w.f("line")
		if w.fields["channel"] != "" {
			zh, en = zh+" 时隙 "+w.f("channel"), en+", channel "+w.f("channel")
		}
		return zh + "：" + w.reason(), en + ": " + w.reason()
	},
	LineChanged: func(w words) (string, string) {
		state := said(w.lang, changeWords, w.f("state"))
		zh, en := "线路 "+w.f("line")+" "+state, "Line "+w.f("line")+" "+state
		if w.f("state") == "draining" {
			return zh + w.in("，尚有 ", "about", " 个通话"), en + w.in(", calls left: ", "about", "")
		}
		return zh + w.why(), en + w.why()
	},
	CallArrived: func(w words) (string, string) {
		zh, en := " "+w.fields["caller"], w.fields["caller"]
		switch {
		case w.fields["restricted"] == "yes":
			zh, en = "号码不显示", "a caller who withholds the number"
		case en == "":
			zh, en = "无号码", "a caller without a number"
		}
		return "来话：主叫" + zh + w.in("（", "name", "）") + w.after("，被叫 ", "called") + "，线路 " + w.f("line") + " " + w.channel(),
			"A call from " + en + w.in(" (", "name", ")") + w.after(" to ", "called") + " arrived on line " + w.f("line") + w.channel()
	},
	CallDialled: func(w words) (string, string) {
		if w.fields["line"] == "" {
			return "坐席 " + w.f("agent") + " 拨打 " + w.f("called"), "Agent " + w.f("agent") + " dialled " + w.f("called")
		}
		return strings.TrimSpace("经线路 "+w.f("line")+" "+w.channel()) + " 呼叫 " + w.f("called") + w.after("，显示号码 ", "caller"),
			w.f("called") + " is called over line " + w.f("line") + w.channel() + w.after(", showing the number ", "caller")
	},
	CallAlerting: func(words) (string, string) { return "对方振铃", "The called party is being rung" },
	CallAnswered: func(w words) (string, string) {
		if w.fields["by"] == "far" {
			return "对方应答" + w.after("，号码 ", "called"), "The called party answered" + w.after(", number ", "called")
		}
		return "本机应答", "The box answered the call"
	},
	MenuEntered: func(w words) (string, string) {
		return "进入菜单“" + w.f("menu") + "”", "The caller is in the menu " + w.f("menu")
	},
	MenuKey: func(w words) (string, string) {
		return "在菜单“" + w.f("menu") + "”按 " + w.f("key") + w.why(), "In the menu " + w.f("menu") + " the caller pressed " + w.f("key") + w.why()
	},
	PartyInvited: func(w words) (string, string) {
		return "坐席 " + w.f("by") + " 邀请 " + w.f("to") + " 加入通话" + w.why(), "Agent " + w.f("by") + " asks " + w.f("to") + " to join the talk" + w.why()
	},
	PartyJoined: func(w words) (string, string) { return w.f("to") + " 加入通话", w.f("to") + " joined the talk" },
	PartyLeft: func(w words) (string, string) {
		return w.f("to") + " 离开通话", w.f("to") + " left the talk"
	},
	SupervisorIn: func(w words) (string, string) {
		how := map[string][2]string{"listen": {"监听", "listens to"}, "whisper": {"密语", "whispers to"}, "barge": {"插话", "talks into the call of"}}[w.f("how")]
		return "班长 " + w.f("by") + " " + how[0] + "坐席 " + w.f("agent"), "Supervisor " + w.f("by") + " " + how[1] + " agent " + w.f("agent")
	},
	SupervisorOut: func(w words) (string, string) {
		return "班长 " + w.f("by") + " 退出", "Supervisor " + w.f("by") + " left"
	},
	AnswererHeard: func(w words) (string, string) {
		who := map[string][2]string{"person": {"听起来是真人接听", "A person seems to have answered"}, "machine": {"听起来是应答机接听", "A machine seems to have answered"}, "nobody": {"接通后没有声音", "Nothing was said after the answer"}}[w.f("outcome")]
		return cmp.Or(who[0], "听不出谁接听"), cmp.Or(who[1], "It cannot be told who answered")
	},
	Announced: announced,
	ConsentPlayed: func(w words) (string, string) {
		if w.fields["to"] == "all" {
			return "通话中向各方播放录音告知“" + w.f("name") + "”", "All who talk were told of the recording by the prompt " + w.f("name")
		}
		return "播放录音告知“" + w.f("name") + "”", "The caller was told of the recording by the prompt " + w.f("name")
	},
	RecordingBegan: func(w words) (string, string) {
		return w.in("坐席 ", "by", " ") + "开始录音", "The recording began" + w.in(", by the code of agent ", "by", "")
	},
	RecordingPaused: func(w words) (string, string) {
		return "坐席 " + w.f("by") + " 暂停录音", "Agent " + w.f("by") + " paused the recording"
	},
	RecordingResumed: func(w words) (string, string) {
		if w.f("by") == "box" {
			return "暂停录音的坐席已离开，继续录音", "The agent who paused the recording left; it goes on"
		}
		return "坐席 " + w.f("by") + " 继续录音", "Agent " + w.f("by") + " went on with the recording"
	},
	RecordingEnded: func(w words) (string, string) {
		return "录音完成，时长 " + w.ms(), "The recording is complete, " + w.ms() + " long"
	},
	RecordingFailed: func(words) (string, string) {
		return "没有录音或录音中断，电话不受影响", "There is no recording, or it broke off; the call went on"
	},
	RecordingStep: func(w words) (string, string) {
		step := map[string][2]string{"full": {"恢复正常", "as set"}, "mono": {"改为单声道", "in one channel only"}, "stopped": {"停止", "not at all"}}[w.f("state")]
		return "磁盘剩 " + w.f("about") + " MB，录音" + step[0], "With " + w.f("about") + " MB left on the disk, calls are recorded " + step[1]
	},
	RecordingGap: func(w words) (string, string) {
		return "夜间核对：这个通话缺少录音", "The nightly check found no complete recording of this call"
	},
	RecordingStopped: func(w words) (string, string) {
		return "转到不录音的队列“" + w.f("queue") + "”，停止录音", "The recording stopped: calls of the queue " + w.f("queue") + " are not recorded"
	},
	RecordingsProved: func(w words) (string, string) {
		if w.f("faults") == "0" {
			return w.f("day") + " 的 " + w.f("count") + " 个录音核对无误，末环 " + w.f("link"), "The " + w.f("count") + " recordings of " + w.f("day") + " are as they were made; the last link is " + w.f("link")
		}
		return w.f("day") + " 的录音有 " + w.f("faults") + " 处与当时不符", w.f("faults") + " of the recordings of " + w.f("day") + " are not as they were made"
	},
	RecordingsDeleted: func(w words) (string, string) {
		why := map[string][2]string{"age": {"已过保存期", "for their age"}, "room": {"磁盘空间不足", "to make room on the disk"}}[w.f("why")]
		return "删除 " + w.f("day") + " 的 " + w.f("count") + " 个录音：" + why[0], "The " + w.f("count") + " recordings of " + w.f("day") + " were deleted " + why[1]
	},
	RecordingHeard: func(w words) (string, string) {
		if w.f("how") == "downloaded" {
			return w.f("by") + " 从 " + w.f("address") + " 下载了录音", w.f("by") + " downloaded the recording to " + w.f("address")
		}
		return w.f("by") + " 在 " + w.f("address") + " 收听了录音", w.f("by") + " listened to the recording at " + w.f("address")
	},
	KeyHeard: func(w words) (string, string) {
		way := map[string][2]string{
			"sound": {"带内双音", "in-band"}, "rtp": {"RFC 4733 telephone-event", "by RFC 4733 telephone-event"}, "info": {"SIP INFO", "by SIP INFO"}, "": {"线路信令", "in the signalling of the line"},
		}[w.fields["way"]]
		zh, en := "收到按键 "+w.fields["key"], "The key "+w.fields["key"]+" came "
		if w.fields["hidden"] != "" {
			zh, en = "收到按键（录音暂停，不记键值）", "A key (not written down while the recording is paused) came "
		}
		if w.fields["agent"] != "" {
			zh, en = "坐席 "+w.f("agent")+" "+strings.TrimPrefix(zh, "收到"), strings.Replace(en, " came ", " of agent "+w.f("agent")+" came ", 1)
		}
		zh, en = strings.TrimSpace(zh)+"，"+way[0], en+way[1]
		if w.fields["ms"] != "" {
			zh, en = zh+"，持续 "+w.f("ms")+" 毫秒", en+", "+w.f("ms")+" ms long"
		}
		switch {
		case w.fields["twist"] != "":
			zh, en = zh+"，低音 "+w.f("low")+" dBm0，高音 "+w.f("high")+" dBm0，高低音相差 "+w.f("twist")+" dB", en+", its low tone at "+w.f("low")+" dBm0, the high one at "+w.f("high")+" dBm0, a twist of "+w.f("twist")+" dB"
		case w.fields["low"] != "": // written before twist was
			zh, en = zh+"，低音 "+w.f("low")+" dBm0，高音 "+w.f("high")+" dBm0", en+", its low tone at "+w.f("low")+" dBm0, the high one at "+w.f("high")+" dBm0"
		case w.fields["level"] != "":
			zh, en = zh+"，电平 "+w.f("level")+" dBm0", en+", at "+w.f("level")+" dBm0"
		}
		return zh, en
	},
	MenuTimeout: func(w words) (string, string) {
		return "在菜单“" + w.f("menu") + "”没有选择" + w.why(), "The menu " + w.f("menu") + " got no choice" + w.why()
	},
	QueueEntered: func(w words) (string, string) {
		return "进入队列“" + w.f("queue") + "”，排第 " + w.f("position") + " 位", "The caller waits in the queue " + w.f("queue") + " at place " + w.f("position")
	},
	QueueLeft: func(w words) (string, string) {
		outcome := Outcome(w.f("outcome"))
		zh, en := "离开队列“"+w.f("queue")+"”："+outcome.Plain("zh"), "The caller left the queue "+w.f("queue")+": "+outcome.Plain("en")
		if w.fields["reason"] != "" && (outcome == JoinEmpty || outcome == LeaveEmpty) {
			zh, en = zh+"（"+w.reason()+"）", en+" ("+w.reason()+")"
		}
		if waited := w.ms(); waited != "" {
			zh, en = zh+"，等待 "+waited, en+" after "+waited
		}
		return zh, en
	},
	AgentOffered: func(w words) (string, string) {
		if w.fields["reason"] == "dialled" {
			return "呼叫分机 " + w.f("agent") + "（直接拨打）", "Extension " + w.f("agent") + " is rung (dialled directly)"
		}
		idle, idleEN, of, ofEN := "", "", "", ""
		if w.fields["reason"] == "longest_idle" && w.ms() != "" {
			idle, idleEN = "（"+w.ms()+"）", " ("+w.ms()+")"
		}
		if w.number("of") > 1 {
			of, ofEN = "，共 "+w.f("of")+" 人可选", ", of "+w.f("of")+" ready agents"
		}
		return "呼叫坐席 " + w.f("agent") + w.why() + idle + of, "Agent " + w.f("agent") + " is rung" + w.why() + idleEN + ofEN
	},
	AgentRefused: func(w words) (string, string) {
		zh, en := "坐席 "+w.f("agent")+" 未接听"+w.why(), "Agent "+w.f("agent")+" did not take the call"+w.why()
		if rung := w.ms(); rung != "" {
			zh, en = zh+"，振铃 "+rung, en+", rung for "+rung
		}
		return zh, en
	},
	AgentJoined: func(w words) (string, string) {
		zh, en := "坐席 "+w.f("agent")+" 接听"+w.queue(), "Agent "+w.f("agent")+" answered"+w.queue()
		if rung := w.ms(); rung != "" {
			zh, en = zh+"，振铃 "+rung, en+", rung for "+rung
		}
		return zh, en
	},
	EchoTurned: func(w words) (string, string) {
		zh, en := "线路 "+w.f("line")+" 时隙 "+w.f("channel")+" 的回声消除", "The echo canceller of line "+w.f("line")+", channel "+w.f("channel")
		if w.f("state") == "off" {
			return zh + "被调制解调器或传真机的信号音关闭", en + " was turned off by the tone of a modem or a fax machine"
		}
		return zh + "重新工作", en + " works again after the tone"
	},
	SoundOneWay: func(w words) (string, string) {
		return "话机 " + w.f("agent") + " 单通" + w.why(), "The sound of phone " + w.f("agent") + " goes one way only" + w.why()
	},
	SoundMeasured: func(w words) (string, string) {
		zh := "话机 " + w.f("agent") + " 的话音：评分 " + w.f("opinion") + "，丢包 " + w.f("lost") + "%，抖动 " + w.f("jitter") + " 毫秒，缓冲 " + w.f("delay") + " 毫秒" +
			w.in("，往返 ", "trip", " 毫秒") + w.after("，", "codec")
		en := "Sound of phone " + w.f("agent") + ": score " + w.f("opinion") + ", " + w.f("lost") + " % lost, jitter " + w.f("jitter") + " ms, buffer " + w.f("delay") + " ms" +
			w.in(", round trip ", "trip", " ms") + w.after(", ", "codec")
		if w.fields["encrypted"] == "yes" {
			zh, en = zh+"，加密", en+", encrypted"
		}
		return zh, en
	},
	CallHeld: func(w words) (string, string) {
		if w.fields["agent"] == "" {
			return "对方保持通话", "The far party put the call on hold"
		}
		return "坐席 " + w.f("agent") + " 保持通话", "Agent " + w.f("agent") + " put the call on hold"
	},
	CallResumed: func(w words) (string, string) {
		if w.fields["agent"] == "" {
			return "对方恢复通话", "The far party took the call back"
		}
		return "坐席 " + w.f("agent") + " 恢复通话", "Agent " + w.f("agent") + " took the call back"
	},
	CallMoved: func(w words) (string, string) {
		if w.fields["by"] == "box" {
			return "转接不成，通话回到坐席 " + w.f("to") + w.why(), "The transfer failed, and the call goes back to agent " + w.f("to") + w.why()
		}
		return "坐席 " + w.f("by") + " 把通话转接到 " + w.f("to"), "Agent " + w.f("by") + " transferred the call to " + w.f("to")
	},
	CallDiverted: func(w words) (string, string) {
		from, fromEN := " "+w.fields["caller"]+" ", w.fields["caller"]
		if fromEN == "" {
			from, fromEN = "不显示的号码", "a number that is not shown"
		}
		zh := "由" + from + w.in("（", "name", "）") + "转来" + w.in("，最初呼叫 ", "called", "")
		en := "The call was sent here by " + fromEN + w.in(" (", "name", ")") + w.in(", it was for ", "called", " at first")
		return zh + w.why(), en + w.why()
	},
	CallNamed: func(w words) (string, string) {
		party := strings.TrimSpace(w.fields["called"] + " " + w.fields["name"])
		return "得知" + who("zh", w.f("by")) + "：" + party, "It is told who " + who("en", w.f("by")) + " is: " + party
	},
	CallText: func(w words) (string, string) {
		return who("zh", w.f("by")) + "附言：“" + w.f("text") + "”", "A text from " + who("en", w.f("by")) + ": “" + w.f("text") + "”"
	},
	CallCharged: func(w words) (string, string) {
		what, sum := "", ""
		if words, known := chargeWords[w.f("state")]; known {
			what = pick(w.lang, words[0], words[1])
		}
		switch {
		case w.fields["amount"] != "":
			sum = w.fields["amount"]
		case w.fields["units"] != "":
			sum = w.in("", "units", pick(w.lang, " 个计费单位", " units"))
		default:
			sum = w.reason()
		}
		return "网络计费" + what + "：" + sum, "The network charges" + what + ": " + sum
	},
	CallForwarded: func(w words) (string, string) {
		return "被叫方把呼叫前转" + w.in("到 ", "to", "") + w.why(), "The called party sends the call on" + w.in(" to ", "to", "") + w.why()
	},
	CallReported: func(w words) (string, string) {
		state := said(w.lang, serviceWords, w.f("state"))
		return "恶意呼叫追查（坐席 " + w.f("agent") + "）" + state + w.why(), "Tracing of a malicious call, by agent " + w.f("agent") + ", " + state + w.why()
	},
	CallMerged: func(w words) (string, string) {
		state := said(w.lang, serviceWords, w.f("state"))
		return "由网络接通双方（线路 " + w.f("line") + "）" + state + w.why(), "Joining of both parties by the network of line " + w.f("line") + " " + state + w.why()
	},
	CallDeflected: func(w words) (string, string) {
		state := said(w.lang, serviceWords, w.f("state"))
		return "由网络改接到 " + w.f("to") + " " + state + w.why(), "Deflection by the network to " + w.f("to") + " " + state + w.why()
	},
	ClockCompared: func(w words) (string, string) {
		off := length(w.lang, max(int64(w.number("ms")), -int64(w.number("ms"))))
		zh, en := "慢 ", "behind"
		if w.number("ms") < 0 {
			zh, en = "快 ", "ahead of"
		}
		return "本机时钟比线路 " + w.f("line") + " 的网络" + zh + off + w.why(), "The box's clock is " + off + " " + en + " the network of line " + w.f("line") + w.why()
	},
	CallEnded: func(w words) (string, string) {
		text := end{w.fields["by"], w.number("cause"), w.number("location"), w.fields["reason"], w.fields["about"]}.say(w.lang)
		return text, "The call was " + text
	},
	AgentIn: func(w words) (string, string) {
		return "坐席 " + w.f("agent") + " 签入" + w.by(), "Agent " + w.f("agent") + " logged in" + w.by()
	},
	AgentOut: func(w words) (string, string) {
		return "坐席 " + w.f("agent") + " 签出" + w.by(), "Agent " + w.f("agent") + " logged out" + w.by()
	},
	AgentPaused: func(w words) (string, string) {
		pause := PauseWords(w.lang, w.fields["reason"])
		if pause != "" {
			pause = pick(w.lang, "：", ": ") + pause
		}
		return "坐席 " + w.f("agent") + " 示忙" + pause + w.by(), "Agent " + w.f("agent") + " is paused" + pause + w.by()
	},
	AgentResumed: func(w words) (string, string) {
		return "坐席 " + w.f("agent") + " 示闲" + w.by(), "Agent " + w.f("agent") + " is available again" + w.by()
	},
	AgentWrapUp: func(w words) (string, string) {
		zh, en := "坐席 "+w.f("agent")+" 话后处理", "Agent "+w.f("agent")+" is in wrap-up"
		if lasts := w.ms(); lasts != "" {
			zh, en = zh+" "+lasts, en+" for "+lasts
		}
		return zh, en
	},
	AgentReady: func(w words) (string, string) {
		return "坐席 " + w.f("agent") + " 空闲", "Agent " + w.f("agent") + " is ready"
	},
	PhoneUp: func(w words) (string, string) {
		return "分机 " + w.f("agent") + " 的话机已注册" + w.after("，地址 ", "address"), "The phone of " + w.f("agent") + " registered" + w.after(" from ", "address")
	},
	PhoneDown: func(w words) (string, string) {
		return "分机 " + w.f("agent") + " 的话机不可达" + w.why(), "The phone of " + w.f("agent") + " cannot be reached" + w.why()
	},
	SignInRefused: func(w words) (string, string) {
		door := said(w.lang, doorWords, w.f("where"))
		return "登录被拒绝（" + door + "）：" + w.f("who") + w.after("，来自 ", "address"),
			"A sign-in was refused (" + door + "): " + w.f("who") + w.after(" from ", "address")
	},
}

// Sentence tells an event in plain words: "zh" for Chinese, anything else for English. Kinds of newer
// firmware are told by their name and fields.
func Sentence(lang string, e Event) string {
	tell, known := sentences[e.Kind]
	if !known {
		return strings.TrimSpace(string(e.Kind) + " " + fieldList(e.Fields))
	}
	zh, en := tell(words{lang, e.Fields})
	return strings.TrimSpace(pick(lang, zh, en))
}
