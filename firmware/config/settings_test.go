package config

import (
	"bytes"
	"encoding/json"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestDefaultHolds(t *testing.T) {
	for _, country := range []string{"CN", "EU", "US", "??"} {
		for _, lang := range []string{"zh", "en", ""} {
			if problems := Validate(Default(country, lang)); len(problems) > 0 {
				t.Errorf("Default(%q, %q): %v", country, lang, problems)
			}
		}
	}
	queue := Default("CN", "zh").Queues[0]
	if queue.RingSeconds != 15 || queue.WrapUpSeconds != 10 || queue.RetrySeconds != 5 || queue.AnnounceEvery != 90 || queue.AutoPause != 3 {
		t.Errorf("times of a new queue: %+v", queue)
	}
}

func TestEmergency(t *testing.T) {
	for _, c := range []struct {
		country, digits string
		want            bool
	}{
		{"CN", "110", true},
		{"CN", "119", true},
		{"CN", "120", true},
		{"CN", "122", true},
		{"CN", "12395", true},
		{"CN", "112", false},
		{"CN", "1100", false},
		{"EU", "112", true},
		{"US", "911", true},
		{"US", "112", false},
		{"??", "110", false},
	} {
		if got := Emergency(c.country, c.digits); got != c.want {
			t.Errorf("Emergency(%q, %q) = %v", c.country, c.digits, got)
		}
	}
}

func TestValidate(t *testing.T) {
	for _, c := range []struct {
		path   string // of the one problem
		en     string // part of its sentence
		change func(s *Settings)
	}{
		{"box.language", "choose one of zh, en", func(s *Settings) { s.Box.Language = "fr" }},
		{"box.country", "choose one of CN, US, CA", func(s *Settings) { s.Box.Country = "XX" }},
		{"box.time_zone", "not known", func(s *Settings) { s.Box.TimeZone = "Mars/Base" }},
		{"box.name", "1 to 40", func(s *Settings) { s.Box.Name = "" }},
		{"lines[0].name", "small letters", func(s *Settings) { s.Lines[0].Name = "Line 1" }},
		{"lines[0].driver", "choose one of virtual, dahdi", func(s *Settings) { s.Lines[0].Driver = "usb" }},
		{"lines[0].kind", "", func(s *Settings) { s.Lines[0].Kind = "E3" }},
		{"lines[0].side", "", func(s *Settings) { s.Lines[0].Side = "" }},
		{"lines[0].variant", "", func(s *Settings) { s.Lines[0].Variant = "q931" }},
		{"lines[0].law", "", func(s *Settings) { s.Lines[0].Law = "ulaw" }},
		{"lines[0].hunting", "", func(s *Settings) { s.Lines[0].Hunting = "random" }},
		{"lines[0].selection", "", func(s *Settings) { s.Lines[0].Selection = "any" }},
		{"lines[0].block_ms", "2 to 20", func(s *Settings) { s.Lines[0].BlockMS = 1 }},
		{"lines[0].ddi_digits", "", func(s *Settings) { s.Lines[0].DDIDigits = -1 }},
		{"lines[1].name", "twice", func(s *Settings) { s.Lines = append(s.Lines, s.Lines[0]); s.Lines[1].Span = 2 }},
		{"lines[1].span", "belongs to line", func(s *Settings) { s.Lines = append(s.Lines, s.Lines[0]); s.Lines[1].Name = "line2" }},
		{"lines[1].span", "belongs to line line1", func(s *Settings) {
			s.Lines[0].Driver = "dahdi"
			s.Lines = append(s.Lines, s.Lines[0])
			s.Lines[1].Name = "line2"
		}},
		{"agents[0].extension", "3 to 5 digits", func(s *Settings) { s.Agents[0].Extension = "20" }},
		{"agents[0].extension", "emergency number", func(s *Settings) { s.Agents[0].Extension = "119" }},
		{"agents[0].extension", "outside prefix", func(s *Settings) { s.Agents[0].Extension = "920" }},
		{"agents[1].extension", "belongs to agent", func(s *Settings) { s.Agents[1].Extension = "200" }},
		{"queues[0].extension", "belongs to agent", func(s *Settings) { s.Queues[0].Extension = "200" }},
		{"agents[0].name", "", func(s *Settings) { s.Agents[0].Name = " " }},
		{"agents[0].password", "10 to 200", func(s *Settings) { s.Agents[0].Password = "short" }},
		{"agents[0].queues[0]", "no queue", func(s *Settings) { s.Agents[0].Queues[0] = "?" }},
		{"agents[0].queues[1]", "twice", func(s *Settings) { s.Agents[0].Queues = []string{"销售", "销售"} }},
		{"agents[0].caller_id", "outbound.numbers", func(s *Settings) { s.Agents[0].CallerID = "02912345678" }},
		{"queues[2].name", "control characters", func(s *Settings) { s.Queues = append(s.Queues, DefaultQueue("a\x07", "6502")) }},
		{"queues[2].name", "twice", func(s *Settings) { s.Queues = append(s.Queues, DefaultQueue("销售", "6502")) }},
		{"queues[0].strategy", "longest-idle", func(s *Settings) { s.Queues[0].Strategy = "ring-all" }},
		{"queues[0].ring_seconds", "5 to 120", func(s *Settings) { s.Queues[0].RingSeconds = 4 }},
		{"queues[0].announce_seconds", "15 to 3600", func(s *Settings) { s.Queues[0].AnnounceEvery = 5 }},
		{"queues[0].on_empty", "refuse, wait", func(s *Settings) { s.Queues[0].OnEmpty = "" }},
		{"menus[0].prompt", "", func(s *Settings) { s.Menus[0].Prompt = "" }},
		{"menus[0].choices[0].key", "not one of", func(s *Settings) { s.Menus[0].Choices[0].Key = "A" }},
		{"menus[0].choices[1].key", "twice", func(s *Settings) { s.Menus[0].Choices[1].Key = "1" }},
		{"menus[0].choices[0].to", "no queue", func(s *Settings) { s.Menus[0].Choices[0].To.Target = "?" }},
		{"menus[0].choices[0].to.kind", "choose one of", func(s *Settings) { s.Menus[0].Choices[0].To.Kind = "fly" }},
		{"menus[0].choices[0].to", "no extension", func(s *Settings) { s.Menus[0].Choices[0].To = Destination{"extension", "777"} }},
		{"menus[0].choices[0].to", "Choose the prompt", func(s *Settings) { s.Menus[0].Choices[0].To = Destination{"prompt", ""} }},
		{"menus[0].on_fail", "circle", func(s *Settings) { s.Menus[0].OnFail = Destination{"menu", s.Menus[0].Name} }},
		{"menus[0].inter_digit_ms", "500 to 10000", func(s *Settings) { s.Menus[0].InterDigitMS = 10 }},
		{"routes[0].line", "no line", func(s *Settings) { s.Routes = []Route{{Line: "x", To: Destination{"hangup", ""}}} }},
		{"routes[0].called", "digits only", func(s *Settings) { s.Routes = []Route{{Called: "12x", To: Destination{"hangup", ""}}} }},
		{"routes[1].called", "never used", func(s *Settings) {
			s.Routes = []Route{{To: Destination{"hangup", ""}}, {Called: "88", To: Destination{"hangup", ""}}}
		}},
		{"menus", "no menu", func(s *Settings) { s.Menus = nil }},
		{"outbound.prefix", "one digit", func(s *Settings) { s.Outbound.Prefix = "00" }},
		{"outbound.numbers[0]", "2 to 20 digits", func(s *Settings) { s.Outbound.Numbers = []string{"x"} }},
		{"outbound.lines[0]", "no line", func(s *Settings) { s.Outbound.Lines = []string{"x"} }},
		{"outbound.barred[0]", "emergency number 12395", func(s *Settings) { s.Outbound.Barred = []string{"123"} }},
		{"outbound.barred[0]", "digits only", func(s *Settings) { s.Outbound.Barred = []string{"0*"} }},
		{"lines[0].framing", "crc4, no-crc4", func(s *Settings) { s.Lines[0].Framing = "esf" }},
		{"lines[0].variant", "choose one of euroisdn-e1, ni2", func(s *Settings) { s.Lines[0].Variant = "euroisdn-t1" }},
		{"lines[0].timers", "\"T999\" is not known", func(s *Settings) { s.Lines[0].Timers = map[string]int{"T999": 1000} }},
		{"lines[0].timers", "100 to 600000", func(s *Settings) { s.Lines[0].Timers = map[string]int{"T310": 1} }},
		{"lines[0].echo_tail_ms", "16 to 128", func(s *Settings) { s.Lines[0].EchoTailMS = 500 }},
		{"lines[0].echo_by", "choose one of auto, box, board", func(s *Settings) { s.Lines[0].EchoBy = "card" }},
		{"lines[0].d_channel", "by itself", func(s *Settings) { s.Lines[0].DChannel = "primary" }},
		{"lines[0].d_channel", "it has 0 and 1", func(s *Settings) { s.Lines[0].DChannel, s.Lines[0].Group = "backup", "main" }},
		{"lines[1].interface", "belongs to line line1", func(s *Settings) {
			second := DefaultLine("line2")
			second.Span, second.Group, second.DChannel = 2, "main", "none"
			s.Lines[0].DChannel, s.Lines[0].Group = "primary", "main"
			s.Lines = append(s.Lines, second)
		}},
		{"trunks[0].name", "used twice", func(s *Settings) { s.Trunks = []Trunk{sipTrunk("line1")} }},
		{"trunks[0].server", "write it like", func(s *Settings) { s.Trunks = []Trunk{sipTrunk("sip1")}; s.Trunks[0].Server = "a b" }},
		{"trunks[0].user", "a user name is needed", func(s *Settings) { s.Trunks = []Trunk{sipTrunk("sip1")}; s.Trunks[0].User = "" }},
		{"trunks[0].encrypt", "make the transport TLS", func(s *Settings) { s.Trunks = []Trunk{sipTrunk("sip1")}; s.Trunks[0].Encrypt = true }},
		{"trunks[0].roots", "Paste PEM text", func(s *Settings) { s.Trunks = []Trunk{sipTrunk("sip1")}; s.Trunks[0].Roots = "MIIB" }},
		{"trunks[0].roots", "is a PRIVATE KEY, no CERTIFICATE", func(s *Settings) {
			s.Trunks = []Trunk{sipTrunk("sip1")}
			s.Trunks[0].Roots = string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte("secret")}))
		}},
		{"trunks[0].roots", "certificate 1: ", func(s *Settings) {
			s.Trunks = []Trunk{sipTrunk("sip1")}
			s.Trunks[0].Roots = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("none")}))
		}},
		{"agents[0].encrypt", "switch TLS on", func(s *Settings) { s.Agents[0].Encrypt, s.Phones.TLS = true, "" }},
		{"outbound.through_calls", "out of range", func(s *Settings) { s.Outbound.ThroughCalls = -1 }},
		{"outbound.through_minutes", "out of range", func(s *Settings) { s.Outbound.ThroughMinutes = 1441 }},
		{"talks.parties", "out of range", func(s *Settings) { s.Talks.Parties = 2 }},
		{"talks.hold_seconds", "out of range", func(s *Settings) { s.Talks.HoldSeconds = 3601 }},
		{"trunks[0].numbers[0].add", "up to 20 digits", func(s *Settings) {
			s.Trunks = []Trunk{sipTrunk("sip1")}
			s.Trunks[0].Numbers = []NumberRule{{Direction: "out", Add: "x"}}
		}},
		{"routes[0].to", "outside number", func(s *Settings) { s.Routes = []Route{{Called: "88", To: Destination{"outside", "abc"}}} }},
		{"recording.floor_days", "at least 90 days", func(s *Settings) { s.Recording.FloorDays, s.Recording.KeepDays = 90, 30 }},
		{"features.whisper", "told apart", func(s *Settings) { s.Features.Listen = "*72" }},
		{"features.echo", "begin with", func(s *Settings) { s.Features.Echo = "9196" }},
		{"features.pause_resume", "told apart", func(s *Settings) { s.Features.PauseResume = "*456" }},
		{"phones.realm", "", func(s *Settings) { s.Phones.Realm = "a b" }},
		{"phones.udp", "write it like", func(s *Settings) { s.Phones.UDP = "5060" }},
		{"phones.udp", "all off", func(s *Settings) { s.Phones.UDP, s.Phones.TCP, s.Phones.TLS = "", "", "" }},
		{"phones.tls", "share port", func(s *Settings) { s.Phones.TLS = s.Phones.TCP }},
		{"phones.rtp_last", "too few", func(s *Settings) { s.Phones.RTPLast = s.Phones.RTPFirst + 10 }},
		{"phones.rtp_first", "within the RTP ports", func(s *Settings) { s.Phones.UDP = ":10002" }},
		{"phones.external", "IP address", func(s *Settings) { s.Phones.External = "1.2.3.4:5060" }},
		{"phones.session_seconds", "90 to", func(s *Settings) { s.Phones.SessionS = 30 }},
		{"phones.keep_alive_seconds", "10 to", func(s *Settings) { s.Phones.KeepAliveS = 1 }},
	} {
		s := withAgents(2)
		c.change(&s)
		problems := Validate(s)
		if len(problems) != 1 || problems[0].Path != c.path || !strings.Contains(problems[0].EN, c.en) || problems[0].ZH == "" {
			t.Errorf("%s: got %v", c.path, problems)
		}
	}
}

func sipTrunk(name string) Trunk {
	t := DefaultTrunk(name)
	t.Server, t.User = "sip.example.com", "box"
	return t
}

func TestExportImport(t *testing.T) {
	s := withAgents(3).Clone()
	got, problems, err := Import(Export(s))
	if err != nil || len(problems) > 0 || !reflect.DeepEqual(got, s) {
		t.Fatalf("%v, %v\n%+v", problems, err, got)
	}
	if text := string(Export(s)); !strings.HasPrefix(text, "{\n  \"format\": \"trunkbox settings\",\n  \"version\": 2,") {
		t.Errorf("the document begins %.80q", text)
	}
}

func TestImportRefuses(t *testing.T) {
	good := string(Export(Default("CN", "zh")))
	for name, c := range map[string]struct{ document, path, en string }{
		"unknown field":    {strings.Replace(good, `"ring_seconds"`, `"ring_secs"`, 1), "ring_secs", `no field "ring_secs"`},
		"unknown at top":   {strings.Replace(good, `"version": 2`, `"version": 1, "extra": 2`, 1), "extra", `no field "extra"`},
		"newer":            {strings.Replace(good, `"version": 2`, `"version": 9`, 1), "version", "newer firmware (version 9"},
		"foreign":          {`{"format": "other", "version": 1, "settings": {}}`, "format", "not a settings document"},
		"without settings": {`{"format": "trunkbox settings", "version": 1}`, "version", "missing"},
		"wrong type":       {strings.Replace(good, `"ring_seconds": 15`, `"ring_seconds": "15"`, 1), "", "string"},
		"cut short":        {good[:len(good)/2], "", "cannot be read"},
		"two documents":    {good + good, "", "follows the end"},
		"not an object":    {`[]`, "", ""},
		"empty":            {``, "", ""},
	} {
		_, _, err := Import([]byte(c.document))
		var problem Problem
		if !errors.As(err, &problem) || !strings.Contains(problem.EN, c.en) || problem.ZH == "" || (c.path != "" && problem.Path != c.path) {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, problems, err := Import([]byte(strings.Replace(good, `"ring_seconds": 15`, `"ring_seconds": 1`, 1)))
	if err != nil || len(problems) != 1 {
		t.Errorf("a value out of range: %v, %v", problems, err)
	}
}

// TestMigrations runs each migration on its fixture pair.
func TestMigrations(t *testing.T) {
	for n := 1; n <= Schema; n++ {
		dir := filepath.Join("testdata", "migration", string(rune('0'+n)))
		before, err := os.ReadFile(filepath.Join(dir, "before.json"))
		if err != nil {
			t.Fatal(err)
		}
		after, err := os.ReadFile(filepath.Join(dir, "after.json"))
		if err != nil {
			t.Fatal(err)
		}
		var document, want map[string]any
		if err := errors.Join(json.Unmarshal(before, &document), json.Unmarshal(after, &want)); err != nil {
			t.Fatal(err)
		}
		if err := migrations[n-1].document(document); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(document, want) {
			got, _ := json.MarshalIndent(document, "", "  ")
			t.Errorf("migration %d makes\n%s", n, got)
		}
		if _, problems, err := Import(before); n == 1 && (err != nil || len(problems) > 0) {
			t.Errorf("import of a document without header: %v, %v", problems, err)
		}
	}
}

func TestLabelsCoverEverySetting(t *testing.T) {
	left := map[string]bool{ // what names its entry, or is no setting
		"lines.name": true, "trunks.name": true, "agents.extension": true, "agents.logged_in": true, "queues.name": true, "menus.name": true,
		"routes.line": true, "routes.called": true,
	}
	seen := map[string]bool{}
	settings := reflect.TypeFor[Settings]()
	for i := range settings.NumField() {
		part := settings.Field(i)
		of := part.Type
		if of.Kind() == reflect.Slice {
			of = of.Elem()
		}
		for j := range of.NumField() {
			name := part.Tag.Get("json") + "." + of.Field(j).Tag.Get("json")
			_, labelled := labels[name]
			if labelled == left[name] {
				t.Errorf("%s: labelled %v, left out %v", name, labelled, left[name])
			}
			seen[name] = true
		}
	}
	for name, l := range labels {
		if !seen[name] || l.zh == "" || l.en == "" || consequence[l.touches][0] == "" {
			t.Errorf("label %s: %+v", name, l)
		}
	}
}

func TestChanges(t *testing.T) {
	old := withAgents(2)
	new := old.Clone()
	new.Queues[0].WrapUpSeconds = 15
	new.Lines[0].Side = "network"
	new.Lines[0].Restart = false
	new.Agents[0].Password = "another secret"
	new.Agents[1].LoggedIn = true
	new.Agents = append(new.Agents, Agent{Extension: "300"})
	new.Menus[0].Choices = new.Menus[0].Choices[:1]
	new.Routes = []Route{{Called: "88", To: Destination{"queue", "客服"}}}
	new.Phones.Realm = "box"
	new.Outbound.Numbers = []string{"02912345678"}
	want := []Change{
		{"lines[line1].side", "线路 line1：我方 用户侧 → 网络侧；线路等通话结束后重启", "line line1: our side user → network; the line restarts when its calls have ended", TouchesLineRestart, "line1"},
		{"lines[line1].restart", "线路 line1：启动时复位 开 → 关；立即生效", "line line1: RESTART at start-up on → off; takes effect at once", TouchesNothing, ""},
		{"agents[200].password", "坐席 200：密码已更改；话机需要重新注册，通话不断", "agent 200: password changes; phones register again, calls go on", TouchesPhones, ""},
		{"agents[300]", "坐席 300 新建；立即生效", "agent 300 is new; takes effect at once", TouchesNothing, ""},
		{"queues[销售].wrap_up_seconds", "队列 销售：话后处理 10 秒 → 15 秒；下一个呼叫起生效", "queue 销售: wrap-up 10 s → 15 s; takes effect from the next call", TouchesNextCall, ""},
		{
			"menus[主菜单].choices", "菜单 主菜单：按键 1=队列 销售、2=队列 客服、0=队列 客服 → 1=队列 销售；下一个呼叫起生效",
			"menu 主菜单: keys 1=queue 销售, 2=queue 客服, 0=queue 客服 → 1=queue 销售; takes effect from the next call", TouchesNextCall, "",
		},
		{"routes[88@*]", "来话路由 88 新建；下一个呼叫起生效", "route 88 is new; takes effect from the next call", TouchesNextCall, ""},
		{"outbound.numbers", "呼出：可显示号码 （空） → 02912345678；下一个呼叫起生效", "dialling out: caller numbers (none) → 02912345678; takes effect from the next call", TouchesNextCall, ""},
		{"phones.realm", "话机：认证域 trunkbox → box；话机需要重新注册，通话不断", "phones: realm trunkbox → box; phones register again, calls go on", TouchesPhones, ""},
	}
	got := Changes(old, new)
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || got[i] != want[i] {
			t.Fatalf("change %d of %d:\n got %+v\nwant %+v", i, len(got), got[min(i, len(got)-1):], want[min(i, len(want)-1)])
		}
	}
	if back := Changes(new, new); len(back) != 0 {
		t.Errorf("no change is %v", back)
	}
}

// TestAQueueThatGoesIsExplained: who removes or renames a queue reads what becomes of the callers in it.
func TestAQueueThatGoesIsExplained(t *testing.T) {
	old := Default("CN", "zh")
	for name, new := range map[string]Settings{"removed": old.Clone(), "renamed": old.Clone()} {
		new.Queues = new.Queues[1:]
		if name == "renamed" {
			new.Queues = append([]Queue{DefaultQueue("新队列", "6599")}, new.Queues...)
		}
		want := Change{
			Path: "queues[销售]", Touches: TouchesNextCall,
			ZH: "队列 销售 删除，正在等待的来电按所拨号码重新转接；下一个呼叫起生效",
			EN: "queue 销售 is removed, and waiting callers are sent where their number leads again; takes effect from the next call",
		}
		if got := Changes(old, new); len(got) == 0 || got[0] != want {
			t.Errorf("%s: %+v, want first %+v", name, got, want)
		}
	}
}

// TestChangesInWords: no code of the document stands in a sentence where people have a word.
func TestChangesInWords(t *testing.T) {
	old := withAgents(1)
	old.Routes = []Route{{Line: "line1", To: Destination{"queue", "销售"}}, {Called: "88", To: Destination{"hangup", ""}}}
	old.Queues[0].MaxWait, old.Queues[0].Music, old.Queues[0].OnEmpty = 0, "", "refuse"
	new := old.Clone()
	new.Box.Language, new.Box.Country = "en", "EU"
	new.Lines[0].Hunting = "least-recent"
	new.Queues[0].MaxWait, new.Queues[0].Music, new.Queues[0].OnEmpty = 60, "古典", "wait"
	new.Menus[0].OnFail = Destination{"prompt", "再见"}
	new.Menus[0].Choices = nil
	new.Routes[0].To, new.Routes = Destination{"extension", "200"}, new.Routes[:1]
	want := []string{
		"本机：语言 中文 → 英语", "box: language Chinese → English",
		"本机：国家 中国 → 欧洲（其他）", "box: country China → Europe (other)",
		"线路 line1：选线方式 从大到小 → 最久未用", "line line1: hunting downwards → least recent",
		"队列 销售：最长等待 不限 → 60 秒", "queue 销售: longest wait no limit → 60 s",
		"队列 销售：等待音乐 内置音乐 → 古典", "queue 销售: music the built-in music → 古典",
		"队列 销售：无人签入时 说明后结束 → 让来电等待", "queue 销售: when nobody is logged in say so and end → let callers wait",
		"菜单 主菜单：按键 1=队列 销售、2=队列 客服、0=队列 客服 → （空）", "menu 主菜单: keys 1=queue 销售, 2=queue 客服, 0=queue 客服 → (none)",
		"菜单 主菜单：无有效按键时 队列 客服 → 播放后挂机 再见", "menu 主菜单: without a valid key queue 客服 → play and hang up 再见",
		"来话路由 任何号码（线路 line1）：去向 队列 销售 → 分机 200", "route any number (line line1): destination queue 销售 → extension 200",
		"来话路由 88 删除", "route 88 is removed",
	}
	var got []string
	for _, c := range Changes(old, new) {
		zh, _, _ := strings.Cut(c.ZH, "；")
		en, _, _ := strings.Cut(c.EN, ";")
		got = append(got, zh, en)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// TestEveryValueHasAWord holds the table of values to what Validate allows.
func TestEveryValueHasAWord(t *testing.T) {
	for field, allowed := range map[string][]string{
		"box.language": Languages, "box.country": Countries, "lines.driver": Drivers, "lines.kind": Kinds, "lines.side": Sides,
		"lines.variant": Variants, "lines.framing": Framings, "lines.line_code": LineCodes, "lines.clock": Clocks, "lines.d_channel": DChannels,
		"trunks.transport": Transports, "trunks.law": TrunkLaws, "recording.start": Starts, "queues.record": Records, "lines.law": Laws, "lines.hunting": Huntings, "lines.echo_by": EchoBys, "lines.selection": Selections,
		"queues.strategy": Strategies, "queues.on_empty": OnEmpties, "destination.kind": KindsOfTo,
	} {
		for _, value := range allowed {
			if words := values[field][value]; words[0] == "" || words[1] == "" {
				t.Errorf("%s %q: %q", field, value, words)
			}
		}
		if len(values[field]) != len(allowed) {
			t.Errorf("%s: %d words for %d values", field, len(values[field]), len(allowed))
		}
	}
	for field := range values {
		if _, known := labels[field]; !known && field != "destination.kind" {
			t.Errorf("%s is no setting", field)
		}
	}
}

func TestChangesOfLists(t *testing.T) {
	old := withAgents(1)
	old.Routes = []Route{{Called: "1", To: Destination{"hangup", ""}}, {Called: "2", To: Destination{"hangup", ""}}}
	new := old.Clone()
	new.Agents = nil
	new.Lines = nil
	new.Routes[0], new.Routes[1] = new.Routes[1], new.Routes[0]
	var got []string
	for _, c := range Changes(old, new) {
		got = append(got, c.Path+" "+string(c.Touches)+" "+c.Line)
	}
	want := []string{"lines[line1] line_restarts line1", "agents[200] phones_reregister ", "routes next_call "}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%q", got)
	}
}

func FuzzImport(f *testing.F) {
	f.Add(Export(withAgents(2)))
	f.Add([]byte(`{"box": {"country": "US", "language": "en"}}`))
	f.Add([]byte(`{"format": "trunkbox settings", "version": 1, "settings": null}`))
	f.Fuzz(func(t *testing.T, octets []byte) {
		s, problems, err := Import(octets)
		var problem Problem
		if err != nil && (!errors.As(err, &problem) || problem.ZH == "" || problem.EN == "") {
			t.Fatalf("an error without a sentence: %v", err)
		}
		if err != nil || len(problems) > 0 {
			return
		}
		again, problems, err := Import(Export(s))
		if err != nil || len(problems) > 0 || !bytes.Equal(Export(again), Export(s)) {
			t.Fatalf("accepted settings do not come back: %v, %v", problems, err)
		}
	})
}
