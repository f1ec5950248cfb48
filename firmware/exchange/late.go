package exchange

import (
	"context"
	"runtime/debug"
	"runtime/metrics"
	"slices"
	"time"

	"trunkbox/firmware/realtime"
	"trunkbox/firmware/timeslot"
)

// LateCause is why a tick was late.
type LateCause string

// The causes, as far as a second's counters tell them apart.
const (
	LateByCollection LateCause = "collection" // the garbage collector stopped the world meanwhile
	LateByHost       LateCause = "host"       // the host of the virtual machine did not let it run
	LateByLimit      LateCause = "limit"      // the threads of sound used all the time the kernel gives such threads
	LateByProcessor  LateCause = "processor"  // the thread was ready and others had the processors
	LateByOwn        LateCause = "own"        // a tick of ours took that long
	LateByProgram    LateCause = "program"    // the thread was awake, and the runtime of the program kept it
	LateByDriver     LateCause = "driver"     // none of these: the line itself or its driver came late, or it is not known why
)

// lateness is what is known of late ticks. It belongs to the loop.
type lateness struct {
	longest time.Duration // of all lines
	cause   LateCause     // of that
	when    time.Time
	missed  map[string]uint64    // by line, as of the last look
	causes  map[LateCause]uint64 // of missed ticks
	most    float64              // of one processor's time in a second, for the threads of sound together
	limit   float64              // of it that the kernel gives them
	refused []string             // why memory is not locked, or the program has no share of its own
}

// granted keeps what the kernel refuses to the program, and what it gives at most.
func (l *lateness) granted(refused []string) {
	l.missed, l.causes = map[string]uint64{}, map[LateCause]uint64{}
	limit, err := realtime.Limit()
	l.limit = limit
	if err != nil {
		refused = append(refused, err.Error())
	}
	l.refused = refused
}

// watchEvery is how often the ticks are looked at.
const watchEvery = time.Second

// watchTicks looks for the causes of late ticks.
func (x *Exchange) watchTicks(ctx context.Context) {
	ticker := time.NewTicker(watchEvery)
	defer ticker.Stop()
	before := lookAtMachine()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		now := lookAtMachine()
		x.loop.Do(func() {
			x.late.most = max(x.late.most, now.soundRan(before).Seconds()/now.at.Sub(before.at).Seconds())
			for name, l := range x.lines {
				if l.slots != nil {
					x.explainLate(name, l.slots, now.since(before, l.slots.Thread()))
				}
			}
			x.trimPace()
			x.lookForTones()
		})
		before = now
	}
}

// explainLate keeps why the line's ticks of the last second were missed, and why the longest of all was late.
func (x *Exchange) explainLate(name string, slots *timeslot.Span, m second) {
	m.late, m.when = slots.Latest()
	m.limit = x.late.limit
	missed := slots.Ticks().Late
	more := missed - x.late.missed[name]
	x.late.missed[name] = missed
	if more == 0 && m.late <= x.late.longest {
		return
	}
	cause := m.cause()
	if more > 0 {
		x.late.causes[cause] += more
	}
	if m.late > x.late.longest {
		x.late.longest, x.late.cause, x.late.when = m.late, cause, m.when
	}
}

// machine is what the counters of the machine and of the program say at one moment.
type machine struct {
	at      time.Time
	threads map[string]realtime.Times
	stolen  time.Duration
	pauses  []pause
	kept    []uint64 // how often the runtime kept something that was ready, by keptBounds
	bounds  []float64
}

// lookAtMachine reads them. What cannot be read counts as nothing.
func lookAtMachine() machine {
	m := machine{at: time.Now(), threads: map[string]realtime.Times{}, pauses: collections()}
	for _, task := range realtime.Tasks() {
		if t, err := realtime.TimesOf(task.Name); err == nil {
			m.threads[task.Name] = t
		}
	}
	if stolen, err := realtime.Stolen(); err == nil {
		m.stolen = stolen
	}
	kept := []metrics.Sample{{Name: "/sched/latencies:seconds"}}
	metrics.Read(kept)
	if kept[0].Value.Kind() == metrics.KindFloat64Histogram {
		h := kept[0].Value.Float64Histogram()
		m.kept, m.bounds = h.Counts, h.Buckets
	}
	return m
}

// soundRan is how long the threads of sound have run since before, all together.
func (m machine) soundRan(before machine) (ran time.Duration) {
	for name, t := range m.threads {
		ran += max(t.Ran-before.threads[name].Ran, 0)
	}
	return ran
}

// since is what has happened to the thread of that name since before.
func (m machine) since(before machine, thread string) second {
	s := second{
		ran: m.threads[thread].Ran - before.threads[thread].Ran, waited: m.threads[thread].Waited - before.threads[thread].Waited,
		stolen: m.stolen - before.stolen, sound: m.soundRan(before), pauses: m.pauses, of: m.at.Sub(before.at),
	}
	for i := len(m.kept) - 1; i > 0; i-- {
		if i >= len(before.kept) || m.kept[i] > before.kept[i] {
			s.kept = time.Duration(m.bounds[i] * float64(time.Second))
			break
		}
	}
	return s
}

// second is what the counters say of about a second in which a tick was late.
type second struct {
	late   time.Duration // the latest tick
	when   time.Time
	ran    time.Duration // the line's thread
	waited time.Duration // it was ready, and not let
	kept   time.Duration // the longest that the runtime kept any goroutine that was ready
	stolen time.Duration // by the host
	sound  time.Duration // all threads of sound ran
	limit  float64       // of a processor's time that they may run
	pauses []pause
	of     time.Duration // the second's length
}

// cause is what took more than half of the time by which the tick was late.
func (s second) cause() LateCause {
	enough := s.late / 2
	for _, p := range s.pauses {
		if p.lasted > enough && p.ended.Before(s.when.Add(time.Millisecond)) && p.ended.After(s.when.Add(-2*s.late-time.Millisecond)) {
			return LateByCollection
		}
	}
	switch {
	case s.stolen > enough:
		return LateByHost
	case s.waited > enough && s.limit < 1 && s.sound > time.Duration(0.9*s.limit*float64(s.of)):
		return LateByLimit // if they all ran on one processor: the limit is each one's, and the sum that of all
	case s.waited > enough:
		return LateByProcessor
	case s.ran > enough && s.ran > s.of/10:
		return LateByOwn
	case s.kept > enough:
		return LateByProgram
	case s.collecting():
		return LateByProgram
	default:
		return LateByDriver
	}
}

// collectionTime is about how long memory is collected before the pause that ends it, on a busy machine.
const collectionTime = 100 * time.Millisecond

// collecting says whether memory was being collected while the thread was late. The runtime notes the time of only one in
// eight of those it keeps; while it collects, its own workers hold every place it has.
func (s second) collecting() bool {
	return slices.ContainsFunc(s.pauses, func(p pause) bool {
		return p.ended.After(s.when.Add(-s.late)) && p.ended.Before(s.when.Add(collectionTime))
	})
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
