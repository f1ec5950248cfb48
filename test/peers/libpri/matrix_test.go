package libpri

import (
	"fmt"
	"strings"
	"testing"

	"trunkbox/drivers/span"
	"trunkbox/firmware/call"
	"trunkbox/firmware/config"
	"trunkbox/firmware/pri"
	"trunkbox/firmware/q850"
)

// cell is a variant on one side.
type cell struct {
	*office
	variant
	side string
	who  int // asUser or asNetwork
}

// cells runs test in every cell of the matrix.
func cells(t *testing.T, test func(t *testing.T, v variant, side string)) {
	for _, v := range variants {
		for _, side := range []string{"user", "network"} {
			t.Run(v.name+" as "+side, func(t *testing.T) {
				t.Parallel()
				test(t, v, side)
			})
		}
	}
}

func newCell(t *testing.T, v variant, s setup) *cell {
	s.variant = v.name
	c := &cell{variant: v, side: s.side}
	if s.side == "network" {
		c.who = asNetwork
	}
	c.office = s.join(t)
	return c
}

// TestMatrix plays the same calls in every variant on both sides.
func TestMatrix(t *testing.T) {
	t.Parallel()
	var judges judges
	t.Run("cell", func(t *testing.T) {
		cells(t, func(t *testing.T, v variant, side string) {
			c := newCell(t, v, setup{
				side: side, judges: &judges, options: []string{"--timer", "T-HOLD=500"},
				change: func(l *config.Line) { l.Restart = true },
			})
			c.restarts()
			c.outgoingEnBloc()
			c.incomingEnBloc()
			c.withheld()
			c.answerers()
			c.refusals()
			c.holds()
			c.services()
			c.restartedAt(5)
			c.idle()
			c.empty()
		})
	})
	judges.judge(t)
}

// restarts: we restart every channel alone, one after another, as soon as the link is up.
func (c *cell) restarts() {
	c.t.Helper()
	for _, ts := range c.line.kind.B() {
		var channel int
		c.peer.hears("restart %d", &channel)
		if span.Timeslot(channel&0xff) != ts {
			c.t.Errorf("RESTART was of channel %d, want %d", channel&0xff, ts)
		}
	}
	c.idle()
}

const ourName, theirName = "Trunkbox Sales", "Mei Lin"

// outgoingEnBloc: calls of ours with number and name, cleared from either side while they talk.
func (c *cell) outgoingEnBloc() {
	c.t.Helper()
	for i, e := range []ending{{answered, true, 16}, {answered, false, 16}, {alerting, true, 16}, {progress, false, 31}} {
		called := fmt.Sprintf("40%02d", i)
		p := c.place(call.Outgoing{Called: called, Calling: call.Number{Digits: us, Name: ourName}})
		number, name := c.rings(called)
		c.shown(name, strings.ReplaceAll(ourName, " ", "_"), "-", c.oursShown[c.who])
		c.peer.say("proceed %d", number)
		hears[call.Proceeding](p)
		switch e.at {
		case progress:
			c.peer.say("progress %d", number)
		default:
			c.peer.say("alert %d inband", number)
			hears[call.Alerting](p)
		}
		if !hears[call.Sounding](p).Inband {
			c.t.Errorf("%s: no in-band sound told", called)
		}
		if e.at == answered {
			c.peer.say("answer %d", number)
			hears[call.Answered](p)
			c.acknowledged(number)
			c.talks(p)
		}
		c.ends(p, number, e)
	}
}

// shown checks a name at the other end.
func (c *cell) shown(got, want, none string, is bool) {
	c.t.Helper()
	if !is {
		want = none
	}
	if got != want {
		c.t.Errorf("the name is shown as %q, want %q", got, want)
	}
}

// incomingEnBloc: calls of the peer's with number and name.
func (c *cell) incomingEnBloc() {
	c.t.Helper()
	for i, e := range []ending{{answered, true, 31}, {answered, false, 16}, {alerting, false, 16}, {progress, true, 41}} {
		called, channel := fmt.Sprintf("50%02d", i), 1+i
		c.peer.say("dial %d %s %s %s", channel, called, "13800000000", theirName)
		var number int
		c.peer.hears("dialling %d", &number)
		p := c.arrives()
		c.shown(p.incoming.Calling.Name, theirName, "", c.theirsShown[c.who])
		if p.incoming.Called != called || p.incoming.Calling.Digits != "13800000000" {
			c.t.Errorf("%s arrived as %+v", called, p.incoming)
		}
		var got int
		c.peer.hears(fmt.Sprintf("proceeding %d %%d", number), &got)
		if got != channel {
			c.t.Errorf("%s was dialled on channel %d, answered on %d", called, channel, got)
		}
		switch e.at {
		case alerting:
			p.leg.Alert()
			c.peer.hears(fmt.Sprintf("alerting %d quiet", number))
		case progress:
			p.leg.Progress()
			c.peer.hears(fmt.Sprintf("progress %d inband", number))
			hears[call.Sounding](p)
		case answered:
			p.leg.Alert()
			c.peer.hears(fmt.Sprintf("alerting %d quiet", number))
			p.leg.Answer()
			c.peer.hears(fmt.Sprintf("answered %d", number))
			hears[call.Sounding](p)
			c.talks(p)
		}
		c.ends(p, number, e)
	}
}

func (c *cell) talks(p *party) {
	c.t.Helper()
	if state := c.state(p); state != string(pri.Talking) {
		c.t.Errorf("%s is %s in an answered call", p.leg.Name(), state)
	}
}

// withheld: the peer is told that our number is not to be shown.
func (c *cell) withheld() {
	c.t.Helper()
	const restriction, restricted = 0x60, 0x20 // presentation of octet 3a
	p := c.place(call.Outgoing{Called: "4005", Calling: call.Number{Digits: us, Restricted: true}})
	var number, channel, presentation int
	var called, calling, complete, name string
	c.peer.hears("ring %d %d %s %s %s %d %s", &number, &channel, &called, &calling, &complete, &presentation, &name)
	if presentation&restriction != restricted {
		c.t.Errorf("the presentation of a number withheld is 0x%02x", presentation)
	}
	c.peer.say("proceed %d", number)
	hears[call.Proceeding](p)
	c.ends(p, number, ending{proceeding, false, 21})
}

// answerers: who answered is told to the caller both ways, where the variant has the element.
func (c *cell) answerers() {
	c.t.Helper()
	in, number := c.take(6, "5006", "13800000000")
	in.leg.(call.Networked).ConnectAs(call.Number{Digits: "2001"})
	in.leg.Answer()
	c.peer.hears(fmt.Sprintf("answered %d", number))
	if c.connected {
		var by string
		var presentation int
		c.peer.hears(fmt.Sprintf("answered_by %d %%s %%d", number), &by, &presentation)
		if by != "2001" {
			c.t.Errorf("the peer was told that %s answered", by)
		}
	}
	c.ends(in, number, ending{answered, true, 16})

	out, number := c.dial("4006")
	c.peer.say("answer %d 2002", number)
	if by := hears[call.Answered](out).Connected.Digits; by != "2002" {
		c.t.Errorf("we were told that %q answered", by)
	}
	c.acknowledged(number)
	c.ends(out, number, ending{answered, true, 16})
}

// refusals: busy, no answer, rejected, no such number, congestion and the like, both ways.
func (c *cell) refusals() {
	c.t.Helper()
	for _, cause := range []q850.Cause{1, 17, 18, 19, 21, 27, 34, 38, 41, 42} {
		at := proceeding
		if cause == 19 {
			at = alerting
		}
		c.outgoing(fmt.Sprintf("60%02d", cause), ending{at, false, cause})
		c.incoming(1+int(cause)%15, fmt.Sprintf("70%02d", cause), ending{at, true, cause})
	}
}

// holds: the peer puts a call on hold and takes it back.
func (c *cell) holds() {
	c.t.Helper()
	p, number := c.take(7, "4001", "13800000000")
	p.leg.Answer()
	c.peer.hears(fmt.Sprintf("answered %d", number))
	c.peer.say("hold %d", number)
	if c.hold {
		c.peer.hears(fmt.Sprintf("held %d", number))
		hears[call.Held](p)
		c.talks(p)
		c.peer.say("retrieve %d", number)
		c.peer.hears(fmt.Sprintf("retrieved %d", number))
		hears[call.Resumed](p)
	} else {
		var cause int
		c.peer.hears(fmt.Sprintf("hold_refused %d %%d", number), &cause)
	}
	c.talks(p)
	c.ends(p, number, ending{ours: true, cause: 16})
}

// services: channels are taken out of service and back from both ends.
func (c *cell) services() {
	c.t.Helper()
	if !c.service {
		return
	}
	for _, in := range []bool{false, true} {
		if err := c.access.SetService(3, in); err != nil {
			c.t.Fatal(err)
		}
		var channel, status int
		c.peer.hears("service %d %d", &channel, &status)
		if channel != 3 || (status == 0) != in && judged(c.name, changeStatus) {
			c.t.Errorf("the peer was told that channel %d is in status %d, want 3, in service: %v", channel, status, in)
		}
	}
	for _, status := range []int{2, 0} {
		c.peer.say("service 4 %d", status)
		var channel, answered int
		c.peer.hears("serviced %d %d", &channel, &answered)
		if channel != 4 || answered != status && judged(c.name, changeStatus) {
			c.t.Errorf("the peer took channel 4 to status %d, we answered for %d: %d", status, channel, answered)
		}
		want := string(pri.Idle)
		if status == 2 {
			want = string(pri.Blocked)
		}
		c.comes(func() bool { return c.channel(4) == want },
			func() string { return fmt.Sprintf("channel 4 is %s at status %d", c.channel(4), status) })
	}
}

// channel is the state of a timeslot.
func (o *office) channel(ts span.Timeslot) string {
	for _, ch := range o.access.Now().Channels {
		if ch.Timeslot == ts {
			return ch.State
		}
	}
	return ""
}

// restartedAt: the peer restarts a channel with a call on it.
func (c *cell) restartedAt(channel int) {
	c.t.Helper()
	p, number := c.take(channel, "4001", "13800000000")
	p.leg.Answer()
	c.peer.hears(fmt.Sprintf("answered %d", number))
	hears[call.Sounding](p)
	c.peer.say("restart %d", channel)
	var restarted int
	c.peer.hears("restarted %d", &restarted)
	if restarted&0xff != channel {
		c.t.Errorf("channel %d was restarted, not %d", restarted&0xff, channel)
	}
	if cleared := hears[call.Cleared](p); cleared.Cause != q850.TemporaryFailure || cleared.Remote {
		c.t.Errorf("our leg told %+v", cleared)
	}
	c.peer.say("forget %d", number)
	c.peer.hears(fmt.Sprintf("released %d", number))
}

// alwaysThere are libpri's entries for the global and the dummy call reference.
const alwaysThere = 2

// empty: libpri has no call reference left in its books but those that are always there.
func (o *office) empty() {
	o.t.Helper()
	o.peer.say("pool")
	var calls, globals int
	o.peer.hears("pool %d %d", &calls, &globals)
	if calls != 0 || globals > alwaysThere {
		o.t.Errorf("libpri has %d call references and %d global ones left", calls, globals)
	}
}
