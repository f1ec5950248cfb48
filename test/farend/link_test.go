package farend

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"trunkbox/drivers/span"
	"trunkbox/drivers/vspan"
)

// withScript plays frames of the user side to a network exchange.
func withScript(t *testing.T, o Options, test func(x *table, d *Dialogue)) {
	synctest.Test(t, func(t *testing.T) {
		cable := vspan.New(vspan.Options{})
		ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
		t.Cleanup(cancel)
		x := &table{T: t, ctx: ctx, cable: cable, network: New(cable.B(), o)}
		done := make(chan error, 1)
		go func() { done <- x.network.Run(x.ctx) }()
		d, stop := Script(cable.A())
		t.Cleanup(func() {
			stop()
			cable.B().Close()
			<-done
		})
		test(x, d)
	})
}

func (x *table) dialogue(d *Dialogue, steps ...string) {
	x.Helper()
	for _, step := range steps {
		var err error
		if octets := step[1:]; step[0] == '>' {
			err = d.Send(octets)
		} else {
			_, err = d.Expect(x.ctx, octets)
		}
		if err != nil {
			x.Fatalf("%s: %v", step, err)
		}
	}
}

// Frames of the user to us: command 00 01, response 02 01; ours: command 02 01, response 00 01.
func TestLinkFrames(t *testing.T) {
	up := []string{"<02 01 7f", ">02 01 73"}
	enquiry := " 08 02 00 06 75" // answered by a message of layer 3
	tests := []struct {
		name    string
		passive bool
		steps   []string
	}{
		{"SABME until UA", false, []string{"<02 01 7f", "<02 01 7f", "<02 01 7f", "<02 01 7f", ">02 01 73", "<02 01 01 01", ">02 01 01 01"}},
		{"the peer begins", true, []string{">00 01 7f", "<00 01 73"}},
		{"DISC and again", true, []string{">00 01 7f", "<00 01 73", ">00 01 53", "<00 01 73", ">00 01 53", "<00 01 1f"}},
		{"poll while down", true, []string{">00 01 01 01", "<00 01 1f"}},
		{"I frames are acknowledged", false, append(up, ">00 01 00 00"+enquiry, "<00 01 01 02", "<02 01 00 02 08 02 80 06 7d*", ">02 01 01 02",
			">00 01 02 03"+enquiry, "<00 01 01 05", "<02 01 02 04 08*")},
		{"a gap is rejected once", false, append(up, ">00 01 02 00"+enquiry, "<00 01 09 00", ">00 01 04 00"+enquiry, ">00 01 00 00"+enquiry,
			"<00 01 01 02", "<02 01 00 02*", ">00 01 06 02"+enquiry, "<00 01 09 02")},
		{"REJ sends again", false, append(up, ">00 01 00 00"+enquiry, "<00 01 01 02", "<02 01 00 02*", ">02 01 09 00", "<02 01 00 02*")},
		{"no acknowledgement: poll, then again", false, append(up, ">00 01 00 00"+enquiry, "<00 01 01 02", "<02 01 00 02*",
			"<02 01 01 03", ">02 01 01 01", "<02 01 00 02*", ">02 01 01 02")},
		{"no answer to three polls: anew", false, append(up, ">00 01 00 00"+enquiry, "<00 01 01 02", "<02 01 00 02*",
			"<02 01 01 03", "<02 01 01 03", "<02 01 01 03", "<02 01 7f", ">02 01 73")},
		{"the peer is busy", false, append(up, ">02 01 05 00", ">00 01 00 00"+enquiry, "<00 01 01 02", ">02 01 01 00", "<02 01 00 02*")},
		{"an impossible N(R): anew", false, append(up, ">02 01 01 08", "<02 01 7f")},
		{"SABME while up", false, append(up, ">00 01 00 00"+enquiry, "<00 01 01 02", "<02 01 00 02*", ">00 01 7f", "<00 01 73",
			">00 01 00 00"+enquiry, "<00 01 01 02", "<02 01 00 02*")},
		{"DM while up: anew", false, append(up, ">02 01 0f", "<02 01 7f")},
		{"FRMR: anew", false, append(up, ">02 01 87 00 00 00 00 00", "<02 01 7f")},
		{"idle: poll", false, append(up, "<02 01 01 01", ">02 01 01 01", "<02 01 01 01")},
		{"other addresses and short frames", false, append(up, ">fc ff 03 08", ">00 03 01 01", ">00 01 01", ">00 01 01 01", "<00 01 01 01")},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			withScript(t, Options{Passive: test.passive}, func(x *table, d *Dialogue) { x.dialogue(d, test.steps...) })
		})
	}
}

// The window is 7: the eighth message waits for an acknowledgement.
func TestLinkWindow(t *testing.T) {
	withScript(t, Options{}, func(x *table, d *Dialogue) {
		d.Skip = func(f []byte) bool { return f[0] == 0x00 && f[2] == 0x01 } // RR
		x.dialogue(d, "<02 01 7f", ">02 01 73")
		for i := range 8 {
			x.must(d.send([]byte{0x00, 0x01, byte(i << 1), 0, 0x08, 0x02, 0x00, 0x06, 0x75}))
		}
		for i := range 7 {
			f, err := d.Expect(x.ctx, "02 01 .. .. 08*")
			x.must(err)
			if int(f[2]>>1) != i {
				t.Errorf("N(S) %d, want %d", f[2]>>1, i)
			}
		}
		x.must(d.ExpectNothing(600 * time.Millisecond))
		x.dialogue(d, ">02 01 01 02", "<02 01 0e .. 08*")
	})
}

// Calls go through a line that spoils frames.
func TestCallsOnABadLine(t *testing.T) {
	fast := Timers{T200: 200 * time.Millisecond}
	withTable(t, span.E1, Options{Timers: fast}, Options{Timers: fast}, func(x *table) {
		x.must(x.user.WaitLink(x.ctx))
		for d := range vspan.Direction(2) {
			x.cable.SetFault(d, vspan.Fault{BitErrorRatio: 5e-4, Seed: 7 + uint64(d)})
		}
		for i := range 60 {
			from, to := x.user, x.network
			if i%2 == 1 {
				from, to = to, from
			}
			here, there := x.call(from, to, Setup{Called: "10400", Calling: "0755123456"})
			x.must(here.WaitAnswer(x.ctx))
			here.Hangup(16)
			x.cleared(there, 16)
			x.must(here.WaitGone(x.ctx))
		}
		c, u := x.cable.A().Status().Counters, x.user.link
		if c.BadFCS == 0 || u.resent+u.polls+x.network.link.resent+x.network.link.polls == 0 {
			t.Errorf("%d frames were bad, %d+%d sent again, %d polls: the line was too good for this test", c.BadFCS, u.resent, x.network.link.resent, u.polls)
		}
	})
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte{0x08, 0x02, 0x00, 0x01, 0x05, 0x04, 0x03, 0x80, 0x90, 0xa3, 0x18, 0x03, 0xa9, 0x83, 0x81, 0x70, 0x02, 0x81, 0x31, 0xa1})
	f.Add([]byte{0x08, 0x01, 0x05, 0x7d, 0x96, 0x70, 0x01, 0x00, 0x9d, 0x08, 0x01, 0x80})
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := decode(raw)
		if err != nil {
			return
		}
		m.cause()
		m.channel()
		m.digits(ieCalled)
		again, err := decode(m.encode())
		if err != nil || again.ref != m.ref || again.typ != m.typ || len(again.ies) != len(m.ies) {
			t.Errorf("%+v written and read again is %+v, %v", m, again, err)
		}
	})
}

// FuzzFrames feeds octets of a stranger to link and calls; nothing may panic.
func FuzzFrames(f *testing.F) {
	f.Add([]byte{0x02, 0x01, 0x73})
	f.Add([]byte{0x00, 0x01, 0x00, 0x00, 0x08, 0x02, 0x00, 0x06, 0x45, 0x08, 0x02, 0x80, 0x90})
	f.Fuzz(func(t *testing.T, frame []byte) {
		cable := vspan.New(vspan.Options{Clock: vspan.NewManual()})
		e := New(cable.B(), Options{})
		now := time.Now()
		e.link.establish(now)
		e.link.receive(now, []byte{0x02, 0x01, 0x73})
		if _, err := e.place(Setup{Called: "1"}); err != nil {
			t.Fatal(err)
		}
		e.link.receive(now, frame)
		e.layer3(frame)
		for _, c := range e.calls {
			c.disarm()
		}
	})
}
