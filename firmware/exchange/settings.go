package exchange

import (
	"fmt"
	"reflect"
	"slices"
	"time"

	"trunkbox/firmware/config"
	"trunkbox/firmware/journal"
)

// Settings are the settings in force.
func (x *Exchange) Settings() config.Settings { return x.Store.Settings() }

// Changes says in sentences what new settings would touch.
func (x *Exchange) Changes(to config.Settings) []config.Change {
	return config.Changes(x.Store.Settings(), to)
}

// Apply saves new settings and puts them in force without cutting other calls; only a line whose own
// settings changed ends its calls. Settings that are not valid, or that cannot be saved, change nothing.
func (x *Exchange) Apply(to config.Settings, by string) error {
	x.apply.Lock()
	defer x.apply.Unlock()
	old := x.Store.Settings()
	if err := x.Store.Save(to, by); err != nil {
		return fmt.Errorf("the settings were not changed: %w", err)
	}
	to = x.Store.Settings()
	x.note("", journal.SettingsMade, "by", by)
	x.keepTime(to)
	x.loop.Do(func() {
		x.settings = to
		x.seatAgents()
	})
	if err := x.phones.Apply(old, to); err != nil {
		x.loop.Do(func() {
			x.noticeFault("phones_settings", "话机的新设置没有全部生效", "Not all new settings of the phones took effect", err)
		})
	} else {
		x.loop.Do(func() { x.clearNotice("phones_settings") })
	}
	x.applyLines(old.Lines, to.Lines)
	x.loop.Do(func() { x.checkBlock(to) })
	x.watch.tell()
	return nil
}

// keepTime lets the days of the figures begin at the midnight of the box's time zone.
func (x *Exchange) keepTime(settings config.Settings) {
	zone, err := time.LoadLocation(settings.Box.TimeZone)
	if err != nil {
		x.Log.Error("the time zone is not known, the days begin at midnight UTC", "zone", settings.Box.TimeZone, "error", err)
		zone = time.UTC
	}
	x.Journal.SetZone(zone)
	x.quality.inZone(zone)
}

// checkBlock tells the owner when the tick that the settings ask for waits for the next start of the box.
func (x *Exchange) checkBlock(to config.Settings) {
	if block(to) == x.block {
		x.clearNotice("block")
		return
	}
	x.notice("block",
		fmt.Sprintf("声音的块长改为 %d 毫秒，下次启动时生效；现在是 %d 毫秒。", block(to)/8, x.block/8),
		fmt.Sprintf("The block of sound of %d ms takes effect at the next start of the box; it is %d ms now.", block(to)/8, x.block/8))
}

// applyLines starts, stops and changes lines one by one; a line that did not change is not touched.
func (x *Exchange) applyLines(old, to []config.Line) {
	find := func(lines []config.Line, name string) (config.Line, bool) {
		i := slices.IndexFunc(lines, func(l config.Line) bool { return l.Name == name && l.Enabled })
		if i < 0 {
			return config.Line{}, false
		}
		return lines[i], true
	}
	for _, was := range old {
		if _, kept := find(to, was.Name); !kept {
			x.closeLine(was.Name)
		}
	}
	for _, is := range to {
		was, there := find(old, is.Name)
		switch {
		case !is.Enabled:
		case !there:
			x.loop.Do(func() { x.startLine(is) })
		case reflect.DeepEqual(was, is):
		case liveOnly(was, is):
			x.loop.Do(func() {
				if l := x.lines[is.Name]; l != nil && l.access != nil {
					l.access.Apply(l.settings, is)
					l.settings = is
				}
			})
		default:
			x.closeLine(is.Name)
			x.loop.Do(func() { x.startLine(is) })
		}
	}
}

// liveOnly says whether the difference is one that pri can apply while calls are up.
func liveOnly(was, is config.Line) bool {
	was.Hunting, was.Selection, was.DDIDigits, was.Restart = is.Hunting, is.Selection, is.DDIDigits, is.Restart
	return reflect.DeepEqual(was, is)
}

// closeLine ends the calls of a line and closes it, without keeping the loop waiting.
func (x *Exchange) closeLine(name string) {
	var l *line
	x.loop.Do(func() {
		l = x.lines[name]
		delete(x.lines, name)
		x.clearNotice("line_" + name)
		for _, c := range x.calls {
			if c.line == name {
				c.end(ending{cause: causeOfStop, by: "box", reason: journal.LineSettingsChanged})
			}
		}
	})
	if l != nil {
		l.close()
	}
}
