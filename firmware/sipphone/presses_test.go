package sipphone

import (
	"testing"
	"time"

	"trunkbox/firmware/call"
)

func TestEachKeyOnceWhicheverWayItComes(t *testing.T) {
	const up = true
	type coming struct {
		ms  int
		key byte
		by  call.KeyWay
		up  bool
	}
	for _, c := range []struct {
		name  string
		comes []coming
		want  string // keys pressed, and ^ where one was let go
	}{
		{"one way", []coming{
			{0, '1', call.ByEvent, false},
			{100, '1', call.ByEvent, up},
			{200, '2', call.ByEvent, false},
			{300, '2', call.ByEvent, up},
			{400, '2', call.ByEvent, false},
			{500, '2', call.ByEvent, up},
		}, "1^2^2^"},
		{"event, then INFO on release", []coming{
			{0, '1', call.ByEvent, false}, {290, '1', call.ByEvent, up}, {300, '1', call.ByInfo, false}, {300, '1', call.ByInfo, up},
		}, "1^"},
		{"INFO first", []coming{
			{0, '1', call.ByInfo, false}, {0, '1', call.ByInfo, up}, {40, '1', call.ByEvent, false}, {140, '1', call.ByEvent, up},
		}, "1^"},
		{"three ways", []coming{
			{0, '5', call.ByEvent, false},
			{50, '5', call.BySound, false},
			{100, '5', call.ByEvent, up},
			{130, '5', call.BySound, up},
			{300, '5', call.ByInfo, false},
			{300, '5', call.ByInfo, up},
		}, "5^"},
		{"the same key twice, both ways", []coming{
			{0, '1', call.ByEvent, false},
			{90, '1', call.ByEvent, up},
			{100, '1', call.ByInfo, false},
			{100, '1', call.ByInfo, up},
			{250, '1', call.ByEvent, false},
			{340, '1', call.ByEvent, up},
			{350, '1', call.ByInfo, false},
			{350, '1', call.ByInfo, up},
		}, "1^1^"},
		{"the other way lags by a press", []coming{
			{0, '1', call.ByEvent, false},
			{100, '1', call.ByEvent, up},
			{250, '1', call.ByEvent, false},
			{290, '1', call.ByEvent, up},
			{300, '1', call.ByInfo, false},
			{500, '1', call.ByInfo, false},
		}, "1^1^"},
		{"INFO alone, twice", []coming{
			{0, '9', call.ByInfo, false}, {0, '9', call.ByInfo, up}, {100, '9', call.ByInfo, false}, {100, '9', call.ByInfo, up},
		}, "9^9^"},
		{"long after, it is another press", []coming{
			{0, '1', call.ByEvent, false}, {100, '1', call.ByEvent, up}, {2500, '1', call.ByInfo, false}, {2500, '1', call.ByInfo, up},
		}, "1^1^"},
		{"held long, INFO on release", []coming{
			{0, '1', call.ByEvent, false}, {3000, '1', call.ByEvent, up}, {3100, '1', call.ByInfo, false}, {3100, '1', call.ByInfo, up},
		}, "1^"},
		{"held long, INFO before the event's end", []coming{
			{0, '1', call.ByEvent, false}, {3000, '1', call.ByInfo, false}, {3000, '1', call.ByInfo, up}, {3020, '1', call.ByEvent, up},
		}, "1^"},
		{"its end was lost", []coming{
			{0, '1', call.ByEvent, false}, {90_000, '1', call.ByInfo, false}, {90_000, '1', call.ByInfo, up},
		}, "11^"},
		{"other keys between", []coming{
			{0, '1', call.ByEvent, false},
			{90, '1', call.ByEvent, up},
			{100, '2', call.ByEvent, false},
			{150, '1', call.ByInfo, false},
			{160, '2', call.ByEvent, up},
			{250, '2', call.ByInfo, false},
		}, "1^2^"},
		{"nothing was pressed", []coming{{0, '1', call.ByEvent, up}, {0, '1', call.BySound, up}}, ""},
	} {
		var p presses
		got, begin := "", time.Unix(0, 0)
		for _, one := range c.comes {
			now := begin.Add(time.Duration(one.ms) * time.Millisecond)
			switch {
			case one.up && p.letGo(one.key, one.by, now):
				got += "^"
			case !one.up && p.take(one.key, one.by, now):
				got += string(one.key)
			}
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
