package performance

import (
	"time"

	"trunkbox/drivers/span"
)

// How long an alarm has to stay before it is declared, and to be away before it is taken back: the 2.5 s and 10 s of
// ANSI T1.231, which equipment for E1 has taken over; RFC 4805 3.4.4 leaves 2 to 10 s and up to 20 s.
const (
	declareAfter = 2500 * time.Millisecond
	clearAfter   = 10 * time.Second
)

// steady are the alarms that have to stay. That a line is looped or not open is known at once.
const steady = span.LOS | span.LFA | span.LMFA | span.AIS | span.RAI

// alarmBits is the room for the alarms of a span.Alarm.
const alarmBits = 16

// Declared is the alarms of a line as its lamp and its page show them: an alarm that comes and goes within seconds
// lights no lamp, and one that comes again and again stays lit. What the driver says meanwhile is in the journal.
//
// The zero Declared is a line without alarms, as one that is just being opened. It has no clock, no lock and no
// goroutine.
type Declared struct {
	alarms   span.Alarm
	since    time.Time            // of the last change of alarms
	deviates [alarmBits]time.Time // since when the driver says otherwise about this alarm; zero: it does not
}

// Look takes the driver's alarms at a time and gives the declared ones and since when they are as they are; zero: they
// never changed. It is to be called at each change and now and again in between.
func (d *Declared) Look(at time.Time, driver span.Alarm) (span.Alarm, time.Time) {
	was := d.alarms
	for bit := range alarmBits {
		alarm := span.Alarm(1) << bit
		switch {
		case (driver^d.alarms)&alarm == 0:
			d.deviates[bit] = time.Time{}
			continue
		case d.deviates[bit].IsZero():
			d.deviates[bit] = at
		}
		if at.Sub(d.deviates[bit]) >= d.patience(alarm) {
			d.alarms ^= alarm
			d.deviates[bit] = time.Time{}
		}
	}
	if d.alarms != was {
		d.since = at
	}
	return d.alarms, d.since
}

// patience is how long the driver has to say otherwise about an alarm before it changes.
func (d *Declared) patience(alarm span.Alarm) time.Duration {
	switch {
	case steady&alarm == 0:
		return 0
	case d.alarms&alarm == 0:
		return declareAfter
	}
	return clearAfter
}
