package exchange

import (
	"strings"

	"trunkbox/firmware/call"
	"trunkbox/firmware/config"
	"trunkbox/firmware/ivr"
	"trunkbox/firmware/journal"
	"trunkbox/firmware/q850"
)

// acceptTrunk takes a call from a line or an IP trunk. It runs in the line's goroutine, or one of the call.
func (x *Exchange) acceptTrunk(in call.Incoming) call.Handler {
	c := x.newCall(in, "in")
	if !x.loop.Post(func() { c.arrive() }) {
		return nil
	}
	return x.handler(func(event call.Event) { c.from(in.Leg, event) })
}

// handler makes the handler of a leg: its events reach take in the loop.
func (x *Exchange) handler(take func(call.Event)) call.Handler {
	return func(event call.Event) { x.loop.Post(func() { take(event) }) }
}

// arrive sends a new call from a line where the routes say.
func (c *Call) arrive() {
	c.x.calls[c.id] = c
	c.caller.Treat = c.x.treatment(c.line)
	c.note(journal.CallArrived, "line", c.line, "channel", channelOf(c.caller.Leg.Name()), "caller", c.calling.Digits,
		"restricted", restricted(c.calling), "name", c.calling.Name, "called", c.called)
	c.noteServices()
	c.x.watch.tell()
	to, known := c.x.destination(c.line, c.called)
	if !known {
		c.end(ending{cause: q850.UnallocatedNumber, by: "box", reason: journal.NoRoute, about: c.called})
		return
	}
	c.caller.Leg.Alert()
	c.goTo(to)
}

// destination is where a called number goes: the first route that matches, else the first menu.
func (x *Exchange) destination(line, called string) (config.Destination, bool) {
	for _, route := range x.settings.Routes {
		if (route.Line == "" || route.Line == line) && strings.HasSuffix(called, route.Called) {
			return route.To, true
		}
	}
	if len(x.settings.Menus) > 0 {
		return config.Destination{Kind: "menu", Target: x.settings.Menus[0].Name}, true
	}
	return config.Destination{}, false
}

// goTo sends the caller to a destination.
func (c *Call) goTo(to config.Destination) {
	c.menu = nil
	c.timer.Stop()
	switch to.Kind {
	case "menu":
		c.enterMenu(to.Target)
	case "queue":
		c.enterQueue(to.Target)
	case "extension":
		if !c.testNumber(to.Target) && !c.consent(func() { c.ringExtension(to.Target) }) {
			c.ringExtension(to.Target)
		}
	case "outside":
		c.goOutside(to.Target)
	case "prompt":
		c.say(to.Target, ending{cause: q850.NormalClearing, by: "box", reason: journal.PromptPlayed, about: to.Target})
	default:
		c.say("goodbye", ending{cause: q850.NormalClearing, by: "box", reason: journal.SetToHangUp})
	}
}

// enterMenu answers the caller and begins the menu.
func (c *Call) enterMenu(name string) {
	for _, menu := range c.x.settings.Menus {
		if menu.Name == name {
			c.answer()
			c.become("menu", name)
			c.note(journal.MenuEntered, "menu", name)
			c.menu = ivr.New(menu, c.x.dialable)
			c.caller.ListenForKeys(true)
			c.menuDo(ivr.Event{Kind: ivr.Entered})
			return
		}
	}
	c.say("number_not_in_service", ending{cause: q850.UnallocatedNumber, by: "box", reason: journal.NoMenu, about: name})
}

// menuDo gives the menu an event and carries out what it asks for.
func (c *Call) menuDo(event ivr.Event) {
	menu := c.menu
	action := menu.Handle(event)
	if action.Silent || action.Play != nil || action.Wait > 0 || action.Go != nil {
		c.timer.Stop()
	}
	switch {
	case action.Play != nil:
		c.play(c.x.clips(action.Play...), func() { c.menuDo(ivr.Event{Kind: ivr.Played}) })
	case action.Silent:
		c.hear(nil)
	}
	if action.Wait > 0 {
		c.timer = c.x.loop.After(action.Wait, func() { c.menuDo(ivr.Event{Kind: ivr.TimeUp}) })
	}
	if action.Reason != "" {
		c.note(journal.MenuTimeout, "menu", menu.Menu(), "reason", action.Reason)
	}
	if action.Go != nil {
		if action.Keys != "" {
			c.note(journal.MenuKey, "menu", menu.Menu(), "key", action.Keys, "reason", string(leadsTo[action.Go.Kind]), "about", action.Go.Target)
		}
		c.goTo(*action.Go)
	}
}

func (c *Call) menuKey(key byte) { c.menuDo(ivr.Event{Kind: ivr.KeyPressed, Key: key}) }

// dialable says of digits whether they are an extension of an agent or queue, or the beginning of one.
func (x *Exchange) dialable(digits string) (whole, longer bool) {
	check := func(extension string) {
		switch {
		case extension == "":
		case extension == digits:
			whole = true
		case strings.HasPrefix(extension, digits):
			longer = true
		}
	}
	for _, agent := range x.settings.Agents {
		check(agent.Extension)
	}
	for _, queue := range x.settings.Queues {
		check(queue.Extension)
	}
	return whole, longer
}
