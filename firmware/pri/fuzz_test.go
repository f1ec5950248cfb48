package pri

import (
	"context"
	"testing"

	"trunkbox/firmware/call"
	"trunkbox/firmware/lapd"
)

// FuzzMessages gives an access any messages, each behind its length, with a call of ours under way. Whatever came, a
// RESTART of the interface leaves no call and no channel in use.
func FuzzMessages(f *testing.F) {
	for _, seed := range []string{
		"\x05\x08\x02\x80\x01\x07",
		"\x0f\x08\x02\x80\x01\x02\x18\x03\xa9\x83\x85\x1e\x02\x82\x88\x01",
		"\x16\x08\x02\x00\x05\x05\xa1\x04\x03\x80\x90\xa3\x18\x03\xa9\x83\x81\x70\x03\x81\x34\x30",
		"\x15\x08\x02\x00\x05\x05\x04\x03\x80\x90\xa3\x18\x03\xa9\x83\x81\x70\x03\x81\x34\x30\x08\x08\x02\x00\x05\x7b\x70\x02\x81\x31",
		"\x0d\x08\x02\x00\x00\x46\x18\x03\xa9\x83\x81\x79\x01\x80\x09\x08\x02\x80\x01\x5a\x08\x02\x82\xac",
	} {
		f.Add([]byte(seed), true)
		f.Add([]byte(seed), false)
	}
	f.Fuzz(func(t *testing.T, script []byte, user bool) {
		side, first := "user", lapd.Event{Input: lapd.FrameReceived, Octets: []byte{0x02, 0x01, 0x7f}}
		if !user {
			side, first.Octets = "network", []byte{0x00, 0x01, 0x7f}
		}
		settings := lineSettings("line1", side)
		settings.DDIDigits = 4
		e := newEnd(t, settings)
		a := e.access
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { a.loop.Run(ctx); close(done) }()
		a.loop.Do(func() { a.toLink(first) })
		ours := e.dial(call.Outgoing{Called: "4001"})
		e.onOffer = func(l call.Leg) { l.Alert(); l.Progress(); l.Answer() }
		for len(script) > 0 {
			n := min(int(script[0]), len(script)-1)
			message := script[1 : 1+n]
			script = script[1+n:]
			a.loop.Do(func() { a.received(message) })
		}
		ours.leg.Hangup(normal)
		a.loop.Do(func() {})
		a.loop.Do(func() { a.received([]byte{0x08, 0x02, 0x00, 0x00, 0x46, 0x79, 0x01, 0x87}) })
		for _, ch := range a.Now().Channels {
			if ch.State != string(Idle) {
				t.Errorf("timeslot %d is %s (%s)", ch.Timeslot, ch.State, ch.Reason)
			}
		}
		stop()
		<-done
		a.close()
		e.mu.Lock()
		defer e.mu.Unlock()
		if len(e.open) != 0 {
			t.Errorf("timeslots %v are left open", e.open)
		}
	})
}

// FuzzFrames gives an access any frames, each behind its length, on either side: nothing panics, and the link can be
// set up afterwards.
func FuzzFrames(f *testing.F) {
	for _, seed := range []string{
		"\x03\x02\x01\x7f\x03\x02\x01\x53\x03\x00\x01\x73",
		"\x03\x02\x01\x7f\x04\x02\x01\x01\x01\x04\x00\x01\x05\x08\x04\x02\x01\x09\x00",
		"\x03\x02\x01\x7f\x14\x02\x01\x00\x00\x08\x02\x00\x05\x05\xa1\x04\x03\x80\x90\xa3\x18\x03\xa9\x83\x81",
		"\x03\x02\x01\xaf\x08\x00\x01\x87\x00\x00\x00\x00\x00\x02\x02\x01\x00\x05\x03\xff\x03\x0f\x00",
	} {
		f.Add([]byte(seed), true)
		f.Add([]byte(seed), false)
	}
	f.Fuzz(func(t *testing.T, script []byte, user bool) {
		side, address := "user", []byte{0x02, 0x01}
		if !user {
			side, address = "network", []byte{0x00, 0x01}
		}
		a := newEnd(t, lineSettings("line1", side)).access
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { a.loop.Run(ctx); close(done) }()
		for len(script) > 0 {
			n := min(int(script[0]), len(script)-1)
			frame := script[1 : 1+n]
			script = script[1+n:]
			a.loop.Do(func() { a.toLink(lapd.Event{Input: lapd.FrameReceived, Octets: frame}) })
		}
		a.loop.Do(func() {
			a.toLink(lapd.Event{Input: lapd.PersistentDeactivation})
			a.toLink(lapd.Event{Input: lapd.FrameReceived, Octets: append(address, 0x7f)})
		})
		if now := a.Now(); now.Link != LinkUp {
			t.Errorf("the link is %s", now.Link)
		}
		stop()
		<-done
		a.close()
	})
}
