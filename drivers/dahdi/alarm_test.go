package dahdi

import (
	"testing"

	"trunkbox/drivers/span"
)

func TestAlarmsOf(t *testing.T) {
	for _, test := range []struct {
		bits int32
		want span.Alarm
	}{
		{0, 0},
		{0x001, span.LOS},
		{0x002, span.Loopback},
		{0x004, span.RAI},
		{0x008, span.LOS},
		{0x010, span.AIS},
		{0x018, span.AIS},
		{0x020, span.NotOpen},
		{0x040, span.NotOpen},
		{0x108, span.LOS},
		{0x208, span.LFA},
		{0x408, span.LMFA},
		{0x00c, span.LOS | span.RAI},
		{0x704, span.LOS | span.LFA | span.LMFA | span.RAI},
	} {
		if got := alarmsOf(test.bits); got != test.want {
			t.Errorf("alarms %#x: %v, want %v", test.bits, got.Names(), test.want.Names())
		}
	}
}
