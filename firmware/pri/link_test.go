package pri

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"trunkbox/drivers/span"
	"trunkbox/firmware/call"
	"trunkbox/firmware/config"
)

// cut takes the signal from both ends' frames, or gives it back.
func cut(user, network *end, on bool) {
	user.wire.cut.Store(on)
	network.wire.cut.Store(on)
}

// talkAndRing places a call that is answered and one that only rings.
func talkAndRing(t *testing.T, x, y *end) (talking, talkingFar, ringing, ringingFar *party) {
	t.Helper()
	talking = x.dial(call.Outgoing{Called: "4001"})
	synctest.Wait()
	talkingFar = y.last()
	talkingFar.leg.Answer()
	synctest.Wait()
	ringing = x.dial(call.Outgoing{Called: "4002"})
	synctest.Wait()
	ringingFar = y.last()
	ringingFar.leg.Alert()
	synctest.Wait()
	for _, p := range []*party{talking, talkingFar, ringing, ringingFar} {
		p.heard()
	}
	return talking, talkingFar, ringing, ringingFar
}

// TestLinkLost: frames are lost for half a minute. The call that was talking goes on, the other ends.
func TestLinkLost(t *testing.T) {
	both(t, nil, func(t *testing.T, x, y *end) {
		talking, talkingFar, ringing, ringingFar := talkAndRing(t, x, y)
		cut(x, y, true)
		time.Sleep(30 * time.Second)
		synctest.Wait()
		for _, e := range []*end{x, y} {
			if now := e.access.Now(); now.Link != LinkEstablishing || time.Since(now.Since) > 25*time.Second {
				t.Errorf("%s: link %s since %v", e.access.Settings.Name, now.Link, time.Since(now.Since))
			}
			if _, err := e.access.Dial(call.Outgoing{Called: "1"}, nil); !errors.Is(err, ErrLinkDown) {
				t.Errorf("Dial: %v", err)
			}
		}
		expect(t, "ringing", ringing, "cleared 27 by us")
		expect(t, "ringing far", ringingFar, "cleared 27 by us")
		cut(x, y, false)
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if x.access.Now().Link != LinkUp || y.access.Now().Link != LinkUp {
			t.Fatal("the link did not come back")
		}
		expect(t, "talking", talking, "")
		expect(t, "talking far", talkingFar, "")
		talking.leg.Hangup(normal)
		synctest.Wait()
		expect(t, "talking", talking, "cleared 16 by us")
		expect(t, "talking far", talkingFar, "cleared 16 by them")
		x.free()
		y.free()
	})
}

// TestLinkLostForGood: after T309 the talking call ends as well.
func TestLinkLostForGood(t *testing.T) {
	both(t, nil, func(t *testing.T, x, y *end) {
		talking, talkingFar, _, _ := talkAndRing(t, x, y)
		cut(x, y, true)
		time.Sleep(3 * time.Minute)
		synctest.Wait()
		expect(t, "talking", talking, "cleared 27 by us")
		expect(t, "talking far", talkingFar, "cleared 27 by us")
		x.free()
		y.free()
	})
}

// TestAlarm: the line is down for a second, which nobody notices, and for twenty.
func TestAlarm(t *testing.T) {
	both(t, nil, func(t *testing.T, x, y *end) {
		alarm := func(alarm span.Alarm, for_ time.Duration) {
			for _, e := range []*end{x, y} {
				e.wire.alarms.Store(uint32(alarm))
			}
			cut(x, y, true)
			time.Sleep(for_)
			synctest.Wait()
		}
		clear := func() {
			for _, e := range []*end{x, y} {
				e.wire.alarms.Store(0)
			}
			cut(x, y, false)
			time.Sleep(5 * time.Second)
			synctest.Wait()
		}
		talking, talkingFar, _, _ := talkAndRing(t, x, y)
		alarm(span.LOS, time.Second)
		clear()
		if x.access.Now().Link != LinkUp {
			t.Error("a second's alarm brought the link down")
		}
		x.notes()
		alarm(span.LOS, 20*time.Second)
		if now := x.access.Now(); now.Link != LinkDown {
			t.Errorf("link %s", now.Link)
		}
		if notes := x.notes(); !strings.Contains(notes, "link down") {
			t.Errorf("the observer was told %q", notes)
		}
		clear()
		if x.access.Now().Link != LinkUp || y.access.Now().Link != LinkUp {
			t.Error("the link did not come back")
		}
		if notes := x.notes(); !strings.Contains(notes, "link up") {
			t.Errorf("the observer was told %q", notes)
		}
		expect(t, "talking", talking, "")
		expect(t, "talking far", talkingFar, "")
		alarm(span.RAI, 20*time.Second)
		if now := x.access.Now(); now.Link == LinkDown {
			t.Error("RAI alone is not the line down")
		}
	})
}

// TestRefusedLink: a far end that answers SABME with DM is asked once a second, not in a storm.
func TestRefusedLink(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		user := newEnd(t, lineSettings("user", "user"))
		asked := 0
		refuse := func(frame []byte) bool {
			if frame[2] == 0x7f {
				asked++
				user.wire.frames <- []byte{0x00, 0x01, 0x1f}
			}
			return false
		}
		user.wire.tap.Store(&refuse)
		user.wire.other = newWire()
		user.run()
		time.Sleep(time.Minute)
		synctest.Wait()
		if asked < 50 || asked > 70 {
			t.Errorf("SABME was sent %d times in a minute", asked)
		}
		if now := user.access.Now(); now.Link != LinkEstablishing {
			t.Errorf("link %s", now.Link)
		}
		user.down()
		synctest.Wait()
	})
}

// TestRestartBackToBack: both sides restart all channels at start-up.
func TestRestartBackToBack(t *testing.T) {
	joined(t, func(u, n *config.Line) { u.Restart, n.Restart = true, true }, func(t *testing.T, user, network *end) {
		time.Sleep(time.Second)
		synctest.Wait()
		user.free()
		network.free()
		for _, e := range []*end{user, network} {
			notes := e.notes()
			for _, ts := range e.wire.Kind().B() {
				name := e.access.channelName(ts)
				if !strings.Contains(notes, name+" restarting\n"+name+" idle") {
					t.Errorf("%s was not restarted", name)
				}
			}
		}
	})
}

// TestLossyLine: one frame in seven is lost on the way; calls come and go all the same.
func TestLossyLine(t *testing.T) {
	both(t, nil, func(t *testing.T, x, y *end) {
		for _, w := range []*wire{x.wire, y.wire} {
			n := 0
			lose := func([]byte) bool { n++; return n%7 != 0 }
			w.tap.Store(&lose)
		}
		for range 50 {
			a := x.dial(call.Outgoing{Called: "4001"})
			time.Sleep(10 * time.Second)
			b := y.last()
			b.leg.Answer()
			time.Sleep(10 * time.Second)
			a.leg.Hangup(normal)
			time.Sleep(10 * time.Second)
			synctest.Wait()
			expect(t, "caller", a, "proceeding, sounding, answered, cleared 16 by us")
			expect(t, "called", b, "sounding, cleared 16 by them")
		}
		x.free()
		y.free()
	})
}
