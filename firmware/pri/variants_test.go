package pri

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"trunkbox/firmware/call"
	"trunkbox/firmware/config"
	"trunkbox/firmware/q931"
)

// asVariant sets both ends to a variant, on the kind of line that it is used on.
func asVariant(name string) func(u, n *config.Line) {
	return func(u, n *config.Line) {
		for _, l := range []*config.Line{u, n} {
			l.Variant = name
			if name != "euroisdn-e1" && name != "qsig" {
				l.Kind, l.Law = "T1", "mulaw"
			}
		}
	}
}

// TestVariants has calls both ways on every variant that there is.
func TestVariants(t *testing.T) {
	for i := range q931.Profiles {
		name := q931.Profiles[i].Name
		t.Run(name, func(t *testing.T) {
			both(t, asVariant(name), func(t *testing.T, x, y *end) {
				a := x.dial(call.Outgoing{Called: "4001", Calling: call.Number{Digits: "2125550100"}})
				synctest.Wait()
				b := y.last()
				if b.incoming.Called != "4001" || b.incoming.Calling.Digits != "2125550100" {
					t.Errorf("arrived as %+v", b.incoming)
				}
				b.leg.Alert()
				b.leg.Progress()
				b.leg.Answer()
				synctest.Wait()
				expect(t, "caller", a, "proceeding, alerting, inband, answered")
				time.Sleep(65 * time.Minute) // longer than any timer, and than it takes to tell anything again
				a.leg.Hangup(normal)
				synctest.Wait()
				expect(t, "caller", a, "cleared 16 by us")
				expect(t, "called", b, "sounding, cleared 16 by them")
				busyParty := x.dial(call.Outgoing{Called: "+442079460000"})
				synctest.Wait()
				if got := y.last().incoming.Called; got != "442079460000" {
					t.Errorf("an international number arrived as %q", got)
				}
				y.last().leg.Hangup(busy)
				synctest.Wait()
				expect(t, "busy", busyParty, "proceeding, cleared 17 by them")
				x.free()
				y.free()
			})
		})
	}
}

// TestT1Full: a T1 has 23 channels, and timeslot 24 is none of them.
func TestT1Full(t *testing.T) {
	both(t, asVariant("ni2"), func(t *testing.T, x, y *end) {
		for range 23 {
			x.dial(call.Outgoing{Called: "4001"})
		}
		synctest.Wait()
		if _, err := x.access.Dial(call.Outgoing{Called: "4001"}, nil); !errors.Is(err, ErrNoChannel) || y.arrivals() != 23 {
			t.Errorf("%d calls arrived, then %v", y.arrivals(), err)
		}
		if last := x.access.Now().Channels[22]; last.Timeslot != 23 {
			t.Errorf("the last channel is %+v", last)
		}
	})
}

// TestLogicalNumbers: on QSIG the channels are counted from 1 to 30, so timeslot 17 is channel 16.
func TestLogicalNumbers(t *testing.T) {
	qsig := func(l *config.Line) { l.Variant, l.Hunting = "qsig", "down" }
	scripted(t, qsig, func(t *testing.T, user *end, x *exchange) {
		p := user.dial(call.Outgoing{Called: "4001"})
		x.hears("08 02 00 01 05 " + speech + "18 03 a1 83 9e" + called)
		if p.leg.Name() != "user/ts31" {
			t.Errorf("ours is on %s", p.leg.Name())
		}
		x.say("08 02 00 05 05 " + speech + "18 03 a9 83 90 " + called)
		x.hears("08 02 80 05 02 18 03 a9 83 90")
		if name := user.last().leg.Name(); name != "user/ts17" {
			t.Errorf("channel 16 is %s", name)
		}
	})
}

// TestServiceMessages: what one side takes out of service the other does not use, whoever of them it was.
func TestServiceMessages(t *testing.T) {
	for _, variant := range []string{"ni2", "ni1", "dms100", "5ess", "4ess"} {
		t.Run(variant, func(t *testing.T) {
			both(t, asVariant(variant), func(t *testing.T, x, y *end) {
				service := func(e *end, in bool) {
					t.Helper()
					if err := e.access.SetService(1, in); err != nil {
						t.Fatal(err)
					}
					synctest.Wait()
				}
				states := func(want string) {
					t.Helper()
					a, b := x.access.Now().Channels[0], y.access.Now().Channels[0]
					if got := strings.TrimSpace(fmt.Sprintf("%s %s, %s %s", a.State, a.Reason, b.State, b.Reason)); got != want {
						t.Errorf("%q, want %q", got, want)
					}
				}
				x.dial(call.Outgoing{Called: "4001"}).leg.Hangup(normal)
				synctest.Wait()
				service(x, false)
				states("blocked taken_out_here, blocked taken_out_there")
				service(y, false)
				states("blocked taken_out_here, blocked taken_out_here")
				service(x, true)
				states("blocked taken_out_there, blocked taken_out_here")
				cut(x, y, true) // who was told may have forgotten when the link is back
				time.Sleep(time.Minute)
				x.access.loop.Do(func() { x.access.channels.service(1, there, true) })
				states("idle , blocked taken_out_here")
				cut(x, y, false)
				time.Sleep(time.Minute)
				synctest.Wait()
				states("blocked taken_out_there, blocked taken_out_here")
				service(y, true)
				states("idle , idle")
			})
		})
	}
}

// TestServiceUnanswered: the far end does not acknowledge; the channel is out of service all the same, and that is told.
func TestServiceUnanswered(t *testing.T) {
	ni2 := func(l *config.Line) { l.Variant = "ni2" }
	scripted(t, ni2, func(t *testing.T, user *end, x *exchange) {
		if err := user.access.SetService(1, false); err != nil {
			t.Fatal(err)
		}
		x.hears("43 02 00 00 07 01 01 c2 18 03 a9 83 81")
		if err := user.access.SetService(2, false); err != nil {
			t.Fatal(err)
		}
		x.hears()
		time.Sleep(time.Minute + time.Second)
		x.hears("43 02 00 00 07 01 01 c2 18 03 a9 83 81", "43 02 00 00 07 01 01 c2 18 03 a9 83 82")
		x.say("43 02 80 00 0f 01 01 c2 18 03 a9 83 82")
		time.Sleep(10 * time.Minute)
		x.hears()
		if notes := user.notes(); strings.Count(notes, "found user/ts01 service_unanswered") != 1 || strings.Contains(notes, "ts02 service") {
			t.Errorf("told:\n%s", notes)
		}
		if s := user.state(1) + " " + user.state(2); s != "blocked blocked" {
			t.Errorf("the channels are %s", s)
		}
	})
}

// TestFarEndUsesWhatItTookOut: its own call shows that the channel is in service.
func TestFarEndUsesWhatItTookOut(t *testing.T) {
	ni2 := func(l *config.Line) { l.Variant = "ni2" }
	scripted(t, ni2, func(t *testing.T, user *end, x *exchange) {
		x.say("43 02 00 00 07 01 01 c2 18 03 a9 83 81")
		x.hears("43 02 80 00 0f 01 01 c2 18 03 a9 83 81")
		if s := user.state(1); s != string(Blocked) {
			t.Errorf("it is %s", s)
		}
		x.say("08 02 00 05 05 04 03 80 90 a2 " + ts1 + called)
		x.hears("08 02 80 05 02 " + ts1)
		x.say(release5)
		x.hears("08 02 80 05 5a")
		user.free()
	})
}

// TestOverlap: the digits of a number go out one by one, and come in one by one.
func TestOverlap(t *testing.T) {
	for _, c := range []struct {
		variant, dialled string
		ddi              int
		emergency        bool
	}{
		{"euroisdn-e1", "02155664001", 0, false},
		{"euroisdn-e1", "7", 0, false},
		{"euroisdn-e1", "110", 0, true},
		{"euroisdn-t1", "4001", 4, false},
		{"qsig", "4001", 4, false},
		{"qsig", "4001#", 0, false},
		{"ni2", "4001", 0, false},
	} {
		overlap := func(u, n *config.Line) {
			asVariant(c.variant)(u, n)
			for _, l := range []*config.Line{u, n} {
				l.Overlap, l.DDIDigits = true, c.ddi
			}
		}
		t.Run(c.variant+"/"+c.dialled, func(t *testing.T) {
			both(t, overlap, func(t *testing.T, x, y *end) {
				p := x.dial(call.Outgoing{Called: c.dialled, Emergency: c.emergency})
				synctest.Wait()
				if y.arrivals() != 1 {
					t.Fatalf("%d calls arrived", y.arrivals())
				}
				if got, want := y.last().incoming.Called, strings.TrimSuffix(c.dialled, "#"); got != want {
					t.Errorf("it arrived for %q, want %q", got, want)
				}
				y.last().leg.Answer()
				synctest.Wait()
				expect(t, "caller", p, "proceeding, sounding, answered")
				p.leg.Hangup(normal)
				synctest.Wait()
				x.free()
				y.free()
			})
		})
	}
}

// TestOverlapEndsByTime: nobody says that the number is complete; T302, set to 3 s, does.
func TestOverlapEndsByTime(t *testing.T) {
	overlap := func(l *config.Line) { l.Overlap, l.Timers = true, map[string]int{"T302": 3000} }
	scripted(t, overlap, func(t *testing.T, user *end, x *exchange) {
		x.say("08 02 00 05 05 " + speech + ts1 + "70 02 81 34")
		x.hears("08 02 80 05 0d " + ts1)
		time.Sleep(2 * time.Second)
		x.say("08 02 00 05 7b 70 02 81 30")
		time.Sleep(2 * time.Second)
		x.hears()
		if user.arrivals() != 0 {
			t.Fatal("it was offered too soon")
		}
		time.Sleep(2 * time.Second)
		x.hears("08 02 80 05 02")
		if got := user.last().incoming.Called; got != "40" {
			t.Errorf("it was offered for %q", got)
		}
	})
}

// TestNumberInKeypad: the number called may stand in a keypad facility element.
func TestNumberInKeypad(t *testing.T) {
	scripted(t, nil, func(t *testing.T, user *end, x *exchange) {
		x.say(setup5 + speech + ts1 + "2c 04 34 30 30 31")
		x.hears("08 02 80 05 02 " + ts1)
		if got := user.last().incoming.Called; got != "4001" {
			t.Errorf("called %q", got)
		}
	})
}

// TestTimersOfSettings: a timer that the settings give is used instead of the variant's.
func TestTimersOfSettings(t *testing.T) {
	timers := func(l *config.Line) { l.Timers = map[string]int{"T303": 1500, "T200": 500, "T203": 5000} }
	scripted(t, timers, func(t *testing.T, user *end, x *exchange) {
		user.dial(call.Outgoing{Called: "4001"})
		time.Sleep(1400 * time.Millisecond)
		x.hears("08 02 00 01 05 *")
		time.Sleep(200 * time.Millisecond)
		x.hears("08 02 00 01 05 *")
		if p := user.access.d.profile; p.T200 != 500*time.Millisecond || p.T203 != 5*time.Second {
			t.Errorf("the link has %+v", p)
		}
	})
}
