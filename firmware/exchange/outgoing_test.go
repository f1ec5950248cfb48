package exchange

import (
	"slices"
	"testing"

	"trunkbox/firmware/config"
)

func TestOutsideNumber(t *testing.T) {
	x := &Exchange{settings: config.Default("CN", "en")}
	x.settings.Agents = []config.Agent{{Extension: "801"}}
	for _, c := range []struct {
		prefix, dialled, number string
		outside                 bool
	}{
		{"9", "913911112222", "13911112222", true},
		{"9", "801", "", false},
		{"9", "9", "", false},
		{"9", "110", "110", true},
		{"9", "9110", "110", true},
		{"9", "*45", "", false},
		{"", "13911112222", "13911112222", true},
		{"", "801", "", false},
		{"", "110", "110", true},
		{"", "*45", "", false},
		{"", "#45", "", false},
	} {
		x.settings.Outbound.Prefix = c.prefix
		if number, outside := x.outsideNumber(c.dialled); number != c.number || outside != c.outside {
			t.Errorf("prefix %q, dialled %s: %q %v, want %q %v", c.prefix, c.dialled, number, outside, c.number, c.outside)
		}
	}
}

// TestAnEmergencyCallMayTakeAnyLine: the settings' lines come first, and no rule of ours keeps it from the others.
func TestAnEmergencyCallMayTakeAnyLine(t *testing.T) {
	x := &Exchange{}
	x.settings.Lines = []config.Line{{Name: "line1", Enabled: true}, {Name: "line2", Enabled: true}, {Name: "line3"}}
	for _, c := range []struct {
		set, ordinary, emergency []string
	}{
		{nil, []string{"line1", "line2"}, []string{"line1", "line2"}},
		{[]string{"line2"}, []string{"line2"}, []string{"line2", "line1"}},
	} {
		x.settings.Outbound.Lines = c.set
		if lines := x.outwardLines(false); !slices.Equal(lines, c.ordinary) {
			t.Errorf("with %v set, calls take %v, want %v", c.set, lines, c.ordinary)
		}
		if lines := x.outwardLines(true); !slices.Equal(lines, c.emergency) {
			t.Errorf("with %v set, emergency calls take %v, want %v", c.set, lines, c.emergency)
		}
	}
}
