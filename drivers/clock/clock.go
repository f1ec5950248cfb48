// Package clock is the box's own clock: whether a time server keeps it, and how it is set.
//
// In: a time that somebody better knows. Out: the system's clock, and with it the hardware clock that the next start
// reads. It lies on neither path.
//
// adjtimex(2), clock_settime(2) and rtc(4) of Linux. Slewing is left out: a clock that is wrong by seconds is set at once.
//
// Setting needs the right to do so (CAP_SYS_TIME); without it Set says so and nothing changes.
package clock

import (
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// System is the clock of the machine.
type System struct {
	// RTC is the device of the hardware clock, which runs in UTC; empty: there is none.
	RTC string
}

// Synchronised says whether something keeps the clock by a time server: the kernel was told so lately.
func (System) Synchronised() (bool, error) {
	var status unix.Timex
	state, err := unix.Adjtimex(&status)
	if err != nil {
		return false, fmt.Errorf("the state of the clock: %w", err)
	}
	return state != unix.TIME_ERROR && status.Status&unix.STA_UNSYNC == 0, nil
}

// Set sets the clock, and the hardware clock if there is one. An error that is ErrHardware leaves the clock set.
func (s System) Set(to time.Time) error {
	at := unix.NsecToTimespec(to.UnixNano())
	if err := unix.ClockSettime(unix.CLOCK_REALTIME, &at); err != nil {
		return fmt.Errorf("the clock could not be set to %s: %w", to.Format(time.RFC3339), err)
	}
	if s.RTC == "" {
		return nil
	}
	if err := s.setHardware(to); err != nil {
		return fmt.Errorf("%w: %w", ErrHardware, err)
	}
	return nil
}

// ErrHardware says that only the hardware clock could not be set.
var ErrHardware = errors.New("the hardware clock could not be set")

func (s System) setHardware(to time.Time) error {
	device, err := os.OpenFile(s.RTC, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	at := fields(to)
	return errors.Join(unix.IoctlSetRTCTime(int(device.Fd()), &at), device.Close())
}

// fields is a time as the hardware clock has it: UTC, months from 0, years from 1900.
func fields(to time.Time) unix.RTCTime {
	utc := to.UTC()
	return unix.RTCTime{
		Sec: int32(utc.Second()), Min: int32(utc.Minute()), Hour: int32(utc.Hour()), Mday: int32(utc.Day()),
		Mon: int32(utc.Month()) - 1, Year: int32(utc.Year()) - 1900,
	}
}
