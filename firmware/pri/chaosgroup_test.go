package pri

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"trunkbox/drivers/span"
	"trunkbox/firmware/call"
	"trunkbox/firmware/lapd"
	"trunkbox/firmware/q850"
	"trunkbox/firmware/q931"
)

// TestChaosOfGroups places calls over three lines with two D channels at both ends while lines are cut, alarms come and
// go, channels are taken out of service, D channels are switched over by hand and rubbish arrives. In the end every leg was
// cleared once, both ends have the same D channel in service, and every channel, timeslot, reference and timer is given back.
func TestChaosOfGroups(t *testing.T) {
	for _, variant := range []string{"ni2", "euroisdn-t1"} {
		t.Run(variant, func(t *testing.T) {
			grouped(t, variant, 3, true, func(t *testing.T, user, network *shared) {
				c := &groupChaos{t: t, dice: rand.New(rand.NewPCG(7, 11)), user: user, network: network}
				c.run(1500)
			})
		})
	}
}

type groupChaos struct {
	t             *testing.T
	dice          *rand.Rand
	user, network *shared
	placed        []*party
	standing      []*party
}

func (c *groupChaos) end() *shared {
	if c.dice.IntN(2) == 0 {
		return c.user
	}
	return c.network
}

func (c *groupChaos) run(calls int) {
	chaos := &chaos{t: c.t, dice: rand.New(rand.NewPCG(3, 5))}
	for _, s := range []*shared{c.user, c.network} {
		for _, e := range s.ends {
			e.onOffer = chaos.called
		}
	}
	for len(c.placed) < calls {
		e := c.end().ends[c.dice.IntN(3)]
		p := &party{}
		leg, err := e.access.Dial(call.Outgoing{Called: "4001", Emergency: c.dice.IntN(20) == 0}, p.handle)
		switch {
		case err == nil:
			p.leg = leg
			c.placed, c.standing = append(c.placed, p), append(c.standing, p)
		case !errors.Is(err, ErrNoChannel) && !errors.Is(err, ErrLinkDown):
			c.t.Fatal(err)
		}
		if n := len(c.standing); n > 0 && (err != nil || n > 40 || c.dice.IntN(3) == 0) {
			i := c.dice.IntN(n)
			c.standing[i].leg.Hangup(normal)
			c.standing = slices.Delete(c.standing, i, i+1)
		}
		time.Sleep(time.Duration(c.dice.IntN(500)) * time.Millisecond)
		if c.dice.IntN(20) == 0 {
			c.trouble()
		}
	}
	c.settle()
}

// trouble does one thing that happens to groups.
func (c *groupChaos) trouble() {
	s := c.end()
	e := s.ends[c.dice.IntN(3)]
	switch c.dice.IntN(7) {
	case 0: // a line is cut, with or without an alarm, for less or more than T309
		line, alarm := c.dice.IntN(3), []span.Alarm{0, span.LOS, span.AIS}[c.dice.IntN(3)]
		cutLine(c.user, c.network, line, true, alarm)
		time.Sleep(time.Duration(1+c.dice.IntN(120)) * time.Second)
		cutLine(c.user, c.network, line, false, 0)
	case 1: // all of them
		for line := range 3 {
			cutLine(c.user, c.network, line, true, span.LOS)
		}
		time.Sleep(time.Duration(1+c.dice.IntN(20)) * time.Second)
		for line := range 3 {
			cutLine(c.user, c.network, line, false, 0)
		}
	case 2: // one end alone has an alarm
		e.wire.alarms.Store(uint32(span.LOS))
		time.Sleep(time.Duration(1+c.dice.IntN(10)) * time.Second)
		e.wire.alarms.Store(0)
	case 3:
		_ = s.group.SwitchOver() // there may be none to switch over to
	case 4:
		ts := span.Timeslot(1 + c.dice.IntN(23))
		if err := e.access.SetService(ts, false); err != nil {
			c.t.Error(err)
		}
		time.Sleep(time.Duration(c.dice.IntN(10)) * time.Second)
		if err := e.access.SetService(ts, true); err != nil {
			c.t.Error(err)
		}
	case 5: // any octets as a frame of any of the D channels
		frame := make([]byte, c.dice.IntN(30))
		for i := range frame {
			frame[i] = byte(c.dice.IntN(256))
		}
		d := s.group.ds[c.dice.IntN(2)]
		s.group.loop.Do(func() { d.handle(lapd.Event{Input: lapd.FrameReceived, Octets: frame}) })
	case 6: // a message with any elements
		message := []byte{q931.Discriminator, 2, byte(c.dice.IntN(2)) << 7, byte(c.dice.IntN(40)), byte(c.dice.IntN(128))}
		for range c.dice.IntN(20) {
			message = append(message, byte(c.dice.IntN(256)))
		}
		s.group.loop.Do(func() { s.group.received(message) })
	}
}

func (c *groupChaos) settle() {
	time.Sleep(20 * time.Second) // what is under way arrives
	synctest.Wait()
	all := c.placed
	for _, s := range []*shared{c.user, c.network} {
		for _, e := range s.ends {
			all = append(all, e.arrived...)
		}
	}
	for _, p := range all {
		p.leg.Hangup(q850.NormalClearing)
	}
	time.Sleep(2 * time.Hour) // longer than the longest trial, and than it takes to tell anything again
	synctest.Wait()
	answered := 0
	for _, p := range all {
		events := p.heard()
		if strings.Contains(events, "answered") {
			answered++
		}
		last := events[strings.LastIndex(events, ",")+1:]
		if strings.Count(events, "cleared") != 1 || !strings.Contains(last, "cleared") {
			c.t.Errorf("a leg told %q", events)
		}
	}
	if u, n := c.user.ds(), c.network.ds(); u != n || strings.Count(u, DInService) != 1 || strings.Count(u, DStandby) != 1 {
		c.t.Errorf("the D channels are %q and %q", u, n)
	}
	c.user.free()
	c.network.free()
	for _, s := range []*shared{c.user, c.network} {
		s.group.loop.Do(func() {
			if n := len(s.group.trials); n != 0 {
				c.t.Errorf("%d trials are left", n)
			}
		})
	}
	switched := strings.Count(c.user.ends[0].notes(), string(SwitchedOver))
	c.t.Logf("%d legs, %d answered, %d switch-overs", len(all), answered, switched)
	if switched < 10 {
		c.t.Errorf("only %d switch-overs", switched)
	}
	if arrived := len(all) - len(c.placed); arrived < len(c.placed)/3 || answered < len(c.placed)/10 {
		c.t.Errorf("only %d calls arrived and %d were answered", arrived, answered)
	}
}
