package libpri

import (
	"fmt"
	"testing"

	"trunkbox/firmware/call"
	"trunkbox/firmware/config"
)

// TestOverlap: numbers come and go digit by digit, where the variant lets them.
func TestOverlap(t *testing.T) {
	t.Parallel()
	var judges judges
	t.Run("cell", func(t *testing.T) {
		cells(t, func(t *testing.T, v variant, side string) {
			c := newCell(t, v, setup{
				side: side, judges: &judges, options: []string{"--overlap"},
				change: func(l *config.Line) { l.Overlap, l.DDIDigits = true, 4 },
			})
			if !v.overlap {
				c.outgoing("4001", ending{answered, true, 16})
			} else {
				c.outgoingOverlap("4711", ending{answered, true, 16})
				c.outgoingOverlap("4712", ending{answered, false, 17})
				c.incomingOverlap("5007", ending{answered, false, 16})
				c.incomingOverlap("5008", ending{alerting, true, 19})
			}
			c.incoming(3, "5009", ending{answered, true, 16})
			c.idle()
			c.empty()
		})
	})
	judges.judge(t)
}

// outgoingOverlap: SETUP has the first digit, and the others follow when the peer asks for them.
func (c *cell) outgoingOverlap(called string, e ending) {
	c.t.Helper()
	p := c.place(call.Outgoing{Called: called, Calling: call.Number{Digits: us}})
	number, _ := c.rings(called[:1])
	c.peer.say("more %d", number)
	for i := 1; i < len(called); i++ {
		var digit, complete string
		c.peer.hears(fmt.Sprintf("digits %d %%s %%s", number), &digit, &complete)
		last := c.variant.complete && i == len(called)-1
		if digit != called[i:i+1] || (complete == "complete") != last {
			c.t.Errorf("digit %d of %s came as %s, %s", i+1, called, digit, complete)
		}
	}
	c.peer.say("proceed %d", number)
	hears[call.Proceeding](p)
	c.peer.say("alert %d inband", number)
	hears[call.Alerting](p)
	c.peer.say("answer %d", number)
	hears[call.Answered](p)
	c.acknowledged(number)
	c.talks(p)
	c.ends(p, number, e)
}

// incomingOverlap: the peer sends one digit in SETUP and the others after our SETUP ACKNOWLEDGE.
func (c *cell) incomingOverlap(called string, e ending) {
	c.t.Helper()
	const channel = 2
	c.peer.say("begin %d %s %s", channel, called[:1], "13800000000")
	var number, got int
	c.peer.hears("dialling %d", &number)
	c.peer.hears(fmt.Sprintf("more %d %%d", number), &got)
	if got != channel {
		c.t.Errorf("dialled on channel %d, SETUP ACKNOWLEDGE names %d", channel, got)
	}
	for _, digit := range called[1:] {
		c.peer.say("digit %d %c", number, digit)
	}
	p := c.arrives()
	c.peer.hears(fmt.Sprintf("proceeding %d %%d", number), &got)
	if p.incoming.Called != called || p.incoming.Calling.Digits != "13800000000" {
		c.t.Errorf("%s arrived as %+v", called, p.incoming)
	}
	p.leg.Alert()
	c.peer.hears(fmt.Sprintf("alerting %d quiet", number))
	if e.at == answered {
		p.leg.Answer()
		c.peer.hears(fmt.Sprintf("answered %d", number))
		hears[call.Sounding](p)
		c.talks(p)
	}
	c.ends(p, number, e)
}
