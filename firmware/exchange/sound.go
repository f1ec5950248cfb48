package exchange

import (
	"context"
	"runtime/debug"
	"time"

	"trunkbox/firmware/realtime"
	"trunkbox/firmware/timeslot"
)

// LateCause is why the longest tick was late.
type LateCause string

// The causes, as far as a second's counters tell them apart.
const (
	LateByCollection LateCause = "collection" // the garbage collector stopped the world meanwhile
	LateByProcessor  LateCause = "processor"  // the thread was ready and other programs had the processors
	LateByDriver     LateCause = "driver"     // neither: the line itself, or its driver, came late
)

// lateness is what is known of the longest ticks, line by line. It belongs to the loop.
type lateness struct {
	longest map[string]time.Duration // by line
	cause   LateCause                // of the longest of all
	when    time.Time
	refused string // why memory is not locked
}

// watchEvery is how often the ticks are looked at.
const watchEvery = time.Second

// watchTicks looks for the cause of each tick that was later than all before it.
func (x *Exchange) watchTicks(ctx context.Context) {
	ticker := time.NewTicker(watchEvery)
	defer ticker.Stop()
	waited := map[string]time.Duration{}
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		x.loop.Do(func() {
			for name, l := range x.lines {
				if l.slots == nil {
					continue
				}
				before := waited[name]
				now, err := realtime.Waited(l.steady.Name())
				if err == nil {
					waited[name] = now
				}
				x.explainLate(name, l.slots.Ticks(), now-before)
			}
			x.trimPace()
		})
	}
}

// explainLate keeps why a line's longest tick was late; waited is how long its thread was not let run in the last second.
func (x *Exchange) explainLate(name string, t timeslot.Ticks, waited time.Duration) {
	if t.Longest <= x.late.longest[name] {
		return
	}
	longestOfAll := time.Duration(0)
	for _, longest := range x.late.longest {
		longestOfAll = max(longestOfAll, longest)
	}
	x.late.longest[name] = t.Longest
	if t.Longest > longestOfAll {
		x.late.cause, x.late.when = lateCause(t, waited, collections()), t.When
	}
}

// lateCause is why a tick was late: what took more than half of the time.
func lateCause(t timeslot.Ticks, waited time.Duration, pauses []pause) LateCause {
	for _, p := range pauses {
		if p.lasted > t.Longest/2 && p.ended.Before(t.When.Add(time.Millisecond)) && p.ended.After(t.When.Add(-2*t.Longest-time.Millisecond)) {
			return LateByCollection
		}
	}
	if waited > t.Longest/2 {
		return LateByProcessor
	}
	return LateByDriver
}

// pause is a time in which the garbage collector stopped the world.
type pause struct {
	ended  time.Time
	lasted time.Duration
}

// collections are the last pauses of the garbage collector.
func collections() []pause {
	var stats debug.GCStats
	debug.ReadGCStats(&stats)
	var pauses []pause
	for i := range min(len(stats.Pause), len(stats.PauseEnd)) {
		pauses = append(pauses, pause{stats.PauseEnd[i], stats.Pause[i]})
	}
	return pauses
}

// tickNow is how the sound is moved.
func (x *Exchange) tickNow() TickNow {
	engine := x.engine.Now()
	now := TickNow{Parties: engine.Parties, LongestUS: engine.Longest.Microseconds(), Refused: []string{}, Late: []LateNow{}}
	if x.late.refused != "" {
		now.Refused = append(now.Refused, x.late.refused)
	}
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
		if us := t.Longest.Microseconds(); us > now.LateUS {
			now.LateUS, now.Cause, now.LateAt = us, string(x.late.cause), x.late.when
		}
		for i, class := range t.Classes {
			if i == len(now.Late) {
				now.Late = append(now.Late, LateNow{UpToUS: class.UpTo.Microseconds()})
			}
			now.Late[i].Ticks += class.Ticks
		}
	}
	return now
}
