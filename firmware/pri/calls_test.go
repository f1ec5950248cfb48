package pri

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"trunkbox/firmware/call"
	"trunkbox/firmware/config"
	"trunkbox/firmware/q850"
)

// both runs a test in both directions: the user calls, the network calls.
func both(t *testing.T, change func(user, network *config.Line), test func(t *testing.T, caller, called *end)) {
	t.Helper()
	t.Run("user calls", func(t *testing.T) {
		joined(t, change, func(t *testing.T, user, network *end) { test(t, user, network) })
	})
	t.Run("network calls", func(t *testing.T) {
		joined(t, change, func(t *testing.T, user, network *end) { test(t, network, user) })
	})
}

func TestAnsweredCall(t *testing.T) {
	both(t, nil, func(t *testing.T, caller, called *end) {
		a := caller.dial(call.Outgoing{Called: "4001", Calling: call.Number{Digits: "02151234567"}})
		synctest.Wait()
		b := called.last()
		if b.incoming.Called != "4001" || b.incoming.Calling.Digits != "02151234567" || b.incoming.Trunk != called.access.Settings.Name {
			t.Errorf("arrived as %+v", b.incoming)
		}
		expect(t, "caller", a, "proceeding")
		if a.leg.Sound() != nil || b.leg.Sound() != nil {
			t.Error("sound is open before there is any")
		}
		b.leg.Alert()
		b.leg.Alert()
		synctest.Wait()
		expect(t, "caller", a, "alerting")
		b.leg.Progress()
		synctest.Wait()
		expect(t, "caller", a, "inband")
		expect(t, "called", b, "sounding")
		b.leg.Answer()
		b.leg.Answer()
		synctest.Wait()
		expect(t, "caller", a, "answered")
		expect(t, "called", b, "")
		if a.leg.Sound() == nil || b.leg.Sound() == nil {
			t.Fatal("no sound on an answered call")
		}
		if x, y := a.leg.Sound().(silence).ts, b.leg.Sound().(silence).ts; x != y {
			t.Errorf("one end hears timeslot %d, the other %d", x, y)
		}
		time.Sleep(time.Hour) // longer than any timer
		synctest.Wait()
		a.leg.Hangup(normal)
		a.leg.Hangup(busy)
		synctest.Wait()
		expect(t, "caller", a, "cleared 16 by us")
		expect(t, "called", b, "cleared 16 by them")
		b.leg.Hangup(normal)
		b.leg.Answer()
		synctest.Wait()
		expect(t, "called", b, "")
		caller.free()
		called.free()
	})
}

// TestWaysToClear holds the causes of both sides together, whoever clears and whenever.
func TestWaysToClear(t *testing.T) {
	stages := []struct {
		name string
		do   func(b call.Leg)
	}{
		{"offered", func(call.Leg) {}},
		{"alerting", func(b call.Leg) { b.Alert() }},
		{"progress", func(b call.Leg) { b.Progress() }},
		{"answered", func(b call.Leg) { b.Alert(); b.Answer() }},
	}
	causes := []q850.Cause{1, 16, 17, 18, 19, 21, 22, 27, 31, 34, 38, 41, 42, 47, 88}
	for _, stage := range stages {
		for _, caller := range []bool{true, false} {
			who := map[bool]string{true: "caller", false: "called"}[caller]
			t.Run(stage.name+"/"+who+" clears", func(t *testing.T) {
				both(t, nil, func(t *testing.T, x, y *end) {
					for _, cause := range causes {
						a := x.dial(call.Outgoing{Called: "4001"})
						synctest.Wait()
						b := y.last()
						stage.do(b.leg)
						synctest.Wait()
						a.heard()
						b.heard()
						first, second := a, b
						if !caller {
							first, second = b, a
						}
						first.leg.Hangup(cause)
						synctest.Wait()
						expect(t, "who clears", first, fmt.Sprintf("cleared %d by us", cause))
						expect(t, "who is cleared", second, fmt.Sprintf("cleared %d by them", cause))
					}
					x.free()
					y.free()
				})
			})
		}
	}
}

func TestBothClearAtOnce(t *testing.T) {
	both(t, nil, func(t *testing.T, x, y *end) {
		a := x.dial(call.Outgoing{Called: "4001"})
		synctest.Wait()
		b := y.last()
		b.leg.Answer()
		synctest.Wait()
		a.heard()
		b.heard()
		a.leg.Hangup(normal)
		b.leg.Hangup(busy)
		synctest.Wait()
		expect(t, "caller", a, "cleared 16 by us")
		expect(t, "called", b, "cleared 17 by us")
		x.free()
		y.free()
	})
}

func TestRefusedAtOnce(t *testing.T) {
	both(t, nil, func(t *testing.T, x, y *end) {
		y.refuse = true
		a := x.dial(call.Outgoing{Called: "4001"})
		synctest.Wait()
		expect(t, "caller", a, "cleared 21 by them")
		x.free()
		y.free()
	})
}

// TestNoChannel fills the line: the 31st call of this side is refused here, one of the other side there.
func TestNoChannel(t *testing.T) {
	both(t, nil, func(t *testing.T, x, y *end) {
		var calls []*party
		for range 30 {
			calls = append(calls, x.dial(call.Outgoing{Called: "4001"}))
		}
		synctest.Wait()
		if y.arrivals() != 30 {
			t.Fatalf("%d calls arrived", y.arrivals())
		}
		if _, err := x.access.Dial(call.Outgoing{Called: "4001"}, nil); !errors.Is(err, ErrNoChannel) {
			t.Errorf("the 31st call: %v", err)
		}
		if _, err := y.access.Dial(call.Outgoing{Called: "4001"}, nil); !errors.Is(err, ErrNoChannel) {
			t.Errorf("a call the other way: %v", err)
		}
		for _, c := range calls {
			c.leg.Hangup(normal)
		}
		synctest.Wait()
		for _, c := range calls {
			expect(t, "caller", c, "proceeding, cleared 16 by us")
		}
		x.free()
		y.free()
	})
}

// TestFarEndFull: every channel is busy at the far end only, as after a fault. Exclusive is 44, preferred is 34.
func TestFarEndFull(t *testing.T) {
	for selection, want := range map[string]string{"exclusive": "cleared 44 by them", "preferred": "cleared 34 by them"} {
		t.Run(selection, func(t *testing.T) {
			both(t, func(u, n *config.Line) { u.Selection, n.Selection = selection, selection }, func(t *testing.T, x, y *end) {
				for _, ts := range y.access.Line.Kind().B() {
					y.access.channels.take(ts, &leg{known: &known{}, group: y.access.Group, access: y.access})
				}
				a := x.dial(call.Outgoing{Called: "4001"})
				synctest.Wait()
				expect(t, "caller", a, want)
				x.free()
			})
		})
	}
}

func TestDDI(t *testing.T) {
	for _, c := range []struct {
		digits       int
		dialled, got string
	}{{0, "02155664001", "02155664001"}, {4, "02155664001", "4001"}, {4, "4001", "4001"}, {6, "+862155664001", "664001"}} {
		both(t, func(u, n *config.Line) { u.DDIDigits, n.DDIDigits = c.digits, c.digits }, func(t *testing.T, x, y *end) {
			x.dial(call.Outgoing{Called: c.dialled})
			synctest.Wait()
			if got := y.last().incoming.Called; got != c.got {
				t.Errorf("%q with %d digits kept: %q, want %q", c.dialled, c.digits, got, c.got)
			}
		})
	}
}

func TestCallingNumber(t *testing.T) {
	both(t, nil, func(t *testing.T, x, y *end) {
		for _, calling := range []call.Number{{}, {Digits: "13800000000"}, {Digits: "+8613800000000"}, {Digits: "110", Restricted: true}} {
			x.dial(call.Outgoing{Called: "1", Calling: calling})
			synctest.Wait()
			if got := y.last().incoming.Calling; got != calling {
				t.Errorf("sent %+v, arrived %+v", calling, got)
			}
		}
	})
}

// TestEmergency takes channels by force in the order that preempt tells.
func TestEmergency(t *testing.T) {
	both(t, nil, func(t *testing.T, x, y *end) {
		place := func(n int, answer bool) []*party {
			var placed []*party
			for range n {
				p := x.dial(call.Outgoing{Called: "4001"})
				synctest.Wait()
				if answer {
					y.last().leg.Answer()
				}
				time.Sleep(100 * time.Millisecond)
				placed = append(placed, p)
			}
			return placed
		}
		in := make([]*party, 27)
		for i := range in {
			in[i] = y.dial(call.Outgoing{Called: "4002"})
			synctest.Wait()
			time.Sleep(100 * time.Millisecond)
		}
		ringing, talking := place(2, false), place(1, true)
		synctest.Wait()
		for _, p := range append(append([]*party{}, ringing...), talking...) {
			p.heard()
		}
		order := []*party{ringing[1], ringing[0], talking[0], x.arrived[26], x.arrived[25]}
		var urgent []*party
		for i, victim := range order {
			want := victim.leg.Name() // it has none as soon as it is cleared
			p := x.dial(call.Outgoing{Called: "110", Emergency: true})
			if p.leg.Name() != want {
				t.Errorf("emergency call %d is on %s, want %s", i, p.leg.Name(), want)
			}
			synctest.Wait()
			expect(t, "victim", victim, "cleared 8 by us")
			expect(t, "emergency", p, "proceeding")
			if y.last().incoming.Called != "110" {
				t.Errorf("arrived: %+v", y.last().incoming)
			}
			urgent = append(urgent, p)
		}
		if _, err := x.access.Dial(call.Outgoing{Called: "4001"}, nil); !errors.Is(err, ErrNoChannel) {
			t.Errorf("another call: %v", err)
		}
		for _, p := range urgent {
			p.leg.Hangup(normal)
		}
		synctest.Wait()
		for _, p := range urgent {
			expect(t, "emergency", p, "cleared 16 by us")
		}
	})
}

// TestEmergencyGivenUp: who asked for the channel is gone when it is free.
func TestEmergencyGivenUp(t *testing.T) {
	joined(t, nil, func(t *testing.T, user, network *end) {
		for range 30 {
			user.dial(call.Outgoing{Called: "4001"})
		}
		synctest.Wait()
		p := user.dial(call.Outgoing{Called: "110", Emergency: true})
		p.leg.Hangup(normal)
		synctest.Wait()
		expect(t, "emergency", p, "cleared 16 by us")
		if n := network.arrivals(); n != 30 {
			t.Errorf("%d calls arrived", n)
		}
		if _, err := user.access.Dial(call.Outgoing{Called: "4001"}, nil); err != nil {
			t.Errorf("the channel is not free: %v", err)
		}
	})
}
