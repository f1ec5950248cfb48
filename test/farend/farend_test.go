package farend

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"trunkbox/drivers/span"
	"trunkbox/drivers/vspan"
)

// table is two exchanges on one cable, a network and a user, in a bubble of synctest: its seconds cost
// nothing.
type table struct {
	*testing.T
	ctx           context.Context
	cable         *vspan.Cable
	network, user *Exchange
}

func withTable(t *testing.T, kind span.Kind, network, user Options, test func(*table)) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
		user.Side = User
		cable := vspan.New(vspan.Options{Kind: kind})
		x := &table{T: t, ctx: ctx, cable: cable, network: New(cable.B(), network), user: New(cable.A(), user)}
		done := make(chan error, 2)
		go func() { done <- x.network.Run(ctx) }()
		go func() { done <- x.user.Run(ctx) }()
		t.Cleanup(func() {
			cancel()
			for range 2 {
				if err := <-done; err != nil {
					t.Error(err)
				}
			}
		})
		test(x)
	})
}

func (x *table) must(err error) {
	x.Helper()
	if err != nil {
		x.Fatal(err)
	}
}

// call places a call from one exchange and returns both ends of it.
func (x *table) call(from, to *Exchange, s Setup) (here, there *Call) {
	x.Helper()
	here, err := from.Place(x.ctx, s)
	x.must(err)
	there, err = to.WaitCall(x.ctx)
	x.must(err)
	return here, there
}

func (x *table) cleared(c *Call, cause int) {
	x.Helper()
	got, _, err := c.WaitCleared(x.ctx)
	x.must(err)
	if got != cause {
		x.Errorf("the call to %s was cleared with cause %d, want %d", c.Called(), got, cause)
	}
	x.must(c.WaitGone(x.ctx))
}

func TestAnsweredCallWithSound(t *testing.T) {
	for _, kind := range []span.Kind{span.E1, span.T1} {
		for _, fromNetwork := range []bool{true, false} {
			withTable(t, kind, Options{TellTheTime: true}, Options{}, func(x *table) {
				from, to := x.user, x.network
				if fromNetwork {
					from, to = to, from
				}
				here, there := x.call(from, to, Setup{Called: "8001", Calling: "13800001234", Name: "Wang Fang"})
				x.must(here.WaitAlerting(x.ctx))
				x.must(here.WaitHears(x.ctx, ringback(from.law).Steps[0].Sines[0].Hz, 0.4)) // 450 Hz, or 440 of 440 + 480
				x.must(here.WaitAnswer(x.ctx))
				x.must(there.WaitConnectAck(x.ctx))
				if there.Called() != "8001" || there.Calling() != "13800001234" || there.Display() != "Wang Fang" {
					t.Errorf("called %q, calling %q, display %q", there.Called(), there.Calling(), there.Display())
				}
				if here.Channel() != there.Channel() || here.Channel() == 0 {
					t.Errorf("channels %d and %d", here.Channel(), there.Channel())
				}
				there.PlayTone(620)
				here.PlayTone(1330)
				x.must(here.WaitTone(x.ctx, 620))
				x.must(there.WaitTone(x.ctx, 1330))
				if here.Hears(1330, 0.05) || there.Hears(620, 0.05) {
					t.Error("an end hears itself")
				}
				here.PlayNothing()
				x.must(here.SendKeys("12#"))
				x.must(here.SendKeys("9*"))
				x.must(here.WaitKeysSent(x.ctx))
				x.must(there.WaitKeys(x.ctx, "12#9*"))
				here.Hangup(16)
				x.cleared(there, 16)
				x.must(here.WaitGone(x.ctx))
			})
		}
	}
}

func TestNumbersClearWithTheirCause(t *testing.T) {
	withTable(t, span.E1, Options{}, Options{}, func(x *table) {
		for _, n := range DefaultNumbers {
			if n.Cause == 0 {
				continue
			}
			here, there := x.call(x.user, x.network, Setup{Called: n.Digits})
			if n.Alert {
				x.must(here.WaitAlerting(x.ctx))
			}
			x.cleared(here, n.Cause)
			var why ClearedError
			if err := here.WaitAnswer(x.ctx); !errors.As(err, &why) || why.Cause != n.Cause {
				t.Errorf("%s: waiting for the answer: %v", n.Digits, err)
			}
			x.must(there.WaitGone(x.ctx))
			x.must(here.WaitGone(x.ctx))
		}
		if n, m := x.user.Busy(), x.network.Busy(); n+m != 0 {
			t.Errorf("%d and %d calls are left", n, m)
		}
	})
}

func TestNumbersThatAnswer(t *testing.T) {
	withTable(t, span.E1, Options{}, Options{}, func(x *table) {
		here, _ := x.call(x.user, x.network, Setup{Called: "10200"})
		x.must(here.WaitTone(x.ctx, 1000))
		x.cleared(here, 16)

		here, _ = x.call(x.user, x.network, Setup{Called: "10100"})
		x.must(here.WaitAnswer(x.ctx))
		here.PlayTone(850)
		x.must(here.WaitTone(x.ctx, 850))
		here.Hangup(16)
		x.must(here.WaitGone(x.ctx))

		here, _ = x.call(x.user, x.network, Setup{Called: "10300"})
		x.must(here.WaitAlerting(x.ctx))
		time.Sleep(time.Minute)
		here.Hangup(16)
		x.must(here.WaitGone(x.ctx))
	})
}

func TestOverlap(t *testing.T) {
	withTable(t, span.E1, Options{Overlap: 8}, Options{}, func(x *table) {
		for _, digits := range []string{"12345678", "1234"} { // the second is over when no more digits come
			here, there := x.call(x.user, x.network, Setup{Called: digits, Overlap: true})
			x.must(here.WaitAnswer(x.ctx))
			if there.Called() != digits {
				t.Errorf("the digits that came are %q, want %q", there.Called(), digits)
			}
			here.Hangup(16)
			x.must(here.WaitGone(x.ctx))
		}
	})
}

func TestEveryChannelAndNoMore(t *testing.T) {
	withTable(t, span.E1, Options{}, Options{HuntDown: true}, func(x *table) {
		var taken []span.Timeslot
		var calls, others []*Call
		for range 30 {
			here, there := x.call(x.network, x.user, Setup{Called: "1"})
			calls, others = append(calls, here), append(others, there)
			taken = append(taken, there.Channel())
		}
		if !slices.Equal(taken, span.E1.B()) {
			t.Errorf("channels %v, want %v", taken, span.E1.B())
		}
		if _, err := x.network.Call(x.ctx, "1", ""); !errors.Is(err, ErrNoChannel) {
			t.Errorf("the 31st call: %v", err)
		}
		for i, c := range calls {
			x.must(c.WaitAnswer(x.ctx))
			c.Hangup(16)
			x.must(c.WaitGone(x.ctx))
			x.must(others[i].WaitGone(x.ctx))
		}
		here, there := x.call(x.user, x.network, Setup{Called: "1"})
		if here.Channel() != 31 || there.Channel() != 31 {
			t.Errorf("hunting down from the top took %d and %d", here.Channel(), there.Channel())
		}
	})
}

func TestGlare(t *testing.T) {
	withTable(t, span.E1, Options{}, Options{}, func(x *table) {
		x.must(x.user.WaitLink(x.ctx))
		fromNetwork, err := x.network.Call(x.ctx, "1", "")
		x.must(err)
		fromUser, err := x.user.Call(x.ctx, "1", "") // both take channel 1 before either has heard of it
		x.must(err)
		x.cleared(fromNetwork, causeChannelBusy)
		x.cleared(fromUser, causeChannelBusy)
	})
}

func TestRestartClears(t *testing.T) {
	withTable(t, span.E1, Options{}, Options{RestartAll: true}, func(x *table) {
		here, there := x.call(x.user, x.network, Setup{Called: "10400"})
		x.must(here.WaitAnswer(x.ctx))
		x.cable.Cut(true)
		x.must(x.network.WaitLinkDown(x.ctx))
		x.must(x.user.WaitLinkDown(x.ctx))
		x.cable.Cut(false)
		x.must(x.network.WaitLink(x.ctx))
		x.cleared(there, 41)
	})
}

func TestSetupIsRepeatedThenGivenUp(t *testing.T) {
	withTable(t, span.E1, Options{}, Options{}, func(x *table) {
		silent := x.user.Script()
		began := time.Now()
		c, err := x.network.Call(x.ctx, "4321", "")
		x.must(err)
		for range 2 {
			_, err = silent.Expect(x.ctx, "08 02 00 01 05 04 03 80 90 a3 18 03 a9 83 81 70 05 c1 34 33 32 31 a1")
			x.must(err)
		}
		_, err = silent.Expect(x.ctx, "08 02 00 01 5a 08 02 82 e6")
		x.must(err)
		x.cleared(c, causeTimer)
		if took := time.Since(began).Round(time.Second); took != 8*time.Second {
			t.Errorf("given up after %v, want 8 s", took)
		}
	})
}

// The octets of the book: what the exchange answers to messages written by hand.
func TestAnswersToOctets(t *testing.T) {
	tests := []struct{ name, send, want string }{
		{"SETUP without bearer capability", "08 02 00 05 05 18 03 a9 83 83", "08 02 80 05 5a 08 02 82 e0"},
		{"SETUP for channel 16", "08 02 00 05 05 04 03 80 90 a3 18 03 a9 83 90 70 02 81 31", "08 02 80 05 5a 08 02 82 d2"},
		{"SETUP for an unallocated number", "08 02 00 05 05 04 03 80 90 a3 18 03 a9 83 83 70 06 81 31 30 30 30 31", "08 02 80 05 5a 08 02 84 81"},
		{
			"SETUP with preferred channel, codeset 6 and call reference of one octet",
			"08 01 05 05 04 03 80 90 a3 18 03 a1 83 83 70 06 81 31 30 34 30 30 96 70 01 00", "08 02 80 05 02 18 03 a9 83 83",
		},
		{"DISCONNECT of no call", "08 02 00 06 45 08 02 80 90", "08 02 80 06 4d 08 02 82 d1"},
		{"RELEASE of no call", "08 02 00 06 4d", "08 02 80 06 5a 08 02 82 d1"},
		{"STATUS ENQUIRY of no call", "08 02 00 06 75", "08 02 80 06 7d 08 02 82 9e 14 01 00"},
		{"STATUS active of no call", "08 02 00 06 7d 08 02 80 9e 14 01 0a", "08 02 80 06 5a 08 02 82 e5"},
		{"RESTART of the interface", "08 02 00 00 46 79 01 87", "08 02 80 00 4e 79 01 87"},
		{"RESTART of a channel", "08 02 00 00 46 18 03 a9 83 85 79 01 80", "08 02 80 00 4e 18 03 a9 83 85 79 01 80"},
		{"RESTART of nothing", "08 02 00 00 46", "08 02 80 00 7d 08 02 82 e0 14 01 00"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			withTable(t, span.E1, Options{}, Options{}, func(x *table) {
				x.must(x.user.WaitLink(x.ctx))
				d := x.user.Script()
				x.must(d.Send(test.send))
				_, err := d.Expect(x.ctx, test.want)
				x.must(err)
			})
		})
	}
}

func TestScriptSaysWhatIsWrong(t *testing.T) {
	for _, test := range []struct{ got, wanted, complaint string }{
		{"\x08\x02", "08 .. ", ""},
		{"\x08\x02\x03", "08*", ""},
		{"\x08", "08 02*", "1 octets"},
		{"\x08\x02\x03", "08 02", "3 octets"},
		{"\x08\x02", "08 0", "half an octet"},
		{"\x08\x03", "08 02", "octet 2"},
	} {
		err := match([]byte(test.got), test.wanted)
		if (err == nil) != (test.complaint == "") || err != nil && !strings.Contains(err.Error(), test.complaint) {
			t.Errorf("% x against %q: %v, want %q in it", test.got, test.wanted, err, test.complaint)
		}
	}
}
