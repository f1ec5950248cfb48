package pri

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"trunkbox/drivers/span"
	"trunkbox/firmware/call"
	"trunkbox/firmware/config"
	"trunkbox/firmware/lapd"
	"trunkbox/firmware/q850"
	"trunkbox/firmware/q931"
)

// chaos is a line on which everything goes wrong now and again, by the dice of seed.
type chaos struct {
	t             *testing.T
	dice          *rand.Rand
	mu            sync.Mutex // of dice: both ends roll them
	user, network *end
}

func (c *chaos) roll(n int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.dice.IntN(n)
}

// lose drops one frame in n of both ends; 0 drops none.
func (c *chaos) lose(n int) {
	for _, e := range []*end{c.user, c.network} {
		tap := func([]byte) bool { return n == 0 || c.roll(n) != 0 }
		e.wire.tap.Store(&tap)
	}
}

// trouble does one thing that happens on lines.
func (c *chaos) trouble() {
	e := c.user
	if c.roll(2) == 0 {
		e = c.network
	}
	switch c.roll(10) {
	case 0: // the line is cut for some seconds, or for as long as T309
		cut(c.user, c.network, true)
		time.Sleep(time.Duration(1+c.roll(120)) * time.Second)
		cut(c.user, c.network, false)
	case 1: // an alarm that lasts
		e.wire.alarms.Store(uint32(span.LOS))
		time.Sleep(time.Duration(1+c.roll(10)) * time.Second)
		e.wire.alarms.Store(0)
	case 2, 3: // any octets as a frame
		frame := make([]byte, c.roll(30))
		for i := range frame {
			frame[i] = byte(c.roll(256))
		}
		e.access.loop.Do(func() { e.access.toLink(lapd.Event{Input: lapd.FrameReceived, Octets: frame}) })
	case 4, 5, 6: // a message with any elements for any of the references in use
		message := []byte{q931.Discriminator, 2, byte(c.roll(2)) << 7, byte(c.roll(40)), byte(c.roll(128))}
		for range c.roll(20) {
			message = append(message, byte(c.roll(256)))
		}
		e.access.loop.Do(func() { e.access.received(message) })
	case 7: // the far end restarts a channel
		ts := byte(1 + c.roll(31))
		e.access.loop.Do(func() {
			e.access.received([]byte{q931.Discriminator, 2, 0, 0, byte(q931.MsgRestart), 0x18, 3, 0xa9, 0x83, 0x80 | ts, 0x79, 1, 0x80})
		})
	case 8: // STATUS of any state, for any reference
		message := []byte{
			q931.Discriminator, 2, byte(c.roll(2)) << 7, byte(c.roll(40)), byte(q931.MsgStatus),
			8, 2, 0x80, 0x80 | byte(c.roll(128)), 0x14, 1, byte(c.roll(64)),
		}
		e.access.loop.Do(func() { e.access.received(message) })
	case 9:
		c.lose(2 + c.roll(8))
		time.Sleep(time.Duration(c.roll(10)) * time.Second)
		c.lose(0)
	}
}

// called is what the party at the far end does with a call.
func (c *chaos) called(l call.Leg) {
	for range c.roll(5) {
		switch c.roll(4) {
		case 0:
			l.Alert()
		case 1:
			l.Progress()
		case 2:
			l.Answer()
		case 3:
			l.Hangup(q850.Cause(1 + c.roll(127)))
		}
	}
}

// settle ends the trouble, hangs everything up and waits for longer than any timer runs. A channel that is blocked for a
// RESTART nobody acknowledged comes back by its trial.
func (c *chaos) settle(placed []*party) []*party {
	c.lose(0)
	cut(c.user, c.network, false)
	all := append(append(placed, c.user.arrived...), c.network.arrived...)
	for _, p := range all {
		p.leg.Hangup(normal)
	}
	time.Sleep(90 * time.Minute)
	synctest.Wait()
	for _, e := range []*end{c.user, c.network} {
		if e.access.Now().Link != LinkUp {
			c.t.Errorf("%s: the link is %s", e.access.Settings.Name, e.access.Now().Link)
		}
	}
	return all
}

// TestChaos places ten thousand calls from both ends of a line on which frames are lost, the signal goes, rubbish arrives
// and channels are restarted. In the end every leg was cleared once, and every channel, timeslot, reference and timer is
// given back.
func TestChaos(t *testing.T) {
	const calls = 10_000
	restart := func(u, n *config.Line) { u.Restart, n.Restart = true, true }
	joined(t, restart, func(t *testing.T, user, network *end) {
		c := &chaos{t: t, dice: rand.New(rand.NewPCG(1, 2)), user: user, network: network}
		user.onOffer, network.onOffer = c.called, c.called
		began := time.Now()
		var placed, standing []*party
		for len(placed) < calls {
			e := user
			if c.roll(2) == 0 {
				e = network
			}
			p := &party{}
			leg, err := e.access.Dial(call.Outgoing{Called: "4001", Emergency: c.roll(20) == 0}, p.handle)
			switch {
			case err == nil:
				p.leg = leg
				placed, standing = append(placed, p), append(standing, p)
			case !errors.Is(err, ErrNoChannel) && !errors.Is(err, ErrLinkDown):
				t.Fatal(err)
			}
			if err != nil || len(standing) > 25 || c.roll(3) == 0 {
				if n := len(standing); n > 0 {
					i := c.roll(n)
					standing[i].leg.Hangup(normal)
					standing = slices.Delete(standing, i, i+1)
				}
			}
			time.Sleep(time.Duration(c.roll(500)) * time.Millisecond)
			if c.roll(20) == 0 {
				c.trouble()
			}
		}
		took := time.Since(began)
		all := c.settle(placed)
		answered := 0
		for _, p := range all {
			events := p.heard()
			if strings.Contains(events, "answered") {
				answered++
			}
			last := events[strings.LastIndex(events, ",")+1:]
			if strings.Count(events, "cleared") != 1 || !strings.Contains(last, "cleared") {
				t.Errorf("a leg told %q", events)
			}
		}
		user.free()
		network.free()
		t.Logf("%d legs in %v of the line, %d answered", len(all), took.Round(time.Minute), answered)
		if arrived := len(all) - calls; arrived < calls/3 || answered < calls/10 {
			t.Errorf("only %d calls arrived and %d were answered", arrived, answered)
		}
	})
}
