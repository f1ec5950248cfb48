package exchange

import (
	"strings"
	"time"

	"trunkbox/firmware/call"
	"trunkbox/firmware/journal"
	"trunkbox/firmware/q850"
)

// inCall is a code that an agent keys while he talks, with what it does.
type inCall struct {
	code   string
	target bool // digits follow: an extension or an outside number
	do     func(c *Call, from *call.Side, target string)
}

// inCallCodes are the codes in force; an empty one is off.
func (x *Exchange) inCallCodes() []inCall {
	f := x.settings.Features
	return []inCall{
		{f.Transfer, true, (*Call).transfer},
		{f.Conference, true, (*Call).invite},
		{f.RecordPause, false, (*Call).pauseRecording},
		{f.Malicious, false, (*Call).report},
	}
}

// collector gathers the keys of an agent's in-call code: the code, then its target.
type collector struct {
	last   string  // the keys before a code is complete
	code   *inCall // whose target is being keyed
	target string
	timer  *call.Timer
}

// The times of in-call codes.
const (
	betweenCodeKeys   = time.Second
	betweenTargetKeys = 3 * time.Second
)

// agentKey looks for a code in what an agent keys in a call, and then for its target.
func (c *Call) agentKey(from *call.Side, key byte) {
	k := &c.keys
	k.timer.Stop()
	if k.code != nil {
		if key != '#' {
			k.target += string(key)
			k.timer = c.x.loop.After(betweenTargetKeys, func() { c.targetKeyed(from) })
			return
		}
		c.targetKeyed(from)
		return
	}
	k.last += string(key)
	for _, code := range c.x.inCallCodes() {
		switch {
		case code.code == "" || !strings.HasSuffix(k.last, code.code):
			continue
		case !code.target:
			c.keys = collector{}
			code.do(c, from, "")
			return
		}
		k.code, k.last = &code, ""
		k.timer = c.x.loop.After(betweenTargetKeys, func() { c.targetKeyed(from) })
		return
	}
	k.timer = c.x.loop.After(betweenCodeKeys, func() { k.last = "" })
}

func (c *Call) targetKeyed(from *call.Side) {
	code, target := c.keys.code, c.keys.target
	c.keys = collector{}
	if target != "" {
		code.do(c, from, target)
	}
}

// transfer sends the party that talks to the agent's side on to target, and lets the agent go (blind transfer).
func (c *Call) transfer(from *call.Side, target string) {
	partner := c.joinedTo(from)
	agent, known := c.x.agentSettings(from.Phone)
	if partner == nil || !known || len(c.thirds) > 0 { // of more than two nobody can be meant
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
	c.measured(from)
	from.End(q850.NormalClearing)
	c.release(from.Phone)
	if outside {
		c.dialOut(agent, number)
		return
	}
	c.ringExtension(target)
}
