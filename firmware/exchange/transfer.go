package exchange

import (
	"strings"
	"time"

	"trunkbox/firmware/call"
	"trunkbox/firmware/journal"
	"trunkbox/firmware/q850"
)

// collector gathers the keys of an agent's in-call code: the transfer code, then the target.
type collector struct {
	last   string // the keys before the code is complete
	target string
	active bool
	timer  *call.Timer
}

// The times of in-call codes.
const (
	betweenCodeKeys   = time.Second
	betweenTargetKeys = 3 * time.Second
)

// agentKey looks for the transfer code in what an agent keys in a call, and then for its target.
func (c *Call) agentKey(from *call.Side, key byte) {
	k := &c.keys
	k.timer.Stop()
	if k.active {
		if key != '#' {
			k.target += string(key)
			k.timer = c.x.loop.After(betweenTargetKeys, func() { c.transferKeyed(from) })
			return
		}
		c.transferKeyed(from)
		return
	}
	k.last += string(key)
	code := c.x.settings.Features.Transfer
	if code != "" && strings.HasSuffix(k.last, code) {
		k.active, k.last = true, ""
		k.timer = c.x.loop.After(betweenTargetKeys, func() { c.transferKeyed(from) })
		return
	}
	k.timer = c.x.loop.After(betweenCodeKeys, func() { k.last = "" })
}

func (c *Call) transferKeyed(from *call.Side) {
	target := c.keys.target
	c.keys = collector{}
	if target != "" {
		c.transfer(from, target)
	}
}

// transfer sends the party that talks to the agent's side on to target, and lets the agent go (blind transfer).
func (c *Call) transfer(from *call.Side, target string) {
	partner := c.joinedTo(from)
	agent, known := c.x.agentSettings(from.Phone)
	if partner == nil || !known {
		return
	}
	number, outside := c.x.outsideNumber(target)
	if whole, _ := c.x.dialable(target); !outside && !whole {
		c.x.Log.Info("a transfer to no number of ours is refused", "call", c.id, "agent", from.Phone, "target", target)
		return // the agent keeps the caller
	}
	c.note(journal.CallMoved, "by", from.Phone, "to", target)
	if from == c.caller { // who was dialled is the caller of the colleague
		c.calling = withheld(partner.Leg.Remote())
	}
	c.movedBy = from.Phone
	c.caller, c.other = partner, nil
	c.joined, c.linked, c.answered = time.Time{}, false, true
	c.keys, c.route = collector{}, nil
	c.hear(nil)
	from.End(q850.NormalClearing)
	c.release(from.Phone)
	if outside {
		c.dialOut(agent, number)
		return
	}
	c.ringExtension(target)
}
