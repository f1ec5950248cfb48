package clock

import (
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// The clock of the machine that tests is not to be changed: only that its state can be read is tested, and what would be
// written.
func TestTheStateOfTheClockIsRead(t *testing.T) {
	if _, err := (System{}).Synchronised(); err != nil {
		t.Error(err)
	}
}

func TestTimesOfTheHardwareClock(t *testing.T) {
	shanghai := time.FixedZone("CST", 8*3600)
	got := fields(time.Date(2026, time.January, 1, 7, 59, 58, 0, shanghai))
	if got != (unix.RTCTime{Sec: 58, Min: 59, Hour: 23, Mday: 31, Mon: 11, Year: 125}) {
		t.Errorf("%+v", got)
	}
}

func TestAClockThatIsNotThereIsToldApart(t *testing.T) {
	if err := (System{RTC: t.TempDir() + "/rtc"}).setHardware(time.Now()); err == nil {
		t.Error("a hardware clock that is not there was set")
	}
}
