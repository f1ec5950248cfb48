package libpri

import (
	"fmt"
	"testing"
	"time"

	"trunkbox/firmware/call"
	"trunkbox/firmware/config"
	"trunkbox/firmware/q850"
)

// stage is how far a call has come when it ends.
type stage int

const (
	offered stage = iota
	proceeding
	alerting
	progress
	answered
)

// ending is one way for a call to end.
type ending struct {
	at    stage
	ours  bool // our side clears it
	cause q850.Cause
}

// outgoing are calls of ours. A peer that clears a call which it did not answer in any way yet can do so only for the causes
// that libpri answers SETUP with: 1, 34, 81, 82, 88.
var outgoing = []ending{
	{answered, true, 16},
	{answered, false, 16},
	{alerting, true, 16},
	{proceeding, true, 16},
	{progress, true, 16},
	{offered, false, 1},
	{offered, false, 34},
	{offered, false, 88},
	{proceeding, false, 1},
	{proceeding, false, 3},
	{proceeding, false, 17},
	{proceeding, false, 18},
	{alerting, false, 19},
	{proceeding, false, 20},
	{alerting, false, 21},
	{proceeding, false, 22},
	{proceeding, false, 27},
	{proceeding, false, 28},
	{progress, false, 31},
	{proceeding, false, 34},
	{proceeding, false, 38},
	{proceeding, false, 41},
	{proceeding, false, 42},
	{answered, false, 31},
	{answered, true, 41},
}

// incoming are calls of the peer. We have always said CALL PROCEEDING.
var incoming = []ending{
	{answered, true, 16},
	{answered, false, 16},
	{alerting, false, 16},
	{proceeding, false, 16},
	{progress, false, 16},
	{proceeding, true, 1},
	{proceeding, true, 17},
	{proceeding, true, 18},
	{alerting, true, 19},
	{alerting, true, 21},
	{proceeding, true, 22},
	{proceeding, true, 27},
	{proceeding, true, 28},
	{proceeding, true, 31},
	{proceeding, true, 34},
	{proceeding, true, 38},
	{progress, true, 41},
	{proceeding, true, 42},
	{proceeding, true, 47},
	{proceeding, true, 88},
	{answered, true, 31},
	{answered, false, 41},
}

func TestCalls(t *testing.T) {
	for _, side := range []string{"user", "network"} {
		t.Run("we are the "+side, func(t *testing.T) {
			t.Parallel()
			o := join(t, side, nil)
			for i, e := range outgoing {
				o.outgoing(fmt.Sprintf("40%02d", i), e)
			}
			for i, e := range incoming {
				o.incoming(1+i%15, fmt.Sprintf("50%02d", i), e)
			}
			o.idle()
		})
	}
}

// outgoing plays a call of ours.
func (o *office) outgoing(called string, e ending) {
	o.t.Helper()
	p, number := o.dial(called)
	switch e.at {
	case proceeding:
		o.peer.say("proceed %d", number)
		hears[call.Proceeding](p)
	case alerting:
		o.peer.say("alert %d", number)
		hears[call.Alerting](p)
	case progress:
		o.peer.say("proceed %d", number)
		o.peer.say("progress %d", number)
		if !hears[call.Sounding](p).Inband {
			o.t.Errorf("%s: no in-band sound told", called)
		}
	case answered:
		o.peer.say("alert %d inband", number)
		hears[call.Alerting](p)
		o.peer.say("answer %d", number)
		hears[call.Answered](p)
		o.acknowledged(number)
	}
	if e.at == offered && e.cause == q850.NoCircuit { // a call gets another channel once
		o.peer.say("hangup %d %d", number, e.cause)
		o.peer.clears(number)
		number, _ = o.rings(called)
	}
	o.ends(p, number, e)
}

// incoming plays a call of the peer's.
func (o *office) incoming(channel int, called string, e ending) {
	o.t.Helper()
	p, number := o.take(channel, called, "13800000000")
	switch e.at {
	case alerting:
		p.leg.Alert()
		o.peer.hears(fmt.Sprintf("alerting %d quiet", number))
	case progress:
		p.leg.Progress()
		o.peer.hears(fmt.Sprintf("progress %d inband", number))
		hears[call.Sounding](p)
	case answered:
		p.leg.Alert()
		p.leg.Answer()
		o.peer.hears(fmt.Sprintf("alerting %d quiet", number))
		o.peer.hears(fmt.Sprintf("answered %d", number))
		hears[call.Sounding](p)
	}
	o.ends(p, number, e)
}

// acknowledged waits until the peer's answer was acknowledged.
func (o *office) acknowledged(number int) {
	o.t.Helper()
	o.peer.hears(fmt.Sprintf("connected %d", number))
}

// ends clears a call and compares the causes at both ends.
func (o *office) ends(p *party, number int, e ending) {
	o.t.Helper()
	if e.ours {
		p.leg.Hangup(e.cause)
	} else {
		o.peer.say("hangup %d %d", number, e.cause)
	}
	told := o.peer.clears(number)
	if e.ours && told != int(e.cause) {
		o.t.Errorf("we cleared call %d for %d, the peer was told %d", number, e.cause, told)
	}
	cleared := hears[call.Cleared](p)
	if cleared.Cause != e.cause || cleared.Remote == e.ours {
		o.t.Errorf("call %d, %+v: our leg told %+v", number, e, cleared)
	}
}

// TestEveryChannel has every channel of the line in a call at once, 30 or 23, in both directions.
func TestEveryChannel(t *testing.T) {
	t.Parallel()
	cells(t, func(t *testing.T, v variant, side string) {
		o := setup{side: side, variant: v.name, blind: true}.join(t)
		n := 0
		for number, p := range o.fill() {
			n++
			o.ends(p, number, ending{answered, n%2 == 0, q850.NormalClearing})
		}
		if want := len(o.line.kind.B()); n != want {
			t.Errorf("%d calls were up, want %d", n, want)
		}
		o.idle()
		o.empty()
	})
}

// TestChannelRefused: the peer answers our SETUP with 44 twice, which is for its channel alone.
func TestChannelRefused(t *testing.T) {
	t.Parallel()
	o := join(t, "user", nil)
	p, number := o.dial("4001")
	channel := p.leg.Name()
	for range 2 {
		o.peer.say("hangup %d 44", number)
		o.peer.clears(number)
		number, _ = o.rings("4001")
		if p.leg.Name() == channel {
			t.Errorf("placed again on %s", channel)
		}
		channel = p.leg.Name()
	}
	o.peer.say("answer %d", number)
	hears[call.Answered](p)
	o.acknowledged(number)
	o.ends(p, number, ending{ours: true, cause: q850.NormalClearing})
	o.idle()
}

// TestRestart: we restart every channel at start-up, the peer one with a call on it later.
func TestRestart(t *testing.T) {
	for _, side := range []string{"user", "network"} {
		t.Run("we are the "+side, func(t *testing.T) {
			t.Parallel()
			o := join(t, side, func(l *config.Line) { l.Restart = true })
			for i := range 30 {
				want := i + 1
				if want >= 16 {
					want++
				}
				var channel int
				o.peer.hears("restart %d", &channel)
				if channel&0xff != want {
					t.Errorf("restart %d was of channel %d, want %d", i, channel&0xff, want)
				}
			}
			o.idle()
			p, number := o.take(7, "4001", "13800000000")
			p.leg.Answer()
			o.peer.hears(fmt.Sprintf("answered %d", number))
			hears[call.Sounding](p)
			o.peer.say("restart 7")
			var channel int
			o.peer.hears("restarted %d", &channel)
			if cleared := hears[call.Cleared](p); cleared.Cause != q850.TemporaryFailure || cleared.Remote {
				t.Errorf("our leg told %+v", cleared)
			}
			o.idle()
		})
	}
}

// TestPoll: nothing is said for longer than T203; the link stays up.
func TestPoll(t *testing.T) {
	t.Parallel()
	o := join(t, "user", nil)
	select {
	case state := <-o.link:
		t.Errorf("the link went %s", state)
	case event := <-o.peer.events:
		t.Errorf("the peer told %s", event)
	case state := <-o.peer.link:
		t.Errorf("the peer's link went %s", state)
	case <-time.After(12 * time.Second):
	}
	p, number := o.dial("4001")
	o.peer.say("hangup %d 1", number)
	o.peer.clears(number)
	hears[call.Cleared](p)
}
