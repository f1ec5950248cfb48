package console

import (
	"strings"
	"testing"
	"time"

	"trunkbox/drivers/span"
	"trunkbox/firmware/performance"
)

// Performance is a line1 that was cut for twelve seconds; line2 has not been looked at.
func (s still) Performance(line string) (performance.Report, bool) {
	if line != "line1" {
		return performance.Report{}, false
	}
	p := performance.NewLine(span.E1, time.FixedZone("", 8*3600))
	p.Link(map[string]uint64{})
	for n := range 60 {
		var alarms span.Alarm
		if n > 20 && n <= 32 {
			alarms = span.LOS
		}
		if n == 21 {
			p.Link(map[string]uint64{"G": 1})
		}
		p.Second(noon.Add(time.Duration(n)*time.Second), alarms, span.Counters{Ticks: uint64(n), Slips: uint64(n / 40)})
	}
	return p.Report(line), true
}

func TestQuality(t *testing.T) {
	b := newBench(t, true)
	term := b.plug(t)
	term.signIn()
	for _, c := range []struct {
		command string
		want    []string
	}{
		{"quality line1", []string{
			"过去 24 小时：误码秒 1，严重误码秒 0，不可用 12 秒；96 个 15 分钟中 0 个有完整数据",
			"03-01 12:00  59    1   0    12   0    1    slips 1 LAPD-G 1", "2026-03-01  59    1   0    12   0    1",
		}},
		{"quality", []string{"用法：quality <line>"}},
		{"quality line2", []string{"线路“line2”还没有质量统计。"}},
		{"lang en", nil},
		{"quality line1", []string{"Last 24 h: errored seconds 1, severely errored 0, unavailable 12 s", "quarter hour  measured  ES  SES  UAS  BES  CSS  counted"}},
	} {
		got := term.run(c.command)
		for _, want := range c.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s: no %q in\n%s", c.command, want, got)
			}
		}
	}
}
