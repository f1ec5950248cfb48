package exchange

import (
	"testing"
	"testing/synctest"

	"trunkbox/firmware/config"
)

// TestOutOfServiceStays: a channel that was taken out of service stays out when its line gets new settings, or is closed
// and opened again, and comes back when it is taken back.
func TestOutOfServiceStays(t *testing.T) {
	withLines(t, []config.Line{lineOf("line1"), lineOf("line2")}, func(t *testing.T, s *several) {
		blocked := func(when, line string, want ...int) {
			t.Helper()
			book, _ := s.Ledger(line)
			var is []int
			for _, ch := range book.Channels {
				if ch.State == "blocked" {
					is = append(is, ch.Timeslot)
					if ch.Reason != "taken_out_here" {
						t.Errorf("%s: channel %d of %s is blocked by %q", when, ch.Timeslot, line, ch.Reason)
					}
				}
			}
			if len(is) != len(want) || len(want) > 0 && is[0] != want[0] || len(want) > 1 && is[1] != want[1] {
				t.Errorf("%s: blocked on %s are %v, want %v", when, line, is, want)
			}
		}
		service := func(ts int, in bool) {
			t.Helper()
			if err := s.SetService("line1", ts, in); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		reopened := func() *line {
			t.Helper()
			was := s.at("line1")
			s.set(only("line1", func(l *config.Line) { l.Overlap = !l.Overlap }))
			s.settle()
			if s.at("line1") == was {
				t.Fatal("the line was not opened anew")
			}
			return s.at("line1")
		}
		if s.SetService("line1", 16, false) == nil || s.SetService("line9", 1, false) == nil {
			t.Error("what is no channel was taken out of service")
		}
		service(7, false)
		service(2, false)
		blocked("taken out", "line1", 2, 7)
		reopened()
		blocked("with new settings", "line1", 2, 7)
		blocked("with new settings", "line2")
		service(7, true)
		reopened()
		blocked("one is back", "line1", 2)
		s.set(only("line1", func(l *config.Line) { l.Enabled = false }))
		s.settle()
		s.set(only("line1", func(l *config.Line) { l.Enabled = true }))
		s.settle()
		blocked("switched off and on", "line1", 2)
		service(2, true)
		if _, kept := s.Store.Kept(outRoom, "line1"); kept {
			t.Error("nothing is out of service, and something is kept")
		}
	})
}
