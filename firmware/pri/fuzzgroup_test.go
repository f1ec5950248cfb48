package pri

import (
	"context"
	"testing"

	"trunkbox/firmware/call"
	"trunkbox/firmware/lapd"
)

// FuzzGroups gives a group of three lines with two D channels any messages on either of them, each behind its length and the
// number of its D channel, with a call of ours under way. Whatever came, a RESTART of all interfaces leaves no call and no
// channel in use, and one D channel is in service.
func FuzzGroups(f *testing.F) {
	for _, seed := range []string{
		"\x00\x05\x08\x02\x80\x01\x07\x01\x05\x08\x02\x80\x01\x07",
		"\x01\x0d\x43\x02\x00\x00\x07\x01\x01\xc0\x18\x02\xcd\x81\x00\x05\x08\x02\x80\x01\x45",
		"\x00\x0d\x43\x02\x00\x00\x07\x01\x01\xc2\x18\x03\xa9\x83\x81\x00\x0e\x43\x02\x00\x00\x07\x01\x01\xc2\x18\x04\xe9\x81\x83\x98",
		"\x00\x17\x08\x02\x00\x05\x05\x04\x03\x80\x90\xa2\x18\x04\xe9\x82\x83\x98\x70\x05\xa1\x34\x30\x30\x31",
		"\x01\x09\x08\x02\x00\x00\x46\x79\x01\x87\x00\x0e\x08\x02\x00\x00\x46\x18\x04\xe9\x81\x83\x81\x79\x01\x80",
	} {
		f.Add([]byte(seed), true)
		f.Add([]byte(seed), false)
	}
	f.Fuzz(func(t *testing.T, script []byte, user bool) {
		side, command := "user", byte(0x02)
		if !user {
			side, command = "network", 0x00
		}
		s := newShared(t, side, "ni2", 3, true)
		g := s.group
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { g.loop.Run(ctx); close(done) }()
		g.loop.Do(func() {
			for _, d := range g.ds {
				d.handle(lapd.Event{Input: lapd.FrameReceived, Octets: []byte{command, 0x01, 0x7f}})
			}
		})
		for _, e := range s.ends {
			e.onOffer = func(l call.Leg) { l.Alert(); l.Progress(); l.Answer() }
		}
		ours := s.ends[2].dial(call.Outgoing{Called: "4001"})
		for len(script) > 1 {
			d, n := g.ds[script[0]&1], min(int(script[1]), len(script)-2)
			message := script[2 : 2+n]
			script = script[2+n:]
			g.loop.Do(func() {
				if whole := d.joined(message); whole != nil && d.up {
					d.hears(whole)
				}
			})
		}
		ours.leg.Hangup(normal)
		g.loop.Do(func() {})
		g.loop.Do(func() { g.received([]byte{0x08, 0x02, 0x00, 0x00, 0x46, 0x79, 0x01, 0x87}) })
		for _, e := range s.ends {
			for _, ch := range e.access.Now().Channels {
				if ch.State != string(Idle) {
					t.Errorf("%s: timeslot %d is %s (%s)", e.access.Settings.Name, ch.Timeslot, ch.State, ch.Reason)
				}
			}
		}
		g.loop.Do(func() {
			if g.active.held {
				t.Error("the D channel in service is held")
			}
		})
		stop()
		<-done
		g.close()
		for _, e := range s.ends {
			if len(e.open) != 0 {
				t.Errorf("timeslots %v are left open", e.open)
			}
		}
	})
}
