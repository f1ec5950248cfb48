package browser

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"trunkbox/firmware/config"
	"trunkbox/firmware/exchange"
	"trunkbox/firmware/prompt"
)

const password = "a right password"

// pictures is where screenshots go: PICTURES when it is set, else nowhere.
func pictures() string { return os.Getenv("PICTURES") }

// looks looks at a desk screen and at a telephone, where nothing may scroll sideways, and takes a picture if dir is named.
func looks(t *testing.T, b *Browser, dir, name string) {
	t.Helper()
	for _, size := range []struct {
		name          string
		width, height int
	}{{"wide", 1280, 900}, {"narrow", 375, 740}} {
		b.Resize(size.width, size.height)
		if over := b.Overflow(); over > 0 {
			t.Errorf("%s: at %d pixels the page is %d pixels too wide", name, size.width, over)
		}
		if dir != "" {
			b.Screenshot(filepath.Join(dir, name+"-"+size.name+".png"))
		}
	}
	b.Resize(1280, 900)
}

// firstVisit sets the administrator's password on the page of a new box.
func firstVisit(t *testing.T, b *Browser, store *config.Store, url string) {
	t.Helper()
	code, ok := store.OneTimeCode()
	if !ok {
		t.Fatal("the box has no one-time code")
	}
	b.Go(url + "/")
	b.Type("#in-code", code)
	b.Type("#in-fresh", password)
	b.Type("#in-again", password)
	b.Click("form button.main")
	b.WaitText("h1", "实时")
}

// quiet fails the test when a page complained in its console.
func quiet(t *testing.T, b *Browser) {
	t.Helper()
	for _, message := range b.Errors() {
		t.Errorf("the page complained: %s", message)
	}
}

func TestFirstVisitAndSignIn(t *testing.T) {
	o, b := openOffice(t, false), Start(t)
	dir := pictures()
	b.Go(o.url + "/")
	b.WaitText("h1", "设置管理员密码")
	looks(t, b, dir, "first-zh")
	b.Click("#language")
	b.WaitText("h1", "Set the administrator's password")
	looks(t, b, dir, "first-en")
	b.Click("#language")
	firstVisit(t, b, o.store, o.url)
	b.Click("#account")
	b.Click("dialog button[data-answer=out]")
	b.WaitText("h1", "登录")
	looks(t, b, dir, "sign-in-zh")
	quiet(t, b)
	b.Type("#in-password", "a wrong password")
	b.Click("form button.main")
	b.WaitText(".problem", "密码不对")
	b.Type("#in-password", password)
	b.Click("form button.main")
	b.WaitText("h1", "实时")
	b.Reload()
	b.WaitText("h1", "实时")
}

func TestSignInOverTLS(t *testing.T) {
	o, b := openOffice(t, true), Start(t)
	firstVisit(t, b, o.store, o.url)
	b.Reload()
	b.WaitText("#calls-now", "13800001234")
	looks(t, b, t.TempDir(), "now-zh") // a picture is made whether one is wanted or not
	quiet(t, b)
}

func TestNowIsLive(t *testing.T) {
	o, b := openOffice(t, false), Start(t)
	dir := pictures()
	firstVisit(t, b, o.store, o.url)
	b.WaitText("#calls-now", "13800001234")
	b.WaitCount(".line .channel", 60)
	b.Click(".line .channel[data-timeslot='12']")
	b.WaitText(".line", "blocked by the far end")
	looks(t, b, dir, "now-zh")
	b.Dark(true)
	looks(t, b, dir, "now-zh-dark")
	b.Dark(false)
	b.Click("#language")
	b.WaitText("h1", "Now")
	b.WaitText("#agents-now", "Meal")
	looks(t, b, dir, "now-en")

	o.change(func(now *exchange.Snapshot) {
		now.Calls = append(now.Calls, exchange.CallNow{ID: "new", Direction: "in", Caller: "02011112222", Called: "6500", State: "arriving", Began: now.Started})
	})
	b.WaitText("#calls-now", "02011112222")
	b.Click("#calls-now button[data-call=new]")
	b.Click("dialog button[data-answer=yes]")
	b.WaitNoText("#calls-now", "02011112222")

	o.change(func(now *exchange.Snapshot) {
		now.Calls = append(now.Calls, exchange.CallNow{ID: "hidden", Direction: "in", Restricted: true, Called: "6500", State: "arriving", Began: now.Started})
		now.Queues = slices.Clone(now.Queues)
		now.Queues[0].Overflowed, now.Queues[0].Lost = 41, 43
	})
	b.WaitText("#calls-now", "Number withheld")
	b.WaitText(".queue", "Sent away 41")
	b.WaitText(".queue", "Lost 43")

	b.Click("#agents-now button[data-do=pause][data-agent='202']")
	looks(t, b, dir, "pause-en")
	b.Click("dialog button[data-answer=training]")
	b.WaitText("#agents-now", "Training")
	b.Click("#agents-now button[data-do=resume][data-agent='202']")
	b.WaitNoText("#agents-now", "Training")
	quiet(t, b)
}

func TestConnectionLostIsSaid(t *testing.T) {
	o, b := openOffice(t, false), Start(t)
	firstVisit(t, b, o.store, o.url)
	b.WaitText("#calls-now", "13800001234")
	o.powerCut()
	b.WaitText("#lost", "连接已断开")
	o.powerBack()
	o.change(func(now *exchange.Snapshot) { now.Calls = nil })
	b.WaitText("#calls-now", "现在没有通话")
	b.WaitNoText("#lost", "连接已断开")
}

func TestSignedOutElsewhere(t *testing.T) {
	o, b := openOffice(t, false), Start(t)
	firstVisit(t, b, o.store, o.url)
	b.WaitText("#calls-now", "13800001234")
	if err := o.store.DropSessions(); err != nil {
		t.Fatal(err)
	}
	b.WaitText("h1", "登录")
}

func TestDraftOutlivesSectionAndLanguage(t *testing.T) {
	o, b := openOffice(t, false), Start(t)
	firstVisit(t, b, o.store, o.url)
	b.Go(o.url + "/#/settings/box")
	b.Type("[data-path='box.name'] input", "draft")
	b.Click(".sections a[href='#/settings/queues']")
	b.Click("#language")
	b.WaitText("#review", "Review and save")
	b.Go(o.url + "/#/settings/box")
	var name string
	b.WaitCount("[data-path='box.name'] input", 1)
	b.Run(`return document.querySelector("[data-path='box.name'] input").value`, &name)
	if name != "draft" {
		t.Errorf("the draft's name is %q", name)
	}
	b.Click("#discard")
	b.Run(`return document.querySelector("[data-path='box.name'] input").value`, &name)
	if name != "康达客服中心" {
		t.Errorf("after discarding the name is %q", name)
	}
	quiet(t, b)
}

func TestChangeTheMenu(t *testing.T) {
	o, b := openOffice(t, false), Start(t)
	dir := pictures()
	firstVisit(t, b, o.store, o.url)
	b.Go(o.url + "/#/settings/menus")
	b.Click("#item-menus-0 summary")
	looks(t, b, dir, "menus-zh")
	b.Click("#item-menus-0 .choices > div:last-child button")
	b.WaitCount("#item-menus-0 .choice-row", 4)
	b.Choose("#item-menus-0 .choice-row:nth-child(4) select:first-child", "9")
	b.Choose("#item-menus-0 .choice-row:nth-child(4) select:nth-child(2)", "hangup")
	b.Click("#review")
	b.WaitText("dialog", "9=挂机")
	looks(t, b, dir, "review-zh")
	b.Click("dialog button[data-answer=save]")
	b.WaitText("#messages", "已保存")
	choices := o.store.Settings().Menus[0].Choices
	if len(choices) != 4 || choices[3].Key != "9" || choices[3].To.Kind != "hangup" {
		t.Errorf("the menu's keys are %+v", choices)
	}
	quiet(t, b)
}

func TestEverySectionLooksRight(t *testing.T) {
	o, b := openOffice(t, false), Start(t)
	dir := pictures()
	firstVisit(t, b, o.store, o.url)
	for _, lang := range []string{"zh", "en"} {
		for _, section := range []string{"agents", "queues", "routes", "prompts", "lines", "outbound", "phones", "box", "files"} {
			b.Go(o.url + "/#/settings/" + section)
			b.WaitCount(".sections a[aria-current][href='#/settings/"+section+"']", 1)
			switch section {
			case "agents", "queues", "lines":
				b.Click("#item-" + section + "-0 summary")
				b.WaitCount("#item-"+section+"-0[open] .item-body > .grid", 1)
			case "routes":
				b.Click("#add")
			}
			looks(t, b, dir, section+"-"+lang)
			if section == "routes" {
				b.Click("#discard")
			}
		}
		b.Click("#language")
	}
	quiet(t, b)
}

func TestProblemsStandBesideTheirField(t *testing.T) {
	o, b := openOffice(t, false), Start(t)
	firstVisit(t, b, o.store, o.url)
	b.Go(o.url + "/#/settings/agents")
	b.Click("#item-agents-1 summary")
	b.Type("[data-path='agents.1.password'] input", "short")
	b.Click("#review")
	b.WaitText("[data-path='agents.1.password'] .problem", "10")
	b.WaitText(".sections", "!")
	looks(t, b, pictures(), "problem-zh")
	b.Click("[data-path='agents.1.password'] button:last-child")
	b.Click("#review")
	b.Click("dialog button[data-answer=save]")
	b.WaitText("#messages", "已保存")
	if made := o.store.Settings().Agents[1].Password; len(made) != 16 {
		t.Errorf("the generated password has %d characters", len(made))
	}
}

func TestUploadAPrompt(t *testing.T) {
	o, b := openOffice(t, false), Start(t)
	firstVisit(t, b, o.store, o.url)
	b.Go(o.url + "/#/settings/prompts")
	b.WaitText("#prompts", "welcome")
	file := filepath.Join(t.TempDir(), "song.wav")
	if err := os.WriteFile(file, []byte("ID3 and so on"), 0o600); err != nil {
		t.Fatal(err)
	}
	b.Keys("#prompt-file", file)
	b.Click("form.card button.main")
	b.WaitText("form.card .problem", "MP3")
	looks(t, b, pictures(), "prompt-refused-zh")

	clip, _ := prompt.Find("zh", "welcome")
	if err := os.WriteFile(file, prompt.WAV(clip), 0o600); err != nil {
		t.Fatal(err)
	}
	b.Keys("#prompt-file", file)
	b.Click("form.card button.main")
	b.WaitText("#prompts", "自己的")
	b.Click("#prompts button[aria-label='试听 song zh']")
	b.WaitCount("#prompts audio", 1)
	var seconds float64
	b.Wait("the prompt to play", `document.querySelector("#prompts audio").currentTime > 0.2`)
	b.Run(`return document.querySelector("#prompts audio").duration`, &seconds)
	if want := clip.Duration().Seconds(); seconds < want-0.1 || seconds > want+0.1 {
		t.Errorf("the page plays %.2f s of %.2f", seconds, want)
	}
}

func TestAgentsOwnPage(t *testing.T) {
	o, b := openOffice(t, false), Start(t)
	dir := pictures()
	b.Go(o.url + "/agent")
	b.Type("#in-extension", "201")
	b.Type("#in-password", "phone-of-201-x")
	looks(t, b, dir, "agent-sign-in-zh")
	b.Click("form button.main")
	b.WaitText(".caller", "13800001234")
	looks(t, b, dir, "agent-zh")
	o.change(func(now *exchange.Snapshot) {
		now.Agents = append([]exchange.AgentNow{}, now.Agents...)
		now.Agents[0].Call, now.Agents[0].State = "", "ready"
	})
	b.WaitText(".state", "空闲")
	b.Click("button[data-do=pause]")
	b.Click("dialog button[data-answer=meal]")
	b.WaitText(".state", "用餐")
	b.Click("#language")
	b.WaitText(".state", "Meal")
	looks(t, b, dir, "agent-en")
	b.Click("button[data-do=resume]")
	b.WaitText(".state", "Ready")
	b.Click("button[data-do=out]")
	b.WaitText(".state", "Logged out")
	b.Click("#sign-out")
	b.WaitText("h1", "Agent sign-in")
	quiet(t, b)
}

// TestTheWayBackToWork: on both pages a break can be ended during a call or without a phone, and wrap-up at once.
func TestTheWayBackToWork(t *testing.T) {
	o, b := openOffice(t, false), Start(t)
	be := func(state, reason string) {
		o.change(func(now *exchange.Snapshot) {
			now.Agents = append([]exchange.AgentNow{}, now.Agents...)
			now.Agents[0].State, now.Agents[0].Reason = state, reason
		})
	}
	firstVisit(t, b, o.store, o.url)
	work := func(row, resume, state string) {
		for _, from := range []struct{ state, reason, zh, en string }{
			{"on_call", "meal", "示闲", "Resume"},
			{"unreachable", "meal", "示闲", "Resume"},
			{"wrap_up", "", "立即就绪", "Ready now"},
		} {
			be(from.state, from.reason)
			b.WaitText(resume, from.zh)
			b.Click("#language")
			b.WaitText(resume, from.en)
			b.Click("#language")
			b.Click(resume)
			b.WaitText(state, "空闲")
			b.WaitCount(resume, 0)
		}
		be("on_call", "")
		b.WaitText(row, "示忙")
		b.WaitCount(resume, 0)
	}
	work("#agents-now li:first-child", "#agents-now li:first-child button[data-do=resume]", "#agents-now li:first-child .chip")

	b.Go(o.url + "/agent")
	b.Type("#in-extension", "201")
	b.Type("#in-password", "phone-of-201-x")
	b.Click("form button.main")
	work(".seat", "button[data-do=resume]", ".state")
	quiet(t, b)
}

func TestLogOfCalls(t *testing.T) {
	o, b := openOffice(t, false), Start(t)
	dir := pictures()
	o.log.answered("20261122-0901", "13800001234", "销售", "201")
	o.log.abandoned("20261122-0902", "075588880000", "客服")
	o.log.refused("20261122-0903", "203", "13900005678")
	firstVisit(t, b, o.store, o.url)
	b.Go(o.url + "/#/calls")
	b.WaitCount("#log tbody tr", 3)
	looks(t, b, dir, "calls-zh")
	b.Choose("#filter-queue", "客服")
	b.WaitCount("#log tbody tr", 1)
	b.WaitText("#log", "075588880000")
	b.Choose("#filter-queue", "")
	b.WaitCount("#log tbody tr", 3)
	b.Click("#log tbody tr:nth-child(3) a")
	b.WaitText("#story", "201")
	looks(t, b, dir, "call-zh")
	b.Click("#language")
	b.WaitText("#story", "longest idle")
	looks(t, b, dir, "call-en")
	quiet(t, b)
}
