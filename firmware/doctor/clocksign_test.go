package doctor

import (
	"fmt"
	"strings"
	"testing"
)

// clocksOf is a line of so many ppm beside others, which are line2, line3 ….
func clocksOf(ppm float64, others ...float64) Clocks {
	c := Clocks{Known: true, PPM: ppm}
	for i, other := range others {
		c.Others = append(c.Others, Clock{fmt.Sprint("line", i+2), other})
	}
	return c
}

// TestUnlikeClocks: who the odd one out is where three lines or more tell, and what is to be set; nothing is found with one
// clock, by what a busy machine measures of it, while it is not known, and on a line without a signal.
func TestUnlikeClocks(t *testing.T) {
	for name, c := range map[string]struct {
		clocks  Clocks
		hurt    func(*world)
		odd     string // in the finding; empty: there is none
		suggest string
	}{
		"one line":               {clocksOf(40), nil, "", ""},
		"one clock":              {clocksOf(40, 40, 40.3), nil, "", ""},
		"a busy machine's":       {clocksOf(38, 42.5, 40), nil, "", ""},
		"not known of this line": {Clocks{Others: []Clock{{"line2", 90}}}, nil, "", ""},
		"two lines":              {clocksOf(40, -60), nil, "none", ""},
		"this one of three":      {clocksOf(40, -60, -59), nil, "this", ""},
		"another of three":       {clocksOf(40, -60, 41), nil, "line2", ""},
		"two others of five":     {clocksOf(40, -60, 41, -61, 40), nil, "line2, line4", ""},
		"two and two":            {clocksOf(40, -60, 41, -61), nil, "none", ""},
		"each its own":           {clocksOf(40, -60, 0), nil, "none", ""},
		"this one, on its own":   {clocksOf(40, 0, 0), func(w *world) { w.set.Clock = "internal" }, "this", "line"},
		"to a PBX":               {clocksOf(40, 0, 0), func(w *world) { w.set.Clock, w.set.Side, w.farSide = "internal", "network", "user" }, "this", ""},
		"without a signal":       {clocksOf(40, 0, 0), func(w *world) { w.los = true }, "", ""},
	} {
		w := healthyWorld()
		w.clocks = c.clocks
		if c.hurt != nil {
			c.hurt(w)
		}
		odd, suggest, said := "", "", ""
		for _, f := range Examine(w.evidence()) {
			if f.ID == "unlike_clocks" {
				odd, suggest, said = f.Facts[f.fact("clock_odd")].Value, f.Suggestion["clock"], f.ZH+f.EN
			}
		}
		if odd != c.odd || suggest != c.suggest || strings.ContainsAny(said, "{}") {
			t.Errorf("%s: the odd one out is %q, want %q; suggested %q, want %q: %s", name, odd, c.odd, suggest, c.suggest, said)
		}
	}
	w := healthyWorld()
	w.clocks = clocksOf(40, -60)
	if f := Examine(w.evidence())[0]; !strings.Contains(f.EN, "100 ppm") || !strings.Contains(f.EN, "2880 times an hour") {
		t.Errorf("said: %s", f.EN)
	}
}
