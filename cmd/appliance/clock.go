package main

import (
	"trunkbox/drivers/clock"
	"trunkbox/firmware/exchange"
)

// boxClock is the clock that the exchange may set. That of a machine on which the box is only tried is not the box's.
func boxClock(board string) exchange.Clock {
	if board == "sim" {
		return nil
	}
	return clock.System{RTC: "/dev/rtc0"}
}
