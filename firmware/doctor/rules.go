package doctor

// rules is everything that the doctor knows, one row a finding. What hides something else stands in that one's none.
var rules = []rule{
	{
		id: "not_open", layer: Physical, all: []sign{notOpen}, certainty: Certain,
		zh: "这条线路没有启动：驱动程序没有打开接口卡的这个端口。", en: "The line has not been started: the driver has not opened this port of the card.",
		remedyZH: "检查接口卡是否插好、端口号是否正确，然后重新启动设备。", remedyEN: "See that the card is in place and the port number is right, then start the box again.",
	},
	{
		id: "no_signal", layer: Physical, all: []sign{los, hadSignal}, certainty: Certain,
		zh: "收不到任何信号，而以前收到过：电缆断了或被拔出，或者对端设备没有电。", en: "There is no signal, though there was one before: the cable is broken or pulled out, or the far equipment has no power.",
		remedyZH: "检查两端插头和电缆，再问对端设备是否通电。", remedyEN: "Check the plugs and the cable at both ends, then ask whether the far equipment has power.",
	},
	{
		id: "swapped", layer: Physical, all: []sign{los, neverSignal}, certainty: Likely,
		zh: "收不到任何信号，而且从来没有收到过：很可能发送和接收两对线接反了，否则就是对端还没有接上。", en: "There is no signal and never was one: transmit and receive are probably swapped, or else the far end is not connected yet.",
		remedyZH: "在一端把发送和接收对调；如果仍然没有信号，请对端确认已经接线并开通。", remedyEN: "Swap transmit and receive at one end; if there is still no signal, ask the far end whether it is wired and switched on.",
	},
	{
		id: "ais", layer: Physical, all: []sign{ais}, certainty: Certain,
		zh: "收到的全是 1（AIS）：接口和电缆是好的，但运营商的传输设备自己没有收到信号。", en: "All ones are received (AIS): port and cable are good, but the carrier's transmission equipment has lost its own signal.",
		remedyZH: "向运营商报障：传输设备上游中断。", remedyEN: "Report it to the carrier: the circuit is broken upstream of the transmission equipment.",
	},
	{
		id: "looped", layer: Physical, all: []sign{looped}, certainty: Likely, sure: []sign{loopCertain},
		zh: "我们听到的是自己：线路在某处被环回。", en: "We hear ourselves: the line is looped somewhere.",
		remedyZH: "请运营商拆除环回，或拔掉配线架上的环回头；也检查本机的测试环回是否已关闭。", remedyEN: "Ask the carrier to take the loop away, or remove the loop plug at the frame; see also that no test loop of this box is on.",
	},
	{
		id: "wrong_framing", layer: Physical, all: []sign{lfa}, none: []sign{onlyCode}, certainty: Likely, sure: []sign{framingCures, framingFound},
		zh: "有信号但对不上帧：两端的帧格式不一样，本端是 {crc_set}。", en: "There is a signal but no frame in it: the two ends use different framing, this end {crc_set}.",
		remedyZH: "改用对端的帧格式；先向运营商问清楚。", remedyEN: "Use the framing of the far end; ask the carrier which it is.",
		suggest: map[string]string{"framing": "framing_to"},
	},
	{
		id: "crc4_one_side", layer: Physical, all: []sign{isE1}, any: []sign{lmfa, crcCures}, none: []sign{onlyCode}, certainty: Likely, sure: []sign{framingCures, crcCures, framingFound},
		zh: "只有一端使用 CRC-4：本端设置的是 {crc_set}，对端不是。", en: "Only one end uses CRC-4: this end is set to {crc_set}, the far end is not.",
		remedyZH: "把两端设成一样，改我们这一端最快。", remedyEN: "Set both ends alike; changing this end is the quickest.",
		suggest: map[string]string{"framing": "framing_to"},
	},
	{
		id: "wrong_line_code", layer: Physical, any: []sign{codeErrors, codeCures}, certainty: Likely, sure: []sign{codeCures},
		zh: "两端的线路码不一样：脉冲的规则对不上。", en: "The two ends use different line codes: the pulses break our rule.",
		remedyZH: "改用对端的线路码（E1 通常是 HDB3，T1 通常是 B8ZS）。", remedyEN: "Use the line code of the far end (an E1 usually has HDB3, a T1 B8ZS).",
		suggest: map[string]string{"line_code": "line_code"},
	},
	{
		id: "far_alarm", layer: Physical, all: []sign{rai}, none: []sign{crcCures, looped}, certainty: Certain,
		zh: "对端在告警：我们听得到它，它听不到我们。", en: "The far end has an alarm: we hear it, but it cannot hear us.",
		remedyZH: "检查我们的发送线对和插头；线没有问题时，请对端核对它的帧格式。", remedyEN: "Check our transmit pair and its plugs; if they are good, ask the far end to check its framing.",
	},
	{
		id: "unsteady", layer: Physical, all: []sign{unsteady}, certainty: Likely,
		zh: "线路时通时断：告警反复出现又消失。", en: "The line comes and goes: alarms rise and clear again and again.",
		remedyZH: "多半是接触不良：重新插紧插头，检查接线端子和电缆。", remedyEN: "Mostly a loose contact: seat the plugs again, check terminals and cable.",
	},
	{
		id: "both_master", layer: Physical, all: []sign{slipping, ownClock}, certainty: Likely, sure: []sign{clockCures},
		zh: "两端各用各的时钟：每小时约 {slips_hour} 次滑码。", en: "Both ends are clock master: there are about {slips_hour} slips an hour.",
		remedyZH: "把我们这一端的时钟设为跟随线路；运营商从来不会跟随我们。", remedyEN: "Let this end take its clock from the line; a carrier never follows ours.",
		suggest: map[string]string{"clock": "clock_to"},
	},
	{
		id: "slips", layer: Physical, all: []sign{slipping, lineClock}, certainty: Certain,
		zh: "我们跟随线路的时钟，但仍然每小时约 {slips_hour} 次滑码：时钟实际来自别处，或者两端互相跟随。", en: "We follow the clock of the line and there are still about {slips_hour} slips an hour: the clock really comes from elsewhere, or each end follows the other.",
		remedyZH: "有几条线路时，选运营商的那条做时钟源；对端是自己的交换机时，只让一端提供时钟。", remedyEN: "With several lines, take the clock from the carrier's; with a switch of your own at the far end, let one end only give the clock.",
		suggest: map[string]string{"clock": "clock"}, sure: []sign{clockCures},
	},
	{
		id: "unlike_clocks", layer: Physical, all: []sign{unlike}, none: []sign{looped}, sure: []sign{oddOwn}, certainty: Certain,
		zh:       "这条线路和线路 {clock_other} 的时钟不同：相差 {clock_apart} ppm，两条线路之间的通话每小时约 {join_slips} 次滑码；时钟与众不同的{clock_odd}。",
		en:       "This line and {clock_other} have different clocks: they are {clock_apart} ppm apart, and calls between them slip about {join_slips} times an hour. The odd one out: {clock_odd}.",
		remedyZH: "把接运营商的线路的时钟都设为跟随线路，并问运营商它的哪一条线路是主时钟，其余的是否与它同步；接自己交换机的专线必须用我们的时钟，请把那台交换机设为跟随线路。",
		remedyEN: "Let every line to a carrier take its clock from the line, and ask the carrier which of its lines is its master and whether the others follow it; a private line to a PBX must take its clock from us: set the PBX to follow the line.",
		suggest:  map[string]string{"clock": "clock_to"},
	},
	{
		id: "bit_errors", layer: Physical, all: []sign{bitErrors}, none: []sign{codeErrors, codeCures}, certainty: Certain,
		zh: "收到的信号有误码。", en: "There are bit errors in what we receive.",
		remedyZH: "检查接收线对、插头和接地；电缆是否太长或靠近电源线。", remedyEN: "Check the receive pair, the plugs and the ground; see whether the cable is too long or runs beside power cables.",
	},
	{
		id: "far_errors", layer: Physical, all: []sign{farErrors}, certainty: Certain,
		zh: "对端收到的信号有误码。", en: "There are bit errors in what the far end receives from us.",
		remedyZH: "检查我们的发送线对和插头，或请对端检查它的接收。", remedyEN: "Check our transmit pair and its plugs, or ask the far end to check its receiver.",
	},
	{
		id: "test_pattern", layer: Physical, all: []sign{testPattern}, certainty: Certain,
		zh: "线路上是测试序列：有人还在测这条电路。", en: "There is a test sequence on the line: somebody is still measuring the circuit.",
		remedyZH: "请运营商结束测试并开通业务。", remedyEN: "Ask the carrier to end the test and put the circuit into service.",
	},
	{
		id: "d_elsewhere", layer: DataLink, all: []sign{elsewhere}, none: []sign{looped}, certainty: Certain,
		zh: "D 通道不在时隙 {d_timeslot}，而在时隙 {timeslot}。", en: "The D channel is in timeslot {timeslot}, not in {d_timeslot}.",
		remedyZH: "请运营商把 D 通道放在时隙 {d_timeslot}，或检查传输设备的时隙交叉。", remedyEN: "Ask the carrier to put the D channel into timeslot {d_timeslot}, or check how the transmission equipment crosses the timeslots.",
	},
	{
		id: "d_inverted", layer: DataLink, all: []sign{dInverted}, certainty: Certain,
		zh: "D 通道的比特是反的。", en: "The bits of the D channel are inverted.",
		remedyZH: "请运营商去掉 D 通道（或整条线路）的取反。", remedyEN: "Ask the carrier to take the inversion off the D channel (or off the whole line).",
	},
	{
		id: "d_56k", layer: DataLink, all: []sign{dSeven}, certainty: Certain,
		zh: "D 通道只有 56 kbit/s：每个字节的第 8 比特被占用。", en: "The D channel runs at 56 kbit/s: bit 8 of each octet is taken.",
		remedyZH: "请运营商提供 64 kbit/s 透明通道（线路码 B8ZS 或 HDB3）。", remedyEN: "Ask the carrier for a clear channel of 64 kbit/s (line code B8ZS or HDB3).",
	},
	{
		id: "d_silent", layer: DataLink, all: []sign{lineUp, dEmpty, linkDown, deaf}, none: []sign{testPattern, looped}, certainty: Certain,
		zh: "线路是好的，但对端的 D 通道什么也不发。", en: "The line is good, but the far end sends nothing on a D channel.",
		remedyZH: "请运营商开通这条线路的 ISDN PRI 信令；也许它开的是 R2、七号信令或数据专线。", remedyEN: "Ask the carrier to switch on ISDN PRI signalling; perhaps the line is set up for R2, SS7 or data.",
	},
	{
		id: "no_answer", layer: DataLink, all: []sign{lineUp, asked, deaf, linkDown},
		none: []sign{dEmpty, elsewhere, dInverted, dSeven, looped, testPattern, rai}, certainty: Likely, sure: []sign{dSeen},
		zh: "D 通道在，但对端不回答我们建立链路的请求。", en: "The D channel is there, but the far end does not answer when we ask for the link.",
		remedyZH: "请运营商激活这条线路的 D 通道（数据链路层）。", remedyEN: "Ask the carrier to activate the data link of this line's D channel.",
	},
	{
		id: "both_user", layer: DataLink, all: []sign{weAreUser, sameSide}, none: []sign{looped}, certainty: Likely, sure: []sign{sameSure},
		zh: "两端都是用户侧。", en: "Both ends are the user side.",
		remedyZH: "把一端设成网络侧：对端是运营商时请它改，对端是交换机时改我们这端。", remedyEN: "Set one end to the network side: the far end if it is a carrier, this one if it is a PBX.",
		suggest: map[string]string{"side": "side"},
	},
	{
		id: "both_network", layer: DataLink, all: []sign{weAreNet, sameSide}, none: []sign{looped}, certainty: Likely, sure: []sign{sameSure},
		zh: "两端都是网络侧。", en: "Both ends are the network side.",
		remedyZH: "把我们这端设成用户侧。", remedyEN: "Set this end to the user side.",
		suggest: map[string]string{"side": "side"},
	},
	{
		id: "layer2_refuses", layer: DataLink, all: []sign{refusedLink}, none: []sign{looped}, certainty: Certain,
		zh: "对端拒绝建立 D 通道的链路（DM）：它那边把 D 通道闭塞了。", en: "The far end refuses the link on the D channel (DM): it has blocked that.",
		remedyZH: "请运营商解除 D 通道的闭塞。", remedyEN: "Ask the carrier to unblock the D channel.",
	},
	{
		id: "d_one_way", layer: DataLink, all: []sign{oneWay}, none: []sign{looped, sameSide}, certainty: Likely,
		zh: "D 通道只通一个方向：对端反复请求建立链路，听不到我们的回答。", en: "The D channel works one way only: the far end asks for the data link again and again and does not hear our answer.",
		remedyZH: "请对端检查它在哪个时隙、以什么方式接收我们的 D 通道。", remedyEN: "Ask the far end in which timeslot, and how, it takes our D channel.",
	},
	{
		id: "layer3_refuses", layer: Messages, all: []sign{refusals}, certainty: Likely, sure: []sign{manyRefused},
		zh: "对端拒绝我们所有的呼叫：{cause}（由“{location}”给出）。", en: "The far end refuses all our calls: {cause}, says {location}.",
		remedyZH: "把这个原因值告诉运营商；先核对主叫号码、被叫号码的格式和开通的业务。", remedyEN: "Tell the carrier this cause; check first the numbers we show and dial and what the line is subscribed to.",
	},
	{
		id: "layer3_silent", layer: Messages, all: []sign{ignored}, certainty: Likely,
		zh: "D 通道通了，但对端对我们的呼叫一声不吭。", en: "The far end never answers our calls, neither yes nor no.",
		remedyZH: "请运营商检查这条线路的呼叫控制是否开通，变体是否一致。", remedyEN: "Ask the carrier whether call control is switched on for this line, and which variant it is.",
	},
	{
		id: "off_by_one", layer: Messages, all: []sign{oneOff}, certainty: Likely, sure: []sign{oneOffSure},
		zh: "通道编号差一：对端把时隙 17 叫作通道 16。", en: "Channels are numbered one off: the far end calls timeslot 17 channel 16.",
		remedyZH: "请对端按时隙编号（1–15、17–31），不要按 B 通道顺序编号（1–30）。", remedyEN: "Ask the far end to number by timeslots (1-15, 17-31) and not by B channels (1-30).",
	},
	{
		id: "from_zero", layer: Messages, all: []sign{fromZero}, certainty: Likely,
		zh: "通道编号差一：对端从 0 数起。", en: "Channels are numbered one off: the far end counts from 0.",
		remedyZH: "请对端从 1 开始编号。", remedyEN: "Ask the far end to count channels from 1.",
	},
	{
		id: "wrong_variant", layer: Messages, all: []sign{foreign}, certainty: Likely, sure: []sign{foreignMore},
		zh: "对端说的是另一种变体：像 {variant}，而我们设置的是 {variant_set}。", en: "The far end speaks another variant: it looks like {variant}, and we are set to {variant_set}.",
		remedyZH: "改成 {variant}，或向运营商问清楚变体。", remedyEN: "Change to {variant}, or ask the carrier which variant it is.",
		suggest: map[string]string{"variant": "variant"},
	},
	{
		id: "wrong_law", layer: Speech, any: []sign{otherLaw, otherBearer}, certainty: Likely, sure: []sign{otherLaw},
		zh: "压扩律不对：对端用 {law}，我们设置的是 {law_set}，声音会刺耳失真。", en: "The companding law is wrong: the far end uses {law}, we are set to {law_set}, and speech sounds harsh.",
		remedyZH: "改成 {law}。", remedyEN: "Change to {law}.",
		suggest: map[string]string{"law": "law"},
	},
}

// healthy and unexplained are what is said when no row fits.
var (
	healthy = rule{
		id: Healthy, layer: NothingIs, all: []sign{linkUp}, certainty: Certain,
		zh: "没有发现问题：线路同步，D 通道已建立。", en: "Nothing is wrong: the line is aligned and the D channel is up.",
		remedyZH: "如果仍有异常，在出问题的时候再诊断一次。", remedyEN: "If something is still odd, ask again while it happens.",
	}
	unexplained = rule{
		id: Unexplained, layer: NothingIs, any: []sign{linkDown}, certainty: Possible,
		zh: "D 通道没有建立，但没有看出原因。", en: "The D channel is not up, and the signs do not say why.",
		remedyZH: "停用这条线路后再诊断一次，设备就可以试用别的设置；还不行时把信令跟踪发给运营商。", remedyEN: "Ask again with the line out of service, so that other settings can be tried; else send the trace to the carrier.",
	}
)
