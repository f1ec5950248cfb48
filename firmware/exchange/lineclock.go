package exchange

import (
	"trunkbox/firmware/doctor"
	"trunkbox/firmware/evidence"
)

// lineClocks are the clocks of a line and of those in service that have a signal and the same kind of driver: a virtual line
// has the machine's clock, and a framer that hears nothing its own. It is the loop's.
func (x *Exchange) lineClocks(name string) (all doctor.Clocks) {
	own := x.lines[name]
	if own == nil || own.span == nil {
		return all
	}
	all.PPM, all.Known = own.slots.Rate()
	for _, settings := range x.settings.Lines {
		l := x.lines[settings.Name]
		if l == nil || l == own || l.span == nil || settings.Driver != own.settings.Driver || l.span.Status().Alarms.Down() {
			continue
		}
		if ppm, known := l.slots.Rate(); known {
			all.Others = append(all.Others, doctor.Clock{Line: settings.Name, PPM: ppm})
		}
	}
	return all
}

// otherClocks are by how much a line's clock differs from those of the others.
func (x *Exchange) otherClocks(name string) (others []evidence.OtherClock) {
	x.loop.Do(func() {
		clocks := x.lineClocks(name)
		for _, o := range clocks.Others {
			if clocks.Known {
				others = append(others, evidence.OtherClock{Line: o.Line, PPM: clocks.PPM - o.PPM})
			}
		}
	})
	return others
}

// clockNow is a line's clock against that of the line which sets the pace; nothing where there is one line. It is the loop's.
func (x *Exchange) clockNow(l *line) (now ClockNow) {
	pace := x.pace.Load()
	if pace == nil || len(x.lines) < 2 {
		return now
	}
	now.Pace = pace == l
	own, known := l.slots.Rate()
	theirs, both := pace.slots.Rate()
	if known && both {
		now.Known, now.PPM = true, own-theirs
	}
	return now
}
