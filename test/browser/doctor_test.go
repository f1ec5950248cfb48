package browser

import (
	"testing"
	"time"

	"trunkbox/drivers/span"
	"trunkbox/firmware/doctor"
)

// atOnce is the pace of an examination on a virtual line, whose alarms come and go at once.
var atOnce = doctor.Pace{Listen: 2500 * time.Millisecond, Settle: 200 * time.Millisecond, Look: time.Second, Probe: 300 * time.Millisecond, Every: 50 * time.Millisecond}

// TestTheLineDoctor: a line at work is found healthy. Then the far end turns its CRC-4 off; one button says so in a
// sentence, and what worked is saved. Between the two a local loop carries the test sequence, and errors on purpose count.
func TestTheLineDoctor(t *testing.T) {
	o, b := openExchange(t), Start(t)
	dir := pictures()
	firstVisit(t, b, o.store, o.url)
	b.WaitText(".line", "正常")
	b.Go(o.url + "/#/lines/line1/doctor")
	b.WaitText("h1", "线路医生：line1")
	looks(t, b, dir, "doctor-before-zh")
	b.Click("#examine")
	b.WaitText("#doctor-start", "%")
	looks(t, b, dir, "doctor-under-way-zh")
	b.WaitText("#verdict", "没有发现问题")
	b.WaitText("main", "只听不动")

	b.Click("#line-tests summary")
	do := func(test, what string) { b.Click("#line-tests [data-test=" + test + "][data-what='" + what + "']") }
	sure := func() { b.Click("dialog button[data-answer=yes]") }
	do("loop", "local")
	sure()
	b.WaitCount("#line-tests [data-what=local][aria-pressed=true]", 1)
	do("prbs", "on")
	sure()
	b.WaitText("#sequence", "已同步")
	b.WaitText("#sequence", "0.0e+0")
	b.Choose("#defect", "prbs")
	do("insert", "10")
	b.Wait("ten errors", `[...document.querySelectorAll("#sequence dd")].some((d) => d.textContent === "10")`)
	looks(t, b, dir, "doctor-tests-zh")
	do("prbs", "off")
	b.WaitCount("#sequence", 0)
	do("loop", "none")
	b.WaitCount("#line-tests [data-what=none][aria-pressed=true]", 1)
	must(t, o.far.WaitLink(soon(t)))

	must(t, o.cable.B().Tune(span.Format{Framing: span.NoCRC4}))
	must(t, o.far.WaitLinkDown(soon(t)))
	b.Go(o.url + "/#/lines/line1")
	b.WaitText("#line-state", "复帧失步")
	b.Click("#doctor-open")
	b.WaitText("#examine", "再诊断一次")
	b.Click("#examine")
	b.WaitText("#verdict", "只有一端使用 CRC-4")
	b.WaitText("[data-finding=crc4_one_side]", "复帧失步")
	b.WaitText("[data-finding=crc4_one_side]", "改我们这一端最快")
	b.WaitText("#doctor-save", "无 CRC-4")
	looks(t, b, dir, "doctor-verdict-zh")
	b.Click("#language")
	b.WaitText("#verdict", "Only one end uses CRC-4")
	looks(t, b, dir, "doctor-verdict-en")
	b.Click("#save-worked")
	b.Click("dialog button[data-answer=yes]")
	b.WaitText("#messages", "Saved")
	if framing := o.store.Settings().Lines[0].Framing; framing != "no-crc4" {
		t.Errorf("saved the framing %q", framing)
	}
	quiet(t, b)
}
