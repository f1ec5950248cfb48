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
	LateByHost       LateCause = "host"       // the host of the virtual machine did not let it run, and says so
	LateByMachine    LateCause = "machine"    // the processors stood still, and nobody says why: a host tells a part only
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
			passed := now.since(before)
			x.late.most = max(x.late.most, passed.sound.Seconds()/passed.length.Seconds())
			for name, l := range x.lines {
				if l.slots != nil {
					x.explainLate(name, l.slots, passed)
				}
			}
			x.trimPace()
			x.lookForTones()
		})
		before = now
	}
}

// explainLate keeps why the line's ticks of the last second were missed, and why the longest of all was late.
func (x *Exchange) explainLate(name string, slots *timeslot.Span, passed second) {
	t := tick{second: passed, thread: passed.threads[slots.Thread()], inRow: slots.InRow(), limit: x.late.limit}
	t.late, t.when = slots.Latest()
	missed := slots.Ticks().Late
	more := missed - x.late.missed[name]
	x.late.missed[name] = missed
	if more == 0 && t.late <= x.late.longest {
		return
	}
	cause := t.cause()
	if more > 0 {
		x.late.causes[cause] += more
	}
	if t.late > x.late.longest {
		x.late.longest, x.late.cause, x.late.when = t.late, cause, t.when
	}
}

// machine is what the counters of the machine and of the program say at one moment.
type machine struct {
	at      time.Time
	threads map[string]thread
	stolen  time.Duration
	pauses  []pause
	kept    []uint64 // how often the runtime kept something that was ready, by bounds
	bounds  []float64
}

// thread is one that moves sound: its times, since it began or in a second.
type thread struct {
	realtime.Times
	priority int
}

// lookAtMachine reads them. What cannot be read counts as nothing.
func lookAtMachine() machine {
	m := machine{at: time.Now(), threads: map[string]thread{}, pauses: collections()}
	for _, task := range realtime.Tasks() {
		if t, err := task.Times(); err == nil {
			m.threads[task.Name] = thread{t, task.Priority}
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

// since is what has happened since before.
func (m machine) since(before machine) second {
	s := second{length: m.at.Sub(before.at), threads: map[string]thread{}, stolen: m.stolen - before.stolen, pauses: m.pauses}
	for name, t := range m.threads {
		t.Ran -= before.threads[name].Ran
		t.Waited -= before.threads[name].Waited
		s.threads[name] = t
		s.sound += max(t.Ran, 0)
	}
	for i := len(m.kept) - 1; i > 0; i-- {
		if i >= len(before.kept) || m.kept[i] > before.kept[i] {
			s.kept = time.Duration(m.bounds[i] * float64(time.Second))
			break
		}
	}
	return s
}

// second is what the counters say of about a second.
type second struct {
	length  time.Duration
	threads map[string]thread
	sound   time.Duration // all of them ran
	stolen  time.Duration // by the host
	kept    time.Duration // the longest that the runtime kept any goroutine that was ready
	pauses  []pause
}

// tick is the latest of a line in a second, and what is known of that.
type tick struct {
	second
	thread         // the line's
	inRow  bool    // a clock wakes it, no driver
	limit  float64 // of a processor's time that the threads of sound may run
	late   time.Duration
	when   time.Time
}

// cause is what took more than half of the time by which the tick was late.
//
// A thread in a row that has its priority comes before all others of the box and waits for a clock alone: when neither the
// kernel's limit nor the program kept it, the processors stood. That is seen in virtual machines, on all processors at once
// and for 30 to 55 ms, of which the host owned up to anything from nothing to all.
func (t tick) cause() LateCause {
	enough := t.late / 2
	for _, p := range t.pauses {
		if p.lasted > enough && p.ended.Before(t.when.Add(time.Millisecond)) && p.ended.After(t.when.Add(-2*t.late-time.Millisecond)) {
			return LateByCollection
		}
	}
	first := t.inRow && t.priority > 0
	switch {
	case t.stolen > enough:
		return LateByHost
	case t.Waited > enough && t.limit < 1 && t.sound > time.Duration(0.9*t.limit*float64(t.length)):
		return LateByLimit // if they all ran on one processor: the limit is each one's, and the sum that of all
	case t.Waited > enough && !first:
		return LateByProcessor
	case t.Ran > enough && t.Ran > t.length/10:
		return LateByOwn
	case t.kept > enough, t.collecting():
		return LateByProgram
	case first:
		return LateByMachine
	default:
		return LateByDriver
	}
}

// collectionTime is about how long memory is collected before the pause that ends it, on a busy machine.
const collectionTime = 100 * time.Millisecond

// collecting says whether memory was being collected while the thread was late. The runtime notes the time of only one in
// eight of those it keeps; while it collects, its own workers hold every place it has.
func (t tick) collecting() bool {
	return slices.ContainsFunc(t.pauses, func(p pause) bool {
		return p.ended.After(t.when.Add(-t.late)) && p.ended.Before(t.when.Add(collectionTime))
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
