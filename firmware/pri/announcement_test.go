package pri

import (
	"testing"
	"testing/synctest"
	"time"

	"trunkbox/firmware/call"
	"trunkbox/firmware/q850"
)

// The DISCONNECT of the far end to our call 1.
const (
	unallocated = "08 02 80 01 45 08 02 82 81 " // cause 1
	congested   = "08 02 80 01 45 08 02 82 aa " // cause 42, switching equipment congestion
	mayBeInband = "1e 02 82 81 "                // progress 1: not end-to-end ISDN
)

// TestAnnouncement: the network clears a call of ours that was not answered with tones or an announcement (clause
// 5.3.4.1/Q.931), and each way how that ends. The cause told is always that of the DISCONNECT.
func TestAnnouncement(t *testing.T) {
	for _, c := range []struct {
		name  string
		clear string
		end   func(user *end, p *party, x *exchange)
		hears []string // by the far end after DISCONNECT
	}{
		{"the network releases it", unallocated + inbandPI, func(_ *end, _ *party, x *exchange) {
			time.Sleep(12 * time.Second)
			x.say("08 02 80 01 4d")
		}, []string{"08 02 00 01 5a"}},
		{"our side hangs up", unallocated + mayBeInband, func(_ *end, p *party, x *exchange) {
			p.leg.Hangup(normal)
			p.leg.Hangup(normal)
			synctest.Wait()
			x.say("08 02 80 01 5a")
		}, []string{"08 02 00 01 4d 08 02 80 90"}},
		{"it goes on and on", unallocated + inbandPI, func(user *end, _ *party, x *exchange) {
			time.Sleep(29 * time.Second)
			synctest.Wait()
			x.hears()
			time.Sleep(2 * time.Second)
			synctest.Wait()
			if user.isOpen(1) {
				user.t.Error("the sound is open when enough was heard")
			}
			x.say("08 02 80 01 5a")
		}, []string{"08 02 00 01 4d"}},
		{"the data link goes", unallocated + inbandPI, func(user *end, _ *party, x *exchange) {
			user.wire.cut.Store(true)
			time.Sleep(25 * time.Second)
			user.wire.cut.Store(false)
			time.Sleep(5 * time.Second)
		}, nil},
		{"an emergency call needs the channel", unallocated + inbandPI, func(user *end, _ *party, x *exchange) {
			for range 29 {
				user.dial(call.Outgoing{Called: "4001"})
			}
			synctest.Wait()
			x.mu.Lock()
			x.got = nil
			x.mu.Unlock()
			for i := range 29 {
				x.say("08 02 80 " + []string{"0", "1"}[(i+2)>>4] + string("0123456789abcdef"[(i+2)&15]) + " 07")
			}
			x.mu.Lock()
			x.got = nil
			x.mu.Unlock()
			urgent := user.dial(call.Outgoing{Called: "110", Emergency: true})
			synctest.Wait()
			if urgent.leg.Name() != "user/ts01" {
				user.t.Errorf("the emergency call is on %s", urgent.leg.Name())
			}
			x.say("08 02 80 01 5a")
		}, []string{"08 02 00 01 4d 08 02 80 88", "08 02 00 1f 05 *"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			scripted(t, nil, func(t *testing.T, user *end, x *exchange) {
				p := user.dial(call.Outgoing{Called: "4001"})
				synctest.Wait()
				x.say("08 02 80 01 02 " + ts1)
				x.hears("08 02 00 01 05 *")
				x.say(c.clear)
				expect(t, "leg", p, "proceeding, inband, clearing 1")
				if p.leg.Sound() == nil || !user.isOpen(1) {
					t.Fatal("nobody can hear the announcement")
				}
				if s := user.state(1); s != string(Seized) {
					t.Errorf("timeslot 1 is %s", s)
				}
				c.end(user, p, x)
				synctest.Wait()
				expect(t, "leg", p, "cleared 1 by them")
				x.hears(c.hears...)
				if p.leg.Sound() != nil {
					t.Error("the sound is still open")
				}
				time.Sleep(time.Minute)
				synctest.Wait()
				expect(t, "leg a minute later", p, "")
			})
		})
	}
}

// TestNoAnnouncement: calls that are released at once when the network clears them.
func TestNoAnnouncement(t *testing.T) {
	proceeding := "08 02 80 01 02 " + ts1
	for _, c := range []struct {
		name string
		far  []string
		want string
	}{
		{"no progress indicator", []string{proceeding, unallocated}, "proceeding, cleared 1 by them"},
		{"progress 2 tells of no sound", []string{proceeding, unallocated + "1e 02 82 82"}, "proceeding, cleared 1 by them"},
		{"answered before", []string{"08 02 80 01 07 " + ts1, unallocated + inbandPI}, "sounding, answered, cleared 1 by them"},
		{"another line may do", []string{proceeding, congested + inbandPI}, "proceeding, cleared 42 by them"},
		{"no channel was agreed upon", []string{unallocated + inbandPI}, "cleared 1 by them"},
	} {
		t.Run(c.name, func(t *testing.T) {
			scripted(t, nil, func(t *testing.T, user *end, x *exchange) {
				p := user.dial(call.Outgoing{Called: "4001"})
				synctest.Wait()
				for _, message := range c.far {
					x.say(message)
				}
				expect(t, "leg", p, c.want)
				x.say("08 02 80 01 5a")
				user.free()
			})
		})
	}
}

// TestAnnouncementRestarted: a RESTART of its channel ends the listening.
func TestAnnouncementRestarted(t *testing.T) {
	scripted(t, nil, func(t *testing.T, user *end, x *exchange) {
		p := user.dial(call.Outgoing{Called: "4001"})
		synctest.Wait()
		x.say("08 02 80 01 02 " + ts1)
		x.say(unallocated + inbandPI)
		x.say("08 02 00 00 46 " + ts1 + "79 01 80")
		expect(t, "leg", p, "proceeding, inband, clearing 1, cleared 41 by us")
		user.free()
		time.Sleep(time.Minute)
		synctest.Wait()
		expect(t, "leg a minute later", p, "")
	})
}

// TestRestartOfTheInterfaceClearsAll: a call of ours that gave its channel to one of the network's has none, and goes with
// the interface all the same (clause 5.5.2/Q.931).
func TestRestartOfTheInterfaceClearsAll(t *testing.T) {
	scripted(t, nil, func(t *testing.T, user *end, x *exchange) {
		ours := user.dial(call.Outgoing{Called: "4001"})
		synctest.Wait()
		x.say(setup5 + speech + ts1 + called)
		x.say("08 02 00 00 46 79 01 86")
		expect(t, "ours", ours, "cleared 41 by us")
		expect(t, "theirs", user.last(), "cleared 41 by us")
		user.free()
	})
}

// TestWaitingForAChannelAtTheEnd: an emergency call that waits for its channel is told when the line goes out of service.
func TestWaitingForAChannelAtTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		user := newEnd(t, lineSettings("user", "user"))
		user.wire.other = newWire()
		user.run()
		synctest.Wait()
		user.wire.frames <- []byte{0x00, 0x01, 0x73} // UA
		synctest.Wait()
		for range 30 {
			user.dial(call.Outgoing{Called: "4001"})
		}
		synctest.Wait()
		urgent := user.dial(call.Outgoing{Called: "110", Emergency: true})
		synctest.Wait()
		user.down()
		expect(t, "emergency", urgent, "cleared 27 by us")
		synctest.Wait()
	})
}

// TestResourceUnavailable holds the class apart from its neighbours (Q.850 clause 2.2.5).
func TestResourceUnavailable(t *testing.T) {
	for cause, want := range map[q850.Cause]bool{31: false, 34: true, 42: true, 44: true, 47: true, 50: false, 1: false, 17: false} {
		if got := resourceUnavailable(cause); got != want {
			t.Errorf("cause %d: %v", cause, got)
		}
	}
}
