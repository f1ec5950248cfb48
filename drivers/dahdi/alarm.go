package dahdi

import "trunkbox/drivers/span"

// alarmBits says what each alarm bit of a DAHDI span is in the words of package span.
//
// RED and RECOVER name no cause. DAHDI sets RED beside LOS and LFA; alone it comes from drivers that
// cannot tell (the dynamic spans), and RECOVER is RED fading out (G.775 hysteresis). Both stand for
// LOS unless a bit with a cause is set beside them.
var alarmBits = [...]struct {
	bit   int32
	alarm span.Alarm
}{
	{0x002, span.Loopback},
	{0x004, span.RAI}, // YELLOW
	{0x010, span.AIS}, // BLUE
	{0x020, span.NotOpen},
	{0x040, span.NotOpen}, // RESET
	{0x100, span.LOS},
	{0x200, span.LFA},
	{0x400, span.LMFA},
}

const (
	alarmRecover = 0x1
	alarmRed     = 0x8
)

// alarmsOf translates the alarm bits of ioSpanStat.
func alarmsOf(bits int32) span.Alarm {
	var alarms span.Alarm
	for _, b := range alarmBits {
		if bits&b.bit != 0 {
			alarms |= b.alarm
		}
	}
	if bits&(alarmRecover|alarmRed) != 0 && !alarms.Down() {
		alarms |= span.LOS
	}
	return alarms
}
