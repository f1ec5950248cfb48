package farend

import (
	"time"

	"trunkbox/drivers/span"
	"trunkbox/test/farend/sound"
)

// moveSound ticks the line until it ends.
func (e *Exchange) moveSound() error {
	var rx, tx span.Block
	var at [span.Slots]*sound.Sound // who spoke last on each channel
	n, slots := e.line.Block(), e.line.Kind().B()
	for _, ts := range slots {
		sound.Silence(tx[ts][:n], e.law)
	}
	for {
		for _, ts := range slots {
			s := e.sounds[ts].Load()
			switch {
			case s != nil:
				s.Fill(tx[ts][:n])
			case at[ts] != nil:
				sound.Silence(tx[ts][:n], e.law)
			}
			at[ts] = s
		}
		if err := e.line.Tick(&rx, &tx); err != nil {
			return err
		}
		now := time.Now().UnixNano()
		for _, ts := range slots {
			if s := at[ts]; s != nil {
				s.Said(now)
				s.HearAt(rx[ts][:n], now)
			}
		}
	}
}
