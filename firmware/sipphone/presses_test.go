package sipphone

import (
	"testing"
	"time"
)

func TestEachKeyOnceWhicheverWayItComes(t *testing.T) {
	type coming struct {
		ms  int
		key byte
		by  way
	}
	for _, c := range []struct {
		name  string
		comes []coming
		want  string
	}{
		{"one way", []coming{{0, '1', byEvent}, {200, '2', byEvent}, {400, '2', byEvent}}, "122"},
		{"event, then INFO on release", []coming{{0, '1', byEvent}, {300, '1', byInfo}}, "1"},
		{"INFO first", []coming{{0, '1', byInfo}, {40, '1', byEvent}}, "1"},
		{"three ways", []coming{{0, '5', byEvent}, {50, '5', bySignal}, {300, '5', byInfo}}, "5"},
		{"the same key twice, both ways", []coming{{0, '1', byEvent}, {100, '1', byInfo}, {250, '1', byEvent}, {350, '1', byInfo}}, "11"},
		{"the other way lags by a press", []coming{{0, '1', byEvent}, {250, '1', byEvent}, {300, '1', byInfo}, {500, '1', byInfo}}, "11"},
		{"INFO alone, twice", []coming{{0, '9', byInfo}, {100, '9', byInfo}}, "99"},
		{"long after, it is another press", []coming{{0, '1', byEvent}, {2500, '1', byInfo}}, "11"},
		{"other keys between", []coming{{0, '1', byEvent}, {100, '2', byEvent}, {150, '1', byInfo}, {250, '2', byInfo}}, "12"},
	} {
		var p presses
		got, begin := "", time.Unix(0, 0)
		for _, one := range c.comes {
			if p.take(one.key, one.by, begin.Add(time.Duration(one.ms)*time.Millisecond)) {
				got += string(one.key)
			}
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
