package exchange

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"trunkbox/firmware/call"
	"trunkbox/firmware/config"
	"trunkbox/firmware/journal"
	"trunkbox/firmware/pri"
)

// only changes one line of the settings.
func only(name string, change func(*config.Line)) func([]config.Line) []config.Line {
	return func(lines []config.Line) []config.Line {
		for i := range lines {
			if lines[i].Name == name {
				change(&lines[i])
			}
		}
		return lines
	}
}

// TestLineDrains: new settings of one line wait for its call, which goes on; the other line takes calls all the while.
func TestLineDrains(t *testing.T) {
	withLines(t, []config.Line{lineOf("line1"), lineOf("line2")}, func(t *testing.T, s *several) {
		hangUp, over := s.talk("line1")
		second, overSecond := s.talk("line1")
		_, overOther := s.talk("line2")
		s.set(only("line1", func(l *config.Line) { l.Timers = map[string]int{"T310": 60_000} }))
		now := s.LineChange("line1")
		if now.State != "draining" || now.Calls != 2 || !slices.Equal(now.Lines, []string{"line1"}) || now.Since.IsZero() {
			t.Errorf("%+v", now)
		}
		if other := s.LineChange("line2"); other.State != "" {
			t.Errorf("line2: %+v", other)
		}
		if _, err := s.at("line1").access.Dial(call.Outgoing{Called: "1"}, nil); err == nil {
			t.Error("a line that drains takes a call of ours")
		}
		refused, _ := s.far["line1"].access.Dial(call.Outgoing{Called: "1"}, func(call.Event) {})
		synctest.Wait()
		if refused.Sound() != nil {
			t.Error("a line that drains takes a call of the far end")
		}
		hangUp()
		time.Sleep(time.Hour)
		if now := s.LineChange("line1"); now.State != "draining" || now.Calls != 1 || !over() || overSecond() {
			t.Errorf("after one has hung up: %+v", now)
		}
		was := s.at("line1")
		second()
		s.settle()
		is := s.at("line1")
		if is == was || s.inForce("line1").Timers["T310"] != 60_000 || s.LineChange("line1").State != "" || s.link("line1") != pri.LinkUp {
			t.Errorf("not changed: %+v, link %s", s.inForce("line1").Timers, s.link("line1"))
		}
		if overOther() {
			t.Error("the call of the other line was lost")
		}
		s.talk("line1")
		if got, want := s.changes(), "line1 draining 2, line1 changed"; got != want {
			t.Errorf("the journal has %q, want %q", got, want)
		}
	})
}

// TestApplyLineNow ends the calls of the line that waits, and of no other.
func TestApplyLineNow(t *testing.T) {
	withLines(t, []config.Line{lineOf("line1"), lineOf("line2")}, func(t *testing.T, s *several) {
		_, over := s.talk("line1")
		_, overOther := s.talk("line2")
		if err := s.ApplyLineNow("line1"); err == nil {
			t.Error("there was nothing to apply")
		}
		s.set(only("line1", func(l *config.Line) { l.Overlap = true }))
		if err := s.ApplyLineNow("line1"); err != nil {
			t.Fatal(err)
		}
		s.settle()
		if !over() || overOther() || !s.inForce("line1").Overlap || s.link("line1") != pri.LinkUp {
			t.Errorf("over %v and %v, link %s", over(), overOther(), s.link("line1"))
		}
	})
}

// TestDrainTakenBack: the settings are put back while the line drains; nothing happens to it, and it takes calls again.
func TestDrainTakenBack(t *testing.T) {
	withLines(t, []config.Line{lineOf("line1")}, func(t *testing.T, s *several) {
		_, over := s.talk("line1")
		was := s.at("line1")
		s.set(only("line1", func(l *config.Line) { l.Overlap = true }))
		s.set(only("line1", func(l *config.Line) { l.Overlap = false }))
		time.Sleep(time.Hour)
		if s.LineChange("line1").State != "" || s.at("line1") != was || over() {
			t.Error("the line was opened anew")
		}
		s.talk("line1")
	})
}

// TestIdleLineChangesAtOnce, and what can change under calls does not wait for them.
func TestIdleLineChangesAtOnce(t *testing.T) {
	withLines(t, []config.Line{lineOf("line1")}, func(t *testing.T, s *several) {
		was := s.at("line1")
		s.set(only("line1", func(l *config.Line) { l.Overlap = true }))
		if s.at("line1") == was || !s.inForce("line1").Overlap {
			t.Error("it did not change")
		}
		s.settle()
		was = s.at("line1")
		_, over := s.talk("line1")
		s.set(only("line1", func(l *config.Line) { l.Hunting, l.EchoTailMS = "up", 0 }))
		if s.at("line1") != was || s.inForce("line1").Hunting != "up" || s.LineChange("line1").State != "" || over() {
			t.Errorf("hunting: %+v", s.LineChange("line1"))
		}
	})
}

// TestOldSettingsReturn: the line is set to another side, which the far end does not understand. After ReturnSeconds the
// settings that worked are in force again, in the store too, and that is told.
func TestOldSettingsReturn(t *testing.T) {
	for name, change := range map[string]func(*config.Line){
		"side": func(l *config.Line) { l.Side = "network" },
		"kind": func(l *config.Line) {
			l.Kind, l.Framing, l.LineCode, l.Law, l.Variant = "T1", "esf", "b8zs", "mulaw", "ni2"
		},
	} {
		t.Run(name, func(t *testing.T) {
			good := lineOf("line1")
			good.ReturnSeconds = 60
			withLines(t, []config.Line{good, lineOf("line2")}, func(t *testing.T, s *several) {
				_, overOther := s.talk("line2")
				s.set(only("line1", change))
				if now := s.LineChange("line1"); now.State != "proving" || time.Until(now.Until) != time.Minute {
					t.Errorf("%+v", now)
				}
				time.Sleep(59 * time.Second)
				if s.link("line1") == pri.LinkUp || s.inForce("line1").Side+s.inForce("line1").Kind == good.Side+good.Kind {
					t.Fatal("the wrong settings work")
				}
				time.Sleep(time.Second)
				s.settle()
				if is := s.inForce("line1"); is.Side != good.Side || is.Kind != good.Kind || s.link("line1") != pri.LinkUp {
					t.Errorf("in force: %+v, link %s", is, s.link("line1"))
				}
				if stored := s.Store.Settings().Lines; stored[0].Side != good.Side || stored[0].Kind != good.Kind || len(stored) != 2 {
					t.Errorf("stored: %+v", stored)
				}
				if s.told("returned_line1") == "" || overOther() {
					t.Error("it was not told, or cost a call of the other line")
				}
				if got, want := s.changes(), "line1 changed, line1 returned 60"; got != want {
					t.Errorf("the journal has %q, want %q", got, want)
				}
				time.Sleep(time.Hour)
				if s.link("line1") != pri.LinkUp {
					t.Error("it did not stay so")
				}
			})
		})
	}
}

// TestOldSettingsReturnAfterARestart: a box that ends while new settings are put to the proof, or while their line still
// drains, goes on with the proof when it starts again.
func TestOldSettingsReturnAfterARestart(t *testing.T) {
	for name, talking := range map[string]bool{"proving": false, "draining": true} {
		t.Run(name, func(t *testing.T) {
			good := lineOf("line1")
			good.ReturnSeconds = 60
			withLines(t, []config.Line{good}, func(t *testing.T, s *several) {
				if talking {
					s.talk("line1")
				}
				s.set(only("line1", func(l *config.Line) { l.Side = "network" }))
				if state := s.LineChange("line1").State; state != name {
					t.Fatalf("the line is %s", state)
				}
				time.Sleep(30 * time.Second)
				s.restart()
				if state := s.LineChange("line1").State; state != "proving" || s.inForce("line1").Side != "network" {
					t.Fatalf("after the restart the line is %s", state)
				}
				time.Sleep(time.Minute)
				s.settle()
				if is := s.inForce("line1"); is.Side != good.Side || s.link("line1") != pri.LinkUp {
					t.Errorf("in force: %+v, link %s", is, s.link("line1"))
				}
				s.restart()
				if state := s.LineChange("line1").State; state != "" {
					t.Errorf("what has returned is put to the proof: %s", state)
				}
			})
		})
	}
}

// restart closes every line and starts those of the settings, as a new process would.
func (s *several) restart() {
	var units []*unit
	s.loop.Do(func() {
		units = s.unitsNow()
		for _, u := range units {
			if u.proof != nil {
				u.proof.timer.Stop()
			}
			if u.change != nil {
				u.change.look.Stop()
			}
		}
		for _, c := range s.calls {
			c.end(ending{cause: causeOfStop, by: "box", reason: journal.BoxStops})
		}
		s.lines = map[string]*line{}
	})
	for _, u := range units {
		u.close()
	}
	s.loop.Do(func() {
		s.settings = s.Store.Settings()
		s.startLines()
	})
	synctest.Wait()
}

// TestGoodSettingsStay: the D channel is back in time.
func TestGoodSettingsStay(t *testing.T) {
	good := lineOf("line1")
	good.ReturnSeconds = 60
	withLines(t, []config.Line{good}, func(t *testing.T, s *several) {
		s.set(only("line1", func(l *config.Line) { l.Overlap = true }))
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		if s.keptProof("line1") != nil {
			t.Error("there is still something to return to")
		}
		if s.LineChange("line1").State != "" || !s.inForce("line1").Overlap || s.changes() != "line1 changed" {
			t.Errorf("%+v, %s", s.LineChange("line1"), s.changes())
		}
	})
}

// TestReturnOverTwoChanges: the installer corrects settings that do not work by others that do not; the ones that worked
// return.
func TestReturnOverTwoChanges(t *testing.T) {
	good := lineOf("line1")
	good.ReturnSeconds = 60
	withLines(t, []config.Line{good}, func(t *testing.T, s *several) {
		s.set(only("line1", func(l *config.Line) { l.Side = "network" }))
		time.Sleep(30 * time.Second)
		s.set(only("line1", func(l *config.Line) { l.Variant = "qsig" }))
		time.Sleep(45 * time.Second)
		if s.LineChange("line1").State != "proving" {
			t.Errorf("%+v", s.LineChange("line1"))
		}
		time.Sleep(20 * time.Second)
		s.settle()
		if is := s.inForce("line1"); is.Side != "user" || is.Variant != good.Variant || s.link("line1") != pri.LinkUp {
			t.Errorf("in force: %+v, link %s", is, s.link("line1"))
		}
	})
}

// TestLineRemovedAndAdded: a line that is switched off waits for its call as well; one that is switched on begins at once.
func TestLineRemovedAndAdded(t *testing.T) {
	withLines(t, []config.Line{lineOf("line1"), lineOf("line2")}, func(t *testing.T, s *several) {
		hangUp, over := s.talk("line2")
		s.set(only("line2", func(l *config.Line) { l.Enabled = false }))
		time.Sleep(time.Minute)
		if over() || s.LineChange("line2").State != "draining" {
			t.Errorf("%+v", s.LineChange("line2"))
		}
		hangUp()
		s.settle()
		if s.link("line2") != "closed" {
			t.Error("it is open still")
		}
		s.set(only("line2", func(l *config.Line) { l.Enabled = true }))
		s.settle()
		if s.link("line2") != pri.LinkUp {
			t.Errorf("switched on its link is %s", s.link("line2"))
		}
	})
}

// TestLinesBecomeAGroup: two lines with their own D channels become one group, which waits for the calls of both, and come
// apart again.
func TestLinesBecomeAGroup(t *testing.T) {
	withLines(t, []config.Line{lineOf("line1"), lineOf("line2"), lineOf("line3")}, func(t *testing.T, s *several) {
		first, _ := s.talk("line1")
		second, _ := s.talk("line2")
		_, overThird := s.talk("line3")
		s.set(func(lines []config.Line) []config.Line {
			for i := range lines[:2] {
				lines[i].Group, lines[i].Interface, lines[i].DChannel = "g", i, []string{"primary", "backup"}[i]
			}
			return lines
		})
		if now := s.LineChange("line2"); now.State != "draining" || now.Calls != 2 || len(now.Lines) != 2 {
			t.Errorf("%+v", now)
		}
		first()
		s.settle()
		if s.LineChange("line1").Calls != 1 {
			t.Errorf("%+v", s.LineChange("line1"))
		}
		second()
		s.settle()
		if a, b := s.at("line1"), s.at("line2"); a.unit != b.unit || len(a.access.Now().Ds) != 2 || s.link("line2") != pri.LinkUp {
			t.Errorf("no group: %+v", s.at("line1").access.Now().Ds)
		}
		if s.SwitchD("line3") == nil || s.SwitchD("line9") == nil {
			t.Error("there was a D channel to switch over to")
		}
		s.set(func(lines []config.Line) []config.Line {
			for i := range lines[:2] {
				lines[i].Group, lines[i].Interface, lines[i].DChannel = "", 0, "own"
			}
			return lines
		})
		s.settle()
		if a, b := s.at("line1"), s.at("line2"); a.unit == b.unit || s.link("line1") != pri.LinkUp || s.link("line2") != pri.LinkUp {
			t.Errorf("links %s and %s", s.link("line1"), s.link("line2"))
		}
		if overThird() {
			t.Error("the call of the third line was lost")
		}
	})
}

// TestDriverGoesAndComesBack: a card is pulled. The answered call lives while it is away for less than T309, and the line
// is back by itself within ten seconds after it can be opened.
func TestDriverGoesAndComesBack(t *testing.T) {
	withLines(t, []config.Line{lineOf("line1"), lineOf("line2")}, func(t *testing.T, s *several) {
		_, over := s.talk("line1")
		_, overOther := s.talk("line2")
		s.near["line1"].pull(true)
		time.Sleep(35 * time.Second)
		synctest.Wait()
		if s.link("line1") == pri.LinkUp || s.told("line_line1") == "" || over() {
			t.Errorf("link %s, notice %q, call over: %v", s.link("line1"), s.told("line_line1"), over())
		}
		s.near["line1"].mu.Lock()
		s.near["line1"].empty = false
		s.near["line1"].mu.Unlock()
		time.Sleep(15 * time.Second)
		synctest.Wait()
		if s.link("line1") != pri.LinkUp || s.told("line_line1") != "" || over() || overOther() {
			t.Errorf("link %s, notice %q, call over: %v", s.link("line1"), s.told("line_line1"), over())
		}
		s.near["line1"].pull(false)
		time.Sleep(30 * time.Second)
		synctest.Wait()
		if s.link("line1") != pri.LinkUp {
			t.Error("it did not come back a second time")
		}
		if got, want := s.changes(), "line1 gone, line1 back, line1 gone, line1 back"; got != want {
			t.Errorf("the journal has %q, want %q", got, want)
		}
	})
}

// TestLedgerOfALine is what the page asks for.
func TestLedgerOfALine(t *testing.T) {
	withLines(t, []config.Line{lineOf("line1")}, func(t *testing.T, s *several) {
		hangUp, _ := s.talk("line1")
		hangUp()
		now, known := s.Ledger("line1")
		last := now.Channels[29].Events
		if !known || len(now.Channels) != 30 || len(last) < 4 || last[len(last)-1].State != "idle" || last[len(last)-1].Cause != 16 || last[1].Way != "out" {
			t.Errorf("%v, %+v", known, last)
		}
		if now.Hunting != "down" || len(now.DChannels) != 1 || now.DChannels[0].State != "in service" {
			t.Errorf("hunting %q, D channels %+v", now.Hunting, now.DChannels)
		}
		if _, known := s.Ledger("line9"); known {
			t.Error("there is a line9")
		}
		if err := s.SetService("line1", 5, false); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if now, _ := s.Ledger("line1"); now.Channels[4].State != "blocked" || now.Channels[4].Reason != "taken_out_here" {
			t.Errorf("%+v", now.Channels[4].ChannelNow)
		}
		if s.SetService("line1", 16, false) == nil || s.SetService("line9", 1, false) == nil {
			t.Error("a channel that is none was taken out")
		}
	})
}

// TestPace: the first line that is open gives the clock; when it goes the next one does, and none when there is none.
func TestPace(t *testing.T) {
	withLines(t, []config.Line{lineOf("line1"), lineOf("line2")}, func(t *testing.T, s *several) {
		paces := func(when, want string) {
			t.Helper()
			synctest.Wait()
			got := ""
			if l := s.pace.Load(); l != nil {
				got = l.steady.Name()
			}
			if got != want {
				t.Errorf("%s the clock is that of %q, want %q", when, got, want)
			}
		}
		paces("at the start", "line1")
		s.near["line1"].pull(true)
		paces("without the first card", "line2")
		s.near["line2"].pull(true)
		paces("without a card", "")
		for _, name := range []string{"line2", "line1"} {
			s.near[name].mu.Lock()
			s.near[name].empty = false
			s.near[name].mu.Unlock()
		}
		time.Sleep(20 * time.Second)
		paces("with both again", "line1")
		s.set(only("line1", func(l *config.Line) { l.Enabled = false }))
		paces("with the first switched off", "line2")
	})
}

// TestFindingsAreTold: what a line finds wrong by itself is in the journal; a defect of ours is shown as well.
func TestFindingsAreTold(t *testing.T) {
	withLines(t, []config.Line{lineOf("line1")}, func(t *testing.T, s *several) {
		observer := lineObserver{s.Exchange, "line1"}
		observer.Found("line1/ts05", string(pri.ChannelBack), "")
		observer.Found("line1/D", string(pri.SwitchedOver), "line2/D")
		synctest.Wait()
		if told := s.told("line_defect_line1"); told != "" {
			t.Errorf("shown: %q", told)
		}
		observer.Found("line1/ts07", string(pri.ChannelStuck), "")
		synctest.Wait()
		if told := s.told("line_defect_line1"); told == "" {
			t.Error("a defect is not shown")
		}
		var all []string
		for e, err := range s.Journal.Read(1) {
			if err != nil {
				t.Fatal(err)
			}
			if e.Kind == journal.LineFound {
				all = append(all, e.Fields["line"]+" "+e.Fields["channel"]+" "+e.Fields["reason"]+" "+e.Fields["about"])
			}
		}
		if want := []string{"line1 5 channel_back ", "line1  switched_over line2/D", "line1 7 channel_stuck "}; !slices.Equal(all, want) {
			t.Errorf("the journal has %q, want %q", all, want)
		}
	})
}
