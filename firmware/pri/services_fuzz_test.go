package pri

import (
	"context"
	"testing"

	"trunkbox/firmware/call"
	"trunkbox/firmware/q931"
	"trunkbox/firmware/q932"
)

// FuzzServices gives an access in each variant a SETUP and a FACILITY with any facility element while it waits for answers
// to what it asked: nothing panics, and every channel is free afterwards.
func FuzzServices(f *testing.F) {
	seed := func(variant int, facility q932.Facility) { f.Add(uint8(variant), facility.AppendTo(nil)) }
	for variant := range q931.Profiles {
		for _, c := range []q932.Component{
			{Kind: q932.Result, ID: 1},
			{Kind: q932.Result, ID: 1, Given: true, Code: q932.Code{Global: "0.4.0.369.1.4"}, Argument: []byte{2, 1, 77}},
			{Kind: q932.Error, ID: 1, Code: q932.Code{Local: 3}},
			{Kind: q932.Rejected, ID: 1, Problem: q932.UnrecognisedOperation},
			{Kind: q932.Invoke, ID: 5, Code: q932.Code{Local: 0}, Argument: []byte("\x80\x03Bob")},
			{Kind: q932.Invoke, ID: 5, Code: q932.Code{Local: 34}, Argument: []byte{0x81, 0}},
			{Kind: q932.Invoke, ID: 5, Code: q932.Code{Local: 15}, Argument: []byte{0x30, 6, 2, 1, 1, 0x0a, 1, 1}},
			{Kind: q932.Invoke, ID: 5, Code: q932.Code{Local: 200}},
		} {
			seed(variant, q932.ETSI(c))
			seed(variant, q932.QSIG(q932.ClearCall, c))
		}
	}
	f.Fuzz(func(t *testing.T, variant uint8, octets []byte) {
		settings := lineSettings("line1", "user")
		settings.Variant, settings.NetworkTransfer = q931.Profiles[int(variant)%len(q931.Profiles)].Name, true
		e := newEnd(t, settings)
		a := e.access
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { a.loop.Run(ctx); close(done) }()
		a.loop.Do(func() { a.setLink(LinkUp, "") })
		ours := e.dial(call.Outgoing{Called: "4001"})
		a.loop.Do(func() {})
		ref := q931.Ref{Value: 5, Length: 2}
		facility := []q931.Element{{ID: q931.IDFacility, Data: octets[:min(len(octets), 255)]}}
		give := func(m q931.Message) { a.loop.Do(func() { a.received(m.AppendTo(nil)) }) }
		give(q931.Message{Ref: ref, Type: q931.MsgSetup, Bearer: a.bearer, Channel: q931.B(1, true), Called: q931.Number{Given: true, Digits: []byte("4001")}, Other: facility})
		if e.arrivals() > 0 {
			leg := e.last().leg.(call.Networked)
			leg.Report()
			leg.Deflect("123")
			leg.Answer()
			leg.Merge(ours.leg)
			a.loop.Do(func() {})
			for _, typ := range []q931.MessageType{q931.MsgFacility, q931.MsgFacility, q931.MsgNotify} {
				give(q931.Message{Ref: ref, Type: typ, Notification: q931.Some(uint8(0x7b)), Other: facility})
			}
			leg.Hangup(normal)
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
	})
}
