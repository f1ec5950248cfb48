package config

import "reflect"

// label is how a setting is spoken of, and what changing it touches.
type label struct {
	zh, en  string
	unit    [2]string // Chinese, English
	touches Touches
}

var (
	noUnit  = [2]string{}
	seconds = [2]string{"秒", "s"}
	millis  = [2]string{"毫秒", "ms"}
	minutes = [2]string{"分钟", "min"}

	days      = [2]string{"天", "days"}
	megabytes = [2]string{"MB", "MB"}
)

// values are the words that settings may hold, by field, as people say them; a test holds the table to what
// Validate allows.
var values = map[string]map[string][2]string{
	"box.language": {"zh": {"中文", "Chinese"}, "en": {"英语", "English"}},
	"box.country":  countryWords,
	"lines.driver": {"virtual": {"虚拟线路", "virtual"}, "dahdi": {"DAHDI 板卡", "DAHDI card"}},
	"lines.side":   {"user": {"用户侧", "user"}, "network": {"网络侧", "network"}},
	"lines.law":    {"alaw": {"A 律", "A-law"}, "mulaw": {"μ 律", "µ-law"}},
	"lines.variant": {
		"euroisdn-e1": {"EuroISDN（国内通用）", "EuroISDN"}, "euroisdn-t1": {"EuroISDN T1", "EuroISDN T1"},
		"ni2": {"National ISDN 2", "National ISDN 2"}, "ni1": {"National ISDN 1", "National ISDN 1"}, "dms100": {"DMS-100", "DMS-100"},
		"5ess": {"5ESS", "5ESS"}, "4ess": {"4ESS", "4ESS"}, "qsig": {"QSIG", "QSIG"},
	},
	"lines.kind":       {"E1": {"E1", "E1"}, "T1": {"T1", "T1"}},
	"lines.framing":    {"crc4": {"CRC-4 复帧", "CRC-4 multiframe"}, "no-crc4": {"无 CRC-4", "without CRC-4"}, "esf": {"ESF", "ESF"}, "d4": {"D4（SF）", "D4 (SF)"}},
	"lines.line_code":  {"hdb3": {"HDB3", "HDB3"}, "b8zs": {"B8ZS", "B8ZS"}, "ami": {"AMI", "AMI"}},
	"lines.clock":      {"line": {"取自线路", "from the line"}, "internal": {"本机提供", "ours"}},
	"lines.d_channel":  {"own": {"自有", "its own"}, "primary": {"主用", "primary"}, "backup": {"备用", "backup"}, "none": {"无", "none"}},
	"lines.hunting":    {"up": {"从小到大", "upwards"}, "down": {"从大到小", "downwards"}, "round-robin": {"轮流", "round robin"}, "least-recent": {"最久未用", "least recent"}, "opposite": {"与对端相反", "opposite to the far end's"}},
	"lines.selection":  {"exclusive": {"指定（不可换）", "exclusive"}, "preferred": {"优先（可换）", "preferred"}},
	"lines.echo_by":    {"auto": {"自动", "automatic"}, "box": {"本机", "the box"}, "board": {"板卡或其驱动", "the card or its driver"}},
	"queues.strategy":  {"longest-idle": {"最长空闲", "longest idle"}},
	"queues.on_empty":  {"refuse": {"说明后结束", "say so and end"}, "wait": {"让来电等待", "let callers wait"}},
	"trunks.transport": {"udp": {"UDP", "UDP"}, "tcp": {"TCP", "TCP"}, "tls": {"TLS", "TLS"}},
	"trunks.law":       {"alaw": {"A 律", "A-law"}, "mulaw": {"μ 律", "µ-law"}, "g722": {"G.722", "G.722"}},
	"queues.record":    {"": {"按录音设置", "as recording says"}, "yes": {"录", "yes"}, "no": {"不录", "no"}},
	"recording.start":  {"off": {"关", "off"}, "answer": {"接听起", "from the answer"}, "queue": {"进队列起", "from the queue"}, "code": {"坐席按码起", "from an agent's code on"}},
	// What nothing and zero mean.
	"lines.ddi_digits":         {"0": {"全部", "all"}},
	"lines.echo_tail_ms":       {"0": {"关", "off"}},
	"lines.return_seconds":     {"0": {"不还原", "never"}},
	"trunks.max_calls":         {"0": {"不限", "no limit"}},
	"outbound.through_calls":   {"0": {"不限", "no limit"}},
	"outbound.through_minutes": {"0": {"不限", "no limit"}},
	"talks.parties":            {"0": {"尽量多（64）", "as many as there is room for (64)"}},
	"talks.hold_seconds":       {"0": {"不播报", "never"}},
	"recording.consent":        {"": {"无", "none"}},
	"agents.caller_id":         {"": {"默认（第一个）", "the default (the first)"}},
	"queues.max_wait_seconds":  {"0": {"不限", "no limit"}},
	"queues.max_length":        {"0": {"不限", "no limit"}},
	"queues.announce_seconds":  {"0": {"不播报", "never"}},
	"queues.auto_pause_missed": {"0": {"从不", "never"}},
	"queues.music":             {"": {"内置音乐", "the built-in music"}},
	"outbound.lines":           {"": {"全部启用的线路", "all that are enabled"}},
	"phones.udp":               {"": {"关", "off"}},
	"phones.tcp":               {"": {"关", "off"}},
	"phones.tls":               {"": {"关", "off"}},

	"destination.kind": {"queue": {"队列", "queue"}, "menu": {"菜单", "menu"}, "extension": {"分机", "extension"}, "hangup": {"挂机", "hang up"}, "prompt": {"播放后挂机", "play and hang up"}, "outside": {"外线", "outside"}},
}

// countryWords are the names of the countries by their codes.
var countryWords = func() map[string][2]string {
	words := map[string][2]string{}
	for _, c := range countries {
		words[c.code] = [2]string{c.zh, c.en}
	}
	return words
}()

// spoken is a value of a setting in a language; one that is not in the table stands for itself.
func spoken(field, value string, language int) string {
	if words, known := values[field][value]; known {
		return words[language]
	}
	if value == "" {
		return [2]string{"（空）", "(none)"}[language]
	}
	return value
}

// labels by "section.field". A field of Settings that is not here changes nothing a person decides
// (agents.logged_in) or names its entry (lines.name); a test holds the table to the type.
var labels = map[string]label{
	"box.name":      {"名称", "name", noUnit, TouchesNothing},
	"box.language":  {"语言", "language", noUnit, TouchesNextCall},
	"box.country":   {"国家", "country", noUnit, TouchesNextCall},
	"box.time_zone": {"时区", "time zone", noUnit, TouchesNothing},

	"box.time_from_line": {"时间取自线路", "time from the line", noUnit, TouchesNothing},

	"lines.driver":    {"驱动", "driver", noUnit, TouchesLineRestart},
	"lines.span":      {"端口", "span", noUnit, TouchesLineRestart},
	"lines.kind":      {"类型", "kind", noUnit, TouchesLineRestart},
	"lines.side":      {"我方", "our side", noUnit, TouchesLineRestart},
	"lines.variant":   {"信令类型", "variant", noUnit, TouchesLineRestart},
	"lines.law":       {"压扩律", "law", noUnit, TouchesLineRestart},
	"lines.framing":   {"帧格式", "framing", noUnit, TouchesLineRestart},
	"lines.line_code": {"线路码", "line code", noUnit, TouchesLineRestart},
	"lines.clock":     {"时钟", "clock", noUnit, TouchesLineRestart},
	"lines.overlap":   {"重叠拨号", "overlap dialling", noUnit, TouchesLineRestart},
	"lines.timers":    {"定时器", "timers", noUnit, TouchesLineRestart},
	"lines.n200":      {"D 通道重发次数", "N200", noUnit, TouchesLineRestart},
	"lines.group":     {"线路组", "group", noUnit, TouchesLineRestart},
	"lines.d_channel": {"D 通道", "D channel", noUnit, TouchesLineRestart},
	"lines.interface": {"接口号", "interface", noUnit, TouchesLineRestart},

	"lines.network_transfer": {"由网络转接", "transfer in the network", noUnit, TouchesNextCall},
	"lines.echo_tail_ms":     {"回声时长", "echo tail", millis, TouchesNextCall},
	"lines.echo_by":          {"回声消除者", "echo cancelled by", noUnit, TouchesNextCall},
	"lines.noise_reduction":  {"降噪", "noise reduction", noUnit, TouchesNextCall},
	"lines.level_control":    {"音量均衡", "level control", noUnit, TouchesNextCall},
	"lines.return_seconds":   {"还原时限", "old settings return after", seconds, TouchesNothing},

	"lines.hunting":    {"选线方式", "hunting", noUnit, TouchesNextCall},
	"lines.selection":  {"时隙选择", "selection", noUnit, TouchesNextCall},
	"lines.block_ms":   {"块长", "block", millis, TouchesLineRestart},
	"lines.ddi_digits": {"被叫位数", "DDI digits", noUnit, TouchesNextCall},
	"lines.restart":    {"启动时复位", "RESTART at start-up", noUnit, TouchesNothing},
	"lines.enabled":    {"启用", "enabled", noUnit, TouchesLineRestart},

	"agents.name":        {"姓名", "name", noUnit, TouchesNothing},
	"agents.password":    {"密码", "password", noUnit, TouchesPhones},
	"agents.queues":      {"队列", "queues", noUnit, TouchesNextCall},
	"agents.caller_id":   {"主叫号码", "caller number", noUnit, TouchesNextCall},
	"agents.hide_number": {"隐藏号码", "number withheld", noUnit, TouchesNextCall},
	"agents.supervisor":  {"班长", "supervisor", noUnit, TouchesNextCall},
	"agents.encrypt":     {"话音必须加密", "sound must be encrypted", noUnit, TouchesPhones},

	"agents.outbound": {"可呼出", "may dial out", noUnit, TouchesNextCall},

	"queues.extension":         {"分机号", "extension", noUnit, TouchesNextCall},
	"queues.strategy":          {"分配策略", "strategy", noUnit, TouchesNextCall},
	"queues.ring_seconds":      {"振铃", "ringing", seconds, TouchesNextCall},
	"queues.wrap_up_seconds":   {"话后处理", "wrap-up", seconds, TouchesNextCall},
	"queues.retry_seconds":     {"重试间隔", "retry", seconds, TouchesNextCall},
	"queues.max_wait_seconds":  {"最长等待", "longest wait", seconds, TouchesNextCall},
	"queues.max_length":        {"最大长度", "longest queue", noUnit, TouchesNextCall},
	"queues.announce_seconds":  {"位置播报间隔", "position announcement every", seconds, TouchesNextCall},
	"queues.auto_pause_missed": {"漏接几次后示忙", "pause after missed calls", noUnit, TouchesNextCall},
	"queues.music":             {"等待音乐", "music", noUnit, TouchesNextCall},
	"queues.record":            {"录音", "recording", noUnit, TouchesNextCall},
	"queues.on_empty":          {"无人签入时", "when nobody is logged in", noUnit, TouchesNextCall},

	"menus.welcome":         {"欢迎词", "welcome", noUnit, TouchesNextCall},
	"menus.prompt":          {"提示音", "prompt", noUnit, TouchesNextCall},
	"menus.timeout_seconds": {"等待按键", "time for a key", seconds, TouchesNextCall},
	"menus.retries":         {"重复次数", "repeats", noUnit, TouchesNextCall},
	"menus.choices":         {"按键", "keys", noUnit, TouchesNextCall},
	"menus.on_fail":         {"无有效按键时", "without a valid key", noUnit, TouchesNextCall},
	"menus.direct_dial":     {"直拨分机", "direct dialling", noUnit, TouchesNextCall},
	"menus.inter_digit_ms":  {"位间时长", "time between digits", millis, TouchesNextCall},

	"routes.to": {"去向", "destination", noUnit, TouchesNextCall},

	"outbound.prefix":  {"出局字冠", "outside prefix", noUnit, TouchesNextCall},
	"outbound.numbers": {"可显示号码", "caller numbers", noUnit, TouchesNextCall},
	"outbound.lines":   {"使用的线路", "lines used", noUnit, TouchesNextCall},
	"outbound.barred":  {"限拨字冠", "barred prefixes", noUnit, TouchesNextCall},

	"outbound.machine_detection": {"识别应答机", "machines are told", noUnit, TouchesNextCall},
	"outbound.through_calls":     {"外线转外线最多", "most calls from outside to outside", noUnit, TouchesNextCall},
	"outbound.through_minutes":   {"外线转外线最长", "longest call from outside to outside", minutes, TouchesNextCall},

	"trunks.server":    {"服务器", "server", noUnit, TouchesTrunk},
	"trunks.transport": {"传输", "transport", noUnit, TouchesTrunk},
	"trunks.register":  {"注册", "registers", noUnit, TouchesTrunk},
	"trunks.user":      {"用户名", "user", noUnit, TouchesTrunk},
	"trunks.password":  {"密码", "password", noUnit, TouchesTrunk},
	"trunks.law":       {"编码", "codec", noUnit, TouchesNextCall},
	"trunks.max_calls": {"最多通话", "most calls", noUnit, TouchesNextCall},
	"trunks.numbers":   {"号码变换", "number rules", noUnit, TouchesNextCall},
	"trunks.encrypt":   {"话音必须加密", "sound must be encrypted", noUnit, TouchesNextCall},
	"trunks.roots":     {"根证书", "root certificates", noUnit, TouchesTrunk},

	"trunks.suppress_silence": {"静音时不发话音包", "silence is not sent", noUnit, TouchesNextCall},
	"trunks.enabled":          {"启用", "enabled", noUnit, TouchesTrunk},

	"recording.start":       {"录音", "starts", noUnit, TouchesNextCall},
	"recording.stereo":      {"双声道", "stereo", noUnit, TouchesNextCall},
	"recording.keep_days":   {"保留", "kept for", days, TouchesNothing},
	"recording.floor_days":  {"至少保留", "kept at least for", days, TouchesNothing},
	"recording.min_free_mb": {"磁盘至少剩余", "disk left free", megabytes, TouchesNothing},
	"recording.consent":     {"告知录音的提示音", "consent prompt", noUnit, TouchesNextCall},

	"features.record_pause": {"暂停录音", "pause recording", noUnit, TouchesNextCall},
	"features.listen":       {"监听", "listen", noUnit, TouchesNextCall},
	"features.whisper":      {"密语", "whisper", noUnit, TouchesNextCall},
	"features.barge":        {"插话", "barge", noUnit, TouchesNextCall},
	"features.malicious":    {"恶意来电追查", "malicious call", noUnit, TouchesNextCall},
	"features.conference":   {"多方通话", "conference", noUnit, TouchesNextCall},
	"features.milliwatt":    {"毫瓦测试音", "milliwatt", noUnit, TouchesNextCall},
	"features.log_in_out":   {"签入签出", "log in and out", noUnit, TouchesNextCall},
	"features.pause_resume": {"示忙示闲", "pause and resume", noUnit, TouchesNextCall},
	"features.transfer":     {"转接", "transfer", noUnit, TouchesNextCall},
	"features.echo":         {"回音测试", "echo test", noUnit, TouchesNextCall},

	"talks.parties":      {"多方通话最多几方", "most parties in a talk", noUnit, TouchesNextCall},
	"talks.hold_seconds": {"保持提醒间隔", "told while on hold every", seconds, TouchesNextCall},

	"phones.realm":              {"认证域", "realm", noUnit, TouchesPhones},
	"phones.udp":                {"UDP 监听", "UDP address", noUnit, TouchesPhones},
	"phones.tcp":                {"TCP 监听", "TCP address", noUnit, TouchesPhones},
	"phones.tls":                {"TLS 监听", "TLS address", noUnit, TouchesPhones},
	"phones.external":           {"外部地址", "external address", noUnit, TouchesPhones},
	"phones.rtp_first":          {"首个 RTP 端口", "first RTP port", noUnit, TouchesNextCall},
	"phones.rtp_last":           {"最后 RTP 端口", "last RTP port", noUnit, TouchesNextCall},
	"phones.session_seconds":    {"会话刷新", "session timer", seconds, TouchesNextCall},
	"phones.keep_alive_seconds": {"保活间隔", "keep-alive every", seconds, TouchesNothing},
	"phones.suppress_silence":   {"静音时不发话音包", "silence is not sent", noUnit, TouchesNextCall},
}

// Said is a setting and its value in one language.
type Said struct{ Name, Value string }

// Say says a setting, "lines.framing", with a value of its type; false for a field that nobody decides.
func Say(field string, value any) (zh, en Said, ok bool) {
	l, ok := labels[field]
	v := reflect.ValueOf(value)
	return Said{l.zh, l.show(field, v, 0)}, Said{l.en, l.show(field, v, 1)}, ok
}
