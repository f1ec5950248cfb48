package siptrunk

import (
	"testing"

	"trunkbox/firmware/config"
)

func TestNumberRules(t *testing.T) {
	rules := []config.NumberRule{
		{Direction: "out", Match: "00", Strip: 2, Add: "+"},
		{Direction: "out", Match: "0", Strip: 1, Add: "+86"},
		{Direction: "out", Match: "+", Strip: 0, Add: ""},
		{Direction: "in", Match: "+8621", Strip: 5},
		{Direction: "in", Match: "", Strip: 0, Add: "9"},
		{Direction: "out", Match: "9", Strip: 20, Add: "1"},
	}
	for _, c := range []struct{ direction, number, want string }{
		{outward, "0012125551000", "+12125551000"}, // the first that matches, not the longest
		{outward, "02155551000", "+862155551000"},
		{outward, "+4930", "+4930"},
		{outward, "10086", "10086"}, // matches none
		{outward, "95", "1"},        // more is taken off than there is
		{inward, "+862155551000", "55551000"},
		{inward, "201", "9201"},
		{inward, "", "9"},
		{"", "201", "201"},
	} {
		if got := ruled(rules, c.direction, c.number); got != c.want {
			t.Errorf("%s %q: %q, want %q", c.direction, c.number, got, c.want)
		}
	}
	if got := ruled(nil, outward, "110"); got != "110" {
		t.Errorf("without rules: %q", got)
	}
}
