package exchange

import (
	"context"
	"time"
)

// lightEvery is how soon a lamp follows its line.
const lightEvery = 500 * time.Millisecond

// light keeps the lamps of the board showing how the lines are.
func (x *Exchange) light(ctx context.Context) {
	ticker := time.NewTicker(lightEvery)
	defer ticker.Stop()
	for {
		x.loop.Do(func() {
			x.checkJournal()
			x.checkPorts()
			x.setLamps()
		})
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// checkJournal takes the notice of a disk that refuses away once it holds every event.
func (x *Exchange) checkJournal() {
	if _, shown := x.notices[journalFailing]; shown && x.Journal.Stats().Unsaved == 0 {
		x.clearNotice(journalFailing)
	}
}

func (x *Exchange) setLamps() {
	alarm := "off"
	if len(x.notices) > 0 {
		alarm = "yellow"
	}
	for name, l := range x.lines {
		lamp := l.lampNow()
		x.setLED(name, lamp)
		if lamp == "red" || lamp == "off" {
			alarm = "red"
		}
	}
	x.setLED("power", "green")
	x.setLED("alarm", alarm)
}

// setLED sets a lamp; a board without that lamp shows the line on the page only.
func (x *Exchange) setLED(name, state string) {
	for _, led := range x.Board.LEDs() {
		if led.Name == name && led.State != state {
			if err := x.Board.SetLED(name, state); err != nil {
				x.Log.Warn("a lamp cannot be set", "lamp", name, "error", err)
			}
			x.watch.tell()
		}
	}
}

func (x *Exchange) ledsNow() []LEDNow {
	leds := []LEDNow{}
	for _, led := range x.Board.LEDs() {
		leds = append(leds, LEDNow{Name: led.Name, State: led.State})
	}
	return leds
}
