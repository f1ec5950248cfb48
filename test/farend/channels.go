package farend

import "trunkbox/drivers/span"

// moveSound ticks the line until it ends.
func (e *Exchange) moveSound() error {
	var rx, tx span.Block
	n, slots := e.line.Block(), e.line.Kind().B()
	for {
		for _, ts := range slots {
			if s := e.sounds[ts].Load(); s != nil {
				s.Fill(tx[ts][:n])
				continue
			}
			for i := range n {
				tx[ts][i] = e.law.Silence()
			}
		}
		if err := e.line.Tick(&rx, &tx); err != nil {
			return err
		}
		for _, ts := range slots {
			if s := e.sounds[ts].Load(); s != nil {
				s.Hear(rx[ts][:n])
			}
		}
	}
}
