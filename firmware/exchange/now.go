package exchange

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"trunkbox/drivers/span"
	"trunkbox/firmware/acd"
	"trunkbox/firmware/call"
	"trunkbox/firmware/pri"
	"trunkbox/firmware/realtime"
)

// Snapshot says how everything is at this moment.
func (x *Exchange) Snapshot() Snapshot {
	var now Snapshot
	x.loop.Do(func() { now = x.snapshot() })
	return now
}

func (x *Exchange) snapshot() Snapshot {
	now := Snapshot{
		At: time.Now(), Name: x.settings.Box.Name, Version: x.Version, Started: x.started,
		Notices: []Notice{}, Lines: []LineNow{}, Trunks: x.trunksNow(), Calls: []CallNow{}, Agents: []AgentNow{}, Queues: []QueueNow{},
		Tick: x.tickNow(),
	}
	for _, notice := range x.notices {
		now.Notices = append(now.Notices, notice)
	}
	slices.SortFunc(now.Notices, func(a, b Notice) int { return a.Since.Compare(b.Since) })
	for _, c := range x.calls {
		now.Calls = append(now.Calls, c.now())
	}
	slices.SortFunc(now.Calls, func(a, b CallNow) int { return strings.Compare(a.ID, b.ID) })
	on := x.callsOnChannels()
	for _, settings := range x.settings.Lines {
		if l := x.lines[settings.Name]; l != nil {
			now.Lines = append(now.Lines, x.lineNow(l, on))
		}
	}
	now.Agents = x.agentsNow(now.At)
	now.Queues = x.queuesNow(now.At)
	now.LEDs = x.ledsNow()
	return now
}

func (c *Call) now() CallNow {
	now := CallNow{
		ID: c.id, Direction: c.direction, Caller: c.calling.Digits, CallerName: c.calling.Name, Restricted: c.calling.Restricted, Called: c.called,
		Line: c.line, Timeslot: timeslotOf(c), State: c.state, Where: c.where, Began: c.began, Since: c.since, Recording: c.recordingNow(),
		Text: c.services.text, Charge: sum(c.services.charge), Answerer: c.services.answerer.Digits, AnswererName: c.services.answerer.Name,
	}
	if d := c.services.diverted; d != nil {
		now.Diverted, now.DivertedName, now.DivertedReason = d.By.Digits, d.By.Name, d.Reason
	}
	return now
}

// lineNow is a line as pri and the driver tell it, with the calls on its channels.
func (x *Exchange) lineNow(l *line, on map[channel]string) LineNow {
	now := LineNow{
		Name: l.settings.Name, Kind: l.settings.Kind, Driver: l.settings.Driver, Side: l.settings.Side,
		Lamp: "off", Alarms: []string{}, AlarmsNow: []string{}, Link: "down", Counters: map[string]uint64{}, Channels: []ChannelNow{},
	}
	now.Change, now.Echo = l.unit.changeNow(), l.echo.now()
	if l.span == nil {
		now.Alarms, now.AlarmsNow = span.NotOpen.Names(), span.NotOpen.Names()
		return now
	}
	now.Clock = x.clockNow(l)
	status := l.span.Status()
	declared, since := l.declared.Look(time.Now(), status.Alarms)
	now.Alarms, now.AlarmsSince = append(now.Alarms, declared.Names()...), since
	now.AlarmsNow = append(now.AlarmsNow, status.Alarms.Names()...)
	now.Counters = counters(status.Counters)
	access := l.access.Now()
	now.Link, now.LinkSince = access.Link, access.Since
	now.Lamp = lamp(declared, access.Link == pri.LinkUp)
	for _, ch := range access.Channels {
		now.Channels = append(now.Channels, channelNow(l.settings.Name, ch, on))
	}
	return now
}

// lampNow is the Lamp of lineNow.
func (l *line) lampNow() string {
	if l.span == nil {
		return "off"
	}
	declared, _ := l.declared.Look(time.Now(), l.span.Status().Alarms)
	return lamp(declared, l.access.Link() == pri.LinkUp)
}

// lamp is the colour of a line's lamp in the field's convention.
func lamp(alarms span.Alarm, linkUp bool) string {
	switch {
	case alarms&span.AIS != 0:
		return "blue"
	case alarms.Down():
		return "red"
	case alarms&span.RAI != 0:
		return "yellow"
	case !linkUp:
		return "green_blink"
	}
	return "green"
}

func counters(c span.Counters) map[string]uint64 {
	return map[string]uint64{
		"ticks": c.Ticks, "slips": c.Slips, "bpv": c.BPV, "crc4": c.CRC4, "ebit": c.EBit, "fas": c.FAS, "aborts": c.Aborts,
		"bad_fcs": c.BadFCS, "bad_frames": c.BadFrames, "rx_overruns": c.RxOverruns, "tx_underruns": c.TxUnderruns,
	}
}

// channel is a B channel.
type channel struct {
	line     string
	timeslot int
}

// callsOnChannels are the names of the calls on channels. A caller whom an agent has sent out again has two, a talk of several
// one for each who is outside.
func (x *Exchange) callsOnChannels() map[channel]string {
	on := make(map[channel]string, len(x.calls))
	for _, c := range x.calls {
		for _, side := range c.sides() {
			if side.Phone == "" {
				name := side.Leg.Name()
				on[channel{lineIn(name), timeslotIn(name)}] = c.id
			}
		}
	}
	return on
}

func (x *Exchange) agentsNow(at time.Time) []AgentNow {
	registered := map[string]string{}
	for _, r := range x.phones.Registrations() {
		if registered[r.Extension] == "" {
			registered[r.Extension] = r.Address
		}
	}
	agents := []AgentNow{}
	for _, settings := range x.settings.Agents {
		a := x.acd.Agent(settings.Extension)
		state := a.State(at)
		if c := x.calls[a.Talking]; c != nil && c.rung == settings.Extension {
			state = acd.Ringing // dialled directly, and not answered yet
		}
		day := x.Journal.Agent(settings.Extension)
		agents = append(agents, AgentNow{
			Extension: settings.Extension, Name: settings.Name, State: string(state), Since: x.since[settings.Extension],
			Reason: a.Paused, Queues: settings.Queues, Phone: registered[settings.Extension], Call: a.Talking + a.Offered,
			Taken: day.Answered, Missed: day.Missed,
		})
	}
	return agents
}

func (x *Exchange) queuesNow(at time.Time) []QueueNow {
	queues := []QueueNow{}
	for _, settings := range x.settings.Queues {
		day := x.Journal.Queue(settings.Name)
		q := QueueNow{
			Name: settings.Name, Waiting: []WaitingNow{}, Offered: day.Offered, Answered: day.Answered, Abandoned: day.Abandoned,
			Overflowed: day.Overflowed, Lost: day.Lost,
		}
		for _, a := range x.acd.Agents.All() {
			if slices.Contains(a.Queues, settings.Name) && a.LoggedIn {
				q.LoggedIn++
				if a.State(at) == acd.Ready {
					q.Ready++
				}
			}
		}
		for _, w := range x.acd.Waiting {
			if c := x.calls[w.Call]; c != nil && w.Queue == settings.Name {
				q.Waiting = append(q.Waiting, WaitingNow{
					Call: w.Call, Caller: c.calling.Digits, Restricted: c.calling.Restricted, Since: w.Since, Reason: x.acd.WhyWaiting(w.Call).String(),
				})
			}
		}
		queues = append(queues, q)
	}
	return queues
}

// timeslotOf is the timeslot of the call's trunk leg, 0 when it has none.
func timeslotOf(c *Call) int {
	for _, side := range []*call.Side{c.caller, c.other} {
		if side == nil || side.Phone != "" {
			continue
		}
		return timeslotIn(side.Leg.Name())
	}
	return 0
}

// lineIn is the line in the name of a channel ("line1/ts07").
func lineIn(channel string) string {
	line, _, _ := strings.Cut(channel, "/ts")
	return line
}

// timeslotIn is the timeslot in the name of a channel ("line1/ts07"), 0 when there is none.
func timeslotIn(channel string) int {
	_, number, _ := strings.Cut(channel, "/ts")
	ts, _ := strconv.Atoi(number) // 0 when it is no number
	return ts
}

// tickNow is how the sound is moved.
func (x *Exchange) tickNow() TickNow {
	engine := x.engine.Now()
	now := TickNow{Parties: engine.Parties, LongestUS: engine.Longest.Microseconds(), Refused: []string{}, Late: []LateNow{}}
	now.Refused = append(now.Refused, x.late.refused...)
	now.LateUS, now.Cause, now.LateAt = x.late.longest.Microseconds(), string(x.late.cause), x.late.when
	now.Causes = maps.Clone(x.late.causes)
	now.ProcessorPercent, now.LimitPercent = 100*x.late.most, 100*x.late.limit
	for _, task := range realtime.Tasks() {
		if task.Refused != "" {
			now.Refused = append(now.Refused, task.Name+": "+task.Refused)
		}
	}
	for _, l := range x.lines {
		if l.slots == nil {
			continue
		}
		t := l.slots.Ticks()
		now.Moved += t.Moved
		now.Missed += t.Late
		now.Overruns += t.Losses.Dropped
		now.Underruns += t.Losses.Starved + t.Losses.Silent
		now.Slips += t.Losses.Slips
		for i, class := range t.Classes {
			if i == len(now.Late) {
				now.Late = append(now.Late, LateNow{UpToUS: class.UpTo.Microseconds()})
			}
			now.Late[i].Ticks += class.Ticks
		}
	}
	return now
}
