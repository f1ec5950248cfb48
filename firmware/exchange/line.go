package exchange

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"trunkbox/drivers/span"
	"trunkbox/dsp"
	"trunkbox/firmware/bridge"
	"trunkbox/firmware/config"
	"trunkbox/firmware/journal"
	"trunkbox/firmware/performance"
	"trunkbox/firmware/pri"
	"trunkbox/firmware/timeslot"
)

// line is one E1 or T1 at work. It belongs to the loop.
type line struct {
	settings config.Line
	span     span.Line // nil while the driver cannot be opened
	slots    *timeslot.Span
	access   *pri.Access
	stop     context.CancelFunc
	running  sync.WaitGroup
	seen     atomic.Uint32 // the alarms (span.Alarm) that came since the last look of measure
	declared performance.Declared
}

// againAfter is when a line whose driver could not be opened is tried again.
const againAfter = 10 * time.Second

// startLines opens every line in service.
func (x *Exchange) startLines() {
	for _, settings := range x.settings.Lines {
		if settings.Enabled {
			x.startLine(settings)
		}
	}
}

// startLine opens one line and starts its scheduler and its signalling. A line that cannot be opened is
// shown and tried again, and does not keep the others from working.
func (x *Exchange) startLine(settings config.Line) {
	l := &line{settings: settings}
	x.lines[settings.Name] = l
	if err := x.openLine(l); err != nil {
		x.Log.Error("the line cannot be opened", "line", settings.Name, "error", err)
		x.noticeFault("line_"+settings.Name, "线路 "+settings.Name+" 无法打开", "The line "+settings.Name+" cannot be opened", err)
		x.loop.After(againAfter, func() {
			if x.lines[settings.Name] == l {
				x.startLine(l.settings)
			}
		})
		return
	}
	x.clearNotice("line_" + settings.Name)
}

func (x *Exchange) openLine(l *line) error {
	settings := l.settings
	settings.BlockMS = x.block / 8
	frames := x.traces.open(settings.Name)
	driver, err := x.OpenLine(settings)
	if err != nil {
		return err
	}
	law := dsp.ALaw
	if l.settings.Law == "mulaw" {
		law = dsp.MuLaw
	}
	var wake func()
	if x.paces(l.settings.Name) {
		wake = x.engine.Wake
	}
	slots := timeslot.New(driver, law, wake, x.Log)
	network := l.settings.Side == "network"
	access, err := pri.New(pri.Options{
		Line: driver, Settings: l.settings, Channels: channels{slots}, Accept: x.acceptTrunk,
		Observer: lineObserver{x, l.settings.Name}, Logger: x.Log,
		Trace: func(sent bool, frame []byte) { frames.Add(sent, network, frame) },
	})
	if err != nil {
		_ = driver.Close()
		return fmt.Errorf("signalling of %s: %w", l.settings.Name, err)
	}
	ctx, stop := context.WithCancel(context.Background())
	l.span, l.slots, l.access, l.stop = driver, slots, access, stop
	l.running.Go(slots.Run)
	l.running.Go(func() {
		if err := access.Run(ctx); err != nil && ctx.Err() == nil {
			x.Log.Error("the signalling of a line has ended", "line", l.settings.Name, "error", err)
		}
	})
	l.running.Go(func() { x.alarms(l, driver) })
	return nil
}

// paces says whether this line's clock is the bridge's: the first line in service is.
func (x *Exchange) paces(name string) bool {
	for _, l := range x.settings.Lines {
		if l.Enabled {
			return l.Name == name
		}
	}
	return false
}

// close ends the line and waits for its goroutines.
func (l *line) close() {
	if l.span == nil {
		return
	}
	l.stop()
	_ = l.span.Close()
	l.running.Wait()
	l.span, l.access = nil, nil
}

// busy says whether a call is still up or clearing on the line.
func (l *line) busy() bool {
	if l.access == nil {
		return false
	}
	for _, ch := range l.access.Now().Channels {
		switch ch.State {
		case "seized", "ringing", "talking", "clearing":
			return true
		}
	}
	return false
}

// alarms journals each change of alarms until the line is closed.
func (x *Exchange) alarms(l *line, driver span.Line) {
	name := l.settings.Name
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
