package pri

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"trunkbox/drivers/span"
	"trunkbox/firmware/call"
	"trunkbox/firmware/config"
	"trunkbox/firmware/q850"
	"trunkbox/firmware/q931"
)

// TestRefusedChannel: a refusal that speaks of the channel is answered with another channel, as often as its cause
// allows, and never with RESTART, even where RESTART is agreed.
func TestRefusedChannel(t *testing.T) {
	for cause, tries := range map[q850.Cause]int{6: 3, 44: 3, 34: 2, 47: 2, 17: 1, 42: 1} {
		t.Run(fmt.Sprint(cause), func(t *testing.T) {
			scripted(t, func(l *config.Line) { l.Hunting = "round-robin" }, func(t *testing.T, user *end, x *exchange) {
				settings := user.access.Settings
				settings.Restart = true
				user.access.Apply(user.access.Settings, settings)
				p := user.dial(call.Outgoing{Called: "4001"})
				for n := range tries {
					x.hears(fmt.Sprintf("08 02 00 %02x 05 a1 "+speech+"18 03 a1 83 %02x"+called, n+1, 0x81+n))
					x.say(fmt.Sprintf("08 02 80 %02x 5a 08 02 82 %02x", n+1, 0x80|uint8(cause)))
				}
				x.hears()
				expect(t, "leg", p, fmt.Sprintf("cleared %d by them", cause))
				user.free()
			})
		})
	}
}

// TestTrials: a channel whose RESTART nobody acknowledges is tried again after 2, 4, 8 minutes and so on up to 30, and is
// back in service with the first acknowledgement.
func TestTrials(t *testing.T) {
	scripted(t, nil, func(t *testing.T, user *end, x *exchange) {
		settings := user.access.Settings
		settings.Restart = true
		user.access.Apply(user.access.Settings, settings)
		p := user.dial(call.Outgoing{Called: "4001"})
		synctest.Wait()
		x.say("08 02 80 01 07 " + ts1)
		p.leg.Hangup(normal)
		time.Sleep(39 * time.Second)
		x.hears("08 02 00 01 05 *", "08 02 00 01 0f", "08 02 00 01 45 *", "08 02 00 01 4d *", "08 02 00 01 4d *", "08 02 00 00 46 "+ts1+"79 01 80")
		time.Sleep(4*time.Minute - 500*time.Millisecond)
		x.hears("08 02 00 00 46 " + ts1 + "79 01 80")
		if s := user.state(1); s != string(Blocked) {
			t.Fatalf("timeslot 1 is %s", s)
		}
		const unanswered = 4 * time.Minute // T316 twice
		for _, minutes := range []int{2, 4, 8, 16, 30, 30} {
			time.Sleep(time.Duration(minutes)*time.Minute - time.Second)
			x.hears()
			time.Sleep(time.Second)
			x.hears("08 02 00 00 46 " + ts1 + "79 01 80")
			if ch := user.access.Now().Channels[0]; ch.State != string(Restarting) || ch.Reason != string(RestartUnanswered) {
				t.Errorf("while it is tried: %+v", ch)
			}
			time.Sleep(unanswered)
			x.hears("08 02 00 00 46 " + ts1 + "79 01 80")
		}
		time.Sleep(30 * time.Minute)
		x.hears("08 02 00 00 46 " + ts1 + "79 01 80")
		x.say("08 02 80 00 4e " + ts1 + "79 01 80")
		user.free()
		notes := user.notes()
		for _, want := range []string{"user/ts01 blocked restart_unanswered", "found user/ts01 trial_failed 4", "found user/ts01 trial_failed 30", "found user/ts01 channel_back"} {
			if !strings.Contains(notes, want) {
				t.Errorf("%q was not told:\n%s", want, notes)
			}
		}
	})
}

// TestTrialOvertaken: the far end uses the channel before its trial; the trial is dropped.
func TestTrialOvertaken(t *testing.T) {
	scripted(t, nil, func(t *testing.T, user *end, x *exchange) {
		user.access.loop.Do(func() {
			user.access.channels.take(1, nil)
			user.access.quarantine(place{user.access, 1}, ReleaseUnanswered)
		})
		x.say(setup5 + speech + ts1 + called)
		x.hears("08 02 80 05 02 " + ts1)
		time.Sleep(3 * time.Minute)
		x.hears()
		x.say(release5)
		x.hears("08 02 80 05 5a")
		time.Sleep(time.Hour)
		x.hears()
		user.free()
	})
}

// answeredCall brings a call of ours with reference 1 to state active.
func answeredCall(user *end, x *exchange) *party {
	p := user.dial(call.Outgoing{Called: "4001"})
	synctest.Wait()
	x.say("08 02 80 01 07 " + ts1)
	x.hears("08 02 00 01 05 *", "08 02 00 01 0f")
	p.heard()
	return p
}

// TestStatesAreCompared: a call without a message for ten minutes is asked about; what the far end says counts.
func TestStatesAreCompared(t *testing.T) {
	for _, c := range []struct{ name, status, want, hears string }{
		{"the same", "08 02 80 01 7d 08 02 80 9e 14 01 0a", "", ""},
		{"null", "08 02 80 01 7d 08 02 80 9e 14 01 00", "cleared 41 by us", ""},
		{"unknown reference", "08 02 80 01 5a 08 02 80 d1", "cleared 81 by them", ""},
		{"another", "08 02 80 01 7d 08 02 80 9e 14 01 06", "", "08 02 00 01 45 08 02 80 e5"},
	} {
		t.Run(c.name, func(t *testing.T) {
			scripted(t, nil, func(t *testing.T, user *end, x *exchange) {
				p := answeredCall(user, x)
				time.Sleep(quietFor - time.Second)
				x.hears()
				time.Sleep(auditEvery + time.Second)
				x.hears("08 02 00 01 75")
				x.say(c.status)
				if c.hears != "" {
					x.hears(c.hears)
					x.say("08 02 80 01 4d")
					c.want = "cleared 101 by us"
				}
				expect(t, "leg", p, c.want)
				if c.want == "" {
					time.Sleep(quietFor + auditEvery)
					x.hears("08 02 00 01 75")
				}
			})
		})
	}
}

// TestNoAnswerToEnquiries: a far end that does not know STATUS ENQUIRY loses no call by it and is not asked for ever.
func TestNoAnswerToEnquiries(t *testing.T) {
	scripted(t, nil, func(t *testing.T, user *end, x *exchange) {
		p := answeredCall(user, x)
		time.Sleep(3 * time.Hour)
		synctest.Wait()
		x.mu.Lock()
		asked := len(x.got)
		x.mu.Unlock()
		if asked != silentAfter+1 {
			t.Errorf("asked %d times", asked)
		}
		expect(t, "leg", p, "")
		if notes := user.notes(); strings.Count(notes, "found user/D status_not_answered") != 1 {
			t.Errorf("told:\n%s", notes)
		}
	})
}

// TestLearnedOrder: the far end's SETUPs show its order; ours begins at the other end of the line.
func TestLearnedOrder(t *testing.T) {
	for _, c := range []struct {
		channels  []byte
		carrier   string
		hunting   string
		low, high uint64
	}{
		{[]byte{1, 2, 3}, "", "down", 3, 0},
		{[]byte{1, 2, 3, 1, 2, 3, 1, 17}, "up", "down", 7, 1},
		{[]byte{31, 30, 29, 31, 30, 31, 31, 1}, "down", "up", 1, 7},
		{[]byte{1, 31, 2, 30, 3, 29, 4, 28}, "", "down", 4, 4},
	} {
		scripted(t, func(l *config.Line) { l.Hunting = "opposite" }, func(t *testing.T, user *end, x *exchange) {
			for _, ts := range c.channels {
				x.say(fmt.Sprintf(setup5+speech+"18 03 a9 83 %02x "+called, 0x80|ts))
				x.say(release5)
			}
			want := Order{Hunting: c.hunting, Carrier: c.carrier, Low: c.low, High: c.high}
			if got := user.access.Now().Order; got != want {
				t.Errorf("after %v: %+v, want %+v", c.channels, got, want)
			}
			name := map[string]string{"up": "user/ts01", "down": "user/ts31"}[c.hunting]
			if p := user.dial(call.Outgoing{Called: "4001"}); p.leg.Name() != name {
				t.Errorf("after %v ours is on %s, want %s", c.channels, p.leg.Name(), name)
			}
		})
	}
}

// TestLearnedOrderForgets: a carrier that changes its order is believed before long.
func TestLearnedOrderForgets(t *testing.T) {
	table := newTable()
	for range 10_000 {
		table.learn(1)
	}
	for range learnedForget * 2 {
		table.learn(31)
	}
	if order := table.order("opposite"); order.Carrier != "down" || order.Hunting != "up" || order.Low+order.High > learnedForget {
		t.Errorf("%+v", order)
	}
}

// TestGlaresAreCounted: calls of both sides meet on every channel, as both sides hunt up.
func TestGlaresAreCounted(t *testing.T) {
	joined(t, func(u, n *config.Line) { n.Hunting = "up" }, func(t *testing.T, user, network *end) {
		var ours []*party
		for range 5 {
			ours = append(ours, user.dial(call.Outgoing{Called: "4001"}))
			network.dial(call.Outgoing{Called: "4002"})
		}
		synctest.Wait()
		if u, n := user.access.Now().Glares, network.access.Now().Glares; u.GaveWay == 0 || u.Prevailed != 0 || n.Prevailed == 0 || n.GaveWay != 0 {
			t.Errorf("user %+v, network %+v", u, n)
		}
		if network.arrivals() != 5 || user.arrivals() != 5 {
			t.Errorf("%d and %d calls arrived", user.arrivals(), network.arrivals())
		}
		for _, p := range ours {
			expect(t, "ours", p, "proceeding")
		}
	})
}

// TestSetService: a channel that was taken out of service is chosen by nobody, and its call is not cut.
func TestSetService(t *testing.T) {
	joined(t, nil, func(t *testing.T, user, network *end) {
		out := func(ts span.Timeslot, in bool) {
			t.Helper()
			if err := user.access.SetService(ts, in); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		first := user.dial(call.Outgoing{Called: "4001"})
		synctest.Wait()
		network.last().leg.Answer()
		synctest.Wait()
		out(1, false)
		out(2, false)
		if s := user.state(1) + " " + user.state(2); s != "talking blocked" {
			t.Errorf("channels 1 and 2 are %s", s)
		}
		for i, want := range []Reason{TakenOutHere, TakenOutHere, ""} {
			if ch := user.access.Now().Channels[i]; ch.Reason != string(want) {
				t.Errorf("channel %d: reason %q, want %q", ch.Timeslot, ch.Reason, want)
			}
		}
		if p := user.dial(call.Outgoing{Called: "4002"}); p.leg.Name() != "user/ts03" {
			t.Errorf("the next call is on %s", p.leg.Name())
		}
		first.leg.Hangup(normal)
		synctest.Wait()
		for _, ch := range user.access.Now().Channels[:2] {
			if ch.State != string(Blocked) || ch.Reason != string(TakenOutHere) {
				t.Errorf("%+v", ch)
			}
		}
		time.Sleep(time.Hour)
		out(1, true)
		out(2, true)
		out(2, true)
		if p := user.dial(call.Outgoing{Called: "4003"}); p.leg.Name() != "user/ts01" {
			t.Errorf("back in service, the next call is on %s", p.leg.Name())
		}
		for _, ts := range []span.Timeslot{0, 16, 40} {
			if err := user.access.SetService(ts, false); err == nil {
				t.Errorf("timeslot %d was taken out", ts)
			}
		}
	})
}

// TestTakenOutIsRefused: the far end calls on a channel that the installer took out of service.
func TestTakenOutIsRefused(t *testing.T) {
	scripted(t, nil, func(t *testing.T, user *end, x *exchange) {
		if err := user.access.SetService(1, false); err != nil {
			t.Fatal(err)
		}
		x.say(setup5 + speech + ts1 + called)
		x.hears("08 02 80 05 5a 08 02 80 ac")
	})
}

// TestAuditOfOwnBooks: what our own defects would leave behind is found and cleared away.
func TestAuditOfOwnBooks(t *testing.T) {
	joined(t, nil, func(t *testing.T, user, _ *end) {
		g := user.access.Group
		user.access.loop.Do(func() {
			user.access.channels.take(4, nil) // nobody's
			user.access.channels.take(5, nil)
			user.access.channels.set(5, Blocked, "")
			l := &leg{known: &known{}, group: g, access: user.access, isOver: true, machine: q931.NewCall(g.side, g.profile, q931.OwnRef(77, 2))}
			l.setChannel(place{on: user.access})
			g.calls[l.machine.Ref().Key()] = l
		})
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		notes := user.notes()
		for _, want := range []string{"found user/ts04 channel_stuck", "found user/ts05 blocked_silently", "found user reference_stuck ref 77/1"} {
			if strings.Count(notes, want) != 1 {
				t.Errorf("%q was told %d times", want, strings.Count(notes, want))
			}
		}
		user.access.loop.Do(func() { user.access.channels.free(5) })
		user.free()
	})
}
