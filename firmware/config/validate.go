package config

import (
	"fmt"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // the box's file system has no zone files
)

// Problem is one thing that does not hold, told so that one knows what to do. Path is the place in the
// document, "queues[1].ring_seconds".
type Problem struct {
	Path string `json:"path"`
	ZH   string `json:"zh"`
	EN   string `json:"en"`
}

func (p Problem) Error() string {
	if p.Path == "" {
		return p.EN
	}
	return p.Path + ": " + p.EN
}

// Words that settings may hold, in the order the pages show them.
var (
	Languages  = []string{"zh", "en"}
	Drivers    = []string{"virtual", "dahdi"}
	Kinds      = []string{"E1", "T1"}
	Framings   = []string{"crc4", "no-crc4", "esf", "d4"}
	LineCodes  = []string{"hdb3", "b8zs", "ami"}
	Clocks     = []string{"line", "internal"}
	Sides      = []string{"user", "network"}
	Variants   = []string{"euroisdn-e1", "euroisdn-t1", "ni2", "ni1", "dms100", "5ess", "4ess", "qsig"}
	Laws       = []string{"alaw", "mulaw"}
	Huntings   = []string{"up", "down", "round-robin", "least-recent", "opposite"}
	Selections = []string{"exclusive", "preferred"}
	Strategies = []string{"longest-idle"}
	OnEmpties  = []string{"refuse", "wait"}
	KindsOfTo  = []string{"queue", "menu", "extension", "outside", "prompt", "hangup"}
	DChannels  = []string{"own", "primary", "backup", "none"}
	Transports = []string{"udp", "tcp", "tls"}
	TrunkLaws  = []string{"alaw", "mulaw", "g722"}
	Directions = []string{"in", "out"}
	Starts     = []string{"off", "answer", "queue", "code"}
	Records    = []string{"", "yes", "no"}
	EchoBys    = []string{"auto", "box", "board"}
)

var (
	lineName      = regexp.MustCompile(`^[a-z][a-z0-9-]{0,15}$`)
	extensionForm = regexp.MustCompile(`^[0-9]{3,5}$`)
	digitsForm    = regexp.MustCompile(`^[0-9]{1,20}$`)
	numberForm    = regexp.MustCompile(`^\+?[0-9]{2,20}$`)
	codeForm      = regexp.MustCompile(`^[*#][0-9*#]{1,7}$`)
	hostForm      = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$`)
)

// Validate says everything that does not hold in s; an empty list means it can be saved.
func Validate(s Settings) []Problem {
	c := &check{s: s, taken: map[string][2]string{}}
	c.box()
	c.lines()
	c.groups()
	c.trunks()
	c.agents()
	c.queues()
	c.menus()
	c.routes()
	c.outbound()
	c.recording()
	c.features()
	c.talks()
	c.phones()
	return c.problems
}

func (c *check) box() {
	b := c.s.Box
	c.name("box.name", b.Name)
	c.word("box.language", b.Language, Languages)
	c.word("box.country", b.Country, Countries)
	if _, err := time.LoadLocation(b.TimeZone); err != nil || b.TimeZone == "" || b.TimeZone == "Local" {
		c.add("box.time_zone", fmt.Sprintf("不认识时区“%s”，请写成 Asia/Shanghai 这样。", b.TimeZone),
			fmt.Sprintf("The time zone %q is not known; write it like Europe/Berlin.", b.TimeZone))
	}
}

// extension checks an extension of an agent or queue, and that nothing else answers to it.
func (c *check) extension(path, digits, zhWho, who string) {
	if !extensionForm.MatchString(digits) {
		c.add(path, fmt.Sprintf("分机号“%s”应为 3 到 5 位数字。", digits), fmt.Sprintf("The extension %q needs 3 to 5 digits.", digits))
		return
	}
	if Emergency(c.s.Box.Country, digits) {
		c.add(path, fmt.Sprintf("%s 是紧急电话号码，不能作分机号。", digits), fmt.Sprintf("%s is an emergency number and cannot be an extension.", digits))
	}
	if p := c.s.Outbound.Prefix; p != "" && strings.HasPrefix(digits, p) {
		c.add(path, fmt.Sprintf("分机号 %s 以出局字冠 %s 开头，拨不到；请换号或改字冠。", digits, p),
			fmt.Sprintf("Extension %s begins with the outside prefix %s and could not be dialled; change one of them.", digits, p))
	}
	if other, used := c.taken[digits]; used {
		c.add(path, fmt.Sprintf("分机号 %s 已由%s使用。", digits, other[0]), fmt.Sprintf("Extension %s belongs to %s already.", digits, other[1]))
		return
	}
	c.taken[digits] = [2]string{zhWho, who}
}

func (c *check) agents() {
	for i, a := range c.s.Agents {
		at := fmt.Sprintf("agents[%d].", i)
		c.extension(at+"extension", a.Extension, "坐席“"+a.Name+"”", "agent "+a.Name)
		c.name(at+"name", a.Name)
		if problem, bad := weak(a.Password); bad {
			c.add(at+"password", problem.ZH, problem.EN)
		}
		if a.Encrypt && c.s.Phones.TLS == "" {
			c.add(at+"encrypt", "话音必须加密的分机经 TLS 注册，请先在“话机”里打开 TLS。",
				"An extension whose sound must be encrypted registers over TLS; switch TLS on under phones first.")
		}
		seen := map[string]bool{}
		for j, queue := range a.Queues {
			path := fmt.Sprintf("%squeues[%d]", at, j)
			c.once(seen, path, queue)
			if !c.hasQueue(queue) {
				c.missing(path, "队列", "queue", queue)
			}
		}
		if a.CallerID != "" && !slices.Contains(c.s.Outbound.Numbers, a.CallerID) {
			c.add(at+"caller_id", fmt.Sprintf("主叫号码 %s 不在“可显示号码”里，请先加到那里。", a.CallerID),
				fmt.Sprintf("The caller number %s is not among outbound.numbers; add it there first.", a.CallerID))
		}
	}
}

func (c *check) missing(path, zhKind, kind, name string) {
	c.add(path, fmt.Sprintf("没有名为“%s”的%s，请先新建或改选。", name, zhKind), fmt.Sprintf("There is no %s %q; make it first or choose another.", kind, name))
}

func (c *check) hasQueue(name string) bool {
	return slices.ContainsFunc(c.s.Queues, func(q Queue) bool { return q.Name == name })
}

// hasLine says whether there is a line or an IP trunk of that name.
func (c *check) hasLine(name string) bool {
	return slices.ContainsFunc(c.s.Lines, func(l Line) bool { return l.Name == name }) ||
		slices.ContainsFunc(c.s.Trunks, func(t Trunk) bool { return t.Name == name })
}

func (c *check) queues() {
	seen := map[string]bool{}
	for i, q := range c.s.Queues {
		at := fmt.Sprintf("queues[%d].", i)
		c.name(at+"name", q.Name)
		c.once(seen, at+"name", q.Name)
		c.extension(at+"extension", q.Extension, "队列“"+q.Name+"”", "queue "+q.Name)
		c.word(at+"strategy", q.Strategy, Strategies)
		c.within(at+"ring_seconds", q.RingSeconds, 5, 120, " 秒", " s")
		c.within(at+"wrap_up_seconds", q.WrapUpSeconds, 0, 3600, " 秒", " s")
		c.within(at+"retry_seconds", q.RetrySeconds, 1, 300, " 秒", " s")
		c.within(at+"max_wait_seconds", q.MaxWait, 0, 86400, " 秒", " s")
		c.within(at+"max_length", q.MaxLength, 0, 1000, " 个", " callers")
		c.within(at+"auto_pause_missed", q.AutoPause, 0, 99, " 次", " calls")
		if q.AnnounceEvery != 0 {
			c.within(at+"announce_seconds", q.AnnounceEvery, 15, 3600, " 秒", " s")
		}
		c.word(at+"on_empty", q.OnEmpty, OnEmpties)
		c.word(at+"record", q.Record, Records)
	}
}

// destination checks that there is such a place to go to.
func (c *check) destination(path string, d Destination) {
	switch d.Kind {
	case "queue":
		if !c.hasQueue(d.Target) {
			c.missing(path, "队列", "queue", d.Target)
		}
	case "menu":
		if _, found := c.menu(d.Target); !found {
			c.missing(path, "菜单", "menu", d.Target)
		}
	case "extension":
		test := d.Target != "" && (d.Target == c.s.Features.Echo || d.Target == c.s.Features.Milliwatt)
		if !test && !slices.ContainsFunc(c.s.Agents, func(a Agent) bool { return a.Extension == d.Target }) {
			c.missing(path, "分机", "extension", d.Target)
		}
	case "outside":
		if !numberForm.MatchString(d.Target) {
			c.add(path, fmt.Sprintf("外线号码“%s”应为 2 到 20 位数字，可带 + 号。", d.Target),
				fmt.Sprintf("The outside number %q needs 2 to 20 digits, with + before them if you like.", d.Target))
		}
	case "prompt":
		if d.Target == "" {
			c.add(path, "请选要播放的提示音。", "Choose the prompt to play.")
		}
	case "hangup":
	default:
		c.word(path+".kind", d.Kind, KindsOfTo)
	}
}

func (c *check) routes() {
	catchesAll := false
	for i, r := range c.s.Routes {
		at := fmt.Sprintf("routes[%d].", i)
		if r.Line != "" && !c.hasLine(r.Line) {
			c.missing(at+"line", "线路", "line", r.Line)
		}
		if r.Called != "" && !digitsForm.MatchString(r.Called) {
			c.add(at+"called", fmt.Sprintf("被叫号码“%s”只能是数字（可留空表示全部）。", r.Called), fmt.Sprintf("The called number %q may hold digits only; leave it empty for any.", r.Called))
		}
		if catchesAll {
			c.add(at+"called", "前一条路由已接走所有来话，这一条永远用不到；请调整次序或删除。",
				"An earlier route takes every call, so this one is never used; change the order or remove it.")
		}
		catchesAll = catchesAll || (r.Line == "" && r.Called == "")
		c.destination(at+"to", r.To)
	}
	if !catchesAll && len(c.s.Menus) == 0 {
		c.add("menus", "没有菜单，也没有接所有来话的路由；请建一个菜单，或加一条线路和号码都留空的路由。",
			"There is no menu and no route for every call; make a menu, or a route with line and called left empty.")
	}
}

func (c *check) outbound() {
	o := c.s.Outbound
	if o.Prefix != "" && (len(o.Prefix) != 1 || !digitsForm.MatchString(o.Prefix)) {
		c.add("outbound.prefix", fmt.Sprintf("出局字冠“%s”应为一位数字，或留空。", o.Prefix), fmt.Sprintf("The outside prefix %q must be one digit, or empty.", o.Prefix))
	}
	seen := map[string]bool{}
	for i, number := range o.Numbers {
		path := fmt.Sprintf("outbound.numbers[%d]", i)
		c.once(seen, path, number)
		if !numberForm.MatchString(number) {
			c.add(path, fmt.Sprintf("号码“%s”应为 2 到 20 位数字，可带 + 号。", number), fmt.Sprintf("The number %q needs 2 to 20 digits, with + before them if you like.", number))
		}
	}
	for i, line := range o.Lines {
		if !c.hasLine(line) {
			c.missing(fmt.Sprintf("outbound.lines[%d]", i), "线路", "line", line)
		}
	}
	c.within("outbound.through_calls", o.ThroughCalls, 0, 1000, " 路", " calls")
	c.within("outbound.through_minutes", o.ThroughMinutes, 0, 1440, " 分钟", " min")
	for i, barred := range o.Barred {
		path := fmt.Sprintf("outbound.barred[%d]", i)
		if !digitsForm.MatchString(barred) {
			c.add(path, fmt.Sprintf("限拨字冠“%s”只能是数字。", barred), fmt.Sprintf("The barred prefix %q may hold digits only.", barred))
			continue
		}
		for _, number := range EmergencyNumbers(c.s.Box.Country) {
			if strings.HasPrefix(number, barred) {
				c.add(path, fmt.Sprintf("限拨 %s 会挡住紧急电话 %s，不允许；请写得更长一些。", barred, number),
					fmt.Sprintf("Barring %s would cover the emergency number %s, which is not allowed; write a longer prefix.", barred, number))
			}
		}
	}
}

func (c *check) features() {
	f := c.s.Features
	codes := []struct {
		path, code string
		optional   bool
	}{
		{"features.log_in_out", f.LogInOut, false},
		{"features.pause_resume", f.PauseResume, false},
		{"features.transfer", f.Transfer, false},
		{"features.echo", f.Echo, false},
		{"features.record_pause", f.RecordPause, true},
		{"features.listen", f.Listen, true},
		{"features.whisper", f.Whisper, true},
		{"features.barge", f.Barge, true},
		{"features.malicious", f.Malicious, true},
		{"features.conference", f.Conference, true},
		{"features.milliwatt", f.Milliwatt, true},
	}
	for i, this := range codes {
		if this.optional && this.code == "" {
			continue
		}
		if !codeForm.MatchString(this.code) {
			c.add(this.path, fmt.Sprintf("功能码“%s”应以 * 或 # 开头，共 2 到 8 位，如 *45。", this.code),
				fmt.Sprintf("The code %q must begin with * or # and have 2 to 8 places, like *45.", this.code))
			continue
		}
		for _, other := range codes[:i] {
			if other.code != "" && (strings.HasPrefix(this.code, other.code) || strings.HasPrefix(other.code, this.code)) {
				c.add(this.path, fmt.Sprintf("功能码 %s 与 %s 分不清，请换一个。", this.code, other.code),
					fmt.Sprintf("The codes %s and %s cannot be told apart; change one.", this.code, other.code))
			}
		}
	}
}

func (c *check) talks() {
	t := c.s.Talks
	if t.Parties != 0 {
		c.within("talks.parties", t.Parties, 3, 64, " 方", " parties")
	}
	c.within("talks.hold_seconds", t.HoldSeconds, 0, 3600, " 秒", " s")
}

func (c *check) recording() {
	r := c.s.Recording
	c.word("recording.start", r.Start, Starts)
	c.within("recording.keep_days", r.KeepDays, 1, 3650, " 天", " days")
	c.within("recording.floor_days", r.FloorDays, 0, 3650, " 天", " days")
	c.within("recording.min_free_mb", r.MinFreeMB, 64, 1<<20, " MB", " MB")
	if r.FloorDays > r.KeepDays {
		c.add("recording.floor_days", fmt.Sprintf("至少保留 %d 天，却只保留 %d 天；请改其中一个。", r.FloorDays, r.KeepDays),
			fmt.Sprintf("Recordings cannot be kept for at least %d days and for %d days only; change one.", r.FloorDays, r.KeepDays))
	}
}

func (c *check) phones() {
	p := c.s.Phones
	if !hostForm.MatchString(p.Realm) {
		c.add("phones.realm", fmt.Sprintf("认证域“%s”不可用：只用字母、数字、点和横线。", p.Realm), fmt.Sprintf("The realm %q will not do: letters, digits, dots and dashes only.", p.Realm))
	}
	udp, tcp, tls := c.listen("phones.udp", p.UDP), c.listen("phones.tcp", p.TCP), c.listen("phones.tls", p.TLS)
	if p.UDP == "" && p.TCP == "" && p.TLS == "" {
		c.add("phones.udp", "UDP、TCP、TLS 都关着，电话无法注册；请至少开一个，如 :5060。", "UDP, TCP and TLS are all off, so no phone can register; switch one on, like :5060.")
	}
	if tcp != 0 && tcp == tls {
		c.add("phones.tls", fmt.Sprintf("TCP 和 TLS 不能用同一端口 %d。", tls), fmt.Sprintf("TCP and TLS cannot share port %d.", tls))
	}
	c.within("phones.rtp_first", p.RTPFirst, 1024, 65000, "", "")
	c.within("phones.rtp_last", p.RTPLast, 1024, 65535, "", "")
	if p.RTPLast-p.RTPFirst < 255 {
		c.add("phones.rtp_last", fmt.Sprintf("RTP 端口 %d 到 %d 太少，至少要 256 个。", p.RTPFirst, p.RTPLast),
			fmt.Sprintf("RTP ports %d to %d are too few; 256 are needed.", p.RTPFirst, p.RTPLast))
	}
	if udp != 0 && udp >= p.RTPFirst && udp <= p.RTPLast {
		c.add("phones.rtp_first", fmt.Sprintf("SIP 的 UDP 端口 %d 落在 RTP 端口里，请错开。", udp), fmt.Sprintf("The SIP port %d lies within the RTP ports; keep them apart.", udp))
	}
	if p.External != "" && !hostForm.MatchString(p.External) && net.ParseIP(p.External) == nil {
		c.add("phones.external", fmt.Sprintf("外部地址“%s”应为 IP 地址或主机名，不带端口。", p.External), fmt.Sprintf("The external address %q must be an IP address or host name without a port.", p.External))
	}
	c.within("phones.session_seconds", p.SessionS, 90, 86400, " 秒", " s") // RFC 4028 section 4: at least 90
	c.within("phones.keep_alive_seconds", p.KeepAliveS, 10, 3600, " 秒", " s")
}

// listen checks a listen address and returns its port, 0 when there is none.
func (c *check) listen(path, address string) int {
	if address == "" {
		return 0
	}
	host, text, err := net.SplitHostPort(address)
	port, convErr := strconv.Atoi(text)
	if err != nil || convErr != nil || port < 1 || port > 65535 || (host != "" && net.ParseIP(host) == nil) {
		c.add(path, fmt.Sprintf("监听地址“%s”不可用，请写成 :5060 或 192.168.1.2:5060。", address),
			fmt.Sprintf("The listen address %q will not do; write it like :5060 or 192.168.1.2:5060.", address))
		return 0
	}
	return port
}
