package browser

import (
	"testing"
	"time"

	"trunkbox/drivers/span"
	"trunkbox/firmware/performance"
)

// Performance is a line that was cut for a minute an hour ago and slips now and then; every line is like it.
func (d *desk) Performance(line string) (performance.Report, bool) {
	p, at := performance.NewLine(span.E1, time.UTC), time.Now().Round(0).Add(-2*time.Hour)
	for n := range 2 * 3600 {
		var alarms span.Alarm
		if n > 3600 && n <= 3660 {
			alarms = span.LOS
		}
		p.Second(at.Add(time.Duration(n)*time.Second), alarms, span.Counters{Ticks: uint64(n), Slips: uint64(n / 2000)})
	}
	return p.Report(line), true
}

func TestQualityOfALine(t *testing.T) {
	o, b := openOffice(t, false), Start(t)
	dir := pictures()
	firstVisit(t, b, o.store, o.url)
	b.Wait("a line leads to its room", `document.querySelector("section.line a[href='#/lines/line1']") !== null`)
	b.Go(o.url + "/#/lines/line1/quality") // a click could miss: the live room moves
	b.WaitText("#quality-sum", "误码秒 3，严重误码秒 0，不可用 60 秒")
	b.WaitCount("svg.bars rect", 97)
	b.WaitCount("svg.bars rect.uas", 1)
	looks(t, b, dir, "quality-zh")
	b.Click("#language")
	b.WaitText("#quality-sum", "Last 24 h: errored seconds 3, severely errored 0, unavailable 60 s")
	looks(t, b, dir, "quality-en")
	b.Go(o.url + "/#/now")
	b.WaitText("h1", "Now")
	quiet(t, b)
}
