package exchange

import (
	"slices"
	"strconv"
	"strings"

	"trunkbox/dsp"
	"trunkbox/firmware/call"
	"trunkbox/firmware/journal"
	"trunkbox/firmware/q850"
)

// attention is how a supervisor takes part in a call.
type attention string

// The ways of a supervisor, from the quietest. Listening nobody hears him; whispering only the agent; barging everybody.
const (
	listening  attention = "listen"
	whispering attention = "whisper"
	barging    attention = "barge"
)

// watcher is a supervisor in the call of an agent, by a call of his own.
type watcher struct {
	side  *call.Side // of the supervisor's own call
	own   *Call      // which ends when the agent's does
	agent string
	how   attention
}

// supervision finds the code that a supervisor dialled, with the agent's extension behind it.
func (x *Exchange) supervision(dialled string) (how attention, extension string, found bool) {
	f := x.settings.Features
	for _, one := range []struct {
		code string
		how  attention
	}{{f.Listen, listening}, {f.Whisper, whispering}, {f.Barge, barging}} {
		if rest, ok := strings.CutPrefix(dialled, one.code); ok && one.code != "" {
			return one.how, rest, true
		}
	}
	return "", "", false
}

// supervise lets the supervisor who dialled into the call of an agent. Who may not, or finds no call, is told so.
func (c *Call) supervise(how attention, extension string) {
	x := c.x
	c.engage(c.caller.Phone)
	supervisor, _ := x.agentSettings(c.caller.Phone)
	if !supervisor.Supervisor {
		c.unreachable(ending{cause: q850.OutgoingCallsBarred, by: "box", reason: journal.NotSupervisor, about: supervisor.Extension}, "number_barred")
		return
	}
	target := x.talkOf(extension)
	if target == nil || extension == supervisor.Extension {
		c.unreachable(ending{cause: q850.UnallocatedNumber, by: "box", reason: journal.NoTalk, about: extension}, "cannot_be_reached")
		return
	}
	if len(target.sides())+len(target.watchers) >= dsp.MostMixed {
		c.unreachable(ending{cause: q850.UserBusy, by: "box", reason: journal.TalkFull, about: strconv.Itoa(dsp.MostMixed)}, "line_busy")
		return
	}
	c.answer()
	c.become("supervising", extension)
	c.watched = target
	target.watchers = append(target.watchers, &watcher{c.caller, c, extension, how})
	target.note(journal.SupervisorIn, "by", supervisor.Extension, "agent", extension, "how", string(how))
	target.wire()
}

// talkOf is the call in which the agent talks, nil if there is none.
func (x *Exchange) talkOf(extension string) *Call {
	for _, c := range x.calls {
		if !c.linked || c.joined.IsZero() {
			continue
		}
		if slices.ContainsFunc(c.sides(), func(s *call.Side) bool { return s.Phone == extension && extension != "" }) {
			return c
		}
	}
	return nil
}

// supervisionKeys let a supervisor change his way while he is in: 1 listens, 2 whispers, 3 barges.
var supervisionKeys = map[byte]attention{'1': listening, '2': whispering, '3': barging}

// superviseKey changes how the supervisor takes part.
func (c *Call) superviseKey(key byte) {
	how, known := supervisionKeys[key]
	for _, w := range c.watched.watchers {
		if known && w.own == c && w.how != how {
			w.how = how
			c.watched.note(journal.SupervisorIn, "by", c.caller.Phone, "agent", w.agent, "how", string(how))
			c.watched.wire()
		}
	}
}

// unwatch takes the supervisor of this call out of the call he was in.
func (c *Call) unwatch() {
	target := c.watched
	if target == nil {
		return
	}
	c.watched = nil
	target.watchers = slices.DeleteFunc(target.watchers, func(w *watcher) bool { return w.own == c })
	if !target.ended {
		target.note(journal.SupervisorOut, "by", c.caller.Phone)
		target.wire()
	}
}

// dismiss ends the calls of the supervisors who are in this one.
func (c *Call) dismiss() {
	for _, w := range slices.Clone(c.watchers) {
		w.own.end(ending{cause: q850.NormalClearing, by: "box", reason: journal.WatchedEnded, about: w.agent})
	}
	c.watchers = nil
}
