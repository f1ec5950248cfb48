package exchange

import (
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"trunkbox/drivers/span"
	"trunkbox/dsp"
	"trunkbox/firmware/bridge"
	"trunkbox/firmware/call"
	"trunkbox/firmware/config"
	"trunkbox/firmware/journal"
	"trunkbox/firmware/performance"
	"trunkbox/firmware/pri"
	"trunkbox/firmware/timeslot"
)

// line is one E1 or T1 at work. It belongs to the loop.
type line struct {
	settings config.Line // in force
	unit     *unit
	span     span.Line // the driver; nil while it cannot be opened
	steady   *steady
	slots    *timeslot.Span
	access   *pri.Access // nil when the settings do not fit together
	running  sync.WaitGroup
	again    *call.Timer   // until the driver is tried again
	missed   bool          // the driver could not be opened, or went
	seen     atomic.Uint32 // the alarms (span.Alarm) that came since the last look of measure
	declared performance.Declared
	echo     *echo
}

// unit is the lines that share a D channel, one as a rule: what is opened and closed as a whole. It belongs to the loop.
type unit struct {
	lines   []*line
	group   *pri.Group
	stop    context.CancelFunc
	running sync.WaitGroup
	change  *change // the settings that wait for its calls to end
	proof   *proof  // that new settings work is still to be seen
}

// againAfter is when a line whose driver could not be opened, or went, is tried again.
const againAfter = 10 * time.Second

// startLines opens every line in service.
func (x *Exchange) startLines() {
	for _, lines := range unitsOf(x.settings.Lines) {
		u := x.startUnit(lines)
		if was := x.keptProof(lines[0].Name); was != nil {
			x.prove(u, was)
		}
	}
}

// unitsOf are the lines in service, those of one D channel together, its primary first.
func unitsOf(lines []config.Line) [][]config.Line {
	var units [][]config.Line
	groups := map[string]int{}
	for _, l := range lines {
		at, known := groups[l.Group]
		switch {
		case !l.Enabled:
			continue
		case l.Group == "" || !known:
			groups[l.Group] = len(units)
			units = append(units, []config.Line{l})
		default:
			units[at] = append(units[at], l)
		}
	}
	for _, unit := range units {
		slices.SortStableFunc(unit, func(a, b config.Line) int { return rank(a) - rank(b) })
	}
	return units
}

func rank(l config.Line) int {
	if l.DChannel == "primary" {
		return 0
	}
	return 1
}

// startUnit starts the schedulers and the signalling of lines that share a D channel, and opens their drivers.
func (x *Exchange) startUnit(settings []config.Line) *unit {
	u := &unit{}
	options := make([]pri.Options, 0, len(settings))
	for _, s := range settings {
		l := x.newLine(s, u)
		u.lines = append(u.lines, l)
		x.lines[s.Name] = l
		options = append(options, x.optionsOf(l))
	}
	group, err := pri.NewGroup(options...)
	if err != nil {
		for _, l := range u.lines {
			x.lineFault(l, err)
		}
		return u
	}
	ctx, stop := context.WithCancel(context.Background())
	u.group, u.stop = group, stop
	for i, l := range u.lines {
		l.access = group.Lines()[i]
		x.keepOut(l)
		l.running.Go(func() { x.rows.Run(l.slots) })
	}
	u.running.Go(func() {
		if err := group.Run(ctx); err != nil && ctx.Err() == nil {
			x.Log.Error("the signalling of a line has ended", "line", settings[0].Name, "error", err)
		}
	})
	for _, l := range u.lines {
		x.openDriver(l)
	}
	return u
}

// newLine makes a line whose driver is not open yet.
func (x *Exchange) newLine(settings config.Line, u *unit) *line {
	l := &line{settings: settings, unit: u}
	kind, law := span.E1, dsp.ALaw
	if settings.Kind == "T1" {
		kind = span.T1
	}
	if settings.Law == "mulaw" {
		law = dsp.MuLaw
	}
	l.steady = newSteady(settings.Name, kind, x.block, settings.DChannel == "none", func(driver span.Line) {
		x.loop.Post(func() { x.driverGone(l, driver) })
	})
	l.echo = x.newEcho(l.steady, settings)
	l.slots = timeslot.New(l.steady, law, func() {
		if x.pace.Load() == l {
			x.engine.Wake()
		}
	}, x.Log)
	return l
}

func (x *Exchange) optionsOf(l *line) pri.Options {
	frames, network := x.traces.open(l.settings.Name), l.settings.Side == "network"
	return pri.Options{
		Line: l.steady, Settings: l.settings, N200: l.settings.N200, Channels: cancelled{l.slots, l.echo}, Accept: x.acceptTrunk,
		Observer: lineObserver{x, l.settings.Name}, Logger: x.Log,
		Trace: func(sent bool, frame []byte) { frames.Add(sent, network, frame) },
	}
}

// openDriver opens the driver of a line. One that cannot be opened is shown and tried again, and does not keep the others
// from working.
func (x *Exchange) openDriver(l *line) {
	settings := l.settings
	settings.BlockMS = x.block / 8
	driver, err := x.OpenLine(settings)
	if err == nil {
		err = l.steady.attach(driver)
	}
	if err != nil {
		x.lineFault(l, err)
		x.retry(l)
		return
	}
	l.span = driver
	l.echo.again()
	x.choosePace()
	l.running.Go(func() { x.alarms(l, settings.Name, driver) })
	l.running.Go(func() { x.echoes(settings.Name, driver) })
	x.clearNotice("line_" + settings.Name)
	if l.missed {
		l.missed = false
		x.note("", journal.LineChanged, "line", settings.Name, "state", "back")
	}
}

func (x *Exchange) lineFault(l *line, err error) {
	name := l.settings.Name
	x.Log.Error("the line cannot be opened", "line", name, "error", err)
	x.noticeFault("line_"+name, "线路 "+name+" 无法打开", "The line "+name+" cannot be opened", err)
}

func (x *Exchange) retry(l *line) {
	l.again.Stop()
	l.again = x.loop.After(againAfter, func() {
		if x.lines[l.settings.Name] == l && l.span == nil {
			x.openDriver(l)
		}
	})
}

// driverGone: the driver ended though nobody closed it. The line is shown as not open, and tried again by itself.
func (x *Exchange) driverGone(l *line, driver span.Line) {
	name := l.settings.Name
	if x.lines[name] != l || l.span != driver {
		return
	}
	l.span, l.missed = nil, true
	x.choosePace()
	x.Log.Error("the driver of a line has gone", "line", name)
	x.note("", journal.LineChanged, "line", name, "state", "gone", "reason", string(journal.DriverGone))
	x.notice("line_"+name, "线路 "+name+" 的驱动或板卡不可用，正在自动重试。", "The driver or the card of line "+name+" is gone; it is tried again by itself.")
	x.retry(l)
}

// choosePace lets the first line whose driver is open give the bridge its clock, until it is known when the ticks of the
// lines come: see trimPace. Without one the bridge has its own.
func (x *Exchange) choosePace() {
	for _, settings := range x.settings.Lines {
		if l := x.lines[settings.Name]; l != nil && l.span != nil {
			x.pace.Store(l)
			return
		}
	}
	x.pace.Store(nil)
}

// trimPace lets that line give the bridge its clock after whose tick the bridge has the longest time for itself.
func (x *Exchange) trimPace() {
	now := x.pace.Load()
	if now == nil {
		return
	}
	var open []*timeslot.Span
	of := map[*timeslot.Span]*line{}
	for _, settings := range x.settings.Lines {
		if l := x.lines[settings.Name]; l != nil && l.span != nil {
			open = append(open, l.slots)
			of[l.slots] = l
		}
	}
	if best := of[timeslot.Pace(open, now.slots)]; best != nil && best != now {
		x.pace.Store(best)
	}
}

// close ends the unit and waits for its goroutines, not in the loop's if it can be helped.
func (u *unit) close() {
	if u.stop != nil {
		u.stop()
	}
	for _, l := range u.lines {
		_ = l.steady.Close()
	}
	u.running.Wait()
	for _, l := range u.lines {
		l.running.Wait()
	}
}

// close ends the line with all that share its D channel.
func (l *line) close() { l.unit.close() }

// busy says whether a call is still up or clearing on the line.
func (l *line) busy() bool { return l.callsUp() > 0 }

// callsUp is the number of channels on which a call is up or clearing.
func (l *line) callsUp() int {
	if l.access == nil {
		return 0
	}
	n := 0
	for _, ch := range l.access.Now().Channels {
		switch ch.State {
		case "seized", "ringing", "talking", "clearing":
			n++
		}
	}
	return n
}

// alarms journals each change of alarms of the line of that name until the driver is closed. The line itself is the loop's.
func (x *Exchange) alarms(l *line, name string, driver span.Line) {
	for event := range driver.Events() {
		l.seen.Or(uint32(event.Alarms))
		x.loop.Post(func() { l.declared.Look(time.Now(), event.Alarms) })
		x.note("", journal.LineAlarm, "line", name, "alarms", strings.Join(event.Alarms.Names(), "+"))
	}
}

// channels gives pri the timeslots as ports.
type channels struct{ slots *timeslot.Span }

func (c channels) Open(ts span.Timeslot) bridge.Port { return c.slots.Open(ts) }
func (c channels) Close(ts span.Timeslot)            { c.slots.Close(ts) }
