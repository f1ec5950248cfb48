package webadmin

import (
	"net/http"
	"testing"
	"time"

	"trunkbox/drivers/span"
	"trunkbox/firmware/performance"
)

// Performance is a line1 with twelve severely errored seconds, and no other line.
func (d *desk) Performance(line string) (performance.Report, bool) {
	if line != "line1" {
		return performance.Report{}, false
	}
	p, at := performance.NewLine(span.E1, time.UTC), time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	p.Link(map[string]uint64{})
	for n := range 20 {
		p.Link(map[string]uint64{"G": uint64(n / 10)})
		var alarms span.Alarm
		if n%2 == 0 {
			alarms = span.LOS
		}
		p.Second(at.Add(time.Duration(n)*time.Second), alarms, span.Counters{Ticks: uint64(n), Slips: uint64(n)})
	}
	return p.Report(line), true
}

func TestPerformance(t *testing.T) {
	b := newBox(t)
	b.signInAdmin()
	var r struct {
		performance.Report
		Letters map[string]said
	}
	b.do("GET", "/api/lines/line1/performance", nil, http.StatusOK, &r)
	if r.Line != "line1" || !r.Available || len(r.Bins) != 97 || len(r.Days) != 31 || r.Last24.SES != 9 || r.Last24.ES != 19 || r.Bins[96].Slips != 19 {
		t.Errorf("the report is %+v", r.Last24)
	}
	if g := r.Letters["G"]; len(r.Letters) != 1 || g.ZH == "" || g.EN == "" || g.EN == "link_error_g" {
		t.Errorf("the letters are %+v", r.Letters)
	}
	b.do("GET", "/api/lines/line9/performance", nil, http.StatusNotFound, nil)
}
