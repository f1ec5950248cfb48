package performance

import (
	"testing"
	"time"

	"trunkbox/drivers/span"
)

func TestAlarmsAreDeclaredAfterTheyStay(t *testing.T) {
	type look struct {
		ms       int
		driver   span.Alarm
		declared span.Alarm
	}
	const los, ais = span.LOS, span.AIS
	for _, c := range []struct {
		name  string
		looks []look
	}{
		{"there from the beginning", []look{{0, los, 0}, {2500, los, los}}},
		{"raised after 2.5 s", []look{{0, 0, 0}, {1000, los, 0}, {3400, los, 0}, {3500, los, los}}},
		{"a short one is not raised", []look{{0, 0, 0}, {1000, los, 0}, {3000, 0, 0}, {9000, 0, 0}}},
		{"an interrupted one begins anew", []look{{0, 0, 0}, {1000, los, 0}, {2000, 0, 0}, {2100, los, 0}, {4500, los, 0}, {4600, los, los}}},
		{"cleared after 10 s", []look{{-3000, los, 0}, {0, los, los}, {1000, 0, los}, {10900, 0, los}, {11000, 0, 0}}},
		{"one that comes again stays", []look{{-3000, los, 0}, {0, los, los}, {1000, 0, los}, {9000, los, los}, {9500, 0, los}, {12000, 0, los}, {19500, 0, 0}}},
		{"each alarm for itself", []look{{-3000, los, 0}, {0, los, los}, {1000, ais, los}, {3500, ais, los | ais}, {11000, ais, ais}}},
		{"a loop at once", []look{{0, 0, 0}, {1, span.Loopback, span.Loopback}, {2, 0, 0}}},
		{"not open at once", []look{{0, 0, 0}, {1, span.NotOpen, span.NotOpen}, {2, 0, 0}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var d Declared
			begin := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
			changed, last := time.Time{}, span.Alarm(0)
			for _, l := range c.looks {
				at := begin.Add(time.Duration(l.ms) * time.Millisecond)
				declared, since := d.Look(at, l.driver)
				if l.declared != last {
					changed, last = at, l.declared
				}
				if declared != l.declared || !since.Equal(changed) {
					t.Errorf("after %d ms with %v: %v since %v, expected %v since %v", l.ms, l.driver.Names(), declared.Names(), since, l.declared.Names(), changed)
				}
			}
		})
	}
}
