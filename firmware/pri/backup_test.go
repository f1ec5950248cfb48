package pri

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"trunkbox/drivers/span"
	"trunkbox/firmware/call"
)

// shared is one end of a group: its lines in the order of their interfaces, the first with the primary D channel, the second
// with the backup.
type shared struct {
	group *Group
	ends  []*end
	stop  context.CancelFunc
	ended chan error
}

func newShared(t *testing.T, side, variant string, lines int, backup bool) *shared {
	t.Helper()
	s := &shared{ended: make(chan error, 1)}
	var options []Options
	for i := range lines {
		settings := lineSettings(fmt.Sprintf("%s%d", side, i), side)
		settings.Kind, settings.Law, settings.Variant, settings.Group, settings.Interface = "T1", "mulaw", variant, "g", i
		settings.DChannel = "none"
		switch {
		case i == 0:
			settings.DChannel = "primary"
		case i == 1 && backup:
			settings.DChannel = "backup"
		}
		if side == "network" {
			settings.Hunting = "down"
		}
		e := &end{t: t, wire: newWire(), open: map[span.Timeslot]bool{}}
		e.wire.kind, e.wire.noD = span.T1, settings.DChannel == "none"
		s.ends = append(s.ends, e)
		options = append(options, Options{
			Line: e.wire, Settings: settings, Channels: e, Accept: e.accept, Observer: e, Logger: slog.New(slog.DiscardHandler),
		})
	}
	group, err := NewGroup(options...)
	if err != nil {
		t.Fatal(err)
	}
	s.group = group
	for i, a := range group.Lines() {
		s.ends[i].access = a
	}
	return s
}

func (s *shared) run() {
	ctx, stop := context.WithCancel(context.Background())
	s.stop = stop
	go func() { s.ended <- s.group.Run(ctx) }()
}

func (s *shared) down() {
	s.stop()
	<-s.ended
	for _, e := range s.ends {
		_ = e.wire.Close()
	}
}

// ds are the states of the D channels: "in service, standby".
func (s *shared) ds() string {
	var states []string
	for _, d := range s.ends[0].access.Now().Ds {
		states = append(states, d.State)
	}
	return strings.Join(states, ", ")
}

// grouped runs test with two groups whose lines are joined.
func grouped(t *testing.T, variant string, lines int, backup bool, test func(t *testing.T, user, network *shared)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		user, network := newShared(t, "user", variant, lines, backup), newShared(t, "network", variant, lines, backup)
		for i := range user.ends {
			user.ends[i].wire.other, network.ends[i].wire.other = network.ends[i].wire, user.ends[i].wire
		}
		user.run()
		network.run()
		defer func() {
			user.down()
			network.down()
			synctest.Wait()
		}()
		time.Sleep(10 * time.Second)
		synctest.Wait()
		test(t, user, network)
	})
}

func (s *shared) free() {
	for _, e := range s.ends {
		e.free()
	}
}

// cutLine takes the signal from both ends of a line, with the alarm or without.
func cutLine(user, network *shared, line int, on bool, alarm span.Alarm) {
	for _, s := range []*shared{user, network} {
		s.ends[line].wire.cut.Store(on)
		s.ends[line].wire.alarms.Store(0)
		if on {
			s.ends[line].wire.alarms.Store(uint32(alarm))
		}
	}
}

// states compares the D channels of both ends.
func states(t *testing.T, when string, user, network *shared, want string) {
	t.Helper()
	synctest.Wait()
	if u, n := user.ds(), network.ds(); u != want || n != want {
		t.Errorf("%s the D channels are %q and %q, want %q", when, u, n, want)
	}
}

// TestGroup has calls on every channel of three lines with one D channel: 23 of the first, 24 of each of the others.
func TestGroup(t *testing.T) {
	grouped(t, "ni2", 3, false, func(t *testing.T, user, network *shared) {
		states(t, "at the start", user, network, "in service")
		for _, way := range [][2]*shared{{user, network}, {network, user}} {
			var calls []*party
			for i, e := range way[0].ends {
				for range e.access.Now().Channels {
					p := e.dial(call.Outgoing{Called: fmt.Sprint(i)})
					calls = append(calls, p)
				}
			}
			synctest.Wait()
			for i, e := range way[1].ends {
				if e.arrivals() == 0 {
					t.Fatalf("no call arrived on line %d", i)
				}
				for _, p := range e.arrived {
					if p.incoming.Called != fmt.Sprint(i) || p.incoming.Trunk != e.access.Settings.Name {
						t.Errorf("line %d has a call for %s of %s", i, p.incoming.Called, p.incoming.Trunk)
					}
					p.leg.Answer()
				}
				e.mu.Lock()
				n := len(e.arrived)
				e.arrived = nil
				e.mu.Unlock()
				if n != 24 && (n != 23 || i != 0) {
					t.Errorf("%d calls arrived on line %d", n, i)
				}
			}
			synctest.Wait()
			for _, p := range calls {
				expect(t, "caller", p, "proceeding, sounding, answered")
				p.leg.Hangup(normal)
			}
			synctest.Wait()
			user.free()
			network.free()
		}
	})
}

// TestBackup: the line of the primary D channel is lost with and without an alarm; the backup takes over, answered calls
// go on and new ones are placed. The primary comes back, stands by, and takes over when the backup fails.
func TestBackup(t *testing.T) {
	for _, variant := range []string{"ni2", "5ess", "euroisdn-t1"} {
		for _, alarm := range []span.Alarm{span.LOS, 0} {
			t.Run(fmt.Sprintf("%s/%s", variant, alarm.Names()), func(t *testing.T) {
				grouped(t, variant, 3, true, func(t *testing.T, user, network *shared) {
					states(t, "at the start", user, network, "in service, standby")
					p := user.ends[2].dial(call.Outgoing{Called: "4001"})
					synctest.Wait()
					far := network.ends[2].last()
					far.leg.Answer()
					synctest.Wait()
					p.heard()
					far.heard()

					cutLine(user, network, 0, true, alarm)
					time.Sleep(40 * time.Second)
					states(t, "after the primary was lost", user, network, "down, in service")
					if user.ends[2].access.Now().Link != LinkUp || network.ends[0].access.Now().Link != LinkUp {
						t.Fatal("the group's signalling is not up")
					}
					second := network.ends[1].dial(call.Outgoing{Called: "4002"})
					synctest.Wait()
					user.ends[1].last().leg.Answer()
					synctest.Wait()
					expect(t, "a call after the switch-over", second, "proceeding, sounding, answered")
					if alarm != 0 {
						if s := user.ends[0].state(1); s != string(Blocked) {
							t.Errorf("a channel of the lost line is %s", s)
						}
					}

					cutLine(user, network, 0, false, 0)
					time.Sleep(40 * time.Second)
					states(t, "when the primary is back", user, network, "standby, in service")
					cutLine(user, network, 1, true, alarm)
					time.Sleep(40 * time.Second)
					states(t, "after the backup was lost", user, network, "in service, down")
					cutLine(user, network, 1, false, 0)
					time.Sleep(40 * time.Second)
					states(t, "when the backup is back", user, network, "in service, standby")

					expect(t, "the call of before", p, "")
					expect(t, "the call of before, far", far, "")
					p.leg.Hangup(normal)
					synctest.Wait()
					expect(t, "the call of before", p, "cleared 16 by us")
					expect(t, "the call of before, far", far, "cleared 16 by them")
					second.leg.Hangup(normal)
					synctest.Wait()
					user.free()
					network.free()
				})
			})
		}
	}
}

// TestPrimaryLateOrNever: the backup stands in for a primary that does not come up.
func TestPrimaryLateOrNever(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		user, network := newShared(t, "user", "ni2", 2, true), newShared(t, "network", "ni2", 2, true)
		for i := range user.ends {
			user.ends[i].wire.other, network.ends[i].wire.other = network.ends[i].wire, user.ends[i].wire
		}
		cutLine(user, network, 0, true, 0)
		user.run()
		network.run()
		time.Sleep(30 * time.Second)
		synctest.Wait()
		states(t, "without the primary", user, network, "down, in service")
		p := user.ends[1].dial(call.Outgoing{Called: "1"})
		synctest.Wait()
		expect(t, "a call", p, "proceeding")
		user.down()
		network.down()
		synctest.Wait()
	})
}

// TestSwitchOverByHand: the installer wants the other D channel. No talk is lost.
func TestSwitchOverByHand(t *testing.T) {
	for _, variant := range []string{"ni2", "euroisdn-t1"} {
		grouped(t, variant, 2, true, func(t *testing.T, user, network *shared) {
			p := user.ends[0].dial(call.Outgoing{Called: "4001"})
			synctest.Wait()
			network.ends[0].last().leg.Answer()
			synctest.Wait()
			p.heard()
			for _, want := range []string{"standby, in service", "in service, standby"} {
				if err := network.group.SwitchOver(); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Minute)
				states(t, variant+" after the switch-over", user, network, want)
			}
			expect(t, "the call", p, "")
			cutLine(user, network, 1, true, 0)
			time.Sleep(time.Minute)
			if err := network.group.SwitchOver(); err == nil {
				t.Error("there was something to switch over to")
			}
		})
	}
}

// TestSidesDisagree: each side has another D channel in service. As soon as anything is said the network's choice counts.
func TestSidesDisagree(t *testing.T) {
	for _, variant := range []string{"ni2", "euroisdn-t1"} {
		for _, userCalls := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s/user calls %v", variant, userCalls), func(t *testing.T) {
				grouped(t, variant, 2, true, func(t *testing.T, user, network *shared) {
					p := user.ends[0].dial(call.Outgoing{Called: "4001"})
					synctest.Wait()
					network.ends[0].last().leg.Answer()
					synctest.Wait()
					p.heard()
					network.group.loop.Do(func() {
						network.group.active = network.group.ds[1]
						network.group.showDs()
					})
					caller, called := user.ends[1], network.ends[1]
					if !userCalls {
						caller, called = called, caller
					}
					second := caller.dial(call.Outgoing{Called: "4002"})
					time.Sleep(20 * time.Second)
					states(t, "after a call", user, network, "standby, in service")
					if called.arrivals() != 1 {
						t.Errorf("%d calls arrived", called.arrivals())
					}
					expect(t, "the call", second, "proceeding")
					expect(t, "the call of before", p, "")
				})
			})
		}
	}
}

// TestLostLineOfAGroup: a line without a D channel is lost. Its calls live as long as T309, and no others are placed there.
func TestLostLineOfAGroup(t *testing.T) {
	grouped(t, "ni2", 3, true, func(t *testing.T, user, network *shared) {
		p := user.ends[2].dial(call.Outgoing{Called: "4001"})
		synctest.Wait()
		network.ends[2].last().leg.Answer()
		synctest.Wait()
		p.heard()
		cutLine(user, network, 2, true, span.AIS)
		time.Sleep(10 * time.Second)
		synctest.Wait()
		expect(t, "the call", p, "")
		if _, err := user.ends[2].access.Dial(call.Outgoing{Called: "1"}, nil); err == nil {
			t.Error("a call was placed on the lost line")
		}
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		if told := p.heard(); told != "cleared 27 by us" && told != "cleared 27 by them" {
			t.Errorf("after T309 the call told %q", told)
		}
		cutLine(user, network, 2, false, 0)
		time.Sleep(10 * time.Second)
		synctest.Wait()
		user.free()
		network.free()
		states(t, "all the while", user, network, "in service, standby")
	})
}

// TestGroupNeedsOnePrimary refuses lines whose D channels do not fit together.
func TestGroupNeedsOnePrimary(t *testing.T) {
	for _, roles := range [][]string{{}, {"none"}, {"primary", "backup", "backup"}, {"primary", "primary", "backup"}} {
		var lines []Options
		for i, role := range roles {
			settings := lineSettings(fmt.Sprintf("line%d", i), "user")
			settings.DChannel, settings.Interface = role, i
			lines = append(lines, Options{Line: newWire(), Settings: settings, Logger: slog.New(slog.DiscardHandler)})
		}
		if _, err := NewGroup(lines...); err == nil {
			t.Errorf("%v was taken", roles)
		}
	}
}
