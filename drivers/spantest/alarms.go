package spantest

import (
	"testing"
	"time"

	"trunkbox/drivers/span"
)

// alarms cuts the pair and joins it again: the alarm must rise and clear in Status and in Events,
// and sound and frames must pass as before.
func (s *suite) alarms(t *testing.T, a, b span.Line) {
	s.cut(t, a, b)
	event := awaitEvent(t, a, span.Alarm.Down)
	if event.Was.Down() {
		t.Errorf("the alarm %v rose from %v; want it to rise from none", event.Alarms.Names(), event.Was.Names())
	}
	if event.At.IsZero() {
		t.Errorf("the alarm %v has no time", event.Alarms.Names())
	}
	if alarms := a.Status().Alarms; !alarms.Down() {
		t.Errorf("Status says %v after the alarm %v", alarms.Names(), event.Alarms.Names())
	}

	a2, b2 := s.mend(t, a, b)
	if a2 == a {
		awaitEvent(t, a, func(now span.Alarm) bool { return !now.Down() })
	} else {
		closeLater(t, a2)
	}
	if b2 != b {
		closeLater(t, b2)
	}
	if alarms := a2.Status().Alarms; alarms.Down() {
		t.Errorf("Status says %v on the mended line", alarms.Names())
	}
	t.Run("SoundAfterwards", func(t *testing.T) { sound(t, a2, b2) })
	t.Run("FramesAfterwards", func(t *testing.T) { frames(t, a2, b2) })
}

// awaitEvent waits for the change after which the alarms are as wanted.
func awaitEvent(t *testing.T, line span.Line, wanted func(span.Alarm) bool) span.Event {
	t.Helper()
	late := time.After(limit)
	for {
		select {
		case event, open := <-line.Events():
			if !open {
				t.Fatalf("%s: Events is closed on an open line", line.Name())
			}
			t.Logf("%s: alarms %v, were %v", line.Name(), event.Alarms.Names(), event.Was.Names())
			if wanted(event.Alarms) {
				return event
			}
		case <-late:
			t.Fatalf("%s: no such change of alarms in %v; Status says %v", line.Name(), limit, line.Status().Alarms.Names())
		}
	}
}
