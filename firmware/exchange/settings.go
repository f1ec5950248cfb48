package exchange

import (
	"fmt"
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

// Apply saves new settings and puts them in force without cutting calls; a line whose own settings changed takes no more
// calls until its last has ended (see LineChange). Settings that are not valid, or that cannot be saved, change nothing.
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
	x.setRecording(to)
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
	x.trunks.Apply(to)
	x.applyLines(to.Lines, false)
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
